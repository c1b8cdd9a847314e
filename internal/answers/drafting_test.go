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

// wrongFields are the fields that an error names, with their codes.
func wrongFields(err error) string {
	var out []string
	for _, f := range errs.FieldsOf(err) {
		out = append(out, f.Name+"="+f.Code)
	}
	return strings.Join(out, " ")
}

func TestPoints(t *testing.T) {
	t.Parallel()
	body := "Kính gửi Bộ. Khi nào bỏ bản giấy? Tôi chờ đã lâu; ai chịu trách nhiệm?\nSao?\nTrân trọng."
	want := []civic.Point{{Text: "Khi nào bỏ bản giấy?"}, {Text: "ai chịu trách nhiệm?"}}
	if diff := cmp.Diff(want, answers.Points(body, []string{"Việc thứ nhất cần làm"})); diff != "" {
		t.Error(diff)
	}
	if got := answers.Points("Đề nghị hai việc.", []string{"Bỏ bản giấy", "Sửa mẫu 02"}); len(got) != 2 {
		t.Errorf("without a question mark the requests count, got %+v", got)
	}
}

// paper puts a signed paper beside a case.
func (o *office) paper(t *testing.T, sub civic.Submission, by civic.UserID) string {
	t.Helper()
	o.Do(t, func(tx store.Tx) error {
		id, err := tx.Attachments().Add(t.Context(), store.Attachment{
			Attachment: civic.Attachment{Ref: "PAPER", Submission: sub.ID, State: civic.FileWaiting, CreatedAt: o.Clock.Now()},
			WrappedKey: []byte{1}, SealedName: []byte{2}, ChangedAt: o.Clock.Now(), AddedBy: by,
		})
		if err != nil {
			return err
		}
		a, err := tx.Attachments().Get(t.Context(), id)
		if err != nil {
			return err
		}
		a.State, a.Type = civic.FileClean, "application/pdf"
		_, err = tx.Attachments().Update(t.Context(), a, civic.FileWaiting)
		return err
	})
	return "PAPER"
}

