package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/jobs"
	"hienke/internal/queue"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// outcomes is a Meter that keeps how runs ended.
type outcomes struct {
	jobs.Unmetered
	got []jobs.Outcome
}

func (o *outcomes) Ran(_ store.JobKind, outcome jobs.Outcome, _ time.Duration) {
	o.got = append(o.got, outcome)
}

// handle puts one job into an outbox and has do done for it, last or not. It
// returns the job afterwards, how it ended, the log and what the queue is told.
func handle(t *testing.T, last bool, do jobs.Func) (store.Job, jobs.Outcome, string, error) {
	t.Helper()
	st, clock := openStore(t), testkit.NewClock(start)
	id := put(t, st, start, store.JobMatch, 7, 1)[0]
	var log bytes.Buffer
	meter := &outcomes{}
	h := &jobs.Handler{
		Store: st, Do: map[store.JobKind]jobs.Func{store.JobMatch: do}, Now: clock.Now,
		Chance: func() float64 { return 0.5 }, Log: slog.New(slog.NewTextHandler(&log, nil)), Meter: meter,
	}
	err := h.Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: id, Subject: 7, Last: last})
	return get(t, st, id), meter.got[0], log.String(), err
}

// failing returns a job that fails with err.
func failing(err error) jobs.Func {
	return func(context.Context, int64, int64) error { return err }
}

func TestWhatTheHandlerMakesOfAFailure(t *testing.T) {
	t.Parallel()
	const soon, long = 30 * time.Second, 6 * time.Hour
	tests := []struct {
		kind  errs.Kind
		quick bool          // the queue tries again before the last run
		rest  time.Duration // after the last
	}{
		{errs.Internal, true, soon},
		{errs.Unavailable, true, soon},
		{errs.RateLimited, true, soon},
		{errs.Conflict, false, soon},
		{errs.Invalid, false, long},
		{errs.Unauthenticated, false, long},
		{errs.Forbidden, false, long},
		{errs.NotFound, false, long},
		{errs.Gone, false, long},
	}
	if len(tests) != len(errs.Kinds) {
		t.Fatalf("%d of %d kinds are tested", len(tests), len(errs.Kinds))
	}
	for _, tt := range tests {
		t.Run(tt.kind.String(), func(t *testing.T) {
			t.Parallel()
			failure := errs.Wrap(tt.kind, "test.failed", errors.New("an.address@example.test was refused"))
			for _, last := range []bool{false, true} {
				job, outcome, log, err := handle(t, last, failing(failure))
				if tt.quick && !last {
					if err == nil || outcome != jobs.Again || job.Attempts != 0 {
						t.Errorf("before the last run: %v, %s, %+v, want a quick retry and no failure noted", err, outcome, job)
					}
				} else {
					if err != nil || outcome != jobs.Resting {
						t.Errorf("last %v: the queue is told %v (%s), want nothing", last, err, outcome)
					}
					if job.Attempts != 1 || job.Dispatch != 1 || job.LastError != "test.failed" || !job.NextAt.Equal(start.Add(tt.rest)) || !job.SentAt.IsZero() {
						t.Errorf("last %v: the outbox says %+v, want one failure by code and a rest of %v", last, job, tt.rest)
					}
				}
				if strings.Count(log, "\n") != 1 || !strings.Contains(log, "test.failed") {
					t.Errorf("last %v: want one line with the code in the log, got %q", last, log)
				}
			}
		})
	}
}

func TestAPanicIsAFailureOfKindInternal(t *testing.T) {
	t.Parallel()
	panics := func(context.Context, int64, int64) error { panic("a defect") }
	if _, outcome, _, err := handle(t, false, panics); errs.KindOf(err) != errs.Internal || outcome != jobs.Again {
		t.Errorf("the queue is told %v (%s), want Internal and another try", err, outcome)
	}
	job, _, log, err := handle(t, true, panics)
	if err != nil || job.LastError != "internal" || job.Attempts != 1 {
		t.Errorf("the last time: %v and %+v, want a failure in the outbox", err, job)
	}
	if !strings.Contains(log, "handler_test.go") {
		t.Error("the log does not say where")
	}
}

