package sqlstore

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// benchCallers is how many callers wait at once in BenchmarkReceive, as many as
// a busy hour's connections on one server.
const benchCallers = 64

// BenchmarkReceive measures the group commit against a naive twin that writes
// the same rows in a transaction per submission, on the same database in the
// same run, and reports both in submissions per second and their ratio.
func BenchmarkReceive(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { benchmarkReceive(b, "sqlite:"+b.TempDir()+"/bench.db") })
	b.Run("postgres", func(b *testing.B) { benchmarkReceive(b, testkit.Postgres(b, migrateURL)) })
}

func benchmarkReceive(b *testing.B, url string) {
	ctx := context.Background()
	if err := migrateURL(ctx, url); err != nil {
		b.Fatal(err)
	}
	s, err := Open(ctx, url, Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	group := func(r store.Receipt) error {
		_, err := s.Receive(ctx, r)
		return err
	}
	naive := func(r store.Receipt) error {
		return s.within(ctx, s.write, nil, func(t *tx) error { return newBatch([]*call{{receipt: r}}).write(ctx, t) })
	}
	b.ResetTimer()
	groupRate := rate(b, b.N, "G", group)
	b.StopTimer()
	naiveRate := rate(b, min(b.N, 10_000), "N", naive)
	b.ReportMetric(groupRate, "group/s")
	b.ReportMetric(naiveRate, "naive/s")
	b.ReportMetric(groupRate/naiveRate, "ratio")
}

// rate stores n submissions from benchCallers goroutines and returns how many
// it stored per second.
func rate(b *testing.B, n int, prefix string, put func(store.Receipt) error) float64 {
	b.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range benchCallers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				if err := put(benchReceipt(prefix, i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(began).Seconds()
}

// benchText has about the size of a short letter.
var benchText = strings.Repeat("Đề nghị cơ quan có thẩm quyền xem xét, hỗ trợ người dân chuyển đổi số. ", 9)

// benchReceipt is a receipt with everything that a form sends.
func benchReceipt(prefix string, i int64) store.Receipt {
	at := time.Date(2026, time.November, 22, 1, 2, 3, 0, time.UTC)
	var key [32]byte
	copy(key[:], prefix)
	binary.BigEndian.PutUint64(key[8:], uint64(i)*0x9e3779b97f4a7c15) // keys are hashes: they come in no order
	return store.Receipt{
		Submission: civic.Submission{
			Code: civic.Code(fmt.Sprintf("%s%x", prefix, uint64(i)*0x9e3779b97f4a7c15)), Kind: civic.Initiative, Title: "Đề nghị hỗ trợ chuyển đổi số", Body: benchText,
			Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.Received, Version: 1,
			ReceivedAt: at, DueAt: at.AddDate(0, 0, 21), ForwardDueAt: at.AddDate(0, 0, 7), UpdatedAt: at, Visibility: civic.Private,
		},
		Contact:     store.SealedContact{WrappedKey: make([]byte, 60), Sealed: make([]byte, 160)},
		Events:      []civic.Event{{At: at, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}},
		Jobs:        []store.Job{{Kind: store.JobMatch, CreatedAt: at}},
		Messages:    []civic.Message{{Kind: civic.MessageReceipt, Language: civic.Vietnamese, CreatedAt: at}},
		Idempotency: &store.Idempotency{Key: key},
	}
}
