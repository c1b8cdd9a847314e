package matching_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hienke/internal/matching"
)

// wave is the same request, received four times.
func wave(t *testing.T) *matching.Memory {
	t.Helper()
	var m matching.Memory
	for _, id := range []int64{10, 20, 30, 40} {
		d := proposals[1]
		d.ID = id
		keep(t, &m, d)
	}
	return &m
}

func idsOf(found []matching.Similar) []int64 {
	var ids []int64
	for _, s := range found {
		ids = append(ids, s.ID)
	}
	return ids
}

func TestOfEqualTextsTheOneReceivedJustBeforeComesFirst(t *testing.T) {
	t.Parallel()
	m := wave(t)
	tests := []struct {
		name string
		id   int64
		want []int64
	}{
		{"all were before", 50, []int64{40, 30, 20, 10}},
		{"a text that is still being written comes after all", matching.NotReceived, []int64{40, 30, 20, 10}},
		{"what was received later comes last", 25, []int64{20, 10, 30, 40}},
		{"an unknown place prefers none", -1, []int64{10, 20, 30, 40}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := proposals[1]
			d.ID = tt.id
			if got := idsOf(similarTo(t, m, d)); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestOrderNeverComesBeforeTheText(t *testing.T) {
	t.Parallel()
	var m matching.Memory
	old := proposals[2]
	keep(t, &m, old)
	for i := range int64(300) { // newer ones that share a little
		keep(t, &m, matching.Document{ID: 100 + i, Title: fmt.Sprintf("Dạy bơi ở trường số %d", i), Body: "Nên đưa bơi vào chương trình từ lớp một."})
	}
	again := old
	again.ID = 1000
	got := similarTo(t, &m, again)
	if got[0].ID != old.ID || got[0].Score <= got[1].Score {
		t.Errorf("got %+v", got[:2])
	}
	if got[0].Score < 0.59 {
		t.Errorf("order took more than its share: %v", got[0].Score)
	}
}

func TestATitleThatAsksForNothingElseComesFirst(t *testing.T) {
	t.Parallel()
	// Both share the same words as often and are as long: a word in a title
	// counts as three in a body.
	var m matching.Memory
	const other = " ký túc xá nhà văn hóa"
	body := "Học sinh vùng cao đi học xa, đường dốc, mùa mưa sạt lở"
	keep(t, &m, matching.Document{ID: 1, Title: "Xe buýt" + other, Body: body})
	keep(t, &m, matching.Document{ID: 2, Title: "Xe buýt", Body: body + strings.Repeat(other, 3)})
	got := similarTo(t, &m, matching.Document{ID: -1, Title: "Mong có xe buýt", Body: body})
	if got[0].ID != 2 || got[0].Score <= got[1].Score {
		t.Errorf("got %+v", got)
	}
}

func TestSimilarIsBoundedForHostileTexts(t *testing.T) {
	t.Parallel()
	var m matching.Memory
	hostile := []string{
		strings.Repeat("a", 1<<20), strings.Repeat("a ", 1<<19), strings.Repeat("xe buýt ", 50_000), strings.Repeat("🙂", 50_000), "",
	}
	for i, text := range hostile {
		keep(t, &m, matching.Document{ID: int64(2*i + 1), Title: text, Body: text})
		keep(t, &m, matching.Document{ID: int64(2*i + 2), Body: text})
	}
	for _, text := range hostile {
		for _, s := range similarTo(t, &m, matching.Document{Title: text, Body: text}) {
			if s.Score <= 0 || s.Score > 1 {
				t.Errorf("score %v", s.Score)
			}
		}
	}
}

// BenchmarkSimilarOfOrdinaryLength is ranking alone: the candidates of one text
// of 1,500 characters among texts of that length.
func BenchmarkSimilarOfOrdinaryLength(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var m matching.Memory
	for i := range int64(1000) {
		keep(b, &m, matching.Document{ID: i + 1, Title: words(rng, 12), Body: words(rng, 230)})
	}
	query := matching.Document{ID: 99_999, Title: words(rng, 12), Body: words(rng, 230)}
	b.ReportAllocs()
	for b.Loop() {
		similarTo(b, &m, query)
	}
}
