package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/forecast"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// SilentDays is for how many whole working days nobody did anything about a case
// before it counts as silent: a week of work.
const SilentDays = 5

// Ages are where the ages of open cases begin, in calendar days since receipt.
var Ages = []int{0, 7, 14, 21, 30, 60}

// Where says which cases of the queue a figure counted.
type Where struct {
	Counted civic.Counted
	State   civic.State      // empty: every open one
	Settled bool             // the settled ones too
	Agency  civic.AgencyCode // empty: any
	Overdue bool             // only those whose deadline has passed
}

// Count is a figure with the way to exactly the cases in it.
type Count struct {
	Cases int
	Where Where
}

// Age is what is open of one age.
type Age struct {
	Least, Below int // days since receipt; Below is 0 for the oldest
	States       []Count
	All, Overdue Count
}

// FlowWeek is what came and went within seven days from Monday.
type FlowWeek struct {
	From                        time.Time
	Received, Returned, Settled Count
}

// AgencyWork is how one agency stands.
type AgencyWork struct {
	Agency                                      civic.AgencyCode
	Open, Overdue, Foreseen, Silent, HandedBack Count
	// Due are the cases whose deadline comes before the forecast ends; Rate is
	// how many the agency settled on a working day. Without Due it is not
	// known.
	Due  int
	Rate float64
}

// AllSilent reports whether nobody did anything about any of its cases.
func (a AgencyWork) AllSilent() bool { return a.Silent.Cases > 0 && a.Silent.Cases == a.Open.Cases }

// Steering is what a head of office steers by.
type Steering struct {
	At       time.Time
	From     time.Time // of the weeks shown
	Until    time.Time // to which it is foreseen
	Silence  time.Time // since when silent cases had no act
	Ages     []Age
	Flow     []FlowWeek // the oldest first
	Agencies []AgencyWork
	Waits    []Wait        // by state, in the order of the workflow
	Opinions []OpinionWait // that the cases wait for, the most late first
	Asked    OpinionWait   // that others wait for: their agencies asked the reach
	Foreseen Count
	Helped   []Count // yes, partly, no
	Reopened Count
	Undone   Count
}

// Wait is what is open in one state, which says who is waited for.
type Wait struct {
	State        civic.State
	All, Overdue Count
}

// OpinionWait is how many opinions an agency is asked for and has not given.
type OpinionWait struct {
	Agency      civic.AgencyCode
	Asked, Late int
}

// SteeringRequest says what is to be counted.
type SteeringRequest struct {
	Weeks  int              // this one included
	Within civic.AgencyCode // an agency and those below it; empty: the whole reach
}

