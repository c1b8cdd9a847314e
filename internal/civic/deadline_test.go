package civic_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
)

func TestDatesAreThoseOfVietnam(t *testing.T) {
	t.Parallel()
	for at, want := range map[string]civic.Date{
		"2026-02-16T16:59:59Z": {Year: 2026, Month: 2, Day: 16},
		"2026-02-16T17:00:00Z": {Year: 2026, Month: 2, Day: 17},
		"2026-12-31T17:00:00Z": {Year: 2027, Month: 1, Day: 1},
	} {
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := civic.DateOf(instant); got != want {
			t.Errorf("DateOf(%s) = %v, want %v", at, got, want)
		}
	}
	start := civic.Date{Year: 2026, Month: 2, Day: 17}.Start()
	if got := start.UTC().Format(time.RFC3339); got != "2026-02-16T17:00:00Z" {
		t.Errorf("the day starts at %s", got)
	}
	if got := civic.DateOf(start); got != (civic.Date{Year: 2026, Month: 2, Day: 17}) {
		t.Errorf("the start of a day falls on %v", got)
	}
}

func TestAnswerLimitPerKind(t *testing.T) {
	t.Parallel()
	usual := civic.Limit{Clock: civic.WorkingDays, Amount: 15}
	own := civic.Limit{Clock: civic.CalendarDays, Amount: 60}
	limits := civic.Limits{Answer: usual, PerKind: map[civic.Kind]civic.Limit{civic.Initiative: own}}
	for _, k := range civic.Kinds {
		want := usual
		if k == civic.Initiative {
			want = own
		}
		if got := limits.AnswerFor(k); got != want {
			t.Errorf("AnswerFor(%s) = %v, want %v", k, got, want)
		}
	}
	if got := (civic.Limits{Answer: usual}).AnswerFor(civic.Feedback); got != usual {
		t.Errorf("AnswerFor without own limits = %v", got)
	}
}

// The words go into tables and the API: two with one spelling would be one.
func TestNamesOfClosedSetsDiffer(t *testing.T) {
	t.Parallel()
	distinct(t, civic.DueStates)
	distinct(t, civic.ClockTypes)
	distinct(t, civic.States)
	distinct(t, civic.Kinds)
	distinct(t, civic.Roles)
	distinct(t, civic.Outcomes)
	distinct(t, civic.PublicEvents)
}

func distinct[T ~string](t *testing.T, set []T) {
	t.Helper()
	seen := map[T]bool{"": true}
	for _, v := range set {
		if seen[v] {
			t.Errorf("%T %q is empty or there twice", v, v)
		}
		seen[v] = true
	}
}
