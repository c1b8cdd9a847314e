package worktime

import (
	"math"
	"sort"
	"time"

	"hienke/internal/civic"
)

// Days are handled as numbers: day 0 is Monday, 29 December 1969, so that n
// modulo 7 is the day of the week, Monday first.

const (
	daySeconds = 24 * 60 * 60
	// zoneSeconds is the distance of civic.Zone from UTC.
	zoneSeconds = 7 * 60 * 60
	// mondayShift is the number of 1 January 1970, a Thursday.
	mondayShift = 3
	// never is a day beyond every other, for pauses that are still open.
	never = math.MaxInt32
)

// numberOf returns the number of a day. Dates outside the calendar, such as
// 30 February, give the number of another day.
func numberOf(d civic.Date) int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix()/daySeconds) + mondayShift
}

// dateOf is the inverse of numberOf.
func dateOf(n int) civic.Date {
	y, m, d := time.Unix(int64(n-mondayShift)*daySeconds, 0).UTC().Date()
	return civic.Date{Year: y, Month: m, Day: d}
}

// dayOf returns the number of the day in civic.Zone at which at falls.
func dayOf(at time.Time) int {
	return floorDiv(int(at.Unix())+zoneSeconds, daySeconds) + mondayShift
}

// startOf returns the first instant of a day, in UTC.
func startOf(n int) time.Time {
	return time.Unix(int64(n-mondayShift)*daySeconds-zoneSeconds, 0).UTC()
}

// lastSecond is what Due gives for a limit that ends with day n.
func lastSecond(n int) time.Time { return startOf(n + 1).Add(-time.Second) }

// weekday reports whether the plain week works on day n: Monday to Friday.
func weekday(n int) bool { return floorMod(n, 7) < 5 }

// plainCount is the number of weekdays from day 0 up to and including n,
// negative before it; plainNth is its inverse, the first day with the count k.
func plainCount(n int) int { return floorDiv(n, 7)*5 + min(floorMod(n, 7)+1, 5) }

func plainNth(k int) int { return floorDiv(k-1, 5)*7 + floorMod(k-1, 5) }

// working reports whether day n is worked.
func (c *Calendar) working(n int) bool {
	if i := c.firstException(n); i < len(c.exceptions) && c.exceptions[i].day == n {
		return c.exceptions[i].working
	}
	return weekday(n)
}

// firstException returns the index of the first exception on or after day n.
func (c *Calendar) firstException(n int) int {
	return sort.Search(len(c.exceptions), func(i int) bool { return c.exceptions[i].day >= n })
}

// count is the number of working days up to and including n, from an origin
// of no meaning: only differences count. It never falls as n grows.
func (c *Calendar) count(n int) int {
	return plainCount(n) + c.changesBefore(c.firstException(n+1))
}

// changesBefore sums the changes of the first i exceptions.
func (c *Calendar) changesBefore(i int) int {
	if i == 0 {
		return 0
	}
	last := c.exceptions[i-1]
	return last.before + last.change()
}

// nth is the inverse of count: the first day with the count k, which is a
// working day. It looks for the plain stretch between two exceptions in which
// the count is reached: O(log exceptions).
func (c *Calendar) nth(k int) int {
	i := sort.Search(len(c.exceptions), func(i int) bool {
		e := c.exceptions[i]
		return plainCount(e.day)+e.before+e.change() >= k
	})
	n := plainNth(k - c.changesBefore(i))
	if i < len(c.exceptions) && n >= c.exceptions[i].day {
		// Reached by the exception itself, a weekend day that is worked: the
		// plain week alone would come to it later.
		return c.exceptions[i].day
	}
	return n
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int) int { return a - floorDiv(a, b)*b }
