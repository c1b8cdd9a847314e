package learning_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/learning"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestANewModelIsMeasuredOnWhatNeitherHasSeen(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.learn(t)
		d.history(t, 15)
		d.learn(t)
		first := d.overview(t).Versions[0]
		if first.Verdict != learning.Unmeasured && first.Verdict != learning.NotWorse {
			t.Fatalf("the first: %+v", first)
		}
		d.history(t, 15)
		d.learn(t)
		second := d.overview(t).Versions[0]
		f := second.Figures
		if !second.Active || second.Verdict != learning.NotWorse || f.Method != learning.Unseen || f.HeldOut != 30 || f.RivalVersion != first.Version {
			t.Errorf("the second: %+v", second)
		}
		if f.Own == nil || f.Rival == nil || f.Own.Accuracy < 0.9 || f.Own.Rows == 0 || len(f.Calibration) == 0 || f.Classes != 3 {
			t.Errorf("its figures: %+v, %+v", f, f.Own)
		}
	})
}

// Wrong confirmations, as of somebody who clicks the first line again and
// again, must not spoil what serves.
func TestAModelThatIsWorseIsKeptAndDoesNotServe(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.learn(t)
		d.history(t, 20)
		d.learn(t)
		good := d.active(t)
		// Sixty wrong ones, then forty good: what is newest and unseen is right
		// again, and the new model has learned the wrong ones too.
		for range 20 {
			d.confirm(t, 1, house.Education, boats+fmt.Sprint(d.Clock.Now().Unix()))
			d.confirm(t, 1, health, lessons+fmt.Sprint(d.Clock.Now().Unix()))
			d.confirm(t, 1, house.Science, clinic+fmt.Sprint(d.Clock.Now().Unix()))
		}
		for range 20 {
			d.confirm(t, 1, house.Education, boats+fmt.Sprint(d.Clock.Now().Unix()))
			d.confirm(t, 1, health, lessons+fmt.Sprint(d.Clock.Now().Unix()))
			d.confirm(t, 1, house.Science, clinic+fmt.Sprint(d.Clock.Now().Unix()))
		}
		d.history(t, 10)
		d.learn(t)
		newest := d.overview(t).Versions[0]
		if newest.Verdict != learning.Worse || newest.Active || newest.Pruned || newest.Figures.OnlyRival <= newest.Figures.OnlyOwn {
			t.Errorf("the spoiled one: %+v", newest)
		}
		if m := d.active(t); m.Version != good.Version {
			t.Error("the spoiled one serves")
		}
		d.Clock.Advance(time.Minute)
		d.learn(t)
		if got := d.overview(t).Trainings; len(got) != 3 {
			t.Errorf("it was trained for the same again: %d trainings", len(got))
		}
	})
}

func TestGoingBackIsOneStepAndIsNotUndone(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.history(t, 20)
		d.learn(t)
		first := d.active(t)
		d.history(t, 4)
		d.learn(t)
		second := d.active(t)
		if second.Version == first.Version {
			t.Fatal("there is nothing to go back from")
		}
		d.Clock.Advance(time.Minute)
		if err := d.s.Activate(t.Context(), d.admin, first.Version); err != nil {
			t.Fatal(err)
		}
		o := d.overview(t)
		if o.Activation.Version != first.Version || o.Activation.By != d.admin.User || o.Serving != first.Version || o.Versions[0].RolledBackAt.IsZero() {
			t.Errorf("after going back: %+v", o)
		}
		ask := func() learning.Version {
			t.Helper()
			if _, err := d.s.TrainNow(t.Context(), d.admin); err != nil {
				t.Fatal(err)
			}
			d.Clock.Advance(time.Minute)
			d.learn(t)
			return d.overview(t).Versions[0]
		}
		if got := ask(); got.Verdict != learning.RolledBack || got.Active {
			t.Errorf("with the same confirmations: %+v", got)
		}
		d.history(t, 4)
		if got := ask(); got.Verdict != learning.NotBetter || got.Active {
			t.Errorf("with newer ones that change nothing: %+v", got)
		}
		if d.active(t).Version != first.Version {
			t.Error("the rollback was undone")
		}
		d.confirm(t, 100, health, boats) // boats are another agency's now, and the old model does not know it
		if got := ask(); got.Verdict != learning.NotWorse || !got.Active {
			t.Errorf("when it is better: %+v", got)
		}
	})
}

