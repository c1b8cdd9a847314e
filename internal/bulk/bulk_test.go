package bulk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// office is the work in a house, with a coordinator and an officer.
type office struct {
	*house.House
	s                    *bulk.Service
	coordinator, officer civic.Actor
}

func newOffice(t testing.TB, h *house.House) *office {
	t.Helper()
	sorting := &triage.Service{
		Store: h.Store, Registry: h.Registry, Times: h.Times, Keys: h.Keys, Policy: routing.DefaultPolicy(), Now: h.Clock.Now, Random: h.Random,
		Rules:      func(context.Context) (*routing.RuleSet, error) { return nil, nil }, //nolint:nilnil // none
		Classifier: func(context.Context) (*routing.Model, error) { return nil, nil },   //nolint:nilnil // none
	}
	putBack := func(handed bool) bulk.Act {
		return func(ctx context.Context, c bulk.Call) error {
			to := triage.Place{State: c.Was.State, Agency: c.Was.Agency, Assignee: c.Was.Assignee, Handovers: c.Was.Handovers, TriageReason: c.Was.TriageReason, Route: c.Was.Route}
			return sorting.PutBack(ctx, c.Actor, c.Code, c.Version, to, handed)
		}
	}
	o := &office{House: h, coordinator: h.Staff(t, civic.RoleCoordinator, ""), officer: h.Staff(t, civic.RoleOfficer, house.Science)}
	o.s = &bulk.Service{
		Store: h.Store, Registry: h.Registry, Now: h.Clock.Now,
		Do: map[civic.BulkAct]bulk.Act{
			civic.BulkAssign: func(ctx context.Context, c bulk.Call) error {
				return sorting.Assign(ctx, c.Actor, c.Code, c.Version, civic.AgencyCode(c.Input["agency"]), c.Input["reason"])
			},
			civic.BulkHandBack: func(ctx context.Context, c bulk.Call) error {
				return sorting.HandBack(ctx, c.Actor, c.Code, c.Version, c.Input["reason"], "")
			},
		},
		Undo: map[civic.BulkAct]bulk.Act{civic.BulkAssign: putBack(false), civic.BulkHandBack: putBack(true)},
	}
	return o
}

func on(t *testing.T, run func(t *testing.T, o *office)) {
	t.Helper()
	house.Each(t, func(t *testing.T, h *house.House) { run(t, newOffice(t, h)) })
}

// waiting stores n cases that wait for a coordinator and returns them as ticked.
func (o *office) waiting(t testing.TB, n int) (picked []bulk.Picked) {
	t.Helper()
	sub := o.ReceiveFrom(t, civic.Contact{}, func(s *civic.Submission) { s.State, s.TriageReason = civic.Triage, triage.ReasonUnsure })
	picked = append(picked, bulk.Picked{Code: sub.Code, Version: sub.Version})
	o.Do(t, func(tx store.Tx) (err error) { // the others in one go
		for range n - 1 {
			sub.ID = 0
			if sub.Code, err = civic.NewCode(o.Random); err != nil {
				return err
			}
			received := civic.Event{At: sub.ReceivedAt, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received}
			if _, err = tx.Submissions().Add(t.Context(), store.Receipt{Submission: sub, Events: []civic.Event{received}}); err != nil {
				return err
			}
			picked = append(picked, bulk.Picked{Code: sub.Code, Version: sub.Version})
		}
		return nil
	})
	return picked
}

var toScience = map[string]string{"agency": string(house.Science)}

// prepare starts a work and returns it once every line was tried.
func (o *office) prepare(t testing.TB, who civic.Actor, act civic.BulkAct, input map[string]string, picked []bulk.Picked) int64 {
	t.Helper()
	id, err := o.s.Prepare(t.Context(), who, act, input, picked, false)
	if err != nil {
		t.Fatalf("prepare: %v", err)
	}
	o.drain(t)
	return id
}

