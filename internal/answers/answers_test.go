package answers_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// office is answers in a house, with the people of one agency.
type office struct {
	*house.House
	s                              *answers.Service
	officer, approver, coordinator civic.Actor
	rings                          int
}

func newOffice(t *testing.T, h *house.House) *office {
	t.Helper()
	o := &office{
		House: h, officer: h.Staff(t, civic.RoleOfficer, house.Science), approver: h.Staff(t, civic.RoleApprover, house.Science),
		coordinator: h.Staff(t, civic.RoleCoordinator, ""),
	}
	var mu sync.Mutex
	o.s = &answers.Service{Store: h.Store, Registry: h.Registry, Now: h.Clock.Now, Committed: func() { mu.Lock(); defer mu.Unlock(); o.rings++ }}
	return o
}

func on(t *testing.T, run func(t *testing.T, o *office)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newOffice(t, h)) })
}

const reply = "Bộ tiếp thu đề nghị và sẽ công bố số liệu theo giờ từ quý ba."

// accepted stores a case that the agency handles.
func (o *office) accepted(t *testing.T) civic.Submission {
	t.Helper()
	return o.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Assignee = civic.InProgress, house.Science, o.officer.User
	})
}

// submitted stores a case whose answer waits for a second person; its version
// is 2.
func (o *office) submitted(t *testing.T) civic.Submission {
	t.Helper()
	sub := o.accepted(t)
	o.must(t, o.s.Draft(t.Context(), o.officer, sub.Code, 1, answers.Draft{Text: reply, Outcome: civic.OutcomeAccepted, Submit: true}))
	return sub
}

func (o *office) must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// answer is the stored one.
func (o *office) answer(t *testing.T, sub civic.Submission) (a civic.Answer) {
	t.Helper()
	o.View(t, func(tx store.Tx) (err error) {
		a, err = tx.Answers().Get(t.Context(), sub.ID)
		return err
	})
	return a
}

func TestTheWayOfAnAnswer(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		sub := o.accepted(t)
		steps := []struct {
			name  string
			do    func(version int) error
			state civic.State
			event civic.EventType
		}{
			{"draft", func(v int) error {
				return o.s.Draft(t.Context(), o.officer, sub.Code, v, answers.Draft{Text: "Đang soạn\x00.", Outcome: civic.OutcomePartly})
			}, civic.InProgress, civic.EventAnswerDrafted},
			{"submit", func(v int) error {
				return o.s.Draft(t.Context(), o.officer, sub.Code, v, answers.Draft{Text: "  " + reply + "\r\n", Outcome: civic.OutcomeAccepted, Submit: true})
			}, civic.InReview, civic.EventSubmitted},
			{"return", func(v int) error { return o.s.Return(t.Context(), o.approver, sub.Code, v, "Nêu rõ thời hạn.") }, civic.InProgress, civic.EventReturned},
			{"submit again", func(v int) error {
				return o.s.Draft(t.Context(), o.officer, sub.Code, v, answers.Draft{Text: reply, Outcome: civic.OutcomeAccepted, Submit: true})
			}, civic.InReview, civic.EventSubmitted},
			{"approve", func(v int) error { return o.s.Approve(t.Context(), o.approver, sub.Code, v, true) }, civic.Answered, civic.EventAnswered},
		}
		for i, step := range steps {
			o.Clock.Advance(time.Hour)
			if err := step.do(i + 1); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			got, events := o.Case(t, sub.Code), o.Events(t, sub.Code)
			last := events[len(events)-1]
			if got.State != step.state || got.Version != i+2 || last.Type != step.event || !last.At.Equal(o.Clock.Now()) || last.To != step.state || len(events) != i+2 {
				t.Errorf("after %s: %s version %d, %+v", step.name, got.State, got.Version, last)
			}
			if a := o.answer(t, sub); step.name == "return" && (a.Remarks != "Nêu rõ thời hạn." || !a.SubmittedAt.IsZero() || a.Text != reply) {
				t.Errorf("returned: %+v", a)
			}
		}
		a := o.answer(t, sub)
		want := civic.Answer{
			ID: a.ID, Submission: sub.ID, Text: reply, Outcome: civic.OutcomeAccepted, Agency: house.Science,
			DraftedBy: o.officer.User, DraftedAt: house.Morning.Add(4 * time.Hour), SubmittedAt: house.Morning.Add(4 * time.Hour),
			ApprovedBy: o.approver.User, ApprovedAt: house.Morning.Add(5 * time.Hour),
		}
		if !reflect.DeepEqual(a, want) {
			t.Errorf("the answer is %+v, want %+v", a, want)
		}
		if got := o.Case(t, sub.Code); !got.AnsweredAt.Equal(o.Clock.Now()) || got.Visibility != civic.PublicWithAnswer || got.PublicTitle != sub.Title || got.PublicBody != sub.Body {
			t.Errorf("the case is %+v", got)
		}
		if o.rings != 1 {
			t.Errorf("the outbox was announced %d times", o.rings)
		}
	})
}

