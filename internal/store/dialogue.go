package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Inquiries keeps questions to senders. A submission has at most one that is
// open.
type Inquiries interface {
	// Add stores an inquiry and returns its id. Conflict with code inquiry.open
	// while another one of the submission is open.
	Add(ctx context.Context, i civic.Inquiry) (int64, error)
	// List returns the inquiries of a submission, the oldest first.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.Inquiry, error)
	// Update writes what may change: RemindAt, ReplyBy, RemindedAt, Reply,
	// PausedDays and EndedAt.
	Update(ctx context.Context, i civic.Inquiry) error
	// Pressing returns up to limit submissions whose open inquiry is to be
	// reminded of or has run out at now.
	Pressing(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error)
	// PausesByAgency counts the pauses that began in a span, half open, by who
	// asked; the agency with the most paused days comes first.
	PausesByAgency(ctx context.Context, from, until time.Time) ([]civic.AgencyPauses, error)
}

// Ratings keeps what senders say about answers.
type Ratings interface {
	// Put stores a rating in place of an earlier one.
	Put(ctx context.Context, r civic.Rating) error
	// Get returns the rating, or NotFound with code rating.not_found.
	Get(ctx context.Context, id civic.SubmissionID) (civic.Rating, error)
}
