package sqlstore

import (
	"context"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Outbox = outbox{}

const (
	jobMissing = "job.not_found"
	jobSelect  = `SELECT id, kind, subject, dispatch, attempts, next_at, sent_at, done_at, last_error, created_at FROM outbox`
)

// jobFields are the arguments for insertJobs.
func jobFields(j store.Job) []any {
	return []any{
		string(j.Kind), j.Subject, j.Dispatch, j.Attempts, opt(j.NextAt), opt(j.SentAt), opt(j.DoneAt), j.LastError, j.CreatedAt,
	}
}

func scanJob(r row) (j store.Job, err error) {
	return j, r.Scan(&j.ID, &j.Kind, &j.Subject, &j.Dispatch, &j.Attempts, at(&j.NextAt), at(&j.SentAt), at(&j.DoneAt), &j.LastError, at(&j.CreatedAt))
}

// Put implements store.Outbox.
func (t outbox) Put(ctx context.Context, j store.Job) (int64, error) {
	return t.insertRow(ctx, insertJobs, jobFields(j))
}

// Get implements store.Outbox.
func (t outbox) Get(ctx context.Context, id int64) (store.Job, error) {
	return get(ctx, t.tx, jobMissing, scanJob, jobSelect+` WHERE id = ?`, id)
}

const dueSQL = jobSelect + ` WHERE kind = ? AND done_at IS NULL AND COALESCE(sent_at, next_at, created_at) <= ?
	AND (sent_at IS NULL OR sent_at < ?) ORDER BY COALESCE(sent_at, next_at, created_at), id LIMIT ?`

// Due implements store.Outbox. It walks outbox_undone from the job that waits
// longest and ends at now, so that jobs which rest after a failure, all mails
// while SMTP is down, are never read. Those in the queue are, and they are few.
func (t outbox) Due(ctx context.Context, kind store.JobKind, now, staleBefore time.Time, limit int) ([]store.Job, error) {
	return list(ctx, t.tx, scanJob, dueSQL, string(kind), now, staleBefore, limit)
}

// Sent implements store.Outbox.
func (t outbox) Sent(ctx context.Context, ids []int64, now time.Time) error {
	_, err := t.exec(ctx, `UPDATE outbox SET sent_at = ? WHERE id IN LIST(?) AND done_at IS NULL`, now, t.d.set(ids))
	return err
}

// Finish implements store.Outbox. A job that was pruned was done before.
func (t outbox) Finish(ctx context.Context, id int64, now time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE outbox SET done_at = ? WHERE id = ? AND done_at IS NULL`, now, id)
	return n == 1, err
}

// Fail implements store.Outbox. A job that was done meanwhile is left.
func (t outbox) Fail(ctx context.Context, id int64, reason string, nextAt time.Time) error {
	const query = `UPDATE outbox SET attempts = attempts + 1, dispatch = dispatch + 1, sent_at = NULL, next_at = ?, last_error = ?
		WHERE id = ? AND done_at IS NULL`
	err := t.must(ctx, jobMissing, query, opt(nextAt), reason, id)
	if errs.KindOf(err) == errs.NotFound {
		_, err = t.Get(ctx, id)
	}
	return err
}

// Hasten implements store.Outbox.
func (t outbox) Hasten(ctx context.Context, kind store.JobKind, subject int64) error {
	const query = `UPDATE outbox SET next_at = NULL WHERE kind = ? AND subject = ? AND done_at IS NULL AND sent_at IS NULL`
	_, err := t.exec(ctx, query, string(kind), subject)
	return err
}

// Failing implements store.Outbox.
func (t outbox) Failing(ctx context.Context, limit int) ([]store.Job, error) {
	return list(ctx, t.tx, scanJob, jobSelect+` WHERE done_at IS NULL AND attempts > 0 ORDER BY created_at, id LIMIT ?`, limit)
}

// Retry implements store.Outbox.
func (t outbox) Retry(ctx context.Context, id int64) (bool, error) {
	n, err := t.exec(ctx, `UPDATE outbox SET next_at = NULL WHERE id = ? AND done_at IS NULL AND sent_at IS NULL`, id)
	return n == 1, err
}

// Forget implements store.Outbox.
func (t outbox) Forget(ctx context.Context) (int, error) {
	return t.exec(ctx, `UPDATE outbox SET sent_at = NULL WHERE done_at IS NULL AND sent_at IS NOT NULL`)
}

// Pending implements store.Outbox.
func (t outbox) Pending(ctx context.Context) (map[store.JobKind]store.Backlog, error) {
	const query = `SELECT kind, count(*), min(created_at), sum(CASE WHEN attempts > 0 THEN 1 ELSE 0 END)
		FROM outbox WHERE done_at IS NULL GROUP BY kind`
	pending := map[store.JobKind]store.Backlog{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var kind store.JobKind
		var b store.Backlog
		err := r.Scan(&kind, &b.Count, at(&b.Oldest), &b.Failed)
		pending[kind] = b
		return struct{}{}, err
	}, query)
	return pending, err
}

// Prune implements store.Outbox. What was done first goes first.
func (t outbox) Prune(ctx context.Context, doneBefore time.Time, limit int) (int, error) {
	const query = `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE done_at < ? ORDER BY done_at LIMIT ?)`
	return t.exec(ctx, query, doneBefore, limit)
}
