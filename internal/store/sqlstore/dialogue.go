package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.Inquiries = inquiries{}
	_ store.Ratings   = ratings{}
)

// Add implements store.Inquiries.
func (t inquiries) Add(ctx context.Context, i civic.Inquiry) (int64, error) {
	found, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO inquiries (submission_id, question, asked_by, asked_at, remind_at, reply_by, running, paused_days, agency)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		int64(i.Submission), i.Question, ref(i.AskedBy), i.AskedAt, i.RemindAt, i.ReplyBy, i.Running, i.PausedDays, string(i.Agency))
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, errs.New(errs.Conflict, "inquiry.open")
	}
	return found[0], nil
}

// List implements store.Inquiries.
func (t inquiries) List(ctx context.Context, submission civic.SubmissionID) ([]civic.Inquiry, error) {
	return list(ctx, t.tx, scanInquiry, inquirySelect+`WHERE submission_id = ? ORDER BY id`, int64(submission))
}

const inquirySelect = `SELECT id, submission_id, question, asked_by, asked_at, remind_at, reply_by, reminded_at, reply, ended_at, running, paused_days, agency FROM inquiries `

func scanInquiry(r row) (i civic.Inquiry, err error) {
	return i, r.Scan(&i.ID, &i.Submission, &i.Question, id(&i.AskedBy), at(&i.AskedAt), at(&i.RemindAt), at(&i.ReplyBy),
		at(&i.RemindedAt), &i.Reply, at(&i.EndedAt), &i.Running, &i.PausedDays, &i.Agency)
}

// Update implements store.Inquiries.
func (t inquiries) Update(ctx context.Context, i civic.Inquiry) error {
	return t.must(ctx, "inquiry.not_found", `UPDATE inquiries SET remind_at = ?, reply_by = ?, reminded_at = ?, reply = ?, paused_days = ?, ended_at = ? WHERE id = ?`,
		i.RemindAt, i.ReplyBy, opt(i.RemindedAt), i.Reply, i.PausedDays, opt(i.EndedAt), i.ID)
}

// Pressing implements store.Inquiries.
func (t inquiries) Pressing(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error) {
	return list(ctx, t.tx, scanInt[civic.SubmissionID], `SELECT submission_id FROM inquiries
		WHERE ended_at IS NULL AND (reply_by < ? OR (reminded_at IS NULL AND remind_at < ?)) ORDER BY reply_by, id LIMIT ?`, now, now, limit)
}

// PausesByAgency implements store.Inquiries.
func (t inquiries) PausesByAgency(ctx context.Context, from, until time.Time) ([]civic.AgencyPauses, error) {
	return list(ctx, t.tx, func(r row) (p civic.AgencyPauses, err error) {
		return p, r.Scan(&p.Agency, &p.Cases, &p.Pauses, &p.Days)
	},
		`SELECT agency, count(DISTINCT submission_id), count(*), sum(paused_days) FROM inquiries
		WHERE NOT running AND asked_at >= ? AND asked_at < ? GROUP BY agency ORDER BY 4 DESC, 3 DESC, 1`, from, until)
}

// Put implements store.Ratings.
func (t ratings) Put(ctx context.Context, r civic.Rating) error {
	_, err := t.exec(ctx, `INSERT INTO ratings (submission_id, answer_id, helped, reason, rated_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET answer_id = excluded.answer_id, helped = excluded.helped,
		reason = excluded.reason, rated_at = excluded.rated_at`,
		int64(r.Submission), r.Answer, string(r.Helped), r.Reason, r.RatedAt)
	return err
}

// Get implements store.Ratings.
func (t ratings) Get(ctx context.Context, submission civic.SubmissionID) (civic.Rating, error) {
	return get(ctx, t.tx, "rating.not_found", func(r row) (v civic.Rating, err error) {
		return v, r.Scan(&v.Submission, &v.Answer, &v.Helped, &v.Reason, at(&v.RatedAt))
	}, `SELECT submission_id, answer_id, helped, reason, rated_at FROM ratings WHERE submission_id = ?`, int64(submission))
}
