// Package forecast foresees which cases will be late, from their deadlines and
// from how fast each agency answered lately.
package forecast

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// RateDays is how many days back an agency's rate is taken from: eight weeks,
// long enough that a quiet week says little, short enough that a new head of
// office shows.
const RateDays = 8 * 7

// Agency is what is foreseen of one agency.
type Agency struct {
	Agency civic.AgencyCode
	// Rate is how many cases it answered or refused on a working day.
	Rate float64
	// Overdue are those that are late already, Due those whose deadline comes
	// before the end of what is foreseen.
	Overdue, Due int
	// Late are those of Due that will be late, by deadline.
	Late []civic.SubmissionID
}

// Forecast is what is foreseen until a moment.
type Forecast struct {
	Until    time.Time
	Agencies []Agency // the one with most late cases first
}

// Late lists the cases of all agencies.
func (f Forecast) Late() []civic.SubmissionID {
	out := []civic.SubmissionID{}
	for _, a := range f.Agencies {
		out = append(out, a.Late...)
	}
	return out
}

// Horizon is the end of the week after the one of a moment, up to which it is
// foreseen.
func Horizon(now time.Time) time.Time { return civic.MondayOf(now).AddDate(0, 0, 14) }

// settling are the states in which an agency leaves a case that it is done
// with; what it joins to another or the sender takes back is no answer.
var settling = civic.StateSet{civic.Answered, civic.Closed, civic.Rejected}

// Foresee tells which cases of a scope will be late by the Horizon. An agency
// works off its cases in the order of their deadlines, the late ones first, at
// the rate of the last RateDays. A case will be late where fewer cases can be
// worked off in the working days up to its deadline, today and that day
// included, than come up to it. What
// waits for the sender is not counted, nor what no agency has. A nil scope is
// everything.
func Foresee(ctx context.Context, tx store.Tx, plan *timetable.Plan, scope []civic.AgencyCode, now time.Time) (Forecast, error) {
	out := Forecast{Until: Horizon(now)}
	since := civic.MondayOf(now).AddDate(0, 0, -RateDays)
	settled, err := tx.Submissions().CountAgencies(ctx, store.QueueQuery{
		Scope: scope, States: settling, Counted: civic.Counted{Figure: civic.FigureSettled, From: since, Until: now},
	})
	if err != nil {
		return out, err
	}
	overdue, err := tx.Submissions().CountAgencies(ctx, store.QueueQuery{Scope: scope, States: civic.AgencysTurn, DueUntil: now})
	if err != nil {
		return out, err
	}
	due, err := tx.Submissions().DueUntil(ctx, scope, now, out.Until)
	if err != nil {
		return out, err
	}
	days := max(1, plan.Calendar.Elapsed(since.Add(-time.Second), now, civic.WorkingDays)) // the first day counts
	today := 0
	if plan.Calendar.IsWorkingDay(civic.DateOf(now)) {
		today = 1
	}
	at := map[civic.AgencyCode]int{}
	for _, d := range due {
		i, ok := at[d.Agency]
		if !ok {
			i, at[d.Agency] = len(out.Agencies), len(out.Agencies)
			out.Agencies = append(out.Agencies, Agency{
				Agency: d.Agency, Rate: float64(settled[d.Agency]) / float64(days), Overdue: overdue[d.Agency],
			})
		}
		a := &out.Agencies[i]
		a.Due++
		left := today + plan.Calendar.Remaining(now, d.DueAt, civic.WorkingDays)
		if float64(a.Overdue+a.Due) > a.Rate*float64(left) {
			a.Late = append(a.Late, d.ID)
		}
	}
	slices.SortFunc(out.Agencies, func(a, b Agency) int {
		return cmp.Or(len(b.Late)-len(a.Late), b.Due-a.Due, cmp.Compare(a.Agency, b.Agency))
	})
	return out, nil
}
