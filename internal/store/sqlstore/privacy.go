package sqlstore

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.PrivacyRequests = privacyRequests{}

type privacyRequests struct{ *tx }

func (t *tx) PrivacyRequests() store.PrivacyRequests { return privacyRequests{t} }

const (
	requestMissing = "request.not_found"
	requestSelect  = `SELECT r.id, r.ref, r.kind, r.state, r.submission_id, COALESCE(s.code, ''), COALESCE(s.agency, ''), r.made_at, r.reply_by, r.due_at,
			r.reply_at, r.done_at, r.closed_at, r.extended_from, r.extended_reason, r.identified, r.reason, r.told, r.by_user, r.language, r.partly, r.wrapped_key, r.sealed
		FROM privacy_requests r LEFT JOIN submissions s ON s.id = r.submission_id`
)

func scanRequest(r row) (v store.SealedRequest, err error) {
	return v, r.Scan(&v.ID, &v.Ref, &v.Kind, &v.State, id(&v.Submission), &v.Code, &v.Agency, at(&v.MadeAt), at(&v.ReplyBy), at(&v.DueAt),
		at(&v.ReplyAt), at(&v.DoneAt), at(&v.ClosedAt), at(&v.ExtendedFrom), &v.ExtendedReason, &v.Identified, &v.Reason, &v.Told, id(&v.By),
		&v.Language, &v.Partly, &v.WrappedKey, &v.Sealed)
}

// Add implements store.PrivacyRequests.
func (t privacyRequests) Add(ctx context.Context, r store.SealedRequest) error {
	const query = `INSERT INTO privacy_requests (ref, kind, state, submission_id, made_at, reply_by, due_at, identified, language, wrapped_key, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`
	_, err := t.exec(ctx, query, r.Ref, string(r.Kind), string(r.State), ref(r.Submission), r.MadeAt, r.ReplyBy, r.DueAt, r.Identified, string(r.Language), r.WrappedKey, r.Sealed)
	return err
}

// Get implements store.PrivacyRequests.
func (t privacyRequests) Get(ctx context.Context, ref string) (store.SealedRequest, error) {
	return get(ctx, t.tx, requestMissing, scanRequest, requestSelect+` WHERE r.ref = ?`, ref)
}

// Lock implements store.PrivacyRequests. A change that changes nothing locks on
// both databases.
func (t privacyRequests) Lock(ctx context.Context, ref string) (store.SealedRequest, error) {
	if err := t.must(ctx, requestMissing, `UPDATE privacy_requests SET kind = kind WHERE ref = ?`, ref); err != nil {
		return store.SealedRequest{}, err
	}
	return t.Get(ctx, ref)
}

// Update implements store.PrivacyRequests.
func (t privacyRequests) Update(ctx context.Context, r civic.PrivacyRequest) error {
	const query = `UPDATE privacy_requests SET state = ?, submission_id = ?, reply_by = ?, due_at = ?, reply_at = ?, done_at = ?, closed_at = ?,
		extended_from = ?, extended_reason = ?, identified = ?, reason = ?, told = ?, by_user = ?, partly = ? WHERE id = ?`
	return t.must(ctx, requestMissing, query, string(r.State), ref(r.Submission), r.ReplyBy, r.DueAt, opt(r.ReplyAt), opt(r.DoneAt), opt(r.ClosedAt),
		opt(r.ExtendedFrom), r.ExtendedReason, r.Identified, r.Reason, r.Told, ref(r.By), r.Partly, r.ID)
}

// List implements store.PrivacyRequests.
func (t privacyRequests) List(ctx context.Context, q store.PrivacyQuery) ([]civic.PrivacyRequest, error) {
	where, args, order := ` WHERE r.closed_at IS NULL`, []any{}, ` ORDER BY r.due_at, r.id LIMIT ?`
	if q.Closed {
		where, order = ` WHERE r.closed_at IS NOT NULL`, ` ORDER BY r.closed_at DESC, r.id LIMIT ?`
	}
	if q.Submission != 0 {
		where, args, order = ` WHERE r.submission_id = ?`, append(args, int64(q.Submission)), ` ORDER BY r.id LIMIT ?`
	}
	if q.Scope != nil {
		where, args = where+` AND s.agency IN LIST(?)`, append(args, t.d.set(texts(q.Scope)))
	}
	found, err := list(ctx, t.tx, scanRequest, requestSelect+where+order, append(args, q.Limit)...)
	out := make([]civic.PrivacyRequest, len(found))
	for i, r := range found {
		out[i] = r.PrivacyRequest
	}
	return out, err
}

