package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Timetable keeps the time limits and the calendar with every version.
type Timetable interface {
	// Change raises Revision. A transaction that changes what holds begins with
	// it, so that two never change at once.
	Change(ctx context.Context) error
	// Revision returns a number that rises with every change.
	Revision(ctx context.Context) (int64, error)
	// Limits returns every version of every limit, the oldest first.
	Limits(ctx context.Context) (civic.LimitTable, error)
	// AddLimit appends a version.
	AddLimit(ctx context.Context, v civic.LimitVersion) error
	// Days returns every version of every day, the oldest first.
	Days(ctx context.Context) ([]civic.DayVersion, error)
	// AddDay appends a version.
	AddDay(ctx context.Context, v civic.DayVersion) error
	// Drafts returns the days that are proposed and not applied, by date.
	Drafts(ctx context.Context) ([]civic.DayVersion, error)
	// PutDraft stores a proposal in place of an earlier one for the same date.
	PutDraft(ctx context.Context, v civic.DayVersion) error
	// RemoveDraft deletes the proposal for a date; a missing one is no error.
	RemoveDraft(ctx context.Context, date civic.Date) error
	// RemoveDrafts deletes all of them.
	RemoveDrafts(ctx context.Context) error
}

// Recounts keeps recomputations of open deadlines and what they moved.
type Recounts interface {
	// Add begins one together with the outbox row of its first part, which rests until notBefore,
	// and returns its id. It is Conflict with code recount.running while another
	// one goes on.
	Add(ctx context.Context, r civic.Recount, notBefore time.Time) (int64, error)
	// Get returns a recount, or NotFound.
	Get(ctx context.Context, id int64) (civic.Recount, error)
	// List returns up to limit recounts, the newest first.
	List(ctx context.Context, limit int) ([]civic.Recount, error)
	// Clocks returns up to limit open cases with a deadline and an id above
	// after, in order of id, with their inquiries.
	Clocks(ctx context.Context, after civic.SubmissionID, limit int) ([]civic.Clock, error)
	// Note writes how far a recount has come, and what a part of it moved or
	// kept.
	Note(ctx context.Context, r civic.Recount, moves []civic.Move) error
	// Moves returns up to limit moves of a recount with a case above after, in
	// order of the case.
	Moves(ctx context.Context, id int64, after civic.SubmissionID, limit int) ([]civic.Move, error)
}
