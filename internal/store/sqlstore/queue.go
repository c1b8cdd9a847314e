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
	if matchesNothing(q) {
		return store.QueuePage{}, nil
	}
	total, err := t.CountQueue(ctx, q)
	if err != nil {
		return store.QueuePage{}, err
	}
	ids, err := t.queueIDs(ctx, q)
	if err != nil {
		return store.QueuePage{}, err
	}
	more := len(ids) > q.PerPage
	ids = ids[:min(len(ids), q.PerPage)]
	if q.From != nil && q.From.Back {
		slices.Reverse(ids)
	}
	items, err := t.queueItems(ctx, ids)
	return store.QueuePage{Total: total, Items: items, More: more}, err
}

// matchesNothing reports whether a filter leaves nothing by itself.
func matchesNothing(q store.QueueQuery) bool {
	return q.Scope != nil && len(q.Scope) == 0 || q.IDs != nil && len(q.IDs) == 0
}

// CountQueue implements store.Submissions.
func (t submissions) CountQueue(ctx context.Context, q store.QueueQuery) (int, error) {
	if matchesNothing(q) {
		return 0, nil
	}
	f := queueFilter(t.d, q)
	if q.CountTo == 0 {
		return t.count(ctx, "SELECT count(*) FROM submissions s WHERE "+f.String(), f.args...)
	}
	return t.count(ctx, "SELECT count(*) FROM (SELECT 1 AS one FROM submissions s WHERE "+f.String()+" LIMIT ?) AS counted",
		append(f.args, q.CountTo+1)...)
}

// queueIDs returns the ids of a page in the order in which they are read, and
// one more where there is one.
func (t submissions) queueIDs(ctx context.Context, q store.QueueQuery) ([]civic.SubmissionID, error) {
	if _, known := queueOrders[q.Sort]; !known {
		q.Sort = store.SortDue
	}
	most := q.PerPage + 1
	if q.From == nil {
		f := queueFilter(t.d, q)
		return list(ctx, t.tx, scanInt[civic.SubmissionID], "SELECT s.id FROM submissions s WHERE "+f.String()+queueOrders[q.Sort]+" LIMIT ? OFFSET ?",
			append(f.args, most, (q.Page-1)*q.PerPage)...)
	}
	var ids []civic.SubmissionID
	for _, stretch := range stretches(q.Sort, *q.From) {
		f := queueFilter(t.d, q)
		f.add(stretch.where, stretch.args...)
		some, err := list(ctx, t.tx, scanInt[civic.SubmissionID], "SELECT s.id FROM submissions s WHERE "+f.String()+stretch.order+" LIMIT ?",
			append(f.args, most-len(ids))...)
		if err != nil {
			return nil, err
		}
		if ids = append(ids, some...); len(ids) == most {
			break
		}
	}
	return ids, nil
}

// stretch is a part of an order that lies whole within an index.
type stretch struct {
	where string
	args  []any
	order string
}

// stretches returns what lies beyond a place, in the order in which it is read.
// Cases without a deadline stand behind all others, and an OR of the two would
// keep the databases from walking their index.
func stretches(sort store.QueueSort, from store.QueuePlace) []stretch {
	column, down := "s.due_at", from.Back
	if sort != store.SortDue {
		column, down = "s.received_at", (sort == store.SortNewest) != from.Back
	}
	than, order := " > (?, ?)", " ORDER BY "+column+", s.id"
	if down {
		than, order = " < (?, ?)", " ORDER BY "+column+" DESC, s.id DESC"
	}
	beyond := stretch{"(" + column + ", s.id)" + than, []any{from.At, int64(from.ID)}, order}
	if sort != store.SortDue {
		return []stretch{beyond}
	}
	dated := stretch{"s.due_at IS NOT NULL", nil, order}
	switch {
	case from.At.IsZero() && from.Back:
		return []stretch{{"s.due_at IS NULL AND s.id < ?", []any{int64(from.ID)}, " ORDER BY s.id DESC"}, dated}
	case from.At.IsZero():
		return []stretch{{"s.due_at IS NULL AND s.id > ?", []any{int64(from.ID)}, " ORDER BY s.id"}}
	case from.Back:
		return []stretch{beyond}
	}
	return []stretch{beyond, {"s.due_at IS NULL", nil, " ORDER BY s.id"}}
}

// Register implements store.Submissions.
func (t submissions) Register(ctx context.Context, q store.QueueQuery, after civic.SubmissionID, limit int) ([]store.QueueItem, error) {
	if q.Scope != nil && len(q.Scope) == 0 || q.IDs != nil && len(q.IDs) == 0 {
		return nil, nil
	}
	f := queueFilter(t.d, q)
	f.add("s.id > ?", int64(after))
	ids, err := list(ctx, t.tx, scanInt[civic.SubmissionID], "SELECT s.id FROM submissions s WHERE "+f.String()+" ORDER BY s.id LIMIT ?",
		append(f.args, limit)...)
	if err != nil {
		return nil, err
	}
	return t.queueItems(ctx, ids)
}

func queueFilter(d dialect, q store.QueueQuery) *filter {
	f := &filter{d: d}
	switch {
	case allIn(q.States, civic.Open): // none named means all of these
		f.add("s." + isOpen)
	case allIn(q.States, civic.Settled):
		f.add("s." + isSettled)
	}
	if allIn(civic.States, q.States) { // every case has one of them
		f.add("1 = 1")
	} else {
		f.oneOf("s.state", texts(q.States))
	}
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
	if len(q.Assignees) > 0 {
		f.add("s.assignee IS NOT NULL AND s.assignee IN LIST(?)", d.set(ints(q.Assignees))) // as the partial index has it
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
	worklistFilter(f, q)
	countedFilter(f, q.Counted)
	return f
}

// worklistFilter adds what the views and the tags of the staff's pages ask for.
func worklistFilter(f *filter, q store.QueueQuery) {
	if q.Unassigned {
		f.add("s.assignee IS NULL")
	}
	if q.HandedOn {
		f.add("s.handovers > 0")
	}
	if q.Urgent {
		f.add("s.urgent") // as the partial index has it
	}
	if q.PausedOut.Count > 0 {
		f.add("s.id IN (SELECT i.submission_id FROM inquiries i WHERE NOT i.running GROUP BY i.submission_id HAVING count(*) >= ? OR sum(i.paused_days) > ?)",
			q.PausedOut.Count, q.PausedOut.Days)
	}
	if q.NotBy != 0 {
		f.add("NOT EXISTS (SELECT 1 FROM answers a WHERE a.submission_id = s.id AND a.is_current AND a.drafted_by = ?)", int64(q.NotBy))
	}
	if len(q.Tags) > 0 {
		f.add("EXISTS (SELECT 1 FROM case_tags g WHERE g.submission_id = s.id AND g.tag_id IN LIST(?))", f.d.set(ints(q.Tags)))
	}
	if q.ClaimedBy != 0 {
		f.add("s.id IN (SELECT k.submission_id FROM claims k WHERE k.user_id = ? AND k.expires_at > ?)", int64(q.ClaimedBy), q.ClaimedAt)
	}
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
