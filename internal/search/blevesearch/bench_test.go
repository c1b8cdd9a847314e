package blevesearch_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/search"
)

// letters makes invented letters of about 1.5 KB with the frequencies of
// natural text: a few words everywhere, most words rare.
type letters struct {
	random *rand.Rand
	zipf   *rand.Zipf
	words  []string
}

func newLetters() *letters {
	random := rand.New(rand.NewPCG(1, 2))
	var words []string
	for _, first := range strings.Fields("b c ch d đ g gi h kh l m n ng nh ph qu r s t th tr v x") {
		for _, middle := range strings.Fields("a á à ạ ă ắ â ấ ầ e é ê ế i í o ó ô ố ồ ộ ơ ớ ờ u ú ư ứ ừ ươ ưở iê iế uô uố") {
			for _, last := range []string{"", "n", "ng", "t", "c", "m"} {
				words = append(words, first+middle+last)
			}
		}
	}
	random.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
	return &letters{random: random, zipf: rand.NewZipf(random, 1.1, 8, uint64(len(words)-1)), words: words}
}

func (l *letters) text(n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = l.words[l.zipf.Uint64()]
	}
	return strings.Join(words, " ")
}

func (l *letters) document(n int) search.Document {
	pick := func(name string, of int) string { return fmt.Sprintf("%s-%02d", name, l.random.IntN(of)) }
	received := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	return search.Document{
		Code: civic.Code(fmt.Sprintf("B%07d", n)), Title: l.text(10), Body: l.text(220), Answer: l.text(80),
		Kind: civic.Feedback, Topic: civic.TopicCode(pick("topic", 20)), Agency: civic.AgencyCode(pick("agency", 60)),
		Area: civic.AreaCode(pick("area", 34)), Status: civic.Answered, Year: 2020 + l.random.IntN(7),
		ReceivedAt: received, AnsweredAt: received.AddDate(0, 0, 9),
	}
}

func (l *letters) batch(from int) []search.Change {
	changes := make([]search.Change, search.MaxBatch)
	for i := range changes {
		changes[i] = search.Put(l.document(from + i))
	}
	return changes
}

// BenchmarkApply indexes batches of 1,000 letters, durably, into an index that
// grows.
func BenchmarkApply(b *testing.B) {
	x := open(b, b.TempDir(), search.Public)
	l, n := newLetters(), 0
	for b.Loop() {
		b.StopTimer()
		batch := l.batch(n)
		n += len(batch)
		b.StartTimer()
		if err := x.Apply(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "letters/s")
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkQuery asks an index of 20,000 letters with all facets counted and
// reports the median and the 99th percentile beside the mean.
func BenchmarkQuery(b *testing.B) {
	const size = 20_000
	x := open(b, b.TempDir(), search.Public)
	l := newLetters()
	for n := 0; n < size; n += search.MaxBatch {
		if err := x.Apply(b.Context(), l.batch(n)); err != nil {
			b.Fatal(err)
		}
	}
	topics := search.Filters{Topics: []civic.TopicCode{"topic-01", "topic-02"}, Years: []int{2024}}
	for _, q := range []struct {
		name  string
		query func() search.Query
	}{
		{"two words", func() search.Query { return search.Query{Text: l.text(2) + " "} }},
		{"two words as typed", func() search.Query { return search.Query{Text: l.text(2)} }},
		{"five words", func() search.Query { return search.Query{Text: l.text(5) + " "} }},
		{"a sentence", func() search.Query { return search.Query{Text: l.text(25) + " "} }},
		{"a beginning of two letters", func() search.Query { return search.Query{Text: "th"} }},
		{"a slip", func() search.Query { return search.Query{Text: l.text(1) + " nghiezng "} }},
		{"two words, filtered", func() search.Query { return search.Query{Text: l.text(2) + " ", Filters: topics} }},
		{"nothing, newest", func() search.Query { return search.Query{Sort: search.Newest} }},
	} {
		b.Run(q.name, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				query := q.query()
				query.Page, query.PerPage, query.Facets = 1, 20, search.Facets
				begun := time.Now()
				if _, err := x.Query(b.Context(), query); err != nil {
					b.Fatal(err)
				}
				took = append(took, time.Since(begun))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
		})
	}
	if err := x.Close(); err != nil {
		b.Fatal(err)
	}
}