// drain does what the queue would, and returns how many jobs it took.
func (o *office) drain(t testing.TB) (jobs int) {
	t.Helper()
	for {
		waiting := o.Jobs(t, store.JobBulk)
		if len(waiting) == 0 {
			return jobs
		}
		for _, j := range waiting {
			jobs++
			if err := o.s.Work(t.Context(), j.ID, j.Subject); err != nil {
				t.Fatalf("work: %v", err)
			}
		}
	}
}

func (o *office) confirm(t testing.TB, who civic.Actor, id int64) (jobs int) {
	t.Helper()
	if err := o.s.Confirm(t.Context(), who, id); err != nil {
		t.Fatalf("confirm: %v", err)
	}
	return o.drain(t)
}

// counts returns how many lines there are in each state.
func (o *office) counts(t *testing.T, who civic.Actor, id int64) (civic.BulkState, map[civic.LineState]int) {
	t.Helper()
	work, _, err := o.s.Show(t.Context(), who, id, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	return work.State, work.Lines
}

func TestAPreviewLeavesNothing(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		picked := o.waiting(t, 2)
		before, sub := len(o.Jobs(t, store.JobNotify)), o.Case(t, picked[0].Code)
		id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, picked)
		if state, lines := o.counts(t, o.coordinator, id); state != civic.BulkReady || lines[civic.LineFit] != 2 {
			t.Errorf("the work is %s with %v", state, lines)
		}
		if after := o.Case(t, picked[0].Code); after.Version != sub.Version || after.State != civic.Triage || len(o.Events(t, sub.Code)) != 1 {
			t.Errorf("the preview left %+v and %d events", after, len(o.Events(t, sub.Code)))
		}
		if n := len(o.Jobs(t, store.JobNotify)); n != before {
			t.Errorf("the preview told the agency: %d jobs", n)
		}
	})
}

func TestWhatFailsForOneStopsNoOther(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		picked := o.waiting(t, 4)
		picked[0].Version = 9
		id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, picked)
		o.Change(t, picked[1].Code, func(s *civic.Submission) { s.Version++ }) // between preview and word
		o.confirm(t, o.coordinator, id)
		_, lines, err := o.s.Show(t.Context(), o.coordinator, id, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []civic.LineState{civic.LineUnfit, civic.LineRefused, civic.LineDone, civic.LineDone} {
			if lines[i].State != want {
				t.Errorf("line %d is %s because of %q, want %s", i+1, lines[i].State, lines[i].Reason, want)
			}
		}
		if lines[0].Reason != "submission.version_mismatch" || lines[1].Reason != "submission.version_mismatch" {
			t.Errorf("the reasons are %q and %q", lines[0].Reason, lines[1].Reason)
		}
	})
}

func TestUndoTakesBackWhatNobodyTouchedSince(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		picked := o.waiting(t, 2)
		id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, picked)
		o.confirm(t, o.coordinator, id)
		o.Change(t, picked[1].Code, func(s *civic.Submission) { s.Version++ }) // the agency has begun
		undo, err := o.s.TakeBack(t.Context(), o.coordinator, id)
		if err != nil {
			t.Fatal(err)
		}
		o.confirm(t, o.coordinator, undo)
		if back := o.Case(t, picked[0].Code); back.State != civic.Triage || back.Agency != "" || back.TriageReason != triage.ReasonUnsure || o.CountEvents(t, back.Code, civic.EventPutBack) != 1 {
			t.Errorf("it stands at %s with %q because of %q", back.State, back.Agency, back.TriageReason)
		}
		if kept := o.Case(t, picked[1].Code); kept.State != civic.Assigned {
			t.Errorf("what the agency works on was taken back: %s", kept.State)
		}
		if _, err := o.s.TakeBack(t.Context(), o.coordinator, id); errs.CodeOf(err) != "undo.not_possible" {
			t.Errorf("a second undo: %v", err)
		}
	})
}