func TestWhoeverDraftedAnAnswerCannotApproveIt(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.accepted(t)
	o.must(t, o.s.Draft(t.Context(), o.approver, sub.Code, 1, answers.Draft{Text: reply, Outcome: civic.OutcomeExplained, Submit: true}))
	if err := o.s.Approve(t.Context(), o.approver, sub.Code, 2, true); errs.KindOf(err) != errs.Forbidden || errs.CodeOf(err) != "answer.own_draft" {
		t.Errorf("the own draft: %v", err)
	}
	if got := o.Case(t, sub.Code); got.State != civic.InReview || got.Visibility != civic.Private || got.Version != 2 || len(o.Messages(t, sub.Code)) != 0 {
		t.Errorf("it left a trace: %+v", got)
	}
	other := o.Staff(t, civic.RoleApprover, house.Science)
	o.must(t, o.s.Approve(t.Context(), other, sub.Code, 2, false))
}

// mayAnswer is who may do what to a case of Science, written down apart from
// the code.
const mayAnswer = `
               draft            return           approve          publish
own_officer    ok               forbidden        forbidden        forbidden
own_approver   ok               ok               ok               forbidden
other_officer  not_found        not_found        not_found        not_found
other_approver not_found        not_found        not_found        not_found
coordinator    forbidden        forbidden        forbidden        ok
administrator  forbidden        forbidden        forbidden        forbidden
sender         not_found        not_found        not_found        not_found
public         unauthenticated  unauthenticated  unauthenticated  unauthenticated
`

func TestWhoMayDoWhatToAnAnswer(t *testing.T) {
	t.Parallel()
	for _, row := range strings.Split(strings.TrimSpace(mayAnswer), "\n")[1:] {
		cells := strings.Fields(row)
		t.Run(cells[0], func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, house.New(t))
			actor := map[string]civic.Actor{
				"own_officer": o.officer, "own_approver": o.approver, "coordinator": o.coordinator, "public": civic.Public,
				"other_officer": o.Staff(t, civic.RoleOfficer, house.Education), "other_approver": o.Staff(t, civic.RoleApprover, house.Education),
				"administrator": o.Staff(t, civic.RoleAdministrator, ""), "sender": civic.SenderOf(1),
			}[cells[0]]
			for i, do := range []func() error{
				func() error {
					return o.s.Draft(t.Context(), actor, o.accepted(t).Code, 1, answers.Draft{Text: reply, Outcome: civic.OutcomeInPlace})
				},
				func() error { return o.s.Return(t.Context(), actor, o.submitted(t).Code, 2, "Sửa lại.") },
				func() error { return o.s.Approve(t.Context(), actor, o.submitted(t).Code, 2, true) },
				func() error {
					return o.s.Publish(t.Context(), actor, o.accepted(t).Code, 1, answers.Publication{})
				},
			} {
				err, got := do(), "ok"
				if err != nil {
					got = errs.KindOf(err).String()
				}
				if got != cells[i+1] {
					t.Errorf("act %d: %v, want %s", i+1, err, cells[i+1])
				}
			}
		})
	}
}

