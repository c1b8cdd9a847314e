package rulebook

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

const (
	// dryRunCases is how many of the newest cases a dry run looks at: some
	// months of a ministry, and seconds of work.
	dryRunCases = 10_000
	// dryRunPage is read at a time, so that no transaction lasts.
	dryRunPage = 200
	// dryRunExamples bounds the contradicted cases that are named.
	dryRunExamples = 20
)

// Impact is what a change of the rules would have done to past cases, each as
// if it came today. "By rules" a case goes to the agency of the first rule that
// holds, or to none: then the classifier or a person decides.
type Impact struct {
	Looked  int       `json:"looked"` // cases that were evaluated
	Since   time.Time `json:"since"`  // none received before this; zero for no bound
	Capped  bool      `json:"capped"` // older cases within Since were left out
	Matched int       `json:"matched"`
	Decided int       `json:"decided"` // of the matched, those that no earlier rule takes
	// Changed counts cases whose agency by rules would be another.
	Changed int `json:"changed"`
	// Agencies tells how many cases would come and go, the most moved first.
	// The empty code stands for none.
	Agencies []AgencyImpact `json:"agencies"`
	// Confirmed counts decided cases for which a person stood by an agency, and
	// Contradicts those of them with another agency than the rule's. An agency
	// that ended counts as its successor.
	Confirmed   int `json:"confirmed"`
	Contradicts int `json:"contradicts"`
	// Examples are up to 20 of the contradicted cases, the newest first.
	Examples []Contradiction `json:"examples"`
	// Errors are rules that failed on these cases.
	Errors []ImpactError `json:"errors"`
	// Against names the live rules that it was run beside.
	Against string `json:"against"`
}

// AgencyImpact is how many cases an agency would get and lose.
type AgencyImpact struct {
	Agency civic.AgencyCode `json:"agency"`
	Come   int              `json:"come"`
	Go     int              `json:"go"`
}

// Contradiction is a case that the rule would send elsewhere than a person.
type Contradiction struct {
	Code      civic.Code       `json:"code"`
	Title     string           `json:"title"`
	Confirmed civic.AgencyCode `json:"confirmed"` // by a person
	Rule      civic.AgencyCode `json:"rule"`      // by the rule
}

// ImpactError is a rule that failed on past cases.
type ImpactError struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
	Errors  int    `json:"errors"`
	Last    string `json:"last"`
}

// DryRun tells what a draft would have done to the newest cases since a time
// (zero: no bound), beside the live rules and in place of the live version of
// the same rule. Nothing is stored. A draft with an id keeps the place of that
// rule, a new one stands at the end. It reads page by page and ends with ctx.
func (s *Service) DryRun(ctx context.Context, actor civic.Actor, d Draft, since time.Time) (Impact, error) {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return Impact{}, err
	}
	all, err := s.versions(ctx)
	if err != nil {
		return Impact{}, err
	}
	if d = d.tidy(); d.ID == "" {
		d.ID = idFrom(d.Name, ids(all))
	}
	if err := s.check(d); err != nil {
		return Impact{}, err
	}
	v := d.version(d.Base+1, s.Now(), actor.User)
	if known := versionsOf(all, d.ID); len(known) > 0 {
		v.Position = known[0].Position
	}
	impact, err := s.tryOut(ctx, all, v, since)
	if err != nil {
		return Impact{}, fmt.Errorf("try the rule out: %w", err)
	}
	return impact, nil
}

// DryRunVersion is DryRun for a stored draft, and stores what it showed: after
// it the draft may go live.
func (s *Service) DryRunVersion(ctx context.Context, actor civic.Actor, id string, version int, since time.Time) (Impact, error) {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return Impact{}, err
	}
	all, err := s.versions(ctx)
	if err != nil {
		return Impact{}, err
	}
	v, err := find(all, id, version)
	if err != nil {
		return Impact{}, err
	}
	if v.State != store.RuleDraft {
		return Impact{}, errs.New(errs.Conflict, "rule.not_a_draft")
	}
	impact, err := s.tryOut(ctx, all, v, since)
	if err != nil {
		return Impact{}, fmt.Errorf("try the rule out: %w", err)
	}
	summary, err := json.Marshal(impact)
	if err != nil {
		return Impact{}, fmt.Errorf("note the dry run: %w", err)
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error { return tx.Rules().PutDryRun(ctx, id, version, string(summary), s.Now()) })
	if err != nil {
		return Impact{}, fmt.Errorf("note the dry run: %w", err)
	}
	return impact, nil
}

func (s *Service) versions(ctx context.Context) (all []store.RuleVersion, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Rules().List(ctx)
		return err
	})
	return all, err
}

// trial is a dry run under way.
type trial struct {
	reg     *civic.Registry
	at      time.Time
	draft   store.RuleVersion
	allowed func(agency string) bool
	// before and after are all rules; alone is the draft, replaced the version
	// whose place it takes.
	before, after, alone, replaced routing.Router

	impact     Impact
	come, gone map[civic.AgencyCode]int
	failed     map[faulty]*ImpactError
}

func (s *Service) tryOut(ctx context.Context, all []store.RuleVersion, draft store.RuleVersion, since time.Time) (Impact, error) {
	t, err := s.newTrial(all, draft)
	if err != nil {
		return Impact{}, err
	}
	t.impact.Since, t.impact.Against = since, fingerprint(all)
	last := civic.SubmissionID(0)
	for seen := 0; ; {
		var page []store.PastCase
		err := s.Store.View(ctx, func(tx store.Tx) (err error) {
			page, err = tx.Rules().Past(ctx, last, dryRunPage)
			return err
		})
		if err != nil {
			return Impact{}, err
		}
		for _, p := range page {
			if !p.Submission.ReceivedAt.Before(since) {
				t.look(p)
			}
		}
		if seen += len(page); len(page) < dryRunPage {
			break
		}
		if seen >= dryRunCases {
			t.impact.Capped = true
			break
		}
		last = page[len(page)-1].Submission.ID
	}
	return t.sum(), nil
}

