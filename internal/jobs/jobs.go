// Package jobs does what the outbox promises. It is the face of the house that
// nobody sees: as the API turns requests into use cases, it turns rows of the
// outbox into tasks of the queue (Relay), tasks into use cases (Handler), and
// the passing of time into the rounds that keep things in order (Loops).
//
// The queue may lose a task, delay it or run it twice. A lost task goes again
// after a minute, and what runs twice acts once, because the transaction of
// every use case here begins by marking its row done where it is not done.
package jobs

import (
	"fmt"
	"runtime/debug"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

// Outcome says how one run of a job ended.
type Outcome string

// The outcomes.
const (
	Done    Outcome = "done"    // the job is done, now or before
	Again   Outcome = "again"   // failed; the queue tries again in a moment
	Resting Outcome = "resting" // failed; the outbox lets it rest and sends it anew
	Stopped Outcome = "stopped" // interrupted by the end of the process; the queue has it still
)

// Meter counts what happens here. Its methods are called from several
// goroutines.
type Meter interface {
	// Relayed counts n tasks handed to the queue.
	Relayed(kind store.JobKind, n int)
	// Ran counts one run of a job.
	Ran(kind store.JobKind, outcome Outcome, took time.Duration)
	// Looped counts one round of a loop.
	Looped(name string, failed bool, took time.Duration)
}

// Unmetered is the Meter that counts nothing.
type Unmetered struct{}

// Relayed implements Meter.
func (Unmetered) Relayed(store.JobKind, int) {}

// Ran implements Meter.
func (Unmetered) Ran(store.JobKind, Outcome, time.Duration) {}

// Looped implements Meter.
func (Unmetered) Looped(string, bool, time.Duration) {}

// Bell wakes a loop before its time. Ringing it twice before the loop listens
// wakes it once, and nobody waits for it. A nil Bell is silent.
type Bell chan struct{}

// NewBell returns a bell.
func NewBell() Bell { return make(Bell, 1) }

// Ring wakes who listens, now or when it next does.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}

// Bells rings several at once.
type Bells []Bell

// Ring rings each.
func (bs Bells) Ring() {
	for _, b := range bs {
		b.Ring()
	}
}

// guard turns a panic of what it is deferred in into an Internal error with
// the stack, which is for the log alone.
func guard(err *error) {
	if p := recover(); p != nil {
		*err = errs.Wrap(errs.Internal, "internal", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
	}
}
