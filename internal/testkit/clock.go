package testkit

import (
	"sync"
	"time"
)

// Clock is a clock that stands still until it is moved. It is safe for use by
// several goroutines. Pass its Now method where the product takes a clock.
type Clock struct {
	mu sync.Mutex
	at time.Time
}

// NewClock returns a clock that shows at, in UTC and without a monotonic
// reading, as the product stores times.
func NewClock(at time.Time) *Clock {
	return &Clock{at: at.UTC().Round(0)}
}

// Now returns the time that the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

// Advance moves the clock by d and returns the new time. A negative d moves it
// back, as a corrected system clock does.
func (c *Clock) Advance(d time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
	return c.at
}

// Set makes the clock show at.
func (c *Clock) Set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at.UTC().Round(0)
}
