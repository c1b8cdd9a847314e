package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"hienke/internal/errs"
	"hienke/internal/queue"
	"hienke/internal/store"
)

const (
	// firstRest and longestRest bound how long a failed job rests before it is
	// sent anew. It doubles with each failure: half a minute for a service
	// that restarts, an hour for one that is away over the weekend.
	firstRest   = 30 * time.Second
	longestRest = time.Hour
	// hopelessRest is how long a job rests that fails by itself, and will again
	// until somebody mends the data or the program: it is tried a few times a
	// day, so that nobody has to remember it.
	hopelessRest = 6 * time.Hour
	// spread is the part of a rest that is left to chance, so that what failed
	// together does not come back together.
	spread = 0.25
	// noteTimeout bounds the recording of a failure, which happens even when
	// the job's own time is over.
	noteTimeout = 10 * time.Second
)

// Func does one job. Its transaction begins with Outbox.Finish(job), and does
// nothing more when that reports false. Subject is what the job's kind says.
type Func func(ctx context.Context, job, subject int64) error

// Handler does the tasks of the queue.
type Handler struct {
	Store store.Store
	// Do holds the use case of each kind.
	Do  map[store.JobKind]Func
	Now func() time.Time
	// Chance returns numbers in [0, 1), evenly spread.
	Chance func() float64
	Log    *slog.Logger
	Meter  Meter
	// After is called after each job that was done, when its transaction may
	// have made more work: it rings the bells. It may be nil.
	After func()
}

// Handle implements queue.Handler. What the queue's quick retries do not cure
// is written into the outbox as a failure, which lets the job rest and sends
// it anew; a job is never dropped. A panic is a failure of kind Internal.
func (h *Handler) Handle(ctx context.Context, t queue.Task) error {
	began := h.Now()
	err := h.run(ctx, t)
	outcome, err := h.settle(ctx, t, err)
	h.Meter.Ran(t.Kind, outcome, h.Now().Sub(began))
	if outcome == Done && h.After != nil {
		h.After()
	}
	return err
}

// run calls the use case.
func (h *Handler) run(ctx context.Context, t queue.Task) (err error) {
	defer guard(&err)
	do, ok := h.Do[t.Kind]
	if !ok {
		return errs.New(errs.NotFound, "job.kind_unknown") // a task of a newer version: no quick retry helps
	}
	return do(ctx, t.Job, t.Subject)
}

// settle decides what a run means, and returns what the queue is told: an
// error asks it for a quick retry.
func (h *Handler) settle(ctx context.Context, t queue.Task, err error) (Outcome, error) {
	switch {
	case err == nil:
		return Done, nil
	case errors.Is(ctx.Err(), context.Canceled):
		// Not a failure of the job. The queue keeps the task, and if it does
		// not, the relay sends it again.
		return Stopped, err
	case quick(err) && !t.Last:
		h.log(ctx, t, err, Again, slog.LevelWarn)
		return Again, err
	}
	h.log(ctx, t, err, Resting, slog.LevelError)
	if noteErr := h.note(ctx, t, err); noteErr != nil {
		// The database is away too. The row stays as sent, and the relay sends
		// it again after a minute.
		noteErr = fmt.Errorf("note failed job: %w", noteErr)
		h.log(ctx, t, noteErr, Again, slog.LevelError)
		return Again, noteErr
	}
	return Resting, nil
}

// note writes the failure into the outbox. Only its code is kept: a message
// may hold personal data.
func (h *Handler) note(ctx context.Context, t queue.Task, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	chance := h.Chance()
	return h.Store.Do(ctx, func(tx store.Tx) error {
		job, err := tx.Outbox().Get(ctx, t.Job)
		if errs.KindOf(err) == errs.NotFound && err != nil {
			return nil // done so long ago that the row is gone
		}
		if err != nil {
			return err
		}
		if !job.DoneAt.IsZero() || job.Dispatch != t.Dispatch {
			return nil // a late run: the job is done, or another dispatch of it is under way
		}
		return tx.Outbox().Fail(ctx, t.Job, errs.CodeOf(failure), h.Now().Add(rest(failure, job.Attempts, chance)))
	})
}

// rest returns how long a job rests after a failure that followed attempts
// others. A service that asked for a longer pause gets it.
func rest(failure error, attempts int, chance float64) time.Duration {
	pause := hopelessRest
	if passing[errs.KindOf(failure)] {
		pause = longestRest
		if attempts < 7 { // 30 s doubled seven times is over an hour
			pause = firstRest << attempts
		}
	}
	pause = time.Duration(float64(pause) * (1 - spread/2 + spread*chance))
	return max(pause, errs.RetryAfterOf(failure))
}

// passing says for each kind of error whether it may pass by itself.
var passing = map[errs.Kind]bool{
	errs.Internal:        true,
	errs.Unavailable:     true,
	errs.RateLimited:     true,
	errs.Conflict:        true, // another change came between
	errs.Invalid:         false,
	errs.Unauthenticated: false,
	errs.Forbidden:       false,
	errs.NotFound:        false,
	errs.Gone:            false,
}

// quick reports whether the queue's quick retries may cure err, as
// queue.Handler promises them.
func quick(err error) bool {
	kind := errs.KindOf(err)
	return kind == errs.Internal || kind == errs.Unavailable || kind == errs.RateLimited
}

// log writes the one line of a failed run.
func (h *Handler) log(ctx context.Context, t queue.Task, err error, next Outcome, level slog.Level) {
	h.Log.LogAttrs(context.WithoutCancel(ctx), level, "job failed",
		slog.String("kind", string(t.Kind)), slog.Int64("job", t.Job), slog.Int64("subject", t.Subject),
		slog.Int("dispatch", t.Dispatch), slog.String("next", string(next)),
		slog.String("code", errs.CodeOf(err)), slog.String("error", err.Error()))
}
