package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Scopes keeps whether submissions are ones for this system.
type Scopes interface {
	// Put stores the judgement about a submission in place of an earlier one.
	// What the machine suggested first stays, with its confidence: once stored,
	// Suggested and Confidence change only with a judgement by the system.
	Put(ctx context.Context, d civic.ScopeDecision) error
	// Get returns the judgement with the name of who decided, or NotFound.
	Get(ctx context.Context, id civic.SubmissionID) (civic.ScopeDecision, error)
	// List returns those of ids that have a judgement, in the order of ids,
	// without names.
	List(ctx context.Context, ids []civic.SubmissionID) ([]civic.ScopeDecision, error)
	// Count counts decisions of people by what was suggested and what they
	// decided, over the moments of decision from from until until, half open;
	// zero bounds are open.
	Count(ctx context.Context, from, until time.Time) ([]ScopeCount, error)
}

// ScopeCount counts the submissions for which a person decided one scope when
// the machine had suggested another or the same.
type ScopeCount struct {
	Suggested, Decided civic.Scope
	Cases              int
}
