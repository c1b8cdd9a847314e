package search

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"hienke/internal/errs"
)

// restAfterFailure is how long a broken engine is left alone after a failed
// query. Without it every reader would wait for the time-out of an engine that
// does not answer at all.
const restAfterFailure = 5 * time.Second

// Degrading is an Index whose queries are answered by a stand-in while the
// engine is out of reach. Everything else goes to the engine alone, and its
// errors come back: a change that is not in the index must not look done.
type Degrading struct {
	Index
	fallback Searcher
	now      func() time.Time
	restTill atomic.Int64 // Unix microseconds; before it the engine is not asked
}

// NewDegrading joins an engine and its stand-in. It panics when they are not
// for the same audience: a fault of composition that would show private texts.
func NewDegrading(index Index, fallback Searcher, now func() time.Time) *Degrading {
	if index.Audience() != fallback.Audience() {
		panic(fmt.Sprintf("search: an index for %s with a stand-in for %s", index.Audience(), fallback.Audience()))
	}
	return &Degrading{Index: index, fallback: fallback, now: now}
}

// Query asks the engine and, when that is Unavailable, the stand-in. The
// result of the stand-in has Degraded set. When the stand-in fails as well its
// error is returned, with the engine's beside it for the log. A caller that
// went away gets no second answer.
func (d *Degrading) Query(ctx context.Context, q Query) (Result, error) {
	var cause error
	if d.now().UnixMicro() >= d.restTill.Load() {
		result, err := d.Index.Query(ctx, q)
		if err == nil || errs.KindOf(err) != errs.Unavailable || ctx.Err() != nil {
			return result, err
		}
		cause = err
		d.restTill.Store(d.now().Add(restAfterFailure).UnixMicro())
	}
	result, err := d.fallback.Query(ctx, q)
	if err != nil {
		return Result{}, fmt.Errorf("answer in place of the engine: %w", errors.Join(err, cause))
	}
	result.Degraded = true
	return result, nil
}
