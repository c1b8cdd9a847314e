package web_test

import (
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// stand is how a case stands: received and due some days from now, with what
// happened to it.
type stand struct {
	received, due int
	state         civic.State
	agency        civic.AgencyCode
	events        []civic.Event // At is set by days
	days          []int
	helped        civic.Helped
}

// stands stores a case.
func (w *world) stands(n int, s stand) {
	w.t.Helper()
	day := func(n int) time.Time { return w.clock.Now().AddDate(0, 0, n).Add(-time.Hour) }
	sub := civic.Submission{
		Code: civic.Code(fmt.Sprintf("TEST%08d", n)), Kind: civic.Feedback, Title: "Đề nghị", Body: "Đề nghị nộp hồ sơ trực tuyến.",
		Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.Received, Version: 1, Visibility: civic.Private,
		ReceivedAt: day(s.received), UpdatedAt: day(s.received), DueAt: day(s.due),
	}
	got, err := w.store.Receive(w.t.Context(), store.Receipt{Submission: sub})
	w.must(err)
	w.put(sub.Code, func(tx store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = s.state, s.agency
		for i, e := range s.events {
			e.Submission, e.At = got.ID, day(s.days[i])
			if e.Actor == "" {
				e.Actor = civic.ActorStaff
			}
			if err := tx.Events().Add(w.t.Context(), e); err != nil {
				return err
			}
		}
		if s.helped == "" {
			return nil
		}
		if _, err := tx.Answers().Put(w.t.Context(), civic.Answer{Submission: got.ID, Text: "Đã làm.", DraftedAt: day(-1)}); err != nil {
			return err
		}
		a, err := tx.Answers().Get(w.t.Context(), got.ID)
		if err != nil {
			return err
		}
		return tx.Ratings().Put(w.t.Context(), civic.Rating{Submission: got.ID, Answer: a.ID, Helped: s.helped, RatedAt: day(-1)})
	})
}

// figureLink is a figure of the page: its address, and the number.
var figureLink = regexp.MustCompile(`<a class="govuk-link" href="(/staff/queue[^"]*)">([0-9.]+)</a>`)

// leadRight fails unless every figure of the page leads to as many cases, and
// returns how many figures there are.
func leadRight(t *testing.T, b *browser, address string) int {
	t.Helper()
	found := figureLink.FindAllStringSubmatch(b.get(address).is(http.StatusOK).body, -1)
	for _, m := range found {
		queue := b.get(html.UnescapeString(m[1])).is(http.StatusOK)
		if got := queue.find(`<p>([0-9.]+) hồ sơ</p>`); got != m[2] {
			t.Errorf("%s: the figure says %s, the queue has %s", m[1], m[2], got)
		}
		if strings.Contains(m[1], "figure=") {
			queue.is(http.StatusOK, "Số liệu:")
		}
	}
	return len(found)
}

func TestEveryFigureLeadsToExactlyItsCases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	unit := civic.AgencyCode("bo-y-te")
	answered := civic.Event{Type: civic.EventAnswered, From: civic.InReview, To: civic.Answered, Agency: most}
	for i, s := range []stand{
		{received: -90, due: -60, state: civic.InProgress, agency: most},
		{received: -40, due: -10, state: civic.Assigned, agency: most, events: []civic.Event{{Type: civic.EventNoted, From: civic.Assigned, To: civic.Assigned}}, days: []int{-1}},
		{received: -12, due: 2, state: civic.InReview, agency: most},
		{received: -3, due: 9, state: civic.Assigned, agency: most},
		{received: -3, due: 9, state: civic.Assigned, agency: unit},
		{received: -20, due: 3, state: civic.AwaitingCitizen, agency: unit},
		{received: -1, due: 15, state: civic.Triage},
		{received: -30, due: -5, state: civic.Answered, agency: most, events: []civic.Event{answered}, days: []int{-8}, helped: civic.HelpedNo},
		{received: -30, due: -5, state: civic.Closed, agency: unit, events: []civic.Event{answered}, days: []int{-2}, helped: civic.HelpedYes},
		{received: -25, due: 5, state: civic.Triage, events: []civic.Event{
			answered, {Type: civic.EventReopened, Actor: civic.ActorSender, From: civic.Answered, To: civic.Triage},
			{Type: civic.EventHandedBack, From: civic.Assigned, To: civic.Triage, Agency: most},
		}, days: []int{-9, -3, -1}},
		{received: -25, due: 5, state: civic.Assigned, agency: unit, events: []civic.Event{
			{Type: civic.EventUnmerged, From: civic.Merged, To: civic.Triage}, {Type: civic.EventHandedBack, From: civic.Assigned, To: civic.Assigned, Agency: most},
		}, days: []int{-9, -8}},
	} {
		w.stands(i, s)
	}
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	page := coordinator.get("/staff/figures").is(http.StatusOK, "Dự báo", "8 tuần qua", "Im lặng", `aria-current="page"`, `figure=foreseen`, `figure=silent`,
		`figure=handed_back`, `figure=helped_no`, `figure=joins_undone`, `figure=reopened`, "<svg")
	if n := leadRight(t, coordinator, "/staff/figures"); n < 30 {
		t.Errorf("only %d figures lead anywhere: %s", n, page.body)
	}
	leadRight(t, coordinator, "/staff/figures?weeks=13&within="+string(most))
	coordinator.get("/staff/figures?within=khong-co").is(http.StatusNotFound)
	file := coordinator.get("/staff/figures/export?weeks=8").is(http.StatusOK, "Chỉ số,Cơ quan,Trạng thái", "Chuyển trả,Bộ Khoa học và Công nghệ", "Dự báo trễ")
	if !strings.HasPrefix(file.header.Get("Content-Type"), "text/csv") {
		t.Errorf("the file is %s", file.header.Get("Content-Type"))
	}

	lead := w.staff(civic.RoleLead, "Lê Văn Tám", most)
	lead.get("/staff/figures").is(http.StatusOK, "Bộ Khoa học và Công nghệ").hasNot("Bộ Y tế", "/staff/figures/machine")
	if n := leadRight(t, lead, "/staff/figures"); n < 15 {
		t.Errorf("only %d figures of one agency lead anywhere", n)
	}
	lead.get("/staff/figures?within=bo-y-te").is(http.StatusNotFound)
	w.staff(civic.RoleOfficer, "Lê Thị Hoa", most).get("/staff/figures").is(http.StatusForbidden)
}

func TestAFigureOfAnAddressThatNobodyWroteIsNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.stands(1, stand{received: -3, due: 9, state: civic.Assigned, agency: most})
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	for _, query := range []string{"figure=nonsense", "figure=silent", "figure=received&from=nonsense", "by=" + string(most)} {
		coordinator.get("/staff/queue?"+query).is(http.StatusOK, "<p>1 hồ sơ</p>")
	}
	coordinator.get("/staff/queue?figure=helped_no&by=x&from=2026-01-01").is(http.StatusOK, "<p>0 hồ sơ</p>")
	coordinator.get("/staff/queue?within=khong-co").is(http.StatusOK, "<p>0 hồ sơ</p>")
	coordinator.get("/staff/queue?figure=foreseen&q=TEST-0000-0001").is(http.StatusOK)
}
