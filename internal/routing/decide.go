package routing

import (
	"cmp"
	"slices"
	"time"
)

// By tells what decided.
type By string

// The deciders.
const (
	ByRule  By = "rule"
	ByModel By = "model"
	ByNone  By = "none" // not sure enough: a person decides
)

// Policy says when the model may assign without a person.
type Policy struct {
	// MinProbability is the least probability of the best agency.
	MinProbability float64
	// MinLead is the least lead over the second one, in probability.
	MinLead float64
	// MinConfirmed is how many confirmed routings to the agency the model must
	// have learned from. Descriptions alone never suffice.
	MinConfirmed int
}

// DefaultPolicy assigns what is right in about 98 of 100 cases: see the
// figures in its test. The lead keeps two close candidates apart; with fewer
// than ten confirmed routings to an agency its probabilities were not reliable.
func DefaultPolicy() Policy {
	return Policy{MinProbability: 0.95, MinLead: 0.5, MinConfirmed: 10}
}

// candidateCount is how many agencies a person is offered.
const candidateCount = 3

// Decision is where a text should go and why.
type Decision struct {
	// Agency is the agency to assign to; empty when not sure.
	Agency   string
	Assigned bool // Agency is not empty
	By       By
	// RuleID, RuleVersion and RuleName are set when a rule decided.
	RuleID      string
	RuleVersion int
	RuleName    string
	// ModelVersion names the model that was asked; empty when there was none.
	ModelVersion string
	// Score is the probability of the best agency: 1 by a rule, else what the
	// model says; present when not assigned, too.
	Score         float64
	RunnerUp      string
	RunnerUpScore float64
	// Words of the text that counted for the best agency, strongest first.
	Words []string
	// RunnerUpWords are those that counted for the runner-up against the best.
	RunnerUpWords []string
	// Candidates are up to three agencies, the best first. The agency that a
	// rule chose comes first whatever the model thinks of it.
	Candidates []Scored
	// RuleErrors are rules that failed on this text. They decided nothing and
	// somebody should be told.
	RuleErrors []RuleError
}

// Router decides by rules, then by a model. Either may be nil. It is read-only
// and safe for concurrent use.
type Router struct {
	Rules  *RuleSet
	Model  *Model
	Policy Policy
}

// Decide says where a text should go at a time. Only agencies that allowed
// lets pass are ever named, so that one that ended receives nothing.
func (r Router) Decide(in Input, at time.Time, allowed func(agency string) bool) Decision {
	d := Decision{By: ByNone}
	if r.Model != nil {
		d.ModelVersion = r.Model.version
		d.ask(r.Model, in, allowed)
	}
	rule, failed := r.Rules.match(in, at, allowed)
	d.RuleErrors = failed
	switch {
	case rule != nil:
		d.follow(*rule)
	case r.sure(d):
		d.Agency, d.Assigned, d.By = d.Candidates[0].Label, true, ByModel
	}
	return d
}

// ask fills in what the model says.
func (d *Decision) ask(m *Model, in Input, allowed func(string) bool) {
	scored := m.classify(in.Text(), allowed)
	d.Candidates = scored[:min(candidateCount, len(scored))]
	if len(scored) > 0 {
		d.Score, d.Words = scored[0].Probability, scored[0].Words
	}
	if len(scored) > 1 {
		d.RunnerUp, d.RunnerUpScore, d.RunnerUpWords = scored[1].Label, scored[1].Probability, scored[1].Words
	}
}

// follow lets a rule decide. What the model thinks best otherwise becomes the
// runner-up.
func (d *Decision) follow(rule Rule) {
	d.Agency, d.Assigned, d.By = rule.Agency, true, ByRule
	d.RuleID, d.RuleVersion, d.RuleName = rule.ID, rule.Version, rule.Name
	chosen := Scored{Label: rule.Agency, Probability: 1}
	var others []Scored
	for _, c := range d.Candidates {
		if c.Label == rule.Agency {
			chosen.Words = c.Words
		} else {
			others = append(others, c)
		}
	}
	d.Score, d.Words = 1, chosen.Words
	d.RunnerUp, d.RunnerUpScore, d.RunnerUpWords = "", 0, nil
	if len(others) > 0 {
		d.RunnerUp, d.RunnerUpScore, d.RunnerUpWords = others[0].Label, others[0].Probability, others[0].Words
	}
	d.Candidates = append([]Scored{chosen}, others[:min(len(others), candidateCount-1)]...)
}

// sure reports whether the policy lets the model assign its best agency.
func (r Router) sure(d Decision) bool {
	return len(d.Candidates) > 0 &&
		d.Score >= r.Policy.MinProbability &&
		d.Score-d.RunnerUpScore >= r.Policy.MinLead &&
		r.Model.Confirmed(d.Candidates[0].Label) >= r.Policy.MinConfirmed
}

// Rename puts other agencies in the place of those that were decided for: rules
// and models go on naming one that ended until somebody writes or trains them
// anew. What two names stand for is one candidate with both scores.
func (d *Decision) Rename(of func(agency string) string) {
	var list []Scored
	for _, c := range d.Candidates {
		c.Label = of(c.Label)
		if i := slices.IndexFunc(list, func(o Scored) bool { return o.Label == c.Label }); i >= 0 {
			list[i].Probability = min(1, list[i].Probability+c.Probability)
			continue
		}
		list = append(list, c)
	}
	slices.SortStableFunc(list, func(a, b Scored) int { return cmp.Compare(b.Probability, a.Probability) })
	d.Candidates = list
	if d.Agency != "" {
		d.Agency = of(d.Agency)
	}
	if len(list) > 0 {
		d.Score, d.Words = list[0].Probability, list[0].Words
	}
	if d.RunnerUp != "" {
		d.RunnerUp, d.RunnerUpScore, d.RunnerUpWords = "", 0, nil
		if len(list) > 1 {
			d.RunnerUp, d.RunnerUpScore, d.RunnerUpWords = list[1].Label, list[1].Probability, list[1].Words
		}
	}
}
