// Package presencetest holds what every board must do, sentence by sentence of
// package presence.
package presencetest

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/presence"
	"hienke/internal/testkit"
)

// patience is how long a change may take to come from another process.
const patience = 10 * time.Second

const (
	file  civic.SubmissionID = 41
	other civic.SubmissionID = 42
)

// Run checks an implementation. open returns a board with nobody on it that
// reads the time from now, and cleans up after itself through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T, now func() time.Time) presence.Board) {
	tests := []struct {
		name string
		run  func(t *testing.T, b presence.Board, clock *testkit.Clock)
	}{
		{"nobody is at a case at first", testNobody},
		{"people are listed once each, by account", testPersons},
		{"one window that is edited in is enough", testEditing},
		{"a place begins to do something else", testChange},
		{"cases are kept apart", testCases},
		{"a window that is taken is gone at once", testTake},
		{"a sign that is not renewed runs out", testSilence},
		{"a sign that is renewed holds on", testRenewal},
		{"whoever watches is told of who comes, changes and leaves", testWatch},
		{"a renewed sign tells nobody", testQuiet},
		{"whoever watches another case is told nothing", testWatchOther},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			clock := testkit.NewClock(time.Date(2026, 3, 2, 8, 0, 0, 123456789, time.UTC))
			tt.run(t, open(t, clock.Now), clock)
		})
	}
}

func sign(user civic.UserID, place string, doing presence.Doing) presence.Sign {
	return presence.Sign{Case: file, User: user, Place: place, Doing: doing}
}

func give(t *testing.T, b presence.Board, signs ...presence.Sign) {
	t.Helper()
	for _, s := range signs {
		if err := b.Give(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
}

func take(t *testing.T, b presence.Board, s presence.Sign) {
	t.Helper()
	if err := b.Take(t.Context(), s); err != nil {
		t.Fatal(err)
	}
}

func at(t *testing.T, b presence.Board, id civic.SubmissionID, want ...presence.Person) {
	t.Helper()
	got, err := b.At(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("at case %d (-want +got):\n%s", id, diff)
	}
}

func testNobody(t *testing.T, b presence.Board, _ *testkit.Clock) { at(t, b, file) }

func testPersons(t *testing.T, b presence.Board, _ *testkit.Clock) {
	give(t, b, sign(9, "a", presence.Looking), sign(7, "b", presence.Looking), sign(9, "c", presence.Looking))
	at(t, b, file, presence.Person{User: 7, Doing: presence.Looking}, presence.Person{User: 9, Doing: presence.Looking})
}

func testEditing(t *testing.T, b presence.Board, _ *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Editing), sign(7, "b", presence.Looking))
	at(t, b, file, presence.Person{User: 7, Doing: presence.Editing})
}

func testChange(t *testing.T, b presence.Board, _ *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Looking), sign(7, "a", presence.Editing))
	at(t, b, file, presence.Person{User: 7, Doing: presence.Editing})
}

func testCases(t *testing.T, b presence.Board, _ *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Looking))
	at(t, b, other)
}

func testTake(t *testing.T, b presence.Board, _ *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Looking), sign(7, "b", presence.Looking))
	take(t, b, sign(7, "a", presence.Looking))
	at(t, b, file, presence.Person{User: 7, Doing: presence.Looking})
	take(t, b, sign(7, "b", presence.Looking))
	at(t, b, file)
	take(t, b, sign(7, "b", presence.Looking))
}

func testSilence(t *testing.T, b presence.Board, clock *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Looking))
	clock.Advance(presence.Span - time.Millisecond)
	at(t, b, file, presence.Person{User: 7, Doing: presence.Looking})
	clock.Advance(time.Millisecond)
	at(t, b, file)
}

func testRenewal(t *testing.T, b presence.Board, clock *testkit.Clock) {
	give(t, b, sign(7, "a", presence.Looking))
	clock.Advance(presence.Span - time.Millisecond)
	give(t, b, sign(7, "a", presence.Looking))
	clock.Advance(presence.Span - time.Millisecond)
	at(t, b, file, presence.Person{User: 7, Doing: presence.Looking})
}

// told waits until a watcher was told.
func told(t *testing.T, wake <-chan struct{}, what string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	select {
	case <-wake:
	case <-ctx.Done():
		t.Fatalf("nobody told that somebody %s", what)
	}
}

func testWatch(t *testing.T, b presence.Board, _ *testkit.Clock) {
	wake := b.Watch(t.Context(), file)
	give(t, b, sign(7, "a", presence.Looking))
	told(t, wake, "came")
	give(t, b, sign(7, "a", presence.Editing))
	told(t, wake, "began to write")
	take(t, b, sign(7, "a", presence.Editing))
	told(t, wake, "left")
}

// untold gives a sign that must tell nobody and then one at which somebody is
// told: changes come in order, so the first would have come before.
func untold(t *testing.T, b presence.Board, wake, mark <-chan struct{}, quiet, loud presence.Sign) {
	t.Helper()
	give(t, b, quiet, loud)
	told(t, mark, "came")
	select {
	case <-wake:
		t.Error("was told of what is no change")
	default:
	}
}

func testQuiet(t *testing.T, b presence.Board, clock *testkit.Clock) {
	wake, mark := b.Watch(t.Context(), file), b.Watch(t.Context(), other)
	give(t, b, sign(7, "a", presence.Looking))
	told(t, wake, "came")
	clock.Advance(presence.Every)
	untold(t, b, wake, mark, sign(7, "a", presence.Looking), presence.Sign{Case: other, User: 8, Place: "b", Doing: presence.Looking})
}

func testWatchOther(t *testing.T, b presence.Board, _ *testkit.Clock) {
	wake, mark := b.Watch(t.Context(), other), b.Watch(t.Context(), file)
	untold(t, b, wake, mark, sign(7, "a", presence.Looking), sign(8, "b", presence.Looking))
}
