package asynqqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/hibiken/asynq"
	"github.com/redis/go-redis/v9"

	"hienke/internal/errs"
	"hienke/internal/queue"
	"hienke/internal/store"
)

const (
	// HandlerTimeout ends the context of a handler. Jobs take milliseconds, a
	// mail at most 10 s; a minute is for a database that stalls.
	HandlerTimeout = time.Minute
	// quickRetries is how often a task is run again before the outbox decides:
	// after 1, 2 and 4 s, which bridges the restart of another service.
	quickRetries = 3
	// slowRetry is the pause before asynq's own retries beyond the quick ones.
	// They happen only when the last run could not tell how it ended, as when
	// its process was killed.
	slowRetry = time.Minute
	// pickUp is how often an idle worker looks for a task. asynq varies it by
	// half, so a task waits 75 ms on average in an idle queue. It costs ten
	// short scripts a second for each kind.
	pickUp = 100 * time.Millisecond
	// retryCheck is how often asynq looks for retries that are due: the finest
	// unit of their times.
	retryCheck = time.Second
	// stopGrace is how long Run waits for handlers at the end before it ends
	// their contexts and hands their tasks back, and stopAbort how long it then
	// waits for them to notice. Together they stay under the 30 s that
	// container platforms allow by default.
	stopGrace = 10 * time.Second
	stopAbort = 5 * time.Second
	// defaultWorkers is how many jobs of a kind run at once in one process.
	defaultWorkers = 4
)

// Server takes tasks from asynq. It implements queue.Server.
type Server struct {
	at  *redis.UniversalOptions
	log *slog.Logger
	// Workers is how many tasks of a kind run at once in this process. A kind
	// that is not named has 4. Set it before Run.
	Workers map[store.JobKind]int

	// The rest differs in tests alone.
	kinds                 []store.JobKind
	delay                 func(retries int) time.Duration
	timeout, grace, abort time.Duration
}

var _ queue.Server = (*Server)(nil)

// NewServer returns a server of every kind of job on the Redis at at. It does
// not connect yet. What asynq has to say goes to log, at most one warning in
// ten seconds and the rest at level debug: how a job went is told by its
// handler.
func NewServer(at *redis.UniversalOptions, log *slog.Logger) *Server {
	return &Server{
		at: at, log: log,
		kinds: store.JobKinds, delay: delay,
		timeout: HandlerTimeout, grace: stopGrace, abort: stopAbort,
	}
}

// delay returns the pause before the next run of a task that was run again
// retries times so far.
func delay(retries int) time.Duration {
	if retries >= quickRetries {
		return slowRetry
	}
	return time.Second << retries
}

// Run implements queue.Server. Handlers see the values of ctx, but not its
// end: those under way may finish for 10 s. Then their contexts end, and their
// tasks go back to the queue.
//
// A Redis that is away does not end Run: work goes on when it is back.
func (s *Server) Run(ctx context.Context, h queue.Handler) error {
	client := redis.NewUniversalClient(s.options())
	r := &run{Server: s, handle: h, base: context.WithoutCancel(ctx)}
	servers := make([]*asynq.Server, 0, len(s.kinds))
	var err error
	for _, kind := range s.kinds {
		server := asynq.NewServerFromRedisClient(client, s.config(r, kind))
		if err = server.Start(asynq.HandlerFunc(r.process)); err != nil {
			break
		}
		servers = append(servers, server)
	}
	if err == nil {
		<-ctx.Done()
	}
	var stopping sync.WaitGroup
	for _, server := range servers {
		stopping.Go(server.Shutdown)
	}
	stopping.Wait()
	return errors.Join(err, r.wait(), client.Close())
}

