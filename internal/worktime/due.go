package worktime

import (
	"time"

	"hienke/internal/civic"
)

// Due returns the instant, in UTC, until which a limit that began at start is
// kept; see the package comment for the rules. Pauses may overlap, come in any
// order and lie outside the limit. Due is zero when the clock stands still
// before the limit is used up, that is under an open pause; a caller who knows
// when the clock will run again at the latest closes the pause there. It is
// zero, too, for a clock type that civic does not name, and start itself for
// an amount below one.
func (c *Calendar) Due(start time.Time, limit civic.Limit, pauses ...civic.Pause) time.Time {
	if limit.Amount < 1 {
		return start.UTC()
	}
	switch limit.Clock {
	case civic.CalendarDays:
		return c.dueCalendarDays(dayOf(start), limit.Amount, pausedDays(pauses))
	case civic.WorkingDays:
		return c.dueWorkingDays(dayOf(start), limit.Amount, pausedDays(pauses))
	case civic.WorkingHours:
		return c.dueWorkingHours(start, time.Duration(limit.Amount)*time.Hour, merge(pauses))
	}
	return time.Time{}
}

// dueCalendarDays adds days that end with the clock running, then goes on to a
// working day.
func (c *Calendar) dueCalendarDays(day, need int, paused []dayRange) time.Time {
	for _, r := range paused {
		if day+need < r.first {
			break
		}
		if r.last == never {
			return time.Time{}
		}
		need -= max(0, r.first-1-day)
		day = max(day, r.last)
	}
	// One working day after the day before the last is the last day itself,
	// if it is worked, or else the next one that is.
	return c.dueWorkingDays(day+need-1, 1, paused)
}

// dueWorkingDays adds working days that end with the clock running.
func (c *Calendar) dueWorkingDays(day, need int, paused []dayRange) time.Time {
	for _, r := range paused {
		if c.nth(c.count(day)+need) < r.first {
			break
		}
		if r.last == never {
			return time.Time{}
		}
		need -= max(0, c.count(r.first-1)-c.count(day))
		day = max(day, r.last)
	}
	return lastSecond(c.nth(c.count(day) + need))
}

// dueWorkingHours adds office time outside the pauses.
func (c *Calendar) dueWorkingHours(at time.Time, need time.Duration, pauses []civic.Pause) time.Time {
	for _, p := range pauses {
		if after(at, p.Until) {
			continue
		}
		here := c.positionOf(at)
		if due := c.add(here, need); !due.After(p.From) {
			return due
		}
		if p.Until.IsZero() {
			return time.Time{}
		}
		if p.From.After(at) {
			need -= c.minus(c.positionOf(p.From), here)
		}
		at = p.Until
	}
	return c.add(c.positionOf(at), need)
}

// Elapsed returns how much of a limit that began at start is used at now, in
// the unit of the clock: days with today included, so that today is "day 12 of
// 15", or whole hours. It is 0 on the day of receipt and before it.
func (c *Calendar) Elapsed(start, now time.Time, clock civic.ClockType, pauses ...civic.Pause) int {
	if !start.Before(now) {
		return 0
	}
	if clock == civic.WorkingHours {
		return int(c.officeTime(start, now, merge(pauses)) / time.Hour)
	}
	return c.days(dayOf(start), dayOf(now), clock, pausedDays(pauses))
}

// Remaining returns how much is left at now until due, in the unit of the
// clock: 0 on the last day, 1 on the counting day before it, or hours begun.
// Past due it is negative: the counting days, or the whole hours, since then.
// Whether something is overdue is InTime's to say, as the first day of rest
// after due is 0 days away. A zero due, a clock that stands still, gives 0.
func (c *Calendar) Remaining(now, due time.Time, clock civic.ClockType, pauses ...civic.Pause) int {
	switch {
	case due.IsZero():
		return 0
	case clock != civic.WorkingHours:
		from, to := dayOf(now), dayOf(due)
		if from > to {
			return -c.days(to, from, clock, pausedDays(pauses))
		}
		return c.days(from, to, clock, pausedDays(pauses))
	case now.After(due):
		return -int(c.officeTime(due, now, merge(pauses)) / time.Hour)
	}
	return int((c.officeTime(now, due, merge(pauses)) + time.Hour - 1) / time.Hour)
}

// days counts the days after from, up to and including to, that the clock
// type counts and that end with the clock running.
func (c *Calendar) days(from, to int, clock civic.ClockType, paused []dayRange) int {
	span := func(from, to int) int { // days after from, up to and including to
		switch {
		case to <= from:
			return 0
		case clock == civic.CalendarDays:
			return to - from
		}
		return c.count(to) - c.count(from)
	}
	n := span(from, to)
	for _, r := range paused {
		n -= span(max(from, r.first-1), min(to, r.last))
	}
	return n
}

// officeTime is the office time from one instant to another, pauses left out.
func (c *Calendar) officeTime(from, to time.Time, pauses []civic.Pause) time.Duration {
	sum := c.span(from, to)
	for _, p := range pauses {
		begin, end := from, to
		if p.From.After(begin) {
			begin = p.From
		}
		if after(end, p.Until) {
			end = p.Until
		}
		sum -= c.span(begin, end)
	}
	return sum
}

// span is the office time from one instant to another, none if they are in
// the wrong order.
func (c *Calendar) span(from, to time.Time) time.Duration {
	if !from.Before(to) {
		return 0
	}
	return c.minus(c.positionOf(to), c.positionOf(from))
}
