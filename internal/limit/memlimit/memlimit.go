// Package memlimit counts events in the memory of this process. It is the
// limiter of an installation of one process, and what stands in when the
// shared store of the counts is away.
package memlimit

import (
	"container/list"
	"context"
	"sync"
	"time"

	"hienke/internal/limit"
)

// DefaultKeys is how many keys are remembered where nobody says otherwise.
// A key takes some 250 bytes, so a flood of addresses takes 16 MB.
const DefaultKeys = 1 << 16

// Limiter is a token bucket per rule and key. It implements limit.Limiter, and
// is safe for use by several goroutines.
//
// A bucket is kept as one moment: when it will be full again (the generic cell
// rate algorithm, which needs no refilling). At most a set number of buckets
// is remembered. Beyond that the one that was used longest ago is forgotten,
// which gives its key a fresh burst: an attacker with that many addresses
// gains nothing by it that the addresses do not give anyhow.
type Limiter struct {
	now  func() time.Time
	keys int

	mu      sync.Mutex
	buckets map[name]*list.Element // of *bucket
	recent  list.List              // the bucket used last in front
}

// name tells buckets apart.
type name struct{ rule, key string }

// bucket is what is known of a key.
type bucket struct {
	name   name
	fullAt time.Time
}

var _ limit.Limiter = (*Limiter)(nil)

// New returns a limiter that remembers at most keys pairs of rule and key;
// below one means DefaultKeys.
func New(now func() time.Time, keys int) *Limiter {
	if keys < 1 {
		keys = DefaultKeys
	}
	return &Limiter{now: now, keys: keys, buckets: map[name]*list.Element{}}
}

// Allow implements limit.Limiter. It never waits for anything but its own
// lock, which is held for about a microsecond.
func (l *Limiter) Allow(_ context.Context, rule limit.Rule, key string) limit.Verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.forgetFull(now)
	n := name{rule.Name, key}
	capacity := time.Duration(rule.Burst) * rule.Every
	fullAt := now
	element, known := l.buckets[n]
	if known {
		// Never further ahead than an empty bucket, and kept so: a clock that
		// was put back must not lock anybody out.
		fullAt = clamp(element.Value.(*bucket).fullAt, now, now.Add(capacity))
		element.Value.(*bucket).fullAt = fullAt
	}
	fullAt = fullAt.Add(rule.Every)
	if wait := fullAt.Sub(now) - capacity; wait > 0 {
		return limit.Verdict{RetryAfter: wait}
	}
	if known {
		element.Value.(*bucket).fullAt = fullAt
		l.recent.MoveToFront(element)
	} else {
		l.buckets[n] = l.recent.PushFront(&bucket{name: n, fullAt: fullAt})
	}
	if len(l.buckets) > l.keys {
		l.forget(l.recent.Back())
	}
	return limit.Verdict{Allowed: true}
}

// forgetFull drops up to two of the buckets used longest ago if they are full
// again, which says as much as no bucket. Two, because a call adds at most
// one: so what a flood left goes away with the calls that follow.
func (l *Limiter) forgetFull(now time.Time) {
	for range 2 {
		oldest := l.recent.Back()
		if oldest == nil || oldest.Value.(*bucket).fullAt.After(now) {
			return
		}
		l.forget(oldest)
	}
}

// forget drops one bucket.
func (l *Limiter) forget(element *list.Element) {
	delete(l.buckets, element.Value.(*bucket).name)
	l.recent.Remove(element)
}

// clamp returns t, or the bound that it lies beyond.
func clamp(t, earliest, latest time.Time) time.Time {
	switch {
	case t.Before(earliest):
		return earliest
	case t.After(latest):
		return latest
	default:
		return t
	}
}
