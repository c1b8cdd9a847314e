// Package redispresence keeps in Redis who has a case open, so that all
// processes know it. Each case is a hash of people; a change is told to every
// process over one channel.
package redispresence

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/presence"
)

const (
	prefix  = "presence:"
	channel = "presence"
	// forget is after how long without a heartbeat somebody is away: two beats
	// and a slow network.
	forget = 45 * time.Second
	// writingFor is how long somebody counts as writing after the last word of it.
	writingFor = time.Minute
	// budget is how long a page waits for Redis. On one network an answer takes
	// under 1 ms.
	budget = 50 * time.Millisecond
	// dialTimeout bounds a connection that is made beside the requests.
	dialTimeout = time.Second
)

// Board implements presence.Board. Close it at the end.
type Board struct {
	redis   redis.UniversalClient
	now     func() time.Time
	budget  time.Duration // longer in tests
	stop    context.CancelFunc
	stopped sync.WaitGroup
	mu      sync.Mutex
	closed  bool
	watches map[civic.Code]map[chan struct{}]bool
}

var _ presence.Board = (*Board)(nil)

// New returns a board on the Redis at at. It does not connect yet.
func New(at *redis.UniversalOptions, now func() time.Time) *Board {
	o := *at
	o.MaxRetries, o.DialerRetries, o.DialTimeout, o.ContextTimeoutEnabled = -1, 1, dialTimeout, true
	ctx, cancel := context.WithCancel(context.Background())
	b := &Board{redis: redis.NewUniversalClient(&o), now: now, budget: budget, stop: cancel, watches: map[civic.Code]map[chan struct{}]bool{}}
	b.stopped.Go(func() { b.listen(ctx) })
	return b
}

// entry is a person in a case's hash.
type entry struct {
	Name    string `json:"name"`
	SeenAt  int64  `json:"seen_at"` // Unix seconds
	WroteAt int64  `json:"wrote_at,omitempty"`
}

func key(code civic.Code) string { return prefix + string(code) }

// Look implements presence.Board.
func (b *Board) Look(ctx context.Context, code civic.Code, p presence.Person) error {
	return b.put(ctx, code, p, 0)
}

// Beat implements presence.Board.
func (b *Board) Beat(ctx context.Context, code civic.Code, p presence.Person) error {
	ctx, cancel := context.WithTimeout(ctx, b.budget)
	defer cancel()
	known, err := b.redis.HGet(ctx, key(code), field(p.User)).Result()
	var e entry
	if err == nil {
		_ = json.Unmarshal([]byte(known), &e) // what cannot be read never wrote
	}
	return b.put(ctx, code, p, e.WroteAt)
}

// put stores a person and tells of it.
func (b *Board) put(ctx context.Context, code civic.Code, p presence.Person, wroteAt int64) error {
	ctx, cancel := context.WithTimeout(ctx, b.budget)
	defer cancel()
	e := entry{Name: p.Name, SeenAt: b.now().Unix(), WroteAt: wroteAt}
	if p.Writing {
		e.WroteAt = e.SeenAt
	}
	written, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("write who is there: %w", err)
	}
	_, err = b.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.HSet(ctx, key(code), field(p.User), written)
		pipe.Expire(ctx, key(code), 2*forget)
		pipe.Publish(ctx, channel, string(code))
		return nil
	})
	return unreachable(err)
}

func field(u civic.UserID) string { return strconv.FormatInt(int64(u), 10) }

func unreachable(err error) error {
	if err == nil {
		return nil
	}
	return errs.Wrap(errs.Unavailable, "presence.unavailable", err)
}

// Leave implements presence.Board.
func (b *Board) Leave(ctx context.Context, code civic.Code, user civic.UserID) error {
	ctx, cancel := context.WithTimeout(ctx, b.budget)
	defer cancel()
	_, err := b.redis.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		pipe.HDel(ctx, key(code), field(user))
		pipe.Publish(ctx, channel, string(code))
		return nil
	})
	return unreachable(err)
}

// List implements presence.Board.
func (b *Board) List(ctx context.Context, code civic.Code) ([]presence.Person, error) {
	ctx, cancel := context.WithTimeout(ctx, b.budget)
	defer cancel()
	all, err := b.redis.HGetAll(ctx, key(code)).Result()
	if err != nil {
		return nil, unreachable(err)
	}
	var out []presence.Person
	now := b.now()
	for user, written := range all {
		var e entry
		id, wrong := strconv.ParseInt(user, 10, 64)
		if wrong != nil || json.Unmarshal([]byte(written), &e) != nil || now.Sub(time.Unix(e.SeenAt, 0)) > forget {
			continue
		}
		out = append(out, presence.Person{
			User: civic.UserID(id), Name: e.Name, Writing: e.WroteAt > 0 && now.Sub(time.Unix(e.WroteAt, 0)) < writingFor,
		})
	}
	slices.SortFunc(out, func(a, b presence.Person) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.User, b.User))
	})
	return out, nil
}

// Watch implements presence.Board.
func (b *Board) Watch(code civic.Code) (<-chan struct{}, func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	if b.closed {
		close(c)
		return c, func() {}
	}
	if b.watches[code] == nil {
		b.watches[code] = map[chan struct{}]bool{}
	}
	b.watches[code][c] = true
	return c, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.watches[code], c)
		if len(b.watches[code]) == 0 {
			delete(b.watches, code)
		}
	}
}

// listen hears of changes until ctx ends. The subscription comes back by itself
// when Redis does.
func (b *Board) listen(ctx context.Context) {
	sub := b.redis.Subscribe(ctx, channel)
	defer sub.Close() //nolint:errcheck // nothing is left to do with it
	messages := sub.Channel()
	for {
		select {
		case <-ctx.Done():
			return
		case m, ok := <-messages:
			if !ok {
				return
			}
			b.tell(civic.Code(m.Payload))
		}
	}
}

// tell wakes who watches a case; who has not heard the last call yet hears one.
func (b *Board) tell(code civic.Code) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.watches[code] {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// Hush ends every watch, so that a server that shuts down waits for none. What
// is watched afterwards has ended already.
func (b *Board) Hush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	for code, all := range b.watches {
		for c := range all {
			close(c)
		}
		delete(b.watches, code)
	}
}

// Close ends every watch and gives the connections back.
func (b *Board) Close() error {
	b.Hush()
	b.stop()
	b.stopped.Wait()
	return b.redis.Close()
}
