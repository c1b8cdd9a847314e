package privacy_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"hienke/internal/audit"
	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/notices"
	"hienke/internal/privacy"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// ledger is one in memory.
type ledger struct{ contacts, texts []civic.Code }

func (l *ledger) Note(code civic.Code, _ time.Time) error {
	l.contacts = append(l.contacts, code)
	return nil
}
func (l *ledger) NoteText(code civic.Code, _ time.Time) error {
	l.texts = append(l.texts, code)
	return nil
}
func (l *ledger) Texts() ([]civic.Code, error) { return l.texts, nil }

func service(h *house.House, dropped *[]string) *privacy.Service {
	n := 0
	return &privacy.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Ledger: &ledger{},
		Draw: notices.Draw, PublicURL: house.Site,
		NewRef:   func() string { n++; return fmt.Sprintf("DL-%d", n) },
		DropFile: func(_ context.Context, ref string) error { *dropped = append(*dropped, ref); return nil },
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if err == nil || errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestARequestRunsItsCourse(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, dropped := t.Context(), []string{}
		s := service(h, &dropped)
		officer, dpo := h.Staff(t, civic.RoleOfficer, house.Science), h.Staff(t, civic.RoleDataProtection, "")
		sub := h.Receive(t, func(s *civic.Submission) {
			s.Agency, s.State, s.PublishName, s.TermsVersion = house.Science, civic.InProgress, true, "2026-1"
		})
		_, err := s.Ask(ctx, civic.Public, privacy.Ask{Kind: "all", Written: privacy.Written{Text: "x"}}, "net")
		if fields := errs.FieldsOf(err); len(fields) != 3 {
			t.Errorf("an empty request: %v, want three wrong fields", err)
		}
		made, err := s.Ask(ctx, civic.Public, privacy.Ask{Kind: civic.PrivacyWithdraw, Written: privacy.Written{
			Name: "Trịnh Thị Mai Khuê", Reach: "khue@example.vn", Text: "Đề nghị không đăng tên tôi nữa.",
		}}, "net")
		if err != nil {
			t.Fatal(err)
		}
		// Monday 2 March: two working days end on Wednesday, fifteen days on the 17th.
		if by, due := civic.DateOf(made.ReplyBy.Add(-time.Second)), civic.DateOf(made.DueAt.Add(-time.Second)); by.Day != 4 || due.Day != 17 {
			t.Errorf("reply by %v, due %v", made.ReplyBy, made.DueAt)
		}
		if _, err := s.List(ctx, officer, false); errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an officer lists requests: %v", err)
		}
		wantCode(t, s.Decide(ctx, dpo, made.Ref, civic.PrivacyWhole, "Đúng quy định"), "request.not_identified")
		wantCode(t, s.Fulfil(ctx, dpo, made.Ref), "request.not_now")
		for _, step := range []error{
			s.Identify(ctx, dpo, made.Ref, sub.Code, "Gọi lại đúng số điện thoại"),
			s.Reply(ctx, dpo, made.Ref, "Gọi điện, sẽ gỡ tên"),
			s.Extend(ctx, dpo, made.Ref, "Chờ bên khác cùng gỡ"),
			s.Decide(ctx, dpo, made.Ref, civic.PrivacyWhole, "Đúng quy định"),
			s.Fulfil(ctx, dpo, made.Ref),
			s.Tell(ctx, dpo, made.Ref, "Gọi điện lúc 10 giờ"),
		} {
			if step != nil {
				t.Fatal(step)
			}
		}
		wantCode(t, s.Extend(ctx, dpo, made.Ref, "Lần nữa"), "request.not_now")
		got, err := s.Get(ctx, dpo, made.Ref)
		if err != nil || got.State != civic.PrivacyClosed || got.Reach != "khue@example.vn" || civic.DateOf(got.DueAt.Add(-time.Second)).Month != time.April {
			t.Errorf("at the end: %+v, %v", got, err)
		}
		if len(got.Consents) != 2 || got.Consents[1].Holds || got.Consents[0].Version != "2026-1" || !got.Consents[0].Holds {
			t.Errorf("consents: %+v", got.Consents)
		}
		if h.Case(t, sub.Code).PublishName {
			t.Error("the name may still be shown")
		}
		foreign := h.Staff(t, civic.RoleDataProtection, house.Education)
		if _, err := s.Get(ctx, foreign, made.Ref); errs.KindOf(err) != errs.NotFound {
			t.Errorf("a foreign agency's officer sees it: %v", err)
		}
	})
}

