package sqlstore

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Reaches = reaches{}

type reaches struct{ *tx }

func (t *tx) Reaches() store.Reaches { return reaches{t} }

// Get implements store.Reaches.
func (t reaches) Get(ctx context.Context, submission civic.SubmissionID) (civic.Reach, error) {
	const query = `SELECT submission_id, wants, language, channel, confirmed_at, failing_at FROM reaches WHERE submission_id = ?`
	r, err := get(ctx, t.tx, "reach.not_found", func(r row) (v civic.Reach, err error) {
		return v, r.Scan(&v.Submission, &v.Wants, &v.Language, &v.Way, at(&v.ConfirmedAt), at(&v.FailingAt))
	}, query, int64(submission))
	if errs.KindOf(err) == errs.NotFound && err != nil {
		return civic.Reach{Submission: submission, Wants: civic.WantsAll}, nil
	}
	return r, err
}

// Put implements store.Reaches.
func (t reaches) Put(ctx context.Context, r civic.Reach) error {
	_, err := t.exec(ctx, `INSERT INTO reaches (submission_id, wants, language, channel, confirmed_at, failing_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET wants = excluded.wants, language = excluded.language, channel = excluded.channel,
			confirmed_at = excluded.confirmed_at, failing_at = excluded.failing_at`,
		int64(r.Submission), string(r.Wants), string(r.Language), string(r.Way), opt(r.ConfirmedAt), opt(r.FailingAt))
	return err
}
