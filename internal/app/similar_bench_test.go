package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/finding"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/letters"
)

// typedTexts is how many texts are compared. Ten of them lie beyond the 99th
// percentile.
const typedTexts = 1000

// BenchmarkSimilar measures POST /similar, over HTTP by one client after the
// other and in the use case alone, with HIENKE_BENCH_ROWS public cases, or
// 10,000. Of ten texts one is a title half typed, three are a title alone and
// the others whole letters, one of them the campaign's.
func BenchmarkSimilar(b *testing.B) {
	b.Run("SQLite", func(b *testing.B) { benchmarkSimilar(b, quiet(b.TempDir())) })
	b.Run("PostgreSQL", func(b *testing.B) {
		cfg := quiet(b.TempDir())
		cfg.Database.URL = testkit.Postgres(b, migrate)
		benchmarkSimilar(b, cfg)
	})
}

func benchmarkSimilar(b *testing.B, cfg config.Config) {
	n := 10_000
	if text := os.Getenv("HIENKE_BENCH_ROWS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			b.Fatalf("HIENKE_BENCH_ROWS: %v", err)
		}
	}
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
	w := letters.New(1)
	publish(b, a, w, n)
	times := map[string][]float64{}
	took := func(name string, began time.Time) {
		times[name] = append(times[name], float64(time.Since(began).Microseconds())/1000)
	}
	for range b.N {
		for i := range typedTexts {
			l := typed(w, n, i)
			began := time.Now()
			post(b, url+"/api/v1/similar", l)
			took("http", began)
			began = time.Now()
			if _, err := a.Triage.Similar(ctx, l.Title, l.Body); err != nil {
				b.Fatal(err)
			}
			took("use-case", began)
		}
	}
	for name, times := range times {
		slices.Sort(times)
		b.ReportMetric(times[len(times)/2], name+"-p50-ms")
		b.ReportMetric(times[len(times)*99/100], name+"-p99-ms")
	}
	b.ReportMetric(0, "ns/op")
}

// typed is what visitor i has typed so far.
func typed(w *letters.Writer, n, i int) letters.Letter {
	l := w.Fresh(n + 1 + i)
	switch i % 10 {
	case 0:
		return letters.Letter{Title: string([]rune(l.Title)[:3])}
	case 1, 2, 3:
		l.Body = ""
	case 4:
		l = w.Campaign()
	}
	return l
}

func post(b *testing.B, url string, l letters.Letter) {
	b.Helper()
	body, err := json.Marshal(map[string]string{"title": l.Title, "body": l.Body})
	if err != nil {
		b.Fatal(err)
	}
	resp, err := http.Post(url, "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	if _, err := io.Copy(io.Discard, resp.Body); err != nil || resp.StatusCode != http.StatusOK {
		b.Fatalf("status %d, %v", resp.StatusCode, err)
	}
}

// publish stores n public cases and puts them on the shelf, as the drain of
// the public index does, without the engine.
func publish(b *testing.B, a *app.App, w *letters.Writer, n int) {
	b.Helper()
	began := time.Now()
	var all sync.WaitGroup
	for lane := range connections {
		all.Go(func() {
			for i := lane + 1; i <= n; i += connections {
				l := w.Letter(i)
				at := time.Date(2026, time.November, 22, 1, 2, 3, 0, time.UTC)
				_, err := a.Store.Receive(b.Context(), store.Receipt{Submission: civic.Submission{
					Code: civic.Code(fmt.Sprintf("P%011d", i)), Kind: civic.Initiative, Title: l.Title, Body: l.Body, Language: civic.Vietnamese,
					Channel: civic.ChannelImport, State: civic.InProgress, Version: 1, ReceivedAt: at, UpdatedAt: at, Visibility: civic.PublicOpen,
					PublicTitle: l.Title, PublicBody: l.Body, PublishedAt: at,
				}})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	stored := time.Since(began)
	shelf := finding.Service{Store: a.Store, Public: noEngine{}, Staff: noEngine{}, Now: time.Now, Holder: "benchmark"}
	for more := true; more; {
		var err error
		if more, err = shelf.Drain(b.Context(), store.IndexPublic); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("stored %d public cases in %s and put them on the shelf in %s", n, stored.Round(time.Second), (time.Since(began) - stored).Round(time.Second))
}

// noEngine is an index that forgets.
type noEngine struct{ search.Index }

func (noEngine) Apply(context.Context, []search.Change) error { return nil }
