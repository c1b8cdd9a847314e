package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Attachments = attachments{}

const (
	fileMissing = "file.not_found"
	fileColumns = `id, ref, draft_hash, submission_id, wrapped_key, sealed_name, sealed_text, media_type, size, received, mark, digest,
		state, reason, public, created_at, changed_at, settled_at, added_by`
)

var insertAttachment = insert{
	table: "attachments",
	columns: []string{
		"ref", "draft_hash", "submission_id", "wrapped_key", "sealed_name", "media_type", "size", "mark", "state", "reason",
		"created_at", "changed_at", "settled_at", "added_by",
	},
	types: "txixxtitttzzzi",
}

// bytesOr is the argument for bytes that may be missing.
func bytesOr(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// hashOr is the argument for a hash that may be missing.
func hashOr(h [32]byte) any {
	if h == ([32]byte{}) {
		return nil
	}
	return h[:]
}

func scanAttachment(r row) (store.Attachment, error) {
	var a store.Attachment
	var draft, digest []byte
	err := r.Scan(&a.ID, &a.Ref, &draft, id(&a.Submission), &a.WrappedKey, &a.SealedName, &a.SealedText, &a.Type, &a.Size, &a.Received, &a.Mark,
		&digest, &a.State, &a.Reason, &a.Public, at(&a.CreatedAt), at(&a.ChangedAt), at(&a.SettledAt), id(&a.AddedBy))
	copy(a.Draft[:], draft)
	copy(a.Digest[:], digest)
	return a, err
}

// Add implements store.Attachments.
func (t attachments) Add(ctx context.Context, a store.Attachment) (civic.AttachmentID, error) {
	id, err := t.insertRow(ctx, insertAttachment, []any{
		a.Ref, hashOr(a.Draft), ref(a.Submission), bytesOr(a.WrappedKey), a.SealedName, a.Type, a.Size, a.Mark, string(a.State), a.Reason,
		a.CreatedAt, a.ChangedAt, opt(a.SettledAt), ref(a.AddedBy),
	})
	return civic.AttachmentID(id), err
}

// Get implements store.Attachments.
func (t attachments) Get(ctx context.Context, id civic.AttachmentID) (store.Attachment, error) {
	return get(ctx, t.tx, fileMissing, scanAttachment, "SELECT "+fileColumns+" FROM attachments WHERE id = ?", int64(id))
}

// GetByRef implements store.Attachments.
func (t attachments) GetByRef(ctx context.Context, ref string) (store.Attachment, error) {
	return get(ctx, t.tx, fileMissing, scanAttachment, "SELECT "+fileColumns+" FROM attachments WHERE ref = ?", ref)
}

// OfDraft implements store.Attachments.
func (t attachments) OfDraft(ctx context.Context, draft [32]byte) ([]store.Attachment, error) {
	return list(ctx, t.tx, scanAttachment, "SELECT "+fileColumns+" FROM attachments WHERE draft_hash = ? ORDER BY id", draft[:])
}

// OfSubmission implements store.Attachments.
func (t attachments) OfSubmission(ctx context.Context, id civic.SubmissionID) ([]store.Attachment, error) {
	return list(ctx, t.tx, scanAttachment, "SELECT "+fileColumns+" FROM attachments WHERE submission_id = ? ORDER BY id", int64(id))
}

// OfSubmissions implements store.Attachments.
func (t attachments) OfSubmissions(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID][]store.Attachment, error) {
	if len(ids) == 0 {
		return nil, nil //nolint:nilnil // nothing was asked for
	}
	found, err := list(ctx, t.tx, scanAttachment,
		"SELECT "+fileColumns+" FROM attachments WHERE submission_id IN LIST(?) AND state = 'clean' ORDER BY id", t.d.set(ints(ids)))
	out := map[civic.SubmissionID][]store.Attachment{}
	for _, a := range found {
		out[a.Submission] = append(out[a.Submission], a)
	}
	return out, err
}

// Append implements store.Attachments.
func (t attachments) Append(ctx context.Context, id civic.AttachmentID, p store.Piece, at time.Time) error {
	const query = `UPDATE attachments SET received = received + ?, changed_at = ? WHERE id = ? AND received = ? AND state = 'uploading'`
	n, err := t.exec(ctx, query, p.Size, at, int64(id), p.Place)
	if err != nil {
		return err
	}
	if n == 0 {
		return errs.New(errs.Conflict, "file.wrong_offset")
	}
	return t.addPieces(ctx, id, []store.Piece{p})
}

func (t attachments) addPieces(ctx context.Context, id civic.AttachmentID, pieces []store.Piece) error {
	rows := make([][]any, len(pieces))
	for i, p := range pieces {
		rows[i] = []any{int64(id), p.Place, p.Size, p.Blob}
	}
	return t.insertRows(ctx, insert{
		table: "attachment_pieces", columns: []string{"attachment_id", "place", "size", "blob"}, types: "iiit",
	}, rows, nil)
}

// Pieces implements store.Attachments.
func (t attachments) Pieces(ctx context.Context, id civic.AttachmentID) ([]store.Piece, error) {
	return list(ctx, t.tx, func(r row) (store.Piece, error) {
		var p store.Piece
		return p, r.Scan(&p.Place, &p.Size, &p.Blob)
	}, "SELECT place, size, blob FROM attachment_pieces WHERE attachment_id = ? ORDER BY place", int64(id))
}