// options returns how the server connects. Unlike Queue it may wait, and it
// must: asynq asks again at once after an error, and the pauses of go-redis are
// all that keeps it from turning in circles while Redis is away.
func (s *Server) options() *redis.UniversalOptions {
	o := *s.at
	o.MaxRetries = 2
	o.MinRetryBackoff, o.MaxRetryBackoff = 250*time.Millisecond, time.Second
	o.DialerRetries = 1
	o.DialTimeout, o.ReadTimeout, o.WriteTimeout = commandTimeout, commandTimeout, commandTimeout
	o.PoolSize = 0
	for _, kind := range s.kinds {
		o.PoolSize += s.workers(kind) + 8 // asynq's own goroutines, one connection each
	}
	return &o
}

// config returns the settings of the asynq server for one kind.
func (s *Server) config(r *run, kind store.JobKind) asynq.Config {
	return asynq.Config{
		Concurrency:              s.workers(kind),
		Queues:                   map[string]int{string(kind): 1},
		BaseContext:              func() context.Context { return r.base },
		TaskCheckInterval:        pickUp,
		DelayedTaskCheckInterval: retryCheck,
		RetryDelayFunc:           func(n int, _ error, _ *asynq.Task) time.Duration { return s.delay(n) },
		ShutdownTimeout:          s.grace,
		Logger:                   newLogger(s.log, kind),
		LogLevel:                 asynq.InfoLevel,
	}
}

// workers returns how many tasks of a kind run at once.
func (s *Server) workers(kind store.JobKind) int {
	if n := s.Workers[kind]; n > 0 {
		return n
	}
	return defaultWorkers
}

// run is one call of Server.Run.
type run struct {
	*Server
	handle   queue.Handler
	base     context.Context // asynq asks for it by a function; it lives no longer than Run
	underWay sync.WaitGroup
}

// process does one task. Its error tells asynq what to do next: run it again
// in a moment, or forget it (RevokeTask). It never asks asynq to archive.
func (r *run) process(ctx context.Context, t *asynq.Task) error {
	r.underWay.Add(1)
	defer r.underWay.Done()
	ctx, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	task, err := decode(ctx, t)
	if err != nil {
		return fmt.Errorf("%w: %w", err, asynq.RevokeTask)
	}
	err = r.handle(ctx, task)
	if err != nil && (task.Last || !worthRetry(err)) {
		return fmt.Errorf("%w: %w", err, asynq.RevokeTask)
	}
	return err
}

// decode reads a task back.
func decode(ctx context.Context, t *asynq.Task) (queue.Task, error) {
	var p payload
	if err := json.Unmarshal(t.Payload(), &p); err != nil {
		return queue.Task{}, fmt.Errorf("decode task: %w", err)
	}
	retries, _ := asynq.GetRetryCount(ctx)
	return queue.Task{
		Kind: store.JobKind(t.Type()), Job: p.Job, Subject: p.Subject, Dispatch: p.Dispatch,
		Last: retries >= quickRetries,
	}, nil
}

// retryable says for each kind of error whether the same task may succeed in a
// moment: only what lies outside the task itself is worth another try.
var retryable = map[errs.Kind]bool{
	errs.Internal:        true,
	errs.Unavailable:     true,
	errs.RateLimited:     true,
	errs.Invalid:         false,
	errs.Unauthenticated: false,
	errs.Forbidden:       false,
	errs.NotFound:        false,
	errs.Gone:            false,
	errs.Conflict:        false,
}

// worthRetry reports whether a quick retry may cure err.
func worthRetry(err error) bool { return retryable[errs.KindOf(err)] }

// wait waits for handlers that asynq no longer waits for. Their contexts have
// ended; one that stays is a defect, and better named than waited for.
func (r *run) wait() error {
	done := make(chan struct{})
	go func() {
		r.underWay.Wait()
		close(done)
	}()
	limit := time.NewTimer(r.abort)
	defer limit.Stop()
	select {
	case <-done:
		return nil
	case <-limit.C:
		return fmt.Errorf("stop workers: a handler ignored the end of its context for %v", r.abort)
	}
}