func TestTheStateDecidesWhatIsAllowed(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	may := map[string]civic.StateSet{
		"draft": {civic.InProgress}, "return": {civic.InReview}, "approve": {civic.InReview},
		"publish": append(append(civic.StateSet{}, civic.Open...), civic.WithAnswer...),
	}
	for _, state := range civic.States {
		for name, do := range map[string]func(code civic.Code) error{
			"draft": func(code civic.Code) error {
				return o.s.Draft(t.Context(), o.officer, code, 1, answers.Draft{Text: reply, Outcome: civic.OutcomeInPlace})
			},
			"return":  func(code civic.Code) error { return o.s.Return(t.Context(), o.approver, code, 1, "Sửa.") },
			"approve": func(code civic.Code) error { return o.s.Approve(t.Context(), o.approver, code, 1, false) },
			"publish": func(code civic.Code) error {
				return o.s.Publish(t.Context(), o.coordinator, code, 1, answers.Publication{})
			},
		} {
			sub := o.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = state, house.Science })
			o.Answer(t, sub.Code, civic.Answer{Text: reply, Outcome: civic.OutcomePartly, Agency: house.Science, DraftedBy: o.officer.User, DraftedAt: house.Morning})
			err := do(sub.Code)
			if allowed := may[name].Has(state); allowed != (err == nil) || !allowed && errs.KindOf(err) != errs.Conflict {
				t.Errorf("%s while %s: %v", name, state, err)
			}
		}
	}
}

func TestAnActOnAnotherVersionIsAConflict(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	for name, err := range map[string]error{
		"return":  o.s.Return(t.Context(), o.approver, sub.Code, 1, "Sửa."),
		"approve": o.s.Approve(t.Context(), o.approver, sub.Code, 3, true),
		"publish": o.s.Publish(t.Context(), o.coordinator, sub.Code, 1, answers.Publication{}),
		"draft":   o.s.Draft(t.Context(), o.officer, sub.Code, 1, answers.Draft{Text: reply, Outcome: civic.OutcomePartly}),
	} {
		if errs.CodeOf(err) != "submission.version_mismatch" || errs.KindOf(err) != errs.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestADraftIsCheckedAndNamesEveryWrongField(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.accepted(t)
	tests := []struct {
		name string
		d    answers.Draft
		want string
	}{
		{"nothing at all", answers.Draft{Submit: true}, "text=field.required outcome=field.required"},
		{"nothing visible", answers.Draft{Text: " \u200b\x00\n", Outcome: "done"}, "text=field.required outcome=field.unknown_value"},
		{"a short answer put forward", answers.Draft{Text: "Vâng.", Outcome: civic.OutcomePartly, Submit: true}, "text=field.too_short"},
		{"too long an answer", answers.Draft{Text: strings.Repeat("ệ", civic.MaxAnswer+1), Outcome: civic.OutcomePartly}, "text=field.too_long"},
		{"a draft without an outcome", answers.Draft{Text: "Vâng."}, "outcome=field.required"},
		{"a short draft", answers.Draft{Text: "Vâng.", Outcome: civic.OutcomePartly}, ""},
	}
	for _, tt := range tests {
		err := o.s.Draft(t.Context(), o.officer, sub.Code, 1, tt.d)
		var got []string
		for _, f := range errs.FieldsOf(err) {
			got = append(got, f.Name+"="+f.Code)
		}
		if s := strings.Join(got, " "); s != tt.want || err != nil && errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: %q, want %q (%v)", tt.name, s, tt.want, err)
		}
	}
	for _, remarks := range []string{"", "\u200b ", strings.Repeat("x", civic.MaxReason+1)} {
		if f := errs.FieldsOf(o.s.Return(t.Context(), o.approver, sub.Code, 2, remarks)); len(f) != 1 || f[0].Name != "remarks" {
			t.Errorf("remarks %.5q: %+v", remarks, f)
		}
	}
}

func TestTheAnswerGoesToTheSenderAndEveryoneWhoFollows(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		sub := o.submitted(t)
		follower := o.Receive(t, func(sub *civic.Submission) { sub.Language = "en" })
		silent, erased := o.ReceiveFrom(t, civic.Contact{}, nil), o.Receive(t, nil)
		stranger := o.Receive(t, nil)
		for _, f := range []civic.Submission{follower, silent, erased} {
			o.Follow(t, f.Code, sub.Code)
		}
		o.Do(t, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), erased.ID, o.Clock.Now()) })
		o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, false))
		jobs := o.Jobs(t, store.JobTell)
		if len(jobs) != 1 || len(o.Messages(t, follower.Code)) != 0 {
			t.Fatalf("to tell: %+v", jobs)
		}
		for range 2 { // what runs twice tells once
			o.must(t, o.s.Tell(t.Context(), jobs[0].ID, sub.ID))
		}
		for code, want := range map[civic.Code]string{
			sub.Code: "answer vi queued", follower.Code: "answer en queued", silent.Code: "", erased.Code: "", stranger.Code: "",
		} {
			var got []string
			for _, m := range o.Messages(t, code) {
				got = append(got, fmt.Sprint(m.Kind, " ", m.Language, " ", m.State))
			}
			if s := strings.Join(got, ", "); s != want {
				t.Errorf("%s is told %q, want %q", code, s, want)
			}
		}
		if jobs := o.Jobs(t, store.JobSend); len(jobs) != 2 {
			t.Errorf("%d mails are to be sent", len(jobs))
		}
	})
}

