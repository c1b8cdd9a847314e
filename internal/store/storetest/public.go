package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var publicTests = []test{
	{"only public submissions are found, newest answer first", testPublicOnly},
	{"all words and one of each set of names must occur, folded, in title, text or answer", testPublicWords},
	{"only the public version is searched", testPublicVersion},
	{"an answer that is not public is not searched", testPublicDraft},
	{"what a person types is text", testPublicWildcards},
	{"each filter narrows the public list", testPublicFilters},
	{"the walk of the published goes by receipt and meets what is public alone", testPublished},
	{"pages part the public list, in either order", testPublicPages},
}

// public reads a page of the plain search, the first 100 unless q says
// otherwise.
func public(t *testing.T, s store.Store, q store.PublicQuery) store.PublicPage {
	t.Helper()
	if q.PerPage == 0 {
		q.Page, q.PerPage = 1, 100
	}
	return view(t, s, func(tx store.Tx) (store.PublicPage, error) { return tx.Submissions().Public(t.Context(), q) })
}

// published puts a public submission with an approved answer.
func published(t *testing.T, s store.Store, title, body, answer string, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	sub := put(t, s, func(s *civic.Submission) {
		s.State, s.Visibility, s.AnsweredAt = civic.Answered, civic.PublicWithAnswer, noon
		s.PublicTitle, s.PublicBody = title, body
		if edit != nil {
			edit(s)
		}
	})
	putAnswer(t, s, sub.ID, func(a *civic.Answer) { a.Text, a.ApprovedAt = answer, noon })
	return sub
}

// putAnswer stores an accepted answer.
func putAnswer(t *testing.T, s store.Store, id civic.SubmissionID, edit func(*civic.Answer)) civic.Answer {
	t.Helper()
	a := civic.Answer{Submission: id, Text: "Cảm ơn ông bà đã góp ý.", Outcome: civic.OutcomeAccepted, Agency: "most", DraftedAt: noon}
	edit(&a)
	do(t, s, func(tx store.Tx) (err error) {
		a.ID, err = tx.Answers().Put(t.Context(), a)
		return err
	})
	return a
}

func testPublicOnly(t *testing.T, s store.Store) {
	old := published(t, s, "Cũ", "Cũ", "Cũ", nil)
	put(t, s, func(s *civic.Submission) { s.Visibility = civic.TakenDown })
	put(t, s, func(s *civic.Submission) { s.State, s.AnsweredAt = civic.Answered, noon })
	fresh := published(t, s, "Mới", "Mới", "Mới", func(s *civic.Submission) { s.AnsweredAt = noon.Add(2 * time.Hour) })
	open := put(t, s, func(s *civic.Submission) { s.Visibility = civic.PublicOpen }) // counted from receipt
	same := published(t, s, "Cũ", "Cũ", "Cũ", nil)
	got := public(t, s, store.PublicQuery{})
	equal(t, idsOf(got.Items), []civic.SubmissionID{fresh.ID, same.ID, open.ID, old.ID})
	equal(t, got.Total, 4)
	equal(t, got.Items[0], fresh)
}

func testPublicWords(t *testing.T, s store.Store) {
	sub := published(t, s, "Đường bộ Thủ Đức", "Đề nghị sửa mặt đường.", "Đã giao Sở Xây dựng sửa xong.", nil)
	for word, want := range map[string]int{
		"duong": 1, "thu": 1, "sua": 1, "xong": 1, "Đường": 1, // what is not folded yet is folded
		"duon": 0, "uong": 0, "khac": 0, // pieces of words are not words
	} {
		if got := public(t, s, store.PublicQuery{Words: []string{word}}).Total; got != want {
			t.Errorf("%q: got %d, want %d", word, got, want)
		}
	}
	both := public(t, s, store.PublicQuery{Words: []string{"thu", "duc", "xong"}}) // the last is in the answer
	equal(t, idsOf(both.Items), []civic.SubmissionID{sub.ID})
	equal(t, public(t, s, store.PublicQuery{Words: []string{"duong", "khac"}}).Total, 0)
	for names, want := range map[[2]string]int{{"đường bộ", "x"}: 1, {"x", "Sở Xây dựng"}: 1, {"bo duong", "x"}: 0, {"", "%"}: 0} {
		if got := public(t, s, store.PublicQuery{Words: []string{"sua"}, Names: [][]string{names[:]}}).Total; got != want {
			t.Errorf("one of %q: got %d, want %d", names, got, want)
		}
	}
}

func testPublicVersion(t *testing.T, s store.Store) {
	sub := published(t, s, "Tiêu đề đã che", "Nội dung đã che", "Trả lời", nil)
	equal(t, public(t, s, store.PublicQuery{Words: []string{"truc", "tuyen"}}).Total, 0) // in the original only
	change(t, s, sub, func(s *civic.Submission) { s.PublicBody = "Nội dung khác" })
	equal(t, public(t, s, store.PublicQuery{Words: []string{"noi", "che"}}).Total, 1) // still in the title
	change(t, s, sub, func(s *civic.Submission) { s.PublicTitle, s.PublicBody = "Khác", "Khác" })
	equal(t, public(t, s, store.PublicQuery{Words: []string{"che"}}).Total, 0)
}

