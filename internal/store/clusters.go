package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Memberships keeps which submission follows which: clusters are one deep, a
// root and those who follow it. What concerns all followers at once is one
// statement, however many they are.
type Memberships interface {
	// Join makes a membership. One that exists is Conflict with code
	// membership.exists.
	Join(ctx context.Context, m civic.Membership) error
	// Leave ends a membership and returns it, or NotFound.
	Leave(ctx context.Context, id civic.SubmissionID) (civic.Membership, error)
	// Membership returns the membership of a submission, or NotFound.
	Membership(ctx context.Context, id civic.SubmissionID) (civic.Membership, error)
	// Roots returns the root of each of the submissions that follows one.
	Roots(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID]civic.SubmissionID, error)
	// Members lists who follows a root, earliest received first, up to limit,
	// with the total number.
	Members(ctx context.Context, root civic.SubmissionID, limit int) ([]civic.Membership, int, error)
	// Span returns when the first and the last of those who follow a root were
	// received; zero times when nobody does.
	Span(ctx context.Context, root civic.SubmissionID) (first, last time.Time, err error)
	// Followers counts who follows each of the roots. A root without any is
	// not in the result.
	Followers(ctx context.Context, roots []civic.SubmissionID) (map[civic.SubmissionID]int, error)
	// MoveMembers makes all members of one root follow another: memberships,
	// the root in the submissions themselves, and the marks for the indexes.
	// Versions stay. What they were told of the old root's answer counts no
	// more.
	MoveMembers(ctx context.Context, from, to civic.SubmissionID) error
	// Untold lists members of a root that were not told of its answer yet, up
	// to limit. Answers have rising ids.
	Untold(ctx context.Context, root civic.SubmissionID, answer int64, limit int) ([]civic.SubmissionID, error)
	// SetTold notes that members were told of an answer.
	SetTold(ctx context.Context, ids []civic.SubmissionID, answer int64) error

	// Barred reports whether a pair was taken apart by a person; such a pair
	// is never joined by itself again.
	Barred(ctx context.Context, a, b civic.SubmissionID) (bool, error)
	// BarredFrom reports whether the submission, or one that follows it, is
	// barred from a root.
	BarredFrom(ctx context.Context, root, id civic.SubmissionID) (bool, error)
	// Bar remembers that a person took the pair apart.
	Bar(ctx context.Context, a, b civic.SubmissionID, at time.Time) error
	// Unbar forgets it: a person put the pair together again.
	Unbar(ctx context.Context, a, b civic.SubmissionID) error
	// CopyBars bars to from everything that from is barred from, to itself
	// excepted: a cluster keeps its bars under a new root.
	CopyBars(ctx context.Context, from, to civic.SubmissionID) error
}

// Parts keeps which cases were made out of one submission.
type Parts interface {
	// Add remembers that part was made out of origin. A part of two origins is
	// Conflict with code row.exists.
	Add(ctx context.Context, origin, part civic.SubmissionID, at time.Time) error
	// Origin returns what a case was made out of, or NotFound.
	Origin(ctx context.Context, part civic.SubmissionID) (civic.SubmissionID, error)
	// List returns the parts of a submission, in the order of their making.
	List(ctx context.Context, origin civic.SubmissionID) ([]civic.SubmissionID, error)
}
