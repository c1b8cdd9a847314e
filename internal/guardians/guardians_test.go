package guardians_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/guardians"
	"hienke/internal/intake"
	"hienke/internal/notices"
	"hienke/internal/reach"
	"hienke/internal/routing"
	"hienke/internal/sms/httpsms"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// ledger is what was erased.
type ledger struct{ codes []civic.Code }

func (l *ledger) Note(code civic.Code, _ time.Time) error {
	l.codes = append(l.codes, code)
	return nil
}
func (l *ledger) All() ([]civic.Code, error) { return l.codes, nil }

// desk is a house in which children send something.
type desk struct {
	*house.House
	t       *testing.T
	s       *guardians.Service
	in      *intake.Service
	post    *notices.Service
	reach   *reach.Service
	answers *answers.Service
	sorting *triage.Service
	ledger  *ledger
	mails   *testkit.SMTPServer
	texts   *testkit.SMSGateway
	staff   civic.Actor // a coordinator
}

func newDesk(t *testing.T, h *house.House) *desk {
	t.Helper()
	d := &desk{House: h, t: t, ledger: &ledger{}, texts: testkit.SMS(t), staff: h.Staff(t, civic.RoleCoordinator, "")}
	d.in = &intake.Service{Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Random: h.Random}
	d.post = &notices.Service{Store: h.Store, Registry: h.Registry, Keys: h.Keys, Now: h.Clock.Now, PublicURL: house.Site}
	d.post.Mail, d.mails = h.Mail(t)
	texts, err := httpsms.New(httpsms.Config{URL: d.texts.URL})
	d.must(err)
	d.post.SMS = texts
	d.reach = &reach.Service{
		Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Ledger: d.ledger, FilesToo: true,
		Forget: func(context.Context, store.Attachment) error { return nil },
	}
	d.answers = &answers.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now, Keys: h.Keys}
	d.sorting = &triage.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Policy: routing.DefaultPolicy(), Now: h.Clock.Now, Random: h.Random,
		Rules:      func(context.Context) (*routing.RuleSet, error) { return nil, nil }, //nolint:nilnil // without rules
		Classifier: func(context.Context) (*routing.Model, error) { return nil, nil },   //nolint:nilnil // without a model
	}
	d.s = &guardians.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Random: h.Random, Erase: d.reach.EraseUnconsented,
	}
	return d
}

// on runs a test at a desk on SQLite and at one on PostgreSQL.
func on(t *testing.T, run func(t *testing.T, d *desk)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newDesk(t, h)) })
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// childsDraft is what a child sends.
func childsDraft() civic.Draft {
	return civic.Draft{
		Kind: civic.Recommendation, Title: "Cổng trường em chưa có vạch sang đường",
		Body:    "Giờ tan học xe chạy rất nhanh trước cổng trường, mong có vạch sang đường và người hướng dẫn.",
		Channel: civic.ChannelWeb, Submitter: civic.Person, AcceptTerms: true, PublishName: true,
		Contact: civic.Contact{Name: "Đinh Thị Bảo Ngân", Email: "ngan.dinh@example.vn"}, Child: true,
		Guardian: civic.Guardian{Name: "Đinh Văn Quảng", Email: "quang.dinh@example.vn"},
	}
}

// receive is what a child sends, changed by edit.
func (d *desk) receive(edit func(*intake.Request)) civic.Submission {
	d.t.Helper()
	r := intake.Request{Draft: childsDraft()}
	if edit != nil {
		edit(&r)
	}
	ack, err := d.in.Submit(d.t.Context(), civic.Public, r)
	d.must(err)
	return d.Case(d.t, ack.Code)
}

// deliver does every mail that waits.
func (d *desk) deliver() {
	d.t.Helper()
	for _, j := range d.Jobs(d.t, store.JobSend) {
		d.must(d.post.Send(d.t.Context(), j.ID, j.Subject))
	}
}

