// Package redislimit counts events in Redis, so that several processes share
// their limits.
//
// A limit is asked in the path of every request, so Redis gets 20 ms and one
// try. Once it failed, it is left alone for a few seconds, and the counts of
// this process decide.
package redislimit

import (
	"context"
	_ "embed"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/limit"
)

const (
	// budget is how long a request waits for Redis. On one network an answer
	// takes under 1 ms.
	budget = 20 * time.Millisecond
	// openFor is how long Redis is left alone after a failure. With one probe
	// of 20 ms each, an outage costs less than one request in a thousand at
	// 300 requests a second.
	openFor = 3 * time.Second
	// dialTimeout bounds a connection being made beside the requests, which
	// wait no longer than their budget for it.
	dialTimeout = time.Second
)

// allowSource is the whole decision, as one script: what the processes read
// and write of a bucket must not mix.
//
//go:embed allow.lua
var allowSource string

var allowScript = redis.NewScript(allowSource)

// Limiter is a token bucket per rule and key, kept in Redis. It implements
// limit.Limiter, and is safe for use by several goroutines.
type Limiter struct {
	redis    redis.UniversalClient
	fallback limit.Limiter
	now      func() time.Time
	budget   time.Duration // longer in tests that must not depend on it
	// closedAt is when Redis may be asked again, in nanoseconds since 1970.
	closedAt atomic.Int64
	// OnFailure, if set before the first Allow, is called with each error of
	// Redis; at most once in 3 s, or so. For a log or a counter.
	OnFailure func(error)
}

var _ limit.Limiter = (*Limiter)(nil)

// New returns a limiter on the Redis at at, with fallback to decide while that
// is slow or away. The clocks of the processes that share a Redis should agree
// to a fraction of the shortest interval of a rule; a clock that is ahead only
// refills sooner, one behind later, and none locks out for longer than an empty
// bucket takes to fill.
func New(at *redis.UniversalOptions, fallback limit.Limiter, now func() time.Time) *Limiter {
	o := *at
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = dialTimeout
	o.ContextTimeoutEnabled = true // so that the budget bounds reads and writes
	o.MinIdleConns = 1             // the first request should not pay for the connection
	return &Limiter{redis: redis.NewUniversalClient(&o), fallback: fallback, now: now, budget: budget}
}

// Allow implements limit.Limiter.
func (l *Limiter) Allow(ctx context.Context, rule limit.Rule, key string) limit.Verdict {
	now := l.now()
	if !l.mayAsk(now) {
		return l.fallback.Allow(ctx, rule, key)
	}
	wait, err := l.ask(ctx, rule, key, now)
	if err != nil {
		// A client that went away says nothing about Redis.
		if ctx.Err() == nil {
			l.closedAt.Store(now.Add(openFor).UnixNano())
			if l.OnFailure != nil {
				l.OnFailure(err)
			}
		}
		return l.fallback.Allow(ctx, rule, key)
	}
	l.closedAt.Store(0)
	return limit.Verdict{Allowed: wait <= 0, RetryAfter: max(wait, 0)}
}

// mayAsk reports whether Redis is to be asked. After a pause only the first
// caller is told to: the others wait for what it finds out.
func (l *Limiter) mayAsk(now time.Time) bool {
	closedAt := l.closedAt.Load()
	if closedAt == 0 {
		return true
	}
	at := now.UnixNano()
	return at >= closedAt && l.closedAt.CompareAndSwap(closedAt, at+int64(openFor))
}

// ask counts the event in Redis and returns how long it must wait: zero or
// less means that it is allowed.
func (l *Limiter) ask(ctx context.Context, rule limit.Rule, key string, now time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, l.budget)
	defer cancel()
	// Microseconds: Lua's numbers are exact to 2^53, which ends in the year
	// 2255 and would not do for nanoseconds.
	micros, err := allowScript.Run(ctx, l.redis, []string{"limit:{" + rule.Name + "}" + key},
		now.UnixMicro(), rule.Every.Microseconds(), rule.Burst).Int64()
	return time.Duration(micros) * time.Microsecond, err
}

// Close gives the connections back.
func (l *Limiter) Close() error { return l.redis.Close() }
