package triage_test

import (
	"log/slog"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/learning"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// route returns the stored reason of a case.
func (d *desk) route(t *testing.T, sub civic.Submission) (r civic.Route) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		r, err = tx.Routes().Get(t.Context(), sub.ID)
		return err
	})
	return r
}

func TestARuleAssignsAndSaysWhichOne(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		sub := d.Receive(t, func(sub *civic.Submission) {
			sub.Body = "Xin cho làm một CẦU PHAO thử nghiệm qua sông để học sinh tới trường."
		})
		d.settle(t)
		got := d.Case(t, sub.Code)
		if got.State != civic.Assigned || got.Agency != house.Education || got.TriageReason != "" || got.Version != 2 {
			t.Errorf("the case is %s with %q for %q, version %d", got.State, got.Agency, got.TriageReason, got.Version)
		}
		r := d.route(t, sub)
		if r.By != civic.RouteByRule || r.RuleID != "test-pontoon" || r.RuleVersion != 3 || r.Agency != house.Education || r.Score != 1 || !r.DecidedAt.Equal(house.Morning) {
			t.Errorf("the reason is %+v", r)
		}
		events := d.Events(t, sub.Code)
		last := events[len(events)-1]
		if last.Type != civic.EventRouted || last.From != civic.Received || last.To != civic.Assigned || last.Agency != house.Education || last.Actor != civic.ActorSystem || last.Reason != "Cầu phao cho học sinh" {
			t.Errorf("the last event is %+v", last)
		}
	})
}

func TestWhatNobodyIsSureOfGoesToACoordinatorWithCandidates(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	learner := &learning.Service{Store: d.Store, Registry: d.Registry, Now: d.Clock.Now, Log: slog.New(slog.DiscardHandler)}
	if err := learner.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.s.Classifier = learner.Classifier
	sub := d.Receive(t, func(sub *civic.Submission) {
		sub.Title, sub.Body = "Sách giáo khoa điện tử", "Đề nghị làm sách giáo khoa điện tử cho học sinh phổ thông và tập huấn giáo viên các trường."
	})
	d.settle(t)
	got := d.Case(t, sub.Code)
	if got.State != civic.Triage || got.Agency != "" || got.TriageReason != triage.ReasonUnsure {
		t.Errorf("the case is %s with %q for %q", got.State, got.Agency, got.TriageReason)
	}
	r := d.route(t, sub)
	if r.By != civic.RouteByNone || r.ModelVersion == "" || len(r.Candidates) != 3 || r.Agency != house.Education || r.Candidates[0].Agency != house.Education || len(r.Words) == 0 || r.Score <= 0 {
		t.Errorf("the reason is %+v", r)
	}
	if n := d.CountEvents(t, sub.Code, civic.EventTriaged); n != 1 {
		t.Errorf("%d events", n)
	}
}

func TestWhatIsHeldGoesToACoordinatorWhateverTheRulesSay(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	sub := d.Receive(t, func(sub *civic.Submission) {
		sub.Hold, sub.Body = "hold.rate", "Xin làm "+pontoon+" qua sông cho học sinh."
	})
	d.settle(t)
	got := d.Case(t, sub.Code)
	if got.State != civic.Triage || got.TriageReason != triage.ReasonHeld || got.Agency != "" || got.Hold != "hold.rate" {
		t.Errorf("the case is %s with %q for %q, hold %q", got.State, got.Agency, got.TriageReason, got.Hold)
	}
	if r := d.route(t, sub); r.RuleID != "test-pontoon" || r.Agency != house.Education {
		t.Errorf("what the rules say is not kept: %+v", r)
	}
}

func TestRoutingLeavesAloneWhatSomebodyDecidedMeanwhile(t *testing.T) {
	t.Parallel()
	for _, state := range civic.States {
		if state == civic.Received {
			continue
		}
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, house.New(t))
			sub := d.Receive(t, func(sub *civic.Submission) { sub.Body = "Xin làm " + pontoon + " qua sông cho học sinh." })
			d.match(t, sub)
			d.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.Agency = state, house.Science })
			d.settle(t)
			got := d.Case(t, sub.Code)
			if got.State != state || got.Agency != house.Science || got.Version != 1 {
				t.Errorf("it is %s with %s, version %d", got.State, got.Agency, got.Version)
			}
			if n := d.CountEvents(t, sub.Code, civic.EventRouted) + d.CountEvents(t, sub.Code, civic.EventTriaged); n != 0 {
				t.Errorf("%d events", n)
			}
		})
	}
}

func TestWhatWasTakenApartIsAdvisedAndNotAssigned(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	body := letter + " Xin làm " + pontoon + "."
	d.Receive(t, text(body))
	later := d.Receive(t, text(body))
	d.settle(t)
	if err := d.s.Unmerge(t.Context(), d.coordinator, later.Code, d.Case(t, later.Code).Version, ""); err != nil {
		t.Fatal(err)
	}
	d.settle(t)
	if got := d.Case(t, later.Code); got.State != civic.Triage || got.TriageReason != triage.ReasonUnmerged || got.Version != 3 {
		t.Errorf("the case is %s for %q, version %d", got.State, got.TriageReason, got.Version)
	}
	if r := d.route(t, later); r.By != civic.RouteByNone || r.Agency != house.Education || r.RuleID != "test-pontoon" {
		t.Errorf("the advice is %+v", r)
	}
}
