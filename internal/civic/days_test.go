package civic_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
)

func TestReadDate(t *testing.T) {
	t.Parallel()
	day := civic.Date{Year: 2026, Month: time.April, Day: 3}
	for _, s := range []string{"03/04/2026", "3/4/2026", "3-4-2026", "3.4.2026", " 3 / 4 / 2026 ", "2026-04-03", "2026/4/3"} {
		if got, err := civic.ReadDate(s); err != nil || got != day {
			t.Errorf("%q was read as %v, %v; want the third of April", s, got, err)
		}
	}
	if got, err := civic.ReadDate("  "); err != nil || got != (civic.Date{}) {
		t.Errorf("nothing was read as %v, %v", got, err)
	}
	for _, s := range []string{"hôm qua", "30/02/2026", "4/2026", "13/13/2026", "3/4/26", "3/4/2026 8:00"} {
		if got, err := civic.ReadDate(s); err == nil {
			t.Errorf("%q was read as %v", s, got)
		}
	}
}
