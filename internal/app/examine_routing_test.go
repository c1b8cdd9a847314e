package app_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/store"
)

// TestTheDoctorTellsOfRulesAndClassifier: what is wrong with either is said,
// with what to do, and routing goes on.
func TestTheDoctorTellsOfRulesAndClassifier(t *testing.T) {
	t.Parallel()
	ctx, now := t.Context(), time.Now().UTC()
	a, err := app.New(ctx, quiet(t.TempDir()), app.Options{Role: app.Tool, Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	said := func(name string) app.Check {
		t.Helper()
		for _, c := range a.Examine(ctx, false) {
			if c.Name == name {
				return c
			}
		}
		t.Fatalf("the doctor says nothing of %s", name)
		return app.Check{}
	}
	if c := said("classifier"); c.Warning || c.Err != nil || !strings.Contains(c.Finding, "none yet") {
		t.Errorf("before the first start: %+v", c)
	}
	if err := a.Rulebook.TakeUp(ctx, a.Data.RoutingRules()); err != nil {
		t.Fatal(err)
	}
	if err := a.Learning.Learn(ctx); err != nil {
		t.Fatal(err)
	}
	if c := said("rules"); c.Warning || c.Err != nil || strings.HasPrefix(c.Finding, "0 ") {
		t.Errorf("sound rules: %+v", c)
	}
	if c := said("classifier"); c.Warning || c.Err != nil || !strings.Contains(c.Finding, "from 0 confirmed") {
		t.Errorf("a sound classifier: %+v", c)
	}

	now = now.Add(time.Minute)
	err = a.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Models().Add(ctx, store.Model{Version: "bad", Data: []byte("x"), TrainedAt: now}); err != nil {
			return err
		}
		return tx.Models().Activate(ctx, "bad", now, 0)
	})
	if err != nil {
		t.Fatal(err)
	}
	v, err := a.Rulebook.Save(ctx, civic.System, rulebook.Draft{
		Name: "Thử", Condition: `Words[99] == "a"`, Agency: "bo-y-te", Owner: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := a.Rulebook.DryRunVersion(ctx, civic.System, v.ID, v.Version, time.Time{}); err != nil {
		t.Fatal(err)
	}
	if err := a.Rulebook.GoLive(ctx, civic.System, v.ID, v.Version); err != nil {
		t.Fatal(err)
	}
	rules, err := a.Rulebook.Rules(ctx)
	if err != nil {
		t.Fatal(err)
	}
	d := routing.Router{Rules: rules}.Decide(routing.Input{Title: "Cầu"}, now, func(string) bool { return true })
	a.Triage.RuleFailed(ctx, d.RuleErrors)
	if c := said("rules"); !c.Warning || !strings.Contains(c.Advice, "thu version 1 failed on 1 texts") {
		t.Errorf("a rule that fails: %+v", c)
	}
	if c := said("classifier"); !c.Warning || !strings.Contains(c.Advice, "cannot be read") {
		t.Errorf("a broken classifier: %+v", c)
	}
}