// TestAnAnswerFromDraftToCorrection is the whole way of an answer with all that
// stands beside its text.
func TestAnAnswerFromDraftToCorrection(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		ctx := t.Context()
		sub := o.Receive(t, func(sub *civic.Submission) {
			sub.State, sub.Agency, sub.Body = civic.InProgress, house.Science, "Khi nào bỏ bản giấy? Ai chịu trách nhiệm việc này?"
		})
		follower := o.Receive(t, nil)
		o.Follow(t, follower.Code, sub.Code)

		// What is written is kept by itself and disturbs nobody.
		for _, text := range []string{"Bộ tiếp", "Bộ tiếp thu ý kiến"} {
			o.must(t, o.s.Save(ctx, o.officer, sub.Code, text, ""))
			o.Clock.Advance(time.Minute)
		}
		if kind := errs.KindOf(o.s.Save(ctx, o.coordinator, sub.Code, "x", "")); kind != errs.Forbidden {
			t.Errorf("a coordinator saves: %v", kind)
		}
		work, err := o.s.Work(ctx, o.officer, sub.Code)
		o.must(t, err)
		if work.Saves != 1 || work.Unsaved == nil || work.Unsaved.Text != "Bộ tiếp thu ý kiến" || len(work.Points) != 2 {
			t.Errorf("after two saves: %+v", work)
		}

		d := answers.Draft{Text: "Bộ sẽ:\n•\tbỏ bản giấy theo {số văn bản};\n•\tsửa mẫu 02.", Outcome: civic.OutcomeAccepted, Submit: true, Details: &answers.Details{Answered: []int{0}}}
		draft := func() error { return o.s.Draft(ctx, o.officer, sub.Code, o.Case(t, sub.Code).Version, d) }
		if got := wrongFields(draft()); got != "text=field.template_open commitments.0.what=field.required" {
			t.Errorf("an answer with an open field and no promise: %s", got)
		}
		d.Text = strings.Replace(d.Text, "{số văn bản}", "Thông tư 12", 1)
		d.Details.Commitments = []civic.Commitment{{What: "Ban hành Thông tư", Who: "Vụ Pháp chế", Until: civic.Date{Year: 2027, Month: 3, Day: 31}}, {}}
		if got := wrongFields(draft()); got != "points=field.points_open" {
			t.Errorf("with a question open: %s", got)
		}
		d.Details.Answered = []int{0, 1}
		d.Details.Document = civic.Document{Number: " 12/BKHCN ", Date: civic.Date{Year: 2026, Month: 11, Day: 20}, Signatory: "Vụ trưởng", File: "PAPER"}
		if got := wrongFields(draft()); got != "document_file=field.unknown_value" {
			t.Errorf("with a paper that is not there: %s", got)
		}
		o.paper(t, sub, o.officer.User)
		o.must(t, draft())
		if a := o.answer(t, sub); a.Text != "Bộ sẽ:\n\n- bỏ bản giấy theo Thông tư 12;\n- sửa mẫu 02." || a.Document.Number != "12/BKHCN" || !a.Points[1].Answered {
			t.Errorf("stored: %+v", a)
		}

		// Personal data is looked at before it goes out, and it goes out at its time.
		o.Change(t, sub.Code, func(s *civic.Submission) { s.Body += " Gọi tôi: 0912 345 678." })
		o.Do(t, func(tx store.Tx) error { // the original text cannot be changed: the public version shows the number
			s, err := tx.Submissions().GetByCode(ctx, sub.Code)
			s.PublicBody = "Khi nào bỏ bản giấy? Gọi tôi: 0912 345 678."
			if err != nil {
				return err
			}
			return tx.Submissions().Update(ctx, s)
		})
		how := answers.Approval{Publish: true, At: o.Clock.Now().Add(48 * time.Hour)}
		approve := func() error { return o.s.ApproveWith(ctx, o.approver, sub.Code, o.Case(t, sub.Code).Version, how) }
		if got := wrongFields(approve()); got != "personal_checked=field.personal_data" {
			t.Errorf("a number in the public text: %s", got)
		}
		how.Checked = true
		o.must(t, approve())
		due := o.Jobs(t, store.JobPublish)
		if c := o.Case(t, sub.Code); c.State != civic.Answered || c.Visibility != civic.Private || len(due) != 1 || !due[0].NextAt.Equal(how.At) {
			t.Fatalf("approved for later: %s %s, jobs %+v", c.State, c.Visibility, due)
		}
		o.Clock.Advance(49 * time.Hour)
		o.must(t, o.s.PublishDue(ctx, due[0].ID, sub.ID))
		p, err := o.s.Public(ctx, sub.Code)
		o.must(t, err)
		if p.Answer == nil || p.Answer.Document.File != "PAPER" || len(p.Commitments) != 1 || len(p.Versions) != 1 {
			t.Errorf("public: %+v", p)
		}

		o.settlesAndCorrects(t, sub, follower, p)
	})
}

