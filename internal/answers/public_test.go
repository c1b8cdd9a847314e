package answers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// public reads a case as everybody does.
func (o *office) public(t *testing.T, sub civic.Submission) answers.PublicCase {
	t.Helper()
	p, err := o.s.Public(t.Context(), sub.Code)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestApprovingShowsNothingUnlessItIsToBePublished(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	for _, publish := range []bool{false, true} {
		sub := o.submitted(t)
		if _, err := o.s.Public(t.Context(), sub.Code); errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "submission.not_found" {
			t.Errorf("before the answer: %v", err)
		}
		o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, publish))
		got, err := o.s.Public(t.Context(), sub.Code)
		if !publish {
			if errs.KindOf(err) != errs.NotFound || o.Case(t, sub.Code).Visibility != civic.Private {
				t.Errorf("answered in private, the public reads %+v, %v", got, err)
			}
			continue
		}
		if err != nil || got.Answer == nil || got.Answer.Text != reply || got.Submission.PublicTitle != sub.Title {
			t.Errorf("published, the public reads %+v, %v", got, err)
		}
	}
	if _, err := o.s.Public(t.Context(), "222222222222"); errs.KindOf(err) != errs.NotFound || errs.CodeOf(err) != "submission.not_found" {
		t.Errorf("a code that nobody has: %v", err)
	}
}

func TestAQuestionThatIsPublicDoesNotPublishItsAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	o.must(t, o.s.Publish(t.Context(), o.coordinator, sub.Code, 2, answers.Publication{}))
	if p := o.public(t, sub); p.Answer != nil {
		t.Errorf("a draft is public: %+v", p.Answer)
	}
	o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 3, false))
	if p := o.public(t, sub); p.Answer != nil || p.Submission.State != civic.Answered {
		t.Errorf("the answer was not to be published, and is: %+v", p.Answer)
	}
	o.must(t, o.s.Publish(t.Context(), o.coordinator, sub.Code, 4, answers.Publication{}))
	if p := o.public(t, sub); p.Answer == nil {
		t.Error("published by a coordinator, the answer is not shown")
	}
}

func TestWhatWasTakenDownIsGone(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, true))
	o.Change(t, sub.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
	if p, err := o.s.Public(t.Context(), sub.Code); errs.KindOf(err) != errs.Gone || errs.CodeOf(err) != "submission.taken_down" {
		t.Errorf("the public reads %+v, %v", p, err)
	}
}

func TestThePublicVersionStandsInForTheOriginal(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.accepted(t)
	o.must(t, o.s.Publish(t.Context(), o.coordinator, sub.Code, 1, answers.Publication{Title: " Trạm\nquan trắc\x00 ", Body: "Bản đã lược tên người gửi.\r\n"}))
	p := o.public(t, sub)
	if p.Submission.PublicTitle != "Trạm quan trắc" || p.Submission.PublicBody != "Bản đã lược tên người gửi." || p.Submission.Visibility != civic.PublicOpen {
		t.Errorf("the public reads %+v", p.Submission)
	}
	if p.Submission.Title != "" || p.Submission.Body != "" {
		t.Error("the original is shown")
	}
	got := o.Case(t, sub.Code)
	if got.Title != sub.Title || got.Body != sub.Body || !got.PublishedAt.Equal(house.Morning) {
		t.Errorf("the original is %+v", got)
	}
	// Approving later keeps what staff wrote for the public.
	o.Clock.Advance(time.Hour)
	o.must(t, o.s.Draft(t.Context(), o.officer, sub.Code, 2, answers.Draft{Text: reply, Outcome: civic.OutcomePartly, Submit: true}))
	o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 3, true))
	if p := o.public(t, sub); p.Submission.PublicBody != "Bản đã lược tên người gửi." || !p.Submission.PublishedAt.Equal(house.Morning) || p.Answer == nil {
		t.Errorf("after the answer the public reads %+v", p)
	}
	for field, long := range map[string]answers.Publication{
		"public_title": {Title: strings.Repeat("ệ", civic.MaxTitle+1)}, "public_body": {Body: strings.Repeat("ệ", civic.MaxBody+1)},
	} {
		if f := errs.FieldsOf(o.s.Publish(t.Context(), o.coordinator, sub.Code, 4, long)); len(f) != 1 || f[0].Name != field {
			t.Errorf("too long a %s: %+v", field, f)
		}
	}
}

func TestThePublicViewNamesNobodyAndShowsNoPrivateWord(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	o.must(t, o.s.Return(t.Context(), o.approver, sub.Code, 2, "SECRET remarks"))
	o.must(t, o.s.Draft(t.Context(), o.officer, sub.Code, 3, answers.Draft{Text: reply, Outcome: civic.OutcomePartly, Submit: true}))
	o.must(t, o.s.Publish(t.Context(), o.coordinator, sub.Code, 4, answers.Publication{Title: "Tiêu đề công khai", Body: "Nội dung công khai."}))
	o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 5, true))
	o.Do(t, func(tx store.Tx) error {
		for _, of := range []civic.EventType{civic.EventNoted, civic.EventHandedBack, civic.EventHeld, civic.EventMerged, civic.EventTriaged} {
			e := civic.Event{Submission: sub.ID, At: o.Clock.Now(), Type: of, Actor: civic.ActorStaff, User: o.officer.User, Reason: "SECRET reason"}
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	o.Change(t, sub.Code, func(sub *civic.Submission) {
		sub.Hold, sub.TriageReason, sub.Rejection = "SECRET hold", "SECRET triage", civic.Rejection{Reason: "spam", Message: "SECRET message"}
	})
	p := o.public(t, sub)
	var types []civic.EventType
	for _, e := range p.Timeline {
		types = append(types, e.Type)
		if e.User != 0 || e.UserName != "" || e.Reason != "" {
			t.Errorf("%s tells %+v", e.Type, e)
		}
	}
	want := []civic.EventType{civic.EventReceived, civic.EventPublished, civic.EventAnswered, civic.EventHandedBack}
	if diff := cmp.Diff(want, types); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
	if p.Answer.DraftedBy != 0 || p.Answer.ApprovedBy != 0 || p.Answer.Remarks != "" || p.Submission.Assignee != 0 {
		t.Errorf("staff are named: %+v %+v", p.Answer, p.Submission)
	}
	s := p.Submission
	for _, private := range []string{s.Title, s.Body, s.Hold, s.TriageReason, s.Rejection.Message} {
		if private != "" {
			t.Errorf("the public reads %q", private)
		}
	}
}

func TestOnlyWhatIsOpenOrAnsweredIsPublished(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	for _, state := range []civic.State{civic.Rejected, civic.Merged, civic.Withdrawn} {
		sub := o.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = state, house.Science })
		if err := o.s.Publish(t.Context(), o.coordinator, sub.Code, 1, answers.Publication{}); errs.CodeOf(err) != "submission.not_publishable" {
			t.Errorf("%s: %v", state, err)
		}
	}
}
