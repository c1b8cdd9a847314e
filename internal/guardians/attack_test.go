package guardians_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/guardians"
	"hienke/internal/intake"
	"hienke/internal/privacy"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// inReview puts a case before a second person, with an answer.
func (d *desk) inReview(sub civic.Submission) civic.Submission {
	d.t.Helper()
	d.Answer(d.t, sub.Code, civic.Answer{
		Text: "Sở sẽ kẻ vạch trước năm học mới.", Outcome: civic.OutcomeAccepted, Agency: house.Science,
		DraftedBy: d.Staff(d.t, civic.RoleOfficer, house.Science).User, DraftedAt: d.Clock.Now(), SubmittedAt: d.Clock.Now(),
	})
	d.Change(d.t, sub.Code, func(s *civic.Submission) { s.State, s.Agency, s.TriageReason = civic.InReview, house.Science, "" })
	return d.Case(d.t, sub.Code)
}

// hidden fails if anything of a case can be read by the public.
func (d *desk) hidden(sub civic.Submission) {
	d.t.Helper()
	if _, err := d.answers.Public(d.t.Context(), sub.Code); errs.KindOf(err) != errs.NotFound && errs.KindOf(err) != errs.Gone {
		d.t.Errorf("the page of the case shows it: %v", err)
	}
	found, err := finding.Plain{Store: d.Store}.Query(d.t.Context(), search.Query{Text: "vạch sang đường", Page: 1, PerPage: 10})
	if err != nil || found.Total != 0 {
		d.t.Errorf("a search finds %d, %v", found.Total, err)
	}
	matches, err := d.sorting.Similar(d.t.Context(), sub.Title, sub.Body)
	if err != nil || len(matches) != 0 {
		d.t.Errorf("the public is shown %+v as similar, %v", matches, err)
	}
	d.View(d.t, func(tx store.Tx) error {
		n, err := tx.Submissions().CountPublished(d.t.Context())
		if n != 0 {
			d.t.Errorf("%d are in the site map", n)
		}
		return err
	})
}

func TestNothingIsPublishedBeforeTheGuardianAgreed(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		d.deliver()
		token := d.token()
		approver := d.Staff(t, civic.RoleApprover, house.Science)
		d.Change(t, sub.Code, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
		d.fails(d.answers.Publish(t.Context(), d.staff, sub.Code, d.Case(t, sub.Code).Version, answers.Publication{}), "submission.guardian_waiting")
		waiting := d.inReview(sub)
		d.fails(d.answers.Approve(t.Context(), approver, sub.Code, waiting.Version, true), "submission.guardian_waiting")
		later := answers.Approval{Publish: true, At: d.Clock.Now().Add(time.Hour), Checked: true}
		d.fails(d.answers.ApproveWith(t.Context(), approver, sub.Code, waiting.Version, later), "submission.guardian_waiting")
		if got := d.Case(t, sub.Code); got.State != civic.InReview {
			t.Fatalf("a refused approval left it %s", got.State)
		}
		d.must(d.answers.Approve(t.Context(), approver, sub.Code, waiting.Version, false)) // the answer waits for nobody
		d.hidden(sub)
		d.deliver()
		d.must(d.s.Answer(t.Context(), token, guardians.Answer{Agree: true, Publish: true}))
		d.must(d.answers.Publish(t.Context(), d.staff, sub.Code, d.Case(t, sub.Code).Version, answers.Publication{}))
		shown, err := d.answers.Public(t.Context(), sub.Code)
		if err != nil || shown.Sender.Name != "" || shown.Sender.Masked {
			t.Errorf("the public reads %+v, %v", shown.Sender, err)
		}
	})
}

func TestTheNameIsShownWhereBothAgreed(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for _, both := range []bool{true, false} {
		d.Clock.Advance(24 * time.Hour)
		sub := d.receive(func(r *intake.Request) { r.PublishName = both })
		d.deliver()
		d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{Agree: true, Publish: true, Name: true}))
		d.Change(t, sub.Code, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
		d.must(d.answers.Publish(t.Context(), d.staff, sub.Code, d.Case(t, sub.Code).Version, answers.Publication{}))
		if shown, err := d.answers.Public(t.Context(), sub.Code); err != nil || (shown.Sender.Name != "") != both {
			t.Errorf("asked for by the child: %v; the public reads %+v, %v", both, shown.Sender, err)
		}
	}
}

// What was scheduled while there was a consent stays hidden when it ended.
func TestAScheduledPublicationLooksAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(nil)
	d.deliver()
	d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{Agree: true, Publish: true}))
	waiting := d.inReview(sub)
	how := answers.Approval{Publish: true, At: d.Clock.Now().Add(time.Hour), Checked: true}
	d.must(d.answers.ApproveWith(t.Context(), d.Staff(t, civic.RoleApprover, house.Science), sub.Code, waiting.Version, how))
	d.withdraw(sub)
	d.Clock.Advance(2 * time.Hour)
	for _, j := range d.Jobs(t, store.JobPublish) {
		d.must(d.answers.PublishDue(t.Context(), j.ID, civic.SubmissionID(j.Subject)))
	}
	d.hidden(sub)
}

