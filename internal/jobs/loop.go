package jobs

import (
	"context"
	"log/slog"
	"time"

	"golang.org/x/sync/errgroup"
)

// Bounds of the pause after a failed round. The first is a loop's own pause or
// a second, whichever is shorter, and it doubles up to the loop's own pause,
// but at least to shortCap, which a service that is away cannot feel, and at
// most to longCap, so that an hourly round need not wait for the next hour.
const (
	firstPause = time.Second
	shortCap   = 10 * time.Second
	longCap    = 5 * time.Minute
)

// Loop is something to do again and again.
type Loop struct {
	Name string
	// Every is the pause between two rounds when nothing wakes the loop.
	Every time.Duration
	// Gap is the least pause between two rounds, however often the loop is
	// woken. Zero means none.
	Gap time.Duration
	// Wake ends the pause. It does not end the pause after a failure. It may
	// be nil.
	Wake <-chan struct{}
	// Do is one round. It reports more when it did something and there is more
	// to do: the next round then follows at once.
	Do func(ctx context.Context) (more bool, err error)
}

// Loops runs loops.
type Loops struct {
	Log   *slog.Logger
	Now   func() time.Time
	Meter Meter
	// After returns a channel that gets a value once the time has passed; nil
	// means time.After.
	After func(time.Duration) <-chan time.Time
}

// Run runs every loop, the first round of each at once, until ctx ends and all
// rounds under way have ended. A failed round, a panic included, is logged and
// tried again; it never ends a loop. Run returns nil.
func (ls Loops) Run(ctx context.Context, loops ...Loop) error {
	if ls.After == nil {
		ls.After = time.After
	}
	var group errgroup.Group
	for _, l := range loops {
		group.Go(func() error {
			ls.run(ctx, l)
			return nil
		})
	}
	return group.Wait()
}

// run runs one loop until ctx ends.
func (ls Loops) run(ctx context.Context, l Loop) {
	failures := 0
	for ctx.Err() == nil {
		more, err := ls.round(ctx, l)
		if ctx.Err() != nil {
			return // an error now is about the end, not about the work
		}
		pause, wake := l.Every, l.Wake
		if err != nil {
			pause, wake = backoff(l.Every, failures), nil
			failures++
			ls.Log.LogAttrs(ctx, slog.LevelError, "round failed", slog.String("loop", l.Name),
				slog.Int("failures", failures), slog.Duration("pause", pause), slog.String("error", err.Error()))
		} else if failures > 0 {
			ls.Log.LogAttrs(ctx, slog.LevelInfo, "round succeeded again",
				slog.String("loop", l.Name), slog.Int("failures", failures))
			failures = 0
		}
		if more && err == nil {
			continue
		}
		if l.Gap > 0 && err == nil {
			ls.wait(ctx, nil, l.Gap)
		}
		ls.wait(ctx, wake, pause)
	}
}

// wait returns when ctx ends, wake rings or the pause is over.
func (ls Loops) wait(ctx context.Context, wake <-chan struct{}, pause time.Duration) {
	select {
	case <-ctx.Done():
	case <-wake:
	case <-ls.After(pause):
	}
}

// round does one round and counts it.
func (ls Loops) round(ctx context.Context, l Loop) (more bool, err error) {
	began := ls.Now()
	defer func() { ls.Meter.Looped(l.Name, err != nil, ls.Now().Sub(began)) }()
	defer guard(&err)
	return l.Do(ctx)
}

// backoff returns the pause after a failure that followed failures others.
func backoff(every time.Duration, failures int) time.Duration {
	longest := min(max(every, shortCap), longCap)
	pause := min(every, firstPause)
	for range failures {
		if pause >= longest {
			break
		}
		pause *= 2
	}
	return min(pause, longest)
}
