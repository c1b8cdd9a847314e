package asynqqueue

import (
	"context"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/errs"
	"hienke/internal/queue"
	"hienke/internal/queue/queuetest"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

func discard() *slog.Logger { return slog.New(slog.NewTextHandler(io.Discard, nil)) }

// address parses a URL that must be right.
func address(t testing.TB, url string) *redis.UniversalOptions {
	t.Helper()
	at, err := ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// embedded starts an embedded Redis for the test.
func embedded(t testing.TB) *Embedded {
	t.Helper()
	e, err := StartEmbedded()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close embedded Redis: %v", err)
		}
	})
	return e
}

// pair opens a queue, with the pauses of its servers cut short.
func pair(t *testing.T, url string) queuetest.Pair {
	t.Helper()
	at := address(t, url)
	q := New(at)
	t.Cleanup(func() {
		if err := q.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return queuetest.Pair{Queue: q, Server: func() queue.Server {
		s := NewServer(at, discard())
		s.delay = func(int) time.Duration { return 0 }
		s.grace = 500 * time.Millisecond
		return s
	}}
}

func TestConformanceEmbedded(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Pair { return pair(t, embedded(t).URL()) })
}

func TestConformanceRedis(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T) queuetest.Pair { return pair(t, testkit.Redis(t)) })
}

func TestEnqueueWithoutRedisIsUnavailableAfterOneTryEach(t *testing.T) {
	t.Parallel()
	at := address(t, "redis://127.0.0.1:1")
	var dials atomic.Int32
	at.Dialer = func(context.Context, string, string) (net.Conn, error) {
		dials.Add(1)
		return nil, syscall.ECONNREFUSED
	}
	q := New(at)
	defer q.Close() //nolint:errcheck // nothing was sent
	n, err := q.Enqueue(t.Context(), []queue.Task{{Kind: store.JobMatch, Job: 1}, {Kind: store.JobMatch, Job: 2}})
	if n != 0 || errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Enqueue took %d: %v, want 0 and Unavailable", n, err)
	}
	// go-redis would try 20 times, for 1.7 s.
	if got := dials.Load(); got > 2 {
		t.Errorf("two tasks dialled %d times", got)
	}
	if err := q.Ping(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Ping: %v, want Unavailable", err)
	}
	if _, err := q.Count(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Count: %v, want Unavailable", err)
	}
}

func TestEnqueueToASilentRedisIsBounded(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, and never answers
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the test is over
	q := New(address(t, "redis://"+listener.Addr().String()))
	defer q.Close() //nolint:errcheck // nothing was sent
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	ended := make(chan error, 1)
	go func() {
		_, err := q.Enqueue(ctx, []queue.Task{{Kind: store.JobMatch, Job: 1}})
		ended <- err
	}()
	select {
	case err := <-ended:
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("Enqueue: %v, want Unavailable", err)
		}
	case <-time.After(enqueueTimeout):
		t.Error("Enqueue does not heed the end of its context")
	}
}

func TestServerSurvivesARedisThatIsAway(t *testing.T) {
	t.Parallel()
	server := testkit.NewRedis(t)
	at := address(t, server.URL())
	q := New(at)
	defer q.Close() //nolint:errcheck // the test is over
	server.Stop(t)
	ran := make(chan queue.Task, 1)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- NewServer(at, discard()).Run(ctx, func(_ context.Context, task queue.Task) error { ran <- task; return nil })
	}()
	if _, err := q.Enqueue(ctx, []queue.Task{{Kind: store.JobMatch, Job: 1}}); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("Enqueue to a stopped Redis: %v", err)
	}
	server.Start(t)
	if n, err := q.Enqueue(ctx, []queue.Task{{Kind: store.JobMatch, Job: 1}}); n != 1 || err != nil {
		t.Errorf("Enqueue to a Redis that is back took %d: %v", n, err)
	}
	select {
	case <-ran:
	case <-time.After(2 * time.Minute):
		t.Error("the server did not come back with its Redis")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestAHandlerOverItsTimeFails(t *testing.T) {
	t.Parallel()
	at := address(t, embedded(t).URL())
	q, s := New(at), NewServer(at, discard())
	defer q.Close() //nolint:errcheck // the test is over
	s.timeout, s.delay = time.Millisecond, func(int) time.Duration { return 0 }
	kinds := make(chan errs.Kind, 8)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		ended <- s.Run(ctx, func(ctx context.Context, _ queue.Task) error {
			<-ctx.Done()
			kinds <- errs.KindOf(ctx.Err())
			return ctx.Err()
		})
	}()
	if _, err := q.Enqueue(ctx, []queue.Task{{Kind: store.JobMatch, Job: 1}}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second is the quick retry
		if got := <-kinds; got != errs.Unavailable {
			t.Errorf("the end of its time is %v, want Unavailable", got)
		}
	}
	cancel()
	if err := <-ended; err != nil {
		t.Errorf("Run: %v", err)
	}
}

