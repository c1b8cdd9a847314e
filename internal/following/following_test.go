package following_test

import (
	"context"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/following"
	"hienke/internal/notices"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// desk is following in a house, with a mail server.
type desk struct {
	*house.House
	t      testing.TB
	s      *following.Service
	server *testkit.SMTPServer
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	return deskIn(t, house.New(t))
}

func deskIn(t testing.TB, h *house.House) *desk {
	t.Helper()
	sender, server := h.Mail(t)
	return &desk{h, t, &following.Service{
		Store: h.Store, Keys: h.Keys, Limits: h.Limits, Mail: sender, Draw: notices.Draw, Now: h.Clock.Now, PublicURL: house.Site,
		Query: func(saved string) search.Query {
			v, _ := url.ParseQuery(saved)
			q := search.Query{Text: v.Get("q"), Page: 1, PerPage: 1}
			if a := v.Get("agency"); a != "" {
				q.Filters.Agencies = []civic.AgencyCode{civic.AgencyCode(a)}
			}
			return q
		},
		Describe: func(saved string, _ civic.Language) string { return "“" + saved + "”" },
	}, server}
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

const reader = "doc.gia@example.vn"

// ask asks and sends the mail to confirm.
func (d *desk) ask(w following.Wish) {
	d.t.Helper()
	if w.Email = reader; w.Language == "" {
		w.Language = civic.Vietnamese
	}
	d.must(d.s.Ask(d.t.Context(), "192.0.2.1", w))
	d.run(store.JobFollowConfirm, d.s.SendConfirm)
}

// run does what waits in the outbox, twice: what runs twice acts once.
func (d *desk) run(kind store.JobKind, do func(ctx context.Context, job, subject int64) error) int {
	d.t.Helper()
	jobs := d.Jobs(d.t, kind)
	for range 2 {
		for _, j := range jobs {
			d.must(do(d.t.Context(), j.ID, j.Subject))
		}
	}
	return len(jobs)
}

var confirmLink = regexp.MustCompile(`https://hienke\.example/(?:vi|en)/following/confirm/(\d+)/(\S+)`)

// text is the plain part of a mail.
func text(t testing.TB, m testkit.Message) string {
	t.Helper()
	return m.Text("text/plain")
}

// confirm opens the link of the last mail.
func (d *desk) confirm() { d.confirmMail(len(d.server.Messages()) - 1) }

// confirmMail opens the link of a mail.
func (d *desk) confirmMail(n int) {
	d.t.Helper()
	mail := text(d.t, d.server.Messages()[n])
	m := confirmLink.FindStringSubmatch(mail)
	if m == nil {
		d.t.Fatalf("no link in %s", mail)
	}
	id, err := strconv.ParseInt(m[1], 10, 64)
	d.must(err)
	if f, err := d.s.Follow(d.t.Context(), id, m[2]); err != nil || f.Confirmed {
		d.t.Fatalf("looking confirms: %+v, %v", f, err)
	}
	_, err = d.s.Confirm(d.t.Context(), id, m[2])
	d.must(err)
}

// inReview is a public case whose answer waits for a second person.
func (d *desk) inReview(title string, v civic.Visibility) civic.Submission {
	d.t.Helper()
	return d.Receive(d.t, func(s *civic.Submission) {
		s.State, s.Agency, s.Visibility = civic.InReview, house.Science, v
		s.PublicTitle, s.PublicBody = title, "Đề nghị xem xét."
	})
}

// approve answers a case as staff do.
func (d *desk) approve(sub civic.Submission, publish bool) {
	d.t.Helper()
	officer, approver := d.Staff(d.t, civic.RoleOfficer, house.Science), d.Staff(d.t, civic.RoleApprover, house.Science)
	d.Answer(d.t, sub.Code, civic.Answer{Text: "Bộ đã trả lời đầy đủ.", Outcome: civic.OutcomeAccepted, Agency: house.Science, DraftedBy: officer.User, DraftedAt: d.Clock.Now(), SubmittedAt: d.Clock.Now()})
	var version int
	d.View(d.t, func(tx store.Tx) error {
		got, err := tx.Submissions().Get(d.t.Context(), sub.ID)
		version = got.Version
		return err
	})
	svc := answers.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now}
	d.must(svc.Approve(d.t.Context(), approver, sub.Code, version, publish))
}

func (d *desk) match() int {
	d.t.Helper()
	return d.run(store.JobFollowMatch, func(ctx context.Context, job, subject int64) error {
		return d.s.Match(ctx, job, civic.SubmissionID(subject))
	})
}

func TestAFollowedCaseIsToldOfOnceItIsAnswered(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sub := d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.PublicOpen)
	d.ask(following.Wish{Case: sub.Code})
	d.confirm()
	d.approve(sub, true)
	if d.match() != 1 {
		t.Fatal("the answer is no news")
	}
	d.run(store.JobFollowTell, d.s.SendNews)
	mails := d.server.Messages()
	if len(mails) != 2 || !strings.Contains(text(t, mails[1]), "https://hienke.example/vi/s/"+sub.Code.String()) || !strings.Contains(text(t, mails[1]), "Trung tâm dữ liệu") {
		t.Fatalf("%d mails; the last: %s", len(mails), text(t, mails[len(mails)-1]))
	}
	if got := mails[1].Header.Get("List-Unsubscribe"); !strings.Contains(got, "/vi/following/end/") {
		t.Errorf("List-Unsubscribe is %q", got)
	}
	if mails[1].Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Error("one click does not end it")
	}
}

