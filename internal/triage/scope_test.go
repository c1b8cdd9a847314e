package triage_test

import (
	"strings"
	"testing"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// The texts that these tests tell their stories with. All names are invented.
const (
	accusing = "Ông Nguyễn Văn Ví Dụ, trưởng phòng ở huyện Mẫu, nhận hối lộ của doanh nghiệp làm " + pontoon + ". Tôi tố cáo và đề nghị xử lý nghiêm."
	gambling = "Nhà cái uy tín, nạp rút siêu tốc, tài xỉu, nổ hũ, soi cầu, " + pontoon + ", đăng ký nhận ngay."
)

// judging is a desk with the delivered judge.
func judging(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t, house.New(t))
	d.s.Scope = d.Scope
	return d
}

func (d *desk) scopeOf(t *testing.T, sub civic.Submission) (got civic.ScopeDecision) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		got, err = tx.Scopes().Get(t.Context(), sub.ID)
		return err
	})
	return got
}

// came stores a text and lets the machine do all it does.
func (d *desk) came(t *testing.T, title, body string) civic.Submission {
	t.Helper()
	sub := d.Receive(t, func(sub *civic.Submission) { sub.Title, sub.Body = title, body })
	d.settle(t)
	return d.Case(t, sub.Code)
}

func (d *desk) decideScope(t *testing.T, sub civic.Submission, choice triage.ScopeChoice) error {
	t.Helper()
	return d.s.DecideScope(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, choice)
}

func TestWhatIsNotInScopeIsSetApartWithAdviceAndNeverRefusedByItself(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.s.Scope = d.Scope
		sub := d.came(t, "Nạp rút nhanh", gambling)
		if sub.State != civic.Triage || sub.TriageReason != triage.ReasonSpam || sub.Agency != "" || sub.Restricted {
			t.Errorf("the case is %s with %q for %q, restricted: %v", sub.State, sub.Agency, sub.TriageReason, sub.Restricted)
		}
		if r := d.route(t, sub); r.By != civic.RouteByNone || r.Agency != house.Education || r.RuleID != "test-pontoon" {
			t.Errorf("the advice is %+v", r)
		}
		got := d.scopeOf(t, sub)
		if got.Suggested != civic.Spam || got.Scope != civic.Spam || got.Confidence < 0.5 || len(got.Words) == 0 || got.DecidedBy != civic.ActorSystem {
			t.Errorf("judged %+v", got)
		}
	})
}

func TestWhatIsInScopeGoesOnToTheRules(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Cầu cho học sinh", "Tôi kiến nghị làm "+pontoon+" qua sông để học sinh tới trường.")
	if sub.State != civic.Assigned || sub.Agency != house.Education || d.scopeOf(t, sub).Scope != civic.InScope {
		t.Errorf("the case is %s with %q", sub.State, sub.Agency)
	}
}

func TestWhatAccusesIsNeverAssignedByItselfAndHidesItsSender(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Phản ánh việc làm cầu", accusing)
	if sub.State != civic.Triage || sub.Agency != "" || sub.TriageReason != triage.ReasonAccusation || !sub.Restricted {
		t.Fatalf("the case is %s with %q for %q, restricted: %v", sub.State, sub.Agency, sub.TriageReason, sub.Restricted)
	}
	c, err := d.s.Case(t.Context(), d.coordinator, sub.Code)
	if err != nil {
		t.Fatal(err)
	}
	if c.ContactClosed != "contact.restricted" || !c.HasContact || c.Scope == nil || len(c.Scope.Accused) == 0 {
		t.Errorf("contact %q of %v, scope %+v", c.ContactClosed, c.HasContact, c.Scope)
	}
	if _, err := d.s.Case(t.Context(), d.Staff(t, civic.RoleOfficer, house.Education), sub.Code); errs.KindOf(err) != errs.NotFound {
		t.Errorf("an officer is told %v", err)
	}
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.InScope}); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.State != civic.Triage || got.TriageReason != triage.ReasonAccusation || !got.Restricted {
		t.Errorf("taken for in scope it is %s with %q for %q", got.State, got.Agency, got.TriageReason)
	}
}

