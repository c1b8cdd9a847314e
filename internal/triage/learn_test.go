package triage_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// small leaves three agencies that may receive, so that training takes
// milliseconds.
func (d *desk) small() {
	var few []civic.Agency
	for _, a := range d.Registry.Agencies {
		switch a.Code {
		case house.Government, house.Science, house.Education, "bo-y-te":
			few = append(few, a)
		}
	}
	d.Registry.Agencies = few
}

// active returns the model that serves.
func (d *desk) active(t *testing.T) (m store.Model) {
	t.Helper()
	d.View(t, func(tx store.Tx) (err error) {
		m, err = tx.Models().Active(t.Context())
		return err
	})
	return m
}

func (d *desk) learn(t *testing.T) {
	t.Helper()
	if err := d.s.Learn(t.Context()); err != nil {
		t.Fatalf("learn: %v", err)
	}
}

// confirm has a coordinator give n cases to an agency.
func (d *desk) confirm(t *testing.T, n int, agency civic.AgencyCode, body string) {
	t.Helper()
	for i := range n {
		sub := d.ReceiveFrom(t, civic.Contact{}, func(sub *civic.Submission) {
			sub.State, sub.Title, sub.Body = civic.Triage, "Ý kiến", fmt.Sprintf("%s Lần %d.", body, i)
		})
		if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 1, agency, ""); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAClassifierServesBeforeThereIsAnyHistory(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	d.learn(t)
	m := d.active(t)
	if m.Examples != 0 || len(m.Data) == 0 || !m.TrainedAt.Equal(house.Morning) {
		t.Errorf("the first model: %d examples, %d bytes, %s", m.Examples, len(m.Data), m.TrainedAt)
	}
	d.Clock.Advance(time.Hour)
	d.learn(t)
	if again := d.active(t); again.Version != m.Version || !again.TrainedAt.Equal(m.TrainedAt) {
		t.Error("it was trained again for nothing")
	}
}

func TestConfirmedRoutingsMakeTheNextModelAndAssign(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		d.small()
		d.s.Policy = routing.Policy{MinProbability: 0.5, MinLead: 0.1, MinConfirmed: 5}
		d.learn(t)
		first := d.active(t)
		ask := func(body string) civic.Submission {
			t.Helper()
			sub := d.ReceiveFrom(t, civic.Contact{}, func(sub *civic.Submission) { sub.Title, sub.Body = "Ngư lưới cụ", body })
			d.settle(t)
			return sub
		}
		if sub := ask("Xin hướng dẫn bà con dùng phao tiêu và ngư lưới cụ thân thiện."); d.Case(t, sub.Code).State != civic.Triage {
			t.Errorf("before anybody confirmed anything it is %s", d.Case(t, sub.Code).State)
		}
		d.confirm(t, 4, "bo-y-te", "Bà con hỏi về phao tiêu, ngư lưới cụ và tàu cá nhỏ ven bờ.")
		d.learn(t)
		if d.active(t).Version != first.Version {
			t.Error("four confirmations are worth a new model")
		}
		d.confirm(t, 4, "bo-y-te", "Phao tiêu và ngư lưới cụ cần thay mới cho tàu cá.")
		d.Clock.Advance(time.Minute)
		d.learn(t)
		second := d.active(t)
		if second.Version == first.Version || second.Examples != 8 {
			t.Errorf("eight confirmations: model %s of %d examples", second.Version, second.Examples)
		}
		sub := ask("Tàu cá nhỏ ven bờ cần phao tiêu mới, ngư lưới cụ cũng cũ quá rồi.")
		got, r := d.Case(t, sub.Code), d.route(t, sub)
		if got.State != civic.Assigned || got.Agency != "bo-y-te" || r.By != civic.RouteByModel || r.ModelVersion != second.Version || len(r.Words) == 0 {
			t.Errorf("now it is %s with %s because of %+v", got.State, got.Agency, r)
		}
	})
}

func TestAcceptingConfirmsAndALaterDecisionReplacesIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	confirmed := func() (out []store.Confirmed) {
		t.Helper()
		d.View(t, func(tx store.Tx) (err error) {
			out, err = tx.Routes().Confirmed(t.Context(), 10)
			return err
		})
		return out
	}
	sub := d.assigned(t, house.Science)
	if err := d.s.Accept(t.Context(), officer, sub.Code, 1, 0); err != nil {
		t.Fatal(err)
	}
	if got := confirmed(); len(got) != 1 || got[0].Agency != house.Science || got[0].Text != sub.Text() {
		t.Errorf("confirmed: %+v", got)
	}
	if err := d.s.Assign(t.Context(), d.coordinator, sub.Code, 2, house.Education, ""); err != nil {
		t.Fatal(err)
	}
	if got := confirmed(); len(got) != 1 || got[0].Agency != house.Education {
		t.Errorf("corrected: %+v", got)
	}
}

