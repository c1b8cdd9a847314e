package jobs

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/queue"
	"hienke/internal/store"
)

const (
	// window is how many jobs of one kind are in the queue at most. The rest
	// of a backlog waits in the outbox, where it costs nothing: in the queue it
	// would take memory, and be looked at again every minute. A kind that is
	// slow has its own window, and keeps no other waiting.
	window = 1000
	// refill is how few jobs of a kind the queue holds when more are handed
	// over, so that under load each round hands over hundreds.
	refill = window / 2
	// gap is the least time between two rounds. The bell may ring thousands of
	// times a second.
	gap = 20 * time.Millisecond
	// poll is how often the relay looks for jobs that nobody in this process
	// told it of: those of other processes, and those that have rested. It
	// costs one read of an index for each kind.
	poll = 250 * time.Millisecond
	// staleAfter is when a job in the queue is handed over again, because the
	// queue may have lost it. If it did not, the task is there and nothing
	// happens.
	staleAfter = time.Minute
)

// Relay hands the jobs of the outbox to the queue. Several may run at once, in
// several processes: the queue takes each dispatch of a job once.
type Relay struct {
	Store store.Store
	Queue queue.Queue
	Now   func() time.Time
	Meter Meter
	// Bell is rung when a transaction of this process put a job into the
	// outbox. Without it the relay notices a quarter of a second later.
	Bell Bell
}

// Wake tells the relay that there is something new in the outbox. It returns
// at once, and may be called after every commit.
func (r *Relay) Wake() { r.Bell.Ring() }

// Loop returns the relay as a loop. While the queue is away it tries less and
// less often, up to every ten seconds.
func (r *Relay) Loop() Loop {
	return Loop{Name: "relay", Every: poll, Gap: gap, Wake: r.Bell, Do: r.Tick}
}

// ForgetOnStart marks every undone job as not in the queue, and returns how
// many were. It is for the start of a process whose queue is empty because it
// lived in the process before it.
func (r *Relay) ForgetOnStart(ctx context.Context) (forgotten int, err error) {
	err = r.Store.Do(ctx, func(tx store.Tx) error {
		forgotten, err = tx.Outbox().Forget(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget what was in the queue: %w", err)
	}
	return forgotten, nil
}

// Tick fills the window of each kind once. It never reports more: what did
// not fit has to wait until the queue has worked something off.
func (r *Relay) Tick(ctx context.Context) (more bool, err error) {
	held, err := r.Queue.Count(ctx)
	if err != nil {
		return false, fmt.Errorf("look into the queue: %w", err)
	}
	due, err := r.due(ctx, held)
	if err != nil {
		return false, fmt.Errorf("look for due jobs: %w", err)
	}
	var sent []int64
	var failure error
	for _, jobs := range due {
		var n int
		n, failure = r.hand(ctx, jobs)
		for _, j := range jobs[:n] {
			sent = append(sent, j.ID)
		}
		if failure != nil {
			break // the queue is one: the other kinds would fail too
		}
	}
	// Also after a failure: what the queue has, it has. A crash before this is
	// no harm either, the queue knows the ids.
	if err := r.noteSent(ctx, sent); err != nil {
		return false, fmt.Errorf("note jobs as sent: %w", err)
	}
	if failure != nil {
		return false, fmt.Errorf("hand jobs to the queue: %w", failure)
	}
	return false, nil
}

// due returns for each kind that has room in the queue, and has any, the jobs
// that fill its window.
func (r *Relay) due(ctx context.Context, held map[store.JobKind]int) (due [][]store.Job, err error) {
	now := r.Now()
	err = r.Store.View(ctx, func(tx store.Tx) error {
		due = nil
		for _, kind := range store.JobKinds {
			if held[kind] > refill {
				continue
			}
			jobs, err := tx.Outbox().Due(ctx, kind, now, now.Add(-staleAfter), window-held[kind])
			if err != nil {
				return err
			}
			if len(jobs) > 0 {
				due = append(due, jobs)
			}
		}
		return nil
	})
	return due, err
}

// hand gives jobs of one kind to the queue and returns how many it has.
func (r *Relay) hand(ctx context.Context, jobs []store.Job) (int, error) {
	tasks := make([]queue.Task, len(jobs))
	for i, j := range jobs {
		tasks[i] = queue.Task{Kind: j.Kind, Job: j.ID, Subject: j.Subject, Dispatch: j.Dispatch}
	}
	n, err := r.Queue.Enqueue(ctx, tasks)
	if n > 0 {
		r.Meter.Relayed(jobs[0].Kind, n)
	}
	return n, err
}

// noteSent records what the queue has.
func (r *Relay) noteSent(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	at := r.Now()
	return r.Store.Do(ctx, func(tx store.Tx) error { return tx.Outbox().Sent(ctx, ids, at) })
}