func TestARestrictedCaseIsAssignedByHandAndGoesBackToTheCoordinators(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Phản ánh việc làm cầu", accusing)
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, sub.Version, house.Education, ""); err != nil {
		t.Fatal(err)
	}
	officer := d.Staff(t, civic.RoleOfficer, house.Education)
	c, err := d.s.Case(t.Context(), officer, sub.Code)
	if err != nil || c.Scope == nil || len(c.Scope.Accused) > 0 || c.ContactClosed == "" {
		t.Errorf("the officer sees %+v, %v", c.Scope, err)
	}
	if err := d.s.HandBack(t.Context(), officer, sub.Code, c.Submission.Version, "Không thuộc thẩm quyền", house.Science); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.State != civic.Triage || got.Agency != "" {
		t.Errorf("handed back it is %s with %q", got.State, got.Agency)
	}
}

func TestARestrictedAnswerStaysPrivate(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Restricted = civic.InProgress, house.Education, true
	})
	s := &answers.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now}
	officer, approver := d.Staff(t, civic.RoleOfficer, house.Education), d.Staff(t, civic.RoleApprover, house.Education)
	draft := answers.Draft{Text: "Cơ quan đã kiểm tra và trả lời như sau.", Outcome: civic.OutcomeExplained, Submit: true}
	if err := s.Draft(t.Context(), officer, sub.Code, sub.Version, draft); err != nil {
		t.Fatal(err)
	}
	if err := s.Approve(t.Context(), approver, sub.Code, d.Case(t, sub.Code).Version, true); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.State != civic.Answered || got.Visibility != civic.Private {
		t.Errorf("approved it is %s, %s", got.State, got.Visibility)
	}
	if err := s.Publish(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, answers.Publication{}); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.Visibility != civic.PublicWithAnswer {
		t.Errorf("published by a coordinator it is %s", got.Visibility)
	}
}

func TestUnrestrictNeedsAReasonAndHoldsForGood(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Phản ánh việc làm cầu", accusing)
	if err := d.s.Unrestrict(t.Context(), d.coordinator, sub.Code, sub.Version, " "); errs.KindOf(err) != errs.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if err := d.s.Unrestrict(t.Context(), d.coordinator, sub.Code, sub.Version, "Người được nêu là nhân vật giả định"); err != nil {
		t.Fatal(err)
	}
	got := d.Case(t, sub.Code)
	if got.Restricted || got.TriageReason != triage.ReasonDenunciation || d.CountEvents(t, sub.Code, civic.EventUnrestricted) != 1 {
		t.Errorf("restricted: %v, for %q", got.Restricted, got.TriageReason)
	}
	c, err := d.s.Case(t.Context(), d.coordinator, sub.Code)
	if err != nil || c.ContactClosed != "" {
		t.Errorf("the contact is closed: %q, %v", c.ContactClosed, err)
	}
	if err := d.s.Unrestrict(t.Context(), d.coordinator, sub.Code, got.Version, "Lần nữa"); errs.CodeOf(err) != "submission.not_restricted" {
		t.Errorf("twice: %v", err)
	}
	// Judged anew, as after a cluster was taken apart, it stays as the person left it.
	d.Change(t, sub.Code, func(sub *civic.Submission) { sub.TriageReason = triage.ReasonUnmerged })
	d.Do(t, func(tx store.Tx) error {
		_, err := tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobRoute, Subject: int64(sub.ID), CreatedAt: d.Clock.Now()})
		return err
	})
	d.settle(t)
	if d.Case(t, sub.Code).Restricted {
		t.Error("the machine has restricted it again")
	}
}