// What a sender has erased is nowhere: not in the text, the history, the files,
// the contact or what the machine kept of it, and the audit still holds.
func TestErasingACase(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, dropped := t.Context(), []string{}
		s := service(h, &dropped)
		dpo := h.Staff(t, civic.RoleDataProtection, "")
		const secret = "Phạm Kín Đáo"
		sub := h.Receive(t, func(s *civic.Submission) {
			s.Agency, s.State, s.Visibility = house.Science, civic.InProgress, civic.PublicOpen
			s.Body, s.PublicTitle, s.PublicBody = "Tôi là "+secret+", đề nghị công bố số liệu quan trắc.", "Công bố số liệu", "Tôi là "+secret
		})
		other := h.Receive(t, nil)
		chain := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, Holder: "a"}
		h.Do(t, func(tx store.Tx) error {
			key, wrapped, err := h.Keys.NewFileKey("REF")
			if err != nil {
				return err
			}
			_, err = tx.Attachments().Add(ctx, store.Attachment{
				Attachment: civic.Attachment{Ref: "REF", Submission: sub.ID, State: civic.FileClean, CreatedAt: h.Clock.Now()}, WrappedKey: wrapped,
				SealedName: key.Seal("name", 0, []byte(secret)), ChangedAt: h.Clock.Now(),
			})
			if err != nil {
				return err
			}
			if err := tx.Routes().Put(ctx, civic.Route{Submission: sub.ID, DecidedAt: h.Clock.Now(), By: civic.RouteByNone, Words: []string{secret}}); err != nil {
				return err
			}
			return tx.Events().Add(ctx, civic.Event{Submission: sub.ID, At: h.Clock.Now(), Type: civic.EventRated, Actor: civic.ActorSender, Reason: secret})
		})
		if _, err := chain.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		made, err := s.Ask(ctx, civic.SenderOf(sub.ID), privacy.Ask{Kind: civic.PrivacyErase, Written: privacy.Written{Text: "Xóa giúp tôi"}}, "x")
		if err != nil || made.State != civic.PrivacyIdentified {
			t.Fatalf("a sender asks: %+v, %v", made, err)
		}
		if err := s.Decide(ctx, dpo, made.Ref, civic.PrivacyWhole, "Đúng quy định"); err != nil {
			t.Fatal(err)
		}
		if err := s.Fulfil(ctx, dpo, made.Ref); err != nil {
			t.Fatal(err)
		}
		got := h.Case(t, sub.Code)
		if got.Body != civic.ErasedBody || got.PublicBody != "" || got.Visibility != civic.TakenDown || strings.Join(dropped, "") != "REF" {
			t.Errorf("after erasing: %+v, files %v", got, dropped)
		}
		h.View(t, func(tx store.Tx) error {
			if _, err := tx.Contacts().Get(ctx, sub.ID); errs.KindOf(err) != errs.Gone {
				t.Errorf("the contact: %v", err)
			}
			if files, err := tx.Attachments().OfSubmission(ctx, sub.ID); err != nil || len(files) > 0 {
				t.Errorf("the files: %v, %v", files, err)
			}
			route, err := tx.Routes().Get(ctx, sub.ID)
			if len(route.Words) > 0 {
				t.Errorf("the route: %v", route.Words)
			}
			if _, ok, _ := casework.Contact(ctx, tx, h.Keys, other); !ok {
				t.Error("another contact was erased, too")
			}
			return err
		})
		if h.Case(t, other.Code).Body == civic.ErasedBody {
			t.Error("another case was erased, too")
		}
		for _, e := range h.Events(t, sub.Code) {
			if e.Reason != "" {
				t.Errorf("the history still says %q", e.Reason)
			}
		}
		if _, err := chain.Seal(ctx); err != nil {
			t.Fatal(err)
		}
		if r, err := chain.Check(ctx, true, nil); err != nil || len(r.Faults) > 0 {
			t.Errorf("the audit takes an erasure for a forgery: %+v, %v", r, err)
		}
		// A backup brought the text of the other one back.
		s.Ledger.(*ledger).texts = append(s.Ledger.(*ledger).texts, other.Code, "HK0000000000")
		if n, err := s.Replay(ctx); n != 1 || err != nil {
			t.Errorf("Replay: %d, %v", n, err)
		}
	})
}

