package searchtest

import (
	"fmt"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/search"
)

var matchCases = []testCase{
	{"a document matches with every word, wherever it stands", testEveryWord},
	{"accents, capitals and spelling of tone marks do not matter", testFolding},
	{"the last word matches as a beginning", testPrefix},
	{"some of the words do when nothing has all", testRelaxed},
	{"without words everything matches", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""), doc("B", "", ""))
		for _, text := range []string{"", "  \n\t ", `"`, `-`, `*?~^:()[]{}\/+!&|`, "\x00", "\u200b\u202e", "…", "😀", "\xff\xfe"} {
			x.finds(text, "A", "B")
		}
	}},
	{"text is text: no sign in it is an operator", testOperators},
	{"any text is harmless", testHarmless},
	{"of many words the ten most telling count", testManyWords},
	{"typo help reaches as far as the traits say", testTypos},
	{"typo help widens a word in use only as the traits say", testTypoBeside},
	{"two words find what is written as one only as the traits say", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "mạng wifi công cộng", ""))
		if x.Traits().JoinsWords {
			x.finds("wi fi ", "A")
		} else {
			x.finds("wi fi ")
		}
	}},
	{"texts of any make are taken and found", testStrangeDocuments},
}

// none is what a text finds that finds nothing.
var none []civic.Code

func testEveryWord(t *testing.T, open Open) {
	answered := doc("C", "Đèn tín hiệu", "Ngã tư Sở")
	answered.Answer = "Sở đã lắp camera tại nút giao"
	x := with(t, open, doc("A", "Cầu đi bộ qua đường", "Xin làm cầu gần bệnh viện"), doc("B", "Bệnh viện quá tải", "Cần thêm bác sĩ"), answered)
	x.finds("bệnh viện", "A", "B")
	x.finds("viện bệnh", "A", "B")
	x.finds("cầu bệnh", "A")
	x.finds("đường viện", "A") // title and body
	x.finds("camera ngã tư", "C")
	x.finds("bệnh bệnh bệnh", "A", "B")
	x.finds("camera bệnh")
	x.finds("kzvkzv")
}

func testFolding(t *testing.T, open Open) {
	x := with(t, open,
		doc("A", "Đường sắt Thủ Đức", "Hòa Bình, Thúy Kiều"),
		doc("B", "DUONG SAT THU DUC", "Hoa Binh, Thuy Kieu"),
		doc("C", "\u0110u\u031b\u01a1\u0300ng sa\u0306\u0301t Thu\u0309 \u0110u\u031b\u0301c", "Hoà Bình, Thuý Kiều"), // decomposed, old tone-mark positions
	)
	for _, text := range []string{
		"đường sắt", "duong sat", "Đường Sắt", "DUONG SAT", "ĐƯỜNG sat",
		"\u0111u\u031bo\u031b\u0300ng", "thủ đức", "Hoà Bình", "hòa bình", "Thúy", "thuý",
	} {
		x.finds(text, "A", "B", "C")
	}
}

func testPrefix(t *testing.T, open Open) {
	x := with(t, open, doc("A", "Nghị định mới", ""), doc("B", "Nghiệm thu công trình", ""), doc("C", "Nghỉ mát", ""))
	x.finds("ngh", "A", "B", "C")
	x.finds("nghi", "A", "B", "C")
	x.finds("nghie", "B")
	x.finds("công tr", "B")
	x.finds("mới ngh", "A")
	x.finds("nghi ", "A", "C") // the space ends the word
	x.finds("nghi.", "A", "C") // as does any other sign
	x.finds("nghi định", "A")  // only the last word is one
	x.finds("c ", none...)
	x.finds("m", none...) // one letter begins nothing
	x.put(doc("D", "Ngh", ""))
	if got := codes(x.ask(search.Query{Text: "ngh"})); len(got) != 4 || got[0] != "D" {
		t.Errorf("the word itself is not before those it begins: %q", got)
	}
}

func testRelaxed(t *testing.T, open Open) {
	x := with(t, open,
		doc("A", "cấp lại căn cước công dân", "thủ tục tại xã"),
		doc("B", "căn cước gắn chip", ""),
		doc("C", "đường ngập nước", ""),
	)
	for _, text := range []string{"căn cước công dân qua bưu điện ", "kzvkzv căn cước công dân"} {
		r := x.ask(search.Query{Text: text, Facets: []search.Facet{search.FacetKind}})
		got := codes(r)
		if len(got) == 0 || got[0] != "A" || !r.Relaxed || r.Total != len(got) {
			t.Errorf("%q finds %q, total %d, relaxed %v; want A first, relaxed", text, got, r.Total, r.Relaxed)
		}
		for _, code := range got {
			if code == "C" {
				t.Errorf("%q finds C, which has none of the words", text)
			}
		}
		if f := r.Facets[search.FacetKind]; len(f) != 1 || f[0].Count != r.Total {
			t.Errorf("%q counts %v, want the %d hits", text, f, r.Total)
		}
	}
	if r := x.ask(search.Query{Text: "kzvkzv wqxwqx"}); r.Total != 0 || r.Relaxed {
		t.Errorf("words that stand nowhere: total %d, relaxed %v", r.Total, r.Relaxed)
	}
}

