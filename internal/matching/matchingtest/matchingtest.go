// Package matchingtest holds implementations of matching.Candidates to what
// its comments promise.
package matchingtest

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"testing"

	"hienke/internal/matching"
)

// Index is a store of documents under test. Add keeps a document with the
// rows of its terms, as matching.Analysis.Salient makes them; the ids of the
// documents are ascending but have gaps. Adding a document again changes
// nothing. An implementation whose tables need more than a title and a body
// fills in what it likes.
type Index interface {
	matching.Candidates
	Add(ctx context.Context, d matching.Document, terms []matching.Term) error
}

// Run checks an implementation. open must return an empty index and clean up
// after itself through t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Index) {
	t.Helper()
	tests := []struct {
		name string
		run  func(t *testing.T, x Index)
	}{
		{"an empty index has nothing", testEmpty},
		{"frequencies count counted terms only", testFrequencies},
		{"postings are kept for terms with a weight only", testPostings},
		{"postings are limited per term, the heaviest first", testLimit},
		{"equal weights are limited to the earliest documents", testLimitTies},
		{"weights of any size keep their order", testWeights},
		{"adding a document again changes nothing", testAddTwice},
		{"texts leave out what is not there", testTexts},
		{"hashes of any sign are kept", testHashes},
		{"hundreds of terms are one call", testManyTerms},
		{"ranking finds the same as in memory", testRanking},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.run(t, open(t))
		})
	}
}

// document is a text with enough of everything for any implementation.
func document(id int64) matching.Document {
	return matching.Document{ID: id, Title: "Đề xuất thử nghiệm", Body: "Nội dung đề xuất dùng để thử nghiệm, không có ý nghĩa."}
}

func add(t *testing.T, x Index, id int64, terms ...matching.Term) {
	t.Helper()
	if err := x.Add(t.Context(), document(id), terms); err != nil {
		t.Fatalf("add document %d: %v", id, err)
	}
}

func wantFrequencies(t *testing.T, x Index, terms []int64, want map[int64]int) {
	t.Helper()
	got, err := x.Frequencies(t.Context(), terms)
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(got, func(_ int64, n int) bool { return n == 0 })
	if !maps.Equal(got, want) {
		t.Errorf("Frequencies(%v) = %v, want %v", terms, got, want)
	}
}

// wantPostings compares without regard to order.
func wantPostings(t *testing.T, x Index, terms []int64, limit int, want ...matching.Posting) {
	t.Helper()
	got, err := x.Postings(t.Context(), terms, limit)
	if err != nil {
		t.Fatal(err)
	}
	order := func(a, b matching.Posting) int {
		return cmp.Or(cmp.Compare(a.Term, b.Term), cmp.Compare(a.ID, b.ID))
	}
	slices.SortFunc(got, order)
	slices.SortFunc(want, order)
	if !slices.Equal(got, want) {
		t.Errorf("Postings(%v, %d) = %v, want %v", terms, limit, got, want)
	}
}

func testEmpty(t *testing.T, x Index) {
	wantFrequencies(t, x, []int64{matching.EveryDocument, 1}, map[int64]int{})
	wantFrequencies(t, x, nil, map[int64]int{})
	wantPostings(t, x, []int64{1}, 10)
	wantPostings(t, x, nil, 10)
	if got, err := x.Texts(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("Texts(nil) = %v, %v", got, err)
	}
}

func testFrequencies(t *testing.T, x Index) {
	add(t, x, 3, matching.Term{Hash: matching.EveryDocument, Counted: true}, matching.Term{Hash: 5, Weight: 1, Counted: true}, matching.Term{Hash: 7, Counted: true})
	add(t, x, 4, matching.Term{Hash: 5, Weight: 2})
	add(t, x, 9, matching.Term{Hash: matching.EveryDocument, Counted: true}, matching.Term{Hash: 7, Counted: true})
	wantFrequencies(t, x, []int64{matching.EveryDocument, 5, 7, 11}, map[int64]int{matching.EveryDocument: 2, 5: 1, 7: 2})
	wantFrequencies(t, x, []int64{7}, map[int64]int{7: 2})
}

func testPostings(t *testing.T, x Index) {
	add(t, x, 3, matching.Term{Hash: 5, Weight: 1.25, Counted: true}, matching.Term{Hash: 7, Counted: true}, matching.Term{Hash: 9, Weight: 0.5})
	add(t, x, 8, matching.Term{Hash: 5, Weight: 2})
	wantPostings(t, x, []int64{7, 9, 5, 11}, 10,
		matching.Posting{ID: 3, Term: 5, Weight: 1.25}, matching.Posting{ID: 8, Term: 5, Weight: 2}, matching.Posting{ID: 3, Term: 9, Weight: 0.5})
}

func testLimit(t *testing.T, x Index) {
	for i := range int64(20) {
		add(t, x, i+1, matching.Term{Hash: 5, Weight: float64(i%10) + 0.5}, matching.Term{Hash: 6, Weight: 3 - float64(i)/8})
	}
	wantPostings(t, x, []int64{5, 6}, 2,
		matching.Posting{ID: 10, Term: 5, Weight: 9.5}, matching.Posting{ID: 20, Term: 5, Weight: 9.5},
		matching.Posting{ID: 1, Term: 6, Weight: 3}, matching.Posting{ID: 2, Term: 6, Weight: 2.875})
}

