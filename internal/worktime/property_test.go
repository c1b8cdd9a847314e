package worktime_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/worktime"
)

// world draws calendars, instants, limits and pauses from a fixed seed.
type world struct{ *rand.Rand }

func newWorld(seed uint64) world { return world{rand.New(rand.NewPCG(seed, 0x6869656e))} }

// calendar draws up to forty rows over about a year, crowded enough that
// exceptions meet each other, weekends and pauses.
func (w world) calendar() []civic.CalendarDay {
	origin := civic.Date{Year: 2026, Month: time.January, Day: 1}.Start().AddDate(0, 0, w.IntN(9)-4)
	seen := map[civic.Date]bool{}
	var rows []civic.CalendarDay
	for range w.IntN(40) {
		at := origin.AddDate(0, 0, w.IntN(120))
		row := civic.CalendarDay{Date: civic.DateOf(at), Kind: civic.Holiday}
		rest := at.Weekday() == time.Saturday || at.Weekday() == time.Sunday
		switch {
		case rest && w.IntN(3) > 0:
			row.Kind = civic.WorkingDay
		case !rest && w.IntN(2) > 0:
			row.Kind = civic.Compensation
		}
		if !seen[row.Date] {
			seen[row.Date] = true
			rows = append(rows, row)
		}
	}
	return rows
}

// instant draws a time near the calendar, on the minute; often at an edge.
func (w world) instant() time.Time {
	day := civic.Date{Year: 2025, Month: time.December, Day: 20}.Start().AddDate(0, 0, w.IntN(140))
	edges := []int{0, 8 * 60, 12 * 60, 13*60 + 30, 17*60 + 30, 24*60 - 1}
	minute := w.IntN(24 * 60)
	if w.IntN(3) == 0 {
		minute = edges[w.IntN(len(edges))]
	}
	return day.Add(time.Duration(minute) * time.Minute).UTC()
}

// pauses draws up to four: overlapping, nested, touching, empty, outside, and
// now and then an open one.
func (w world) pauses(near time.Time) []civic.Pause {
	var out []civic.Pause
	for range w.IntN(5) {
		from := near.Add(time.Duration(w.IntN(20*24*60)-5*24*60) * time.Minute)
		if len(out) > 0 && w.IntN(4) == 0 && !out[0].Until.IsZero() {
			from = out[0].Until
		}
		p := civic.Pause{From: from, Until: from.Add(time.Duration(w.IntN(9*24*60)-12*60) * time.Minute)}
		if w.IntN(3) == 0 { // ends with the day
			p.Until = civic.DateOf(p.Until).Start()
		}
		if w.IntN(12) == 0 {
			p.Until = time.Time{}
		}
		out = append(out, p)
	}
	return out
}

func (w world) limit() civic.Limit {
	clock := civic.ClockTypes[w.IntN(len(civic.ClockTypes))]
	return civic.Limit{Clock: clock, Amount: 1 + w.IntN(30)}
}

func mustCalendar(t testing.TB, rows []civic.CalendarDay) *worktime.Calendar {
	t.Helper()
	c, err := worktime.New(rows)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	return c
}

func TestDueAgreesWithTheTwin(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(seed)
			for i := range 200 {
				rows := w.calendar()
				c, slow := mustCalendar(t, rows), newTwin(rows, worktime.DefaultHours())
				start, limit := w.instant(), w.limit()
				pauses := w.pauses(start)
				got, want := c.Due(start, limit, pauses...), slow.due(start, limit, pauses, time.Minute)
				if !got.Equal(want) {
					t.Fatalf("case %d: Due(%v, %v, %v) = %v, the twin says %v\nrows %v", i, start, limit, pauses, got, want, rows)
				}
			}
		})
	}
}

// The twin of the other properties walks by the minute; this one by the
// second, over instants that are not on the minute.
func TestDueOfHoursIsExactToTheSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(11)
	for i := range 10 {
		rows := w.calendar()
		c, slow := mustCalendar(t, rows), newTwin(rows, worktime.DefaultHours())
		start := w.instant().Add(time.Duration(w.IntN(60)) * time.Second)
		limit := civic.Limit{Clock: civic.WorkingHours, Amount: 1 + w.IntN(8)}
		pauses := []civic.Pause{{From: start.Add(777 * time.Second), Until: start.Add(5555 * time.Second)}}
		if got, want := c.Due(start, limit, pauses...), slow.due(start, limit, pauses, time.Second); !got.Equal(want) {
			t.Fatalf("case %d: Due(%v, %v) = %v, the twin says %v", i, start, limit, got, want)
		}
	}
}

