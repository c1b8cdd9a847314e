package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/store"
	"hienke/internal/store/sqlstore"
	"hienke/internal/testkit"
)

// connections is how many clients send at once in BenchmarkReceived.
const connections = 64

// BenchmarkReceived measures submissions received per second over HTTP, by the
// whole of the API process, and in the same run on the same machine
//
//   - the same process with a commit of its own for each submission (naive/s),
//     and the ratio to it;
//   - on PostgreSQL, single-row inserts of about the same text by pgbench with
//     16 connections (pgbench/s), and the ratio to that. One submission writes
//     ten rows, so a ratio below one is no disgrace.
//
// Clients and server share the processors.
func BenchmarkReceived(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkReceived(b, quiet(b.TempDir())) })
	b.Run("PostgreSQL", func(b *testing.B) {
		cfg := quiet(b.TempDir())
		cfg.Database.URL = testkit.Postgres(b, migrate)
		rate := benchmarkReceived(b, cfg)
		if plain, ok := pgbench(b, cfg.Database.URL); ok {
			b.ReportMetric(plain, "pgbench/s")
			b.ReportMetric(rate/plain, "of-pgbench")
		}
	})
}

func benchmarkReceived(b *testing.B, cfg config.Config) (rate float64) {
	ctx, stop := context.WithCancel(b.Context())
	ready := make(chan string, 1)
	a, err := app.New(ctx, cfg, app.Options{Role: app.API, Ready: func(address string) { ready <- address }})
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, nil) }()
	url := "http://" + <-ready
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	group := a.Intake.Store
	naive, err := sqlstore.Open(ctx, databaseURL(cfg), sqlstore.Options{OneByOne: true})
	if err != nil {
		b.Fatal(err)
	}
	defer naive.Close() //nolint:errcheck // nothing is waiting in it
	b.ResetTimer()
	groupRate := received(b, url, b.N)
	b.StopTimer()
	a.Intake.Store = naive
	naiveRate := received(b, url, b.N)
	a.Intake.Store = group
	b.ReportMetric(groupRate, "received/s")
	b.ReportMetric(naiveRate, "naive/s")
	b.ReportMetric(groupRate/naiveRate, "ratio")
	return groupRate
}

func databaseURL(cfg config.Config) string {
	if cfg.Database.URL != "" {
		return cfg.Database.URL
	}
	return "sqlite:" + filepath.Join(cfg.Data.Dir, "hienke.db")
}

// received posts n submissions and returns how many were acknowledged a second.
func received(b *testing.B, url string, n int) float64 {
	b.Helper()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: connections}, Timeout: time.Minute}
	body, err := json.Marshal(proposal(1))
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range connections {
		wg.Go(func() {
			for next.Add(1) <= int64(n) {
				resp, err := client.Post(url+"/api/v1/submissions", "application/json", bytes.NewReader(body))
				if err != nil {
					b.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body) // so that the connection is used again
				_ = resp.Body.Close()
				if resp.StatusCode != http.StatusCreated {
					b.Errorf("status %d", resp.StatusCode)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(began).Seconds()
}

var tps = regexp.MustCompile(`tps = ([0-9.]+)`)

// pgbench returns single-row inserts per second, each durable, on the server of
// the database.
func pgbench(b *testing.B, url string) (float64, bool) {
	b.Helper()
	program, err := exec.LookPath("pgbench")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench")
		if len(found) == 0 {
			b.Log("NOT RUN: pgbench is not installed")
			return 0, false
		}
		program = found[len(found)-1]
	}
	script := filepath.Join(b.TempDir(), "insert.sql")
	text := "CREATE TABLE IF NOT EXISTS bench_plain (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);"
	setup := exec.CommandContext(b.Context(), "psql", url, "-qc", text)
	if out, err := setup.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	insert := fmt.Sprintf("INSERT INTO bench_plain (body) VALUES ('%0600d');\n", 7)
	if err := os.WriteFile(script, []byte(insert), 0o600); err != nil {
		b.Fatal(err)
	}
	run := exec.CommandContext(b.Context(), program, "-n", "-M", "prepared", "-c", "16", "-j", "2", "-T", "5", "-f", script, url)
	out, err := run.CombinedOutput()
	if err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	m := tps.FindSubmatch(out)
	if m == nil {
		b.Fatalf("pgbench said\n%s", out)
	}
	rate, err := strconv.ParseFloat(string(m[1]), 64)
	return rate, err == nil
}

// BenchmarkUntilFound measures the time from a 201 until the submission is
// matched and routed, and until staff can find it by its words, with everything
// in one process. It reports the median and the 95th percentile.
func BenchmarkUntilFound(b *testing.B) {
	ctx, stop := context.WithCancel(b.Context())
	ready := make(chan string, 1)
	a, err := app.New(ctx, quiet(b.TempDir()), app.Options{Role: app.Everything, Ready: func(address string) { ready <- address }})
	if err != nil {
		b.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, nil) }()
	url := "http://" + <-ready
	defer func() {
		stop()
		if err := <-ended; err != nil {
			b.Error(err)
		}
	}()
	var routed, found []float64
	for i := range b.N {
		body, err := json.Marshal(proposal(i))
		if err != nil {
			b.Fatal(err)
		}
		resp, err := http.Post(url+"/api/v1/submissions", "application/json", bytes.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		var ack struct {
			Code string `json:"code"`
		}
		if err := json.NewDecoder(resp.Body).Decode(&ack); err != nil {
			b.Fatal(err)
		}
		_ = resp.Body.Close()
		began := time.Now()
		code, err := civic.ParseCode(ack.Code)
		if err != nil {
			b.Fatal(err)
		}
		routed = append(routed, untilTrue(b, began, func(tx store.Tx) (bool, error) {
			sub, err := tx.Submissions().GetByCode(ctx, code)
			return sub.State != civic.Received, err
		}, a))
		found = append(found, untilTrue(b, began, func(tx store.Tx) (bool, error) {
			n, err := tx.IndexQueue().Len(ctx, store.IndexStaff)
			return n == 0, err
		}, a))
	}
	for name, times := range map[string][]float64{"routed": routed, "found": found} {
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2], name+"-p50-ms")
		b.ReportMetric(times[len(times)*95/100], name+"-p95-ms")
	}
}

// untilTrue returns the milliseconds since began when the condition holds.
func untilTrue(b *testing.B, began time.Time, holds func(store.Tx) (bool, error), a *app.App) float64 {
	b.Helper()
	for {
		var ok bool
		err := a.Store.View(b.Context(), func(tx store.Tx) (err error) {
			ok, err = holds(tx)
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		if ok {
			return float64(time.Since(began).Microseconds()) / 1000
		}
		time.Sleep(time.Millisecond) // the resolution of the measurement
	}
}
