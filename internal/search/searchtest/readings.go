package searchtest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/search"
)

var readingCases = []testCase{
	{"a document read by itself answers what it is found by", func(t *testing.T, open Open) {
		testReadings(t, func(t *testing.T, docs ...search.Document) search.Searcher { return with(t, open, docs...) }, true)
	}},
}

// RunReadings checks that a stand-in which knows no beginnings of words finds
// what search.Reading says: a part of Run.
func RunReadings(t *testing.T, open OpenWith) {
	t.Helper()
	testReadings(t, open, false)
}

// read are the documents that are asked. Each name stands in one of them, so
// that no engine needs to fall back to its single words.
func read() []search.Document {
	at := func(day int) time.Time { return time.Date(2026, 3, day, 3, 0, 0, 0, time.UTC) }
	of := func(code civic.Code, kind civic.Kind, agency civic.AgencyCode, day int, title, body, answer string) search.Document {
		return search.Document{
			Code: code, Title: title, Body: body, Answer: answer, Kind: kind, Agency: agency, Topic: "du-lieu", Area: "01",
			Status: civic.Answered, Outcome: civic.OutcomeAccepted, Year: 2026, ReceivedAt: received, AnsweredAt: at(day),
		}
	}
	open := doc("L", "Đường ven sông chưa có đèn", "Xin lắp đèn chiếu sáng.")
	open.Status, open.Year = civic.InProgress, received.Year()
	return []search.Document{
		of("A", civic.Initiative, "bo-mot", 3, "Trung tâm dữ liệu ở Đà Nẵng", "Hạ tầng số cho miền Trung", "Bộ ghi nhận và giao Cục nghiên cứu"),
		of("B", civic.Feedback, "bo-hai", 10, "Đào tạo CNTT cho giáo viên", "Lớp học vào mùa hè", "Đã có kế hoạch năm 2026"),
		of("D", civic.Solution, "bo-mot", 12, "Ứng dụng AI trong y tế", "bác sĩ và trí tuệ nhân tạo", "Tiếp thu"),
		of("E", civic.Recommendation, "bo-ba", 13, "Hỏi Bộ TT&TT về sóng 4G", "vùng lõm sóng ở Hà Giang", "Đã lắp trạm BTS-12/2026"),
		of("F", civic.Recommendation, "bo-ba", 14, "Bộ Khoa học và Công nghệ trả lời chậm", "xin xem lại; e-mail: a.b@example.vn", "Xin lỗi ông/bà"),
		of("G", civic.Feedback, "bo-mot", 15, "Trung  tâm   mua sắm", "dữ kiện, liệu pháp", "Không thuộc thẩm quyền"),
		of("H", civic.Feedback, "bo-hai", 16, "Hoà Bình và hòa bình", "tỉnh Hòa Bình có hồ thuỷ điện", "Thúy trả lời"),
		of("I", civic.Initiative, "bo-ba", 17, "Nghiệm thu đề tài", "nghị định, nghỉ hè", "Nghiêm túc xem xét"),
		of("K", civic.Initiative, "bo-ba", 18, "Bài dự thi", "đổi mới sáng tạo", "Phú Thọ đã làm"),
		open,
	}
}

// asked are the questions of the table: texts by themselves, and narrowed.
func asked() []search.Query {
	var out []search.Query
	for _, text := range []string{
		"", "   ", "dữ liệu", "du lieu", "DỮ LIỆU ", "liệu dữ", "trung tam du lieu", "trung tâm mua", "đà nẵng cục ", "năm 2026", "2026 ", "12/2026", "bts 12 ",
		"nghi", "nghi ", "ngh", "n", "mới ngh", "nghiêm.", "hạ tầ", "hạ tầ ", "hòa bình ", "hoà bình", "Hoa Binh", "thuy dien", "thủy điện", "thúy ", "thuý",
		"CNTT", "cntt giáo viên", "công nghệ thông tin", "cong nghe thong tin lop ", "thông tin công nghệ ", "AI", "ai ", "công nghệ AI", "trí tuệ nhân tạo bác sĩ",
		"Bộ Thông tin và Truyền thông", "Bộ TT&TT", "Bộ Khoa học và Công nghệ", "Hà Giang", "ha giang song", "Tuyên Quang", "tỉnh Hòa Bình", "Phú Thọ",
		"e-mail", "a.b@example.vn", "4G", "4g vùng", `"dữ liệu"`, "dữ -liệu", "dữ* liệu?", "(đèn) [đường]", "title:dữ",
		"của và các những cho để được trong với về đèn chiếu sáng", "dữ dữ dữ liệu", "\x00dữ\u200b liệu", "den chieu sang ven song",
	} {
		out = append(out, search.Query{Text: text})
	}
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	return append(out,
		search.Query{Filters: search.Filters{Agencies: []civic.AgencyCode{"bo-mot"}}},
		search.Query{Filters: search.Filters{Agencies: []civic.AgencyCode{"bo-mot", "bo-ba"}, Kinds: []civic.Kind{civic.Initiative}}},
		search.Query{Text: "dữ", Filters: search.Filters{Kinds: []civic.Kind{civic.Feedback}}},
		search.Query{Filters: search.Filters{Years: []int{2026}}}, search.Query{Filters: search.Filters{Years: []int{2025, 2024}}},
		search.Query{Filters: search.Filters{Topics: []civic.TopicCode{"du-lieu"}, Areas: []civic.AreaCode{"01"}}},
		search.Query{Filters: search.Filters{Outcomes: []civic.Outcome{civic.OutcomeAccepted}}}, search.Query{Filters: search.Filters{Outcomes: []civic.Outcome{civic.OutcomeExplained}}},
		search.Query{Filters: search.Filters{Statuses: []civic.State{civic.Answered}}},
		search.Query{Answered: civic.Period{From: day(12)}}, search.Query{Answered: civic.Period{Until: day(12)}}, search.Query{Answered: civic.Period{From: day(10), Until: day(13)}, Text: "lớp "},
	)
}

// testReadings compares, for each question, the documents that a Searcher finds
// with those whose Reading answers it. A relaxed result has none that answers.
// Whether a name may begin in the title and end in the body is not asked: Bleve
// finds it so and Meilisearch does not.
func testReadings(t *testing.T, open OpenWith, beginnings bool) {
	t.Helper()
	docs, thesaurus := read(), Thesaurus(t)
	x := open(t, docs...)
	for _, q := range asked() {
		name := fmt.Sprintf("%.40q %+v %+v", q.Text, q.Filters, q.Answered)
		parts := thesaurus.Parse(q.Text)
		if !beginnings && slices.ContainsFunc(search.Terms(parts), func(term search.Term) bool { return term.Prefix }) {
			q.Text += " " // the word is whole
		}
		var want []civic.Code
		for _, d := range docs {
			if search.Read(d).Answers(&q, thesaurus) {
				want = append(want, d.Code)
			}
		}
		q.Page, q.PerPage = 1, search.MaxPerPage
		r, err := x.Query(t.Context(), q)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := sorted(codes(r))
		if r.Relaxed {
			got = nil
		}
		if !slices.Equal(got, sorted(want)) {
			t.Errorf("%s finds %q; read one by one, %q answer it", name, got, want)
		}
	}
}
