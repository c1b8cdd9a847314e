package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// OpinionRequest is an opinion that was asked for, with the case that it is
// about.
type OpinionRequest struct {
	civic.Opinion
	Case civic.Submission
}

// Opinions keeps what agencies are asked about the cases of others.
type Opinions interface {
	// Add stores a request and returns its id. Conflict with code opinion.asked
	// while the agency is asked about the submission already.
	Add(ctx context.Context, o civic.Opinion) (int64, error)
	// Get returns a request with names, or NotFound.
	Get(ctx context.Context, id int64) (civic.Opinion, error)
	// List returns the requests about a submission with names, the oldest first.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.Opinion, error)
	// Settle writes State, Text, SettledBy and SettledAt of a request that is
	// asked. It is Conflict with code opinion.settled when it is not any more.
	Settle(ctx context.Context, o civic.Opinion) error
	// Pass asks another agency in place of the one that is asked. It reports
	// false, and changes nothing, where that is asked about the case already or
	// the request is settled.
	Pass(ctx context.Context, id int64, agency civic.AgencyCode) (bool, error)
	// Waiting returns up to limit requests about open cases that are asked of one
	// of the agencies, or of any when agencies is nil, the earliest deadline
	// first. A restricted case is no other agency's to read and left out.
	Waiting(ctx context.Context, agencies []civic.AgencyCode, limit int) ([]OpinionRequest, error)
	// CountWaiting counts all of them.
	CountWaiting(ctx context.Context, agencies []civic.AgencyCode) (int, error)
	// Settled returns up to limit opinions about open cases that were given or
	// declined since a time, the newest first.
	Settled(ctx context.Context, since time.Time, limit int) ([]OpinionRequest, error)
	// NewlyLate returns up to limit requests, of those that Waiting returns,
	// behind their deadline and that NoteLate has not marked, the latest first.
	NewlyLate(ctx context.Context, now time.Time, limit int) ([]OpinionRequest, error)
	// NoteLate marks a request so that NewlyLate leaves it out. It reports false
	// when it was marked already.
	NoteLate(ctx context.Context, id int64) (bool, error)
}