// withdraw is what data protection does when a guardian asks for it.
func (d *desk) withdraw(sub civic.Submission) {
	d.t.Helper()
	s := &privacy.Service{
		Store: d.Store, Registry: d.Registry, Times: d.Times, Keys: d.Keys, Limits: d.Limits, Now: d.Clock.Now,
		NewRef: func() string { return "DL-" + string(sub.Code) },
	}
	dpo := d.Staff(d.t, civic.RoleDataProtection, "")
	made, err := s.Ask(d.t.Context(), civic.Public, privacy.Ask{Kind: civic.PrivacyWithdraw, Written: privacy.Written{
		Reach: "0987000111", Code: sub.Code.String(), Text: "Tôi là bố của cháu, tôi rút lại sự đồng ý.",
	}}, "net")
	d.must(err)
	d.must(s.Identify(d.t.Context(), dpo, made.Ref, sub.Code, "Đối chiếu giấy tờ tại chỗ"))
	shown, err := s.Get(d.t.Context(), dpo, made.Ref)
	d.must(err)
	var who []string
	for _, c := range shown.Consents {
		who = append(who, c.Who+" "+c.Purpose+" "+c.Version+" "+c.How)
		if c.At.IsZero() {
			d.t.Errorf("%s has no time", c.Purpose)
		}
	}
	want := "child handling child-2026-1 own; child publish_name child-2026-1 own; guardian handling guardian-2026-1 link; guardian publish guardian-2026-1 link; guardian publish_name guardian-2026-1 link"
	if got := strings.Join(who, "; "); got != want || !shown.Child {
		d.t.Errorf("the consents are %s", got)
	}
	d.must(s.Decide(d.t.Context(), dpo, made.Ref, civic.PrivacyWhole, "Người giám hộ có quyền rút."))
	d.must(s.Fulfil(d.t.Context(), dpo, made.Ref))
	d.erase()
}

func TestAGuardianWithdrawsAndTheCaseLeavesThePublic(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		d.deliver()
		token := d.token()
		d.must(d.s.Answer(t.Context(), token, guardians.Answer{Agree: true, Publish: true, Name: true}))
		d.Change(t, sub.Code, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
		d.must(d.answers.Publish(t.Context(), d.staff, sub.Code, d.Case(t, sub.Code).Version, answers.Publication{}))
		d.fails(d.s.Answer(t.Context(), token, guardians.Answer{}), "guardian.decided") // the link takes nothing back
		if _, err := d.answers.Public(t.Context(), sub.Code); err != nil {
			t.Fatal(err)
		}
		d.withdraw(sub)
		got := d.Case(t, sub.Code)
		if got.Guardian != civic.GuardianWithdrawn || got.Visibility != civic.TakenDown || d.CountEvents(t, sub.Code, civic.EventGuardianWithdrawn) != 1 {
			t.Errorf("the case is %s, %s", got.Guardian, got.Visibility)
		}
		d.hidden(sub)
		d.erased(sub)
		d.fails(d.answers.Publish(t.Context(), d.staff, sub.Code, got.Version, answers.Publication{}), "submission.guardian_not_agreed")
	})
}

// split makes two cases out of one.
func (d *desk) split(sub civic.Submission) (parts []civic.Submission) {
	d.t.Helper()
	if got := d.Case(d.t, sub.Code); got.State == civic.Received {
		d.Change(d.t, sub.Code, func(s *civic.Submission) { s.State = civic.Triage })
	}
	d.must(d.sorting.Split(d.t.Context(), d.staff, sub.Code, d.Case(d.t, sub.Code).Version, []triage.Part{
		{Title: "Kẻ vạch sang đường", Body: "Mong có vạch sang đường trước cổng trường em học."},
		{Title: "Người hướng dẫn giao thông", Body: "Mong có người hướng dẫn giờ tan học trước cổng trường."},
	}, "Nêu hai việc."))
	d.View(d.t, func(tx store.Tx) error {
		ids, err := tx.Parts().List(d.t.Context(), sub.ID)
		if err == nil {
			parts, err = tx.Submissions().List(d.t.Context(), ids)
		}
		return err
	})
	return parts
}

