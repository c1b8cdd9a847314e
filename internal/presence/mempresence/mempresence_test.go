package mempresence_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"hienke/internal/presence"
	"hienke/internal/presence/mempresence"
	"hienke/internal/presence/presencetest"
	"hienke/internal/testkit"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	presencetest.Run(t, func(_ *testing.T, now func() time.Time) presence.Board { return mempresence.New(now) })
}

func TestNothingStaysInMemory(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	b := mempresence.New(clock.Now)
	if err := b.Give(t.Context(), presence.Sign{Case: 1, User: 7, Place: "a", Doing: presence.Looking}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(presence.Span)
	// Whoever comes to another case sweeps this one.
	if err := b.Give(t.Context(), presence.Sign{Case: 2, User: 7, Place: "b", Doing: presence.Looking}); err != nil {
		t.Fatal(err)
	}
	if n := b.Windows(); n != 1 {
		t.Errorf("%d windows are remembered, want 1", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	b.Watch(ctx, 1)
	if n := b.Cases(); n != 1 {
		t.Errorf("%d cases are watched, want 1", n)
	}
	cancel()
	for b.Cases() > 0 && t.Context().Err() == nil { // the test's own deadline ends it
		runtime.Gosched()
	}
}
