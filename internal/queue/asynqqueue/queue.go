// Package asynqqueue is the task queue on asynq and Redis, or on a Redis
// inside this process (Embedded).
//
// Each kind of job has an asynq queue and workers of its own, so that a kind
// whose jobs all wait for something, such as a mail server that is away, takes
// nothing from the others.
//
// Nothing is ever archived or retained: asynq refuses a task whose id it still
// has, and a job that failed for good would then be stuck for the 90 days that
// an archived task stays. What a failure means is written in the outbox, by the
// handler.
package asynqqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"
	"golang.org/x/sync/errgroup"

	"hienke/internal/errs"
	"hienke/internal/queue"
	"hienke/internal/store"
)

const (
	// enqueueTimeout bounds one Enqueue. A full window of the relay, 1,000 tasks,
	// takes 0.4 s on the embedded Redis; 5 s is for a machine under load.
	enqueueTimeout = 5 * time.Second
	// commandTimeout bounds one command: a local Redis answers in under 1 ms,
	// and one that has not answered after 2 s will not.
	commandTimeout = 2 * time.Second
	// senders is how many tasks are on their way at once. It hides the round
	// trip to a Redis on another machine.
	senders = 8
	// neverArchive is asynq's limit of retries, far beyond what it ever makes:
	// a task that reaches the limit would be archived. The last quick retry is
	// counted by Server instead.
	neverArchive = math.MaxInt32
	// taskTimeout is when asynq takes a task away from a handler that ignored
	// the end of its context, which came at HandlerTimeout.
	taskTimeout = 2 * HandlerTimeout
)

// payload is what lies in Redis of a task, besides its kind: ids only.
type payload struct {
	Job      int64 `json:"job"`
	Subject  int64 `json:"subject"`
	Dispatch int   `json:"dispatch"`
}

// Queue hands tasks to asynq. It implements queue.Queue, and is safe for use
// by several goroutines.
type Queue struct {
	redis redis.UniversalClient
	asynq *asynq.Client
}

var _ queue.Queue = (*Queue)(nil)

// New returns a queue on the Redis at at. It does not connect yet: a Redis
// that is away is Unavailable to Enqueue, and no reason not to start.
func New(at *redis.UniversalOptions) *Queue {
	o := *at
	// The relay tries again by itself and backs off; with the retries of
	// go-redis, a refused connection would cost each task 1.7 s.
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = commandTimeout, commandTimeout, commandTimeout
	o.PoolTimeout = commandTimeout
	o.PoolSize = senders + 2 // two for Ping, which may come at any time
	o.ContextTimeoutEnabled = true
	client := redis.NewUniversalClient(&o)
	return &Queue{redis: client, asynq: asynq.NewClientFromRedisClient(client)}
}

// Enqueue implements queue.Queue.
func (q *Queue) Enqueue(ctx context.Context, tasks []queue.Task) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, enqueueTimeout)
	defer cancel()
	sent := 0
	for len(tasks) > 0 {
		// One round at a time, so that "from the first" can be answered.
		round := tasks[:min(senders, len(tasks))]
		n, err := q.enqueueRound(ctx, round)
		sent += n
		if err != nil {
			return sent, errs.Wrap(errs.Unavailable, "queue.unavailable", err)
		}
		tasks = tasks[len(round):]
	}
	return sent, nil
}

// enqueueRound sends up to senders tasks at once and returns how many of them
// arrived before the first that did not.
func (q *Queue) enqueueRound(ctx context.Context, tasks []queue.Task) (int, error) {
	failures := make([]error, len(tasks))
	var group errgroup.Group
	for i, t := range tasks {
		group.Go(func() error {
			failures[i] = q.enqueue(ctx, t)
			return nil
		})
	}
	_ = group.Wait() // failures tells more
	for i, err := range failures {
		if err != nil {
			return i, err
		}
	}
	return len(tasks), nil
}

// enqueue hands one task over. A task that asynq has already, waiting or under
// way, is as good as handed over.
func (q *Queue) enqueue(ctx context.Context, t queue.Task) error {
	data, err := json.Marshal(payload{Job: t.Job, Subject: t.Subject, Dispatch: t.Dispatch})
	if err != nil {
		return fmt.Errorf("encode task: %w", err)
	}
	_, err = q.asynq.EnqueueContext(ctx, asynq.NewTask(string(t.Kind), data),
		asynq.TaskID(t.ID()),
		asynq.Queue(string(t.Kind)),
		asynq.MaxRetry(neverArchive),
		asynq.Timeout(taskTimeout),
		asynq.Retention(0),
	)
	if errors.Is(err, asynq.ErrTaskIDConflict) || errors.Is(err, asynq.ErrDuplicateTask) {
		return nil
	}
	return err
}

// Count implements queue.Queue. It looks at asynq's own keys: its Inspector
// forgets a queue that Redis forgot, and samples memory on every call.
func (q *Queue) Count(ctx context.Context) (map[store.JobKind]int, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	lengths := map[store.JobKind][]*redis.IntCmd{}
	_, err := q.redis.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, kind := range store.JobKinds {
			prefix := "asynq:{" + string(kind) + "}:"
			lengths[kind] = []*redis.IntCmd{
				p.LLen(ctx, prefix+"pending"), p.LLen(ctx, prefix+"active"), p.ZCard(ctx, prefix+"retry"),
			}
		}
		return nil
	})
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "queue.unavailable", err)
	}
	counts := make(map[store.JobKind]int, len(lengths))
	for kind, parts := range lengths {
		for _, part := range parts {
			counts[kind] += int(part.Val())
		}
	}
	return counts, nil
}

// Ping implements queue.Queue.
func (q *Queue) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if err := q.redis.Ping(ctx).Err(); err != nil {
		return errs.Wrap(errs.Unavailable, "queue.unavailable", err)
	}
	return nil
}

// Close gives the connections back.
func (q *Queue) Close() error { return q.redis.Close() }
