package memlimit

import (
	"strconv"
	"testing"
	"time"

	"hienke/internal/limit"
	"hienke/internal/limit/limittest"
	"hienke/internal/testkit"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	limittest.Run(t, func(_ *testing.T, now func() time.Time) limit.Limiter { return New(now, 0) })
}

var hourly = limit.Rule{Name: "hourly", Burst: 1, Every: time.Hour}

func TestItRemembersNoMoreThanItsKeysAndForgetsTheOldest(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	l := New(clock.Now, 3)
	for i := range 1000 {
		l.Allow(t.Context(), hourly, strconv.Itoa(i))
	}
	if len(l.buckets) != 3 || l.recent.Len() != 3 {
		t.Fatalf("it remembers %d keys in a list of %d, want 3", len(l.buckets), l.recent.Len())
	}
	for i := 999; i > 996; i-- {
		if l.Allow(t.Context(), hourly, strconv.Itoa(i)).Allowed {
			t.Errorf("the recent key %d is forgotten", i)
		}
	}
}

func TestAKeyInUseOutlivesOthers(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	l := New(clock.Now, 3)
	twice := limit.Rule{Name: "twice", Burst: 2, Every: time.Hour}
	for _, key := range []string{"used", "a", "b", "used", "c"} { // "a" was used longest ago
		l.Allow(t.Context(), twice, key)
	}
	if l.Allow(t.Context(), twice, "used").Allowed {
		t.Error("a key was forgotten although another was used longer ago")
	}
}

func TestWhatAFloodLeftGoesAway(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	l := New(clock.Now, 0)
	for i := range 1000 {
		l.Allow(t.Context(), hourly, strconv.Itoa(i))
	}
	clock.Advance(time.Hour)
	for range 1000 {
		l.Allow(t.Context(), hourly, "somebody")
	}
	if len(l.buckets) != 1 {
		t.Errorf("it still remembers %d keys", len(l.buckets))
	}
}

func BenchmarkAllow(b *testing.B) {
	l := New(time.Now, 0)
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			l.Allow(b.Context(), hourly, strconv.Itoa(i%100_000))
		}
	})
}
