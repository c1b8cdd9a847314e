package jobs_test

import (
	"context"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/jobs"
	"hienke/internal/queue"
	"hienke/internal/queue/asynqqueue"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// relay returns a relay that is ticked by hand.
func relay(st store.Store, q queue.Queue, clock *testkit.Clock) *jobs.Relay {
	return &jobs.Relay{Store: st, Queue: q, Now: clock.Now, Meter: jobs.Unmetered{}}
}

// tick wants a round to succeed.
func tick(t *testing.T, r *jobs.Relay) {
	t.Helper()
	if more, err := r.Tick(t.Context()); err != nil || more {
		t.Fatalf("Tick: %v %v, want false and no error", more, err)
	}
}

func TestTheRelayHandsOverWhatIsDueOnceAndAgainAfterAMinute(t *testing.T) {
	t.Parallel()
	st, clock, q := openStore(t), testkit.NewClock(start), &stubQueue{room: 1 << 20}
	r := relay(st, q, clock)
	ids := put(t, st, clock.Now(), store.JobMatch, 1, 3)
	tick(t, r)
	tick(t, r)
	if len(q.tasks) != 3 || q.tasks[0] != (queue.Task{Kind: store.JobMatch, Job: ids[0], Subject: 1}) {
		t.Fatalf("handed over %+v, want each job once, oldest first", q.tasks)
	}
	clock.Advance(59 * time.Second)
	tick(t, r)
	if len(q.tasks) != 3 {
		t.Errorf("handed over again after 59 s")
	}
	clock.Advance(2 * time.Second)
	tick(t, r)
	if len(q.tasks) != 6 || q.tasks[3].ID() != q.tasks[0].ID() {
		t.Errorf("handed over %d after 61 s, want all three again under the same ids", len(q.tasks)-3)
	}
}

func TestTheRelayKeepsABacklogInTheOutbox(t *testing.T) {
	t.Parallel()
	st, clock, q := openStore(t), testkit.NewClock(start), &stubQueue{room: 1 << 20, held: map[store.JobKind]int{}}
	r := relay(st, q, clock)
	put(t, st, clock.Now(), store.JobSend, 1, 1600)
	put(t, st, clock.Now(), store.JobMatch, 1, 1)
	tick(t, r)
	count := func() (n map[store.JobKind]int) {
		n = map[store.JobKind]int{}
		for _, task := range q.tasks {
			n[task.Kind]++
		}
		return n
	}
	if got := count(); got[store.JobSend] != 1000 || got[store.JobMatch] != 1 {
		t.Fatalf("handed over %v, want a window of 1000 mails and the match behind them", got)
	}
	q.held[store.JobSend] = 501
	tick(t, r)
	if got := count(); got[store.JobSend] != 1000 {
		t.Errorf("handed over %d while the window is over half full", got[store.JobSend]-1000)
	}
	q.held[store.JobSend] = 500
	tick(t, r)
	if got := count(); got[store.JobSend] != 1500 {
		t.Errorf("handed over %d into the room of 500", got[store.JobSend]-1000)
	}
}

func TestTheRelayNotesWhatAQueueTookBeforeItFailed(t *testing.T) {
	t.Parallel()
	st, clock, q := openStore(t), testkit.NewClock(start), &stubQueue{room: 2, err: errs.Wrap(errs.Unavailable, "queue.unavailable", errAway)}
	r := relay(st, q, clock)
	ids := put(t, st, clock.Now(), store.JobMatch, 1, 3)
	put(t, st, clock.Now(), store.JobSend, 1, 1)
	if _, err := r.Tick(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Fatalf("Tick: %v, want Unavailable", err)
	}
	for i, sent := range []bool{true, true, false} {
		if got := !get(t, st, ids[i]).SentAt.IsZero(); got != sent {
			t.Errorf("job %d is noted as sent: %v, want %v", i, got, sent)
		}
	}
	if len(q.tasks) != 2 {
		t.Errorf("after a failure it went on with another kind")
	}
	q.room = 1 << 20
	tick(t, r)
	if len(q.tasks) != 4 || q.tasks[2].Job != ids[2] {
		t.Errorf("with the queue back it handed over %+v", q.tasks[2:])
	}
}

func TestTheRelaySurvivesARedisThatIsDownWhenAJobComes(t *testing.T) {
	t.Parallel()
	server, st, clock := testkit.NewRedis(t), openStore(t), testkit.NewClock(start)
	at, err := asynqqueue.ParseURL(server.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := asynqqueue.New(at)
	defer q.Close() //nolint:errcheck // the test is over
	r := relay(st, q, clock)
	id := put(t, st, clock.Now(), store.JobMatch, 1, 1)[0]
	server.Stop(t)
	if _, err := r.Tick(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Tick: %v, want Unavailable", err)
	}
	if !get(t, st, id).SentAt.IsZero() {
		t.Error("a job that no queue has is noted as sent")
	}
	server.Start(t)
	tick(t, r)
	if get(t, st, id).SentAt.IsZero() {
		t.Error("the job did not go with Redis back")
	}
}

func TestEverythingIsDoneOnceAlthoughTheQueueIsEmptiedInTheMiddle(t *testing.T) {
	t.Parallel()
	const n = 100
	st, clock, redis := openStore(t), testkit.NewClock(start), embedded(t)
	e := newEffects(3 * n)
	put(t, st, clock.Now(), store.JobMatch, 1, n)
	run(t, st, redis.URL(), clock.Now, chain(st, e, clock.Now, func(total int) {
		if total == 40 || total == 140 || total == 260 { // some are done, some under way, some wait
			redis.Flush()
		}
	}))
	await(t, e.all, clock)
	e.check(t)
	if left := undone(t, st); left != 0 {
		t.Errorf("%d jobs are undone", left)
	}
}

func TestEverythingIsDoneOnceAlthoughRedisIsKilledInTheMiddle(t *testing.T) {
	t.Parallel()
	const n = 100
	st, clock, redis := openStore(t), testkit.NewClock(start), testkit.NewRedis(t)
	e := newEffects(3 * (n + 1))
	put(t, st, clock.Now(), store.JobMatch, 1, n)
	kill := make(chan struct{})
	run(t, st, redis.URL(), clock.Now, chain(st, e, clock.Now, func(total int) {
		if total == n {
			close(kill)
		}
	}))
	await(t, kill, clock)
	redis.Stop(t)
	put(t, st, clock.Now(), store.JobMatch, n+1, 1) // received while Redis is away
	redis.Start(t)
	await(t, e.all, clock)
	e.check(t)
}

func TestAStopInTheMiddleLosesNothing(t *testing.T) {
	t.Parallel()
	const n = 100
	st, clock := openStore(t), testkit.NewClock(start)
	e := newEffects(3 * n)
	put(t, st, clock.Now(), store.JobMatch, 1, n)
	for _, until := range []int{30, 130} {
		reached := make(chan struct{})
		p := run(t, st, embedded(t).URL(), clock.Now, chain(st, e, clock.Now, func(total int) {
			if total == until {
				close(reached)
			}
		}))
		if _, err := p.relay.ForgetOnStart(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.relay.Wake()
		select { // the clock stands still: nothing is overdue, all is sent anew by the start alone
		case <-reached:
		case <-time.After(patience):
			t.Fatalf("%d effects were not reached", until)
		}
		p.stop()
	}
	p := run(t, st, embedded(t).URL(), clock.Now, chain(st, e, clock.Now, nil))
	forgotten, err := p.relay.ForgetOnStart(t.Context())
	if err != nil || forgotten == 0 {
		t.Fatalf("ForgetOnStart: %d, %v, want what was in the queue", forgotten, err)
	}
	p.relay.Wake()
	select {
	case <-e.all:
	case <-time.After(patience):
		t.Fatal("not everything was done after the last start")
	}
	e.check(t)
}

func TestASlowKindDoesNotStarveAnother(t *testing.T) {
	t.Parallel()
	st, clock := openStore(t), testkit.NewClock(start)
	e := newEffects(20)
	do := chain(st, e, clock.Now, nil)
	release := make(chan struct{})
	do[store.JobSend] = func(ctx context.Context, _, _ int64) error { // a mail server that never answers
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	put(t, st, clock.Now(), store.JobSend, 1, 1200)
	p := run(t, st, embedded(t).URL(), clock.Now, do)
	p.relay.Wake()
	put(t, st, clock.Now(), store.JobMatch, 1, 10) // match and route: 20 effects
	p.relay.Wake()
	select {
	case <-e.all:
	case <-time.After(patience):
		t.Error("jobs wait behind mails that do not go")
	}
	close(release)
}

func TestTwoProcessesShareTheWork(t *testing.T) {
	t.Parallel()
	const n = 100
	st, clock, redis := openStore(t), testkit.NewClock(start), testkit.Redis(t)
	e := newEffects(3 * n)
	do := chain(st, e, clock.Now, nil)
	for range 2 {
		run(t, st, redis, clock.Now, do)
	}
	put(t, st, clock.Now(), store.JobMatch, 1, n)
	await(t, e.all, clock)
	e.check(t)
}
