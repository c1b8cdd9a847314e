package worktime_test

import (
	"time"

	"hienke/internal/civic"
	"hienke/internal/worktime"
)

// twin is the slow, obvious calendar: it walks day by day, or step by step of
// the clock, and asks at each whether it counts. It shares no line with the
// package.
type twin struct {
	kinds map[civic.Date]civic.DayKind
	hours worktime.OfficeHours
}

func newTwin(days []civic.CalendarDay, hours worktime.OfficeHours) twin {
	t := twin{kinds: map[civic.Date]civic.DayKind{}, hours: hours}
	for _, d := range days {
		t.kinds[d.Date] = d.Kind
	}
	return t
}

// next is the following midnight.
func next(midnight time.Time) time.Time { return midnight.AddDate(0, 0, 1) }

func (t twin) works(midnight time.Time) bool {
	switch t.kinds[civic.DateOf(midnight)] {
	case civic.WorkingDay:
		return true
	case civic.Holiday, civic.Compensation:
		return false
	}
	return midnight.Weekday() != time.Saturday && midnight.Weekday() != time.Sunday
}

// standsAtEnd reports whether the last moment of the day lies in a pause.
func standsAtEnd(midnight time.Time, pauses []civic.Pause) bool {
	return stands(next(midnight).Add(-time.Nanosecond), pauses)
}

func stands(at time.Time, pauses []civic.Pause) bool {
	for _, p := range pauses {
		if !at.Before(p.From) && (p.Until.IsZero() || at.Before(p.Until)) {
			return true
		}
	}
	return false
}

// Days that the twin walks before it believes that the clock never runs again:
// more than the drawn limits, exceptions and pauses can need together.
const (
	horizon      = 300
	hoursHorizon = 100
)

func (t twin) due(start time.Time, limit civic.Limit, pauses []civic.Pause, step time.Duration) time.Time {
	if limit.Clock == civic.WorkingHours {
		return t.dueHours(start, limit.Amount, pauses, step)
	}
	left := limit.Amount
	day := civic.DateOf(start).Start()
	for range horizon {
		day = next(day)
		if standsAtEnd(day, pauses) {
			continue
		}
		if left > 0 && (limit.Clock == civic.CalendarDays || t.works(day)) {
			left--
		}
		if left == 0 && t.works(day) {
			return next(day).Add(-time.Second)
		}
	}
	return time.Time{}
}

func (t twin) dueHours(at time.Time, hours int, pauses []civic.Pause, step time.Duration) time.Time {
	left := time.Duration(hours) * time.Hour
	for end := at.AddDate(0, 0, hoursHorizon); at.Before(end); {
		if t.open(at) && !stands(at, pauses) {
			left -= step
		}
		at = at.Add(step)
		if left <= 0 {
			return at
		}
	}
	return time.Time{}
}

// open reports whether the office is open at the beginning of a step.
func (t twin) open(at time.Time) bool {
	midnight := civic.DateOf(at).Start()
	if !t.works(midnight) {
		return false
	}
	for _, s := range t.hours.Sessions {
		if since := at.Sub(midnight); since >= s.Opens && since < s.Closes {
			return true
		}
	}
	return false
}

// counted is the number of days after from's, up to and including to's, that
// count and end with the clock running; or the office time between, in steps.
func (t twin) counted(from, to time.Time, clock civic.ClockType, pauses []civic.Pause) int {
	n := 0
	last := civic.DateOf(to).Start()
	for day := next(civic.DateOf(from).Start()); !day.After(last); day = next(day) {
		if !standsAtEnd(day, pauses) && (clock == civic.CalendarDays || t.works(day)) {
			n++
		}
	}
	return n
}

func (t twin) office(from, to time.Time, pauses []civic.Pause) time.Duration {
	sum := time.Duration(0)
	for at := from; at.Before(to); at = at.Add(time.Minute) {
		if t.open(at) && !stands(at, pauses) {
			sum += time.Minute
		}
	}
	return sum
}

func (t twin) elapsed(start, now time.Time, clock civic.ClockType, pauses []civic.Pause) int {
	if clock == civic.WorkingHours {
		return int(t.office(start, now, pauses).Hours())
	}
	return t.counted(start, now, clock, pauses)
}

func (t twin) remaining(now, due time.Time, clock civic.ClockType, pauses []civic.Pause) int {
	if due.IsZero() {
		return 0
	}
	if clock != civic.WorkingHours {
		return t.counted(now, due, clock, pauses) - t.counted(due, now, clock, pauses)
	}
	ahead, behind := t.office(now, due, pauses), t.office(due, now, pauses)
	return int((ahead+59*time.Minute)/time.Hour) - int(behind/time.Hour)
}
