package asynqqueue

import (
	"crypto/rand"
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/alicebob/miniredis/v2"
)

// fastForward is how often the embedded Redis is told that time has passed.
// Its keys expire only then. Expiry matters to asynq's statistics and to
// counters of limits, and for both a second is fine enough.
const fastForward = time.Second

// Embedded is a Redis inside this process, for an installation of one binary.
// It listens on a free port of loopback, behind a random password that nobody
// else learns, and forgets everything when it is closed: the outbox is the
// truth, and what is in here can be lost at any time.
type Embedded struct {
	server   *miniredis.Miniredis
	password string
	stop     chan struct{}
	stopped  sync.WaitGroup
	once     sync.Once
}

// StartEmbedded starts an empty embedded Redis. Close ends it.
func StartEmbedded() (*Embedded, error) {
	e := &Embedded{
		server:   miniredis.NewMiniRedis(),
		password: rand.Text(), // 128 bits
		stop:     make(chan struct{}),
	}
	e.server.RequireAuth(e.password)
	if err := e.server.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start embedded Redis: %w", err)
	}
	ticker := time.NewTicker(fastForward)
	e.stopped.Go(func() {
		defer ticker.Stop()
		e.run(ticker.C)
	})
	return e, nil
}

// URL returns the address, password included, for ParseURL.
func (e *Embedded) URL() string {
	u := url.URL{Scheme: "redis", User: url.UserPassword("", e.password), Host: e.server.Addr(), Path: "/0"}
	return u.String()
}

// Flush empties it, as the loss of a Redis would. It is for tests and for a
// rehearsal of that loss.
func (e *Embedded) Flush() { e.server.FlushAll() }

// Close ends the server and cuts its connections. Closing twice is no error.
func (e *Embedded) Close() error {
	e.once.Do(func() {
		close(e.stop)
		e.stopped.Wait()
		e.server.Close()
	})
	return nil
}

// run tells the server how much time has passed. The difference of two ticks
// is taken rather than their distance by plan: a busy machine drops ticks.
func (e *Embedded) run(ticks <-chan time.Time) {
	var last time.Time
	for {
		select {
		case <-e.stop:
			return
		case now := <-ticks:
			passed := fastForward
			if !last.IsZero() {
				passed = now.Sub(last)
			}
			last = now
			e.server.FastForward(passed)
		}
	}
}
