package notices_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/notices"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// post is notices in a house, with a mail server.
type post struct {
	*house.House
	s      *notices.Service
	server *testkit.SMTPServer
}

func newPost(t *testing.T) *post {
	t.Helper()
	h := house.New(t)
	sender, server := h.Mail(t)
	return &post{h, &notices.Service{
		Store: h.Store, Registry: h.Registry, Keys: h.Keys, Mail: sender, Now: h.Clock.Now, PublicURL: house.Site,
	}, server}
}

// queue adds a message for a submission and returns it with its outbox row.
func (p *post) queue(t *testing.T, sub civic.Submission, kind civic.MessageKind) (job, message int64) {
	t.Helper()
	m := civic.Message{Submission: sub.ID, Kind: kind, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: p.Clock.Now()}
	p.Do(t, func(tx store.Tx) (err error) {
		message, err = tx.Messages().Add(t.Context(), m)
		return err
	})
	for _, j := range p.Jobs(t, store.JobSend) {
		if j.Subject == message {
			return j.ID, message
		}
	}
	t.Fatal("the message has no outbox row")
	return 0, 0
}

// confirm is what the holder of a mailbox does.
func (p *post) confirm(t *testing.T, sub civic.Submission) {
	t.Helper()
	p.Do(t, func(tx store.Tx) error {
		return tx.Reaches().Put(t.Context(), civic.Reach{Submission: sub.ID, Wants: civic.WantsAll, ConfirmedAt: p.Clock.Now()})
	})
}

// tell is send to a mailbox that was confirmed.
func (p *post) tell(t *testing.T, sub civic.Submission, kind civic.MessageKind) civic.Message {
	t.Helper()
	p.confirm(t, sub)
	return p.send(t, sub, kind)
}

// send queues a message, sends it and returns what became of it.
func (p *post) send(t *testing.T, sub civic.Submission, kind civic.MessageKind) civic.Message {
	t.Helper()
	job, message := p.queue(t, sub, kind)
	if err := p.s.Send(t.Context(), job, message); err != nil {
		t.Fatalf("send: %v", err)
	}
	return p.message(t, message)
}

func (p *post) message(t *testing.T, id int64) (m civic.Message) {
	t.Helper()
	p.View(t, func(tx store.Tx) (err error) {
		m, err = tx.Messages().Get(t.Context(), id)
		return err
	})
	return m
}

// only returns the one mail that the server has.
func (p *post) only(t *testing.T) testkit.Message {
	t.Helper()
	got := p.server.Messages()
	if len(got) != 1 {
		t.Fatalf("the server has %d mails", len(got))
	}
	return got[0]
}

// answered gives a submission an approved answer.
func (p *post) answered(t *testing.T, sub civic.Submission, v civic.Visibility) {
	t.Helper()
	now := p.Clock.Now()
	p.Answer(t, sub.Code, civic.Answer{
		Text: "Bộ tiếp thu đề nghị.\n\nSố liệu sẽ được công bố từ quý ba.", Outcome: civic.OutcomeAccepted, Agency: house.Science,
		DraftedBy: p.Staff(t, civic.RoleOfficer, house.Science).User, DraftedAt: now, SubmittedAt: now,
		ApprovedBy: p.Staff(t, civic.RoleApprover, house.Science).User, ApprovedAt: now, Remarks: "SECRET remarks",
	})
	p.Change(t, sub.Code, func(sub *civic.Submission) {
		sub.State, sub.AnsweredAt, sub.Agency, sub.Visibility = civic.Answered, now, house.Science, v
	})
}

// corrected puts an answer right.
func (p *post) corrected(t *testing.T, sub civic.Submission) {
	t.Helper()
	p.Do(t, func(tx store.Tx) error {
		a, err := tx.Answers().Approved(t.Context(), sub.ID)
		if err != nil {
			return err
		}
		a.Text, a.Correction = "Bộ tiếp thu đề nghị.\n\nSố liệu sẽ được công bố từ quý tư.", "Sửa thời điểm công bố từ quý ba thành quý tư."
		_, err = tx.Answers().Put(t.Context(), a)
		return err
	})
}

