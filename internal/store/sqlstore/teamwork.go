package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

type (
	todos     struct{ *tx }
	mentions  struct{ *tx }
	caseLinks struct{ *tx }
)

var (
	_ store.Todos     = todos{}
	_ store.Mentions  = mentions{}
	_ store.CaseLinks = caseLinks{}
)

func (t *tx) Todos() store.Todos         { return todos{t} }
func (t *tx) Mentions() store.Mentions   { return mentions{t} }
func (t *tx) CaseLinks() store.CaseLinks { return caseLinks{t} }

// dayText is a day as a column has it, empty for none.
func dayText(d civic.Date) string {
	if d == (civic.Date{}) {
		return ""
	}
	return d.String()
}

// Add implements store.Todos.
func (t todos) Add(ctx context.Context, d civic.Todo) (int64, error) {
	made, err := list(ctx, t.tx, scanInt[int64], `INSERT INTO todos (submission_id, text, user_id, due_on, made_by, made_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		int64(d.Submission), d.Text, int64(d.User), dayText(d.Until), ref(d.MadeBy), d.MadeAt)
	if err != nil {
		return 0, err
	}
	return made[0], nil
}

const (
	todoSelect = `d.id, d.submission_id, d.text, d.user_id, d.due_on, d.made_by, d.made_at, d.done_by, d.done_at,
		u.name, COALESCE(um.name, ''), COALESCE(ud.name, '')`
	todoFrom = ` FROM todos d JOIN users u ON u.id = d.user_id LEFT JOIN users um ON um.id = d.made_by LEFT JOIN users ud ON ud.id = d.done_by `
)

// scanTodo reads a to-do, and behind it what more names.
func scanTodo(r row, more ...any) (d civic.Todo, err error) {
	var until string
	dest := []any{
		&d.ID, &d.Submission, &d.Text, id(&d.User), &until, id(&d.MadeBy), at(&d.MadeAt), id(&d.DoneBy), at(&d.DoneAt), &d.UserName, &d.MadeByName, &d.DoneByName,
	}
	err = r.Scan(append(dest, more...)...)
	d.Until, _ = civic.ParseDate(until) // empty is no day
	return d, err
}

// Get implements store.Todos.
func (t todos) Get(ctx context.Context, id int64) (civic.Todo, error) {
	return get(ctx, t.tx, "todo.not_found", func(r row) (civic.Todo, error) { return scanTodo(r) }, "SELECT "+todoSelect+todoFrom+"WHERE d.id = ?", id)
}

// List implements store.Todos.
func (t todos) List(ctx context.Context, id civic.SubmissionID) ([]civic.Todo, error) {
	return list(ctx, t.tx, func(r row) (civic.Todo, error) { return scanTodo(r) },
		"SELECT "+todoSelect+todoFrom+"WHERE d.submission_id = ? ORDER BY CASE WHEN d.done_at IS NULL THEN 0 ELSE 1 END, d.id", int64(id))
}

// Finish implements store.Todos.
func (t todos) Finish(ctx context.Context, id int64, by civic.UserID, now time.Time) error {
	n, err := t.exec(ctx, "UPDATE todos SET done_by = ?, done_at = ? WHERE id = ? AND done_at IS NULL", ref(by), now, id)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "todo.done")
	}
	return err
}

// Open implements store.Todos.
func (t todos) Open(ctx context.Context, users []civic.UserID, limit int) ([]store.TodoOfCase, error) {
	query := "SELECT " + todoSelect + ", " + submissionSelect + todoFrom + `JOIN submissions s ON s.id = d.submission_id
		WHERE d.done_at IS NULL AND d.user_id IN LIST(?) ORDER BY CASE WHEN d.due_on = '' THEN 1 ELSE 0 END, d.due_on, d.id LIMIT ?`
	return list(ctx, t.tx, func(r row) (o store.TodoOfCase, err error) {
		o.Todo, err = scanTodo(r, submissionDest(&o.Case)...)
		return o, err
	}, query, t.d.set(ints(users)), limit)
}

// CountOpen implements store.Todos.
func (t todos) CountOpen(ctx context.Context, users []civic.UserID) (int, error) {
	return t.count(ctx, "SELECT count(*) FROM todos d WHERE d.done_at IS NULL AND d.user_id IN LIST(?)", t.d.set(ints(users)))
}

// Add implements store.Mentions.
func (t mentions) Add(ctx context.Context, m civic.Mention) error {
	_, err := t.exec(ctx, "INSERT INTO mentions (submission_id, user_id, made_by, made_at) VALUES (?, ?, ?, ?)", int64(m.Submission), int64(m.User), ref(m.By), m.At)
	return err
}

// Since implements store.Mentions.
func (t mentions) Since(ctx context.Context, user civic.UserID, since time.Time, limit int) ([]store.MentionOfCase, error) {
	query := "SELECT m.submission_id, m.user_id, m.made_by, m.made_at, " + submissionSelect + ` FROM mentions m JOIN submissions s ON s.id = m.submission_id
		WHERE m.user_id = ? AND m.made_at >= ? AND m.id = (SELECT max(n.id) FROM mentions n WHERE n.submission_id = m.submission_id AND n.user_id = m.user_id)
		ORDER BY m.made_at DESC, m.id DESC LIMIT ?`
	return list(ctx, t.tx, func(r row) (m store.MentionOfCase, err error) {
		return m, r.Scan(append([]any{&m.Submission, id(&m.User), id(&m.By), at(&m.At)}, submissionDest(&m.Case)...)...)
	}, query, int64(user), since, limit)
}

// ordered are two cases, the lower id first.
func ordered(one, other civic.SubmissionID) (low, high int64) {
	return int64(min(one, other)), int64(max(one, other))
}

// Add implements store.CaseLinks.
func (t caseLinks) Add(ctx context.Context, l civic.CaseLink) error {
	low, high := ordered(l.Submission, l.Other)
	n, err := t.exec(ctx, `INSERT INTO case_links (submission_id, other_id, reason, made_by, made_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		low, high, l.Reason, ref(l.By), l.At)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "link.exists")
	}
	return err
}

// Remove implements store.CaseLinks.
func (t caseLinks) Remove(ctx context.Context, one, other civic.SubmissionID) error {
	low, high := ordered(one, other)
	return t.must(ctx, "link.not_found", "DELETE FROM case_links WHERE submission_id = ? AND other_id = ?", low, high)
}

// List implements store.CaseLinks.
func (t caseLinks) List(ctx context.Context, of civic.SubmissionID) ([]civic.CaseLink, error) {
	return list(ctx, t.tx, func(r row) (l civic.CaseLink, err error) {
		err = r.Scan(&l.Submission, &l.Other, &l.Reason, id(&l.By), at(&l.At))
		if l.Other == of {
			l.Submission, l.Other = l.Other, l.Submission
		}
		return l, err
	}, `SELECT submission_id, other_id, reason, made_by, made_at FROM case_links WHERE submission_id = ? OR other_id = ? ORDER BY made_at, other_id, submission_id`, int64(of), int64(of))
}
