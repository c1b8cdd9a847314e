package searchtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hienke/internal/search"
)

var rankCases = []testCase{
	{"the accents as typed come first", testExactFirst},
	{"every kind of accent tells words apart", testEveryAccent},
	{"words in the title come before words in the body", func(t *testing.T, open Open) {
		x := with(t, open,
			doc("A", "Phản ánh của người dân", "Đề nghị xử lý rác thải ở bờ sông"),
			doc("B", "Rác thải ở bờ sông", "Đề nghị của người dân về môi trường"),
		)
		x.ranks("rác thải", "B", "A")
		x.ranks("rac thai", "B", "A")
	}},
	{"words beside each other come before words apart", func(t *testing.T, open Open) {
		x := with(t, open,
			doc("A", "Phản ánh", "Các nhà khoa tổ chức cho sinh viên đi học thêm về môi trường"),
			doc("B", "Phản ánh", "Các nhà khoa học tổ chức cho sinh viên đi thăm về môi trường"),
		)
		x.ranks("khoa học", "B", "A")
		x.ranks("khoa hoc ", "B", "A")
	}},
	{"equal hits are ordered by time, then by code", testTies},
	{"without words relevance is the newest first", func(t *testing.T, open Open) {
		x := with(t, open, dated("A", 1, 0), dated("B", 3, 0), dated("C", 1, 2))
		x.ranks("", "B", "C", "A")
	}},
	{"newest and oldest go by the answer or, while open, by receipt", testSortByTime},
}

// dated is a document received and, unless answered is 0, answered so many
// days after the suite's first day.
func dated(code string, receivedDay, answeredDay int) search.Document {
	d := doc(codeOf(code), "nước sạch", "như nhau")
	d.ReceivedAt = received.AddDate(0, 0, receivedDay)
	if answeredDay > 0 {
		d.AnsweredAt = received.AddDate(0, 0, answeredDay)
	}
	return d
}

func testExactFirst(t *testing.T, open Open) {
	x := with(t, open,
		doc("PLAIN", "ban hang", "ban hang ban hang"),
		doc("OTHER", "Bạn hàng thân thiết", "bàn hàng bạn hàng"),
		doc("EXACT", "Hỗ trợ hộ kinh doanh nhỏ lẻ tại các chợ truyền thống", "Đề nghị cho phép bán hàng trên vỉa hè vào buổi tối"),
		doc("FAR", "Hỗ trợ", "Không liên quan"),
	)
	for _, text := range []string{"bán hàng", "BÁN HÀNG ", "ba\u0301n ha\u0300ng"} {
		r := x.ask(search.Query{Text: text})
		if got := codes(r); len(got) != 3 || got[0] != "EXACT" {
			t.Errorf("%q finds %q, want all three spellings, EXACT first", text, got)
		}
	}
	if got := codes(x.ask(search.Query{Text: "ban hang"})); len(got) != 3 {
		t.Errorf("without accents %q are found, want all three spellings", got)
	}
	// A page at a time gives the same order.
	var paged []string
	for page := range 3 {
		for _, h := range x.ask(search.Query{Text: "bán hàng", Page: page + 1, PerPage: 1}).Hits {
			paged = append(paged, string(h.Code))
		}
	}
	if len(paged) != 3 || paged[0] != "EXACT" || paged[1] == paged[2] {
		t.Errorf("page by page: %q", paged)
	}
	// The last word may still be under way.
	if got := codes(x.ask(search.Query{Text: "bán hà"})); len(got) != 3 || got[0] != "EXACT" {
		t.Errorf("a beginning with accents finds %q, want EXACT first of three", got)
	}
}

// testEveryAccent asks for each of a family of words that fold alike.
func testEveryAccent(t *testing.T, open Open) {
	family := strings.Fields("dang đang đáng đàng đảng đãng đạng đâng đấng đăng đắng dáng dâng dăng")
	var docs []search.Document
	for i, word := range family {
		docs = append(docs, doc(codeOf(fmt.Sprintf("A%02d", i)), "chung", "một câu có chữ "+word+" ở giữa"))
	}
	x := with(t, open, docs...)
	for i, word := range family[1:] { // the first has no accent to go by
		got := codes(x.ask(search.Query{Text: word + " "}))
		if len(got) != len(family) || got[0] != docs[i+1].Code {
			t.Errorf("%q finds %d of %d, %s first, want %s", word, len(got), len(family), got[0], docs[i+1].Code)
		}
	}
}

func testTies(t *testing.T, open Open) {
	x := with(t, open, dated("D", 5, 0), dated("B", 1, 0), dated("A", 1, 0), dated("C", 1, 9))
	for _, text := range []string{"nuoc sach", "nước sạch", ""} {
		x.ranks(text, "C", "D", "A", "B")
	}
}

func testSortByTime(t *testing.T, open Open) {
	x := with(t, open, dated("A", 1, 0), dated("B", 0, 4), dated("C", 2, 0), dated("D", 0, 2), dated("E", 1, 0))
	far := doc("F", "sạch", "chỉ có một từ về nước trong một câu dài")
	far.ReceivedAt = received.Add(-time.Microsecond)
	x.put(far)
	newest := x.ask(search.Query{Sort: search.Newest})
	wantCodes(t, newest, "B", "C", "D", "A", "E", "F")
	oldest := x.ask(search.Query{Sort: search.Oldest})
	wantCodes(t, oldest, "F", "A", "E", "C", "D", "B")
	for _, text := range []string{"nước sạch", "nuoc sach"} { // words only choose
		wantCodes(t, x.ask(search.Query{Text: text, Sort: search.Oldest}), "F", "A", "E", "C", "D", "B")
	}
}