func in(lang civic.Language) func(*civic.Submission) {
	return func(sub *civic.Submission) { sub.Language = lang }
}

// asked receives a submission whose agency waits for a reply.
func (p *post) asked(t *testing.T, lang civic.Language) civic.Submission {
	t.Helper()
	sub := p.Receive(t, in(lang))
	p.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.AwaitingCitizen, house.Science })
	p.Do(t, func(tx store.Tx) error {
		now := p.Clock.Now()
		_, err := tx.Inquiries().Add(t.Context(), civic.Inquiry{
			Submission: sub.ID, Question: "Trạm nào, ở xã nào?", AskedAt: now, RemindAt: now.AddDate(0, 0, 7), ReplyBy: now.AddDate(0, 0, 14),
		})
		return err
	})
	return sub
}

// extended receives a submission whose deadline was moved.
func (p *post) extended(t *testing.T, lang civic.Language) civic.Submission {
	t.Helper()
	sub := p.Receive(t, in(lang))
	p.Change(t, sub.Code, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Extended, sub.FirstDueAt, sub.DueAt = civic.InProgress, house.Science, 5, sub.DueAt, sub.DueAt.AddDate(0, 0, 7)
	})
	p.Do(t, func(tx store.Tx) error {
		return tx.Events().Add(t.Context(), civic.Event{
			Submission: sub.ID, At: p.Clock.Now(), Type: civic.EventExtended, Actor: civic.ActorSystem, Reason: "Cần lấy ý kiến của các bộ có liên quan.",
		})
	})
	return sub
}

// refused receives a submission that is none for us.
func (p *post) refused(t *testing.T, lang civic.Language) civic.Submission {
	t.Helper()
	sub := p.Receive(t, in(lang))
	p.Change(t, sub.Code, func(sub *civic.Submission) {
		sub.State = civic.Rejected
		sub.Rejection = civic.Rejection{Reason: "complaint_or_denunciation", Message: "Đề nghị ông/bà gửi đơn đến nơi đã ra quyết định.", Channel: "complaint"}
	})
	return sub
}

func TestLettersReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, lang := range civic.Languages {
		letters := map[string]func(t *testing.T, p *post){
			"receipt": func(t *testing.T, p *post) { p.send(t, p.Receive(t, in(lang)), civic.MessageReceipt) },
			"contact": func(t *testing.T, p *post) { p.send(t, p.Receive(t, in(lang)), civic.MessageContact) },
			"code": func(t *testing.T, p *post) {
				p.Receive(t, in(lang))
				p.ReceiveFrom(t, civic.Contact{Name: "Người Khác", Email: "other@example.vn"}, nil)
				p.send(t, p.Receive(t, in(lang)), civic.MessageCode)
			},
			"answer": func(t *testing.T, p *post) {
				sub := p.Receive(t, in(lang))
				p.answered(t, sub, civic.Private)
				p.tell(t, sub, civic.MessageAnswer)
			},
			"answer_published": func(t *testing.T, p *post) {
				sub := p.Receive(t, in(lang))
				p.answered(t, sub, civic.PublicWithAnswer)
				p.tell(t, sub, civic.MessageAnswer)
			},
			"corrected": func(t *testing.T, p *post) {
				sub := p.Receive(t, in(lang))
				p.answered(t, sub, civic.PublicWithAnswer)
				p.corrected(t, sub)
				p.tell(t, sub, civic.MessageCorrected)
			},
			"question": func(t *testing.T, p *post) { p.tell(t, p.asked(t, lang), civic.MessageQuestion) },
			"reminder": func(t *testing.T, p *post) { p.tell(t, p.asked(t, lang), civic.MessageReminder) },
			"delayed":  func(t *testing.T, p *post) { p.tell(t, p.extended(t, lang), civic.MessageDelayed) },
			"late": func(t *testing.T, p *post) {
				sub := p.Receive(t, func(sub *civic.Submission) {
					sub.Language, sub.State, sub.Agency, sub.DueAt = lang, civic.InReview, house.Science, p.Clock.Now().Add(-time.Hour)
				})
				p.tell(t, sub, civic.MessageLate)
			},
			"moved": func(t *testing.T, p *post) { p.tell(t, p.moved(t, lang), civic.MessageMoved) },
			"joined": func(t *testing.T, p *post) {
				root, follower := p.Receive(t, nil), p.Receive(t, in(lang))
				p.Follow(t, follower.Code, root.Code)
				p.tell(t, follower, civic.MessageMoved)
			},
			"closed": func(t *testing.T, p *post) {
				sub := p.Receive(t, in(lang))
				p.answered(t, sub, civic.Private)
				p.Change(t, sub.Code, func(sub *civic.Submission) { sub.State = civic.Closed })
				p.tell(t, sub, civic.MessageClosed)
			},
			"reopened": func(t *testing.T, p *post) {
				sub := p.Receive(t, in(lang))
				p.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.ReopenedAt = civic.Triage, p.Clock.Now() })
				p.tell(t, sub, civic.MessageReopened)
			},
			"contact_former": func(t *testing.T, p *post) { p.former(t, p.Receive(t, in(lang)), house.Sender) },
			"digest":         func(t *testing.T, p *post) { p.busyDay(t, lang) },
			"rejected":       func(t *testing.T, p *post) { p.tell(t, p.refused(t, lang), civic.MessageRejected) },
			"answer_followed": func(t *testing.T, p *post) {
				root := p.ReceiveFrom(t, civic.Contact{Name: "Người Trước", Email: "before@example.vn"}, func(sub *civic.Submission) {
					sub.Title = "Tiêu đề riêng của người trước"
				})
				follower := p.Receive(t, in(lang))
				p.Follow(t, follower.Code, root.Code)
				p.answered(t, root, civic.PublicWithAnswer)
				p.tell(t, follower, civic.MessageAnswer)
			},
		}
		for name, send := range letters {
			name += "." + string(lang) + ".txt"
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				p := newPost(t)
				send(t, p)
				p.only(t).Golden(t, "testdata/"+name)
			})
		}
	}
}

func TestWhatWasSentIsNotedAndSentOnce(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	sub := p.Receive(t, nil)
	job, message := p.queue(t, sub, civic.MessageReceipt)
	p.Clock.Advance(time.Minute)
	for range 3 {
		if err := p.s.Send(t.Context(), job, message); err != nil {
			t.Fatal(err)
		}
	}
	m := p.only(t)
	if len(m.To) != 1 || m.To[0] != house.Sender.Email {
		t.Errorf("sent to %v", m.To)
	}
	if got := p.message(t, message); got.State != civic.MessageSent || got.Reason != "" || !got.SentAt.Equal(p.Clock.Now()) {
		t.Errorf("noted %+v", got)
	}
	if jobs := p.Jobs(t, store.JobSend); len(jobs) != 0 {
		t.Errorf("still to be sent: %+v", jobs)
	}
}

func TestARepeatHasTheSameMessageID(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	job, message := p.queue(t, p.Receive(t, nil), civic.MessageReceipt)
	// The process dies between the server's acceptance and the commit: the
	// store does not know that the mail went out.
	p.s.Store = &forgetful{Store: p.Store}
	if err := p.s.Send(t.Context(), job, message); !errors.Is(err, errDied) {
		t.Fatalf("send: %v", err)
	}
	p.s.Store = p.Store
	p.Clock.Advance(time.Hour)
	if err := p.s.Send(t.Context(), job, message); err != nil {
		t.Fatal(err)
	}
	got := p.server.Messages()
	if len(got) != 2 || got[0].Header.Get("Message-Id") != got[1].Header.Get("Message-Id") || got[0].Header.Get("Message-Id") == "" {
		t.Errorf("%d mails, the ids are %q", len(got), got[len(got)-1].Header.Get("Message-Id"))
	}
	other := p.Receive(t, nil)
	p.send(t, other, civic.MessageReceipt)
	p.answered(t, other, civic.Private)
	p.tell(t, other, civic.MessageAnswer)
	ids := map[string]bool{}
	for _, m := range p.server.Messages() {
		ids[m.Header.Get("Message-Id")] = true
	}
	if len(ids) != 3 {
		t.Errorf("three messages have %d ids", len(ids))
	}
}

