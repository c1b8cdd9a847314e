// Package queuetest holds what every task queue must do, sentence by sentence
// of package queue. What a queue may do, lose a task or run it twice, is not
// tested here: the outbox makes good for it.
package queuetest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/queue"
	"hienke/internal/store"
)

// patience bounds every wait. Most take under 0.2 s, four runs of one task 5 s
// where retries are looked for once a second; a busy machine needs longer.
const patience = 2 * time.Minute

// Pair is an empty queue and what serves it.
type Pair struct {
	Queue  queue.Queue
	Server func() queue.Server // a new one each time
}

// Run checks an implementation. open returns an empty queue and cleans up
// after itself through t.Cleanup. Its servers serve the kinds in
// store.JobKinds, with two workers or more for each but at most 20, pause at
// most a second between retries, and end the context of a handler under way
// one second or so after Run's own context ended.
func Run(t *testing.T, open func(t *testing.T) Pair) {
	tests := []struct {
		name string
		run  func(t *testing.T, p Pair)
	}{
		{"a handler sees the task as it was handed over", testFields},
		{"a task that waits already counts as handed over and runs once", testTwice},
		{"a task that is done may be handed over again", testAgain},
		{"many tasks all run once each", testMany},
		{"a failure outside the task is retried three times and the last is marked", testRetry},
		{"after the last failure the task may be handed over again", testForgotten},
		{"a failure of the task itself is not retried", testGiveUp},
		{"a panic is a failure like any other", testPanic},
		{"a slow kind does not starve another", testStarve},
		{"the end of Run waits for the handler under way", testStopWaits},
		{"a handler that does not end is cancelled and its task comes back", testStopCancels},
		{"it counts what waits, what is under way and what will be retried", testCount},
		{"it answers a ping", testPing},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, open(t))
		})
	}
}

// start runs a new server of p until stop is called, which returns what Run
// returned. The test's end stops it too.
func start(t *testing.T, p Pair, h queue.Handler) (stop func() error) {
	t.Helper()
	end, wait := begin(t, p, h)
	return func() error {
		end()
		return wait()
	}
}

// begin is start with the two halves of stop apart.
func begin(t *testing.T, p Pair, h queue.Handler) (end func(), wait func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	server := p.Server()
	go func() { ended <- server.Run(ctx, h) }()
	wait = sync.OnceValue(func() error { return <-ended })
	t.Cleanup(func() {
		cancel()
		if err := wait(); err != nil {
			t.Errorf("Run ended with %v", err)
		}
	})
	return cancel, wait
}

// enqueue hands tasks over and wants all of them taken.
func enqueue(t *testing.T, p Pair, tasks ...queue.Task) {
	t.Helper()
	n, err := p.Queue.Enqueue(t.Context(), tasks)
	if err != nil || n != len(tasks) {
		t.Fatalf("Enqueue of %d took %d: %v", len(tasks), n, err)
	}
}

// next returns what comes next, or fails.
func next[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came in %v", patience)
		panic("unreachable")
	}
}

func task(kind store.JobKind, job int64) queue.Task {
	return queue.Task{Kind: kind, Job: job, Subject: job * 10}
}

func testFields(t *testing.T, p Pair) {
	ran := make(chan queue.Task, 1)
	start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	want := queue.Task{Kind: store.JobSend, Job: 1<<60 + 1, Subject: 1<<60 + 7, Dispatch: 3}
	enqueue(t, p, want)
	if got := next(t, ran); got != want {
		t.Errorf("handler saw %+v, want %+v", got, want)
	}
}

func testTwice(t *testing.T, p Pair) {
	first, second := task(store.JobMatch, 1), task(store.JobMatch, 2)
	enqueue(t, p, first, first)
	enqueue(t, p, first, second)
	ran := make(chan queue.Task, 4)
	stop := start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	got := map[int64]int{next(t, ran).Job: 1}
	got[next(t, ran).Job]++
	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if len(ran) != 0 || got[1] != 1 || got[2] != 1 {
		t.Errorf("runs per job %v and %d more, want one each of 1 and 2", got, len(ran))
	}
}

func testAgain(t *testing.T, p Pair) {
	ran := make(chan queue.Task, 2)
	one := task(store.JobRoute, 1)
	for range 2 {
		stop := start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
		enqueue(t, p, one)
		next(t, ran)
		if err := stop(); err != nil { // so that the queue knows it is done
			t.Fatalf("Run ended with %v", err)
		}
	}
}

func testMany(t *testing.T, p Pair) {
	const each = 50
	ran := make(chan queue.Task, 10*each)
	var tasks []queue.Task
	for job := range int64(each) {
		for _, kind := range store.JobKinds {
			tasks = append(tasks, task(kind, job*10+int64(len(tasks)%len(store.JobKinds))))
		}
	}
	enqueue(t, p, tasks...)
	stop := start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	got := map[queue.Task]int{}
	for range tasks {
		got[next(t, ran)]++
	}
	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	for _, want := range tasks {
		if got[want] != 1 {
			t.Errorf("%+v ran %d times", want, got[want])
		}
	}
	if len(ran) != 0 {
		t.Errorf("%d runs too many", len(ran))
	}
}

// away is a failure that may pass.
var away = errs.Wrap(errs.Unavailable, "test.away", errors.New("it is away"))