// PutPieces implements store.Attachments.
func (t attachments) PutPieces(ctx context.Context, id civic.AttachmentID, pieces []store.Piece) error {
	if _, err := t.exec(ctx, "DELETE FROM attachment_pieces WHERE attachment_id = ?", int64(id)); err != nil {
		return err
	}
	return t.addPieces(ctx, id, pieces)
}

// Update implements store.Attachments.
func (t attachments) Update(ctx context.Context, a store.Attachment, from civic.AttachmentState) (civic.SubmissionID, error) {
	const query = `UPDATE attachments SET wrapped_key = ?, sealed_name = ?, sealed_text = ?, media_type = ?, size = ?, digest = ?, state = ?,
		reason = ?, changed_at = ?, settled_at = ? WHERE id = ? AND state = ? RETURNING submission_id`
	found, err := list(ctx, t.tx, func(r row) (civic.SubmissionID, error) {
		var sub civic.SubmissionID
		return sub, r.Scan(id(&sub))
	}, query, bytesOr(a.WrappedKey), a.SealedName, bytesOr(a.SealedText), a.Type, a.Size, hashOr(a.Digest), string(a.State), a.Reason,
		a.ChangedAt, opt(a.SettledAt), int64(a.ID), string(from))
	switch {
	case err != nil:
		return 0, err
	case len(found) == 0:
		return 0, errs.New(errs.Conflict, "file.moved_on")
	}
	return found[0], nil
}

// Unkey implements store.Attachments.
func (t attachments) Unkey(ctx context.Context, f store.FileSet, reason string, now time.Time) ([]store.Attachment, error) {
	where, of := "id = ?", any(int64(f.File))
	switch {
	case f.Draft != [32]byte{}:
		where, of = "draft_hash = ?", f.Draft[:]
	case f.Sender != 0:
		where, of = "submission_id = ? AND added_by IS NULL AND NOT public", int64(f.Sender)
	}
	query := `UPDATE attachments SET wrapped_key = NULL, sealed_name = ?, sealed_text = NULL, digest = NULL, mark = '', state = 'refused',
		reason = ?, changed_at = ?, settled_at = ? WHERE ` + where + " RETURNING " + fileColumns
	return list(ctx, t.tx, scanAttachment, query, []byte{}, reason, now, now, of)
}

// Waiting implements store.Attachments.
func (t attachments) Waiting(ctx context.Context, id civic.SubmissionID) (int, error) {
	return t.count(ctx, "SELECT count(*) FROM attachments WHERE submission_id = ? AND state = 'waiting'", int64(id))
}

// SetPublic implements store.Attachments.
func (t attachments) SetPublic(ctx context.Context, id civic.SubmissionID, refs []string) error {
	if _, err := t.exec(ctx, "UPDATE attachments SET public = FALSE WHERE submission_id = ?", int64(id)); err != nil {
		return err
	}
	for _, ref := range refs {
		const query = "UPDATE attachments SET public = TRUE WHERE submission_id = ? AND ref = ? AND state = 'clean'"
		if err := t.must(ctx, fileMissing, query, int64(id), ref); err != nil {
			return err
		}
	}
	return t.IndexQueue().Mark(ctx, id)
}

// Stale implements store.Attachments.
func (t attachments) Stale(ctx context.Context, before time.Time, limit int) ([]store.Attachment, error) {
	const query = "SELECT " + fileColumns + ` FROM attachments WHERE changed_at < ? AND (submission_id IS NULL OR state <> 'clean')
		AND (submission_id IS NULL AND NOT EXISTS (SELECT 1 FROM drafts WHERE token_hash = draft_hash AND sent_code = '')
			OR submission_id IS NOT NULL AND state IN ('uploading', 'refused')) ORDER BY changed_at LIMIT ?`
	return list(ctx, t.tx, scanAttachment, query, before, limit)
}

// Remove implements store.Attachments.
func (t attachments) Remove(ctx context.Context, id civic.AttachmentID) error {
	if _, err := t.exec(ctx, "DELETE FROM attachment_pieces WHERE attachment_id = ?", int64(id)); err != nil {
		return err
	}
	_, err := t.exec(ctx, "DELETE FROM attachments WHERE id = ?", int64(id))
	return err
}

// adopt gives the files of a sent draft to the submission that it became, and
// notes that it was sent, in the same transaction. What is not whole, and what
// was refused, stays behind. It returns how many of the files wait to be looked
// into.
//
// The draft's row comes first: whoever finishes an upload of the draft locks it
// too, so a file is either whole before and taken, or told that it is too late.
func (t attachments) adopt(ctx context.Context, draft [32]byte, s store.Received) (waiting int, err error) {
	const sent = `UPDATE drafts SET sent_code = ?, sealed = ?, version = version + 1, changed_at = ? WHERE token_hash = ? AND sent_code = ''`
	if _, err := t.exec(ctx, sent, string(s.Code), []byte{}, s.ReceivedAt, draft[:]); err != nil {
		return 0, err
	}
	const query = `UPDATE attachments SET submission_id = ?, draft_hash = NULL WHERE draft_hash = ? AND state IN ('waiting', 'clean') RETURNING state`
	states, err := list(ctx, t.tx, func(r row) (civic.AttachmentState, error) {
		var state civic.AttachmentState
		return state, r.Scan(&state)
	}, query, int64(s.ID), draft[:])
	for _, state := range states {
		if state == civic.FileWaiting {
			waiting++
		}
	}
	return waiting, err
}