func TestNobodyIsToldBeforeConfirming(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sub := d.inReview("Trung tâm dữ liệu", civic.PublicOpen)
	d.ask(following.Wish{Case: sub.Code})
	d.ask(following.Wish{Query: "q=trung+tam"})
	d.approve(sub, true)
	d.match()
	if more, err := d.s.SweepDigests(t.Context()); err != nil || more || len(d.Jobs(t, store.JobFollowDigest))+len(d.Jobs(t, store.JobFollowTell)) != 0 {
		t.Errorf("an address that nobody confirmed is told: %v", err)
	}
	d.Clock.Advance(8 * 24 * time.Hour)
	if _, err := d.s.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.View(t, func(tx store.Tx) error {
		if _, err := tx.Following().Subscriber(t.Context(), 1); errs.KindOf(err) != errs.NotFound {
			t.Errorf("the address is kept: %v", err)
		}
		return nil
	})
}

func TestNewAnswersComeOnceADay(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ask(following.Wish{Query: "q=trung+tam+du+lieu"})
	d.confirm()
	digest := func() {
		if _, err := d.s.SweepDigests(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.run(store.JobFollowDigest, d.s.SendDigest)
	}
	d.Clock.Advance(time.Minute)
	d.approve(d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.Private), true)
	d.approve(d.inReview("Trung tâm dữ liệu riêng tư", civic.Private), false) // not published
	d.approve(d.inReview("Cầu vượt", civic.Private), true)
	d.match()
	digest()
	if n := len(d.server.Messages()); n != 2 {
		t.Fatalf("%d mails", n)
	}
	last := func() string { m := d.server.Messages(); return text(t, m[len(m)-1]) }
	if got := last(); !strings.Contains(got, "Trung tâm dữ liệu ở Đà Nẵng") || strings.Contains(got, "riêng tư") || strings.Contains(got, "Cầu vượt") {
		t.Errorf("the digest: %s", got)
	}
	d.Clock.Advance(time.Hour)
	d.approve(d.inReview("Trung tâm dữ liệu ở Huế", civic.Private), true)
	gone := d.inReview("Trung tâm dữ liệu ở Vinh", civic.Private)
	d.approve(gone, true)
	d.match()
	digest()
	if n := len(d.server.Messages()); n != 2 {
		t.Errorf("a second digest on one day: %d mails", n)
	}
	d.Change(t, gone.Code, func(s *civic.Submission) { s.Visibility = civic.TakenDown })
	d.Clock.Advance(24 * time.Hour)
	digest()
	if got := last(); len(d.server.Messages()) != 3 || !strings.Contains(got, "Huế") || strings.Contains(got, "Vinh") || strings.Contains(got, "Đà Nẵng") {
		t.Errorf("the next day: %s", got)
	}
}

