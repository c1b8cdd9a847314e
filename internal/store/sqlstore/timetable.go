package sqlstore

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.Timetable = timetable{}
	_ store.Recounts  = recounts{}
)

// Change implements store.Timetable. The one row is locked by the update.
func (t timetable) Change(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE timetable SET revision = revision + 1`)
	return err
}

// Revision implements store.Timetable.
func (t timetable) Revision(ctx context.Context) (int64, error) {
	return get(ctx, t.tx, "timetable.not_found", scanInt[int64], `SELECT revision FROM timetable`)
}

// Limits implements store.Timetable.
func (t timetable) Limits(ctx context.Context) (civic.LimitTable, error) {
	return list(ctx, t.tx, func(r row) (v civic.LimitVersion, err error) {
		return v, r.Scan(&v.ID, &v.Use, &v.Kind, &v.Agency, &v.Urgent, at(&v.From), &v.Clock, &v.Amount, &v.Source,
			at(&v.WrittenAt), id(&v.WrittenBy), &v.Writer)
	}, `SELECT l.id, l.limit_use, l.kind, l.agency, l.urgent, l.holds_from, l.clock, l.amount, l.source, l.written_at, l.written_by, COALESCE(u.name, '')
		FROM time_limits l LEFT JOIN users u ON u.id = l.written_by ORDER BY l.id`)
}

// AddLimit implements store.Timetable.
func (t timetable) AddLimit(ctx context.Context, v civic.LimitVersion) error {
	_, err := t.exec(ctx, `INSERT INTO time_limits (limit_use, kind, agency, urgent, holds_from, clock, amount, source, written_at, written_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		string(v.Use), string(v.Kind), string(v.Agency), v.Urgent, opt(v.From), string(v.Clock), v.Amount, v.Source, v.WrittenAt, ref(v.WrittenBy))
	return err
}

// dayColumns of both tables of days, under the name d.
const dayColumns = `d.day, d.kind, d.name_vi, d.name_en, d.certainty, d.source, d.written_at, d.written_by, COALESCE(u.name, '')`

func dayDest(v *civic.DayVersion, day, vi, en *string) []any {
	return []any{day, &v.Kind, vi, en, &v.Certainty, &v.Source, at(&v.WrittenAt), id(&v.WrittenBy), &v.Writer}
}

// scanDay reads dayColumns after what before names.
func scanDay(r row, v *civic.DayVersion, before ...any) error {
	var day, vi, en string
	if err := r.Scan(append(before, dayDest(v, &day, &vi, &en)...)...); err != nil {
		return err
	}
	var ok bool
	if v.Date, ok = civic.ParseDate(day); !ok {
		return fmt.Errorf("%q is no day", day)
	}
	v.Name = civic.Names{}
	for lang, name := range map[civic.Language]string{civic.Vietnamese: vi, civic.English: en} {
		if name != "" {
			v.Name[lang] = name
		}
	}
	return nil
}

func dayFields(v civic.DayVersion) []any {
	return []any{
		v.Date.String(), string(v.Kind), v.Name[civic.Vietnamese], v.Name[civic.English], string(v.Certainty), v.Source, v.WrittenAt, ref(v.WrittenBy),
	}
}

// Days implements store.Timetable.
func (t timetable) Days(ctx context.Context) ([]civic.DayVersion, error) {
	return list(ctx, t.tx, func(r row) (v civic.DayVersion, err error) { return v, scanDay(r, &v, &v.ID) },
		`SELECT d.id, `+dayColumns+` FROM calendar_days d LEFT JOIN users u ON u.id = d.written_by ORDER BY d.id`)
}

// AddDay implements store.Timetable.
func (t timetable) AddDay(ctx context.Context, v civic.DayVersion) error {
	_, err := t.exec(ctx, `INSERT INTO calendar_days (day, kind, name_vi, name_en, certainty, source, written_at, written_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?)`, dayFields(v)...)
	return err
}

// Drafts implements store.Timetable.
func (t timetable) Drafts(ctx context.Context) ([]civic.DayVersion, error) {
	return list(ctx, t.tx, func(r row) (v civic.DayVersion, err error) { return v, scanDay(r, &v) },
		`SELECT `+dayColumns+` FROM calendar_drafts d LEFT JOIN users u ON u.id = d.written_by ORDER BY d.day`)
}

// PutDraft implements store.Timetable.
func (t timetable) PutDraft(ctx context.Context, v civic.DayVersion) error {
	_, err := t.exec(ctx, `INSERT INTO calendar_drafts (day, kind, name_vi, name_en, certainty, source, written_at, written_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (day) DO UPDATE SET kind = excluded.kind, name_vi = excluded.name_vi, name_en = excluded.name_en,
		certainty = excluded.certainty, source = excluded.source, written_at = excluded.written_at, written_by = excluded.written_by`, dayFields(v)...)
	return err
}

// RemoveDraft implements store.Timetable.
func (t timetable) RemoveDraft(ctx context.Context, date civic.Date) error {
	_, err := t.exec(ctx, `DELETE FROM calendar_drafts WHERE day = ?`, date.String())
	return err
}