func testOperators(t *testing.T, open Open) {
	x := with(t, open,
		doc("A", "khoa học và công nghệ", "kind:feedback"),
		doc("B", "khoa nhi, học viện", ""),
		doc("C", "công an", "OR NOT AND"),
	)
	x.finds(`"khoa học"`, "A", "B")  // not a phrase
	x.finds(`khoa -học`, "A", "B")   // not a refusal
	x.finds(`+khoa +công`, "A")      //
	x.finds(`k*a học`)               // not a pattern: "k" is a word, and stands nowhere
	x.finds(`kh?a học`)              //
	x.finds(`title:khoa`)            // not a field
	x.finds(`kind:feedback`, "A")    // words like any others
	x.finds(`công OR`, "C")          //
	x.finds(`NOT công`, "C")         //
	x.finds(`công~2 an^9`)           // 2 and 9 are words
	x.finds(`(công) [an] {an}`, "C") //
	x.finds(`\công`, "A", "C")       //
	x.finds(`công\ an`, "C")         //
	x.finds(`"công`, "A", "C")       // an open quotation
	x.finds(`/công/`, "A", "C")      // not a pattern
}

// testHarmless asks strange things of an index with one plain document. What
// they find is said elsewhere; here they must be answered at all.
func testHarmless(t *testing.T, open Open) {
	x := with(t, open, doc("A", "một hai ba", "<script>alert(1)</script>"))
	for _, text := range []string{
		"\x00một\x00", "một\xff\xfehai", strings.Repeat("một ", 20_000), strings.Repeat("a", 100_000),
		strings.Repeat("ộ", 50_000), strings.Repeat(`"`, 5_000), strings.Repeat("một-", 500) + "*",
		"' OR 1=1 --", "{{7*7}}", "${jndi:ldap://x}", "=cmd|' /C calc'!A0", "../../etc/passwd",
		"a\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301\u0301", "\u202eabc", "مرحبا", "한국어", "漢字仮名", "𝕳𝖎", "ﬁ", "İ", "ẞ",
		"%00", "\\", `\"`, "`", "_all:*", "NaN", "null", "🏳️‍🌈 một",
	} {
		x.ask(search.Query{Text: text, Facets: search.Facets})
	}
	x.finds("\x00một\u200b hai\u202e", "A")
	x.finds("script alert", "A")
}

func testManyWords(t *testing.T, open Open) {
	const long = "Tôi xin kiến nghị với các cơ quan về việc lắp đặt thêm đèn chiếu sáng công cộng tại ngõ nhỏ phường Láng"
	x := with(t, open, doc("A", long, ""), doc("B", "đèn chiếu sáng", ""))
	r := x.ask(search.Query{Text: long})
	if len(r.Hits) == 0 || r.Hits[0].Code != "A" || r.Relaxed {
		t.Errorf("a title of 23 words finds %q, relaxed %v; want A first", codes(r), r.Relaxed)
	}
	x.finds("của và các những cho để được trong với về đèn chiếu sáng", "A", "B") // form words give way
}

func testTypos(t *testing.T, open Open) {
	from := open(t, search.Public)
	letters := from.Traits().TypoLetters
	if err := from.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	x := with(t, open, doc("A", "bonguyenvatlieu", ""), doc("X", "khác hẳn", ""))
	if letters == 0 {
		letters = 1 << 10
	}
	for n := 3; n <= 12; n++ {
		word := "bcdefghiklmn"[:n]
		x.put(doc("A", word, ""))
		middle := n / 2
		for how, typo := range map[string]string{
			"wrong":    word[:middle] + "z" + word[middle+1:],
			"too many": word[:middle] + "z" + word[middle:],
			"swapped":  word[:middle-1] + word[middle:middle+1] + word[middle-1:middle] + word[middle+1:],
			"missing":  word[:middle] + word[middle+1:],
		} {
			want := 0
			if len(typo) >= letters && typo[0] == word[0] {
				want = 1
			}
			if got := x.ask(search.Query{Text: typo + " "}).Total; got != want {
				t.Errorf("%q (one letter %s) finds %d documents with %q, want %d", typo, how, got, word, want)
			}
		}
		x.finds("z"+word[1:]+" ", none...) // the first letter must be right
	}
}

func testTypoBeside(t *testing.T, open Open) {
	x := with(t, open, doc("A", "strawberries", ""), doc("B", "strawberriez", ""))
	want := []civic.Code{"A"}
	if x.Traits().TypoBeside {
		want = append(want, "B")
	}
	x.ranks("strawberries ", want...)
}

func testStrangeDocuments(t *testing.T, open Open) {
	texts := []string{
		"", "\x00nul\x00", "bad\xff\xfeutf8", strings.Repeat("dài ", 12_000), strings.Repeat("x", 50_000),
		"<b>html</b>", "{\"json\": 1}", "a\u0301\u0301\u0301\u0301", "漢字", "\u202eabc", "=1+1",
	}
	x := with(t, open)
	for i, text := range texts {
		x.put(doc(civic.Code(fmt.Sprint("T", i)), text, text))
	}
	r := x.ask(search.Query{Sort: search.Newest})
	if r.Total != len(texts) {
		t.Fatalf("%d of %d documents found", r.Total, len(texts))
	}
	x.finds("nul", "T1")
	x.finds("dài", "T3")
	x.finds(strings.Repeat("x", 50_000), "T4")
	x.finds("html", "T5")
}
