package triage_test

import (
	"sync"
	"testing"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// office is who answers at Science.
type office struct {
	s                 *answers.Service
	officer, approver civic.Actor
}

func (d *desk) office(t *testing.T) *office {
	t.Helper()
	return &office{
		s:       &answers.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now},
		officer: d.Staff(t, civic.RoleOfficer, house.Science), approver: d.Staff(t, civic.RoleApprover, house.Science),
	}
}

// submit puts an answer before the second person.
func (o *office) submit(t *testing.T, code civic.Code, version int) error {
	t.Helper()
	draft := answers.Draft{Text: "Cơ quan đã kiểm tra và trả lời như sau.", Outcome: civic.OutcomeExplained, Submit: true}
	return o.s.Draft(t.Context(), o.officer, code, version, draft)
}

// tellAll does every telling of followers that waits.
func (o *office) tellAll(t *testing.T, d *desk) {
	t.Helper()
	for {
		jobs := d.Jobs(t, store.JobTell)
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			if err := o.s.Tell(t.Context(), j.ID, civic.SubmissionID(j.Subject)); err != nil {
				t.Fatalf("tell: %v", err)
			}
		}
	}
}

func (d *desk) answersSent(t *testing.T, code civic.Code) (n int) {
	t.Helper()
	for _, m := range d.Messages(t, code) {
		if m.Kind == civic.MessageAnswer {
			n++
		}
	}
	return n
}

// lost reports whether an act came too late, which people are told; anything
// else is a fault. An agency does not find what has left it.
func lost(err error) bool {
	kind := errs.KindOf(err)
	return kind == errs.NotFound && errs.CodeOf(err) == "submission.not_found" || kind == errs.Conflict || kind == errs.Invalid || kind == errs.Unavailable && errs.CodeOf(err) == "cluster.moved"
}

// An answer is approved while its root is taken back, a follower objects, one is
// taken out, one shall lead and another case is merged, all at the same moment.
// Whatever order wins, every sender who follows an answered case is sent its
// answer once, and of a case that was taken back nobody gets one.
func TestAnApprovalAgainstEverythingThatChangesItsCluster(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		o, door := d.office(t), d.letters()
		won := map[civic.State]int{}
		for range 6 {
			group := d.campaign(t, 4, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science })
			other := d.Receive(t, in(civic.Triage))
			root := group[0]
			if err := o.submit(t, root.Code, root.Version); err != nil {
				t.Fatal(err)
			}
			version := d.Case(t, root.Code).Version
			acts := []func() error{
				func() error { return o.s.Approve(t.Context(), o.approver, root.Code, version, true) },
				func() error { return door.Withdraw(t.Context(), civic.SenderOf(root.ID), root.Code) },
				func() error {
					return door.Object(t.Context(), civic.SenderOf(group[2].ID), group[2].Code, "Tôi hỏi việc khác")
				},
				func() error { return d.s.Unmerge(t.Context(), d.coordinator, group[3].Code, group[3].Version, "") },
				func() error { return d.s.Lead(t.Context(), d.coordinator, group[1].Code, group[1].Version, "") },
				func() error {
					return d.s.Merge(t.Context(), d.coordinator, other.Code, other.Version, root.Code.String(), "")
				},
			}
			failed := make([]error, len(acts))
			var all sync.WaitGroup
			for i, act := range acts {
				all.Go(func() { failed[i] = act() })
			}
			all.Wait()
			for i, err := range failed {
				if err != nil && !lost(err) {
					t.Errorf("act %d is told %v", i, err)
				}
			}
			o.tellAll(t, d)
			everybody := append(group, other)
			checkWhole(t, d, everybody)
			if (failed[0] == nil) == (failed[1] == nil) {
				t.Errorf("approved: %v, taken back: %v", failed[0], failed[1])
			}
			state := d.Case(t, root.Code).State
			won[state]++
			d.checkSent(t, everybody, state == civic.Answered)
		}
		t.Logf("won: %v", won)
	})
}

// checkSent compares what was sent with who follows what in the end.
func (d *desk) checkSent(t *testing.T, everybody []civic.Submission, answered bool) {
	t.Helper()
	for i, sub := range everybody {
		now, sent := d.Case(t, sub.Code), d.answersSent(t, sub.Code)
		switch gets := answered && (i == 0 || now.State == civic.Merged); {
		case gets && sent != 1:
			t.Errorf("%d is %s and was sent %d answers, want 1", i, now.State, sent)
		case !answered && sent != 0:
			t.Errorf("%d is %s and was sent %d answers of a case that was taken back", i, now.State, sent)
		case sent > 1:
			t.Errorf("%d was sent %d answers", i, sent)
		case sent == 1 && !gets && d.CountEvents(t, sub.Code, civic.EventAnswerSetAside) == 0:
			t.Errorf("%d is %s, was sent the answer and not told that it was the cluster's", i, now.State)
		}
	}
}

// The real drafting and approval against a change of lead: either the root is
// answered and leads, or the follower leads with the work and no answer.
func TestAnApprovalAgainstAChangeOfLeadIsOneOrTheOther(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		o := d.office(t)
		won := map[string]int{}
		for range 8 {
			group := d.campaign(t, 2, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science })
			root, next := group[0], group[1]
			var both sync.WaitGroup
			var approved, led error
			both.Go(func() {
				if approved = o.submit(t, root.Code, root.Version); approved == nil {
					approved = o.s.Approve(t.Context(), o.approver, root.Code, root.Version+1, true)
				}
			})
			both.Go(func() { led = d.s.Lead(t.Context(), d.coordinator, next.Code, next.Version, "") })
			both.Wait()
			o.tellAll(t, d)
			checkWhole(t, d, group)
			if (approved == nil) == (led == nil) || approved != nil && !lost(approved) || led != nil && !lost(led) {
				t.Errorf("approved: %v, led: %v", approved, led)
			}
			d.checkSent(t, group, approved == nil)
			if led == nil {
				won["lead"]++
				if got := d.Case(t, next.Code); got.State != civic.InProgress || got.Agency != house.Science {
					t.Errorf("what leads is %s with %q", got.State, got.Agency)
				}
			} else {
				won["approval"]++
			}
		}
		t.Logf("won: %v", won)
	})
}
