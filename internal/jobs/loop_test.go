package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/jobs"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// stage runs one loop by hand: each pause is announced and ends when told.
type stage struct {
	pauses chan time.Duration
	over   chan time.Time
	log    *bytes.Buffer
	stop   func() // ends the loop and waits for it
}

// newStage runs l until the test ends.
func newStage(t *testing.T, l jobs.Loop, meter jobs.Meter) *stage {
	t.Helper()
	s := &stage{pauses: make(chan time.Duration), over: make(chan time.Time), log: &bytes.Buffer{}}
	ctx, cancel := context.WithCancel(t.Context())
	loops := jobs.Loops{
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Now: testkit.NewClock(start).Now, Meter: meter,
		After: func(d time.Duration) <-chan time.Time {
			select {
			case s.pauses <- d:
			case <-ctx.Done():
			}
			return s.over
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- loops.Run(ctx, l) }()
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("Run: %v", err)
			}
		})
	}
	t.Cleanup(s.stop)
	return s
}

// pause wants the loop to pause for d, and ends the pause.
func (s *stage) pause(t *testing.T, d time.Duration) {
	t.Helper()
	if got := <-s.pauses; got != d {
		t.Errorf("it pauses %v, want %v", got, d)
	}
	s.over <- start
}

func TestALoopGoesOnAtOnceWhileThereIsMore(t *testing.T) {
	t.Parallel()
	rounds := 0
	s := newStage(t, jobs.Loop{Name: "test", Every: time.Minute, Do: func(context.Context) (bool, error) {
		rounds++
		return rounds < 5, nil
	}}, jobs.Unmetered{})
	if got := <-s.pauses; got != time.Minute || rounds != 5 {
		t.Errorf("it pauses %v after %d rounds, want %v after 5", got, rounds, time.Minute)
	}
}

func TestALoopIsWokenButNotBeforeItsGapAndNotAfterAFailure(t *testing.T) {
	t.Parallel()
	bell := jobs.NewBell()
	failing := false
	rounds := make(chan struct{}, 8)
	s := newStage(t, jobs.Loop{
		Name: "test", Every: time.Minute, Gap: time.Millisecond, Wake: bell,
		Do: func(context.Context) (bool, error) {
			rounds <- struct{}{}
			if failing {
				return false, errAway
			}
			return false, nil
		},
	}, jobs.Unmetered{})
	<-rounds
	bell.Ring()
	bell.Ring()                  // twice is once
	s.pause(t, time.Millisecond) // the gap, although the bell rang
	<-s.pauses                   // a minute, which the bell ends at once
	<-rounds
	s.pause(t, time.Millisecond)
	if got := <-s.pauses; got != time.Minute {
		t.Errorf("it pauses %v, want %v: the bell rang once", got, time.Minute)
	}
	failing = true
	bell.Ring()
	<-rounds
	bell.Ring()
	s.pause(t, time.Second) // after the failure; ended by the pause, not by the bell
	<-rounds
	if got := <-s.pauses; got != 2*time.Second {
		t.Errorf("it pauses %v after the second failure, want 2 s", got)
	}
}

func TestALoopPausesLongerWithEachFailureAndLogsEachOnce(t *testing.T) {
	t.Parallel()
	tests := []struct {
		every  time.Duration
		pauses []time.Duration
	}{
		{250 * time.Millisecond, []time.Duration{
			250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 10 * time.Second, 10 * time.Second,
		}},
		{time.Minute, []time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second, time.Minute, time.Minute,
		}},
		{time.Hour, []time.Duration{
			time.Second, 2 * time.Second, 4 * time.Second, 8 * time.Second, 16 * time.Second, 32 * time.Second,
			64 * time.Second, 128 * time.Second, 256 * time.Second, 5 * time.Minute, 5 * time.Minute,
		}},
	}
	for _, tt := range tests {
		t.Run(tt.every.String(), func(t *testing.T) {
			t.Parallel()
			rounds := 0
			s := newStage(t, jobs.Loop{Name: "test", Every: tt.every, Do: func(context.Context) (bool, error) {
				if rounds++; rounds > len(tt.pauses) {
					return false, nil
				}
				return true, errAway // more is nothing after a failure
			}}, jobs.Unmetered{})
			for _, want := range tt.pauses {
				s.pause(t, want)
			}
			if got := <-s.pauses; got != tt.every {
				t.Errorf("after a success it pauses %v, want %v", got, tt.every)
			}
			s.stop()
			if got := strings.Count(s.log.String(), "round failed"); got != len(tt.pauses) {
				t.Errorf("%d failures in the log, want %d", got, len(tt.pauses))
			}
			if got := strings.Count(s.log.String(), "succeeded again"); got != 1 {
				t.Errorf("the success is logged %d times, want once", got)
			}
		})
	}
}