// Data protection shows everything and puts right what is wrong; both stand in
// the audit, without what stood in the fields.
func TestWhatIsHeldIsShownAndPutRight(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, dropped := t.Context(), []string{}
		s := service(h, &dropped)
		dpo := h.Staff(t, civic.RoleDataProtection, "")
		sub := h.Receive(t, func(s *civic.Submission) { s.Agency, s.State = house.Science, civic.InProgress })
		other := h.Receive(t, nil)
		sender := civic.Actor{Kind: civic.ActorSender, Submission: sub.ID}
		ask := func(actor civic.Actor, kind civic.PrivacyKind) string {
			r, err := s.Ask(ctx, actor, privacy.Ask{Kind: kind, Written: privacy.Written{Reach: "0912345678", Text: "Xem và sửa giúp tôi."}}, "net")
			must(t, err)
			return r.Ref
		}
		stranger := ask(civic.Public, civic.PrivacySee)
		_, err := s.Extract(ctx, dpo, stranger)
		wantCode(t, err, "request.not_identified")

		h.Do(t, func(tx store.Tx) error {
			who, err := tx.Following().Subscribe(ctx, store.Subscriber{
				Pseudonym: h.Keys.Pseudonym("following", house.Sender.Email), Contact: store.SealedContact{WrappedKey: []byte{1}, Sealed: []byte{2}}, Language: civic.Vietnamese, CreatedAt: h.Clock.Now(),
			})
			if err != nil {
				return err
			}
			f, err := tx.Following().Add(ctx, store.Follow{Subscriber: who.ID, Query: "q=nước", CreatedAt: h.Clock.Now()})
			if err != nil {
				return err
			}
			return tx.Following().Confirm(ctx, f.ID, h.Clock.Now())
		})
		see := ask(sender, civic.PrivacySee)
		_, err = s.Extract(ctx, h.Staff(t, civic.RoleOfficer, house.Science), see)
		wantCode(t, err, "actor.not_allowed")
		x, err := s.Extract(ctx, dpo, see)
		must(t, err)
		if x.Contact.Name == "" || x.Case.Body != sub.Body || len(x.Events) == 0 || len(x.Requests) != 1 || len(x.Follows) != 1 || len(x.Others) != 1 || x.Others[0].Code != other.Code {
			t.Errorf("the extract lacks something: %+v", x)
		}

		wantCode(t, s.Correct(ctx, dpo, see, civic.Contact{Name: "Nguyễn Thị Lan"}), "request.not_now") // it asks to see, and nothing is granted
		correct := ask(sender, civic.PrivacyCorrect)
		must(t, s.Decide(ctx, dpo, correct, civic.PrivacyWhole, "Đúng quy định"))
		wantCode(t, s.Correct(ctx, dpo, see, civic.Contact{Name: "Nguyễn Thị Lan"}), "request.not_now")
		if fields := errs.FieldsOf(s.Correct(ctx, dpo, correct, civic.Contact{Email: "lan"})); len(fields) != 1 || fields[0].Name != "email" {
			t.Errorf("no mailbox: %v", fields)
		}
		must(t, s.Correct(ctx, dpo, correct, civic.Contact{Name: "Nguyễn Thị Lan", Email: "lan.moi@example.vn"}))
		after, err := s.Extract(ctx, dpo, correct)
		must(t, err)
		if after.Contact.Name != "Nguyễn Thị Lan" || after.Contact.Email != "lan.moi@example.vn" || after.Contact.Phone != x.Contact.Phone {
			t.Errorf("corrected to %+v", after.Contact)
		}

		chain := &audit.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, Holder: "test"}
		_, err = chain.Seal(ctx)
		must(t, err)
		var said []string
		h.View(t, func(tx store.Tx) error {
			list, err := tx.Audit().List(ctx, store.AuditQuery{Submission: sub.ID, Source: store.AuditNotes, Upwards: true, Limit: 50})
			for _, e := range list {
				if e.What == store.NoteRequestExtracted || e.What == store.NoteRequestCorrected {
					said = append(said, e.What+" "+e.Detail)
				}
			}
			return err
		})
		if got, want := strings.Join(said, ", "), "request_extracted , request_corrected name email, request_extracted "; got != want {
			t.Errorf("the audit says %q, want %q", got, want)
		}
	})
}
