package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// TodoOfCase is a to-do with the case that it is about.
type TodoOfCase struct {
	civic.Todo
	Case civic.Submission
}

// Todos keeps small things to do on cases.
type Todos interface {
	// Add stores a to-do and returns its id.
	Add(ctx context.Context, t civic.Todo) (int64, error)
	// Get returns the to-do with names, or NotFound.
	Get(ctx context.Context, id int64) (civic.Todo, error)
	// List returns those of a submission with names, the open ones first, each by
	// the order of their making.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.Todo, error)
	// Finish notes that it was done. It is Conflict with code todo.done when that
	// was noted before.
	Finish(ctx context.Context, id int64, by civic.UserID, at time.Time) error
	// Open returns up to limit open ones of the people with their cases, the
	// earliest day first, those without a day last.
	Open(ctx context.Context, users []civic.UserID, limit int) ([]TodoOfCase, error)
	// CountOpen counts all of them.
	CountOpen(ctx context.Context, users []civic.UserID) (int, error)
}

// MentionOfCase is a mention with its case.
type MentionOfCase struct {
	civic.Mention
	Case civic.Submission
}

// Mentions keeps who was named in internal notes.
type Mentions interface {
	// Add stores a mention.
	Add(ctx context.Context, m civic.Mention) error
	// Since returns up to limit mentions of somebody since a time, the newest
	// first, of each case the newest alone.
	Since(ctx context.Context, user civic.UserID, since time.Time, limit int) ([]MentionOfCase, error)
}

// CaseLinks keeps which cases staff want to see beside each other.
type CaseLinks interface {
	// Add links two cases. It is Conflict with code link.exists where they are
	// linked, in either order.
	Add(ctx context.Context, l civic.CaseLink) error
	// Remove unlinks two cases in either order, or NotFound with code
	// link.not_found.
	Remove(ctx context.Context, one, other civic.SubmissionID) error
	// List returns the links of a case by the order of their making; Submission
	// is that case.
	List(ctx context.Context, id civic.SubmissionID) ([]civic.CaseLink, error)
}