// Correct implements store.Submissions.
func (t submissions) Correct(ctx context.Context, title, body string, c civic.TextCorrection) error {
	const (
		keep = `INSERT INTO text_corrections (submission_id, request_id, at, by_user, reason, title, body, public_title, public_body)
			SELECT ?, id, ?, ?, ?, ?, ?, ?, ? FROM privacy_requests WHERE ref = ?`
		write = `UPDATE submissions SET title = ?, body = ? WHERE id = ?`
	)
	err := t.must(ctx, requestMissing, keep, int64(c.Submission), c.At, int64(c.By), c.Reason, c.Title, c.Body, c.PublicTitle, c.PublicBody, c.Request)
	if err != nil {
		return err
	}
	if err := t.must(ctx, submissionMissing, write, title, body, int64(c.Submission)); err != nil {
		return err
	}
	return t.IndexQueue().Mark(ctx, c.Submission)
}

// Corrections implements store.Submissions.
func (t submissions) Corrections(ctx context.Context, id civic.SubmissionID) ([]civic.TextCorrection, error) {
	return list(ctx, t.tx, func(r row) (c civic.TextCorrection, err error) {
		return c, r.Scan(&c.Submission, &c.Request, at(&c.At), &c.By, &c.ByName, &c.Reason, &c.Title, &c.Body, &c.PublicTitle, &c.PublicBody)
	}, `SELECT c.submission_id, r.ref, c.at, c.by_user, u.name, c.reason, c.title, c.body, c.public_title, c.public_body
		FROM text_corrections c JOIN privacy_requests r ON r.id = c.request_id JOIN users u ON u.id = c.by_user
		WHERE c.submission_id = ? ORDER BY c.id`, int64(id))
}

// erasing is what Erase does to everything that holds words of a case or about
// its sender, but for the row itself and its files. What matching keeps of a
// text are numbers that give no word back.
var erasing = []string{
	`UPDATE events SET reason = '' WHERE submission_id = ? AND reason <> ''`,
	`UPDATE inquiries SET question = '', reply = '' WHERE submission_id = ?`,
	`UPDATE opinions SET question = '', text = '' WHERE submission_id = ?`,
	`UPDATE todos SET text = '' WHERE submission_id = ?`,
	`UPDATE case_links SET reason = '' WHERE submission_id = ?`,
	`UPDATE case_links SET reason = '' WHERE other_id = ?`,
	`UPDATE ratings SET reason = '' WHERE submission_id = ?`,
	`UPDATE routes SET words = '[]', candidates = '[]' WHERE submission_id = ?`,
	`UPDATE scopes SET words = '[]', accused = '[]', several = '[]' WHERE submission_id = ?`,
	`DELETE FROM similar_cases WHERE submission_id = ?`,
	`DELETE FROM similar_cases WHERE other_id = ?`,
	`DELETE FROM text_corrections WHERE submission_id = ?`,
	`DELETE FROM attachment_pieces WHERE attachment_id IN (SELECT id FROM attachments WHERE submission_id = ?)`,
}

// Erase implements store.Submissions.
func (t submissions) Erase(ctx context.Context, id civic.SubmissionID) (files []string, err error) {
	const text = `UPDATE submissions SET title = ?, body = ?, public_title = '', public_body = '', public_words = '', rejection_message = '' WHERE id = ?`
	if err := t.must(ctx, submissionMissing, text, civic.ErasedTitle, civic.ErasedBody, int64(id)); err != nil {
		return nil, err
	}
	for _, statement := range erasing {
		if _, err := t.exec(ctx, statement, int64(id)); err != nil {
			return nil, err
		}
	}
	files, err = list(ctx, t.tx, func(r row) (ref string, err error) { return ref, r.Scan(&ref) },
		`DELETE FROM attachments WHERE submission_id = ? RETURNING ref`, int64(id))
	if err != nil {
		return nil, err
	}
	return files, t.IndexQueue().Mark(ctx, id)
}