func TestAFailureIsNotedAlthoughItsTimeIsOver(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	id := put(t, st, start, store.JobMatch, 1, 1)[0]
	ctx, cancel := context.WithTimeout(t.Context(), 0)
	defer cancel()
	h := &jobs.Handler{
		Store: st, Do: map[store.JobKind]jobs.Func{store.JobMatch: func(ctx context.Context, _, _ int64) error { return ctx.Err() }},
		Now: testkit.NewClock(start).Now, Chance: func() float64 { return 0 }, Log: discard(), Meter: jobs.Unmetered{},
	}
	if err := h.Handle(ctx, queue.Task{Kind: store.JobMatch, Job: id, Last: true}); err != nil {
		t.Errorf("the queue is told %v", err)
	}
	if job := get(t, st, id); job.LastError != "unavailable" || job.Attempts != 1 {
		t.Errorf("the outbox says %+v", job)
	}
}

func TestTheEndOfTheProcessIsNoFailure(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	id := put(t, st, start, store.JobMatch, 1, 1)[0]
	ctx, cancel := context.WithCancel(t.Context())
	meter := &outcomes{}
	h := &jobs.Handler{
		Store: st, Do: map[store.JobKind]jobs.Func{store.JobMatch: func(ctx context.Context, _, _ int64) error { cancel(); return ctx.Err() }},
		Now: testkit.NewClock(start).Now, Chance: func() float64 { return 0 }, Log: discard(), Meter: meter,
	}
	if err := h.Handle(ctx, queue.Task{Kind: store.JobMatch, Job: id, Last: true}); err == nil {
		t.Error("the queue is told that the job is done")
	}
	if job := get(t, st, id); job.Attempts != 0 || meter.got[0] != jobs.Stopped {
		t.Errorf("the outbox says %+v (%s)", job, meter.got[0])
	}
}

func TestRestsGrowToAnHourAndDifferALittle(t *testing.T) {
	t.Parallel()
	st, clock := openStore(t), testkit.NewClock(start)
	id := put(t, st, start, store.JobSend, 1, 1)[0]
	chance := 0.5
	h := &jobs.Handler{
		Store: st, Do: map[store.JobKind]jobs.Func{store.JobSend: failing(errs.New(errs.Unavailable, "mail.unavailable"))},
		Now: clock.Now, Chance: func() float64 { return chance }, Log: discard(), Meter: jobs.Unmetered{},
	}
	fail := func() time.Duration {
		t.Helper()
		task := queue.Task{Kind: store.JobSend, Job: id, Dispatch: get(t, st, id).Dispatch, Last: true}
		if err := h.Handle(t.Context(), task); err != nil {
			t.Fatal(err)
		}
		return get(t, st, id).NextAt.Sub(start)
	}
	for _, seconds := range []int{30, 60, 120, 240, 480, 960, 1920, 3600, 3600} {
		if got, want := fail(), time.Duration(seconds)*time.Second; got != want {
			t.Errorf("rests %v, want %v", got, want)
		}
	}
	for chance = 0; chance < 1; chance += 0.25 {
		if got, low, high := fail(), 3600*7/8*time.Second, 3600*9/8*time.Second; got < low || got > high {
			t.Errorf("with chance %v it rests %v, want %v to %v", chance, got, low, high)
		}
	}
}

func TestAServiceThatAsksForALongerPauseGetsIt(t *testing.T) {
	t.Parallel()
	job, _, _, _ := handle(t, true, failing(&errs.Error{Kind: errs.RateLimited, Code: "test.slow", RetryAfter: 5 * time.Minute}))
	if want := start.Add(5 * time.Minute); !job.NextAt.Equal(want) {
		t.Errorf("rests until %v, want %v", job.NextAt, want)
	}
}

