package privacy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/delivery"
	"hienke/internal/errs"
	"hienke/internal/notices"
	"hienke/internal/privacy"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// desk is requests in a house with a mail server.
type desk struct {
	*house.House
	s      *privacy.Service
	server *testkit.SMTPServer
	dpo    civic.Actor
	sub    civic.Submission
	asked  int
}

func newDesk(t *testing.T, h *house.House) *desk {
	t.Helper()
	var dropped []string
	d := &desk{House: h, s: service(h, &dropped), dpo: h.Staff(t, civic.RoleDataProtection, "")}
	d.s.Mail, d.server = h.Mail(t)
	d.sub = h.Receive(t, func(s *civic.Submission) { s.Agency, s.State = house.Science, civic.InProgress })
	return d
}

// confirm is what the holder of the mailbox of the case does.
func (d *desk) confirm(t *testing.T) {
	t.Helper()
	d.Do(t, func(tx store.Tx) error {
		return tx.Reaches().Put(t.Context(), civic.Reach{Submission: d.sub.ID, Wants: civic.WantsAll, ConfirmedAt: d.Clock.Now()})
	})
}

// ask makes a request, of a sender or of anybody with this reach.
func (d *desk) ask(t *testing.T, actor civic.Actor, lang civic.Language, kind civic.PrivacyKind, reach string) string {
	t.Helper()
	d.asked++ // each from a network of its own
	made, err := d.s.Ask(t.Context(), actor, privacy.Ask{Kind: kind, Language: lang, Written: privacy.Written{
		Name: "Trịnh Thị Mai Khuê", Reach: reach, Text: "Lời người lạ viết trong yêu cầu.",
	}}, fmt.Sprint("net", d.asked))
	must(t, err)
	return made.Ref
}

// deliver does every job that waits, twice: what runs twice mails once.
func (d *desk) deliver(t *testing.T) error {
	t.Helper()
	for _, j := range d.Jobs(t, store.JobPrivacyMail) {
		for range 2 {
			if err := d.s.Send(t.Context(), j.ID, j.Subject); err != nil {
				return err
			}
		}
	}
	return nil
}

// said lists what became of the messages of a request.
func (d *desk) said(t *testing.T, ref string) string {
	t.Helper()
	got, err := d.s.Get(t.Context(), d.dpo, ref)
	must(t, err)
	var out []string
	for _, m := range got.Messages {
		out = append(out, strings.TrimSuffix(string(m.Kind)+" "+string(m.State)+" "+m.Reason, " "))
		if m.State != civic.MessageQueued && len(m.To.Sealed)+len(m.To.WrappedKey) > 0 {
			t.Errorf("%s keeps the address after it was settled", m.Kind)
		}
	}
	return strings.Join(out, ", ")
}

// last is the mail that the server took last.
func (d *desk) last(t *testing.T) testkit.Message {
	t.Helper()
	must(t, d.deliver(t))
	got := d.server.Messages()
	if len(got) == 0 {
		t.Fatal("no mail went out")
	}
	return got[len(got)-1]
}