func TestActivateRefuses(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	d.learn(t)
	d.Do(t, func(tx store.Tx) error {
		for version, data := range map[string]string{"broken": "no model", "pruned": ""} {
			if err := tx.Models().Add(t.Context(), store.Model{Version: version, Data: []byte(data), TrainedAt: d.Clock.Now()}); err != nil {
				return err
			}
		}
		return nil
	})
	for version, want := range map[string]string{"broken": "model.broken", "pruned": "model.pruned", "none": "model.not_found"} {
		if err := d.s.Activate(t.Context(), d.admin, version); errs.CodeOf(err) != want {
			t.Errorf("%s: %v, want %s", version, err, want)
		}
	}
	if err := d.s.Activate(t.Context(), d.coordinator, d.active(t).Version); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a coordinator: %v", err)
	}
	if _, err := d.s.TrainNow(t.Context(), d.coordinator); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("a coordinator: %v", err)
	}
	if _, err := d.s.List(t.Context(), d.other); errs.KindOf(err) != errs.Forbidden {
		t.Errorf("an officer: %v", err)
	}
}

// breakIt makes a model active that cannot be read.
func (d *school) breakIt(t *testing.T) {
	t.Helper()
	d.Clock.Advance(time.Second)
	d.Do(t, func(tx store.Tx) error {
		bad := store.Model{Version: "broken", Data: []byte("no model"), TrainedAt: d.Clock.Now(), Figures: "{}"}
		if err := tx.Models().Add(t.Context(), bad); err != nil {
			return err
		}
		return tx.Models().Activate(t.Context(), bad.Version, d.Clock.Now(), 0)
	})
}

func TestOfABrokenModelTheLastGoodOneServes(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *school) {
		d.learn(t)
		good := d.active(t)
		d.breakIt(t)
		for name, s := range map[string]*learning.Service{"what served before": d.s, "a process that starts": d.beside()} {
			d.log.Reset()
			m, err := s.Classifier(t.Context())
			if err != nil || m == nil || m.Version() != good.Version {
				t.Errorf("%s: %v, %v", name, m, err)
			}
			h, err := s.Health(t.Context())
			if err != nil || h.Active != "broken" || h.Serving != good.Version || h.Broken == "" {
				t.Errorf("%s: the operator is told %+v, %v", name, h, err)
			}
			if n := strings.Count(d.log.String(), "cannot be read"); n != 1 {
				t.Errorf("%s: the log says so %d times", name, n)
			}
		}
		other := d.beside()
		if _, err := other.Classifier(t.Context()); err != nil {
			t.Fatal(err)
		}
		d.learn(t)
		if m := d.active(t); m.Version == "broken" {
			t.Error("the broken model is still active")
		}
		if h, err := other.Health(t.Context()); err != nil || h.Broken != "" || h.Serving != d.active(t).Version {
			t.Errorf("another process does not notice that it was mended: %+v, %v", h, err)
		}
	})
}

// Bytes that rot in the database leave the version its name.
func TestAModelThatRottedIsMendedUnderItsName(t *testing.T) {
	t.Parallel()
	d := newSchool(t, house.New(t))
	d.learn(t)
	m := d.active(t)
	d.Do(t, func(tx store.Tx) error {
		rotten := m
		rotten.Data = m.Data[:len(m.Data)/2]
		return tx.Models().Add(t.Context(), rotten)
	})
	starts, other := d.beside(), d.beside()
	if got, err := other.Classifier(t.Context()); got != nil || err != nil {
		t.Fatalf("without any that can be read it has %v, %v", got, err)
	}
	d.Clock.Advance(time.Minute)
	if err := starts.Learn(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := d.active(t); got.Version != m.Version || len(got.Data) != len(m.Data) {
		t.Errorf("it was mended to %s of %d bytes, want %s of %d", got.Version, len(got.Data), m.Version, len(m.Data))
	}
	if got, err := other.Classifier(t.Context()); err != nil || got == nil {
		t.Errorf("another process does not take it up: %v, %v", got, err)
	}
}
