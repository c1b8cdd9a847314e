package audit_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hienke/internal/audit"
	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// BenchmarkReceiveBesideTheSealer tells what the sealer costs those who
// receive: submissions per second from 64 callers, first without it, then with
// its round each second, in the same run.
func BenchmarkReceiveBesideTheSealer(b *testing.B) {
	for name, fresh := range map[string]func(testing.TB) *house.House{"sqlite": house.New, "postgres": house.NewPostgres} {
		b.Run(name, func(b *testing.B) {
			h := fresh(b)
			s := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: time.Now, Holder: "bench"}
			alone := receiveRate(b, h, "A", b.N)
			ctx, stop := context.WithCancel(b.Context())
			var wg sync.WaitGroup
			wg.Go(func() {
				for ctx.Err() == nil {
					if _, err := s.Seal(ctx); err != nil && ctx.Err() == nil {
						b.Error(err)
					}
					select {
					case <-ctx.Done():
					case <-time.After(time.Second):
					}
				}
			})
			beside := receiveRate(b, h, "B", b.N)
			stop()
			wg.Wait()
			b.ReportMetric(alone, "alone/s")
			b.ReportMetric(beside, "beside/s")
			b.ReportMetric(beside/alone, "ratio")
		})
	}
}

func receiveRate(b *testing.B, h *house.House, prefix string, n int) float64 {
	b.Helper()
	const callers = 64
	at := time.Date(2026, time.November, 22, 1, 2, 3, 0, time.UTC)
	var next atomic.Int64
	var wg sync.WaitGroup
	began := time.Now()
	for range callers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(n); i = next.Add(1) {
				_, err := h.Store.Receive(b.Context(), store.Receipt{
					Submission: civic.Submission{
						Code: civic.Code(fmt.Sprintf("%s%x", prefix, uint64(i)*0x9e3779b97f4a7c15)), Kind: civic.Initiative, Title: "Đề nghị hỗ trợ", Body: "Đề nghị hỗ trợ người dân chuyển đổi số.",
						Language: civic.Vietnamese, Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.Received, Version: 1,
						ReceivedAt: at, DueAt: at, ForwardDueAt: at, UpdatedAt: at, Visibility: civic.Private,
					},
					Contact: store.SealedContact{WrappedKey: make([]byte, 60), Sealed: make([]byte, 160)},
					Events:  []civic.Event{{At: at, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}},
					Jobs:    []store.Job{{Kind: store.JobMatch, CreatedAt: at}},
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	return float64(n) / time.Since(began).Seconds()
}
