package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// QueuePlace is a place in an order of the queue: the moment that it sorts by,
// zero where the case has none, and the case. It stays where it is while cases
// come and go around it.
type QueuePlace struct {
	At time.Time
	ID civic.SubmissionID
	// Back reads what lies before the place instead of what lies behind it.
	Back bool
}

// PlaceOf returns the place of a case in an order.
func PlaceOf(s civic.Submission, sort QueueSort) QueuePlace {
	if sort == SortNewest || sort == SortOldest {
		return QueuePlace{At: s.ReceivedAt, ID: s.ID}
	}
	return QueuePlace{At: s.DueAt, ID: s.ID}
}

// QueueViews keeps saved views of the queue.
type QueueViews interface {
	// Add stores a view and returns its ID.
	Add(ctx context.Context, v civic.SavedView) (int64, error)
	// Get returns the view, or NotFound.
	Get(ctx context.Context, id int64) (civic.SavedView, error)
	// List returns the views of an owner and those that are shared in an agency,
	// by name.
	List(ctx context.Context, owner civic.UserID, agency civic.AgencyCode) ([]civic.SavedView, error)
	// Update writes name, query and sharing. It is Conflict with code
	// view.version_mismatch when the stored version is not v.Version-1.
	Update(ctx context.Context, v civic.SavedView) error
	// Remove deletes the view; a missing one is no error.
	Remove(ctx context.Context, id int64) error
	// OfAgency returns every view of an agency's staff, shared or not.
	OfAgency(ctx context.Context, agency civic.AgencyCode) ([]civic.SavedView, error)
	// Hand gives a view to the staff of another agency. Its version stays: what
	// its owner has open is still what is stored.
	Hand(ctx context.Context, id int64, agency civic.AgencyCode) error
}

// Tags keeps the words that agencies sort their cases by.
type Tags interface {
	// Ensure returns the agency's tag of that name, letters compared without
	// case, and makes it if there is none.
	Ensure(ctx context.Context, t civic.Tag) (civic.Tag, error)
	// List returns the tags of an agency by name, with how many open cases have
	// each.
	List(ctx context.Context, agency civic.AgencyCode) ([]civic.Tag, error)
	// Put gives a case the tag. It reports false when the case had it.
	Put(ctx context.Context, id civic.SubmissionID, tag civic.TagID, by civic.UserID, at time.Time) (bool, error)
	// Take takes the tag off a case. It reports false when the case did not have
	// it.
	Take(ctx context.Context, id civic.SubmissionID, tag civic.TagID) (bool, error)
	// Of returns the agency's tags of each of the cases, by name.
	Of(ctx context.Context, agency civic.AgencyCode, ids []civic.SubmissionID) (map[civic.SubmissionID][]civic.Tag, error)
	// Hand gives a tag to another agency. Where that has one of the name, it
	// reports true: the cases have that one now, and the tag is gone.
	Hand(ctx context.Context, id civic.TagID, agency civic.AgencyCode) (joined bool, err error)
}

// Claims keeps who triages what, so that two coordinators never begin on the
// same case.
type Claims interface {
	// Take claims up to limit cases in triage that nobody holds at now, what
	// will be late first, and returns their ids in that order. Two who ask at
	// the same moment get different cases and do not wait for each other.
	Take(ctx context.Context, user civic.UserID, now, until time.Time, limit int) ([]civic.SubmissionID, error)
	// Release gives back the named cases, or all that the person holds when none
	// is named, and returns how many.
	Release(ctx context.Context, user civic.UserID, ids ...civic.SubmissionID) (int, error)
	// Of returns the claims that hold at now on the cases.
	Of(ctx context.Context, ids []civic.SubmissionID, now time.Time) (map[civic.SubmissionID]civic.Claim, error)
}

// WorkQuery asks for acts on many cases.
type WorkQuery struct {
	User civic.UserID // who did them; zero: everybody
	// Agencies are those whose staff did them; nil: all, and staff of none.
	Agencies []civic.AgencyCode
	Before   int64 // only what is older than this work; zero: all
	Limit    int
}

// BulkWorks keeps acts on many cases, with what became of each case.
type BulkWorks interface {
	// Add stores a work with its lines, placed in order from 1, and returns its
	// ID.
	Add(ctx context.Context, w civic.BulkWork, lines []civic.BulkLine) (int64, error)
	// Get returns the work with its lines counted, or NotFound.
	Get(ctx context.Context, id int64) (civic.BulkWork, error)
	// List returns what a query finds, the newest first.
	List(ctx context.Context, q WorkQuery) ([]civic.BulkWork, error)
	// Move puts the work from one state into another and reports false when it
	// was not in the first. BegunAt or EndedAt is set by the state it comes to.
	Move(ctx context.Context, id int64, from, to civic.BulkState, at time.Time) (bool, error)
	// Lines returns up to limit lines in one of the states behind a place, in
	// order, with code and title of the case. No state means all.
	Lines(ctx context.Context, id int64, after, limit int, states ...civic.LineState) ([]civic.BulkLine, error)
	// Settle records what became of a line, found by Work and Place. It is
	// NotFound when there is no such line.
	Settle(ctx context.Context, l civic.BulkLine) error
}
