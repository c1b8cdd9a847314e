package redispresence

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/errs"
	"hienke/internal/presence"
	"hienke/internal/presence/presencetest"
	"hienke/internal/testkit"
)

// start is when the tests' clocks begin.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// open returns a board whose watchers are told, and that ends with the test.
func open(t *testing.T, url string, now func() time.Time) *Board {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	b := New(&redis.UniversalOptions{Addrs: []string{o.Addr}, Password: o.Password, DB: o.DB}, now)
	b.budget = 10 * time.Second // no busy machine exceeds it
	ctx, cancel := context.WithCancel(context.Background())
	ready, ended := make(chan struct{}), make(chan error, 1)
	var once sync.Once
	go func() { ended <- b.Run(ctx, func() { once.Do(func() { close(ready) }) }) }()
	<-ready
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
		if err := b.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return b
}

func TestConformance(t *testing.T) {
	t.Parallel()
	presencetest.Run(t, func(t *testing.T, now func() time.Time) presence.Board { return open(t, testkit.Redis(t), now) })
}

func TestTwoProcessesSeeEachOther(t *testing.T) {
	t.Parallel()
	url, clock := testkit.Redis(t), testkit.NewClock(start)
	here, there := open(t, url, clock.Now), open(t, url, clock.Now)
	wake := there.Watch(t.Context(), 41)
	if err := here.Give(t.Context(), presence.Sign{Case: 41, User: 7, Place: "a", Doing: presence.Editing}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-wake:
	case <-time.After(10 * time.Second):
		t.Fatal("the other process is not told")
	}
	if got, err := there.At(t.Context(), 41); err != nil || len(got) != 1 || got[0] != (presence.Person{User: 7, Doing: presence.Editing}) {
		t.Errorf("the other process sees %v, %v", got, err)
	}
}

func TestRedisForgetsByItself(t *testing.T) {
	t.Parallel()
	clock := testkit.NewClock(start)
	b := open(t, testkit.Redis(t), clock.Now)
	for _, s := range []presence.Sign{{Case: 41, User: 7, Place: "a", Doing: presence.Looking}, {Case: 41, User: 8, Place: "b", Doing: presence.Looking}} {
		if err := b.Give(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := b.redis.Keys(t.Context(), "*").Result()
	if err != nil || len(keys) != 1 {
		t.Fatalf("keys %v, %v", keys, err)
	}
	if left, err := b.redis.PTTL(t.Context(), keys[0]).Result(); err != nil || left <= 0 || left > presence.Span {
		t.Errorf("%s is kept for %v, %v; want at most %v", keys[0], left, err, presence.Span)
	}
	// Who stays does not keep who left: asking takes them out.
	clock.Advance(presence.Every)
	if err := b.Give(t.Context(), presence.Sign{Case: 41, User: 8, Place: "b", Doing: presence.Looking}); err != nil {
		t.Fatal(err)
	}
	clock.Advance(presence.Span - presence.Every)
	if _, err := b.At(t.Context(), 41); err != nil {
		t.Fatal(err)
	}
	if n, err := b.redis.HLen(t.Context(), keys[0]).Result(); err != nil || n != 1 {
		t.Errorf("%d windows are kept, %v; want 1", n, err)
	}
}

func TestARedisThatIsAwayIsLeftAloneAndFoundAgain(t *testing.T) {
	t.Parallel()
	server, clock := testkit.NewRedis(t), testkit.NewClock(start)
	b := open(t, server.URL(), clock.Now)
	failures := 0
	b.OnFailure = func(error) { failures++ }
	s := presence.Sign{Case: 41, User: 7, Place: "a", Doing: presence.Looking}
	server.Stop(t)
	for range 3 {
		if err := b.Give(t.Context(), s); errs.KindOf(err) != errs.Unavailable {
			t.Errorf("a sign without Redis: %v, want Unavailable", err)
		}
	}
	if failures != 1 {
		t.Errorf("Redis was asked %d times while it was away, want once", failures)
	}
	server.Start(t)
	clock.Advance(openFor)
	if err := b.Give(t.Context(), s); err != nil {
		t.Errorf("a sign after Redis came back: %v", err)
	}
}
