package sqlstore

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/letters"
)

// benchRows returns how many submissions a benchmark of matching loads:
// HIENKE_BENCH_ROWS, or 10,000.
func benchRows(b *testing.B) int {
	b.Helper()
	text := os.Getenv("HIENKE_BENCH_ROWS")
	if text == "" {
		return 10_000
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1000 {
		b.Fatalf("HIENKE_BENCH_ROWS=%s: want a number of at least 1000", text)
	}
	return n
}

// benchLookups is how many new letters are compared. Ten of them lie beyond
// the 99th percentile.
const benchLookups = 1000

// BenchmarkMatching measures what the arrival of one letter costs when
// HIENKE_BENCH_ROWS are there already, on both databases. Of ten new letters
// one is the campaign's, which a tenth of those stored are too, and one is a
// near copy of a stored one. It reports the median and the 99th percentile in
// milliseconds of
//
//   - candidates: reading frequencies, postings and texts;
//   - ranking: everything else of Similar, which is computing;
//   - similar: both;
//   - near: looking up bands and comparing texts.
//
// Beside it stands how the peers do it, in the same database: trigrams, and of
// the titles only, since with bodies one lookup takes many seconds; up to
// 100,000 letters, since beyond titles take seconds, too.
//
// Garbage is collected as seldom as cmd/hienke has it.
func BenchmarkMatching(b *testing.B) {
	if os.Getenv("GOGC") == "" {
		usual := debug.SetGCPercent(400)
		b.Cleanup(func() { debug.SetGCPercent(usual) })
	}
	n, w := benchRows(b), letters.New(1)
	stores := loadedStores(b, w, n)
	for _, name := range []string{"sqlite", "postgres"} {
		if s, ok := stores[name]; ok {
			b.Run(name, func(b *testing.B) { benchmarkMatching(b, s, w, n) })
		}
	}
	if s, ok := stores["postgres"]; ok && n <= trigramRows {
		b.Run("pg_trgm", func(b *testing.B) { benchmarkTrigrams(b, s, w, n) })
	}
}

// trigramRows and trigramLookups bound what takes long.
const (
	trigramRows    = 100_000
	trigramLookups = 40
)

// trigramSQL finds the ten likest titles with the extension's own threshold.
const trigramSQL = `SELECT id FROM submissions WHERE title % ? ORDER BY similarity(title, ?) DESC LIMIT 10`

func benchmarkTrigrams(b *testing.B, s *Store, w *letters.Writer, n int) {
	ctx := b.Context()
	for _, query := range []string{
		"CREATE EXTENSION IF NOT EXISTS pg_trgm",
		"CREATE INDEX IF NOT EXISTS bench_trigrams ON submissions USING gin (title gin_trgm_ops)",
		"VACUUM (ANALYZE) submissions",
	} {
		if _, err := s.write.ExecContext(ctx, query); err != nil {
			b.Fatal(err)
		}
	}
	var times []float64
	for range b.N {
		for i := range trigramLookups {
			l := w.Fresh(n + 1 + i)
			began := time.Now()
			err := s.within(ctx, s.read, nil, func(t *tx) error {
				_, err := list(ctx, t, scanInt[int64], trigramSQL, l.Title, l.Title)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			times = append(times, milliseconds(time.Since(began)))
		}
	}
	report(b, "lookup", times)
	b.ReportMetric(sizeOf(b, s), "MB")
	b.ReportMetric(0, "ns/op")
}

// report gives the median and the 99th percentile.
func report(b *testing.B, name string, times []float64) {
	b.Helper()
	slices.Sort(times)
	b.ReportMetric(times[len(times)/2], name+"-p50-ms")
	b.ReportMetric(times[len(times)*99/100], name+"-p99-ms")
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// loadedStores returns both databases filled.
func loadedStores(b *testing.B, w *letters.Writer, n int) map[string]*Store {
	b.Helper()
	ctx := b.Context()
	path := filepath.Join(b.TempDir(), "bench.db")
	urls := map[string]string{"sqlite": "sqlite:" + path}
	if err := migrateURL(ctx, urls["sqlite"]); err != nil {
		b.Fatal(err)
	}
	lite, err := newSQLiteLoader(ctx, path)
	if err != nil {
		b.Fatal(err)
	}
	loaders := []loader{lite}
	if os.Getenv(testkit.EnvPostgres) != "" || os.Getenv(testkit.EnvRequire) == "1" {
		urls["postgres"] = testkit.Postgres(b, migrateURL)
		post, err := newPostgresLoader(ctx, urls["postgres"])
		if err != nil {
			b.Fatal(err)
		}
		loaders = append(loaders, post)
	}
	loadLetters(b, w, n, loaders...)
	stores := map[string]*Store{}
	for name, url := range urls {
		s, err := Open(context.WithoutCancel(ctx), url, Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = s.Close() })
		stores[name] = s
	}
	return stores
}

func benchmarkMatching(b *testing.B, s *Store, w *letters.Writer, n int) {
	ctx := b.Context()
	warm(b, s)
	spent := map[string][]float64{}
	rows := 0
	for range b.N {
		for i := range benchLookups {
			l := w.Fresh(n + 1 + i)
			switch i % 10 {
			case 3:
				l = w.Campaign()
			case 7:
				l = w.Copy(1+i*7919%n, uint64(n+i))
			}
			c := &timed{}
			a := matching.Analyze(matching.Document{ID: int64(n + 1 + i), Title: l.Title, Body: l.Body})
			began := time.Now()
			err := s.View(ctx, func(tx store.Tx) error {
				c.Candidates = tx.Matches()
				freq, err := c.Frequencies(ctx, a.Terms())
				if err != nil {
					return err
				}
				_, err = a.Similar(ctx, c, freq)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
			all := time.Since(began)
			near := benchNear(b, s, civic.SubmissionID(n+1+i), l)
			rows += c.rows
			for name, d := range map[string]time.Duration{
				"similar": all, "frequencies": c.frequencies, "postings": c.postings, "texts": c.texts,
				"candidates": c.frequencies + c.postings + c.texts, "ranking": all - c.frequencies - c.postings - c.texts, "near": near,
			} {
				spent[name] = append(spent[name], milliseconds(d))
			}
		}
	}
	for name, times := range spent {
		report(b, name, times)
	}
	b.ReportMetric(float64(rows)/float64(len(spent["similar"])), "rows")
	b.ReportMetric(sizeOf(b, s), "MB")
	b.ReportMetric(0, "ns/op")
}

// warm reads everything once, so that what is measured lies in the memory of
// the machine, as it does on one that serves.
func warm(b *testing.B, s *Store) {
	b.Helper()
	for _, query := range []string{
		"SELECT sum(length(title) + length(body)) FROM submissions", "SELECT count(DISTINCT term) FROM postings",
		"SELECT count(DISTINCT band) FROM bands", "SELECT sum(documents) FROM frequencies",
	} {
		var n int64
		if err := s.read.QueryRowContext(b.Context(), query).Scan(&n); err != nil {
			b.Fatal(err)
		}
	}
}

// benchNear looks for near copies as the use case does.
func benchNear(b *testing.B, s *Store, id civic.SubmissionID, l letters.Letter) time.Duration {
	b.Helper()
	ctx, text := b.Context(), l.Title+"\n"+l.Body
	began := time.Now()
	err := s.View(ctx, func(tx store.Tx) error {
		ids, err := tx.Matches().Bands(ctx, id, matching.Sign(text).Bands(), 50)
		if err != nil {
			return err
		}
		others, err := tx.Submissions().List(ctx, ids)
		for _, other := range others {
			matching.Compare(text, other.Text())
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}

// timed measures what an implementation of Candidates takes.
type timed struct {
	matching.Candidates
	frequencies, postings, texts time.Duration
	rows                         int
}

func (t *timed) Frequencies(ctx context.Context, terms []int64) (map[int64]int, error) {
	began := time.Now()
	found, err := t.Candidates.Frequencies(ctx, terms)
	t.frequencies += time.Since(began)
	t.rows += len(found)
	return found, err
}

func (t *timed) Postings(ctx context.Context, terms []int64, limit int) ([]matching.Posting, error) {
	began := time.Now()
	found, err := t.Candidates.Postings(ctx, terms, limit)
	t.postings += time.Since(began)
	t.rows += len(found)
	return found, err
}

func (t *timed) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	began := time.Now()
	found, err := t.Candidates.Texts(ctx, ids)
	t.texts += time.Since(began)
	t.rows += len(found)
	return found, err
}
