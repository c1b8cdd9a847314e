// Package triage brings each submission to the agency that is responsible: it
// compares it with everything received before, routes it with a reason, and
// gives staff the queue and the acts by which they correct both.
package triage

import (
	"context"
	"strings"
	"sync"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/vitext"
	"hienke/internal/worktime"
)

// Service triages. All fields but Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Calendar *worktime.Calendar
	Keys     *seal.Keys
	Rules    *routing.RuleSet
	Policy   routing.Policy
	// Staff finds words in the whole of what staff may read.
	Staff search.Searcher
	Now   func() time.Time
	// Committed is told that the outbox has something new.
	Committed func()

	model serving
}

// serving is the classifier that this process uses, kept in step with the
// active version in the store.
type serving struct {
	mu       sync.Mutex
	model    *routing.Model
	version  string
	examples int    // confirmed routings it learned from
	seeds    string // fingerprint of the registry's descriptions
	broken   error  // why the active version could not be taken up, nil when it was
}

// MaxHandovers is after how many hand-overs a case goes to the coordinators
// instead of to one more agency.
const MaxHandovers = 3

// Why a coordinator must look.
const (
	ReasonHeld      = "triage.held"      // over a limit or caught by the honeypot
	ReasonUnsure    = "triage.unsure"    // no agency is likely enough
	ReasonHandedOn  = "triage.handed_on" // given back by an agency
	ReasonUnmerged  = "triage.unmerged"  // taken out of a cluster
	ReasonNotRouted = "triage.rule_error"
)

// run does one act of a person on a case.
func (s *Service) run(ctx context.Context, actor civic.Actor, code civic.Code, version int, a casework.Act) error {
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Now: s.Now}
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
