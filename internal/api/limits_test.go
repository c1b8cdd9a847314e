package api_test

import (
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"hienke/internal/limit/memlimit"
	"hienke/internal/limit/redislimit"
)

// A Redis that hangs costs nobody a submission: limits are kept in the process.
func TestASilentRedisHoldsNoSubmissionUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	silent, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0") // accepts, and never answers
	must(t, err)
	defer silent.Close() //nolint:errcheck // the test is over
	limits := redislimit.New(&redis.UniversalOptions{Addrs: []string{silent.Addr().String()}}, memlimit.New(w.clock.Now, 0), w.clock.Now)
	defer func() { must(t, limits.Close()) }()
	failed := 0
	limits.OnFailure = func(error) { failed++ }
	w.build(t, limits)
	began := time.Now()
	for range 3 {
		if r := w.send(t, http.MethodPost, "/submissions", submission("", nil)); r.status != http.StatusCreated {
			t.Errorf("status %d: %s", r.status, r.body)
		}
	}
	// The budget is 20 ms, and is spent once; the rest is for a busy machine.
	if took := time.Since(began); failed == 0 || took > 10*time.Second {
		t.Errorf("three submissions took %v, %d failures of Redis were told", took, failed)
	}
}