// A campaign is told part by part, everybody once, whoever else joins or runs
// at the same moment.
func TestALargeClusterIsToldPartByPart(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		const followers = 1_001 // two full parts and one more
		sub := o.submitted(t)
		var all []civic.Submission
		for i := range followers {
			f := o.Receive(t, func(sub *civic.Submission) { sub.Title = fmt.Sprintf("Bản sao số %d", i) })
			all = append(all, f)
		}
		o.Do(t, func(tx store.Tx) error {
			for _, f := range all {
				m := civic.Membership{Submission: f.ID, Root: sub.ID, JoinedAt: o.Clock.Now(), By: civic.ActorSystem}
				if err := tx.Matches().Join(t.Context(), m); err != nil {
					return err
				}
			}
			return nil
		})
		o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, true))
		o.Do(t, func(tx store.Tx) error { // a second one, as a merge of another root makes it
			_, err := tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobTell, Subject: int64(sub.ID), CreatedAt: o.Clock.Now()})
			return err
		})
		rounds := 0
		for jobs := o.Jobs(t, store.JobTell); len(jobs) > 0; jobs = o.Jobs(t, store.JobTell) {
			var both sync.WaitGroup
			for _, j := range jobs {
				both.Go(func() {
					if err := o.s.Tell(t.Context(), j.ID, sub.ID); err != nil {
						t.Errorf("tell: %v", err)
					}
				})
			}
			both.Wait()
			rounds++
		}
		if jobs := o.Jobs(t, store.JobSend); len(jobs) != followers+1 || rounds < 2 {
			t.Errorf("%d mails after %d rounds, want %d", len(jobs), rounds, followers+1)
		}
	})
}

func TestWhoIsOpenedAgainIsNotTold(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	sub := o.submitted(t)
	o.Follow(t, o.Receive(t, nil).Code, sub.Code)
	o.must(t, o.s.Approve(t.Context(), o.approver, sub.Code, 2, true))
	o.Change(t, sub.Code, func(sub *civic.Submission) { sub.State = civic.Triage })
	o.must(t, o.s.Tell(t.Context(), o.Jobs(t, store.JobTell)[0].ID, sub.ID))
	if jobs := o.Jobs(t, store.JobSend); len(jobs) != 1 {
		t.Errorf("%d mails are to be sent", len(jobs))
	}
}

func TestOfTwoWhoApproveAtTheSameMomentOneSends(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		sub := o.submitted(t)
		second := o.Staff(t, civic.RoleApprover, house.Science)
		failures := make([]error, 6)
		var all sync.WaitGroup
		for i := range failures {
			actor := o.approver
			if i%2 == 1 {
				actor = second
			}
			all.Go(func() { failures[i] = o.s.Approve(t.Context(), actor, sub.Code, 2, true) })
		}
		all.Wait()
		done := 0
		for _, err := range failures {
			if err == nil {
				done++
			} else if errs.KindOf(err) != errs.Conflict {
				t.Errorf("the slower one is told %v", err)
			}
		}
		if done != 1 || len(o.Messages(t, sub.Code)) != 1 || o.CountEvents(t, sub.Code, civic.EventAnswered) != 1 {
			t.Errorf("%d approved, %d mails", done, len(o.Messages(t, sub.Code)))
		}
	})
}
