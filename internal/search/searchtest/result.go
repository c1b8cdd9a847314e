package searchtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

var resultCases = []testCase{
	{"a hit tells what was applied", testHit},
	{"the snippet shows the words found, with their accents", testSnippet},
	{"a snippet is plain text", func(t *testing.T, open Open) {
		const body = `<b>nước</b> & "sạch" <script>alert('nước')</script>`
		x := with(t, open, doc("A", "<i>tiêu đề</i>", body))
		h := x.ask(search.Query{Text: "nước sạch"}).Hits[0]
		if got := joined(h.Snippet); got != body || h.Title != "<i>tiêu đề</i>" {
			t.Errorf("title %q, snippet %q; want both as written", h.Title, got)
		}
		if got := matched(h.Snippet); !slices.Equal(got, []string{"nước", "sạch", "nước"}) {
			t.Errorf("matches %q", got)
		}
	}},
	{"pages cut the hits without gaps or repeats", testPages},
	{"a query that breaks a rule is Invalid", testInvalid},
	{"the result names the engine", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "nước", ""))
		for _, q := range []search.Query{{}, {Text: "nước"}, {Text: "nuoc"}, {Text: "kzvkzv"}, {Scope: search.ScopeTo()}} {
			if r := x.ask(q); r.Engine != x.Engine() || r.Degraded {
				t.Errorf("%+v: engine %q, degraded %v", q, r.Engine, r.Degraded)
			}
		}
	}},
}

func testHit(t *testing.T, open Open) {
	d := doc("HK-2A", "Lắp đèn\nđường", "Ngõ 12 tối quá")
	d.Answer, d.Kind, d.Topic, d.Agency = "Sẽ lắp", civic.Initiative, "lighting", "hanoi"
	d.AnsweredAt = time.Date(2026, 4, 5, 6, 7, 8, 123456789, civic.Zone)
	x := with(t, open, d)
	for _, text := range []string{"", "đèn", "den duong", "lắp đèn "} {
		h := x.ask(search.Query{Text: text}).Hits[0]
		snippet := h.Snippet
		h.Snippet = nil
		want := search.Hit{
			Code: d.Code, Title: d.Title, Kind: d.Kind, Topic: d.Topic, Agency: d.Agency,
			AnsweredAt: d.AnsweredAt.UTC().Truncate(time.Microsecond),
		}
		if fmt.Sprintf("%#v", h) != fmt.Sprintf("%#v", want) {
			t.Errorf("%q: hit is\n%#v, want\n%#v", text, h, want)
		}
		if len(snippet) == 0 {
			t.Errorf("%q: no snippet", text)
		}
	}
}

func joined(pieces []search.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

func matched(pieces []search.Piece) []string {
	var out []string
	for _, p := range pieces {
		if p.Match {
			out = append(out, p.Text)
		}
	}
	return out
}

func testSnippet(t *testing.T, open Open) {
	filler := strings.Repeat("Chuyện khác không liên quan. ", 40)
	d := doc("A", "Thưa ông", filler+"Đề nghị sửa ĐƯỜNG Láng cho xe buýt. "+filler)
	d.Answer = filler + "Thành phố đã duyệt kinh phí. " + filler
	x := with(t, open, d)
	for _, tt := range []struct {
		text string
		want []string
	}{
		{"duong lang", []string{"ĐƯỜNG", "Láng"}},
		{"đường láng", []string{"ĐƯỜNG", "Láng"}},
		{"kinh phí ", []string{"kinh", "phí"}}, // in the answer
		{"xe bu", []string{"xe", "buýt"}},
	} {
		s := x.ask(search.Query{Text: tt.text}).Hits[0].Snippet
		if got := matched(s); !slices.Equal(got, tt.want) {
			t.Errorf("%q: matches %q, want %q", tt.text, got, tt.want)
		}
		if n := len([]rune(joined(s))); n > 250 {
			t.Errorf("%q: a snippet of %d letters", tt.text, n)
		}
	}
	s := x.ask(search.Query{Text: "ông "}).Hits[0].Snippet // only in the title
	if got := joined(s); !strings.HasPrefix(got, "Chuyện khác") {
		t.Errorf("without a match in the texts the snippet is %q", got)
	}
}

func testPages(t *testing.T, open Open) {
	const n, perPage = 23, 5
	docs := make([]search.Document, n)
	for i := range docs {
		docs[i] = doc(civic.Code(fmt.Sprintf("A%02d", i)), "Nước sạch", strings.Repeat("nông thôn ", i%3))
	}
	x := with(t, open, docs...)
	for _, q := range []search.Query{{}, {Text: "nuoc"}, {Text: "nước sạch"}, {Text: "nước", Sort: search.Oldest}} {
		var all []civic.Code
		for page := 1; page <= 6; page++ {
			q.Page, q.PerPage = page, perPage
			r := x.ask(q)
			if want := max(0, min(perPage, n-(page-1)*perPage)); r.Total != n || len(r.Hits) != want {
				t.Errorf("%+q page %d: total %d, %d hits; want %d, %d", q.Text, page, r.Total, len(r.Hits), n, want)
			}
			all = append(all, codes(r)...)
		}
		if distinct := slices.Compact(sorted(all)); len(all) != n || len(distinct) != n {
			t.Errorf("%+q: %d hits on all pages, %d distinct, want %d", q.Text, len(all), len(distinct), n)
		}
	}
	last := x.ask(search.Query{Page: search.MaxWindow / search.MaxPerPage, PerPage: search.MaxPerPage})
	if last.Total != n || len(last.Hits) != 0 {
		t.Errorf("the last page one can ask for: %+v", last)
	}
}

func testInvalid(t *testing.T, open Open) {
	x := with(t, open, doc("A", "nước", ""))
	for _, tt := range []struct {
		field string
		query search.Query
	}{
		{"page", search.Query{Page: 0, PerPage: 10}},
		{"page", search.Query{Page: -1, PerPage: 10}},
		{"page", search.Query{Page: search.MaxWindow/10 + 1, PerPage: 10}},
		{"page", search.Query{Page: 1 << 62, PerPage: 100}},
		{"per_page", search.Query{Page: 1, PerPage: 0}},
		{"per_page", search.Query{Page: 1, PerPage: search.MaxPerPage + 1}},
		{"sort", search.Query{Page: 1, PerPage: 10, Sort: "random"}},
		{"facets", search.Query{Page: 1, PerPage: 10, Facets: []search.Facet{"fingerprint"}}},
	} {
		_, err := x.Query(t.Context(), tt.query)
		wantKind(t, err, errs.Invalid)
		if fields := errs.FieldsOf(err); len(fields) != 1 || fields[0].Name != tt.field {
			t.Errorf("%+v: fields %v, want %s", tt.query, fields, tt.field)
		}
	}
}
