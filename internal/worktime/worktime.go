// Package worktime counts legal time limits: when something is due, how much
// of a limit has passed and how much is left. It is pure: the calendar is
// given once, the present moment with every call.
//
// The rules, all in civic.Zone:
//
//   - Calendar days. The day of receipt does not count (Civil Code 2015, art.
//     147). The limit ends with the n-th day after it; if that is a day of
//     rest, with the next working day (art. 148, 5).
//   - Working days. The same, but only working days count, so the limit ends
//     with the n-th working day after the day of receipt, whether or not that
//     day itself was worked.
//   - Working hours. Time counts from the instant of receipt and only inside
//     the office hours of working days.
//
// A day ends at midnight (art. 148, 6), not when the office closes. Due gives
// the last whole second of that day, 23:59:59, rather than the midnight after
// it, because due dates are printed: the midnight would show the next day. So
// a due instant is inclusive, and InTime compares in whole seconds.
//
// While a pause lasts the clock stands still. By the hour that is exact. By
// the day, a day is used up when it ends with the clock running: a pause takes
// as many days as there are midnights of counting days in it, and one that is
// over before the evening takes none.
package worktime

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
)

// Calendar knows the working days of every year and the hours of an office
// day. It is read-only and safe for concurrent use; New or NewWithHours makes
// it.
type Calendar struct {
	exceptions []exception // by day, ascending
	hours      OfficeHours
	perDay     time.Duration // office time of a whole working day
}

// exception is a day that is worked although the week rests, or the reverse.
type exception struct {
	day     int // day number
	working bool
	before  int // sum of the changes of the earlier exceptions: +1 worked, -1 off
}

// New returns a calendar with the default office hours. Days that no row names
// follow the week: Monday to Friday are worked. All faulty rows are reported
// together: a day that does not exist, two rows of different kinds for one
// day, a compensation on a day that the week gives off anyway, a working day
// that is one already.
func New(days []civic.CalendarDay) (*Calendar, error) {
	return NewWithHours(days, DefaultHours())
}

// NewWithHours is New with the hours of a particular office.
func NewWithHours(days []civic.CalendarDay, hours OfficeHours) (*Calendar, error) {
	problems := hours.check()
	kinds := make(map[int]civic.DayKind, len(days))
	for _, row := range days {
		n := numberOf(row.Date)
		if err := checkRow(row, n); err != nil {
			problems = append(problems, err)
			continue
		}
		if other, ok := kinds[n]; ok && other != row.Kind {
			problems = append(problems, fmt.Errorf("%s is both %s and %s", written(row.Date), other, row.Kind))
			continue
		}
		kinds[n] = row.Kind
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return &Calendar{
		exceptions: exceptionsOf(kinds),
		hours:      OfficeHours{Sessions: slices.Clone(hours.Sessions)},
		perDay:     hours.perDay(),
	}, nil
}

// checkRow reports what is wrong with one row taken by itself.
func checkRow(row civic.CalendarDay, n int) error {
	if dateOf(n) != row.Date {
		return fmt.Errorf("%s is not a day of the calendar", written(row.Date))
	}
	switch row.Kind {
	case civic.Holiday: // may fall on any day, Saturdays and Sundays included
	case civic.Compensation:
		if !weekday(n) {
			return fmt.Errorf("%s is a compensation on a day that is off anyway", written(row.Date))
		}
	case civic.WorkingDay:
		if weekday(n) {
			return fmt.Errorf("%s is a working day already", written(row.Date))
		}
	default:
		return fmt.Errorf("%s has the unknown kind %q", written(row.Date), row.Kind)
	}
	return nil
}

// exceptionsOf keeps the days on which the calendar departs from the week.
func exceptionsOf(kinds map[int]civic.DayKind) []exception {
	var out []exception
	for n, kind := range kinds {
		if working := kind == civic.WorkingDay; working != weekday(n) {
			out = append(out, exception{day: n, working: working})
		}
	}
	slices.SortFunc(out, func(a, b exception) int { return a.day - b.day })
	sum := 0
	for i := range out {
		out[i].before = sum
		sum += out[i].change()
	}
	return out
}

// change is what the exception adds to the number of working days.
func (e exception) change() int {
	if e.working {
		return 1
	}
	return -1
}

// IsWorkingDay reports whether the day is worked.
func (c *Calendar) IsWorkingDay(d civic.Date) bool { return c.working(numberOf(d)) }

// Hours returns the office hours that working hours are counted in.
func (c *Calendar) Hours() OfficeHours {
	return OfficeHours{Sessions: slices.Clone(c.hours.Sessions)}
}

// InTime reports whether at keeps the deadline due, comparing whole seconds. A
// zero due is a clock that stands still: everything is in time.
func InTime(due, at time.Time) bool {
	return due.IsZero() || at.Unix() <= due.Unix()
}

func written(d civic.Date) string {
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day)
}
