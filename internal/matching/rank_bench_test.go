package matching_test

import (
	"testing"

	"hienke/internal/matching"
	"hienke/internal/testkit/letters"
)

// BenchmarkRanking is the part of a comparison that needs no database: taking
// one letter apart and ranking fifty others on its subject.
func BenchmarkRanking(b *testing.B) {
	w, memory := letters.New(1), &matching.Memory{}
	for n := range 2000 {
		l := w.Letter(n)
		d := matching.Document{ID: int64(n + 1), Title: l.Title, Body: l.Body}
		a := matching.Analyze(d)
		freq, err := memory.Frequencies(b.Context(), a.Terms())
		if err != nil {
			b.Fatal(err)
		}
		if err := memory.Add(b.Context(), d, a.Salient(freq)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		l := w.Fresh(n % 1000)
		a := matching.Analyze(matching.Document{Title: l.Title, Body: l.Body})
		freq, err := memory.Frequencies(b.Context(), a.Terms())
		if err != nil {
			b.Fatal(err)
		}
		if _, err := a.Similar(b.Context(), memory, freq); err != nil {
			b.Fatal(err)
		}
	}
}
