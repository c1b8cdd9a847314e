package sqlstore

import (
	"context"
	"slices"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// isOpen is civic.Open in SQL. It stands as the partial indexes have it, word
// for word, because that is how the databases see that they may use them.
const isOpen = `state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review')`

// isSettled is civic.Settled likewise.
const isSettled = `state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn')`

// filter collects conditions that all must hold, with their arguments.
type filter struct {
	d     dialect
	where []string
	args  []any
}

func (f *filter) add(condition string, args ...any) {
	f.where = append(f.where, condition)
	f.args = append(f.args, args...)
}

// oneOf adds that a column is in a list, unless the list is empty.
func (f *filter) oneOf(column string, list []string) {
	if len(list) > 0 {
		f.add(column+" IN LIST(?)", f.d.set(list))
	}
}

func (f *filter) String() string { return strings.Join(f.where, " AND ") }

// queueOrders are the ends of the queue's statement. DueAt may be missing;
// such a case comes last.
var queueOrders = map[store.QueueSort]string{
	store.SortDue:    " ORDER BY s.due_at NULLS LAST, s.id",
	store.SortNewest: " ORDER BY s.received_at DESC, s.id DESC",
	store.SortOldest: " ORDER BY s.received_at, s.id",
}

// Queue implements store.Submissions. The ids of the page are found first,
// within an index where possible; the wide rows are read for them alone.
func (t submissions) Queue(ctx context.Context, q store.QueueQuery) (store.QueuePage, error) {
	if q.Scope != nil && len(q.Scope) == 0 || q.IDs != nil && len(q.IDs) == 0 {
		return store.QueuePage{}, nil
	}
	f := queueFilter(t.d, q)
	total, err := t.count(ctx, "SELECT count(*) FROM submissions s WHERE "+f.String(), f.args...)
	if err != nil {
		return store.QueuePage{}, err
	}
	order, ok := queueOrders[q.Sort]
	if !ok {
		order = queueOrders[store.SortDue]
	}
	ids, err := list(ctx, t.tx, scanInt[civic.SubmissionID], "SELECT s.id FROM submissions s WHERE "+f.String()+order+" LIMIT ? OFFSET ?",
		append(f.args, q.PerPage, (q.Page-1)*q.PerPage)...)
	if err != nil {
		return store.QueuePage{}, err
	}
	items, err := t.queueItems(ctx, ids)
	return store.QueuePage{Total: total, Items: items}, err
}

func queueFilter(d dialect, q store.QueueQuery) *filter {
	f := &filter{d: d}
	switch {
	case allIn(q.States, civic.Open): // none named means all of these
		f.add("s." + isOpen)
	case allIn(q.States, civic.Settled):
		f.add("s." + isSettled)
	}
	f.oneOf("s.state", texts(q.States))
	if len(q.Scope)+len(q.Agencies) > 0 {
		f.add("s.agency <> ''") // as the partial index has it
	}
	f.oneOf("s.agency", texts(q.Scope))
	f.oneOf("s.agency", texts(q.Agencies))
	f.oneOf("s.topic", texts(q.Topics))
	if len(q.ScopedAs) > 0 {
		f.add("EXISTS (SELECT 1 FROM scopes c WHERE c.submission_id = s.id AND c.scope IN LIST(?))", f.d.set(texts(q.ScopedAs)))
	}
	f.oneOf("s.channel", texts(q.Channels))
	if q.Held {
		f.add("s.hold <> ''")
	}
	if q.Assignee != 0 {
		f.add("s.assignee = ?", int64(q.Assignee))
	}
	if !q.DueFrom.IsZero() {
		f.add("s.due_at >= ?", q.DueFrom)
	}
	if !q.DueUntil.IsZero() {
		f.add("s.due_at < ?", q.DueUntil)
	}
	if q.IDs != nil {
		f.add("s.id IN LIST(?)", d.set(ints(q.IDs)))
	}
	return f
}

// allIn reports whether set has all of states.
func allIn(states []civic.State, set civic.StateSet) bool {
	return !slices.ContainsFunc(states, func(s civic.State) bool { return !set.Has(s) })
}

var queueItemSelect = "SELECT " + submissionSelect + `, COALESCE(u.name, ''),
	(SELECT count(*) FROM memberships m WHERE m.root_id = s.id), COALESCE(c.scope, ''), ` + routeSelect + `
	FROM submissions s LEFT JOIN users u ON u.id = s.assignee LEFT JOIN routes r ON r.submission_id = s.id
	LEFT JOIN scopes c ON c.submission_id = s.id
	WHERE s.id IN LIST(?)`

// queueItems reads the lines of the queue for ids, in their order.
func (t submissions) queueItems(ctx context.Context, ids []civic.SubmissionID) ([]store.QueueItem, error) {
	found, err := list(ctx, t.tx, func(r row) (item store.QueueItem, err error) {
		var route routeRow
		dest := append(submissionDest(&item.Submission), &item.AssigneeName, &item.Duplicates, &item.SetApart)
		err = r.Scan(append(dest, route.dest()...)...)
		item.Route, item.HasRoute = route.route()
		return item, err
	}, queueItemSelect, t.d.set(ints(ids)))
	if err != nil {
		return nil, err
	}
	return inOrder(ids, found, func(item store.QueueItem) civic.SubmissionID { return item.ID }), nil
}
