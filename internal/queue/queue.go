// Package queue is the port to the task queue. It hides asynq, and it promises
// little: a task may be lost, delayed or run twice. The outbox makes good for
// all three.
package queue

import (
	"context"
	"strconv"

	"hienke/internal/store"
)

// Task names one dispatch of one outbox row. It carries ids only.
type Task struct {
	Kind     store.JobKind
	Job      int64 // id of the outbox row
	Subject  int64
	Dispatch int
	// Last is set for handlers: the queue's quick retries are used up after
	// this run.
	Last bool
}

// ID is the queue's name of the task: row and dispatch number.
func (t Task) ID() string {
	return "outbox-" + strconv.FormatInt(t.Job, 10) + "-" + strconv.Itoa(t.Dispatch)
}

// Queue takes tasks in.
type Queue interface {
	// Enqueue hands tasks over and returns how many of them, from the first,
	// the queue has now. A task that it has already counts as handed over. It
	// is Unavailable when the queue cannot be reached.
	Enqueue(ctx context.Context, tasks []Task) (int, error)
	// Count returns how many tasks of each kind in store.JobKinds the queue
	// holds: waiting, under way or about to be retried. It is what keeps a
	// backlog in the outbox, where it is cheap, rather than in the queue. It is
	// Unavailable when the queue cannot be reached.
	Count(ctx context.Context) (map[store.JobKind]int, error)
	// Ping reports whether the queue answers.
	Ping(ctx context.Context) error
	Close() error
}

// Handler does a task. An error of kind Internal, Unavailable or RateLimited
// is worth a quick retry; any other gives up at once.
type Handler func(ctx context.Context, t Task) error

// Server runs handlers.
type Server interface {
	// Run takes tasks until ctx ends, then waits for those under way.
	Run(ctx context.Context, h Handler) error
}
