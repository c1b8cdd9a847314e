package searchtest

import (
	"slices"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/search"
)

// Thesaurus is what the engines under test know. None of its names stands in
// the texts of other cases.
func Thesaurus(t testing.TB) *search.Thesaurus {
	t.Helper()
	thesaurus, problems := search.NewThesaurus([]search.Synonyms{
		{Names: []string{"CNTT", "công nghệ thông tin"}},
		{Names: []string{"trí tuệ nhân tạo", "công nghệ AI"}, Capitals: []string{"AI"}},
		{Names: []string{"Bộ Thông tin và Truyền thông", "Bộ TT&TT"}, Also: []string{"Bộ Khoa học và Công nghệ"}},
		{Names: []string{"Hà Giang"}, Also: []string{"Tuyên Quang"}},
		{Names: []string{"Tuyên Quang"}, Also: []string{"Hà Giang"}},
		{Names: []string{"tỉnh Hòa Bình"}, Also: []string{"Phú Thọ"}},
	})
	for _, err := range problems {
		t.Error(err)
	}
	return thesaurus
}

// OpenWith opens something that answers the public from these documents and
// knows Thesaurus.
type OpenWith func(t *testing.T, docs ...search.Document) search.Searcher

// RunNames checks what a Searcher makes of names: a part of Run, for stand-ins,
// which need not rank.
func RunNames(t *testing.T, open OpenWith) {
	t.Helper()
	for name, run := range plainNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, open)
		})
	}
}

var plainNames = map[string]func(*testing.T, OpenWith){
	"an abbreviation finds what it is short for, and the other way about": testShort,
	"an old name finds the present one, and not the other way about":      testOldName,
	"a name is its words in a row; without any, its words count":          testRow,
	"a name in capitals is a common word without them":                    testCapitals,
	"a name typed with other accents is no name":                          testNameAccents,
	"a name is text, and narrows with the other words":                    testNameText,
}

var namesCases = append(rankedNames, func() (cases []testCase) {
	for name, run := range plainNames {
		cases = append(cases, testCase{name, func(t *testing.T, open Open) {
			run(t, func(t *testing.T, docs ...search.Document) search.Searcher { return with(t, open, docs...) })
		}})
	}
	return cases
}()...)

var rankedNames = []testCase{
	{"the name as typed comes before others for the same", func(t *testing.T, open Open) {
		x := with(t, open,
			doc("A", "Đào tạo công nghệ thông tin", "công nghệ thông tin"),
			doc("B", "Một việc khác", "nói thêm về CNTT"),
		)
		x.ranks("CNTT", "B", "A")
		x.ranks("công nghệ thông tin", "A", "B")
	}},
	{"the snippet marks what stands for a name", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "Đào tạo", "lớp công nghệ thông tin ở xã"))
		var marked []string
		for _, p := range x.ask(search.Query{Text: "CNTT xã"}).Hits[0].Snippet {
			if p.Match {
				marked = append(marked, p.Text)
			}
		}
		if want := []string{"công nghệ thông tin", "xã"}; !slices.Equal(marked, want) {
			t.Errorf("marked are %q, want %q", marked, want)
		}
	}},
	{"a word with names of its own relaxes like any other", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "công nghệ thông tin", ""), doc("B", "đường ngập", ""))
		r := x.ask(search.Query{Text: "CNTT kzvkzv ", Facets: search.Facets})
		if got := codes(r); !slices.Equal(got, []civic.Code{"A"}) || !r.Relaxed {
			t.Errorf("found %q, relaxed %v", got, r.Relaxed)
		}
	}},
}

// finds asserts which documents have all that a text asks for.
func finds(t *testing.T, s search.Searcher, text string, want ...civic.Code) {
	t.Helper()
	r, err := s.Query(t.Context(), search.Query{Text: text, Page: 1, PerPage: search.MaxPerPage})
	if err != nil {
		t.Fatalf("query %+q: %v", text, err)
	}
	got := codes(r)
	if r.Relaxed {
		got = nil
	}
	if !slices.Equal(sorted(got), sorted(want)) {
		t.Errorf("%+q finds %q, want %q", text, got, want)
	}
}

func testShort(t *testing.T, open OpenWith) {
	s := open(t,
		doc("A", "Đào tạo CNTT", ""), doc("B", "Đào tạo", "ngành Công Nghệ Thông Tin"), doc("C", "Đào tạo", "thông tin về công nghệ"),
	)
	for _, text := range []string{"CNTT", "cntt ", "công nghệ thông tin", "cong nghe thong tin", "đào tạo CNTT", "Công nghệ thông tin: đào tạo"} {
		finds(t, s, text, "A", "B")
	}
}

func testOldName(t *testing.T, open OpenWith) {
	s := open(t,
		doc("OLD", "Bộ Thông tin và Truyền thông trả lời", ""), doc("SHORT", "Bộ TT&TT trả lời", ""),
		doc("NEW", "Bộ Khoa học và Công nghệ trả lời", ""), doc("OTHER", "Bộ Công an trả lời", ""),
		doc("HAGIANG", "Đường ở Hà Giang", ""), doc("TUYENQUANG", "Đường ở Tuyên Quang", ""),
	)
	for _, text := range []string{"Bộ Thông tin và Truyền thông", "bộ tt&tt", "trả lời, Bộ TT-TT"} {
		finds(t, s, text, "OLD", "SHORT", "NEW")
	}
	finds(t, s, "Bộ Khoa học và Công nghệ ", "NEW")
	finds(t, s, "đường Hà Giang", "HAGIANG", "TUYENQUANG") // the two are one province
	finds(t, s, "đường Tuyên Quang", "HAGIANG", "TUYENQUANG")
}

func testRow(t *testing.T, open OpenWith) {
	s := open(t, doc("A", "thông tin về công nghệ", ""), doc("B", "đường ngập", ""))
	finds(t, s, "công nghệ thông tin ", "A")
	finds(t, s, "CNTT ")
}

func testCapitals(t *testing.T, open OpenWith) {
	s := open(t,
		doc("WHO", "Ai chịu trách nhiệm", "ai trả lời dân"), doc("AI", "Dùng công nghệ AI", ""), doc("FULL", "Dùng trí tuệ nhân tạo", ""),
	)
	finds(t, s, "dùng AI", "AI", "FULL")
	finds(t, s, "ai ", "WHO", "AI")
	finds(t, s, "ai trả lời ", "WHO")
	finds(t, s, "trí tuệ nhân tạo ", "AI", "FULL")
}

func testNameAccents(t *testing.T, open OpenWith) {
	s := open(t, doc("A", "hòa bình ở phú thọ", ""), doc("B", "tỉnh Hòa Bình", ""), doc("C", "tính hóa binh", ""))
	finds(t, s, "tỉnh hòa bình ", "A", "B", "C")
	finds(t, s, "tinh hoa binh ", "A", "B", "C") // who types none may have any of them in mind
	finds(t, s, "tính hóa binh ", "B", "C")      // these are other words
	finds(t, s, "hòa bình ", "A", "B", "C")      // which is also peace
}

func testNameText(t *testing.T, open OpenWith) {
	s := open(t, doc("A", "CNTT ở trường", ""), doc("B", "công nghệ thông tin ở xã", ""))
	finds(t, s, `"CNTT" trường `, "A")
	finds(t, s, `-CNTT `, "A", "B")
	finds(t, s, `CNTT* `, "A", "B")
	finds(t, s, `CNTT OR xyzt `)
	finds(t, s, `công "nghệ" -thông +tin xã `, "B")
}