// rounds is a Meter that counts rounds.
type rounds struct {
	jobs.Unmetered
	good, bad int
}

func (r *rounds) Looped(_ string, failed bool, _ time.Duration) {
	if failed {
		r.bad++
	} else {
		r.good++
	}
}

func TestALoopSurvivesAPanic(t *testing.T) {
	t.Parallel()
	n := 0
	meter := &rounds{}
	s := newStage(t, jobs.Loop{Name: "test", Every: time.Minute, Do: func(context.Context) (bool, error) {
		if n++; n == 1 {
			panic("a defect")
		}
		return false, nil
	}}, meter)
	s.pause(t, time.Second)
	<-s.pauses
	s.stop()
	if meter.good != 1 || meter.bad != 1 {
		t.Errorf("%d good and %d bad rounds, want 1 and 1", meter.good, meter.bad)
	}
	if !strings.Contains(s.log.String(), "loop_test.go") {
		t.Error("the log does not say where")
	}
}

func TestTheEndOfALoopWaitsForItsRoundAndIsNoFailure(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	finished := false
	s := newStage(t, jobs.Loop{Name: "test", Every: time.Minute, Do: func(ctx context.Context) (bool, error) {
		close(begun)
		<-ctx.Done()
		finished = true
		return true, ctx.Err()
	}}, jobs.Unmetered{})
	<-begun
	s.stop()
	if !finished || s.log.Len() != 0 {
		t.Errorf("finished %v, log %q, want a finished round and no word", finished, s.log)
	}
}

func TestDrainsHandOverTheirIndexAndWakeApart(t *testing.T) {
	t.Parallel()
	bells := map[store.IndexName]jobs.Bell{store.IndexPublic: jobs.NewBell()}
	var asked []store.IndexName
	loops := jobs.Drains(func(_ context.Context, index store.IndexName) (bool, error) {
		asked = append(asked, index)
		return false, nil
	}, bells)
	for i, l := range loops {
		if _, err := l.Do(t.Context()); err != nil || asked[i] != store.IndexNames[i] || l.Name != "index."+string(store.IndexNames[i]) {
			t.Errorf("loop %s asked for %v (%v)", l.Name, asked, err)
		}
	}
	bells[store.IndexPublic].Ring()
	for i, l := range loops {
		select {
		case <-l.Wake:
			if store.IndexNames[i] != store.IndexPublic {
				t.Errorf("%s woke with the other's bell", l.Name)
			}
		default:
			if store.IndexNames[i] == store.IndexPublic {
				t.Errorf("%s did not wake", l.Name)
			}
		}
	}
}

func TestRoundsPassOnWhatTheyAreGiven(t *testing.T) {
	t.Parallel()
	overdue := jobs.Overdue(func(context.Context) (bool, error) { return true, errAway })
	if more, err := overdue.Do(t.Context()); !more || !errors.Is(err, errAway) {
		t.Errorf("overdue: %v %v", more, err)
	}
	training := jobs.Training(func(context.Context) error { return errAway }, nil)
	if more, err := training.Do(t.Context()); more || !errors.Is(err, errAway) {
		t.Errorf("training: %v %v", more, err)
	}
}

func TestPruningTheOutboxLeavesTheLastWeek(t *testing.T) {
	t.Parallel()
	st, clock := openStore(t), testkit.NewClock(start)
	old := put(t, st, start, store.JobMatch, 1, 1001)
	kept := put(t, st, start, store.JobMatch, 1, 2)
	finish := func(at time.Time, ids ...int64) {
		t.Helper()
		err := st.Do(t.Context(), func(tx store.Tx) error {
			for _, id := range ids {
				if _, err := tx.Outbox().Finish(t.Context(), id, at); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	finish(start, old...)
	finish(start.Add(2*time.Hour), kept[0])
	clock.Set(start.Add(7*24*time.Hour + time.Hour))
	loop := jobs.PruneOutbox(st, clock.Now)
	for i, want := range []bool{true, false} {
		if more, err := loop.Do(t.Context()); more != want || err != nil {
			t.Errorf("batch %d: more %v, %v, want %v", i+1, more, err, want)
		}
	}
	if get(t, st, kept[0]).DoneAt.IsZero() || !get(t, st, kept[1]).DoneAt.IsZero() {
		t.Error("what is kept has changed")
	}
	err := st.View(t.Context(), func(tx store.Tx) error {
		_, err := tx.Outbox().Get(t.Context(), old[0])
		return err
	})
	if err == nil {
		t.Error("a job done over a week ago is still there")
	}
}