// Steering counts what is open, late and silent in the actor's reach.
func (s *Service) Steering(ctx context.Context, actor civic.Actor, r SteeringRequest) (Steering, error) {
	if err := actor.CheckPermission(civic.SeeSteering); err != nil {
		return Steering{}, err
	}
	root := r.Within
	if _, ok := s.Registry.Agency(root); root != "" && (!ok || !actor.Reaches(s.Registry, root)) {
		return Steering{}, errs.New(errs.NotFound, "agency.not_found")
	}
	if root == "" && actor.Bound() {
		root = actor.Agency
	}
	c := counting{plan: s.Times.Now(), now: s.Now()}
	if root != "" {
		c.scope = s.Registry.Subtree(root)
	}
	var out Steering
	err := s.Store.View(ctx, func(tx store.Tx) error {
		c.tx, out = tx, Steering{At: c.now, Silence: silentSince(c.plan, c.now)}
		monday := civic.MondayOf(c.now)
		out.From = monday.AddDate(0, 0, -7*(min(max(r.Weeks, 1), MaxWeeks)-1))
		for _, read := range []func(context.Context, *Steering) error{c.waits, c.opinions, c.ages, c.flow, c.agencies, c.quality} {
			if err := read(ctx, &out); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return Steering{}, fmt.Errorf("count what is open: %w", err)
	}
	return out, nil
}

// silentSince returns the beginning of the last SilentDays whole working days.
func silentSince(plan *timetable.Plan, now time.Time) time.Time {
	const longest = 60 // days of rest in a row end before
	day := civic.DateOf(now).Start()
	for left, n := SilentDays, 0; left > 0 && n < longest; n++ {
		if day = day.AddDate(0, 0, -1); plan.Calendar.IsWorkingDay(civic.DateOf(day)) {
			left--
		}
	}
	return day
}

// counting counts within one look at the store.
type counting struct {
	tx    store.Tx
	plan  *timetable.Plan
	scope []civic.AgencyCode
	now   time.Time
}

// query is where a figure leads, as the store takes it.
func (c *counting) query(w Where) store.QueueQuery {
	q := store.QueueQuery{Scope: c.scope, Counted: w.Counted}
	switch {
	case w.State != "":
		q.States = []civic.State{w.State}
	case w.Settled:
		q.States = civic.States
	}
	if w.Agency != "" {
		q.Agencies = []civic.AgencyCode{w.Agency}
	}
	if w.Overdue {
		q.DueUntil = c.now
	}
	return q
}

func (c *counting) count(ctx context.Context, w Where) (Count, error) {
	n, err := c.tx.Submissions().CountQueue(ctx, c.query(w))
	return Count{n, w}, err
}

// counts fills each count by its own Where.
func (c *counting) counts(ctx context.Context, list ...*Count) error {
	for _, one := range list {
		var err error
		if *one, err = c.count(ctx, one.Where); err != nil {
			return err
		}
	}
	return nil
}

func (c *counting) ages(ctx context.Context, out *Steering) error {
	today := civic.DateOf(c.now).Start()
	for i, least := range Ages {
		received := civic.Counted{Figure: civic.FigureReceived}
		age := Age{Least: least}
		if i > 0 {
			received.Until = today.AddDate(0, 0, 1-least)
		}
		if i+1 < len(Ages) {
			age.Below = Ages[i+1]
			received.From = today.AddDate(0, 0, 1-age.Below)
		}
		states, err := c.tx.Submissions().CountStates(ctx, c.query(Where{Counted: received}))
		if err != nil {
			return err
		}
		age.All.Where = Where{Counted: received}
		for _, state := range civic.Open {
			age.States = append(age.States, Count{states[state], Where{Counted: received, State: state}})
			age.All.Cases += states[state]
		}
		age.Overdue.Where = Where{Counted: received, Overdue: true}
		if err := c.counts(ctx, &age.Overdue); err != nil {
			return err
		}
		out.Ages = append(out.Ages, age)
	}
	return nil
}

func (c *counting) flow(ctx context.Context, out *Steering) error {
	for week := out.From; !week.After(c.now); week = week.AddDate(0, 0, 7) {
		of := func(f civic.Figure) Count {
			return Count{Where: Where{Counted: civic.Counted{Figure: f, From: week, Until: week.AddDate(0, 0, 7)}, Settled: true}}
		}
		w := FlowWeek{week, of(civic.FigureReceived), of(civic.FigureReturned), of(civic.FigureSettled)}
		if err := c.counts(ctx, &w.Received, &w.Returned, &w.Settled); err != nil {
			return err
		}
		out.Flow = append(out.Flow, w)
	}
	return nil
}

func (c *counting) quality(ctx context.Context, out *Steering) error {
	of := func(f civic.Figure) Count {
		return Count{Where: Where{Counted: civic.Counted{Figure: f, From: out.From, Until: civic.MondayOf(c.now).AddDate(0, 0, 7)}, Settled: true}}
	}
	out.Helped = []Count{of(civic.FigureHelped), of(civic.FigurePartly), of(civic.FigureNotHelped)}
	out.Reopened, out.Undone = of(civic.FigureReopened), of(civic.FigureUndone)
	return c.counts(ctx, &out.Helped[0], &out.Helped[1], &out.Helped[2], &out.Reopened, &out.Undone)
}

// agencies counts what each agency has open, and what is foreseen.
func (c *counting) agencies(ctx context.Context, out *Steering) error {
	foreseen, err := forecast.Foresee(ctx, c.tx, c.plan, c.scope, c.now)
	if err != nil {
		return err
	}
	out.Until = foreseen.Until
	out.Foreseen.Where = Where{Counted: civic.Counted{Figure: civic.FigureForeseen}}
	rows := map[civic.AgencyCode]*AgencyWork{}
	row := func(code civic.AgencyCode) *AgencyWork {
		if rows[code] == nil {
			rows[code] = newAgencyWork(code, out, civic.MondayOf(c.now).AddDate(0, 0, 7))
		}
		return rows[code]
	}
	for _, a := range foreseen.Agencies {
		r := row(a.Agency)
		r.Due, r.Rate, r.Foreseen.Cases = a.Due, a.Rate, len(a.Late)
		out.Foreseen.Cases += len(a.Late)
	}
	for _, part := range []struct {
		where Where
		into  func(*AgencyWork) *Count
	}{
		{Where{}, func(a *AgencyWork) *Count { return &a.Open }},
		{Where{Overdue: true}, func(a *AgencyWork) *Count { return &a.Overdue }},
		{Where{Counted: civic.Counted{Figure: civic.FigureSilent, From: out.Silence}}, func(a *AgencyWork) *Count { return &a.Silent }},
	} {
		found, err := c.tx.Submissions().CountAgencies(ctx, c.query(part.where))
		if err != nil {
			return err
		}
		for code, n := range found {
			if code != "" { // what no agency has is in the ages
				part.into(row(code)).Cases = n
			}
		}
	}
	back, err := c.tx.Figures().HandedBack(ctx, c.scope, out.From, c.now)
	if err != nil {
		return err
	}
	for code, n := range back {
		if code != "" {
			row(code).HandedBack.Cases = n
		}
	}
	for _, r := range rows {
		out.Agencies = append(out.Agencies, *r)
	}
	slices.SortFunc(out.Agencies, func(a, b AgencyWork) int {
		return cmp.Or(b.Overdue.Cases-a.Overdue.Cases, b.Foreseen.Cases-a.Foreseen.Cases, b.Silent.Cases-a.Silent.Cases,
			b.Open.Cases-a.Open.Cases, cmp.Compare(a.Agency, b.Agency))
	})
	return nil
}

func newAgencyWork(code civic.AgencyCode, out *Steering, until time.Time) *AgencyWork {
	a := &AgencyWork{Agency: code}
	a.Open.Where = Where{Agency: code}
	a.Overdue.Where = Where{Agency: code, Overdue: true}
	a.Foreseen.Where = Where{Agency: code, Counted: civic.Counted{Figure: civic.FigureForeseen}}
	a.Silent.Where = Where{Agency: code, Counted: civic.Counted{Figure: civic.FigureSilent, From: out.Silence}}
	a.HandedBack.Where = Where{Settled: true, Counted: civic.Counted{Figure: civic.FigureHandedBack, From: out.From, Until: until, By: code}}
	return a
}

// Counts lists every figure once.
func (s Steering) Counts() []Count {
	var out []Count
	for _, a := range s.Ages {
		out = append(append(out, a.States...), a.All, a.Overdue)
	}
	for _, f := range s.Flow {
		out = append(out, f.Received, f.Returned, f.Settled)
	}
	out = append(out, s.Foreseen)
	for _, a := range s.Agencies {
		out = append(out, a.Open, a.Overdue, a.Foreseen, a.Silent, a.HandedBack)
	}
	return append(append(out, s.Helped...), s.Reopened, s.Undone)
}