func TestElapsedAndRemainingAgreeWithTheTwin(t *testing.T) {
	t.Parallel()
	w := newWorld(21)
	for i := range 200 {
		rows := w.calendar()
		c, slow := mustCalendar(t, rows), newTwin(rows, worktime.DefaultHours())
		start, limit := w.instant(), w.limit()
		pauses := w.pauses(start)
		now := start.Add(time.Duration(w.IntN(20*24*60)-2*24*60) * time.Minute)
		if got, want := c.Elapsed(start, now, limit.Clock, pauses...), slow.elapsed(start, now, limit.Clock, pauses); got != want {
			t.Fatalf("case %d: Elapsed(%v, %v, %v, %v) = %d, the twin says %d", i, start, now, limit.Clock, pauses, got, want)
		}
		due := c.Due(start, limit, pauses...)
		if got, want := c.Remaining(now, due, limit.Clock, pauses...), slow.remaining(now, due, limit.Clock, pauses); got != want {
			t.Fatalf("case %d: Remaining(%v, %v, %v, %v) = %d, the twin says %d", i, now, due, limit.Clock, pauses, got, want)
		}
	}
}

// What is used and what is left add up to the limit while it runs, for clocks
// whose last day is never moved.
func TestElapsedAndRemainingAddUp(t *testing.T) {
	t.Parallel()
	w := newWorld(31)
	for i := range 2000 {
		rows := w.calendar()
		c := mustCalendar(t, rows)
		start, limit := w.instant(), w.limit()
		if limit.Clock == civic.CalendarDays {
			continue
		}
		pauses := w.pauses(start)
		due := c.Due(start, limit, pauses...)
		now := start.Add(time.Duration(w.IntN(10*24*60)) * time.Minute)
		if due.IsZero() || now.After(due) {
			continue
		}
		if got := c.Elapsed(start, now, limit.Clock, pauses...) + c.Remaining(now, due, limit.Clock, pauses...); got != limit.Amount {
			t.Fatalf("case %d: elapsed and remaining at %v of %v from %v add up to %d; pauses %v", i, now, limit, start, got, pauses)
		}
	}
}

func TestDueIsMonotone(t *testing.T) {
	t.Parallel()
	w := newWorld(41)
	for i := range 2000 {
		c := mustCalendar(t, w.calendar())
		start, limit := w.instant(), w.limit()
		pauses := w.pauses(start)
		due := c.Due(start, limit, pauses...)
		if due.IsZero() {
			continue
		}
		more := civic.Limit{Clock: limit.Clock, Amount: limit.Amount + 1}
		if later := c.Due(start, more, pauses...); !later.IsZero() && later.Before(due) {
			t.Fatalf("case %d: a longer limit is due earlier: %v before %v", i, later, due)
		}
		if later := c.Due(start.Add(time.Hour), limit, pauses...); !later.IsZero() && later.Before(due) {
			t.Fatalf("case %d: a later receipt is due earlier: %v before %v", i, later, due)
		}
		if plain := c.Due(start, limit); plain.After(due) {
			t.Fatalf("case %d: pauses brought the due date forward: %v, without them %v", i, due, plain)
		}
		for l, r := 0, len(pauses)-1; l < r; l, r = l+1, r-1 {
			pauses[l], pauses[r] = pauses[r], pauses[l]
		}
		if turned := c.Due(start, limit, pauses...); !turned.Equal(due) {
			t.Fatalf("case %d: the order of the pauses changed the due date", i)
		}
	}
}

func FuzzDue(f *testing.F) {
	f.Add(uint64(1), int64(1_767_000_000), uint16(15), uint8(1), int64(86_400), int64(200_000))
	f.Add(uint64(2), int64(-1_000), uint16(1), uint8(2), int64(-5), int64(0))
	f.Fuzz(func(t *testing.T, seed uint64, unix int64, amount uint16, clock uint8, pauseFrom, pauseLength int64) {
		const twoCenturies = 200 * 366 * 24 * 60 * 60
		w := newWorld(seed)
		c := mustCalendar(t, w.calendar())
		start := time.Unix(unix%twoCenturies, 0)
		limit := civic.Limit{Clock: civic.ClockTypes[int(clock)%len(civic.ClockTypes)], Amount: int(amount)}
		pause := civic.Pause{From: start.Add(time.Duration(pauseFrom % 1e16))}
		pause.Until = pause.From.Add(time.Duration(pauseLength % 1e16))
		due := c.Due(start, limit, pause)
		if due.IsZero() || due.Before(start) {
			t.Fatalf("Due(%v, %v, %v) = %v", start, limit, pause, due)
		}
		if limit.Amount > 0 && limit.Clock != civic.WorkingHours && !c.IsWorkingDay(civic.DateOf(due)) {
			t.Fatalf("due on a day of rest: %v", due)
		}
		if left := c.Remaining(start, due, limit.Clock, pause); left < limit.Amount {
			t.Fatalf("%d left of %v at receipt", left, limit)
		}
	})
}

func TestACalendarServesManyAtOnce(t *testing.T) {
	t.Parallel()
	c := mustCalendar(t, newWorld(1).calendar())
	limit := civic.Limit{Clock: civic.WorkingDays, Amount: 15}
	start := newWorld(2).instant()
	want := c.Due(start, limit)
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			if got := c.Due(start, limit); !got.Equal(want) {
				t.Errorf("Due = %v, want %v", got, want)
			}
		})
	}
}
