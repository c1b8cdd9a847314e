package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.PrivacyMessages = privacyMessages{}

type privacyMessages struct{ *tx }

func (t *tx) PrivacyMessages() store.PrivacyMessages { return privacyMessages{t} }

const privacyMessageSelect = `SELECT m.id, r.ref, m.kind, m.words, m.wrapped_key, m.sealed, m.state, m.reason, m.created_at, m.settled_at,
		m.letter_wrapped_key, m.letter_sealed, m.posted_at, m.posted_by, COALESCE(u.name, '')
	FROM privacy_messages m JOIN privacy_requests r ON r.id = m.request_id LEFT JOIN users u ON u.id = m.posted_by`

func scanPrivacyMessage(r row) (m store.PrivacyMessage, err error) {
	return m, r.Scan(&m.ID, &m.Request, &m.Kind, &m.Words, &m.To.WrappedKey, &m.To.Sealed, &m.State, &m.Reason, at(&m.CreatedAt), at(&m.SettledAt),
		&m.Letter.WrappedKey, &m.Letter.Sealed, at(&m.PostedAt), id(&m.PostedBy), &m.PostedByName)
}

// Add implements store.PrivacyMessages.
func (t privacyMessages) Add(ctx context.Context, m store.PrivacyMessage) (int64, error) {
	const query = `INSERT INTO privacy_messages (request_id, kind, words, wrapped_key, sealed, state, reason, created_at, settled_at,
			letter_wrapped_key, letter_sealed)
		SELECT id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM privacy_requests WHERE ref = ? ON CONFLICT DO NOTHING RETURNING id`
	ids, err := list(ctx, t.tx, func(r row) (id int64, err error) { return id, r.Scan(&id) }, query,
		string(m.Kind), m.Words, m.To.WrappedKey, m.To.Sealed, string(m.State), m.Reason, m.CreatedAt, opt(m.SettledAt),
		m.Letter.WrappedKey, m.Letter.Sealed, m.Request)
	switch {
	case err != nil:
		return 0, err
	case len(ids) == 0:
		return 0, errs.New(errs.Conflict, "message.taken")
	case m.State != civic.MessageQueued:
		return ids[0], nil
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobPrivacyMail, Subject: ids[0], CreatedAt: m.CreatedAt})
	return ids[0], err
}

// Get implements store.PrivacyMessages.
func (t privacyMessages) Get(ctx context.Context, id int64) (store.PrivacyMessage, error) {
	return get(ctx, t.tx, "message.not_found", scanPrivacyMessage, privacyMessageSelect+` WHERE m.id = ?`, id)
}

// List implements store.PrivacyMessages.
func (t privacyMessages) List(ctx context.Context, ref string) ([]store.PrivacyMessage, error) {
	return list(ctx, t.tx, scanPrivacyMessage, privacyMessageSelect+` WHERE r.ref = ? ORDER BY m.id`, ref)
}

// Settle implements store.PrivacyMessages.
func (t privacyMessages) Settle(ctx context.Context, id int64, state civic.MessageState, reason string, when time.Time) (bool, error) {
	if state != civic.MessageSent && state != civic.MessageNotSent {
		return false, errs.New(errs.Internal, "message.not_settled")
	}
	n, err := t.exec(ctx, `UPDATE privacy_messages SET state = ?, reason = ?, settled_at = ?, wrapped_key = NULL, sealed = NULL
		WHERE id = ? AND state = 'queued'`, string(state), reason, when, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}

// Bounce implements store.PrivacyMessages.
func (t privacyMessages) Bounce(ctx context.Context, id int64, reason string, when time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE privacy_messages SET state = 'not_sent', reason = ?, settled_at = ? WHERE id = ? AND state = 'sent'`, reason, when, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}

// Post implements store.PrivacyMessages.
func (t privacyMessages) Post(ctx context.Context, id int64, by civic.UserID, when time.Time) error {
	n, err := t.exec(ctx, `UPDATE privacy_messages SET posted_at = ?, posted_by = ?, letter_wrapped_key = NULL, letter_sealed = NULL
		WHERE id = ? AND posted_at IS NULL`, when, int64(by), id)
	if err != nil || n == 1 {
		return err
	}
	if _, err := t.Get(ctx, id); err != nil {
		return err
	}
	return errs.New(errs.Conflict, "message.posted")
}

// ForgetLetters implements store.PrivacyMessages.
func (t privacyMessages) ForgetLetters(ctx context.Context, before time.Time, limit int) (int, error) {
	n, err := t.exec(ctx, `UPDATE privacy_messages SET letter_wrapped_key = NULL, letter_sealed = NULL WHERE id IN (
		SELECT id FROM privacy_messages WHERE letter_sealed IS NOT NULL AND created_at < ? ORDER BY id LIMIT ?)`, before, limit)
	return int(n), err
}