func testRetry(t *testing.T, p Pair) {
	lasts := make(chan bool, 8)
	start(t, p, func(_ context.Context, task queue.Task) error { lasts <- task.Last; return away })
	enqueue(t, p, task(store.JobMatch, 1))
	for i, want := range []bool{false, false, false, true} {
		if got := next(t, lasts); got != want {
			t.Errorf("run %d has Last %v", i+1, got)
		}
	}
}

func testForgotten(t *testing.T, p Pair) {
	one := task(store.JobMatch, 1)
	done := make(chan struct{})
	stop := start(t, p, func(_ context.Context, task queue.Task) error {
		if task.Last {
			close(done)
		}
		return away
	})
	enqueue(t, p, one)
	next(t, done)
	if err := stop(); err != nil {
		t.Fatalf("Run ended with %v", err)
	}
	enqueue(t, p, one)
	ran := make(chan queue.Task, 1)
	start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	if got := next(t, ran); got != one {
		t.Errorf("handed over again it is %+v, want %+v", got, one)
	}
}

func testGiveUp(t *testing.T, p Pair) {
	var runs atomic.Int32
	other := make(chan struct{})
	stop := start(t, p, func(_ context.Context, task queue.Task) error {
		if task.Kind == store.JobRoute { // a marker: two retries of it outlast one of the other
			if task.Last {
				close(other)
			}
			return away
		}
		runs.Add(1)
		return errs.New(errs.Invalid, "test.wrong")
	})
	enqueue(t, p, task(store.JobMatch, 1), task(store.JobRoute, 2))
	next(t, other)
	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if got := runs.Load(); got != 1 {
		t.Errorf("a task that can never succeed ran %d times", got)
	}
}

func testPanic(t *testing.T, p Pair) {
	ran := make(chan struct{}, 8)
	var once atomic.Bool
	start(t, p, func(context.Context, queue.Task) error {
		ran <- struct{}{}
		if once.CompareAndSwap(false, true) {
			panic("a defect")
		}
		return nil
	})
	enqueue(t, p, task(store.JobMatch, 1))
	next(t, ran)
	next(t, ran)
}

func testStarve(t *testing.T, p Pair) {
	release := make(chan struct{})
	defer close(release)
	ran := make(chan queue.Task, 1)
	start(t, p, func(ctx context.Context, task queue.Task) error {
		if task.Kind == store.JobSend {
			select {
			case <-release:
			case <-ctx.Done():
			}
			return nil
		}
		ran <- task
		return nil
	})
	var slow []queue.Task
	for job := range int64(40) {
		slow = append(slow, task(store.JobSend, job+1))
	}
	enqueue(t, p, slow...)
	enqueue(t, p, task(store.JobMatch, 100))
	next(t, ran)
}

func testStopWaits(t *testing.T, p Pair) {
	begun, release := make(chan struct{}), make(chan struct{})
	var finished atomic.Bool
	end, wait := begin(t, p, func(ctx context.Context, _ queue.Task) error {
		close(begun)
		<-release
		finished.Store(ctx.Err() == nil)
		return nil
	})
	enqueue(t, p, task(store.JobMatch, 1))
	next(t, begun)
	end()
	close(release)
	if err := wait(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	if !finished.Load() {
		t.Error("Run ended before its handler, or ended the handler's context at once")
	}
}

func testStopCancels(t *testing.T, p Pair) {
	begun := make(chan struct{})
	stop := start(t, p, func(ctx context.Context, _ queue.Task) error {
		close(begun)
		<-ctx.Done()
		return ctx.Err()
	})
	one := task(store.JobMatch, 1)
	enqueue(t, p, one)
	next(t, begun)
	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	ran := make(chan queue.Task, 1)
	start(t, p, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	if got := next(t, ran); got != one {
		t.Errorf("it came back as %+v, want %+v", got, one)
	}
}

func testCount(t *testing.T, p Pair) {
	count := func(want map[store.JobKind]int) {
		t.Helper()
		got, err := p.Queue.Count(t.Context())
		if err != nil {
			t.Fatalf("Count: %v", err)
		}
		for _, kind := range store.JobKinds {
			if got[kind] != want[kind] {
				t.Errorf("%s: counts %d, want %d", kind, got[kind], want[kind])
			}
		}
	}
	count(nil)
	enqueue(t, p, task(store.JobMatch, 1), task(store.JobMatch, 2), task(store.JobRoute, 3))
	count(map[store.JobKind]int{store.JobMatch: 2, store.JobRoute: 1})
	begun, release := make(chan struct{}, 2), make(chan struct{})
	failed := make(chan struct{}, 8)
	stop := start(t, p, func(_ context.Context, task queue.Task) error {
		if task.Kind == store.JobRoute {
			failed <- struct{}{}
			return away
		}
		begun <- struct{}{}
		<-release
		return nil
	})
	next(t, begun)
	next(t, begun)
	next(t, failed)
	next(t, failed) // the first retry: so the task was neither lost nor doubled
	count(map[store.JobKind]int{store.JobMatch: 2, store.JobRoute: 1})
	close(release)
	if err := stop(); err != nil {
		t.Errorf("Run ended with %v", err)
	}
	count(map[store.JobKind]int{store.JobRoute: 1})
}

func testPing(t *testing.T, p Pair) {
	if err := p.Queue.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}
