package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// RuleState tells what became of a version of a rule.
type RuleState string

// The states of a version. A rule has at most one live version and one draft.
const (
	RuleDraft   RuleState = "draft"   // written, decides nothing yet
	RuleLive    RuleState = "live"    // decides
	RuleRetired RuleState = "retired" // decided once, or was never taken up
)

// RuleVersion is one version of a routing rule. What it says never changes:
// a change is a new version.
type RuleVersion struct {
	ID        string
	Version   int // from 1
	Position  int // of the rule, all versions; lower is tried first
	Name      string
	Condition string // see routing.Rule
	Agency    civic.AgencyCode
	// ValidFrom and ValidTo bound when it holds, half open; zero is open.
	ValidFrom, ValidTo time.Time
	Owner, Note        string

	WrittenAt time.Time
	WrittenBy civic.UserID // zero: it came with the registry
	Writer    string       // the name, filled when read

	State     RuleState
	LiveAt    time.Time // zero: never went live
	LiveBy    civic.UserID
	RetiredAt time.Time
	RetiredBy civic.UserID

	// DryRun is JSON of what a dry run of this version showed, empty before one.
	DryRun   string
	DryRunAt time.Time
}

// RuleFault counts how often a version failed on a text.
type RuleFault struct {
	ID        string
	Version   int
	Errors    int
	LastError string
	LastAt    time.Time
}

// PastCase is a case as rules see it, with the agency that a person stood by.
type PastCase struct {
	// Submission has ID, Code, Kind, Topic, Area, Title, Body, Submitter,
	// State, Agency and ReceivedAt.
	Submission civic.Submission
	Confirmed  civic.AgencyCode // empty: nobody confirmed one
	// Waits tells that a coordinator decides it whatever rules say: it is
	// restricted, held, or not taken for one of this system.
	Waits bool
}

// Rules keeps the routing rules.
type Rules interface {
	// Change raises the revision and keeps other changes out until the
	// transaction ends. Every transaction that changes rules begins with it.
	Change(ctx context.Context) error
	// Revision rises with every change: cheap enough for every job.
	Revision(ctx context.Context) (int64, error)
	// List returns every version of every rule, by position and id, the newest
	// version first.
	List(ctx context.Context) ([]RuleVersion, error)
	// Add stores a version that is new. Position places a rule that is new and
	// is left out of account for one that exists. An existing version is
	// Conflict with code rule.version_taken.
	Add(ctx context.Context, v RuleVersion) error
	// SetState moves a version, or is NotFound. Becoming live or retired is
	// noted with the time and the person, zero for none.
	SetState(ctx context.Context, id string, version int, state RuleState, at time.Time, by civic.UserID) error
	// PutDryRun stores what a dry run showed, or is NotFound.
	PutDryRun(ctx context.Context, id string, version int, summary string, at time.Time) error
	// Order gives the rules the positions 1, 2, … in the order of ids.
	Order(ctx context.Context, ids []string) error
	// AddErrors counts n failures of a version; last is the newest. A version
	// that does not exist is left out.
	AddErrors(ctx context.Context, id string, version, n int, last string, at time.Time) error
	// Errors returns the counts of all versions that ever failed.
	Errors(ctx context.Context) ([]RuleFault, error)
	// Past returns up to limit cases with an id below before, the newest
	// first, all states but merged; before 0 begins with the newest.
	Past(ctx context.Context, before civic.SubmissionID, limit int) ([]PastCase, error)
}