func TestAnOfficerTakesBackAHandBackOutOfReach(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		sub := o.Receive(t, func(s *civic.Submission) {
			s.State, s.Agency, s.Assignee = civic.InProgress, house.Science, o.officer.User
		})
		why := map[string]string{"reason": "Không đúng chức năng"}
		id := o.prepare(t, o.officer, civic.BulkHandBack, why, []bulk.Picked{{Code: sub.Code, Version: sub.Version}})
		o.confirm(t, o.officer, id)
		if gone := o.Case(t, sub.Code); gone.State != civic.Triage || gone.Agency != "" {
			t.Fatalf("it is %s with %q", gone.State, gone.Agency)
		}
		undo, err := o.s.TakeBack(t.Context(), o.officer, id)
		if err != nil {
			t.Fatal(err)
		}
		o.confirm(t, o.officer, undo)
		if back := o.Case(t, sub.Code); back.State != civic.InProgress || back.Agency != house.Science || back.Assignee != o.officer.User || back.Handovers != 0 {
			t.Errorf("it is %s with %q, %d hand-overs", back.State, back.Agency, back.Handovers)
		}
	})
}

func TestAnInterruptedWorkGoesOnAndDoesNothingTwice(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, o *office) {
		picked := o.waiting(t, 5)
		id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, picked)
		assign, calls := o.s.Do[civic.BulkAssign], 0
		o.s.Do[civic.BulkAssign] = func(ctx context.Context, c bulk.Call) error {
			if calls++; calls == 3 {
				return errs.New(errs.Unavailable, "database.unavailable")
			}
			return assign(ctx, c)
		}
		if err := o.s.Confirm(t.Context(), o.coordinator, id); errs.KindOf(err) != errs.Unavailable {
			t.Fatalf("the database is away and the word gives %v", err)
		}
		if _, lines := o.counts(t, o.coordinator, id); lines[civic.LineDone] != 2 || lines[civic.LineFit] != 3 {
			t.Errorf("half-way: %v", lines)
		}
		o.drain(t)
		if state, lines := o.counts(t, o.coordinator, id); state != civic.BulkDone || lines[civic.LineDone] != 5 {
			t.Errorf("at the end: %s, %v", state, lines)
		}
		for _, p := range picked {
			if n := o.CountEvents(t, p.Code, civic.EventAssigned); n != 1 {
				t.Errorf("%s was assigned %d times", p.Code, n)
			}
		}
	})
}

func TestManyCasesGoThroughTheQueueInStretches(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	many := bulk.Stretch + 1
	id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, o.waiting(t, many))
	if state, lines := o.counts(t, o.coordinator, id); state != civic.BulkReady || lines[civic.LineFit] != many {
		t.Fatalf("the preview ends as %s with %v", state, lines)
	}
	if jobs := o.confirm(t, o.coordinator, id); jobs != 2 {
		t.Errorf("%d jobs for %d cases", jobs, many)
	}
	if state, lines := o.counts(t, o.coordinator, id); state != civic.BulkDone || lines[civic.LineDone] != many {
		t.Errorf("the work ends as %s with %v", state, lines)
	}
	_, err := o.s.Prepare(t.Context(), o.coordinator, civic.BulkAssign, toScience, make([]bulk.Picked, bulk.Max+1), false)
	if errs.KindOf(err) != errs.Invalid {
		t.Errorf("more than one work takes: %v", err)
	}
}

func TestWhoMayNotActMayNotAskEither(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	picked := o.waiting(t, 1)
	if _, err := o.s.Prepare(t.Context(), o.officer, civic.BulkAssign, toScience, picked, false); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer assigns: %v", err)
	}
	lead := o.Staff(t, civic.RoleLead, house.Science)
	if _, err := o.s.Prepare(t.Context(), lead, civic.BulkAssign, toScience, picked, false); errs.KindOf(err) != errs.Invalid {
		t.Errorf("a lead assigns what is not the agency's: %v", err)
	}
	id := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, picked)
	other := o.Staff(t, civic.RoleCoordinator, "")
	for name, err := range map[string]error{"give the word": o.s.Confirm(t.Context(), other, id), "drop it": o.s.Drop(t.Context(), other, id)} {
		if errs.KindOf(err) != errs.NotFound {
			t.Errorf("another may %s: %v", name, err)
		}
	}
}

