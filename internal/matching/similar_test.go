package matching_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"hienke/internal/matching"
	"hienke/internal/vitext"
)

// keep stores a document as it would be on arrival.
func keep(t testing.TB, m *matching.Memory, d matching.Document) {
	t.Helper()
	a := matching.Analyze(d)
	freq, err := m.Frequencies(context.Background(), a.Terms())
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(context.Background(), d, a.Salient(freq)); err != nil {
		t.Fatal(err)
	}
}

func similarTo(t testing.TB, c matching.Candidates, d matching.Document) []matching.Similar {
	t.Helper()
	a := matching.Analyze(d)
	freq, err := c.Frequencies(context.Background(), a.Terms())
	if err != nil {
		t.Fatal(err)
	}
	found, err := a.Similar(context.Background(), c, freq)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

var proposals = []matching.Document{
	{ID: 1, Title: "Công bố dữ liệu quan trắc không khí", Body: "Người dân cần xem được chất lượng không khí từng giờ trên bản đồ, kèm dữ liệu mở để trường học dùng lại."},
	{ID: 2, Title: "Xe buýt miễn phí cho học sinh", Body: "Học sinh vùng cao đi học xa, nên có xe buýt miễn phí vào giờ đến trường và giờ tan trường."},
	{ID: 3, Title: "Dạy lập trình ở trung học cơ sở", Body: "Nên đưa lập trình vào chương trình từ lớp sáu và tập huấn cho giáo viên."},
	{ID: 4, Title: "Quỹ cho doanh nghiệp khởi nghiệp", Body: "Doanh nghiệp mới cần vay vốn lãi suất thấp để thử nghiệm sản phẩm."},
	{ID: 5, Title: "Free buses for pupils", Body: "Pupils in the mountains travelled far; schools needed free bus services."},
}

func TestSimilar(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		title, body string
		want        int64 // the best one, 0 for none
		reason      string
	}{
		{"finds the same wish in other words", "Bản đồ ô nhiễm không khí", "Xin mở dữ liệu đo chất lượng không khí cho mọi người.", 1, "không khí"},
		{"finds it typed without accents", "Ban do khong khi", "xin mo du lieu chat luong khong khi cho dan biet", 1, "khong khi"},
		{"looks beyond English endings", "A free bus for every pupil", "My school needs this service; the pupil travels far.", 5, "free bus"},
		{"finds nothing in nothing", "…", "", 0, ""},
		{"finds nothing where nothing is shared", "Xyzzy", "qwertz asdfgh", 0, ""},
	}
	var m matching.Memory
	for _, d := range proposals {
		keep(t, &m, d)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := similarTo(t, &m, matching.Document{ID: 99, Title: tt.title, Body: tt.body})
			if tt.want == 0 {
				if len(got) != 0 {
					t.Errorf("got %+v", got)
				}
				return
			}
			if len(got) == 0 || got[0].ID != tt.want {
				t.Fatalf("got %+v, want document %d first", got, tt.want)
			}
			if !slices.Contains(got[0].Terms, tt.reason) {
				t.Errorf("reasons %q do not name %q", got[0].Terms, tt.reason)
			}
			for i, s := range got {
				if s.Score <= 0 || s.Score > 1 || i > 0 && s.Score > got[i-1].Score {
					t.Errorf("scores out of range or order: %+v", got)
				}
			}
		})
	}
}

func TestSimilarLeavesOutTheDocumentItself(t *testing.T) {
	t.Parallel()
	var m matching.Memory
	for _, d := range proposals {
		keep(t, &m, d)
	}
	for _, s := range similarTo(t, &m, proposals[1]) {
		if s.ID == proposals[1].ID {
			t.Errorf("found itself: %+v", s)
		}
	}
}

func TestTheSameTextScoresOne(t *testing.T) {
	t.Parallel()
	var m matching.Memory
	for _, d := range proposals {
		keep(t, &m, d)
	}
	again := proposals[2]
	again.ID = -1
	if got := similarTo(t, &m, again); got[0].ID != 3 || got[0].Score < 0.999 {
		t.Errorf("got %+v", got)
	}
}

func TestSimilarIsTheSameEveryTime(t *testing.T) {
	t.Parallel()
	run := func() string {
		var m matching.Memory
		for _, d := range proposals {
			keep(t, &m, d)
		}
		return fmt.Sprint(similarTo(t, &m, matching.Document{ID: 9, Title: "Xe buýt và dữ liệu", Body: "Học sinh cần xe buýt, dữ liệu mở và lập trình."}))
	}
	first := run()
	for range 20 {
		if again := run(); again != first {
			t.Fatalf("first %s, then %s", first, again)
		}
	}
}

