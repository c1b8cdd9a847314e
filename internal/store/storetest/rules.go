package storetest

import (
	"math"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var ruleTests = []test{
	{"a version is stored whole and taken once", testRuleVersion},
	{"a version changes its state and nothing else", testRuleState},
	{"a rule has at most one live version and one draft", testRuleOneLive},
	{"rules are listed in their order, the newest version first", testRuleOrder},
	{"a change raises the revision", testRuleRevision},
	{"errors are counted per version", testRuleErrors},
	{"past cases are walked from the newest", testPastCases},
	{"steps of cases are listed by case in their order", testSteps},
	{"open cases are counted by agency", testOpenByAgency},
}

func version(id string, n int, state store.RuleState) store.RuleVersion {
	return store.RuleVersion{
		ID: id, Version: n, Position: 1, Name: "Sáng chế", Condition: `any("sáng chế")`, Agency: "most", Owner: "coordinators", State: state, WrittenAt: noon,
	}
}

func addRule(t *testing.T, s store.Store, v store.RuleVersion) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Rules().Add(t.Context(), v) })
}

func rulesOf(t *testing.T, s store.Store) []store.RuleVersion {
	t.Helper()
	return view(t, s, func(tx store.Tx) ([]store.RuleVersion, error) { return tx.Rules().List(t.Context()) })
}

func testRuleVersion(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	v := version("r1", 1, store.RuleLive)
	v.ValidFrom, v.ValidTo, v.Note, v.WrittenBy = noon, noon.Add(time.Hour), `ghi "chú"`, u.ID
	v.LiveAt, v.LiveBy, v.DryRun, v.DryRunAt = noon, u.ID, `{"looked":1}`, noon.Add(-time.Hour)
	addRule(t, s, v)
	v.Writer = u.Name
	equal(t, rulesOf(t, s), []store.RuleVersion{v})
	refused(t, s, errs.Conflict, "rule.version_taken", func(tx store.Tx) error { return tx.Rules().Add(t.Context(), v) })
}

func testRuleState(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	v := version("r1", 1, store.RuleDraft)
	addRule(t, s, v)
	do(t, s, func(tx store.Tx) error {
		return tx.Rules().PutDryRun(t.Context(), "r1", 1, "{}", noon.Add(time.Minute))
	})
	do(t, s, func(tx store.Tx) error {
		return tx.Rules().SetState(t.Context(), "r1", 1, store.RuleLive, noon.Add(time.Hour), u.ID)
	})
	do(t, s, func(tx store.Tx) error {
		return tx.Rules().SetState(t.Context(), "r1", 1, store.RuleRetired, noon.Add(2*time.Hour), 0)
	})
	v.State, v.LiveAt, v.LiveBy, v.RetiredAt = store.RuleRetired, noon.Add(time.Hour), u.ID, noon.Add(2*time.Hour)
	v.DryRun, v.DryRunAt = "{}", noon.Add(time.Minute)
	equal(t, rulesOf(t, s), []store.RuleVersion{v})
	refused(t, s, errs.NotFound, "rule.not_found", func(tx store.Tx) error {
		return tx.Rules().SetState(t.Context(), "r1", 2, store.RuleLive, noon, 0)
	})
	refused(t, s, errs.NotFound, "rule.not_found", func(tx store.Tx) error {
		return tx.Rules().PutDryRun(t.Context(), "r2", 1, "{}", noon)
	})
}

func testRuleOneLive(t *testing.T, s store.Store) {
	for _, state := range []store.RuleState{store.RuleLive, store.RuleDraft} {
		id := "r-" + string(state)
		addRule(t, s, version(id, 1, state))
		err := s.Do(t.Context(), func(tx store.Tx) error { return tx.Rules().Add(t.Context(), version(id, 2, state)) })
		if errs.KindOf(err) != errs.Conflict {
			t.Errorf("a second version that is %s: %v", state, err)
		}
		addRule(t, s, version(id, 2, store.RuleRetired))
	}
}

func testRuleOrder(t *testing.T, s store.Store) {
	for i, v := range []store.RuleVersion{
		version("b", 1, store.RuleRetired), version("a", 1, store.RuleLive), version("b", 2, store.RuleLive), version("c", 1, store.RuleLive),
	} {
		v.Position = i + 1 // of b the first counts
		addRule(t, s, v)
	}
	names := func() (out []string) {
		for _, v := range rulesOf(t, s) {
			out = append(out, v.ID+string(rune('0'+v.Version)))
		}
		return out
	}
	equal(t, names(), []string{"b2", "b1", "a1", "c1"})
	do(t, s, func(tx store.Tx) error { return tx.Rules().Order(t.Context(), []string{"c", "b", "a"}) })
	equal(t, names(), []string{"c1", "b2", "b1", "a1"})
}

func testRuleRevision(t *testing.T, s store.Store) {
	revision := func(tx store.Tx) (int64, error) { return tx.Rules().Revision(t.Context()) }
	before := view(t, s, revision)
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.Rules().Change(t.Context()) })
	}
	if after := view(t, s, revision); after <= before {
		t.Errorf("revision %d after %d", after, before)
	}
}