func TestWithoutAChannelTheRowSaysSo(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.s.Mail = nil
	if m := p.send(t, p.Receive(t, nil), civic.MessageReceipt); m.State != civic.MessageNotSent || m.Reason != notices.ReasonNoChannel {
		t.Errorf("noted %+v", m)
	}
	if jobs := p.Jobs(t, store.JobSend); len(jobs) != 0 {
		t.Errorf("still to be sent: %+v", jobs)
	}
}

func TestWithoutAnAddressTheRowSaysSo(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	erased := p.Receive(t, nil)
	p.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), erased.ID, p.Clock.Now()) })
	for name, sub := range map[string]civic.Submission{
		"no contact": p.ReceiveFrom(t, civic.Contact{}, nil), "a contact without an address": p.ReceiveFrom(t, civic.Contact{Name: "Ánh"}, nil),
		"an erased contact": erased,
	} {
		if m := p.send(t, sub, civic.MessageReceipt); m.State != civic.MessageNotSent || m.Reason != notices.ReasonNoAddress {
			t.Errorf("%s: noted %+v", name, m)
		}
	}
	if n := len(p.server.Messages()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
}

func TestARefusalForGoodIsNotedAndOneForNowIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.server.Refuse(550, "no such mailbox")
	if m := p.send(t, p.Receive(t, nil), civic.MessageReceipt); m.State != civic.MessageNotSent || m.Reason != notices.ReasonRefused {
		t.Errorf("noted %+v", m)
	}
	p.server.Refuse(451, "try again later")
	job, message := p.queue(t, p.Receive(t, nil), civic.MessageReceipt)
	if err := p.s.Send(t.Context(), job, message); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("refused for now: %v", err)
	}
	if m := p.message(t, message); m.State != civic.MessageQueued || m.Reason != "" || !m.SentAt.IsZero() {
		t.Errorf("the row was touched: %+v", m)
	}
	if jobs := p.Jobs(t, store.JobSend); len(jobs) != 1 || jobs[0].ID != job {
		t.Errorf("the job was touched: %+v", jobs)
	}
	p.server.Accept()
	if err := p.s.Send(t.Context(), job, message); err != nil {
		t.Fatal(err)
	}
	p.only(t)
}

func TestAServerThatIsAwayIsTriedAgain(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	p.server.Close(t)
	job, message := p.queue(t, p.Receive(t, nil), civic.MessageReceipt)
	if err := p.s.Send(t.Context(), job, message); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("the server is away: %v", err)
	}
	p.server.Reopen(t)
	if err := p.s.Send(t.Context(), job, message); err != nil {
		t.Fatal(err)
	}
	p.only(t)
}

