package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Reaches keeps how senders want to be told.
type Reaches interface {
	// Get returns what is kept for a submission; where nothing is, the sender
	// wants all and confirmed nothing.
	Get(ctx context.Context, id civic.SubmissionID) (civic.Reach, error)
	// Put stores r for r.Submission.
	Put(ctx context.Context, r civic.Reach) error
}

// Letter is a message that goes by post, with what a list says of it.
type Letter struct {
	civic.Message
	Code civic.Code
	// Agency has the case, or the one that it follows.
	Agency       civic.AgencyCode
	PostedByName string
}

// LettersQuery narrows letters.
type LettersQuery struct {
	Scope []civic.AgencyCode // nil: everywhere
	// Protected are the letters to those who accuse a named body or official,
	// and no others.
	Protected   bool
	PostedSince time.Time // zero: those that wait
	Limit       int       // zero: only count
}

// LettersPage is some of the letters, and how many there are.
type LettersPage struct {
	Total int
	Items []Letter
}
