package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Conditions of the partial indexes on events, word for word.
const (
	eventSettles = `from_state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review') AND ` +
		`to_state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn')`
	eventReturns = `from_state IN ('answered', 'closed', 'rejected', 'merged', 'withdrawn') AND ` +
		`to_state IN ('received', 'triage', 'assigned', 'in_progress', 'awaiting_citizen', 'in_review')`
	eventHandling = `type IN ('routed', 'assigned', 'accepted', 'handed_back')`
	eventActs     = `(actor = 'staff' OR type IN ('routed', 'information_given', 'objected', 'reopened'))`
)

// countedFilter adds that a case is among those that a figure counts. Each
// condition walks a stretch of one index and knows the cases by their ids.
func countedFilter(f *filter, c civic.Counted) {
	within := func(column string) {
		if !c.From.IsZero() {
			f.add(column+" >= ?", c.From)
		}
		if !c.Until.IsZero() {
			f.add(column+" < ?", c.Until)
		}
	}
	among := func(query, column string) {
		e := &filter{d: f.d}
		e.add(query)
		if !c.From.IsZero() {
			e.add(column+" >= ?", c.From)
		}
		if !c.Until.IsZero() {
			e.add(column+" < ?", c.Until)
		}
		if c.By != "" && c.Figure == civic.FigureHandedBack {
			e.add("agency = ?", string(c.By))
		}
		f.add("s.id IN ("+e.String()+")", e.args...)
	}
	const events = "SELECT submission_id FROM events WHERE "
	switch c.Figure {
	case civic.FigureReceived:
		within("s.received_at")
	case civic.FigureSettled:
		among(events+eventSettles, "at")
	case civic.FigureReturned:
		among(events+eventReturns, "at")
	case civic.FigureReopened:
		among(events+eventReturns+" AND type = 'reopened'", "at")
	case civic.FigureUndone:
		among(events+eventReturns+" AND type = 'unmerged' AND actor IN ('staff', 'sender')", "at")
	case civic.FigureHandedBack:
		among(events+eventHandling+" AND type = 'handed_back'", "at")
	case civic.FigureHelped, civic.FigurePartly, civic.FigureNotHelped:
		helped := map[civic.Figure]string{civic.FigureHelped: "yes", civic.FigurePartly: "partly", civic.FigureNotHelped: "no"}[c.Figure]
		among("SELECT submission_id FROM ratings WHERE helped = '"+helped+"'", "rated_at")
	case civic.FigureSilent:
		f.add("s.agency <> ''")
		f.oneOf("s.state", texts(civic.AgencysTurn))
		f.add("s.received_at < ?", c.From)
		f.add("s.id NOT IN ("+events+eventActs+" AND at >= ?)", c.From)
	case civic.FigureForeseen: // the caller names the cases
	}
}

// CountStates implements store.Submissions.
func (t submissions) CountStates(ctx context.Context, q store.QueueQuery) (map[civic.State]int, error) {
	return countBy[civic.State](ctx, t, "s.state", q)
}

// CountAgencies implements store.Submissions.
func (t submissions) CountAgencies(ctx context.Context, q store.QueueQuery) (map[civic.AgencyCode]int, error) {
	return countBy[civic.AgencyCode](ctx, t, "s.agency", q)
}

func countBy[K ~string](ctx context.Context, t submissions, column string, q store.QueueQuery) (map[K]int, error) {
	counts := map[K]int{}
	if matchesNothing(q) {
		return counts, nil
	}
	f := queueFilter(t.d, q)
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var key string
		var n int
		err := r.Scan(&key, &n)
		counts[K(key)] = n
		return struct{}{}, err
	}, "SELECT "+column+", count(*) FROM submissions s WHERE "+f.String()+" GROUP BY 1", f.args...)
	return counts, err
}

// DueUntil implements store.Submissions. The condition of the index comes with
// the states.
func (t submissions) DueUntil(ctx context.Context, scope []civic.AgencyCode, from, until time.Time) ([]store.Due, error) {
	q := store.QueueQuery{Scope: scope, States: civic.AgencysTurn, DueFrom: from, DueUntil: until}
	if matchesNothing(q) {
		return nil, nil
	}
	f := queueFilter(t.d, q)
	f.add("s.agency <> ''")
	return list(ctx, t.tx, func(r row) (d store.Due, err error) { return d, r.Scan(&d.ID, &d.Agency, at(&d.DueAt)) },
		"SELECT s.id, s.agency, s.due_at FROM submissions s WHERE "+f.String()+" ORDER BY s.due_at, s.id", f.args...)
}

// HandedBack implements store.Figures.
func (t figures) HandedBack(ctx context.Context, scope []civic.AgencyCode, from, until time.Time) (map[civic.AgencyCode]int, error) {
	f := &filter{d: t.d}
	f.add(eventHandling+" AND type = 'handed_back' AND at >= ? AND at < ?", from, until)
	if scope != nil {
		f.add("submission_id IN (SELECT s.id FROM submissions s WHERE s.agency IN LIST(?))", t.d.set(texts(scope)))
	}
	counts := map[civic.AgencyCode]int{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var code string
		var n int
		err := r.Scan(&code, &n)
		counts[civic.AgencyCode(code)] = n
		return struct{}{}, err
	}, "SELECT agency, count(DISTINCT submission_id) FROM events WHERE "+f.String()+" GROUP BY agency", f.args...)
	return counts, err
}
