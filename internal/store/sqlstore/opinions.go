package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Opinions = opinions{}

// Add implements store.Opinions.
func (t opinions) Add(ctx context.Context, o civic.Opinion) (int64, error) {
	made, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO opinions (submission_id, asker, agency, question, asked_by, asked_at, due_at, state)
		VALUES (?, ?, ?, ?, ?, ?, ?, 'asked') ON CONFLICT DO NOTHING RETURNING id`,
		int64(o.Submission), string(o.Asker), string(o.Agency), o.Question, ref(o.AskedBy), o.AskedAt, o.DueAt)
	if err != nil {
		return 0, err
	}
	if len(made) == 0 {
		return 0, errs.New(errs.Conflict, "opinion.asked")
	}
	return made[0], nil
}

const (
	opinionSelect = `o.id, o.submission_id, o.asker, o.agency, o.question, o.asked_by, o.asked_at, o.due_at, o.state, o.text, o.settled_by, o.settled_at,
		COALESCE(ua.name, ''), COALESCE(us.name, '')`
	opinionFrom = ` FROM opinions o LEFT JOIN users ua ON ua.id = o.asked_by LEFT JOIN users us ON us.id = o.settled_by `
)

func opinionDest(o *civic.Opinion) []any {
	return []any{
		&o.ID, &o.Submission, &o.Asker, &o.Agency, &o.Question, id(&o.AskedBy), at(&o.AskedAt), at(&o.DueAt), &o.State, &o.Text,
		id(&o.SettledBy), at(&o.SettledAt), &o.AskedByName, &o.SettledByName,
	}
}

func scanOpinion(r row) (o civic.Opinion, err error) { return o, r.Scan(opinionDest(&o)...) }

// Get implements store.Opinions.
func (t opinions) Get(ctx context.Context, id int64) (civic.Opinion, error) {
	return get(ctx, t.tx, "opinion.not_found", scanOpinion, "SELECT "+opinionSelect+opinionFrom+"WHERE o.id = ?", id)
}

// List implements store.Opinions.
func (t opinions) List(ctx context.Context, id civic.SubmissionID) ([]civic.Opinion, error) {
	return list(ctx, t.tx, scanOpinion, "SELECT "+opinionSelect+opinionFrom+"WHERE o.submission_id = ? ORDER BY o.id", int64(id))
}

// Settle implements store.Opinions.
func (t opinions) Settle(ctx context.Context, o civic.Opinion) error {
	n, err := t.exec(ctx, `UPDATE opinions SET state = ?, text = ?, settled_by = ?, settled_at = ? WHERE id = ? AND state = 'asked'`,
		string(o.State), o.Text, ref(o.SettledBy), o.SettledAt, o.ID)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "opinion.settled")
	}
	return err
}

// Pass implements store.Opinions.
func (t opinions) Pass(ctx context.Context, id int64, agency civic.AgencyCode) (bool, error) {
	n, err := t.exec(ctx, `UPDATE opinions SET agency = ? WHERE id = ? AND state = 'asked' AND NOT EXISTS (
		SELECT 1 FROM opinions o WHERE o.submission_id = opinions.submission_id AND o.agency = ? AND o.state = 'asked')`,
		string(agency), id, string(agency))
	return n == 1, err
}

// requests reads opinions with their cases.
func (t opinions) requests(ctx context.Context, f *filter, order string, limit int) ([]store.OpinionRequest, error) {
	query := "SELECT " + opinionSelect + ", " + submissionSelect + opinionFrom + "JOIN submissions s ON s.id = o.submission_id WHERE " + f.String() + " ORDER BY " + order + " LIMIT ?"
	return list(ctx, t.tx, func(r row) (q store.OpinionRequest, err error) {
		return q, r.Scan(append(opinionDest(&q.Opinion), submissionDest(&q.Case)...)...)
	}, query, append(f.args, limit)...)
}

// waiting are those that are asked about open cases that others may read.
func (t opinions) waiting(agencies []civic.AgencyCode) *filter {
	f := &filter{d: t.d}
	f.add("o.state = 'asked'") // as the partial index has it
	f.oneOf("o.agency", texts(agencies))
	f.add("s." + isOpen)
	f.add("NOT s.restricted")
	return f
}

// Waiting implements store.Opinions.
func (t opinions) Waiting(ctx context.Context, agencies []civic.AgencyCode, limit int) ([]store.OpinionRequest, error) {
	if agencies != nil && len(agencies) == 0 {
		return nil, nil
	}
	return t.requests(ctx, t.waiting(agencies), "o.due_at, o.id", limit)
}

// CountWaiting implements store.Opinions.
func (t opinions) CountWaiting(ctx context.Context, agencies []civic.AgencyCode) (int, error) {
	if agencies != nil && len(agencies) == 0 {
		return 0, nil
	}
	f := t.waiting(agencies)
	return t.count(ctx, "SELECT count(*) FROM opinions o JOIN submissions s ON s.id = o.submission_id WHERE "+f.String(), f.args...)
}

// Settled implements store.Opinions.
func (t opinions) Settled(ctx context.Context, since time.Time, limit int) ([]store.OpinionRequest, error) {
	f := &filter{d: t.d}
	f.add("o.state IN ('given', 'declined') AND o.settled_at >= ?", since)
	f.add("s." + isOpen)
	return t.requests(ctx, f, "o.settled_at DESC, o.id DESC", limit)
}

// NewlyLate implements store.Opinions.
func (t opinions) NewlyLate(ctx context.Context, now time.Time, limit int) ([]store.OpinionRequest, error) {
	f := t.waiting(nil)
	f.add("NOT o.late_noted AND o.due_at < ?", now)
	return t.requests(ctx, f, "o.due_at, o.id", limit)
}

// NoteLate implements store.Opinions.
func (t opinions) NoteLate(ctx context.Context, id int64) (bool, error) {
	n, err := t.exec(ctx, "UPDATE opinions SET late_noted = TRUE WHERE id = ? AND NOT late_noted", id)
	return n == 1, err
}