func TestWhoOverseesReadsWhatOthersDid(t *testing.T) {
	t.Parallel()
	o := newOffice(t, house.New(t))
	lead := o.Staff(t, civic.RoleLead, house.Science)
	own := o.prepare(t, o.coordinator, civic.BulkAssign, toScience, o.waiting(t, 1))
	id := o.prepare(t, lead, civic.BulkAssign, toScience, o.assigned(t))
	for _, tt := range []struct {
		name string
		who  civic.Actor
		want []int64 // everybody's works that the list shows, the newest first
	}{
		{"another coordinator", o.Staff(t, civic.RoleCoordinator, ""), []int64{id, own}},
		{"an auditor", o.Staff(t, civic.RoleAuditor, ""), []int64{id, own}},
		{"an auditor of the agency", o.Staff(t, civic.RoleAuditor, house.Science), []int64{id}},
		{"an auditor of another", o.Staff(t, civic.RoleAuditor, house.Education), nil},
	} {
		works, more, err := o.s.List(t.Context(), tt.who, true, 0, 10)
		if err != nil || more || len(works) != len(tt.want) {
			t.Errorf("%s: %d works, more %v, %v; want %d", tt.name, len(works), more, err, len(tt.want))
			continue
		}
		for i, w := range works {
			if w.ID != tt.want[i] {
				t.Errorf("%s: work %d at place %d, want %d", tt.name, w.ID, i, tt.want[i])
			}
		}
		for _, work := range []int64{own, id} {
			_, lines, err := o.s.Show(t.Context(), tt.who, work, 0, 10)
			if seen := err == nil && len(lines) == 1; seen != slices.Contains(tt.want, work) {
				t.Errorf("%s sees work %d: %v, %v", tt.name, work, seen, err)
			}
		}
	}
	if _, _, err := o.s.List(t.Context(), lead, true, 0, 10); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a lead lists what everybody did: %v", err)
	}
	first, more, err := o.s.List(t.Context(), o.coordinator, true, 0, 1)
	if err != nil || !more || len(first) != 1 {
		t.Fatalf("the first page: %d works, more %v, %v", len(first), more, err)
	}
	if rest, more, err := o.s.List(t.Context(), o.coordinator, true, first[0].ID, 1); err != nil || more || len(rest) != 1 || rest[0].ID != own {
		t.Errorf("the second page: %v, more %v, %v", rest, more, err)
	}
}

// assigned is a case of the ministry as ticked.
func (o *office) assigned(t testing.TB) []bulk.Picked {
	t.Helper()
	sub := o.Receive(t, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
	return []bulk.Picked{{Code: sub.Code, Version: sub.Version}}
}

// BenchmarkAThousandCases measures the preview of a thousand assignments and
// then doing them, each in a transaction of its own, in milliseconds per case.
func BenchmarkAThousandCases(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *house.House{"sqlite": house.New, "postgres": house.NewPostgres} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				o := newOffice(b, open(b))
				picked := o.waiting(b, bulk.Max)
				began := time.Now()
				id := o.prepare(b, o.coordinator, civic.BulkAssign, toScience, picked)
				previewed := time.Now()
				o.confirm(b, o.coordinator, id)
				b.ReportMetric(float64(previewed.Sub(began).Microseconds())/1000/bulk.Max, "preview-ms/case")
				b.ReportMetric(float64(time.Since(previewed).Microseconds())/1000/bulk.Max, "done-ms/case")
			}
		})
	}
}