// sweep does rounds until nothing is left, and what they asked for.
func (d *desk) sweep() {
	d.t.Helper()
	_, err := d.s.Sweep(d.t.Context())
	d.must(err)
	d.deliver()
	d.erase()
}

// erase does the erasures that were asked for, each twice.
func (d *desk) erase() {
	d.t.Helper()
	for _, j := range d.Jobs(d.t, store.JobUnconsented) {
		for range 2 {
			d.must(d.s.Forget(d.t.Context(), j.ID, civic.SubmissionID(j.Subject)))
		}
	}
}

// to are the mails to an address.
func (d *desk) to(address string) (out []testkit.Message) {
	for _, m := range d.mails.Messages() {
		if strings.Contains(m.Header.Get("To"), address) {
			out = append(out, m)
		}
	}
	return out
}

// token is that of the page which the last mail to the guardian leads to.
func (d *desk) token() string {
	d.t.Helper()
	return d.tokenOf("quang.dinh@")
}

// tokenOf is that of the last mail to an address.
func (d *desk) tokenOf(address string) string {
	d.t.Helper()
	mails := d.to(address)
	if len(mails) == 0 {
		d.t.Fatal("nothing was mailed to the guardian")
	}
	_, rest, found := strings.Cut(mails[len(mails)-1].Text("text/plain"), house.Site+"/vi/guardian/")
	if !found {
		d.t.Fatalf("no link in %s", mails[len(mails)-1].Text("text/plain"))
	}
	return strings.Fields(rest)[0]
}

func (d *desk) kept(sub civic.Submission) (g store.SealedGuardian) {
	d.t.Helper()
	d.View(d.t, func(tx store.Tx) (err error) {
		g, err = tx.Guardians().Get(d.t.Context(), sub.ID)
		return err
	})
	return g
}

// erased fails unless nothing is left of who sent a case, and the ledger knows.
func (d *desk) erased(sub civic.Submission) {
	d.t.Helper()
	d.View(d.t, func(tx store.Tx) error {
		if _, err := tx.Contacts().Get(d.t.Context(), sub.ID); errs.KindOf(err) != errs.Gone {
			d.t.Errorf("the contact is still there: %v", err)
		}
		return nil
	})
	if g := d.kept(sub); len(g.Contact.WrappedKey)+len(g.Contact.Sealed) > 0 {
		d.t.Error("the guardian is still there")
	}
	if !slices.Contains(d.ledger.codes, sub.Code) {
		d.t.Error("the ledger does not know")
	}
	if got := d.Case(d.t, sub.Code); got.PublishName || got.Visibility.Public() || !civic.Open.Has(got.State) && got.State != civic.Answered || got.Body == civic.ErasedBody {
		d.t.Errorf("the case is %+v", got)
	}
}

// same are two codes that must be equal.
func (d *desk) fails(err error, code string) {
	d.t.Helper()
	if errs.CodeOf(err) != code {
		d.t.Errorf("it fails with %q, want %q: %v", errs.CodeOf(err), code, err)
	}
}

func TestAChildIsReceivedAndTheGuardianAskedOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		if sub.State != civic.Received || sub.DueAt.IsZero() || sub.Guardian != civic.GuardianWaiting || sub.PublishName || sub.TermsVersion != civic.ChildTermsVersion {
			t.Errorf("received %+v", sub)
		}
		for range 2 {
			d.deliver()
			d.sweep()
		}
		mails := d.to("quang.dinh@")
		if len(mails) != 1 || len(d.to("ngan.dinh@")) != 1 {
			t.Fatalf("%d mails to the guardian, %d to the child", len(mails), len(d.to("ngan.dinh@")))
		}
		raw := strings.Join([]string{mails[0].Subject, mails[0].Text("text/plain"), mails[0].Text("text/html"), mails[0].Header.Get("Message-Id"), mails[0].Header.Get("References")}, "\n")
		for _, secret := range []string{"Ngân", "ngan.dinh", "Quảng", "vạch sang đường", sub.Code.String(), strings.ToLower(string(sub.Code))} {
			if strings.Contains(raw, secret) {
				t.Errorf("the mail to a mailbox that may be a stranger's has %q", secret)
			}
		}
		if g := d.kept(sub); g.TokenHash == ([32]byte{}) || strings.Contains(g.Nonce, d.token()) || !g.NameWished {
			t.Errorf("kept %+v", g)
		}
	})
}

func TestAnAdultIsAskedForNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(func(r *intake.Request) { r.Child, r.Guardian = false, civic.Guardian{} })
	d.deliver()
	d.sweep()
	if sub.Guardian != civic.NoGuardian || !sub.PublishName || sub.TermsVersion != civic.TermsVersion || len(d.mails.Messages()) != 1 {
		t.Errorf("received %+v, %d mails", sub, len(d.mails.Messages()))
	}
}

func TestWhatIsWrongWithAGuardian(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for name, tt := range map[string]struct {
		edit func(*civic.Draft)
		want errs.Field
	}{
		"no name":           {func(d *civic.Draft) { d.Guardian.Name = "" }, errs.Field{Name: "guardian.name", Code: "field.required"}},
		"no address":        {func(d *civic.Draft) { d.Guardian.Email = "" }, errs.Field{Name: "guardian.email", Code: "field.required"}},
		"no mailbox":        {func(d *civic.Draft) { d.Guardian.Email = "quang" }, errs.Field{Name: "guardian.email", Code: "field.not_an_email"}},
		"no number":         {func(d *civic.Draft) { d.Guardian.Phone = "x" }, errs.Field{Name: "guardian.phone", Code: "field.not_a_phone"}},
		"the child's own":   {func(d *civic.Draft) { d.Guardian.Email = " Ngan.Dinh@EXAMPLE.vn" }, errs.Field{Name: "guardian.email", Code: "field.same_as_sender"}},
		"the child's phone": {func(d *civic.Draft) { d.Contact.Phone, d.Guardian.Phone = "0912 345 678", "+84912345678" }, errs.Field{Name: "guardian.phone", Code: "field.same_as_sender"}},
	} {
		draft := childsDraft()
		tt.edit(&draft)
		_, err := d.in.Submit(t.Context(), civic.Public, intake.Request{Draft: draft})
		if got := errs.FieldsOf(err); len(got) != 1 || got[0].Name != tt.want.Name || got[0].Code != tt.want.Code {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if d.Total(t) != 0 {
		t.Error("something was stored")
	}
}

func TestTheAnswersOfAGuardian(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for name, tt := range map[string]struct {
			answer guardians.Answer
			want   civic.GuardianState
			named  bool
		}{
			"to handling":           {guardians.Answer{Agree: true}, civic.GuardianPrivate, false},
			"a name without a text": {guardians.Answer{Agree: true, Name: true}, civic.GuardianPrivate, false},
			"to publication":        {guardians.Answer{Agree: true, Publish: true}, civic.GuardianConfirmed, false},
			"to everything":         {guardians.Answer{Agree: true, Publish: true, Name: true}, civic.GuardianConfirmed, true},
			"to nothing":            {guardians.Answer{Publish: true, Name: true}, civic.GuardianRefused, false},
			"a stranger":            {guardians.Answer{NotMine: true}, civic.GuardianRefused, false},
		} {
			d.Clock.Advance(30 * 24 * time.Hour)       // the limit of a mailbox fills up again
			sub := d.receive(func(r *intake.Request) { // each from a mailbox of its own
				r.Guardian.Email = "quang.dinh@" + strings.ReplaceAll(name, " ", "-") + ".example.vn"
			})
			d.deliver()
			token := d.token()
			for range 3 { // programs look at links
				asked, err := d.s.Open(t.Context(), token)
				if err != nil || asked.State != civic.GuardianWaiting || asked.Child != "Đ. T. B. Ngân" || asked.Title != sub.Title {
					t.Fatalf("%s: the page shows %+v, %v", name, asked, err)
				}
			}
			d.must(d.s.Answer(t.Context(), token, tt.answer))
			d.fails(d.s.Answer(t.Context(), token, guardians.Answer{Agree: true, Publish: true, Name: true}), "guardian.decided")
			got, g := d.Case(t, sub.Code), d.kept(sub)
			if got.Guardian != tt.want || got.PublishName != tt.named || got.State != sub.State {
				t.Errorf("%s: the case is %s, named %v", name, got.Guardian, got.PublishName)
			}
			if g.DecidedAt.IsZero() || g.Version != civic.GuardianTermsVersion || g.How != civic.GuardianByLink || g.NotMine != tt.answer.NotMine {
				t.Errorf("%s: kept %+v", name, g.GuardianConsent)
			}
			if asked, err := d.s.Open(t.Context(), token); err != nil || asked.State != tt.want || asked.Title != "" || asked.Child != "" {
				t.Errorf("%s: afterwards the page shows %+v, %v", name, asked, err)
			}
			d.erase()
			if tt.want.Ended() {
				d.erased(sub)
			} else if slices.Contains(d.ledger.codes, sub.Code) {
				t.Errorf("%s: it was erased", name)
			}
		}
		_, err := d.s.Open(t.Context(), strings.Repeat("x", 43))
		d.fails(err, "link.not_valid")
		d.fails(d.s.Answer(t.Context(), "", guardians.Answer{Agree: true}), "link.not_valid")
	})
}