// newTrial compiles the rules of today and those with the draft in its place.
func (s *Service) newTrial(all []store.RuleVersion, draft store.RuleVersion) (*trial, error) {
	at := s.Now()
	if draft.ValidFrom.After(at) {
		at = draft.ValidFrom // as it will be on its first day
	}
	now := live(all)
	then := slices.Clone(now)
	var replaced []store.RuleVersion
	if i := slices.IndexFunc(now, func(v store.RuleVersion) bool { return v.ID == draft.ID }); i >= 0 {
		then[i] = draft
		replaced = now[i : i+1]
	} else {
		place := slices.IndexFunc(now, func(v store.RuleVersion) bool { return draft.Position > 0 && v.Position > draft.Position })
		if place < 0 {
			place = len(then)
		}
		then = slices.Insert(then, place, draft)
	}
	t := &trial{reg: s.Registry, at: at, draft: draft, come: map[civic.AgencyCode]int{}, gone: map[civic.AgencyCode]int{}, failed: map[faulty]*ImpactError{}}
	t.allowed = func(code string) bool { return s.Registry.CanReceive(civic.AgencyCode(code), at) }
	for router, versions := range map[*routing.Router][]store.RuleVersion{
		&t.before: now, &t.after: then, &t.alone: {draft}, &t.replaced: replaced,
	} {
		router.Rules, _ = compile(versions) // what is broken decides nothing today either
	}
	if t.alone.Rules.Len() == 0 {
		return nil, errs.InvalidFields(errs.Field{Name: "condition", Code: "rule.condition_wrong", Params: map[string]string{"detail": ""}})
	}
	return t, nil
}

// look evaluates one case. Most are touched by neither the draft nor the
// version that it replaces, and then nothing changes and no more is asked.
func (t *trial) look(p store.PastCase) {
	sub := p.Submission
	in := routing.Input{
		Kind: string(sub.Kind), Topic: string(sub.Topic), Area: string(sub.Area), Title: sub.Title, Body: sub.Body,
		SubmitterType: string(sub.Submitter),
	}
	t.impact.Looked++
	alone := t.alone.Decide(in, t.at, t.allowed)
	t.note(alone.RuleErrors)
	if alone.Assigned {
		t.impact.Matched++
	} else if !t.replaced.Decide(in, t.at, t.allowed).Assigned {
		return
	}
	if p.Waits {
		return // no rule has sent it anywhere, and none will
	}
	before, after := t.before.Decide(in, t.at, t.allowed), t.after.Decide(in, t.at, t.allowed)
	from, to := civic.AgencyCode(before.Agency), civic.AgencyCode(after.Agency)
	if from != to {
		t.impact.Changed++
		t.gone[from]++
		t.come[to]++
	}
	if after.RuleID != t.draft.ID {
		return
	}
	t.impact.Decided++
	t.compare(p, to)
}

// compare holds a case that the draft decides against what a person said.
func (t *trial) compare(p store.PastCase, to civic.AgencyCode) {
	confirmed := p.Confirmed
	if confirmed == "" {
		return
	}
	if heir, ok := t.reg.Successor(confirmed, p.Submission.Topic, t.at); ok {
		confirmed = heir
	}
	t.impact.Confirmed++
	if confirmed == to {
		return
	}
	t.impact.Contradicts++
	if len(t.impact.Examples) < dryRunExamples {
		t.impact.Examples = append(t.impact.Examples, Contradiction{
			Code: p.Submission.Code, Title: p.Submission.Title, Confirmed: p.Confirmed, Rule: to,
		})
	}
}

// note counts failures. That the agency receives nothing is one, too.
func (t *trial) note(failed []routing.RuleError) {
	for _, e := range failed {
		key := faulty{e.RuleID, e.Version}
		if t.failed[key] == nil {
			t.failed[key] = &ImpactError{ID: e.RuleID, Version: e.Version}
		}
		t.failed[key].Errors++
		t.failed[key].Last = shorten(e.Err)
	}
}

// sum returns the result with its lists in order.
func (t *trial) sum() Impact {
	for _, code := range t.codes() {
		t.impact.Agencies = append(t.impact.Agencies, AgencyImpact{Agency: code, Come: t.come[code], Go: t.gone[code]})
	}
	for _, f := range t.failed {
		t.impact.Errors = append(t.impact.Errors, *f)
	}
	slices.SortFunc(t.impact.Errors, func(a, b ImpactError) int { return cmp.Compare(a.ID, b.ID) })
	return t.impact
}

// codes lists the agencies that would get or lose cases, the most first.
func (t *trial) codes() []civic.AgencyCode {
	var out []civic.AgencyCode
	for _, of := range []map[civic.AgencyCode]int{t.come, t.gone} {
		for code := range of {
			if !slices.Contains(out, code) {
				out = append(out, code)
			}
		}
	}
	slices.SortFunc(out, func(a, b civic.AgencyCode) int {
		return cmp.Or(cmp.Compare(t.come[b]+t.gone[b], t.come[a]+t.gone[a]), cmp.Compare(a, b))
	})
	return out
}

// digest shortens a text to a name.
func digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