func TestALateRunChangesNothing(t *testing.T) {
	t.Parallel()
	failure := failing(errs.New(errs.Invalid, "test.failed"))
	newHandler := func(st store.Store) *jobs.Handler {
		return &jobs.Handler{
			Store: st, Do: map[store.JobKind]jobs.Func{store.JobMatch: failure}, Now: testkit.NewClock(start).Now,
			Chance: func() float64 { return 0 }, Log: discard(), Meter: jobs.Unmetered{},
		}
	}
	t.Run("of an earlier dispatch", func(t *testing.T) {
		t.Parallel()
		st := openStore(t)
		id := put(t, st, start, store.JobMatch, 1, 1)[0]
		for range 2 { // the second is a duplicate of the first
			if err := newHandler(st).Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: id}); err != nil {
				t.Fatal(err)
			}
		}
		if job := get(t, st, id); job.Attempts != 1 || job.Dispatch != 1 {
			t.Errorf("the outbox says %+v, want one failure", job)
		}
	})
	t.Run("of a job that is done", func(t *testing.T) {
		t.Parallel()
		st := openStore(t)
		id := put(t, st, start, store.JobMatch, 1, 1)[0]
		err := st.Do(t.Context(), func(tx store.Tx) error {
			_, err := tx.Outbox().Finish(t.Context(), id, start)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := newHandler(st).Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: id}); err != nil {
			t.Fatal(err)
		}
		if job := get(t, st, id); job.Attempts != 0 || !job.DoneAt.Equal(start) {
			t.Errorf("the outbox says %+v, want it done as before", job)
		}
	})
	t.Run("of a job whose row is gone", func(t *testing.T) {
		t.Parallel()
		if err := newHandler(openStore(t)).Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: 99}); err != nil {
			t.Errorf("the queue is told %v", err)
		}
	})
}

func TestAFailureThatCannotBeNotedStaysInTheQueue(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	h := &jobs.Handler{
		Store: brokenStore{st}, Do: map[store.JobKind]jobs.Func{store.JobMatch: failing(errs.New(errs.Invalid, "test.failed"))},
		Now: testkit.NewClock(start).Now, Chance: func() float64 { return 0 }, Log: discard(), Meter: jobs.Unmetered{},
	}
	if err := h.Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: 1}); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("the queue is told %v, want Unavailable", err)
	}
}

// brokenStore is a database that is away.
type brokenStore struct{ store.Store }

func (brokenStore) Do(context.Context, func(store.Tx) error) error {
	return errs.Wrap(errs.Unavailable, "database.unavailable", errAway)
}

func TestADoneJobRingsTheBell(t *testing.T) {
	t.Parallel()
	rung := 0
	h := &jobs.Handler{
		Do:  map[store.JobKind]jobs.Func{store.JobMatch: failing(nil)},
		Now: testkit.NewClock(start).Now, Log: discard(), Meter: jobs.Unmetered{}, After: func() { rung++ },
	}
	if err := h.Handle(t.Context(), queue.Task{Kind: store.JobMatch, Job: 1}); err != nil || rung != 1 {
		t.Errorf("rung %d times (%v), want once", rung, err)
	}
}

func TestAKindThatNobodyKnowsRestsAndIsSeen(t *testing.T) {
	t.Parallel()
	st := openStore(t)
	id := put(t, st, start, store.JobSend, 1, 1)[0]
	h := &jobs.Handler{
		Store: st, Now: testkit.NewClock(start).Now, Chance: func() float64 { return 0.5 }, Log: discard(), Meter: jobs.Unmetered{},
	}
	if err := h.Handle(t.Context(), queue.Task{Kind: store.JobSend, Job: id}); err != nil {
		t.Errorf("the queue is told %v", err)
	}
	if job := get(t, st, id); job.LastError != "job.kind_unknown" || !job.DoneAt.IsZero() {
		t.Errorf("the outbox says %+v", job)
	}
}
