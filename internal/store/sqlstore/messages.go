package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Messages = messages{}

const (
	messageMissing = "message.not_found"
	messageSelect  = `SELECT id, submission_id, kind, language, state, reason, created_at, CASE WHEN state = 'sent' THEN settled_at END, channel,
		digest_at, version, settled_by FROM messages`
)

// messageFields are the arguments for insertMessages. A message begins queued.
func messageFields(m civic.Message) []any {
	state, settled := m.State, any(m.CreatedAt)
	if state == "" || state == civic.MessageQueued {
		state, settled = civic.MessageQueued, nil
	}
	return []any{int64(m.Submission), string(m.Kind), string(m.Language), string(state), m.Reason, m.CreatedAt, settled}
}

func scanMessage(r row) (m civic.Message, err error) {
	return m, r.Scan(messageTargets(&m)...)
}

// messageTargets is where messageSelect goes.
func messageTargets(m *civic.Message) []any {
	return []any{
		&m.ID, &m.Submission, &m.Kind, &m.Language, &m.State, &m.Reason, at(&m.CreatedAt), at(&m.SentAt), &m.Way,
		at(&m.DigestAt), &m.Version, id(&m.PostedBy),
	}
}

// Add implements store.Messages.
func (t messages) Add(ctx context.Context, m civic.Message) (int64, error) {
	id, err := t.insertRow(ctx, insertMessages, messageFields(m))
	if err != nil {
		return 0, err
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobSend, Subject: id, CreatedAt: m.CreatedAt})
	return id, err
}

// AddAll implements store.Messages.
func (t messages) AddAll(ctx context.Context, list []civic.Message) error {
	rows := make([][]any, len(list))
	for i, m := range list {
		rows[i] = messageFields(m)
	}
	return t.addMessages(ctx, rows, nil)
}

// addMessages writes messages with a job for each, after other jobs.
func (t *tx) addMessages(ctx context.Context, rows, jobs [][]any) error {
	err := t.insertRows(ctx, insertMessages, rows, func(r row) error {
		j := store.Job{Kind: store.JobSend}
		err := r.Scan(&j.Subject, at(&j.CreatedAt))
		jobs = append(jobs, jobFields(j))
		return err
	})
	if err != nil {
		return err
	}
	return t.insertRows(ctx, insertJobs, jobs, nil)
}

// Get implements store.Messages.
func (t messages) Get(ctx context.Context, id int64) (civic.Message, error) {
	return get(ctx, t.tx, messageMissing, scanMessage, messageSelect+` WHERE id = ?`, id)
}

// Settle implements store.Messages.
func (t messages) Settle(ctx context.Context, id int64, state civic.MessageState, reason string, now time.Time) (bool, error) {
	if state != civic.MessageSent && state != civic.MessageNotSent {
		return false, errs.New(errs.Internal, "message.not_settled")
	}
	n, err := t.exec(ctx, `UPDATE messages SET state = ?, reason = ?, settled_at = ?, wrapped_key = NULL, sealed = NULL
		WHERE id = ? AND state = 'queued'`, string(state), reason, now, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}

// List implements store.Messages.
func (t messages) List(ctx context.Context, submission civic.SubmissionID) ([]civic.Message, error) {
	return list(ctx, t.tx, scanMessage, messageSelect+` WHERE submission_id = ? ORDER BY id`, int64(submission))
}

// ListByState implements store.Messages.
func (t messages) ListByState(ctx context.Context, state civic.MessageState, limit int) ([]civic.Message, error) {
	return list(ctx, t.tx, scanMessage, messageSelect+` WHERE state = ? ORDER BY id DESC LIMIT ?`, string(state), limit)
}

// Route implements store.Messages.
func (t messages) Route(ctx context.Context, id int64, way civic.Way) error {
	return t.must(ctx, messageMissing, `UPDATE messages SET channel = ? WHERE id = ?`, string(way), id)
}

// Bounce implements store.Messages.
func (t messages) Bounce(ctx context.Context, id int64, reason string, now time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE messages SET state = 'not_sent', reason = ?, settled_at = ? WHERE id = ? AND state = 'sent'`, reason, now, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}
