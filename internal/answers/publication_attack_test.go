package answers_test

import (
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// scheduled stores a case whose answer becomes public in a day; its version is 3.
func (o *office) scheduled(t *testing.T) civic.Submission {
	t.Helper()
	sub := o.submitted(t)
	o.must(t, o.s.ApproveWith(t.Context(), o.approver, sub.Code, 2, answers.Approval{Publish: true, At: o.Clock.Now().Add(24 * time.Hour)}))
	return sub
}

// comes lets the day pass and the time of publication come.
func (o *office) comes(t *testing.T, sub civic.Submission) civic.Submission {
	t.Helper()
	o.Clock.Advance(25 * time.Hour)
	for _, job := range o.Jobs(t, store.JobPublish) {
		o.must(t, o.s.PublishDue(t.Context(), job.ID, sub.ID))
	}
	return o.Case(t, sub.Code)
}

// TestWhatHappensBeforeAPublicationCountsAtItsTime: hours or weeks lie between.
func TestWhatHappensBeforeAPublicationCountsAtItsTime(t *testing.T) {
	t.Parallel()
	fix := answers.Correction{Text: "Bộ sẽ bỏ bản giấy từ quý sau nữa.", Outcome: civic.OutcomeAccepted, Note: "Sai quý."}
	for name, tt := range map[string]struct {
		meanwhile func(t *testing.T, o *office, sub civic.Submission)
		want      civic.Visibility
	}{
		"nothing": {func(*testing.T, *office, civic.Submission) {}, civic.PublicWithAnswer},
		"a correction was drafted, and the time was taken back": {func(t *testing.T, o *office, sub civic.Submission) {
			o.must(t, o.s.Correct(t.Context(), o.officer, sub.Code, 3, fix))
			o.must(t, o.s.CancelPublication(t.Context(), o.approver, sub.Code, 4))
			if a := o.answer(t, sub); a.Text != fix.Text || a.Corrects == 0 {
				t.Errorf("the correction is no longer what waits: %+v", a)
			}
			o.must(t, o.s.ApproveWith(t.Context(), o.approver, sub.Code, 5, answers.Approval{}))
		}, civic.Private},
		"a correction was drafted and waits, and the time was taken back": {func(t *testing.T, o *office, sub civic.Submission) {
			o.must(t, o.s.Correct(t.Context(), o.officer, sub.Code, 3, fix))
			o.must(t, o.s.CancelPublication(t.Context(), o.approver, sub.Code, 4))
		}, civic.Private},
		"a correction was approved": {func(t *testing.T, o *office, sub civic.Submission) {
			o.must(t, o.s.Correct(t.Context(), o.officer, sub.Code, 3, fix))
			o.must(t, o.s.ApproveWith(t.Context(), o.approver, sub.Code, 4, answers.Approval{}))
		}, civic.PublicWithAnswer},
		"the question was published by itself": {func(t *testing.T, o *office, sub civic.Submission) {
			o.Change(t, sub.Code, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
		}, civic.PublicWithAnswer},
		"the question was published and taken down": {func(t *testing.T, o *office, sub civic.Submission) {
			o.Change(t, sub.Code, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
			o.must(t, o.s.TakeDown(t.Context(), o.coordinator, sub.Code, 3, "Người gửi đề nghị"))
		}, civic.TakenDown},
		"the sender asked for another look": {func(t *testing.T, o *office, sub civic.Submission) {
			o.Change(t, sub.Code, func(s *civic.Submission) { s.State = civic.InProgress })
		}, civic.Private},
		"it became confidential": {func(t *testing.T, o *office, sub civic.Submission) {
			o.Change(t, sub.Code, func(s *civic.Submission) { s.Confidential = true })
		}, civic.Private},
		"its text was erased": {func(t *testing.T, o *office, sub civic.Submission) {
			o.Do(t, func(tx store.Tx) error {
				_, err := tx.Submissions().Erase(t.Context(), sub.ID)
				return err
			})
		}, civic.Private},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, house.New(t))
			sub := o.scheduled(t)
			tt.meanwhile(t, o, sub)
			if got := o.comes(t, sub); got.Visibility != tt.want {
				t.Errorf("at its time the case is %s, want %s", got.Visibility, tt.want)
			}
		})
	}
}

// TestACorrectionIsCheckedForPersonalDataBeforeItsTime: what becomes public
// tomorrow is looked at today.
func TestACorrectionIsCheckedForPersonalDataBeforeItsTime(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.scheduled(t)
	o.must(t, o.s.Correct(t.Context(), o.officer, sub.Code, 3, answers.Correction{
		Text: "Bộ đã gọi ông Trần Giả Định, số 0912 345 678.", Outcome: civic.OutcomeAccepted, Note: "Thêm người đã gọi.",
	}))
	approve := func(how answers.Approval) error {
		return o.s.ApproveWith(t.Context(), o.approver, sub.Code, o.Case(t, sub.Code).Version, how)
	}
	if got := wrongFields(approve(answers.Approval{})); got != "personal_checked=field.personal_data" {
		t.Errorf("a number in what becomes public: %q", got)
	}
	o.must(t, approve(answers.Approval{Checked: true}))
}

// TestAScheduledAnswerOfAPublicQuestionCanBeTakenBack before it shows.
func TestAScheduledAnswerOfAPublicQuestionCanBeTakenBack(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.scheduled(t)
	o.Change(t, sub.Code, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
	o.must(t, o.s.CancelPublication(t.Context(), o.approver, sub.Code, o.Case(t, sub.Code).Version))
	if got := o.comes(t, sub); got.Visibility != civic.PublicOpen {
		t.Errorf("the case is %s", got.Visibility)
	}
}