// broken fails at one of its three questions.
type broken struct {
	matching.Memory
	postings, texts error
}

func (b *broken) Postings(ctx context.Context, terms []int64, limit int) ([]matching.Posting, error) {
	if b.postings != nil {
		return nil, b.postings
	}
	return b.Memory.Postings(ctx, terms, limit)
}

func (b *broken) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	if b.texts != nil {
		return nil, b.texts
	}
	return b.Memory.Texts(ctx, ids)
}

func TestSimilarPassesErrorsOn(t *testing.T) {
	t.Parallel()
	away := errors.New("database is away")
	for name, b := range map[string]*broken{"of postings": {postings: away}, "of texts": {texts: away}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			keep(t, &b.Memory, proposals[0])
			a := matching.Analyze(matching.Document{ID: 2, Title: proposals[0].Title})
			if _, err := a.Similar(t.Context(), b, nil); !errors.Is(err, away) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestSalient(t *testing.T) {
	t.Parallel()
	a := matching.Analyze(proposals[0])
	first := a.Salient(nil)
	if !slices.IsSortedFunc(first, func(a, b matching.Term) int { return int(min(max(a.Hash/2-b.Hash/2, -1), 1)) }) {
		t.Error("rows are not in ascending order of hash")
	}
	postings := 0
	for _, r := range first {
		if !r.Counted {
			t.Errorf("among the first documents every term is counted: %+v", r)
		}
		if r.Weight > 0 {
			postings++
		}
		if r.Hash == matching.EveryDocument && r.Weight > 0 {
			t.Error("EveryDocument is a posting")
		}
	}
	if postings != 24 {
		t.Errorf("%d postings, want 24", postings)
	}
	if len(first) != len(a.Terms()) {
		t.Errorf("%d rows for %d terms", len(first), len(a.Terms()))
	}
}

func TestCommonTermsAreNotSalient(t *testing.T) {
	t.Parallel()
	a := matching.Analyze(matching.Document{ID: 1, Title: "không khí"})
	freq := matching.Frequencies{}
	for _, h := range a.Terms() {
		freq[h] = 900
	}
	freq[matching.EveryDocument] = 1000
	for _, r := range a.Salient(freq) {
		if r.Weight > 0 {
			t.Errorf("a term of nearly every document is kept: %+v", r)
		}
	}
}

func TestFewDocumentsAreCountedLater(t *testing.T) {
	t.Parallel()
	counted := 0
	freq := matching.Frequencies{matching.EveryDocument: 8 * 2048}
	for i := range 6400 {
		rows := matching.Analyze(matching.Document{ID: 1, Title: fmt.Sprintf("đề xuất số %d", i)}).Salient(freq)
		if rows[0].Counted {
			counted++
		}
	}
	if counted < 60 || counted > 150 { // 6400 / 64 = 100 expected
		t.Errorf("%d of 6400 counted, want about 100", counted)
	}
}

func TestBodyThatRepeatsTheTitleIsReadOnce(t *testing.T) {
	t.Parallel()
	d := proposals[0]
	twice := matching.Document{ID: d.ID, Title: d.Title, Body: d.Title + "\n" + d.Body}
	if got, want := matching.Analyze(twice).Salient(nil), matching.Analyze(d).Salient(nil); !slices.Equal(got, want) {
		t.Error("the rows differ")
	}
}

// words makes a text of n syllables whose frequencies fall as in real texts.
func words(rng *rand.Rand, n int) string {
	var b strings.Builder
	for range n {
		fmt.Fprintf(&b, "tu%d ", int(2500*rng.Float64()*rng.Float64()*rng.Float64()))
	}
	return b.String()
}

func BenchmarkSimilarAmong20000(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	var m matching.Memory
	for i := range int64(20_000) {
		keep(b, &m, matching.Document{ID: i + 1, Title: words(rng, 12), Body: words(rng, 200)})
	}
	query := matching.Document{ID: 99_999, Title: words(rng, 12), Body: words(rng, 200)}
	for b.Loop() {
		similarTo(b, &m, query)
	}
}

func BenchmarkAnalyze(b *testing.B) {
	d := matching.Document{ID: 1, Title: "Đề nghị tăng mức hỗ trợ", Body: vitext.Normalize(strings.Repeat(letter, 2))}
	b.ReportAllocs()
	for b.Loop() {
		matching.Analyze(d).Salient(nil)
	}
}
