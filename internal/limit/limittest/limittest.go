// Package limittest holds what every limiter must do, sentence by sentence of
// package limit.
package limittest

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/limit"
	"hienke/internal/testkit"
)

// rule allows three at once and one more every ten seconds.
var rule = limit.Rule{Name: "test", Burst: 3, Every: 10 * time.Second}

// Run checks an implementation. open returns a limiter without counts that
// reads the time from now, and cleans up after itself through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) limit.Limiter) {
	tests := []struct {
		name string
		run  func(t *testing.T, l limit.Limiter, clock *testkit.Clock)
	}{
		{"a burst is allowed at once and the next event waits", testBurst},
		{"one event is refilled every interval", testRefill},
		{"the wait shrinks as time passes", testWait},
		{"a refused event does not count", testRefused},
		{"a long rest saves no more than a burst", testRest},
		{"keys are counted apart", testKeys},
		{"rules are counted apart", testRules},
		{"names that run into each other are counted apart", testNames},
		{"a burst of one is a pause between events", testSingle},
		{"a clock put back locks nobody out", testClockBack},
		{"events at the same moment are counted once each", testConcurrent},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 123456789, time.UTC))
			tt.run(t, open(t, clock.Now), clock)
		})
	}
}

// allow wants the next n events of a key to be allowed.
func allow(t *testing.T, l limit.Limiter, r limit.Rule, key string, n int) {
	t.Helper()
	for i := range n {
		if got := l.Allow(t.Context(), r, key); got != (limit.Verdict{Allowed: true}) {
			t.Fatalf("event %d of %d of %s/%s: %+v, want allowed", i+1, n, r.Name, key, got)
		}
	}
}

// refuse wants the next event of a key to be refused for wait.
func refuse(t *testing.T, l limit.Limiter, r limit.Rule, key string, wait time.Duration) {
	t.Helper()
	got := l.Allow(t.Context(), r, key)
	if got.Allowed {
		t.Fatalf("an event over the limit of %s/%s is allowed", r.Name, key)
	}
	if off := (got.RetryAfter - wait).Abs(); off > time.Millisecond {
		t.Errorf("the next of %s/%s is allowed after %v, want %v", r.Name, key, got.RetryAfter, wait)
	}
}

func testBurst(t *testing.T, l limit.Limiter, _ *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	refuse(t, l, rule, "a", rule.Every)
}

func testRefill(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	clock.Advance(rule.Every)
	allow(t, l, rule, "a", 1)
	refuse(t, l, rule, "a", rule.Every)
	clock.Advance(2 * rule.Every)
	allow(t, l, rule, "a", 2)
	refuse(t, l, rule, "a", rule.Every)
}

func testWait(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	clock.Advance(4 * time.Second)
	refuse(t, l, rule, "a", 6*time.Second)
	clock.Advance(6*time.Second - time.Millisecond)
	refuse(t, l, rule, "a", time.Millisecond)
	clock.Advance(2 * time.Millisecond)
	allow(t, l, rule, "a", 1)
}

func testRefused(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	for range 5 {
		refuse(t, l, rule, "a", rule.Every)
	}
	clock.Advance(rule.Every)
	allow(t, l, rule, "a", 1)
}

func testRest(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	allow(t, l, rule, "a", 1)
	clock.Advance(24 * time.Hour)
	allow(t, l, rule, "a", rule.Burst)
	refuse(t, l, rule, "a", rule.Every)
}

func testKeys(t *testing.T, l limit.Limiter, _ *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	allow(t, l, rule, "b", rule.Burst)
	refuse(t, l, rule, "a", rule.Every)
}

func testRules(t *testing.T, l limit.Limiter, _ *testkit.Clock) {
	other := limit.Rule{Name: "other", Burst: 1, Every: time.Hour}
	allow(t, l, rule, "a", rule.Burst)
	allow(t, l, other, "a", 1)
	refuse(t, l, rule, "a", rule.Every)
	refuse(t, l, other, "a", time.Hour)
}

func testNames(t *testing.T, l limit.Limiter, _ *testkit.Clock) {
	short := limit.Rule{Name: "x", Burst: 1, Every: time.Minute}
	long := limit.Rule{Name: "x:y", Burst: 1, Every: time.Minute}
	allow(t, l, short, "y:z", 1)
	allow(t, l, long, "z", 1)
}

func testSingle(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	single := limit.Rule{Name: "single", Burst: 1, Every: 100 * time.Millisecond}
	for range 3 {
		allow(t, l, single, "a", 1)
		refuse(t, l, single, "a", single.Every)
		clock.Advance(single.Every)
	}
}

func testClockBack(t *testing.T, l limit.Limiter, clock *testkit.Clock) {
	allow(t, l, rule, "a", rule.Burst)
	clock.Advance(-time.Hour)
	refuse(t, l, rule, "a", rule.Every)
	clock.Advance(rule.Every)
	allow(t, l, rule, "a", 1)
}

func testConcurrent(t *testing.T, l limit.Limiter, _ *testkit.Clock) {
	many := limit.Rule{Name: "many", Burst: 50, Every: time.Hour}
	var allowed atomic.Int32
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 25 {
				if l.Allow(context.WithoutCancel(t.Context()), many, "shared").Allowed {
					allowed.Add(1)
				}
				l.Allow(t.Context(), many, "noise"+strconv.Itoa(worker*100+i))
			}
		})
	}
	all.Wait()
	if got := allowed.Load(); got != 50 {
		t.Errorf("%d of 100 events at once are allowed, want 50", got)
	}
}
