package search_test

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"hienke/internal/search"
)

func TestWords(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text          string
		folded, exact string
	}{
		{"Đường Láng", "duong lang", "đường láng"},
		{"\u0110u\u031bo\u031b\u0300ng", "duong", "đường"}, // decomposed
		{"hoà bình", "hoa binh", "hòa bình"},               // the old place of the tone mark
		{"COVID-19, e-mail", "covid 19 e mail", "covid 19 e mail"},
		{"nghị\u200bđịnh", "nghidinh", "nghịđịnh"}, // nothing visible parts them
		{"", "", ""},
		{"…!?", "", ""},
		{strings.Repeat("a", 100), strings.Repeat("a", 64), strings.Repeat("a", 64)},
	}
	for _, tt := range tests {
		var folded, exact []string
		for _, w := range search.Words(tt.text) {
			folded, exact = append(folded, w.Folded), append(exact, w.Exact)
		}
		if got := strings.Join(folded, " "); got != tt.folded {
			t.Errorf("Words(%+q) folded %q, want %q", tt.text, got, tt.folded)
		}
		if got := strings.Join(exact, " "); got != tt.exact {
			t.Errorf("Words(%+q) exact %q, want %q", tt.text, got, tt.exact)
		}
	}
}

// plain reads a text without knowing any name.
func plain(text string) []search.Part {
	var none *search.Thesaurus
	return none.Parse(text)
}

func TestParseText(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, text, want string // a star marks the beginning of a word
	}{
		{"marks the last word as a beginning", "cầu vượt", "cầu vượt*"},
		{"takes a space as the end of the last word", "cầu vượt ", "cầu vượt"},
		{"takes punctuation as the end of the last word", "cầu vượt?", "cầu vượt"},
		{"takes one letter as a word", "cầu v", "cầu v"},
		{"takes a word once", "khoa học khoa nhi", "khoa học nhi*"},
		{"takes words that differ in accents for one", "má mà", "má"},
		{"keeps ten words", "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1", "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1"},
		{"leaves out form words of a long text", "tôi xin đề nghị các cơ quan lắp thêm đèn đường cho ngõ", "cơ quan lắp thêm đèn đường ngõ*"},
		{"keeps form words of a short text", "của và", "của và*"},
		{"keeps ten of a long text of form words", "tôi xin các của và là những một cho để được", "tôi xin các của và là những một cho để"},
		{"finds no words in signs", `"*-+`, ""},
	}
	for _, tt := range tests {
		var got []string
		for _, term := range search.ParseText(tt.text) {
			s := term.Exact
			if term.Prefix {
				s += "*"
			}
			got = append(got, s)
		}
		if s := strings.Join(got, " "); s != tt.want {
			t.Errorf("it %s: %q gives %q, want %q", tt.name, tt.text, s, tt.want)
		}
	}
}

func FuzzParseText(f *testing.F) {
	for _, s := range []string{"", "cầu vượt", "\x00\xff", strings.Repeat("ộ", 3000), "a\u0301\u0301", `"-*`, "ﬁ 𝕳𝖎 İ"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		terms := search.ParseText(text)
		if len(terms) > search.MaxTerms {
			t.Fatalf("%d terms", len(terms))
		}
		for i, term := range terms {
			if term.Folded == "" || !utf8.ValidString(term.Exact) || strings.ContainsAny(term.Folded+term.Exact, " \"\\-*") {
				t.Errorf("term %+q %+q", term.Folded, term.Exact)
			}
			if term.Prefix && i != len(terms)-1 {
				t.Errorf("term %d of %d is a beginning", i, len(terms))
			}
		}
		var joined strings.Builder
		for _, p := range search.Snippet(plain(text), 4, text) {
			joined.WriteString(p.Text)
		}
		if n := utf8.RuneCountInString(joined.String()); n > 260 {
			t.Errorf("a snippet of %d letters", n)
		}
	})
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, query string
		typoLetters int
		texts       []string
		want        string // matches in brackets
	}{
		{"marks what matches", "duong ", 0, []string{"Sửa Đường Láng"}, "Sửa [Đường] Láng"},
		{"prefers the accents typed", "má ", 0, []string{"ma má mà"}, "ma [má] mà"},
		{"takes other accents if it must", "má ", 0, []string{"ma mà"}, "[ma] [mà]"},
		{"marks the whole of a word that begins so", "đư", 0, []string{"con đường đó"}, "con [đường] đó"},
		{"marks near words where that is on", "duogn ", 4, []string{"con đường"}, "con [đường]"},
		{"marks no near words where that is off", "duogn ", 0, []string{"con đường"}, "con đường"},
		{"begins with the first text", "", 0, []string{"một", "hai"}, "một"},
		{"takes the text that has more", "b c ", 0, []string{"a b", "b c"}, "[b] [c]"},
		{"skips an empty text", "", 0, []string{"", "hai"}, "hai"},
		{"is nothing of nothing", "a", 0, nil, ""},
		{"puts one space for any run", "b ", 0, []string{"a \n\n\t b"}, "a [b]"},
		{"leaves markup alone", "b ", 0, []string{"<b>x</b>"}, "<[b]>x</[b]>"},
		{
			"cuts around the matches, between words", "kim ", 0,
			[]string{strings.Repeat("rơm ", 100) + "kim " + strings.Repeat("rơm ", 100)},
			"…" + strings.Repeat("rơm ", 12) + "[kim]" + strings.Repeat(" rơm", 37) + "…",
		},
	}
	for _, tt := range tests {
		var b strings.Builder
		for _, p := range search.Snippet(plain(tt.query), tt.typoLetters, tt.texts...) {
			if p.Match {
				b.WriteString("[" + p.Text + "]")
			} else {
				b.WriteString(p.Text)
			}
		}
		if got := b.String(); got != tt.want {
			t.Errorf("it %s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
	}
}

func TestOneEdit(t *testing.T) {
	t.Parallel()
	near := [][2]string{{"khoa", "khoe"}, {"khoa", "khao"}, {"khoa", "kha"}, {"khoa", "khoan"}, {"ab", "a"}, {"đa", "đe"}}
	far := [][2]string{{"khoa", "khoa"}, {"khoa", "hoa"}, {"khoa", "ghoa"}, {"khoa", "khien"}, {"khoa", "kohae"}, {"", ""}, {"a", ""}, {"abcd", "badc"}}
	for _, p := range near {
		if !search.OneEdit(p[0], p[1]) || !search.OneEdit(p[1], p[0]) {
			t.Errorf("%q are not near", p)
		}
	}
	for _, p := range far {
		if search.OneEdit(p[0], p[1]) || search.OneEdit(p[1], p[0]) {
			t.Errorf("%q are near", p)
		}
	}
}

func TestLastChanges(t *testing.T) {
	t.Parallel()
	a, b := search.Document{Code: "A"}, search.Document{Code: "B"}
	got := search.LastChanges([]search.Change{search.Put(a), search.Put(b), search.Remove("A")})
	want := []string{"A removed", "B put"}
	var said []string
	for _, c := range got {
		verb := " put"
		if c.Document == nil {
			verb = " removed"
		}
		said = append(said, string(c.Code)+verb)
	}
	if !slices.Equal(said, want) {
		t.Errorf("LastChanges() = %q, want %q", said, want)
	}
}
