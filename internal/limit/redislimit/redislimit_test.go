package redislimit

import (
	"context"
	"net"
	"strconv"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"hienke/internal/limit"
	"hienke/internal/limit/limittest"
	"hienke/internal/testkit"
)

// start is when the tests' clocks begin.
var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// hourly allows one event an hour.
var hourly = limit.Rule{Name: "hourly", Burst: 1, Every: time.Hour}

// address parses a redis:// URL.
func address(t testing.TB, url string) *redis.UniversalOptions {
	t.Helper()
	o, err := redis.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return &redis.UniversalOptions{Addrs: []string{o.Addr}, Password: o.Password, DB: o.DB}
}

// counter is a fallback that counts how often it was asked, and refuses.
type counter struct{ asked int }

func (c *counter) Allow(context.Context, limit.Rule, string) limit.Verdict {
	c.asked++
	return limit.Verdict{RetryAfter: time.Second}
}

// never is a fallback that must not be asked.
type never struct{ t *testing.T }

func (n never) Allow(context.Context, limit.Rule, string) limit.Verdict {
	n.t.Error("the fallback was asked although Redis is there")
	return limit.Verdict{}
}

// open returns a limiter that closes with the test.
func open(t *testing.T, url string, fallback limit.Limiter, now func() time.Time) *Limiter {
	t.Helper()
	l := New(address(t, url), fallback, now)
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return l
}

// generous is open with a budget that no busy machine exceeds.
func generous(t *testing.T, url string, now func() time.Time) limit.Limiter {
	t.Helper()
	l := open(t, url, never{t}, now)
	l.budget = 10 * time.Second
	return l
}

func TestConformanceMiniredis(t *testing.T) {
	t.Parallel()
	limittest.Run(t, func(t *testing.T, now func() time.Time) limit.Limiter {
		return generous(t, "redis://"+miniredis.RunT(t).Addr(), now)
	})
}

func TestConformanceRedis(t *testing.T) {
	t.Parallel()
	limittest.Run(t, func(t *testing.T, now func() time.Time) limit.Limiter {
		return generous(t, testkit.Redis(t), now)
	})
}

func TestTwoProcessesShareTheirCounts(t *testing.T) {
	t.Parallel()
	url, clock := "redis://"+miniredis.RunT(t).Addr(), testkit.NewClock(start)
	if !generous(t, url, clock.Now).Allow(t.Context(), hourly, "a").Allowed {
		t.Error("the first event is refused")
	}
	if generous(t, url, clock.Now).Allow(t.Context(), hourly, "a").Allowed {
		t.Error("another process allows the second event")
	}
}

func TestABucketGoesAwayOnceItIsFull(t *testing.T) {
	t.Parallel()
	server, clock := miniredis.RunT(t), testkit.NewClock(start)
	generous(t, "redis://"+server.Addr(), clock.Now).Allow(t.Context(), hourly, "a")
	server.FastForward(time.Hour)
	if n := len(server.Keys()); n != 1 {
		t.Errorf("%d keys when the bucket is just full, want 1", n)
	}
	server.FastForward(2 * time.Second)
	if n := len(server.Keys()); n != 0 {
		t.Errorf("%d keys two seconds later, want none", n)
	}
}

func TestWithoutRedisTheFallbackDecidesAtOnce(t *testing.T) {
	t.Parallel()
	server, clock := miniredis.RunT(t), testkit.NewClock(start)
	fallback := &counter{}
	l := open(t, "redis://"+server.Addr(), fallback, clock.Now)
	l.budget = 10 * time.Second
	failures := 0
	l.OnFailure = func(error) { failures++ }
	server.Close()

	if got := l.Allow(t.Context(), hourly, "a"); got != (limit.Verdict{RetryAfter: time.Second}) {
		t.Errorf("got %+v, want the fallback's verdict", got)
	}
	for range 100 { // the breaker is open: Redis is left alone
		l.Allow(t.Context(), hourly, "a")
	}
	if fallback.asked != 101 || failures != 1 {
		t.Errorf("fallback asked %d times and Redis failed %d times, want 101 and 1", fallback.asked, failures)
	}
	clock.Advance(openFor)
	for range 100 { // one probe
		l.Allow(t.Context(), hourly, "a")
	}
	if failures != 2 {
		t.Errorf("Redis failed %d times after the pause, want 2", failures)
	}
}

func TestRedisDecidesAgainWhenItIsBack(t *testing.T) {
	t.Parallel()
	server, clock := miniredis.RunT(t), testkit.NewClock(start)
	fallback := &counter{}
	l := open(t, "redis://"+server.Addr(), fallback, clock.Now)
	l.budget = 10 * time.Second
	server.SetError("LOADING Redis is loading the dataset in memory")
	l.Allow(t.Context(), hourly, "a")
	server.SetError("")
	l.Allow(t.Context(), hourly, "a")
	if fallback.asked != 2 {
		t.Fatalf("the fallback was asked %d times, want 2: at the failure and in the pause after it", fallback.asked)
	}
	clock.Advance(openFor)
	for i := range 5 {
		if !l.Allow(t.Context(), hourly, strconv.Itoa(i)).Allowed {
			t.Errorf("event %d is refused", i)
		}
	}
	if fallback.asked != 2 {
		t.Errorf("the fallback was asked %d times, want no more than 2", fallback.asked)
	}
}

func TestASilentRedisCostsItsBudgetOnce(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the test is over
	fallback := &counter{}
	l := open(t, "redis://"+listener.Addr().String(), fallback, testkit.NewClock(start).Now)
	began := time.Now()
	for range 1000 {
		l.Allow(t.Context(), hourly, "a")
	}
	// 20 ms are the budget; the rest is for a busy machine. Without the
	// breaker it would be 20 s, without the budget 5 s for each event.
	if took := time.Since(began); took > 5*time.Second || fallback.asked != 1000 {
		t.Errorf("1000 events took %v, %d of them decided by the fallback", took, fallback.asked)
	}
}

func TestAClientThatWentAwayDoesNotOpenTheBreaker(t *testing.T) {
	t.Parallel()
	fallback := &counter{}
	l := open(t, "redis://"+miniredis.RunT(t).Addr(), fallback, testkit.NewClock(start).Now)
	l.budget = 10 * time.Second
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	l.Allow(gone, hourly, "a")
	if !l.Allow(t.Context(), hourly, "b").Allowed || fallback.asked != 1 {
		t.Errorf("the fallback was asked %d times, want 1: for the client that went away", fallback.asked)
	}
}

func BenchmarkAllow(b *testing.B) {
	servers := map[string]func(testing.TB) string{
		"miniredis": func(t testing.TB) string { return "redis://" + miniredis.RunT(t).Addr() },
		"redis":     testkit.Redis,
	}
	for name, open := range servers {
		b.Run(name, func(b *testing.B) {
			l := New(address(b, open(b)), &counter{}, time.Now)
			defer l.Close() //nolint:errcheck // the benchmark is over
			for i := 0; b.Loop(); i++ {
				l.Allow(b.Context(), hourly, strconv.Itoa(i%10_000))
			}
		})
	}
}