func TestOfTwoClicksAtOnceOneHolds(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		d.deliver()
		token, done := d.token(), make(chan error)
		for i := range 8 {
			go func() {
				done <- d.s.Answer(t.Context(), token, guardians.Answer{Agree: i%2 == 0, Publish: true})
			}()
		}
		held := 0
		for range 8 {
			if err := <-done; err == nil {
				held++
			} else if errs.CodeOf(err) != "guardian.decided" {
				t.Errorf("a click fails with %v", err)
			}
		}
		n := d.CountEvents(t, sub.Code, civic.EventGuardianConfirmed) + d.CountEvents(t, sub.Code, civic.EventGuardianRefused)
		if held != 1 || n != 1 {
			t.Errorf("%d clicks hold, %d are in the history", held, n)
		}
	})
}

func TestAGuardianIsRemindedOnceAndThenItLapses(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		d.deliver()
		token := d.token()
		d.Clock.Advance(6 * 24 * time.Hour) // Monday to Sunday: 5 working days are over with the next Monday
		d.sweep()
		if n := len(d.to("quang.dinh@")); n != 1 {
			t.Fatalf("%d mails before the reminder is due", n)
		}
		d.Clock.Advance(2 * 24 * time.Hour)
		done := make(chan error)
		for range 4 { // several workers at once
			go func() { _, err := d.s.Sweep(t.Context()); done <- err }()
		}
		for range 4 {
			d.must(<-done)
		}
		for range 3 {
			d.sweep()
		}
		if n := len(d.to("quang.dinh@")); n != 2 || d.token() != token {
			t.Fatalf("%d mails after it was due, with the link %s", n, d.token())
		}
		d.Clock.Advance(30 * 24 * time.Hour)
		d.fails(d.s.Answer(t.Context(), token, guardians.Answer{Agree: true}), "guardian.late") // before the sweep came by
		for range 3 {
			d.sweep()
		}
		if got := d.Case(t, sub.Code); got.Guardian != civic.GuardianLapsed || d.CountEvents(t, sub.Code, civic.EventGuardianLapsed) != 1 {
			t.Errorf("the case is %s", got.Guardian)
		}
		d.erased(sub)
		if n := len(d.to("quang.dinh@")); n != 2 {
			t.Errorf("%d mails in all", n)
		}
		d.fails(d.s.Answer(t.Context(), token, guardians.Answer{Agree: true}), "guardian.decided")
	})
}

