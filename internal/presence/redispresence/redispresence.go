// Package redispresence keeps who is at which case in Redis, so that people who
// are served by several processes see each other. Redis forgets a case by itself
// once its last sign ran out.
//
// A page asks on its way, so Redis gets 50 ms and one try; once it failed, it is
// left alone for a few seconds, and nobody is known to be anywhere. What changed
// is told by publish and subscribe: one channel, one connection a process.
package redispresence

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/presence"
)

const (
	// budget is how long a page waits for Redis. On one network an answer takes
	// under 1 ms.
	budget = 50 * time.Millisecond
	// openFor is how long Redis is left alone after a failure.
	openFor = 3 * time.Second
	// dialTimeout bounds a connection being made beside the requests.
	dialTimeout = time.Second
	// channel is where changes are told, by the number of the case.
	channel = "presence"
)

// Board implements presence.Board, and is safe for use by several goroutines.
type Board struct {
	presence.Watchers
	redis  redis.UniversalClient
	now    func() time.Time
	budget time.Duration // longer in tests that must not depend on it
	// closedUntil is when Redis may be asked again, in nanoseconds since 1970.
	closedUntil atomic.Int64
	// OnFailure, if set before the first use, is called with each error of Redis;
	// at most once in 3 s, or so.
	OnFailure func(error)
}

var _ presence.Board = (*Board)(nil)

// New returns a board on the Redis at at. It tells its watchers what others do
// while Run runs. The clocks of the processes should agree to a second.
func New(at *redis.UniversalOptions, now func() time.Time) *Board {
	o := *at
	o.MaxRetries = -1
	o.DialerRetries = 1
	o.DialTimeout = dialTimeout
	o.ContextTimeoutEnabled = true // so that the budget bounds reads and writes
	return &Board{redis: redis.NewUniversalClient(&o), now: now, budget: budget}
}

// Close gives the connections back.
func (b *Board) Close() error { return b.redis.Close() }

// Run wakes the watchers of this process when something changed at any other,
// until ctx ends. It connects again by itself. ready, if not nil, is called
// whenever the connection stands.
func (b *Board) Run(ctx context.Context, ready func()) error {
	sub := b.redis.Subscribe(ctx, channel)
	defer func() { _ = sub.Close() }() // nothing is lost with it
	messages := sub.ChannelWithSubscriptions()
	for {
		select {
		case <-ctx.Done():
			return nil
		case m, open := <-messages:
			if !open {
				return nil
			}
			switch m := m.(type) {
			case *redis.Subscription:
				if ready != nil {
					ready()
				}
			case *redis.Message:
				if id, err := strconv.ParseInt(m.Payload, 10, 64); err == nil {
					b.Wake(civic.SubmissionID(id))
				}
			}
		}
	}
}

// key is a hash of the places at a case. What stands at each is the account, what
// is done there, and when the sign runs out, in milliseconds since 1970.
func key(id civic.SubmissionID) string {
	return "presence:{" + strconv.FormatInt(int64(id), 10) + "}"
}

// field is what stands for a window: one that does something else is another.
func field(s presence.Sign) string {
	return s.Place + "." + strconv.FormatInt(int64(s.User), 10) + "." + string(s.Doing)
}

// readField is what field wrote.
func readField(id civic.SubmissionID, written string) (presence.Sign, bool) {
	parts := strings.Split(written, ".")
	if len(parts) != 3 {
		return presence.Sign{}, false
	}
	user, err := strconv.ParseInt(parts[1], 10, 64)
	return presence.Sign{Case: id, Place: parts[0], User: civic.UserID(user), Doing: presence.Doing(parts[2])}, err == nil
}

// Give implements presence.Board.
func (b *Board) Give(ctx context.Context, s presence.Sign) error {
	return b.ask(ctx, func(ctx context.Context) error {
		k, ends := key(s.Case), b.now().Add(presence.Span).UnixMilli()
		var was *redis.IntCmd
		_, err := b.redis.TxPipelined(ctx, func(p redis.Pipeliner) error {
			p.HDel(ctx, k, others(s)...)
			was = p.HSet(ctx, k, field(s), ends)
			p.PExpire(ctx, k, presence.Span)
			return nil
		})
		if err != nil || was.Val() == 0 {
			return err
		}
		return b.tell(ctx, s.Case)
	})
}

// others are the fields of a window that does something else.
func others(s presence.Sign) (out []string) {
	for _, doing := range presence.Doings {
		if o := s; doing != s.Doing {
			o.Doing = doing
			out = append(out, field(o))
		}
	}
	return out
}

// Take implements presence.Board.
func (b *Board) Take(ctx context.Context, s presence.Sign) error {
	return b.ask(ctx, func(ctx context.Context) error {
		n, err := b.redis.HDel(ctx, key(s.Case), append(others(s), field(s))...).Result()
		if err != nil || n == 0 {
			return err
		}
		return b.tell(ctx, s.Case)
	})
}

func (b *Board) tell(ctx context.Context, id civic.SubmissionID) error {
	return b.redis.Publish(ctx, channel, strconv.FormatInt(int64(id), 10)).Err()
}

// At implements presence.Board.
func (b *Board) At(ctx context.Context, id civic.SubmissionID) (people []presence.Person, err error) {
	err = b.ask(ctx, func(ctx context.Context) error {
		all, err := b.redis.HGetAll(ctx, key(id)).Result()
		if err != nil {
			return err
		}
		now := b.now().UnixMilli()
		var signs []presence.Sign
		var gone []string
		for written, ends := range all {
			until, err := strconv.ParseInt(ends, 10, 64)
			s, ok := readField(id, written)
			if err != nil || !ok || until <= now {
				gone = append(gone, written)
				continue
			}
			signs = append(signs, s)
		}
		people = presence.Persons(signs)
		if len(gone) > 0 { // the hash lives on with who stays
			return b.redis.HDel(ctx, key(id), gone...).Err()
		}
		return nil
	})
	return people, err
}

// ask does something with Redis within the budget, or fails with Unavailable.
func (b *Board) ask(ctx context.Context, do func(ctx context.Context) error) error {
	now := b.now().UnixNano()
	if until := b.closedUntil.Load(); until > now || until > 0 && !b.closedUntil.CompareAndSwap(until, now+int64(openFor)) {
		return errs.New(errs.Unavailable, "presence.away")
	}
	within, cancel := context.WithTimeout(ctx, b.budget)
	defer cancel()
	err := do(within)
	if err == nil {
		b.closedUntil.Store(0)
		return nil
	}
	// A client that went away says nothing about Redis.
	if ctx.Err() == nil {
		b.closedUntil.Store(now + int64(openFor))
		if b.OnFailure != nil {
			b.OnFailure(err)
		}
	}
	return errs.Wrap(errs.Unavailable, "presence.away", fmt.Errorf("ask Redis who is there: %w", err))
}
