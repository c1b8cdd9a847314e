// Package triage brings each submission to the agency that is responsible: it
// compares it with everything received before, routes it with a reason, and
// gives staff the queue and the acts by which they correct both.
package triage

import (
	"context"
	"io"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/routing"
	"hienke/internal/scope"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// Judge tells whether a text is one for this system.
type Judge interface {
	Judge(scope.Input) scope.Verdict
}

// Service triages. All fields but RuleFailed and Committed are required; Random
// only to split a case.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Keys     *seal.Keys
	// Rules returns the rules that hold now, and Classifier the model that
	// serves, nil while there is none. They are asked for every case.
	Rules      func(ctx context.Context) (*routing.RuleSet, error)
	Classifier func(ctx context.Context) (*routing.Model, error)
	Policy     routing.Policy
	// Scope tells what is for this system at all; nil takes everything.
	Scope Judge
	// RuleFailed is told of rules that failed on a case, which went on by the
	// next rule.
	RuleFailed func(ctx context.Context, failed []routing.RuleError)
	// Staff finds words in the whole of what staff may read.
	Staff search.Searcher
	Now   func() time.Time
	// Random gives uniform bytes, crypto/rand outside of tests.
	Random io.Reader
	// Committed is told that the outbox has something new.
	Committed func()
}

// MaxHandovers is after how many hand-overs a case goes to the coordinators
// instead of to one more agency.
const MaxHandovers = 3

// Why a coordinator must look.
const (
	ReasonHeld      = "triage.held"      // over a limit or caught by the honeypot
	ReasonUnsure    = "triage.unsure"    // no agency is likely enough
	ReasonHandedOn  = "triage.handed_on" // given back by an agency
	ReasonUnmerged  = cluster.ReasonUnmerged
	ReasonNotRouted = "triage.rule_error"
)

// run does one act of a person on a case.
func (s *Service) run(ctx context.Context, actor civic.Actor, code civic.Code, version int, a casework.Act) error {
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Times: s.Times, Now: s.Now}
	err := desk.Run(ctx, actor, code, version, a)
	if err == nil && s.Committed != nil {
		s.Committed()
	}
	return err
}

// words brings what staff type into one form and checks its length.
func words(field, text string, least, most int) (string, error) {
	text = strings.TrimSpace(vitext.Normalize(text))
	return text, civic.CheckLength(field, text, least, most)
}