// A worker that was away for long sends one mail to each whose time is not over,
// and none to the others.
func TestAWorkerThatWasAwayCatchesUpOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	first := d.receive(nil)
	d.deliver()
	d.Clock.Advance(12 * 24 * time.Hour)
	d.receive(func(r *intake.Request) { r.Guardian.Email = "huong.le@example.vn" })
	d.deliver()
	d.Clock.Advance(8 * 24 * time.Hour)
	d.sweep()
	if n, m := len(d.to("quang.dinh@")), len(d.to("huong.le@")); n != 1 || m != 2 {
		t.Errorf("%d and %d mails", n, m)
	}
	d.erased(first)
}

func TestTimeRunsFromWhenTheMailWentOut(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(nil)
	d.Clock.Advance(40 * 24 * time.Hour) // the mail server is away
	_, err := d.s.Sweep(t.Context())
	d.must(err)
	if got := d.Case(t, sub.Code); got.Guardian != civic.GuardianWaiting {
		t.Fatalf("the case is %s, and nobody was asked", got.Guardian)
	}
	d.deliver()
	d.Clock.Advance(24 * time.Hour)
	d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{Agree: true}))
}

func TestWhoIsHeldIsAskedWhenLetThrough(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(func(r *intake.Request) { r.Signs = []string{"gate.honeypot"} })
		d.sweep()
		if n := len(d.mails.Messages()); n != 0 || !d.kept(sub).LapseAt.IsZero() {
			t.Fatalf("%d mails because of something that nobody looked at", n)
		}
		d.Change(t, sub.Code, func(s *civic.Submission) { s.State, s.TriageReason = civic.Triage, triage.ReasonHeld })
		d.Clock.Advance(20 * 24 * time.Hour)
		d.must(d.sorting.Release(t.Context(), d.staff, sub.Code, d.Case(t, sub.Code).Version))
		for range 2 {
			d.sweep()
		}
		if n := len(d.to("quang.dinh@")); n != 1 || d.CountEvents(t, sub.Code, civic.EventGuardianAsked) != 1 {
			t.Errorf("%d mails after it was let through", n)
		}
		d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{Agree: true}))
	})
}

func TestAMailboxIsNotFilled(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for range 20 {
		d.receive(func(r *intake.Request) { r.Contact.Email = "" })
	}
	d.deliver()
	if n := len(d.to("quang.dinh@")); n != 5 {
		t.Errorf("%d mails to somebody who may be a stranger", n)
	}
	d.Clock.Advance(9 * 24 * time.Hour)
	d.sweep()
	if n := len(d.to("quang.dinh@")); n != 10 { // whoever got none is not reminded either
		t.Errorf("%d mails with the reminders", n)
	}
}

// Whoever said once that the child is not theirs is left in peace, by mail and
// by telephone, whoever names them.
func TestAStrangerIsNotWrittenToAgain(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.receive(func(r *intake.Request) { r.Guardian.Phone = "0987 654 321" })
		d.deliver()
		d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{NotMine: true}))
		d.erase()
		d.Clock.Advance(60 * 24 * time.Hour)
		again := d.receive(func(r *intake.Request) { r.Guardian.Email = "Quang.Dinh@example.VN" })
		d.receive(func(r *intake.Request) { r.Guardian.Email, r.Guardian.Phone = "", "+84987654321" })
		d.deliver()
		d.Clock.Advance(9 * 24 * time.Hour)
		d.sweep()
		if n, m := len(d.to("uang.")), len(d.texts.Requests()); n != 1 || m != 0 {
			t.Errorf("%d mails and %d texts to somebody who said no", n, m)
		}
		said := d.Messages(t, again.Code)
		if m := said[len(said)-1]; m.Reason != notices.ReasonNoGuardian {
			t.Errorf("it says %+v", m)
		}
	})
}