func TestOneAnswerHoldsForEveryPart(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for _, agree := range []bool{true, false} {
			d.Clock.Advance(30 * 24 * time.Hour)
			sub := d.receive(nil)
			d.deliver()
			token, asked := d.token(), len(d.to("quang.dinh@"))
			parts := d.split(sub)
			inner := d.split(parts[0]) // and a part of a part
			d.deliver()
			d.sweep()
			if n := len(d.to("quang.dinh@")); n != asked {
				t.Errorf("the guardian was asked %d times more", n-asked)
			}
			family := append(append([]civic.Submission{sub}, parts...), inner...)
			for _, one := range family[1:] {
				if one.Guardian != civic.GuardianWaiting || one.PublishName {
					t.Fatalf("a part begins with %s, named %v", one.Guardian, one.PublishName)
				}
				d.Change(t, one.Code, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
				d.fails(d.answers.Publish(t.Context(), d.staff, one.Code, d.Case(t, one.Code).Version, answers.Publication{}), "submission.guardian_waiting")
			}
			d.must(d.s.Answer(t.Context(), token, guardians.Answer{Agree: agree, Publish: true, Name: true}))
			d.erase()
			late := d.split(sub) // made after the answer
			for _, one := range append(family, late...) {
				got := d.Case(t, one.Code)
				if agree && (got.Guardian != civic.GuardianConfirmed || !got.PublishName) || !agree && (got.Guardian != civic.GuardianRefused || got.PublishName) {
					t.Errorf("agreed: %v; a case of the family is %s, named %v", agree, got.Guardian, got.PublishName)
				}
			}
			if agree {
				continue
			}
			for _, one := range family {
				d.erased(one)
			}
		}
	})
}

// A copy of a child's text comes from somebody else, is answered and published:
// the child's own text, joined to it, is in nothing that the public reads.
func TestAClusterDoesNotLeakAChild(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root := d.receive(func(r *intake.Request) {
			r.Child, r.Contact, r.Title, r.Body = false, civic.Contact{Name: "Lê Văn Tám", Email: "tam.le@example.vn"}, "Cổng chợ chưa có đèn", "Đề nghị lắp đèn ở cổng chợ huyện."
		})
		sub := d.receive(nil)
		d.deliver()
		d.Follow(t, sub.Code, root.Code)
		waiting := d.inReview(root)
		d.must(d.answers.Approve(t.Context(), d.Staff(t, civic.RoleApprover, house.Science), root.Code, waiting.Version, true))
		shown, err := d.answers.Public(t.Context(), root.Code)
		if err != nil || strings.Contains(shown.Submission.PublicBody+shown.Submission.PublicTitle, "vạch") {
			t.Errorf("the public reads %+v, %v", shown.Submission, err)
		}
		if _, err := d.answers.Public(t.Context(), sub.Code); errs.KindOf(err) != errs.NotFound {
			t.Errorf("the follower is public: %v", err)
		}
		d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{}))
		d.erase()
		if got := d.Case(t, sub.Code); got.State != civic.Merged || got.Root != root.ID || got.Guardian != civic.GuardianRefused {
			t.Errorf("the follower is %s, %s", got.State, got.Guardian)
		}
	})
}

// The child's case leads a cluster: what others have sent is not published with
// the child's words either.
func TestAChildThatLeadsAClusterIsNotPublished(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(nil)
	other := d.Receive(t, nil)
	d.Follow(t, other.Code, sub.Code)
	waiting := d.inReview(sub)
	approver := d.Staff(t, civic.RoleApprover, house.Science)
	d.fails(d.answers.Approve(t.Context(), approver, sub.Code, waiting.Version, true), "submission.guardian_waiting")
	d.must(d.answers.Approve(t.Context(), approver, sub.Code, waiting.Version, false))
	d.hidden(sub)
}

func TestARefusalErasesWhatARestoredBackupBringsBack(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(nil)
	d.deliver()
	d.must(d.s.Answer(t.Context(), d.token(), guardians.Answer{NotMine: true}))
	d.erase()
	d.erased(sub)
	backup := newDesk(t, house.New(t)) // the same draws, before the answer
	old := backup.receive(nil)
	if old.Code != sub.Code {
		t.Fatal("the two houses differ")
	}
	backup.reach.Ledger = d.ledger
	if n, err := backup.reach.Replay(t.Context()); err != nil || n != 1 {
		t.Fatal(n, err)
	}
	if g := backup.kept(old); len(g.Contact.WrappedKey) > 0 {
		t.Error("the guardian came back")
	}
}

func TestAPersonWhoTakesItBackIsNotWrittenAbout(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.receive(nil)
	d.must(d.in.Withdraw(t.Context(), civic.SenderOf(sub.ID), sub.Code))
	d.deliver()
	if n := len(d.to("quang.dinh@")); n != 0 {
		t.Errorf("%d mails about what was taken back", n)
	}
}

// Who looks at the contact sees the guardian, and one line of the log has both.
func TestALookAtTheGuardianIsLogged(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.receive(nil)
		d.Change(t, sub.Code, func(s *civic.Submission) { s.State = civic.Triage })
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		if _, _, err := d.sorting.LookAtBoth(t.Context(), officer, sub.Code, "Gọi hỏi người giám hộ"); err == nil {
			t.Error("somebody without a need sees the guardian")
		}
		_, g, err := d.sorting.LookAtBoth(t.Context(), d.staff, sub.Code, "Gọi hỏi người giám hộ")
		if err != nil || g != childsDraft().Guardian {
			t.Errorf("it shows %+v, %v", g, err)
		}
		d.View(t, func(tx store.Tx) error {
			looks, err := tx.Looks().List(t.Context(), store.LooksQuery{Submission: sub.ID, Page: 1, PerPage: 10})
			if looks.Total != 1 {
				t.Errorf("%d looks are logged", looks.Total)
			}
			return err
		})
	})
}
