// Package limit is the port to rate limits. A limit never loses a submission:
// who is over it is held for a check, or asked to wait where nothing is lost.
package limit

import (
	"context"
	"time"
)

// Rule allows Burst events at once and refills one every Every.
type Rule struct {
	Name  string
	Burst int
	Every time.Duration
}

// Verdict says whether an event is within its limit.
type Verdict struct {
	Allowed    bool
	RetryAfter time.Duration // until the next one is allowed; zero when Allowed
}

// Limiter counts events per key, a pseudonym such as a hashed address.
type Limiter interface {
	// Allow counts one event and answers within 20 ms: when the shared store
	// of the counts is slow or away, counts of this process decide.
	Allow(ctx context.Context, rule Rule, key string) Verdict
}