// settlesAndCorrects is the rest of the story: the promise is kept, and an error
// is put right.
func (o *office) settlesAndCorrects(t *testing.T, sub, follower civic.Submission, p answers.PublicCase) {
	t.Helper()
	ctx := t.Context()
	version := func() int { return o.Case(t, sub.Code).Version }
	open, err := o.s.OpenCommitments(ctx, o.officer)
	o.must(t, err)
	if len(open) != 1 || open[0].Code != sub.Code {
		t.Errorf("open commitments: %+v", open)
	}
	o.must(t, o.s.SettleCommitment(ctx, o.officer, sub.Code, version(), p.Commitments[0].ID, civic.CommitmentKept, "Thông tư 12/2027"))
	o.must(t, o.s.Tell(ctx, o.Jobs(t, store.JobTell)[0].ID, sub.ID))

	fix := answers.Correction{Text: "Bộ sẽ bỏ bản giấy theo Thông tư 21.", Outcome: civic.OutcomeAccepted}
	correct := func() error { return o.s.Correct(ctx, o.officer, sub.Code, version(), fix) }
	if got := wrongFields(correct()); got != "correction=field.required" {
		t.Errorf("a correction without what was wrong: %s", got)
	}
	fix.Note = "Số thông tư đúng là 21."
	o.must(t, correct())
	if now, err := o.s.Public(ctx, sub.Code); err != nil || now.Answer.Text != p.Answer.Text {
		t.Errorf("a correction nobody approved is public: %+v, %v", now, err)
	}
	o.must(t, o.s.Return(ctx, o.approver, sub.Code, version(), "Nêu căn cứ."))
	o.must(t, correct())
	if err := o.s.ApproveWith(ctx, o.officer, sub.Code, version(), answers.Approval{}); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer approves: %v", err)
	}
	o.Clock.Advance(time.Hour)
	o.must(t, o.s.ApproveWith(ctx, o.approver, sub.Code, version(), answers.Approval{Publish: true}))
	now, err := o.s.Public(ctx, sub.Code)
	o.must(t, err)
	if now.Answer.Text != fix.Text || len(now.Versions) != 2 || now.Versions[1].Note != fix.Note || len(now.Commitments) != 1 || now.Commitments[0].State != civic.CommitmentKept {
		t.Errorf("corrected: %+v", now)
	}
	if c := o.Case(t, sub.Code); c.State != civic.Answered || !c.AnsweredAt.Equal(o.Case(t, sub.Code).AnsweredAt) || c.AnsweredAt.Equal(o.Clock.Now()) {
		t.Errorf("the correction moved the case: %+v", c)
	}
	for _, job := range o.Jobs(t, store.JobTell) {
		o.must(t, o.s.Tell(ctx, job.ID, sub.ID))
	}
	var kinds []civic.MessageKind
	for _, m := range o.Messages(t, follower.Code) {
		kinds = append(kinds, m.Kind)
	}
	if diff := cmp.Diff([]civic.MessageKind{civic.MessageAnswer, civic.MessageCorrected}, kinds); diff != "" {
		t.Errorf("the follower was told: %s", diff)
	}
}

func TestAPublicationThatWasCancelledDoesNotCome(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	o.must(t, o.s.ApproveWith(t.Context(), o.approver, sub.Code, 2, answers.Approval{Publish: true, At: o.Clock.Now().Add(time.Hour)}))
	o.must(t, o.s.CancelPublication(t.Context(), o.approver, sub.Code, 3))
	if err := o.s.CancelPublication(t.Context(), o.approver, sub.Code, 4); errs.CodeOf(err) != "publication.not_scheduled" {
		t.Errorf("cancelled twice: %v", err)
	}
	o.Clock.Advance(2 * time.Hour)
	o.must(t, o.s.PublishDue(t.Context(), o.Jobs(t, store.JobPublish)[0].ID, sub.ID))
	if c := o.Case(t, sub.Code); c.Visibility != civic.Private {
		t.Errorf("the case is %s", c.Visibility)
	}
}

func TestTemplates(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	ctx, lead, admin := t.Context(), o.Staff(t, civic.RoleLead, house.Science), o.Staff(t, civic.RoleAdministrator, "")
	put := func(a civic.Actor, agency civic.AgencyCode, name string) error {
		return o.s.PutTemplate(ctx, a, civic.AnswerTemplate{Agency: agency, Name: name, Text: "Kính gửi, {cơ quan} trả lời {mã hồ sơ} theo {số văn bản}."})
	}
	o.must(t, put(lead, house.Science, "Của Bộ"))
	o.must(t, put(admin, "", "Chung"))
	o.must(t, put(admin, house.Education, "Bộ khác"))
	for name, err := range map[string]error{
		"a foreign agency": put(lead, house.Education, "x"), "everybody": put(lead, "", "x"), "an officer": put(o.officer, house.Science, "x"),
	} {
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, err := o.s.TemplatesFor(ctx, house.Science)
	o.must(t, err)
	if len(list) != 2 || list[0].Name != "Chung" || list[1].Name != "Của Bộ" {
		t.Fatalf("templates of the ministry: %+v", list)
	}
	sub := o.accepted(t)
	text, err := o.s.FromTemplate(ctx, sub, list[1].ID)
	o.must(t, err)
	if text != "Kính gửi, Bộ Khoa học và Công nghệ trả lời "+sub.Code.String()+" theo {số văn bản}." {
		t.Errorf("filled in: %q", text)
	}
	o.must(t, o.s.RetireTemplate(ctx, lead, list[1].ID))
	if _, err := o.s.FromTemplate(ctx, sub, list[1].ID); errs.KindOf(err) != errs.NotFound {
		t.Errorf("a retired template: %v", err)
	}
}
