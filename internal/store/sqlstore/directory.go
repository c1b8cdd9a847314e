package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Directory = directory{}

// Change implements store.Directory. The one row is locked by the update.
func (t directory) Change(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE registry_revision SET revision = revision + 1`)
	return err
}

// Revision implements store.Directory.
func (t directory) Revision(ctx context.Context) (int64, error) {
	return get(ctx, t.tx, "registry.not_found", scanInt[int64], `SELECT revision FROM registry_revision`)
}

// written is an entry as it is stored; none is empty.
func written(e civic.Entry) (string, error) {
	if e.Code == "" {
		return "", nil
	}
	b, err := json.Marshal(e)
	return string(b), err
}

// Add implements store.Directory.
func (t directory) Add(ctx context.Context, c civic.EntryChange) (int64, error) {
	var texts [3]string
	for i, e := range []civic.Entry{c.Entry, c.Before, c.Delivered} {
		var err error
		if texts[i], err = written(e); err != nil {
			return 0, fmt.Errorf("write the entry %s: %w", c.Code, err)
		}
	}
	found, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO registry_changes
		(act, kind, code, entry, entry_before, delivered, undoes, batch, reason, written_at, written_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		string(c.Act), string(c.Kind), c.Code, texts[0], texts[1], texts[2], ref(c.Undoes), ref(c.Batch), c.Reason, c.WrittenAt, ref(c.WrittenBy))
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

const entryChangeSelect = `SELECT c.id, c.act, c.kind, c.code, c.entry, c.entry_before, c.delivered, c.undoes, c.batch, c.reason, c.written_at,
	c.written_by, COALESCE(u.name, ''), (SELECT count(*) FROM registry_changes b WHERE b.batch = c.id) FROM registry_changes c LEFT JOIN users u ON u.id = c.written_by `

func scanEntryChange(r row) (c civic.EntryChange, err error) {
	var texts [3]string
	err = r.Scan(&c.ID, &c.Act, &c.Kind, &c.Code, &texts[0], &texts[1], &texts[2], id(&c.Undoes), id(&c.Batch), &c.Reason, at(&c.WrittenAt),
		id(&c.WrittenBy), &c.Writer, &c.Together)
	if err != nil {
		return c, err
	}
	for i, e := range []*civic.Entry{&c.Entry, &c.Before, &c.Delivered} {
		if texts[i] == "" {
			continue
		}
		if err := json.Unmarshal([]byte(texts[i]), e); err != nil {
			return c, fmt.Errorf("read the entry %s: %w", c.Code, err)
		}
	}
	return c, nil
}

// Get implements store.Directory.
func (t directory) Get(ctx context.Context, id int64) (civic.EntryChange, error) {
	return get(ctx, t.tx, "registry.not_found", scanEntryChange, entryChangeSelect+`WHERE c.id = ?`, id)
}

// Newest implements store.Directory.
func (t directory) Newest(ctx context.Context) ([]civic.EntryChange, error) {
	return list(ctx, t.tx, scanEntryChange, entryChangeSelect+`JOIN (SELECT max(id) AS id, min(id) AS first FROM registry_changes GROUP BY kind, code) n
		ON n.id = c.id ORDER BY n.first`)
}

// History implements store.Directory.
func (t directory) History(ctx context.Context, kind civic.EntryKind, code string, limit int) ([]civic.EntryChange, error) {
	f := &filter{d: t.d}
	f.add("c.kind = ?", string(kind))
	if code != "" {
		f.add("c.code = ?", code)
	} else {
		f.add("c.batch IS NULL")
	}
	return list(ctx, t.tx, scanEntryChange, entryChangeSelect+`WHERE `+f.String()+` ORDER BY c.id DESC LIMIT ?`, append(f.args, limit)...)
}

// Batch implements store.Directory.
func (t directory) Batch(ctx context.Context, first int64) ([]civic.EntryChange, error) {
	return list(ctx, t.tx, scanEntryChange, entryChangeSelect+`WHERE c.id = ? OR c.batch = ? ORDER BY c.id`, first, first)
}

// Moved implements store.Directory.
func (t directory) Moved(ctx context.Context, change int64, id civic.SubmissionID) error {
	_, err := t.exec(ctx, `INSERT INTO registry_moves (change_id, submission_id) VALUES (?, ?) ON CONFLICT DO NOTHING`, change, int64(id))
	return err
}

// Moves implements store.Directory.
func (t directory) Moves(ctx context.Context, change int64, limit int) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], `SELECT submission_id FROM registry_moves WHERE change_id = ? ORDER BY submission_id LIMIT ?`,
		change, limit)
}

// CountMoves implements store.Directory.
func (t directory) CountMoves(ctx context.Context, change int64) (int, error) {
	n, err := get(ctx, t.tx, "registry.not_found", scanInt[int64], `SELECT count(*) FROM registry_moves WHERE change_id = ?`, change)
	return int(n), err
}

// Effect implements store.Directory.
func (t directory) Effect(ctx context.Context, change int64, e civic.Effect) error {
	_, err := t.exec(ctx, `INSERT INTO registry_effects (change_id, kind, subject, label, was, became, state) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (change_id, kind, subject) DO UPDATE SET state = excluded.state`,
		change, string(e.Kind), e.Subject, e.Label, string(e.Was), string(e.Became), string(e.State))
	return err
}

// Effects implements store.Directory.
func (t directory) Effects(ctx context.Context, change int64) ([]civic.Effect, error) {
	return list(ctx, t.tx, func(r row) (e civic.Effect, err error) {
		return e, r.Scan(&e.Kind, &e.Subject, &e.Label, &e.Was, &e.Became, &e.State)
	}, `SELECT kind, subject, label, was, became, state FROM registry_effects WHERE change_id = ? ORDER BY kind, subject`, change)
}

// Unmoved implements store.Directory.
func (t directory) Unmoved(ctx context.Context, change int64, id civic.SubmissionID) error {
	_, err := t.exec(ctx, `DELETE FROM registry_moves WHERE change_id = ? AND submission_id = ?`, change, int64(id))
	return err
}