func TestDecideScope(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Nạp rút nhanh", gambling)
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.Elsewhere, Channel: "bank", Reason: "Việc với ngân hàng"}); err != nil {
		t.Fatal(err)
	}
	got, stored := d.Case(t, sub.Code), d.scopeOf(t, sub)
	if got.State != civic.Triage || got.TriageReason != triage.ReasonOtherChannel {
		t.Errorf("it is %s for %q", got.State, got.TriageReason)
	}
	if stored.Suggested != civic.Spam || stored.Scope != civic.Elsewhere || stored.Channel != "bank" || stored.DecidedBy != civic.ActorStaff || stored.User != d.coordinator.User {
		t.Errorf("stored %+v", stored)
	}
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.Complaint}); err != nil {
		t.Fatal(err)
	}
	if stored := d.scopeOf(t, sub); stored.Channel != "complaint" {
		t.Errorf("the channel of another verdict stays: %q", stored.Channel)
	}
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.InScope}); err != nil {
		t.Fatal(err)
	}
	if got := d.Case(t, sub.Code); got.State != civic.Assigned || got.Agency != house.Education || got.TriageReason != "" || d.CountEvents(t, sub.Code, civic.EventRouted) != 1 {
		t.Errorf("in scope it is %s with %q for %q", got.State, got.Agency, got.TriageReason)
	}
	if err := d.decideScope(t, sub, triage.ScopeChoice{Scope: civic.Spam}); errs.CodeOf(err) != "submission.move_not_allowed" {
		t.Errorf("out of triage: %v", err)
	}
	for want, choice := range map[string]triage.ScopeChoice{
		"field.required": {}, "field.unknown_value": {Scope: "junk"}, "field.too_long": {Scope: civic.Spam, Reason: strings.Repeat("a", civic.MaxReason+1)},
	} {
		if err := d.decideScope(t, sub, choice); len(errs.FieldsOf(err)) != 1 || errs.FieldsOf(err)[0].Code != want {
			t.Errorf("%+v: %v", choice, err)
		}
	}
	err := d.s.DecideScope(t.Context(), d.Staff(t, civic.RoleOfficer, house.Education), sub.Code, 1, triage.ScopeChoice{Scope: civic.Spam})
	if errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer: %v", err)
	}
}

func TestARefusalWithAChannelTellsItsText(t *testing.T) {
	t.Parallel()
	d := judging(t)
	sub := d.came(t, "Nạp rút nhanh", gambling)
	if err := d.s.Reject(t.Context(), d.coordinator, sub.Code, sub.Version, civic.Rejection{Channel: "nowhere"}); errs.FieldsOf(err)[0].Name != "channel" {
		t.Errorf("an unknown channel: %v", err)
	}
	if err := d.s.Reject(t.Context(), d.coordinator, sub.Code, sub.Version, civic.Rejection{Channel: "emergency"}); err != nil {
		t.Fatal(err)
	}
	known, _ := d.Registry.OtherChannel("emergency")
	want := civic.Rejection{Reason: known.Reason, Message: known.Message.In(civic.Vietnamese), Channel: "emergency"}
	if got := d.Case(t, sub.Code); got.State != civic.Rejected || got.Rejection != want {
		t.Errorf("it is %s: %+v", got.State, got.Rejection)
	}
}

func TestEveryScopeSuggestsARefusal(t *testing.T) {
	t.Parallel()
	d := judging(t)
	for _, s := range civic.Scopes {
		got := d.s.SuggestedRejection(civic.ScopeDecision{Scope: s})
		if (got.Reason == "") != (s == civic.InScope) || (got.Message == "") != (s == civic.InScope) {
			t.Errorf("%s suggests %+v", s, got)
		}
	}
	if got := d.s.SuggestedRejection(civic.ScopeDecision{Scope: civic.Elsewhere, Channel: "court"}); got.Reason != "court_case" || got.Channel != "court" {
		t.Errorf("court suggests %+v", got)
	}
}

// An accusing sentence put into somebody's letter must not follow that letter
// to the agency that has it.
func TestOfTwoNearTextsTheAccusingOneStaysApart(t *testing.T) {
	t.Parallel()
	d := judging(t)
	first := d.Receive(t, text(letter+" Xin làm "+pontoon+"."))
	d.settle(t)
	d.Change(t, first.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Education })
	long := strings.Repeat(letter+" ", 3)
	d.Receive(t, text(long))
	later := d.Receive(t, text(long+"Tôi tố cáo ông Nguyễn Văn Ví Dụ ở huyện Mẫu nhận hối lộ."))
	d.settle(t)
	got := d.Case(t, later.Code)
	if got.State != civic.Triage || !got.Restricted || got.TriageReason != triage.ReasonAccusation {
		t.Errorf("it is %s for %q, restricted: %v", got.State, got.TriageReason, got.Restricted)
	}
}

func TestWhoFollowsARestrictedCaseIsRestrictedToo(t *testing.T) {
	t.Parallel()
	d := judging(t)
	long := letter + " Tôi tố cáo ông Nguyễn Văn Ví Dụ ở huyện Mẫu nhận hối lộ."
	d.Receive(t, text(long))
	later := d.Receive(t, text(long))
	d.settle(t)
	if got := d.Case(t, later.Code); got.State != civic.Merged || !got.Restricted {
		t.Errorf("it is %s, restricted: %v", got.State, got.Restricted)
	}
}
