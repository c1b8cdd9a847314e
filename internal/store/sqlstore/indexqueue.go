package sqlstore

import (
	"context"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.IndexQueue = indexQueue{}

// raiseMark gives what waits already the fresh mark of the refused row and
// keeps its place in the order.
const raiseMark = `ON CONFLICT (submission_id, index_name) DO UPDATE
	SET mark = excluded.mark, since = COALESCE(index_queue.since, index_queue.mark)`

var insertMarks = insert{table: "index_queue", columns: []string{"index_name", "submission_id"}, types: "ti", tail: raiseMark}

// Mark implements store.IndexQueue. The ids are sorted, so that two
// transactions that mark the same do not wait for each other.
func (t indexQueue) Mark(ctx context.Context, ids ...civic.SubmissionID) error {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	var rows [][]any
	for _, id := range slices.Compact(ids) {
		for _, index := range store.IndexNames {
			rows = append(rows, []any{string(index), int64(id)})
		}
	}
	return t.insertRows(ctx, insertMarks, rows, nil)
}

// MarkAll implements store.IndexQueue.
func (t indexQueue) MarkAll(ctx context.Context, index store.IndexName) error {
	// WHERE TRUE tells SQLite's parser that ON does not belong to a join.
	const query = `INSERT INTO index_queue (index_name, submission_id)
		SELECT CAST(? AS text), id FROM submissions WHERE TRUE ORDER BY id ` + raiseMark
	_, err := t.exec(ctx, query, string(index))
	return err
}

const takeSQL = `SELECT submission_id, mark FROM index_queue WHERE index_name = ? ORDER BY COALESCE(since, mark) LIMIT ?`

// Take implements store.IndexQueue.
func (t indexQueue) Take(ctx context.Context, index store.IndexName, limit int) ([]store.Dirty, error) {
	return list(ctx, t.tx, func(r row) (d store.Dirty, err error) { return d, r.Scan(&d.Submission, &d.Mark) }, takeSQL, string(index), limit)
}

// Ack implements store.IndexQueue.
func (t indexQueue) Ack(ctx context.Context, index store.IndexName, seen []store.Dirty) error {
	marks := make([]int64, len(seen))
	for i, d := range seen {
		marks[i] = d.Mark
	}
	_, err := t.exec(ctx, `DELETE FROM index_queue WHERE index_name = ? AND mark IN LIST(?)`, string(index), t.d.set(marks))
	return err
}

// Len implements store.IndexQueue.
func (t indexQueue) Len(ctx context.Context, index store.IndexName) (int, error) {
	return t.count(ctx, `SELECT count(*) FROM index_queue WHERE index_name = ?`, string(index))
}
