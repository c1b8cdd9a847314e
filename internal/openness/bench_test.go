package openness

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/testkit/house"
)

// BenchmarkFigures measures what the public figures cost among
// HIENKE_BENCH_ROWS submissions, or 10,000: to count all of them anew, which
// happens at most once in twenty times as long as it takes; to narrow them for
// the first time; and what everybody else pays.
func BenchmarkFigures(b *testing.B) {
	rows := 10_000
	if text := os.Getenv("HIENKE_BENCH_ROWS"); text != "" {
		var err error
		if rows, err = strconv.Atoi(text); err != nil {
			b.Fatalf("HIENKE_BENCH_ROWS: %v", err)
		}
	}
	h := house.New(b)
	random := rand.New(rand.NewPCG(1, 2))
	begun := h.Clock.Now()
	for i := range rows {
		h.ReceiveFrom(b, civic.Contact{}, func(sub *civic.Submission) {
			sub.State, sub.Agency = civic.InProgress, civic.AgencyCode(fmt.Sprintf("co-quan-%d", i%40))
			sub.Area = civic.AreaCode(fmt.Sprint(random.IntN(34)))
			sub.ReceivedAt = begun.AddDate(0, 0, -random.IntN(1000))
			if i%3 > 0 {
				sub.State, sub.AnsweredAt = civic.Answered, sub.ReceivedAt.AddDate(0, 0, random.IntN(60))
			}
		})
	}
	fresh := func() *Service { return &Service{Store: h.Store, Now: h.Clock.Now} }
	report := func(s *Service, slice Slice) {
		if _, err := s.Report(b.Context(), slice); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			report(fresh(), Slice{})
		}
	})
	b.Run("narrow", func(b *testing.B) {
		s := fresh()
		report(s, Slice{})
		year := 0
		for b.Loop() {
			year++ // each one is new
			report(s, Slice{From: Month(fmt.Sprintf("2024-%02d", 1+year%12)), Until: Month(fmt.Sprintf("%04d-12", 2025+year%8000))})
		}
	})
	b.Run("seen", func(b *testing.B) {
		s := fresh()
		report(s, Slice{})
		for b.Loop() {
			report(s, Slice{})
		}
	})
}
