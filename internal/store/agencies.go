package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Step is an event of a case by which it came to an agency or left it.
type Step struct {
	Submission civic.SubmissionID
	At         time.Time
	Type       civic.EventType // routed, assigned, accepted or handed_back
	To         civic.State
	// Agency is the one that got or took the case; of a hand-back the one that
	// gave it away.
	Agency civic.AgencyCode
	// Now is the agency that the case stands with today, empty for none.
	Now civic.AgencyCode
}

// Agencies counts what lies with agencies.
type Agencies interface {
	// Open counts the open cases of each agency that has any.
	Open(ctx context.Context) (map[civic.AgencyCode]int, error)
	// Steps returns how cases were given, taken and handed back since a time,
	// by case and in the order in which it happened.
	Steps(ctx context.Context, since time.Time) ([]Step, error)
}