func testPublicDraft(t *testing.T, s store.Store) {
	draft := put(t, s, func(s *civic.Submission) {
		s.State, s.Visibility, s.PublicTitle = civic.InProgress, civic.PublicOpen, "Mở"
	})
	putAnswer(t, s, draft.ID, func(a *civic.Answer) { a.Text = "Nháp bí mật" })
	again := published(t, s, "Nữa", "Nữa", "Trả lời cũ", nil) // answered, and a new answer is drafted
	putAnswer(t, s, again.ID, func(a *civic.Answer) { a.Text = "Nháp bí mật" })
	reopened := published(t, s, "Lại", "Lại", "Trả lời bí mật", nil)
	change(t, s, reopened, func(s *civic.Submission) { s.State = civic.Triage })
	equal(t, public(t, s, store.PublicQuery{Words: []string{"mat"}}).Total, 0)
	equal(t, idsOf(public(t, s, store.PublicQuery{Outcomes: civic.Outcomes}).Items), []civic.SubmissionID{again.ID}) // the old answer holds
	equal(t, public(t, s, store.PublicQuery{}).Total, 3)
}

func testPublicWildcards(t *testing.T, s store.Store) {
	published(t, s, "Giảm 50% phí", "a_b và a!b", "Đã xem", nil)
	for word, want := range map[string]int{"50%": 1, "%": 0, "_": 0, "a_b": 1, "g%m": 0, "g_am": 0, "!": 0, "'": 0, "": 0} {
		if got := public(t, s, store.PublicQuery{Words: []string{word}}).Total; got != want {
			t.Errorf("%q: got %d, want %d", word, got, want)
		}
	}
}

func testPublicFilters(t *testing.T, s store.Store) {
	newYear := time.Date(2027, time.January, 1, 0, 0, 0, 0, civic.Zone)
	a := published(t, s, "Một", "Một", "Một", func(s *civic.Submission) {
		s.Kind, s.Topic, s.Area, s.Agency, s.State, s.AnsweredAt = civic.Feedback, "health", "79", "moh", civic.Closed, newYear
	})
	b := published(t, s, "Hai", "Hai", "Hai", func(s *civic.Submission) { s.Agency, s.AnsweredAt = "most", newYear.Add(-time.Microsecond) })
	do(t, s, func(tx store.Tx) error {
		answer, err := tx.Answers().Get(t.Context(), a.ID)
		if err != nil {
			return err
		}
		answer.Outcome = civic.OutcomeExplained
		_, err = tx.Answers().Put(t.Context(), answer)
		return err
	})
	only := func(sub civic.Submission) []civic.SubmissionID { return []civic.SubmissionID{sub.ID} }
	for name, tt := range map[string]struct {
		q    store.PublicQuery
		want []civic.SubmissionID
	}{
		"kind":       {store.PublicQuery{Kinds: []civic.Kind{civic.Feedback}}, only(a)},
		"topic":      {store.PublicQuery{Topics: []civic.TopicCode{"health"}}, only(a)},
		"agency":     {store.PublicQuery{Agencies: []civic.AgencyCode{"most"}}, only(b)},
		"area":       {store.PublicQuery{Areas: []civic.AreaCode{"79"}}, only(a)},
		"state":      {store.PublicQuery{States: []civic.State{civic.Closed}}, only(a)},
		"outcome":    {store.PublicQuery{Outcomes: []civic.Outcome{civic.OutcomeExplained}}, only(a)},
		"year":       {store.PublicQuery{Years: []int{2027, 2030}}, only(a)},
		"other year": {store.PublicQuery{Years: []int{2026}}, only(b)},
		"both years": {store.PublicQuery{Years: []int{2027, 2026}}, []civic.SubmissionID{a.ID, b.ID}},
		"from":       {store.PublicQuery{From: newYear}, only(a)},
		"until":      {store.PublicQuery{Until: newYear}, only(b)},
		"nothing":    {store.PublicQuery{From: newYear, Years: []int{2026}}, []civic.SubmissionID{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := public(t, s, tt.q)
			equal(t, idsOf(got.Items), tt.want)
			equal(t, got.Total, len(tt.want))
		})
	}
}

func testPublicPages(t *testing.T, s store.Store) {
	var oldest []civic.SubmissionID
	for i := range 5 {
		oldest = append(oldest, published(t, s, "Một", "Một", "Một", func(s *civic.Submission) { s.AnsweredAt = noon.Add(time.Duration(i) * time.Hour) }).ID)
	}
	var got []civic.SubmissionID
	for page := 1; page <= 3; page++ {
		got = append(got, idsOf(public(t, s, store.PublicQuery{Oldest: true, Page: page, PerPage: 2}).Items)...)
	}
	equal(t, got, oldest)
	equal(t, public(t, s, store.PublicQuery{Page: 2, PerPage: 2}).Items[0].ID, oldest[2])
}

func testPublished(t *testing.T, s store.Store) {
	first := published(t, s, "Một", "Một", "Một", func(s *civic.Submission) { s.PublishedAt = noon.Add(time.Hour) })
	put(t, s, func(s *civic.Submission) { s.Visibility = civic.TakenDown })
	put(t, s, func(*civic.Submission) {})
	open := put(t, s, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
	last := published(t, s, "Ba", "Ba", "Ba", func(s *civic.Submission) { s.AnsweredAt = noon.Add(2 * time.Hour) })
	walk := func(offset int, after civic.SubmissionID, limit int) []store.Published {
		return view(t, s, func(tx store.Tx) ([]store.Published, error) {
			return tx.Submissions().Published(t.Context(), offset, after, limit)
		})
	}
	want := []store.Published{
		{ID: first.ID, Code: first.Code, ChangedAt: noon.Add(time.Hour)}, {ID: open.ID, Code: open.Code, ChangedAt: open.ReceivedAt},
		{ID: last.ID, Code: last.Code, ChangedAt: noon.Add(2 * time.Hour)},
	}
	equal(t, walk(0, 0, 10), want)
	equal(t, walk(0, first.ID, 1), want[1:2])
	equal(t, walk(2, 0, 10), want[2:])
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Submissions().CountPublished(t.Context()) }), 3)
}
