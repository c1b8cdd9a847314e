package testkit_test

import (
	"testing"
	"time"

	"hienke/internal/testkit"
)

func TestClock(t *testing.T) {
	t.Parallel()
	hanoi := time.FixedZone("+07", 7*60*60)
	clock := testkit.NewClock(time.Date(2026, 3, 3, 7, 0, 0, 0, hanoi))

	want := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC)
	if got := clock.Now(); got != want {
		t.Errorf("a new clock shows %v, want %v in UTC", got, want)
	}
	if got := clock.Now(); got != want {
		t.Errorf("asked again it shows %v: it moved by itself", got)
	}
	want = want.Add(36 * time.Hour)
	if got := clock.Advance(36 * time.Hour); got != want || clock.Now() != want {
		t.Errorf("advanced it shows %v and %v, want %v", got, clock.Now(), want)
	}
	clock.Set(want.In(hanoi))
	if got := clock.Now(); got != want {
		t.Errorf("set it shows %v, want %v", got, want)
	}
}
