package testkit_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"hienke/internal/testkit"
)

// recorder is a testing.TB that notes how a helper ended the test.
type recorder struct {
	testing.TB // for what is not recorded
	outcome    string
	said       string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, args ...any) { r.end("failed", format, args) }

func (r *recorder) Skipf(format string, args ...any) { r.end("skipped", format, args) }

func (r *recorder) end(outcome, format string, args []any) {
	r.outcome, r.said = outcome, fmt.Sprintf(format, args...)
	runtime.Goexit()
}

// run calls helper in a goroutine of its own, which it may end.
func (r *recorder) run(helper func(t testing.TB)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		helper(r)
		r.outcome = "went on"
	}()
	<-done
}

// TestAnAbsentService changes the environment, so it cannot run in parallel.
func TestAnAbsentService(t *testing.T) {
	helpers := []struct {
		name string
		call func(t testing.TB)
		says string // a part of the command that brings the service
		soft bool   // skips even where everything is required
	}{
		{"PostgreSQL", func(t testing.TB) { testkit.Postgres(t, nil) }, ".ci/services.sh", false},
		{"Redis", func(t testing.TB) { testkit.Redis(t) }, "apt-get install", false},
		{"Chromium", func(t testing.TB) { testkit.Chromium(t) }, "apt-get install", false},
		{"Meilisearch", func(t testing.TB) { testkit.Meili(t) }, "NOT RUN", true},
	}
	t.Setenv("PATH", t.TempDir()) // with nothing in it
	for _, name := range []string{testkit.EnvPostgres, testkit.EnvRedisServer, testkit.EnvChromium, testkit.EnvMeili} {
		t.Setenv(name, "")
	}
	for _, h := range helpers {
		t.Run(h.name, func(t *testing.T) {
			for require, want := range map[string]string{"": "skipped", "1": "failed"} {
				if h.soft {
					want = "skipped"
				}
				t.Setenv(testkit.EnvRequire, require)
				r := &recorder{TB: t}
				r.run(h.call)
				if r.outcome != want || !strings.Contains(r.said, h.says) {
					t.Errorf("with %s=%q it %s and said %q; want %s and %q in it", testkit.EnvRequire, require, r.outcome, r.said, want, h.says)
				}
			}
		})
	}
}