// RemoveDrafts implements store.Timetable.
func (t timetable) RemoveDrafts(ctx context.Context) error {
	_, err := t.exec(ctx, `DELETE FROM calendar_drafts`)
	return err
}

// Add implements store.Recounts.
func (t recounts) Add(ctx context.Context, r civic.Recount, notBefore time.Time) (int64, error) {
	found, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO recounts (asked_at, asked_by, reason, limit_id, day_id) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`, r.AskedAt, ref(r.AskedBy), string(r.Reason), r.Limit, r.Day)
	if err != nil {
		return 0, err
	}
	if len(found) == 0 {
		return 0, errs.New(errs.Conflict, "recount.running")
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobRecount, Subject: found[0], NextAt: notBefore, CreatedAt: r.AskedAt})
	return found[0], err
}

const recountSelect = `SELECT r.id, r.asked_at, r.asked_by, COALESCE(u.name, ''), r.reason, r.limit_id, r.day_id, r.last_id, r.looked, r.moved, r.kept, r.ended_at
	FROM recounts r LEFT JOIN users u ON u.id = r.asked_by `

func scanRecount(r row) (c civic.Recount, err error) {
	return c, r.Scan(&c.ID, at(&c.AskedAt), id(&c.AskedBy), &c.Asker, &c.Reason, &c.Limit, &c.Day, &c.Cursor, &c.Looked, &c.Moved, &c.Kept, at(&c.EndedAt))
}

// Get implements store.Recounts.
func (t recounts) Get(ctx context.Context, id int64) (civic.Recount, error) {
	return get(ctx, t.tx, "recount.not_found", scanRecount, recountSelect+`WHERE r.id = ?`, id)
}

// List implements store.Recounts.
func (t recounts) List(ctx context.Context, limit int) ([]civic.Recount, error) {
	return list(ctx, t.tx, scanRecount, recountSelect+`ORDER BY r.id DESC LIMIT ?`, limit)
}

// Clocks implements store.Recounts.
func (t recounts) Clocks(ctx context.Context, after civic.SubmissionID, limit int) ([]civic.Clock, error) {
	found, err := list(ctx, t.tx, func(r row) (c civic.Clock, err error) {
		return c, r.Scan(&c.Submission, &c.Code, &c.Kind, &c.Agency, &c.State, &c.Urgent, &c.Extended, at(&c.ReceivedAt), at(&c.ReopenedAt),
			at(&c.DueAt), at(&c.FirstDueAt), at(&c.ForwardDueAt))
	}, `SELECT id, code, kind, agency, state, urgent, extended, received_at, reopened_at, due_at, first_due_at, forward_due_at
		FROM submissions WHERE id > ? AND due_at IS NOT NULL AND `+isOpen+` ORDER BY id LIMIT ?`, int64(after), limit)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	place := map[civic.SubmissionID]int{}
	ids := make([]civic.SubmissionID, len(found))
	for i, c := range found {
		place[c.Submission], ids[i] = i, c.Submission
	}
	asked, err := list(ctx, t.tx, scanInquiry, inquirySelect+`WHERE submission_id IN LIST(?) ORDER BY id`, t.d.set(ints(ids)))
	for _, a := range asked {
		c := &found[place[a.Submission]]
		c.Asked = append(c.Asked, a)
	}
	return found, err
}

var moveInsert = insert{table: "recount_moves", columns: []string{"recount_id", "submission_id", "old_due_at", "new_due_at", "kept"}, types: "iizzb"}

// Note implements store.Recounts.
func (t recounts) Note(ctx context.Context, r civic.Recount, moves []civic.Move) error {
	err := t.must(ctx, "recount.not_found", `UPDATE recounts SET last_id = ?, looked = ?, moved = ?, kept = ?, ended_at = ? WHERE id = ?`,
		int64(r.Cursor), r.Looked, r.Moved, r.Kept, opt(r.EndedAt), r.ID)
	if err != nil || len(moves) == 0 {
		return err
	}
	rows := make([][]any, len(moves))
	for i, m := range moves {
		rows[i] = []any{r.ID, int64(m.Submission), m.Old, m.New, m.Kept}
	}
	return t.insertRows(ctx, moveInsert, rows, nil)
}

// Moves implements store.Recounts.
func (t recounts) Moves(ctx context.Context, recount int64, after civic.SubmissionID, limit int) ([]civic.Move, error) {
	return list(ctx, t.tx, func(r row) (m civic.Move, err error) {
		return m, r.Scan(&m.Submission, &m.Code, &m.Agency, at(&m.Old), at(&m.New), &m.Kept)
	}, `SELECT m.submission_id, s.code, s.agency, m.old_due_at, m.new_due_at, m.kept FROM recount_moves m JOIN submissions s ON s.id = m.submission_id
		WHERE m.recount_id = ? AND m.submission_id > ? ORDER BY m.submission_id LIMIT ?`, recount, int64(after), limit)
}