func testRuleErrors(t *testing.T, s store.Store) {
	addRule(t, s, version("r1", 1, store.RuleRetired))
	addRule(t, s, version("r1", 2, store.RuleLive))
	add := func(id string, v, n int, last string, after time.Duration) {
		do(t, s, func(tx store.Tx) error { return tx.Rules().AddErrors(t.Context(), id, v, n, last, noon.Add(after)) })
	}
	add("r1", 1, 2, "một", 0)
	add("r1", 1, 3, "hai", time.Minute)
	add("r1", 2, 1, "ba", 0)
	add("r1", 7, 1, "không có", 0)
	add("r9", 1, 1, "không có", 0)
	equal(t, view(t, s, func(tx store.Tx) ([]store.RuleFault, error) { return tx.Rules().Errors(t.Context()) }), []store.RuleFault{
		{ID: "r1", Version: 1, Errors: 5, LastError: "hai", LastAt: noon.Add(time.Minute)},
		{ID: "r1", Version: 2, Errors: 1, LastError: "ba", LastAt: noon},
	})
}

func testPastCases(t *testing.T, s store.Store) {
	a, b := receive(t, s, nil), receive(t, s, nil)
	c := change(t, s, receive(t, s, nil), func(sub *civic.Submission) { sub.State = civic.Merged })
	do(t, s, func(tx store.Tx) error { return tx.Routes().Confirm(t.Context(), a.ID, "moh", noon) })
	past := func(before civic.SubmissionID, limit int) []store.PastCase {
		return view(t, s, func(tx store.Tx) ([]store.PastCase, error) { return tx.Rules().Past(t.Context(), before, limit) })
	}
	light := func(sub civic.Submission, confirmed civic.AgencyCode) store.PastCase {
		return store.PastCase{Confirmed: confirmed, Submission: civic.Submission{
			ID: sub.ID, Code: sub.Code, Kind: sub.Kind, Topic: sub.Topic, Area: sub.Area, Title: sub.Title, Body: sub.Body,
			Submitter: sub.Submitter, State: sub.State, Agency: sub.Agency, ReceivedAt: sub.ReceivedAt,
		}}
	}
	equal(t, past(0, 10), []store.PastCase{light(b, ""), light(a, "moh")})
	equal(t, past(0, 1), []store.PastCase{light(b, "")})
	equal(t, past(b.ID, 10), []store.PastCase{light(a, "moh")})
	equal(t, past(c.ID, 10), past(math.MaxInt64, 10))
	waits := func(sub civic.Submission) store.PastCase {
		p := light(sub, "")
		p.Waits = true
		return p
	}
	restricted := receive(t, s, func(r *store.Receipt) { r.Submission.Restricted = true })
	held := receive(t, s, func(r *store.Receipt) { r.Submission.Hold = "limit" })
	spam, fine := receive(t, s, nil), receive(t, s, nil)
	do(t, s, func(tx store.Tx) error {
		for id, scope := range map[civic.SubmissionID]civic.Scope{spam.ID: civic.Spam, fine.ID: civic.InScope} {
			d := civic.ScopeDecision{Submission: id, Suggested: civic.Spam, Scope: scope, DecidedBy: civic.ActorSystem, DecidedAt: noon}
			if err := tx.Scopes().Put(t.Context(), d); err != nil {
				return err
			}
		}
		return nil
	})
	equal(t, past(0, 4), []store.PastCase{light(fine, ""), waits(spam), waits(held), waits(restricted)})
}

func testSteps(t *testing.T, s store.Store) {
	a := change(t, s, receive(t, s, nil), func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, "moh" })
	b := receive(t, s, nil)
	event := func(sub civic.Submission, after time.Duration, of civic.EventType, agency civic.AgencyCode) {
		do(t, s, func(tx store.Tx) error {
			return tx.Events().Add(t.Context(), civic.Event{
				Submission: sub.ID, At: noon.Add(after), Type: of, Actor: civic.ActorSystem, From: civic.Triage, To: civic.Assigned, Agency: agency,
			})
		})
	}
	event(b, time.Minute, civic.EventRouted, "most")
	event(a, 0, civic.EventAssigned, "old")
	event(a, 2*time.Minute, civic.EventAssigned, "most")
	event(a, 3*time.Minute, civic.EventNoted, "most")
	event(a, 4*time.Minute, civic.EventHandedBack, "most")
	got := view(t, s, func(tx store.Tx) ([]store.Step, error) {
		return tx.Agencies().Steps(t.Context(), noon.Add(time.Minute))
	})
	step := func(sub civic.Submission, after time.Duration, of civic.EventType) store.Step {
		return store.Step{Submission: sub.ID, At: noon.Add(after), Type: of, To: civic.Assigned, Agency: "most", Now: sub.Agency}
	}
	equal(t, got, []store.Step{
		step(a, 2*time.Minute, civic.EventAssigned), step(a, 4*time.Minute, civic.EventHandedBack), step(b, time.Minute, civic.EventRouted),
	})
}

func testOpenByAgency(t *testing.T, s store.Store) {
	for _, state := range []civic.State{civic.Assigned, civic.InReview, civic.Answered} {
		change(t, s, receive(t, s, nil), func(sub *civic.Submission) { sub.State, sub.Agency = state, "moh" })
	}
	receive(t, s, nil)
	got := view(t, s, func(tx store.Tx) (map[civic.AgencyCode]int, error) { return tx.Agencies().Open(t.Context()) })
	equal(t, got, map[civic.AgencyCode]int{"moh": 2})
}