func TestQuickRetriesPauseOneTwoAndFourSeconds(t *testing.T) {
	t.Parallel()
	for retries, want := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, time.Minute, time.Minute} {
		if got := delay(retries); got != want {
			t.Errorf("after %d retries it pauses %v, want %v", retries, got, want)
		}
	}
}

func TestEveryKindOfErrorIsDecidedOn(t *testing.T) {
	t.Parallel()
	for _, kind := range errs.Kinds {
		if _, ok := retryable[kind]; !ok {
			t.Errorf("no decision about errors of kind %v", kind)
		}
	}
}

func TestParseURL(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, url string
		addrs     []string
		master    string
		cluster   bool
		password  string
		db        int
		tls       bool
	}{
		{name: "one server", url: "redis://:secret@redis.test:6380/3", addrs: []string{"redis.test:6380"}, password: "secret", db: 3},
		{name: "TLS and a default port", url: "rediss://redis.test", addrs: []string{"redis.test:6379"}, tls: true},
		{
			name: "Sentinel", url: "redis://s1.test:26379?master_name=main&addr=s2.test:26379&password=secret",
			addrs: []string{"s1.test:26379", "s2.test:26379"}, master: "main", password: "secret",
		},
		{
			name: "Cluster", url: "redis://:secret@c1.test:6379?addr=c2.test:6379",
			addrs: []string{"c1.test:6379", "c2.test:6379"}, cluster: true, password: "secret",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			at := address(t, tt.url)
			if strings.Join(at.Addrs, " ") != strings.Join(tt.addrs, " ") || at.MasterName != tt.master ||
				at.IsClusterMode != tt.cluster || at.Password != tt.password || at.DB != tt.db || (at.TLSConfig != nil) != tt.tls {
				t.Errorf("got %+v", at)
			}
		})
	}
}

func TestParseURLRefusesWithoutTellingThePassword(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "redis.test:6379", "http://:secret@redis.test", "redis://:secret@redis.test:port", "redis://:secret@redis.test/zero",
		"redis://:secret@redis.test?unknown=1", "redis://:secret@\x7f", "redis://:secret@s.test?master_name=m&secret=1",
	} {
		_, err := ParseURL(url)
		if err == nil {
			t.Errorf("%q is taken", url)
		} else if strings.Contains(err.Error(), ":secret") {
			t.Errorf("the error of %q repeats the password: %v", url, err)
		}
	}
}

func TestEmbeddedWantsItsPassword(t *testing.T) {
	t.Parallel()
	at := address(t, embedded(t).URL())
	at.Password = ""
	q := New(at)
	defer q.Close() //nolint:errcheck // it never connected
	if err := q.Ping(t.Context()); err == nil {
		t.Error("the embedded Redis answers without its password")
	}
}

func TestEmbeddedListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	host, _, err := net.SplitHostPort(address(t, embedded(t).URL()).Addrs[0])
	if err != nil || !net.ParseIP(host).IsLoopback() {
		t.Errorf("it listens on %q (%v)", host, err)
	}
}

func TestEmbeddedKeysExpireWithTheTicks(t *testing.T) {
	t.Parallel()
	e := embedded(t)
	client := redis.NewUniversalClient(address(t, e.URL()))
	defer client.Close() //nolint:errcheck // the test is over
	if err := client.Set(t.Context(), "k", "v", time.Hour).Err(); err != nil {
		t.Fatal(err)
	}
	// A second ticker beside the real one, an hour further on.
	ticks := make(chan time.Time)
	go e.run(ticks)
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	ticks <- at
	ticks <- at.Add(30 * time.Minute) // a dropped tick counts with the next
	ticks <- at.Add(59 * time.Minute)
	if n := client.Exists(t.Context(), "k").Val(); n != 1 {
		t.Error("a key of an hour expired after 59 minutes")
	}
	ticks <- at.Add(61 * time.Minute)
	ticks <- at.Add(61 * time.Minute) // taken: the one before was worked off
	if n := client.Exists(t.Context(), "k").Val(); n != 0 {
		t.Error("a key of an hour is there after 61 minutes")
	}
}

func TestEmbeddedClosesTwice(t *testing.T) {
	t.Parallel()
	e := embedded(t)
	for range 2 {
		if err := e.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
}
