package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

type exports struct{ *tx }

var _ store.Exports = exports{}

const (
	exportMissing = "export.not_found"
	exportSelect  = `SELECT id, user_id, role, agency, query, format, language, state, reason, rows_done, rows_all, size, asked_at, begun_at, ended_at,
	ref, wrapped_key, after_id FROM exports`
)

var (
	insertExports = insert{
		table:   "exports",
		columns: []string{"user_id", "role", "agency", "query", "format", "language", "state", "rows_all", "asked_at", "ref", "wrapped_key"},
		types:   "ittttttiztx",
	}
	insertExportPieces = insert{table: "export_pieces", columns: []string{"export_id", "part", "place", "size", "blob"}, types: "itiit"}
)

func scanExport(r row) (e store.Export, err error) {
	return e, r.Scan(&e.ID, &e.User, &e.Role, &e.Agency, &e.Query, &e.Format, &e.Language, &e.State, &e.Reason, &e.RowsDone, &e.RowsAll, &e.Size,
		at(&e.AskedAt), at(&e.BegunAt), at(&e.EndedAt), &e.Ref, &e.WrappedKey, &e.After)
}

// Add implements store.Exports.
func (t exports) Add(ctx context.Context, e store.Export) (int64, error) {
	return t.insertRow(ctx, insertExports, []any{
		int64(e.User), string(e.Role), string(e.Agency), e.Query, string(e.Format), string(e.Language), string(e.State), e.RowsAll, e.AskedAt,
		e.Ref, bytesOr(e.WrappedKey),
	})
}

// Get implements store.Exports.
func (t exports) Get(ctx context.Context, export int64) (store.Export, error) {
	return get(ctx, t.tx, exportMissing, scanExport, exportSelect+" WHERE id = ?", export)
}

// List implements store.Exports.
func (t exports) List(ctx context.Context, user civic.UserID, before int64, limit int) ([]store.Export, error) {
	f := &filter{d: t.d}
	f.add("user_id = ?", int64(user))
	if before != 0 {
		f.add("id < ?", before)
	}
	return list(ctx, t.tx, scanExport, exportSelect+" WHERE "+f.String()+" ORDER BY id DESC LIMIT ?", append(f.args, limit)...)
}

// Busy implements store.Exports.
func (t exports) Busy(ctx context.Context, user civic.UserID) (int, error) {
	return t.count(ctx, "SELECT count(*) FROM exports WHERE user_id = ? AND state IN ('waiting', 'running')", int64(user))
}

// Update implements store.Exports.
func (t exports) Update(ctx context.Context, e store.Export, from civic.ExportState) error {
	const query = `UPDATE exports SET state = ?, reason = ?, rows_done = ?, rows_all = ?, size = ?, begun_at = ?, ended_at = ?, ref = ?, wrapped_key = ?,
		after_id = ? WHERE id = ? AND state = ?`
	n, err := t.exec(ctx, query, string(e.State), e.Reason, e.RowsDone, e.RowsAll, e.Size, opt(e.BegunAt), opt(e.EndedAt), e.Ref, bytesOr(e.WrappedKey),
		int64(e.After), e.ID, string(from))
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "export.moved_on")
	}
	return err
}

// AddPieces implements store.Exports.
func (t exports) AddPieces(ctx context.Context, export int64, part store.ExportPart, pieces ...store.Piece) error {
	rows := make([][]any, len(pieces))
	for i, p := range pieces {
		rows[i] = []any{export, string(part), p.Place, p.Size, p.Blob}
	}
	return t.insertRows(ctx, insertExportPieces, rows, nil)
}

// Pieces implements store.Exports.
func (t exports) Pieces(ctx context.Context, export int64, part store.ExportPart) ([]store.Piece, error) {
	return list(ctx, t.tx, func(r row) (p store.Piece, err error) { return p, r.Scan(&p.Place, &p.Size, &p.Blob) },
		"SELECT place, size, blob FROM export_pieces WHERE export_id = ? AND part = ? ORDER BY place", export, string(part))
}

// RemovePieces implements store.Exports.
func (t exports) RemovePieces(ctx context.Context, export int64, part store.ExportPart) error {
	_, err := t.exec(ctx, "DELETE FROM export_pieces WHERE export_id = ? AND part = ?", export, string(part))
	return err
}

// Stale implements store.Exports.
func (t exports) Stale(ctx context.Context, endedBefore time.Time, limit int) ([]store.Export, error) {
	return list(ctx, t.tx, scanExport, exportSelect+` WHERE ref <> '' AND (state = 'expired' OR state IN ('done', 'failed') AND ended_at < ?)
		ORDER BY ended_at, id LIMIT ?`, endedBefore, limit)
}

// Prune implements store.Exports.
func (t exports) Prune(ctx context.Context, endedBefore time.Time, limit int) (int, error) {
	const query = `DELETE FROM exports WHERE id IN (SELECT id FROM exports WHERE state = 'expired' AND ref = '' AND ended_at < ? ORDER BY id LIMIT ?)`
	return t.exec(ctx, query, endedBefore, limit)
}