func TestSearchesThatAreConfirmedLaterOrEndAreKnown(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	noted := 0
	d.s.Noted = func() { noted++ }
	for _, query := range []string{"q=trung+tam+", "q=du+lieu&agency=" + string(house.Science), "q=nang+da+"} {
		d.ask(following.Wish{Query: query})
	}
	d.confirmMail(1)
	d.confirmMail(2)
	d.Clock.Advance(time.Minute)
	waiting := func() (what []string) {
		d.View(t, func(tx store.Tx) error {
			list, err := tx.Following().Waiting(t.Context(), 1, 100)
			for _, n := range list {
				f, err := tx.Following().Get(t.Context(), n.Follow)
				if err != nil {
					return err
				}
				what = append(what, f.Query)
			}
			return err
		})
		return what
	}
	d.approve(d.inReview("Trung tâm dữ liệu ở Đà Nẵng", civic.Private), true)
	d.match()
	if got := waiting(); !slices.Equal(got, []string{"q=du+lieu&agency=" + string(house.Science), "q=nang+da+"}) || noted == 0 {
		t.Fatalf("%q wait, told of %d times", got, noted)
	}
	d.confirmMail(0) // one that lies before those that are known
	d.Do(t, func(tx store.Tx) error { return tx.Following().Remove(t.Context(), 3) })
	d.Clock.Advance(time.Minute)
	d.approve(d.inReview("Trung tâm dữ liệu khác", civic.Private), true)
	d.match()
	if got := waiting(); !slices.Equal(got, []string{"q=du+lieu&agency=" + string(house.Science), "q=trung+tam+", "q=du+lieu&agency=" + string(house.Science)}) {
		t.Errorf("then %q wait", got)
	}
}

func TestAPrivateCaseCannotBeFollowedNorConfirmedToExist(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	private := d.inReview("Riêng", civic.Private)
	for _, code := range []civic.Code{private.Code, "ZZZZZZZZZZZZ"} {
		err := d.s.Ask(t.Context(), "192.0.2.1", following.Wish{Case: code, Email: reader, Language: civic.Vietnamese})
		if errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "submission.not_found" {
			t.Errorf("%s: %v", code, err)
		}
	}
	for _, email := range []string{"", "x", "A <a@example.vn>", "a@example.vn\r\nBcc: b@example.vn", strings.Repeat("a", 250) + "@example.vn"} {
		if err := d.s.Ask(t.Context(), "192.0.2.1", following.Wish{Query: "q=x", Email: email}); errs.KindOf(err) != errs.Invalid {
			t.Errorf("%q: %v", email, err)
		}
	}
}

func TestAMailboxIsNotFloodedAndTheAnswerSaysNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for i := range 8 {
		d.ask(following.Wish{Query: "q=" + strconv.Itoa(i)})
	}
	if n := len(d.server.Messages()); n != 5 {
		t.Errorf("%d mails to one address", n)
	}
}

func TestALinkOpensItsOwnAndEndsForGood(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.ask(following.Wish{Query: "q=cau"})
	d.confirm()
	m := regexp.MustCompile(`/vi/following/(\d+)/(\S+)`)
	var stamp string
	var who store.Subscriber
	d.View(t, func(tx store.Tx) (err error) {
		who, err = tx.Following().Subscriber(t.Context(), 1)
		return err
	})
	f, _ := d.s.Follow(t.Context(), 1, confirmLink.FindStringSubmatch(text(t, d.server.Messages()[0]))[2])
	path, err := d.s.Confirm(t.Context(), f.ID, f.Stamp)
	d.must(err)
	stamp = m.FindStringSubmatch(path)[2]
	if p, err := d.s.Person(t.Context(), who.ID, stamp); err != nil || len(p.Follows) != 1 {
		t.Fatalf("the own page: %+v, %v", p, err)
	}
	for _, wrong := range []string{"", f.Stamp, stamp + "x"} {
		if _, err := d.s.Person(t.Context(), who.ID, wrong); errs.KindOf(err) != errs.Gone {
			t.Errorf("stamp %q: %v", wrong, err)
		}
		d.must(d.s.EndAll(t.Context(), who.ID, wrong))
	}
	d.must(d.s.End(t.Context(), f.ID, "x"))
	if p, err := d.s.Person(t.Context(), who.ID, stamp); err != nil || len(p.Follows) != 1 {
		t.Fatal("a wrong stamp ended something")
	}
	for range 2 {
		d.must(d.s.EndAll(t.Context(), who.ID, stamp))
	}
	if _, err := d.s.Person(t.Context(), who.ID, stamp); errs.KindOf(err) != errs.Gone {
		t.Errorf("after the end: %v", err)
	}
}
