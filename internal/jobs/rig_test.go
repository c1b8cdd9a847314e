package jobs_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"hienke/internal/jobs"
	"hienke/internal/queue"
	"hienke/internal/queue/asynqqueue"
	"hienke/internal/store"
	"hienke/internal/store/sqlstore"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// patience bounds every wait of these tests. They take seconds; machines that
// do much else at once have needed half a minute.
const patience = 3 * time.Minute

// start is when the tests' clocks begin.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// openStore returns an empty SQLite database.
func openStore(t testing.TB) store.Store {
	t.Helper()
	st, err := sqlstore.Open(t.Context(), testkit.SQLite(t, house.Migrate), sqlstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Errorf("close store: %v", err)
		}
	})
	return st
}

// put makes n jobs of a kind with subjects from first on, in one transaction,
// and returns their ids.
func put(t testing.TB, st store.Store, at time.Time, kind store.JobKind, first, n int64) (ids []int64) {
	t.Helper()
	err := st.Do(t.Context(), func(tx store.Tx) error {
		ids = ids[:0]
		for subject := first; subject < first+n; subject++ {
			id, err := tx.Outbox().Put(t.Context(), store.Job{Kind: kind, Subject: subject, CreatedAt: at})
			if err != nil {
				return err
			}
			ids = append(ids, id)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

// get reads a job.
func get(t testing.TB, st store.Store, id int64) (job store.Job) {
	t.Helper()
	err := st.View(t.Context(), func(tx store.Tx) (err error) {
		job, err = tx.Outbox().Get(t.Context(), id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return job
}

// undone counts the jobs that are still to do.
func undone(t testing.TB, st store.Store) (n int) {
	t.Helper()
	err := st.View(t.Context(), func(tx store.Tx) error {
		pending, err := tx.Outbox().Pending(t.Context())
		for _, backlog := range pending {
			n += backlog.Count
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// effects counts what jobs did, as opposed to how often they ran.
type effects struct {
	mu    sync.Mutex
	count map[effect]int
	total int
	want  int
	all   chan struct{} // closed when want effects happened
}

type effect struct {
	kind    store.JobKind
	subject int64
}

func newEffects(want int) *effects {
	return &effects{count: map[effect]int{}, want: want, all: make(chan struct{})}
}

// add counts one effect and returns how many there are.
func (e *effects) add(kind store.JobKind, subject int64) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.count[effect{kind, subject}]++
	e.total++
	if e.total == e.want {
		close(e.all)
	}
	return e.total
}

// check wants each effect once.
func (e *effects) check(t *testing.T) {
	t.Helper()
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.count) != e.want {
		t.Errorf("%d different effects, want %d", len(e.count), e.want)
	}
	for what, n := range e.count {
		if n != 1 {
			t.Errorf("%v happened %d times", what, n)
		}
	}
}

// chain returns use cases as the product's: matching leads to routing, routing
// to a mail. Each counts its effect after its commit; after, if not nil, is
// called with the number of effects so far.
func chain(st store.Store, e *effects, now func() time.Time, after func(total int)) map[store.JobKind]jobs.Func {
	step := func(kind, next store.JobKind) jobs.Func {
		return func(ctx context.Context, job, subject int64) error {
			first := false
			err := st.Do(ctx, func(tx store.Tx) (err error) {
				if first, err = tx.Outbox().Finish(ctx, job, now()); err != nil || !first || next == "" {
					return err
				}
				_, err = tx.Outbox().Put(ctx, store.Job{Kind: next, Subject: subject, CreatedAt: now()})
				return err
			})
			if err == nil && first {
				total := e.add(kind, subject)
				if after != nil {
					after(total)
				}
			}
			return err
		}
	}
	return map[store.JobKind]jobs.Func{
		store.JobMatch: step(store.JobMatch, store.JobRoute),
		store.JobRoute: step(store.JobRoute, store.JobSend),
		store.JobSend:  step(store.JobSend, ""),
	}
}

// process is what runs in one process: relay, queue and workers.
type process struct {
	relay *jobs.Relay
	stop  func() // ends it and waits
}

// run starts a process on the Redis at url.
func run(t testing.TB, st store.Store, url string, clock func() time.Time, do map[store.JobKind]jobs.Func) *process {
	t.Helper()
	at, err := asynqqueue.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	q := asynqqueue.New(at)
	relay := &jobs.Relay{Store: st, Queue: q, Now: clock, Meter: jobs.Unmetered{}, Bell: jobs.NewBell()}
	handler := &jobs.Handler{
		Store: st, Do: do, Now: clock, Chance: func() float64 { return 0.5 },
		Log: discard(), Meter: jobs.Unmetered{}, After: relay.Wake,
	}
	loops := jobs.Loops{Log: discard(), Now: clock, Meter: jobs.Unmetered{}}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() {
		if err := asynqqueue.NewServer(at, discard()).Run(ctx, handler.Handle); err != nil {
			t.Errorf("server: %v", err)
		}
	})
	running.Go(func() {
		if err := loops.Run(ctx, relay.Loop()); err != nil {
			t.Errorf("loops: %v", err)
		}
	})
	var once sync.Once
	p := &process{relay: relay, stop: func() {
		once.Do(func() {
			cancel()
			running.Wait()
			if err := q.Close(); err != nil {
				t.Errorf("close queue: %v", err)
			}
		})
	}}
	t.Cleanup(p.stop)
	return p
}

// embedded starts an embedded Redis.
func embedded(t testing.TB) *asynqqueue.Embedded {
	t.Helper()
	e, err := asynqqueue.StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close embedded Redis: %v", err)
		}
	})
	return e
}

// await waits until done is closed. Half a second of the machine's is a minute
// and a second of the clock's, so that what the queue lost goes again.
func await(t *testing.T, done <-chan struct{}, clock *testkit.Clock) {
	t.Helper()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	limit := time.After(patience)
	for {
		select {
		case <-done:
			return
		case <-ticker.C:
			clock.Advance(61 * time.Second)
		case <-limit:
			t.Fatalf("not everything was done in %v", patience)
		}
	}
}

// stubQueue takes room tasks of each Enqueue and then fails, if it is to.
type stubQueue struct {
	mu    sync.Mutex
	held  map[store.JobKind]int
	room  int
	err   error
	tasks []queue.Task
}

var errAway = errors.New("it is away")

func (q *stubQueue) Enqueue(_ context.Context, tasks []queue.Task) (int, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(q.room, len(tasks))
	q.tasks = append(q.tasks, tasks[:n]...)
	if n < len(tasks) {
		return n, q.err
	}
	return n, nil
}

func (q *stubQueue) Count(context.Context) (map[store.JobKind]int, error) { return q.held, nil }
func (q *stubQueue) Ping(context.Context) error                           { return nil }
func (q *stubQueue) Close() error                                         { return nil }