func TestAChangedRegistryIsLearnedAnew(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	d.learn(t)
	first := d.active(t)
	d.Registry.Agencies[len(d.Registry.Agencies)-1].Competence += " Quản lý ngư lưới cụ và phao tiêu ven bờ."
	d.learn(t)
	if d.active(t).Version == first.Version {
		t.Error("the model still knows the old description")
	}
}

func TestABrokenModelIsTrainedAnewAndTheOldOneServesMeanwhile(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	d.learn(t)
	good := d.active(t)
	breakIt := func() {
		d.Do(t, func(tx store.Tx) error {
			bad := store.Model{Version: "broken", Data: []byte("no model"), TrainedAt: d.Clock.Now(), Figures: "{}"}
			if err := tx.Models().Add(t.Context(), bad); err != nil {
				return err
			}
			return tx.Models().Activate(t.Context(), bad.Version, d.Clock.Now())
		})
	}
	breakIt()
	sub := d.Receive(t, nil)
	d.settle(t)
	if r := d.route(t, sub); r.ModelVersion != good.Version {
		t.Errorf("routed by model %q, want the one that still works", r.ModelVersion)
	}
	if err := d.s.Learn(t.Context()); err == nil {
		t.Error("the operator is not told")
	}
	if m := d.active(t); m.Version == "broken" {
		t.Error("the broken model still serves")
	}
	// A process that starts with a broken model knows no older one.
	breakIt()
	fresh := newDeskBeside(d)
	other := d.Receive(t, nil)
	d.s = fresh
	d.settle(t)
	if got := d.Case(t, other.Code); got.State != civic.Triage && got.State != civic.Merged {
		t.Errorf("without any model it is %s", got.State)
	}
	if err := fresh.Learn(t.Context()); err == nil {
		t.Error("the operator is not told")
	}
	if err := fresh.Learn(t.Context()); err != nil {
		t.Errorf("it does not get better: %v", err)
	}
}

// newDeskBeside is another process on the same store.
func newDeskBeside(d *desk) *triage.Service {
	return &triage.Service{
		Store: d.Store, Registry: d.Registry, Calendar: d.Calendar, Keys: d.Keys, Rules: d.s.Rules, Policy: d.s.Policy, Now: d.Clock.Now,
	}
}

func TestAnotherProcessTakesUpTheModel(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	d.learn(t)
	want := d.active(t).Version
	d.s = newDeskBeside(d)
	sub := d.Receive(t, nil)
	d.settle(t)
	if r := d.route(t, sub); r.ModelVersion != want {
		t.Errorf("routed by model %q, want %q", r.ModelVersion, want)
	}
}

func TestOneProcessAtATimeTrains(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	d.Do(t, func(tx store.Tx) error {
		_, err := tx.Leases().Take(t.Context(), "model.train", "somebody else", d.Clock.Now(), 15*time.Minute)
		return err
	})
	d.learn(t)
	err := d.Store.View(t.Context(), func(tx store.Tx) error {
		_, err := tx.Models().Active(t.Context())
		return err
	})
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("it trained beside the other: %v", err)
	}
	d.Clock.Advance(15*time.Minute + time.Second) // the other died
	d.learn(t)
	d.active(t)
}

// Two processes of one installation must not both hold the lease.
func TestTwoTrainersExcludeEachOther(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	d.small()
	other := newDeskBeside(d)
	entered, leave := make(chan struct{}), make(chan struct{})
	d.s.Store = &pausing{Store: d.Store, entered: entered, leave: leave}
	done := make(chan error)
	go func() { done <- d.s.Learn(t.Context()) }()
	<-entered // the first holds the lease and is about to read its examples
	if err := other.Learn(t.Context()); err != nil {
		t.Error(err)
	}
	err := d.Store.View(t.Context(), func(tx store.Tx) error {
		_, err := tx.Models().Active(t.Context())
		return err
	})
	if errs.KindOf(err) != errs.NotFound {
		t.Errorf("the second trained while the first held the lease: %v", err)
	}
	close(leave)
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// pausing stops the first look at the store after the first change, which is
// where a trainer that has the lease reads its examples.
type pausing struct {
	store.Store
	entered, leave chan struct{}
	changed, done  bool
}

func (p *pausing) Do(ctx context.Context, fn func(store.Tx) error) error {
	p.changed = true
	return p.Store.Do(ctx, fn)
}

func (p *pausing) View(ctx context.Context, fn func(store.Tx) error) error {
	if p.changed && !p.done {
		p.done = true
		close(p.entered)
		<-p.leave
	}
	return p.Store.View(ctx, fn)
}
