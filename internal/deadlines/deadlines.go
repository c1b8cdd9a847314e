// Package deadlines is where the time limits and the calendar are looked after:
// people change them on pages, see first which open cases a change touches, and
// afterwards what moved. Every version stays.
//
// The registry's files are where both start from. At each start what the files
// have and the store has never seen is taken up, and what they say differently
// where only files have spoken so far; what people wrote wins over the files.
package deadlines

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Service looks after limits and calendar. All fields but Part and Committed
// are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
	// Part is how many cases one job computes anew; zero means 100.
	Part int
	// Committed is told that the outbox has something new.
	Committed func()
}

// shown is how many moves a preview names. It counts all of them.
const shown = 100

// clocksAtOnce bounds one look at open cases.
const clocksAtOnce = 1000

// Preview is what a change would do to the open cases.
type Preview struct {
	// Looked counts the open cases with a deadline; Moved those whose deadline
	// for the answer would move; Kept those of them that stay, because they would
	// be late at once.
	Looked, Moved, Kept int
	// First are the first of both.
	First []civic.Move
}

// preview walks the open cases and computes what the plan next makes of them.
func (s *Service) preview(ctx context.Context, was, next *timetable.Plan) (Preview, error) {
	var out Preview
	now := s.Now()
	for after := civic.SubmissionID(0); ; {
		var clocks []civic.Clock
		err := s.Store.View(ctx, func(tx store.Tx) (err error) {
			clocks, err = tx.Recounts().Clocks(ctx, after, clocksAtOnce)
			return err
		})
		if err != nil {
			return Preview{}, fmt.Errorf("look at the open cases: %w", err)
		}
		for _, c := range clocks {
			m := timetable.Recount(was, next, c, now).Move
			out.Looked++
			switch {
			case m.Kept:
				out.Kept++
			case !m.New.Equal(m.Old):
				out.Moved++
			default:
				continue
			}
			if len(out.First) < shown {
				out.First = append(out.First, m)
			}
		}
		if len(clocks) < clocksAtOnce {
			return out, nil
		}
		after = clocks[len(clocks)-1].Submission
	}
}

// changed lets this process count by a change at once.
func (s *Service) changed(ctx context.Context) error {
	if s.Committed != nil {
		s.Committed()
	}
	return s.Times.Refresh(ctx)
}

// begin asks for the open deadlines to be computed anew, once every process
// counts by what changed. It comes before the change is written.
func (s *Service) begin(ctx context.Context, tx store.Tx, by civic.UserID, over civic.RecountOver, now time.Time) error {
	limits, err := tx.Timetable().Limits(ctx)
	if err != nil {
		return err
	}
	days, err := tx.Timetable().Days(ctx)
	if err != nil {
		return err
	}
	r := civic.Recount{AskedAt: now, AskedBy: by, Reason: over}
	if len(limits) > 0 {
		r.Limit = limits[len(limits)-1].ID
	}
	if len(days) > 0 {
		r.Day = days[len(days)-1].ID
	}
	_, err = tx.Recounts().Add(ctx, r, now.Add(timetable.Settled))
	return err
}

// TakeUp takes up the registry's files; see the package.
func (s *Service) TakeUp(ctx context.Context) error {
	now := s.Now()
	fresh := false
	err := s.Store.View(ctx, func(tx store.Tx) error {
		limits, days, _, err := s.unseen(ctx, tx, now)
		fresh = len(limits)+len(days) > 0
		return err
	})
	if err == nil && fresh {
		err = s.takeUp(ctx, now)
	}
	if err != nil {
		return fmt.Errorf("take up limits and calendar: %w", err)
	}
	return s.changed(ctx)
}

// unseen is what the files have and the store has not, and the days that the
// store knows.
func (s *Service) unseen(ctx context.Context, tx store.Tx, now time.Time) ([]civic.LimitVersion, []civic.DayVersion, []civic.DayVersion, error) {
	limits, err := tx.Timetable().Limits(ctx)
	if err != nil {
		return nil, nil, nil, err
	}
	known, err := tx.Timetable().Days(ctx)
	return s.newLimits(limits, now), s.newDays(known, now), known, err
}

func (s *Service) takeUp(ctx context.Context, now time.Time) error {
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Timetable().Change(ctx); err != nil {
			return err
		}
		newLimits, newDays, known, err := s.unseen(ctx, tx, now) // again: another process may have been quicker
		if err != nil {
			return err
		}
		if len(known) > 0 && len(newDays) > 0 { // else nothing was ever counted otherwise
			open, err := running(ctx, tx)
			if err != nil {
				return err
			}
			if open != nil { // the days wait for the next start
				return add(ctx, tx, newLimits, nil)
			}
			if err := s.begin(ctx, tx, 0, civic.OverRegistry, now); err != nil {
				return err
			}
		}
		return add(ctx, tx, newLimits, newDays)
	})
}

// add writes versions.
func add(ctx context.Context, tx store.Tx, limits []civic.LimitVersion, days []civic.DayVersion) error {
	for _, v := range limits {
		if err := tx.Timetable().AddLimit(ctx, v); err != nil {
			return err
		}
	}
	for _, v := range days {
		if err := tx.Timetable().AddDay(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// newLimits are the limits of the file that the store has not seen. Where one
// changed it holds for cases that come from now on.
func (s *Service) newLimits(known civic.LimitTable, now time.Time) []civic.LimitVersion {
	newest := map[civic.LimitKey]civic.LimitVersion{}
	for _, v := range known {
		newest[v.LimitKey] = v
	}
	var out []civic.LimitVersion
	for _, v := range s.Registry.Limits.Versions() {
		old, ok := newest[v.LimitKey]
		if ok && (old.WrittenBy != 0 || old.Limit == v.Limit) {
			continue
		}
		if v.WrittenAt = now; ok {
			v.From = now
		}
		out = append(out, v)
	}
	return out
}

// newDays are the days of the file that the store has not seen, or has from an
// older file.
func (s *Service) newDays(known []civic.DayVersion, now time.Time) []civic.DayVersion {
	newest := map[civic.Date]civic.DayVersion{}
	for _, v := range known {
		newest[v.Date] = v
	}
	var out []civic.DayVersion
	for _, day := range s.Registry.Calendar {
		old, ok := newest[day.Date]
		if ok && (old.WrittenBy != 0 || old.Kind == day.Kind && old.Certainty == day.Certainty && old.Source == day.Source) {
			continue
		}
		out = append(out, civic.DayVersion{CalendarDay: day, WrittenAt: now})
	}
	return out
}
