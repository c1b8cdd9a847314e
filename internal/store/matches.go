package store

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/matching"
)

// Matches keeps what duplicate detection needs and finds. It is the SQL side
// of matching.Candidates too.
type Matches interface {
	matching.Candidates
	// AddSignature stores the bands and salient terms of a submission. What is
	// there already is left, so that a repeated call changes nothing.
	AddSignature(ctx context.Context, id civic.SubmissionID, bands []int64, terms []matching.Term) error
	// Bands returns submissions other than id that share a band with it, those
	// with the most shared bands first, up to limit. Of each band only the limit
	// lowest ids are looked at, so that the cost is bounded however many copies
	// there are; the earliest of them are among these.
	Bands(ctx context.Context, id civic.SubmissionID, bands []int64, limit int) ([]civic.SubmissionID, error)
	// Join makes a membership. One that exists is Conflict with code
	// membership.exists.
	Join(ctx context.Context, m civic.Membership) error
	// Leave ends a membership and returns it, or NotFound.
	Leave(ctx context.Context, id civic.SubmissionID) (civic.Membership, error)
	// Membership returns the membership of a submission, or NotFound.
	Membership(ctx context.Context, id civic.SubmissionID) (civic.Membership, error)
	// Members lists who follows a root, earliest joined first, up to limit,
	// with the total number.
	Members(ctx context.Context, root civic.SubmissionID, limit int) ([]civic.Membership, int, error)
	// MoveMembers makes all members of one root follow another.
	MoveMembers(ctx context.Context, from, to civic.SubmissionID) error
	// Barred reports whether a pair was taken apart by a person; such a pair
	// is never joined by itself again.
	Barred(ctx context.Context, a, b civic.SubmissionID) (bool, error)
	// Bar remembers that a person took the pair apart.
	Bar(ctx context.Context, a, b civic.SubmissionID, at time.Time) error
	// PutSimilar replaces the similar cases of a submission.
	PutSimilar(ctx context.Context, id civic.SubmissionID, similar []civic.Similar) error
	// Similar lists the similar cases of a submission by rank.
	Similar(ctx context.Context, id civic.SubmissionID) ([]civic.Similar, error)
}

// Routes keeps the reason why a submission stands where it stands.
type Routes interface {
	// Put replaces the route of a submission.
	Put(ctx context.Context, r civic.Route) error
	// Get returns the route, or NotFound.
	Get(ctx context.Context, id civic.SubmissionID) (civic.Route, error)
	// Confirm records that a person stood by an agency for a submission; a
	// later confirmation replaces it. It is what the classifier learns from.
	Confirm(ctx context.Context, id civic.SubmissionID, agency civic.AgencyCode, at time.Time) error
	// Confirmed returns up to limit confirmed routings, newest first.
	Confirmed(ctx context.Context, limit int) ([]Confirmed, error)
	// CountConfirmed counts them and tells the time of the newest.
	CountConfirmed(ctx context.Context) (int, time.Time, error)
}

// Confirmed is one training example.
type Confirmed struct {
	Submission civic.SubmissionID
	Text       string
	Agency     civic.AgencyCode
	At         time.Time
}

// Model is one version of the trained classifier.
type Model struct {
	Version   string
	Data      []byte
	Examples  int // confirmed routings it learned from
	TrainedAt time.Time
	Figures   string // JSON of what was measured when it was trained
}

// Models keeps the trained classifiers and which one serves.
type Models interface {
	// Add stores a model, in place of one with the same version.
	Add(ctx context.Context, m Model) error
	// Activate makes a stored model the one that serves, or NotFound.
	Activate(ctx context.Context, version string, at time.Time) error
	// Active returns the model that serves, or NotFound.
	Active(ctx context.Context) (Model, error)
	// ActiveVersion is Active without the data: cheap enough for every job.
	ActiveVersion(ctx context.Context) (string, error)
}
