package jobs_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/jobs"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// BenchmarkWayOfAJob measures the way from the outbox through relay and queue
// to the end of a job that marks itself done, in jobs per second, with a
// backlog of b.N jobs in SQLite.
func BenchmarkWayOfAJob(b *testing.B) {
	servers := map[string]func(testing.TB) string{
		"embedded": func(t testing.TB) string { return embedded(t).URL() },
		"redis":    testkit.Redis,
	}
	for name, open := range servers {
		b.Run(name, func(b *testing.B) {
			st := openStore(b)
			put(b, st, time.Now(), store.JobMatch, 1, int64(b.N))
			var done atomic.Int64
			all := make(chan struct{})
			b.ResetTimer()
			run(b, st, open(b), time.Now, map[store.JobKind]jobs.Func{store.JobMatch: func(ctx context.Context, job, _ int64) error {
				err := st.Do(ctx, func(tx store.Tx) error {
					_, err := tx.Outbox().Finish(ctx, job, time.Now())
					return err
				})
				if err == nil && done.Add(1) == int64(b.N) {
					close(all)
				}
				return err
			}})
			<-all
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "jobs/s")
		})
	}
}

// BenchmarkPickUp measures how long an idle process takes from the commit of a
// job to the start of its handler.
func BenchmarkPickUp(b *testing.B) {
	st := openStore(b)
	began := make(chan time.Time, 1)
	p := run(b, st, embedded(b).URL(), time.Now, map[store.JobKind]jobs.Func{store.JobMatch: func(ctx context.Context, job, _ int64) error {
		began <- time.Now()
		return st.Do(ctx, func(tx store.Tx) error {
			_, err := tx.Outbox().Finish(ctx, job, time.Now())
			return err
		})
	}})
	var total, worst time.Duration
	for b.Loop() {
		put(b, st, time.Now(), store.JobMatch, 1, 1)
		committed := time.Now()
		p.relay.Wake()
		took := (<-began).Sub(committed)
		total += took
		worst = max(worst, took)
	}
	b.ReportMetric(float64(total.Milliseconds())/float64(b.N), "mean-ms")
	b.ReportMetric(float64(worst.Milliseconds()), "worst-ms")
}
