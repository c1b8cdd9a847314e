package store

import (
	"context"

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