func TestMailsAboutRequestsReadAsTheyShould(t *testing.T) {
	t.Parallel()
	for _, lang := range []civic.Language{civic.Vietnamese, civic.English} {
		t.Run(string(lang), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			golden := func(name string) { d.last(t).Golden(t, "testdata/"+name+"."+string(lang)+".txt") }
			end := func(name string, kind civic.PrivacyKind, outcome civic.PrivacyOutcome) {
				ref := d.ask(t, civic.Public, lang, kind, "khue@example.vn, 0912345678")
				if name == "granted" {
					golden("receipt")
				}
				must(t, d.s.Identify(t.Context(), d.dpo, ref, d.sub.Code, "Gọi lại đúng số"))
				must(t, d.s.Decide(t.Context(), d.dpo, ref, outcome, "Đã đối chiếu hồ sơ lưu.\nSố điện thoại đã đúng từ trước."))
				if outcome != civic.PrivacyNoneOf {
					must(t, d.s.Fulfil(t.Context(), d.dpo, ref))
				}
				golden("outcome_" + name)
			}
			end("granted", civic.PrivacyWithdraw, civic.PrivacyWhole)
			end("partly", civic.PrivacyCorrect, civic.PrivacyPart)
			end("refused", civic.PrivacyObject, civic.PrivacyNoneOf)

			d.confirm(t)
			ref := d.ask(t, civic.SenderOf(d.sub.ID), lang, civic.PrivacySee, "")
			golden("receipt_sender")
			must(t, d.s.Reply(t.Context(), d.dpo, ref, "Bản trích sẽ được trao tại trụ sở.\nXin mang giấy tờ tùy thân."))
			golden("reply")
			must(t, d.s.Extend(t.Context(), d.dpo, ref, "Phải tìm trong hồ sơ giấy."))
			golden("extended")
			for _, m := range d.server.Messages() {
				if text := m.Text("text/plain") + m.Text("text/html"); strings.Contains(text, "người lạ viết") || strings.Contains(text, "Khuê") || strings.Contains(text, d.sub.Code.String()) {
					t.Errorf("a mail repeats what somebody typed, or names the case: %s", text)
				}
			}
		})
	}
}

// Whoever types a mailbox need not own it: it gets the receipt, a few times, and
// nothing else until the person is identified.
func TestAStrangersMailboxGetsReceiptsOnly(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(t, h)
		ctx := t.Context()
		for i, reach := range []string{"khue@example.vn", "KHUE@example.vn", "khue@example.vn 0912", "khue@example.vn;1", "khue@example.vn", "Khue@example.vn"} {
			ref, want := d.ask(t, civic.Public, civic.Vietnamese, civic.PrivacySee, reach), "receipt sent"
			if i >= 5 {
				want = "receipt not_sent many_receipts"
			}
			must(t, d.deliver(t))
			if got := d.said(t, ref); got != want {
				t.Errorf("request %d: %s, want %s", i, got, want)
			}
		}
		ref := d.ask(t, civic.Public, civic.Vietnamese, civic.PrivacySee, "mai@example.vn")
		must(t, d.s.Reply(ctx, d.dpo, ref, "Xin cho biết số đã để lại."))
		must(t, d.s.Decide(ctx, d.dpo, ref, civic.PrivacyNoneOf, "Không xác định được người yêu cầu."))
		if got, want := d.said(t, ref), "receipt queued, reply not_sent not_identified, outcome not_sent not_identified"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		must(t, d.deliver(t)) // the request ended before the receipt could go
		if got := d.said(t, ref); !strings.HasPrefix(got, "receipt not_sent "+delivery.Outdated) || len(d.server.Messages()) != 5 {
			t.Errorf("%s; %d mails", got, len(d.server.Messages()))
		}
		// Nor does a mailbox that was typed with a case and never confirmed.
		ref = d.ask(t, civic.SenderOf(d.sub.ID), "", civic.PrivacySee, "")
		must(t, d.s.Reply(ctx, d.dpo, ref, "Sẽ trao bản trích."))
		must(t, d.deliver(t))
		if got, want := d.said(t, ref), "receipt sent, reply not_sent not_confirmed"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		// Two mailboxes, or none: somebody must tell the person.
		for _, reach := range []string{"a@example.vn, b@example.vn", "0912345678"} {
			ref = d.ask(t, civic.Public, civic.Vietnamese, civic.PrivacySee, reach)
			if got, want := d.said(t, ref), "receipt not_sent no_address"; got != want {
				t.Errorf("%s: %s, want %s", reach, got, want)
			}
		}
		wantCode(t, d.s.Decide(ctx, d.dpo, d.ask(t, civic.SenderOf(d.sub.ID), "", civic.PrivacyErase, ""), civic.PrivacyPart, "Một phần thôi"), "request.not_in_part")
	})
}