func testLimitTies(t *testing.T, x Index) {
	for i := range int64(6) {
		add(t, x, 10*(i+1), matching.Term{Hash: 5, Weight: 1})
	}
	wantPostings(t, x, []int64{5}, 3,
		matching.Posting{ID: 10, Term: 5, Weight: 1}, matching.Posting{ID: 20, Term: 5, Weight: 1}, matching.Posting{ID: 30, Term: 5, Weight: 1})
}

// testWeights: an implementation may round weights and cut what is above a
// hundred, but not turn their order round.
func testWeights(t *testing.T, x Index) {
	weights := []float64{1e-9, 0.001, 0.002, 3.14159, 99, 1e300}
	for i, w := range weights {
		add(t, x, int64(i+1), matching.Term{Hash: 5, Weight: w})
	}
	got, err := x.Postings(t.Context(), []int64{5}, 10)
	if err != nil || len(got) != len(weights) {
		t.Fatalf("%v, %v", got, err)
	}
	slices.SortFunc(got, func(a, b matching.Posting) int { return cmp.Compare(a.ID, b.ID) })
	for i, p := range got[:5] {
		if p.Weight <= 0 || p.Weight-weights[i] > 1e-4 || weights[i]-p.Weight > 1e-4 || p.Weight >= got[i+1].Weight {
			t.Errorf("weight %g came back as %g before %g", weights[i], p.Weight, got[i+1].Weight)
		}
	}
}

func testAddTwice(t *testing.T, x Index) {
	for range 2 {
		add(t, x, 3, matching.Term{Hash: matching.EveryDocument, Counted: true}, matching.Term{Hash: 5, Weight: 1, Counted: true})
	}
	wantFrequencies(t, x, []int64{matching.EveryDocument, 5}, map[int64]int{matching.EveryDocument: 1, 5: 1})
	wantPostings(t, x, []int64{5}, 10, matching.Posting{ID: 3, Term: 5, Weight: 1})
}

func testTexts(t *testing.T, x Index) {
	add(t, x, 3, matching.Term{Hash: 5, Weight: 1})
	add(t, x, 4, matching.Term{Hash: 5, Weight: 1})
	got, err := x.Texts(t.Context(), []int64{4, 99, 3})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(got, func(a, b matching.Document) int { return cmp.Compare(a.ID, b.ID) })
	if want := []matching.Document{document(3), document(4)}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func testHashes(t *testing.T, x Index) {
	const low, high = -1 << 63, 1<<63 - 1
	add(t, x, 3, matching.Term{Hash: low, Weight: 1, Counted: true}, matching.Term{Hash: -1, Weight: 1, Counted: true}, matching.Term{Hash: high, Weight: 1, Counted: true})
	wantFrequencies(t, x, []int64{high, low, -1}, map[int64]int{low: 1, -1: 1, high: 1})
	wantPostings(t, x, []int64{high, low}, 5, matching.Posting{ID: 3, Term: low, Weight: 1}, matching.Posting{ID: 3, Term: high, Weight: 1})
}

func testManyTerms(t *testing.T, x Index) {
	var terms []matching.Term
	var hashes []int64
	for i := range int64(4096) {
		terms = append(terms, matching.Term{Hash: i*7919 - 9_000_000, Counted: true})
		hashes = append(hashes, i*7919-9_000_000)
	}
	add(t, x, 3, terms...)
	got, err := x.Frequencies(t.Context(), hashes)
	if err != nil || len(got) != len(hashes) {
		t.Errorf("%d of %d frequencies, %v", len(got), len(hashes), err)
	}
}

func testRanking(t *testing.T, x Index) {
	var memory matching.Memory
	texts := []string{
		"Đề nghị mở dữ liệu quan trắc không khí cho người dân tra cứu trên bản đồ",
		"Miễn phí xe buýt cho học sinh và người cao tuổi ở vùng nông thôn",
		"Công bố dữ liệu mở về chất lượng không khí tại các thành phố lớn",
		"Đưa môn lập trình vào chương trình trung học cơ sở",
		"Quỹ hỗ trợ doanh nghiệp khởi nghiệp sáng tạo vay vốn lãi suất thấp",
	}
	for i, text := range texts {
		d := matching.Document{ID: int64(10 * (i + 1)), Title: text, Body: "Nội dung chi tiết của đề xuất: " + text + "."}
		a := matching.Analyze(d)
		for _, index := range []Index{&memory, x} {
			if err := index.Add(t.Context(), d, a.Salient(frequencies(t, index, a))); err != nil {
				t.Fatal(err)
			}
		}
	}
	a := matching.Analyze(matching.Document{ID: 1000, Title: "Mo du lieu chat luong khong khi", Body: "De nguoi dan biet khong khi noi minh o."})
	want := similar(t, &memory, a)
	if len(want) < 2 || want[0].ID != 30 {
		t.Fatalf("in memory the best is not document 30: %v", want)
	}
	got := similar(t, x, a)
	if !slices.EqualFunc(got, want, func(g, w matching.Similar) bool {
		return g.ID == w.ID && g.Score == w.Score && slices.Equal(g.Terms, w.Terms)
	}) {
		t.Errorf("got %v, in memory %v", got, want)
	}
}

func frequencies(t *testing.T, x Index, a *matching.Analysis) matching.Frequencies {
	t.Helper()
	f, err := x.Frequencies(t.Context(), a.Terms())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func similar(t *testing.T, x Index, a *matching.Analysis) []matching.Similar {
	t.Helper()
	found, err := a.Similar(t.Context(), x, frequencies(t, x, a))
	if err != nil {
		t.Fatal(err)
	}
	return found
}
