// Package timetable knows the time limits and the calendar that hold now, and
// computes deadlines by them. What people change on its pages lies in the
// store; each process keeps a plan of it in memory and looks a few times a
// minute whether it is still the newest, so that receiving asks nobody.
package timetable

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/worktime"
)

// RefreshEvery is how often a process looks for a change that another one made.
const RefreshEvery = 5 * time.Second

// Settled is how long after a change every process counts by it, with a margin
// for a slow one: deadlines are computed anew only then.
const Settled = 3 * RefreshEvery

// Plan is what holds at one revision. It is read-only and safe for concurrent
// use.
type Plan struct {
	Registry *civic.Registry
	Calendar *worktime.Calendar
	Limits   civic.LimitTable
	Revision int64
}

// Limit returns the limit of a use for a case.
func (p *Plan) Limit(use civic.LimitUse, c civic.Clock) civic.Limit {
	return p.Limits.For(p.Registry, c.Key(use), c.Began())
}

// General returns the limit of a use that holds for a case received now, before
// anything of it is known but the kind; an empty kind is any.
func (p *Plan) General(use civic.LimitUse, kind civic.Kind, now time.Time) civic.Limit {
	return p.Limits.For(p.Registry, civic.LimitKey{Use: use, Kind: kind}, now)
}

// Deadlines are what a clock amounts to.
type Deadlines struct{ Due, FirstDue, ForwardDue time.Time }

// Deadlines computes the deadlines of a case out of when its clock began, every
// pause, and by how much it was extended. FirstDue is zero unless it was.
func (p *Plan) Deadlines(c civic.Clock) (d Deadlines) {
	pauses := make([]civic.Pause, len(c.Asked))
	for i, a := range c.Asked {
		pauses[i] = a.Pause()
	}
	limit := p.Limit(civic.ForAnswer, c)
	d.Due = p.Calendar.Due(c.Began(), limit, pauses...)
	if c.Extended > 0 {
		d.FirstDue = d.Due
		limit.Amount += c.Extended
		d.Due = p.Calendar.Due(c.Began(), limit, pauses...)
	}
	d.ForwardDue = p.Calendar.Due(c.Began(), p.Limit(civic.ForForwarding, c))
	return d
}

// Reset computes the answer deadline of a case anew, as after a pause or an
// extension. A case without one, which an import brought, keeps none.
func (p *Plan) Reset(sub *civic.Submission, asked []civic.Inquiry) {
	if sub.DueAt.IsZero() {
		return
	}
	d := p.Deadlines(civic.ClockOf(*sub, asked))
	sub.DueAt = d.Due
	if sub.Extended > 0 {
		sub.FirstDueAt = d.FirstDue
	}
}

// Passed computes the deadlines of a case anew that changed hands or became
// urgent, where another limit holds for it now. Where the same holds, nothing
// moves: no hand-over restarts a clock.
func (p *Plan) Passed(before civic.Submission, sub *civic.Submission, asked []civic.Inquiry) {
	was, is := civic.ClockOf(before, asked), civic.ClockOf(*sub, asked)
	if p.Limit(civic.ForAnswer, was) != p.Limit(civic.ForAnswer, is) {
		p.Reset(sub, asked)
	}
	if !sub.ForwardDueAt.IsZero() && p.Limit(civic.ForForwarding, was) != p.Limit(civic.ForForwarding, is) {
		sub.ForwardDueAt = p.Deadlines(is).ForwardDue
	}
}

// Times gives the plan that holds. New or Fixed makes it.
type Times struct {
	store    store.Store
	registry *civic.Registry
	plan     atomic.Pointer[Plan]
}

// New returns times that follow the store. Until the first Refresh the
// registry's own limits and calendar hold.
func New(st store.Store, reg *civic.Registry) (*Times, error) {
	t, err := Fixed(reg)
	if err != nil {
		return nil, err
	}
	t.store = st
	return t, nil
}

// Fixed returns times by which the registry's limits and calendar hold for
// ever.
func Fixed(reg *civic.Registry) (*Times, error) {
	calendar, err := worktime.New(reg.Calendar)
	if err != nil {
		return nil, fmt.Errorf("make the calendar: %w", err)
	}
	t := &Times{registry: reg}
	t.plan.Store(&Plan{Registry: reg, Calendar: calendar, Limits: reg.Limits.Versions(), Revision: -1})
	return t, nil
}

// Now returns the plan that holds.
func (t *Times) Now() *Plan { return t.plan.Load() }

// Refresh takes up what was changed since, by this process or another one.
func (t *Times) Refresh(ctx context.Context) error {
	if t.store == nil {
		return nil
	}
	var fresh *Plan
	err := t.store.View(ctx, func(tx store.Tx) (err error) {
		fresh = nil
		revision, err := tx.Timetable().Revision(ctx)
		if err != nil || revision == t.Now().Revision {
			return err
		}
		fresh, err = Read(ctx, tx, t.registry)
		return err
	})
	if err != nil {
		return fmt.Errorf("read limits and calendar: %w", err)
	}
	if fresh != nil {
		t.plan.Store(fresh)
	}
	return nil
}

// Read makes the plan of what the store has. A store that nothing was taken up
// into yet has the registry's.
func Read(ctx context.Context, tx store.Tx, reg *civic.Registry) (*Plan, error) {
	return ReadUntil(ctx, tx, reg, math.MaxInt64, math.MaxInt64)
}

// ReadUntil is Read without the versions after an id of a limit and of a day.
func ReadUntil(ctx context.Context, tx store.Tx, reg *civic.Registry, limit, day int64) (*Plan, error) {
	limits, err := tx.Timetable().Limits(ctx)
	if err != nil {
		return nil, err
	}
	days, err := tx.Timetable().Days(ctx)
	if err != nil {
		return nil, err
	}
	p := &Plan{Registry: reg}
	if p.Revision, err = tx.Timetable().Revision(ctx); err != nil {
		return nil, err
	}
	days = slices.DeleteFunc(days, func(v civic.DayVersion) bool { return v.ID > day })
	p.Limits = limits.Until(limit)
	if len(p.Limits) == 0 {
		p.Limits = reg.Limits.Versions()
	}
	rows := civic.DaysOf(days)
	if len(days) == 0 {
		rows = reg.Calendar
	}
	if p.Calendar, err = worktime.New(rows); err != nil {
		return nil, fmt.Errorf("make the calendar: %w", err)
	}
	return p, nil
}

// With returns the plan as it would be with more versions.
func (p *Plan) With(limits []civic.LimitVersion, days []civic.DayVersion, known []civic.DayVersion) (*Plan, error) {
	next := *p
	next.Limits = append(append(civic.LimitTable{}, p.Limits...), limits...)
	if len(days) > 0 {
		calendar, err := worktime.New(civic.DaysOf(append(append([]civic.DayVersion{}, known...), days...)))
		if err != nil {
			return nil, err
		}
		next.Calendar = calendar
	}
	return &next, nil
}