// Nothing is lost while the mail server is away, and the outcome reaches who had
// everything erased.
func TestMailsWaitForTheServer(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(t, h)
		ctx := t.Context()
		d.confirm(t)
		ref := d.ask(t, civic.SenderOf(d.sub.ID), "", civic.PrivacyErase, "")
		d.server.Close(t)
		if err := d.deliver(t); errs.KindOf(err) != errs.Unavailable {
			t.Fatalf("the server is away: %v", err)
		}
		if got := d.said(t, ref); got != "receipt queued" {
			t.Errorf("while the server is away: %s", got)
		}
		d.server.Reopen(t)
		must(t, d.deliver(t))
		must(t, d.s.Decide(ctx, d.dpo, ref, civic.PrivacyWhole, "Đúng quy định"))
		must(t, d.s.Fulfil(ctx, d.dpo, ref))
		got := d.last(t)
		if d.said(t, ref) != "receipt sent, outcome sent" || got.To[0] != house.Sender.Email || got.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("%s; the last mail went to %v with %v", d.said(t, ref), got.To, got.Header)
		}
		if first := d.server.Messages()[0].Header; first.Get("Message-Id") == got.Header.Get("Message-Id") || first.Get("Message-Id") == "" {
			t.Error("two mails have one id")
		}
		must(t, d.s.Tell(ctx, d.dpo, ref, "Thư điện tử đã gửi"))
		err := d.s.Store.Do(ctx, func(tx store.Tx) error {
			_, err := tx.PrivacyMessages().Add(ctx, store.PrivacyMessage{Request: ref, Kind: civic.PrivacyEnd, State: civic.MessageQueued, CreatedAt: d.Clock.Now()})
			return err
		})
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("a second outcome: %v", err)
		}
	})
}

// Who left an address for letters and no mailbox is written to on paper.
func TestAMessageIsPrinted(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		d := newDesk(t, h)
		ctx := t.Context()
		wantCode(t, printed(d, d.ask(t, civic.Public, civic.Vietnamese, civic.PrivacySee, "0912345678"), civic.PrivacyReceipt), "request.not_now")
		phone := h.ReceiveFrom(t, civic.Contact{Name: "Lan", Phone: "0912345678"}, nil)
		wantCode(t, printed(d, d.ask(t, civic.SenderOf(phone.ID), "", civic.PrivacySee, ""), civic.PrivacyReceipt), "request.no_address")

		sub := h.ReceiveFrom(t, civic.Contact{Name: "Trịnh Thị Mai Khuê", Address: "Số 1, phố Mẫu"}, nil)
		ref := d.ask(t, civic.SenderOf(sub.ID), "", civic.PrivacySee, "")
		wantCode(t, printed(d, ref, civic.PrivacyEnd), "request.not_now")
		if _, err := d.s.Print(ctx, h.Staff(t, civic.RoleOfficer, house.Science), ref, civic.PrivacyReceipt); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an officer prints it: %v", err)
		}
		l, err := d.s.Print(ctx, d.dpo, ref, civic.PrivacyReceipt)
		must(t, err)
		subject, parts, err := notices.DrawOnPaper(l.Template, l.Language, l.Values, l.Ref)
		must(t, err)
		if l.Address != "Số 1, phố Mẫu" || subject != "Đã tiếp nhận yêu cầu về dữ liệu cá nhân" || len(parts) < 4 || strings.Contains(fmt.Sprint(parts), "gửi tự động") {
			t.Errorf("printed %+v: %s, %v", l, subject, parts)
		}
		h.View(t, func(tx store.Tx) error {
			looks, err := tx.Looks().List(ctx, store.LooksQuery{Submission: sub.ID, Page: 1, PerPage: 9})
			if looks.Total != 1 {
				t.Errorf("%d looks are logged", looks.Total)
			}
			return err
		})
	})
}

func printed(d *desk, ref string, kind civic.PrivacyMessageKind) error {
	_, err := d.s.Print(context.Background(), d.dpo, ref, kind)
	return err
}
