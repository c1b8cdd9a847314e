package sqlstore

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

type bulkWorks struct{ *tx }

var _ store.BulkWorks = bulkWorks{}

const bulkMissing = "bulk.not_found"

var (
	insertWorks = insert{
		table: "bulk_works", columns: []string{"user_id", "act", "input", "state", "undo_of", "capped", "made_at"}, types: "itttibz",
	}
	insertLines = insert{
		table: "bulk_lines", columns: []string{"bulk_id", "place", "submission_id", "version", "state"}, types: "iiiit",
	}
)

const workSelect = `SELECT w.id, w.user_id, u.name, w.act, w.input, w.state, w.undo_of,
	(SELECT max(o.id) FROM bulk_works o WHERE o.undo_of = w.id AND o.state IN ('running', 'done')), w.capped, w.made_at, w.begun_at, w.ended_at
	FROM bulk_works w JOIN users u ON u.id = w.user_id`

func scanWork(r row) (w civic.BulkWork, err error) {
	var input string
	err = r.Scan(&w.ID, &w.User, &w.UserName, &w.Act, &input, &w.State, id(&w.UndoOf), id(&w.UndoneBy), &w.Capped,
		at(&w.MadeAt), at(&w.BegunAt), at(&w.EndedAt))
	if err != nil {
		return w, err
	}
	if err := json.Unmarshal([]byte(input), &w.Input); err != nil {
		return w, fmt.Errorf("read what was typed: %w", err)
	}
	return w, nil
}

// Add implements store.BulkWorks.
func (t bulkWorks) Add(ctx context.Context, w civic.BulkWork, lines []civic.BulkLine) (int64, error) {
	input, err := json.Marshal(w.Input)
	if err != nil {
		return 0, fmt.Errorf("write what was typed: %w", err)
	}
	work, err := t.insertRow(ctx, insertWorks, []any{int64(w.User), string(w.Act), string(input), string(w.State), ref(w.UndoOf), w.Capped, w.MadeAt})
	if err != nil {
		return 0, err
	}
	rows := make([][]any, len(lines))
	for i, l := range lines {
		rows[i] = []any{work, i + 1, int64(l.Submission), l.Version, string(l.State)}
	}
	return work, t.insertRows(ctx, insertLines, rows, nil)
}

// Get implements store.BulkWorks.
func (t bulkWorks) Get(ctx context.Context, work int64) (civic.BulkWork, error) {
	w, err := get(ctx, t.tx, bulkMissing, scanWork, workSelect+" WHERE w.id = ?", work)
	if err != nil {
		return w, err
	}
	counted := []civic.BulkWork{w}
	err = t.countLines(ctx, counted)
	return counted[0], err
}

// List implements store.BulkWorks.
func (t bulkWorks) List(ctx context.Context, q store.WorkQuery) ([]civic.BulkWork, error) {
	if q.Agencies != nil && len(q.Agencies) == 0 {
		return nil, nil
	}
	f := &filter{d: t.d}
	f.add("w.id > 0")
	if q.User != 0 {
		f.add("w.user_id = ?", int64(q.User))
	}
	if q.Before != 0 {
		f.add("w.id < ?", q.Before)
	}
	f.oneOf("u.agency", texts(q.Agencies))
	found, err := list(ctx, t.tx, scanWork, workSelect+" WHERE "+f.String()+" ORDER BY w.id DESC LIMIT ?", append(f.args, q.Limit)...)
	if err != nil {
		return nil, err
	}
	return found, t.countLines(ctx, found)
}

// countLines fills in how many lines each work has in each state.
func (t bulkWorks) countLines(ctx context.Context, works []civic.BulkWork) error {
	const query = `SELECT bulk_id, state, count(*) FROM bulk_lines WHERE bulk_id IN LIST(?) GROUP BY bulk_id, state`
	ids, place := make([]int64, len(works)), map[int64]int{}
	for i := range works {
		ids[i], place[works[i].ID], works[i].Lines = works[i].ID, i, map[civic.LineState]int{}
	}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var work int64
		var state civic.LineState
		var n int
		err := r.Scan(&work, &state, &n)
		works[place[work]].Lines[state] = n
		return struct{}{}, err
	}, query, t.d.set(ids))
	return err
}

// Move implements store.BulkWorks.
func (t bulkWorks) Move(ctx context.Context, work int64, from, to civic.BulkState, now time.Time) (bool, error) {
	set := ""
	args := []any{string(to)}
	switch to {
	case civic.BulkRunning:
		set, args = ", begun_at = ?", append(args, now)
	case civic.BulkDone, civic.BulkDropped:
		set, args = ", ended_at = ?", append(args, now)
	}
	n, err := t.exec(ctx, "UPDATE bulk_works SET state = ?"+set+" WHERE id = ? AND state = ?", append(args, work, string(from))...)
	return n == 1, err
}

// Lines implements store.BulkWorks.
func (t bulkWorks) Lines(ctx context.Context, work int64, after, limit int, states ...civic.LineState) ([]civic.BulkLine, error) {
	f := &filter{d: t.d}
	f.add("l.bulk_id = ?", work)
	f.add("l.place > ?", after)
	f.oneOf("l.state", texts(states))
	query := `SELECT l.bulk_id, l.place, l.submission_id, l.version, l.state, l.reason, l.was, l.became, l.settled_at, s.code, s.title, s.language
		FROM bulk_lines l JOIN submissions s ON s.id = l.submission_id WHERE ` + f.String() + ` ORDER BY l.place LIMIT ?`
	return list(ctx, t.tx, func(r row) (l civic.BulkLine, err error) {
		return l, r.Scan(&l.Work, &l.Place, &l.Submission, &l.Version, &l.State, &l.Reason, &l.Was, &l.Became, at(&l.SettledAt), &l.Code, &l.Title, &l.Language)
	}, query, append(f.args, limit)...)
}

// Settle implements store.BulkWorks.
func (t bulkWorks) Settle(ctx context.Context, l civic.BulkLine) error {
	const query = `UPDATE bulk_lines SET version = ?, state = ?, reason = ?, was = ?, became = ?, settled_at = ? WHERE bulk_id = ? AND place = ?`
	n, err := t.exec(ctx, query, l.Version, string(l.State), l.Reason, l.Was, l.Became, opt(l.SettledAt), l.Work, l.Place)
	if err == nil && n == 0 {
		return errs.New(errs.NotFound, bulkMissing)
	}
	return err
}
