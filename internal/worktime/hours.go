package worktime

import (
	"errors"
	"fmt"
	"time"
)

// Session is a stretch of office time, as the time since midnight.
type Session struct{ Opens, Closes time.Duration }

// OfficeHours are the sessions of a working day, in order.
type OfficeHours struct{ Sessions []Session }

// DefaultHours are 08:00–12:00 and 13:30–17:30. No law sets the hours of every
// office: each agency and province sets its own. Eight hours are the normal
// day of the Labour Code 2019, art. 105, and these sessions are common; an
// office with others gives its own to NewWithHours.
func DefaultHours() OfficeHours {
	return OfficeHours{Sessions: []Session{
		{Opens: 8 * time.Hour, Closes: 12 * time.Hour},
		{Opens: 13*time.Hour + 30*time.Minute, Closes: 17*time.Hour + 30*time.Minute},
	}}
}

// check reports every fault: no session, or sessions that are empty, overlap
// or leave the day.
func (h OfficeHours) check() []error {
	if len(h.Sessions) == 0 {
		return []error{errors.New("office hours have no session")}
	}
	var problems []error
	free := time.Duration(0)
	for _, s := range h.Sessions {
		if s.Opens < free || s.Closes <= s.Opens || s.Closes > 24*time.Hour {
			problems = append(problems, fmt.Errorf("office session %v–%v is empty, out of order or outside the day", s.Opens, s.Closes))
		}
		free = s.Closes
	}
	return problems
}

// perDay is the office time of a whole day.
func (h OfficeHours) perDay() time.Duration { return h.until(24 * time.Hour) }

// until is the office time from midnight to t.
func (h OfficeHours) until(t time.Duration) time.Duration {
	sum := time.Duration(0)
	for _, s := range h.Sessions {
		sum += max(0, min(t, s.Closes)-s.Opens)
	}
	return sum
}

// reach is the inverse of until: the first time of the day at which the given
// office time, more than none and at most perDay, has passed.
func (h OfficeHours) reach(worked time.Duration) time.Duration {
	for _, s := range h.Sessions {
		if length := s.Closes - s.Opens; worked > length {
			worked -= length
			continue
		}
		return s.Opens + worked
	}
	return 24 * time.Hour // unreachable for worked <= perDay
}

// position is an instant on the scale of office time: whole working days
// before its own day, and the office time of that day. Keeping both apart
// holds any date without overflow.
type position struct {
	days   int
	worked time.Duration
}

// positionOf places an instant on the scale.
func (c *Calendar) positionOf(at time.Time) position {
	n := dayOf(at)
	p := position{days: c.count(n - 1)}
	if c.working(n) {
		p.worked = c.hours.until(at.Sub(startOf(n)))
	}
	return p
}

// minus is the office time from q to p.
func (c *Calendar) minus(p, q position) time.Duration {
	return time.Duration(p.days-q.days)*c.perDay + p.worked - q.worked
}

// add returns the first instant at which the office time need, more than none,
// has passed since p.
func (c *Calendar) add(p position, need time.Duration) time.Time {
	need += p.worked
	whole := int((need - 1) / c.perDay) // the rest is more than none
	day := c.nth(p.days + whole + 1)
	return startOf(day).Add(c.hours.reach(need - time.Duration(whole)*c.perDay))
}
