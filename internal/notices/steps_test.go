package notices_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/notices"
	"hienke/internal/sms/httpsms"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// moved receives a submission that one agency gave to another.
func (p *post) moved(t *testing.T, lang civic.Language) civic.Submission {
	t.Helper()
	sub := p.Receive(t, in(lang))
	p.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
	p.Do(t, func(tx store.Tx) error {
		for _, e := range []civic.Event{
			{Type: civic.EventRouted, Agency: house.Education, To: civic.Assigned},
			{Type: civic.EventHandedBack, Agency: house.Education, To: civic.Assigned, Reason: "Trạm quan trắc do bộ khác quản lý."},
		} {
			e.Submission, e.At, e.Actor = sub.ID, p.Clock.Now(), civic.ActorSystem
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	return sub
}

// TestARuleIsNamedInTheLanguageOfTheMail: a rule's name is why the case moved.
func TestARuleIsNamedInTheLanguageOfTheMail(t *testing.T) {
	t.Parallel()
	for lang, want := range map[civic.Language]string{
		civic.Vietnamese: "Lý do chuyển:  Ghi gửi Bộ Khoa học và Công nghệ", civic.English: "Why:         Addressed to the Ministry of Science and Technology",
	} {
		p := newPost(t)
		sub := p.Receive(t, in(lang))
		p.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
		p.Do(t, func(tx store.Tx) error {
			return tx.Events().Add(t.Context(), civic.Event{
				Submission: sub.ID, At: p.Clock.Now(), Type: civic.EventRouted, Agency: house.Science, To: civic.Assigned, Actor: civic.ActorSystem,
				Reason: "Ghi gửi Bộ Khoa học và Công nghệ",
			})
		})
		p.tell(t, sub, civic.MessageMoved)
		if text := p.only(t).Text("text/plain"); !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", lang, want, text)
		}
	}
}

// former sends word to a contact that is not the case's any more.
func (p *post) former(t *testing.T, sub civic.Submission, was civic.Contact) civic.Message {
	t.Helper()
	sealed, err := casework.Seal(p.Keys, sub.Code, was)
	if err != nil {
		t.Fatal(err)
	}
	var id int64
	p.Do(t, func(tx store.Tx) (err error) {
		m := civic.Message{Submission: sub.ID, Kind: civic.MessageContact, Language: sub.Language.Page(), CreatedAt: p.Clock.Now()}
		id, err = tx.Messages().AddTo(t.Context(), m, sealed)
		return err
	})
	p.sendAll(t)
	return p.message(t, id)
}

// setContact puts another contact in the place of a submission's.
func (p *post) setContact(t *testing.T, sub civic.Submission, c civic.Contact) {
	t.Helper()
	sealed, err := casework.Seal(p.Keys, sub.Code, c)
	if err != nil {
		t.Fatal(err)
	}
	p.Do(t, func(tx store.Tx) error { return tx.Contacts().Replace(t.Context(), sub.ID, sealed) })
}

// sendAll does what waits in the outbox, twice: what runs twice acts once.
func (p *post) sendAll(t *testing.T) {
	t.Helper()
	for kind, do := range map[store.JobKind]func(int64, int64) error{
		store.JobSend:   func(job, subject int64) error { return p.s.Send(t.Context(), job, subject) },
		store.JobDigest: func(job, subject int64) error { return p.s.SendDigest(t.Context(), job, subject) },
	} {
		jobs := p.Jobs(t, kind)
		for range 2 {
			for _, j := range jobs {
				if err := do(j.ID, j.Subject); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

// busyDay is what happens to somebody with many cases while no worker runs: the
// next morning there is one mail about all.
func (p *post) busyDay(t *testing.T, lang civic.Language) {
	t.Helper()
	asked, moved, extended, refused := p.asked(t, lang), p.moved(t, lang), p.extended(t, lang), p.refused(t, lang)
	answered := p.Receive(t, in(lang))
	p.answered(t, answered, civic.Private)
	gone := p.Receive(t, in(lang)) // its question was answered meanwhile
	for _, m := range []struct {
		sub  civic.Submission
		kind civic.MessageKind
	}{
		{asked, civic.MessageQuestion}, {moved, civic.MessageMoved}, {extended, civic.MessageDelayed}, {refused, civic.MessageRejected},
		{answered, civic.MessageAnswer}, {gone, civic.MessageReminder},
	} {
		p.confirm(t, m.sub)
		p.queue(t, m.sub, m.kind)
	}
	p.sendAll(t)
	if n := len(p.server.Messages()); n != 0 {
		t.Fatalf("%d mails went out at once", n)
	}
	p.morning(t)
	p.sendAll(t)
}

// morning lets the digests of the next morning begin.
func (p *post) morning(t *testing.T) {
	t.Helper()
	p.Clock.Advance(24 * time.Hour)
	if more, err := p.s.SweepDigests(t.Context()); err != nil || more {
		t.Fatalf("sweep: %v, %v", more, err)
	}
}

func TestManyStepsOfADayAreOneMailInTheMorning(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.Receive(t, nil)
	p.answered(t, sub, civic.Private)
	p.confirm(t, sub)
	for i := range 3 {
		if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageSent {
			t.Errorf("message %d: kept as %+v", i+1, m)
		}
	}
	held := p.send(t, sub, civic.MessageAnswer)
	// 09:00 now, so the morning is tomorrow's.
	if want := time.Date(2026, 3, 3, 0, 0, 0, 0, time.UTC); held.State != civic.MessageQueued || !held.DigestAt.Equal(want) {
		t.Errorf("the fourth: kept as %+v", held)
	}
	if m := p.send(t, sub, civic.MessageReceipt); m.State != civic.MessageSent {
		t.Errorf("a receipt waits for nothing: %+v", m)
	}
	if more, err := p.s.SweepDigests(t.Context()); err != nil || more || len(p.Jobs(t, store.JobDigest)) != 0 {
		t.Errorf("a digest begins too early: %v", err)
	}
	p.morning(t)
	if more, err := p.s.SweepDigests(t.Context()); err != nil || more || len(p.Jobs(t, store.JobDigest)) != 1 {
		t.Errorf("a digest is begun twice: %v, %d jobs", err, len(p.Jobs(t, store.JobDigest)))
	}
	p.sendAll(t)
	if n := len(p.server.Messages()); n != 5 || p.message(t, held.ID).State != civic.MessageSent {
		t.Errorf("%d mails, the held one is %+v", n, p.message(t, held.ID))
	}
	p.Clock.Advance(time.Minute)
	if m := p.send(t, sub, civic.MessageAnswer); m.State != civic.MessageSent {
		t.Errorf("after the digest: kept as %+v", m)
	}
}

func TestADigestLeavesOutWhatDoesNotHoldAnyMore(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.busyDay(t, civic.Vietnamese)
	m := p.only(t)
	text := m.Text("text/plain")
	if strings.Count(text, "Mã hồ sơ") != 5 {
		t.Errorf("the digest is %s", text)
	}
	left := 0
	p.View(t, func(tx store.Tx) error {
		list, err := tx.Messages().ListByState(t.Context(), civic.MessageNotSent, 9)
		for _, m := range list {
			if m.Reason == notices.ReasonOutdated {
				left++
			}
		}
		return err
	})
	if left != 1 {
		t.Errorf("%d messages were left out", left)
	}
	p.server.Refuse(451, "later") // nothing is left to be sent
	p.morning(t)
	p.sendAll(t)
}

func TestATelephoneGetsOneShortMessageForMany(t *testing.T) {
	t.Parallel()
	p, gateway := newPost(t), testkit.SMS(t)
	texts, err := httpsms.New(httpsms.Config{URL: gateway.URL})
	if err != nil {
		t.Fatal(err)
	}
	p.s.SMS = texts
	for range 4 {
		sub := p.ReceiveFrom(t, civic.Contact{Name: "Ánh", Phone: "0912 345 678"}, nil)
		p.answered(t, sub, civic.Private)
		p.queue(t, sub, civic.MessageAnswer)
	}
	p.sendAll(t)
	p.morning(t)
	p.sendAll(t)
	got := gateway.Requests()
	if len(got) != 1 || !strings.Contains(string(got[0].Body), "và 2 hồ sơ khác") {
		t.Fatalf("%d short messages: %s", len(got), got[len(got)-1].Body)
	}
}

func TestTheFormerAddressIsToldAndForgotten(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.Receive(t, nil)
	old := civic.Contact{Name: "Ánh", Email: "cu@example.vn"}
	if m := p.former(t, sub, old); m.State != civic.MessageSent {
		t.Errorf("kept as %+v", m)
	}
	if m := p.only(t); m.To[0] != "cu@example.vn" || strings.Contains(string(m.Written()), house.Sender.Email) || strings.Contains(string(m.Raw), "/confirm/") {
		t.Errorf("the mail to %v: %s", m.To, m.Written())
	}
	p.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, p.Clock.Now()) })
	if m := p.former(t, sub, old); m.Reason != notices.ReasonNoAddress {
		t.Errorf("after the erasure: kept as %+v", m)
	}
}