func TestALetterHoldsTheSecretOfItsOwnCaseOnlyAndNoWordOfStaff(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	root := p.ReceiveFrom(t, civic.Contact{Name: "Người Trước", Email: "before@example.vn"}, func(sub *civic.Submission) {
		sub.Title, sub.Body = "Tiêu đề riêng của người trước", "Nội dung riêng của người gửi trước."
	})
	follower := p.Receive(t, nil)
	p.Follow(t, follower.Code, root.Code)
	p.answered(t, root, civic.Private)
	secrets := map[civic.Code]string{}
	for _, sub := range []civic.Submission{root, follower} {
		secret, err := p.Keys.Secret(sub.Code)
		if err != nil {
			t.Fatal(err)
		}
		secrets[sub.Code] = civic.GroupSecret(secret)
	}
	p.tell(t, follower, civic.MessageAnswer)
	p.send(t, root, civic.MessageReceipt)
	for _, m := range p.server.Messages() {
		own, other := follower, root
		if m.To[0] == "before@example.vn" {
			own, other = root, follower
		}
		whole := m.Subject + "\n" + m.Text("text/plain")
		if !strings.Contains(whole, own.Code.String()) {
			t.Errorf("the letter to %s does not name its case", m.To)
		}
		for _, foreign := range []string{
			secrets[other.Code], other.Code.String(), string(other.Code), other.Title, other.Body, p.Keys.Token(own.Code), p.Keys.Token(other.Code),
			"SECRET remarks", "Cán Bộ Kín", house.Sender.Phone, house.Sender.Address,
		} {
			if strings.Contains(whole, foreign) || strings.Contains(string(m.Raw), foreign) {
				t.Errorf("the letter to %s has %q", m.To, foreign)
			}
		}
	}
	if n := len(p.server.Messages()); n != 2 {
		t.Fatalf("%d letters", n)
	}
}

func TestNoTextOfASenderBecomesAHeaderOrAnAddress(t *testing.T) {
	t.Parallel()
	const evil = "Xin chào\r\nBcc: victim@example.vn\r\nSubject: khác\r\n\r\nthân thư giả"
	p := newPost(t)
	from := house.Sender
	from.Name = evil
	sub := p.ReceiveFrom(t, from, func(sub *civic.Submission) { sub.Title = evil }) // past intake, which would mend it
	p.send(t, sub, civic.MessageReceipt)
	m := p.only(t)
	if len(m.To) != 1 || m.To[0] != house.Sender.Email || m.Header.Get("Bcc") != "" || len(m.Header["Subject"]) != 1 || !strings.HasPrefix(m.Subject, "Đã tiếp nhận") {
		t.Errorf("to %v, header %v", m.To, m.Header)
	}
	for _, address := range []string{
		"victim@example.vn\r\nBcc: other@example.vn", "a@example.vn, b@example.vn", "<a@example.vn>", "a@example.vn>\r\nDATA", "no address",
	} {
		bad := house.Sender
		bad.Email = address
		if m := p.send(t, p.ReceiveFrom(t, bad, nil), civic.MessageReceipt); m.State != civic.MessageNotSent || m.Reason != notices.ReasonRefused {
			t.Errorf("an address %q: %+v", address, m)
		}
	}
	if n := len(p.server.Messages()); n != 1 {
		t.Errorf("%d mails went out", n)
	}
}

func TestADraftIsNeverSentInPlaceOfAnAnswerThatHeldBefore(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	root, follower := p.Receive(t, nil), p.Receive(t, nil)
	p.Follow(t, follower.Code, root.Code)
	p.answered(t, root, civic.Private)
	p.confirm(t, follower)
	job, message := p.queue(t, follower, civic.MessageAnswer)
	// A coordinator takes the two apart before the mail goes out.
	p.Do(t, func(tx store.Tx) error {
		_, err := tx.Matches().Leave(t.Context(), follower.ID)
		return err
	})
	p.Change(t, follower.Code, func(sub *civic.Submission) { sub.State, sub.Root = civic.InProgress, 0 })
	p.Answer(t, follower.Code, civic.Answer{
		Text: "DRAFT", Outcome: civic.OutcomePartly, Agency: house.Science, DraftedBy: p.Staff(t, civic.RoleOfficer, house.Science).User, DraftedAt: p.Clock.Now(),
	})
	if err := p.s.Send(t.Context(), job, message); err != nil {
		t.Fatalf("send: %v", err)
	}
	if m := p.message(t, message); m.State != civic.MessageNotSent || m.Reason != notices.ReasonOutdated || len(p.server.Messages()) != 0 {
		t.Errorf("noted %+v", m)
	}
}

func TestAMessageThatIsNotThereIsNotFound(t *testing.T) {
	t.Parallel()
	p := newPost(t)
	if err := p.s.Send(t.Context(), 1, 12345); errs.KindOf(err) != errs.NotFound {
		t.Errorf("send: %v", err)
	}
}
