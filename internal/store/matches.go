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
	Memberships
	// AddSignature stores the bands and salient terms of a submission. What is
	// there already is left, so that a repeated call changes nothing. Of copies,
	// which have the same bands and terms, only the first has postings and is
	// counted: a campaign of a hundred thousand hides no other case from
	// ranking. All of them have bands, unless there are none.
	AddSignature(ctx context.Context, id civic.SubmissionID, bands []int64, terms []matching.Term) error
	// RemoveSignature takes away what AddSignature stored of a text, so that
	// another text may be signed. Frequencies stay: they are those of a sample.
	// Postings stay, too, where a copy of the text has none of its own.
	RemoveSignature(ctx context.Context, id civic.SubmissionID, bands []int64, terms []matching.Term) error
	// Bands returns submissions other than id that share a band with it, those
	// with the most shared bands first, up to limit. Of each band only the limit
	// lowest ids are looked at, so that the cost is bounded however many copies
	// there are; the earliest of them are among these.
	Bands(ctx context.Context, id civic.SubmissionID, bands []int64, limit int) ([]civic.SubmissionID, error)
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
	// Unconfirm forgets the confirmation of a submission if it is for the
	// agency: that agency gave the case back.
	Unconfirm(ctx context.Context, id civic.SubmissionID, agency civic.AgencyCode) error
	// Confirmed returns up to limit confirmed routings, newest first.
	Confirmed(ctx context.Context, limit int) ([]Confirmed, error)
	// CountConfirmed counts them and tells the time of the newest.
	CountConfirmed(ctx context.Context) (int, time.Time, error)
	// ConfirmedGroups counts confirmed routings by agency and topic, those of
	// the agencies in except left out.
	ConfirmedGroups(ctx context.Context, except []civic.AgencyCode) ([]ConfirmedGroup, error)
	// ConfirmedOf lists the confirmed routings of the groups, the newest first,
	// a page of limit after offset. No group gives none.
	ConfirmedOf(ctx context.Context, groups []ConfirmedGroup, limit, offset int) ([]ConfirmedCase, error)
	// ConfirmedAgency returns which agency is confirmed for a submission, or
	// NotFound.
	ConfirmedAgency(ctx context.Context, id civic.SubmissionID) (civic.AgencyCode, error)
}

// Confirmed is one training example.
type Confirmed struct {
	Submission civic.SubmissionID
	Text       string
	Topic      civic.TopicCode // empty: not known
	Agency     civic.AgencyCode
	At         time.Time
}

// ConfirmedGroup is the confirmed routings of one agency and topic.
type ConfirmedGroup struct {
	Agency civic.AgencyCode
	Topic  civic.TopicCode // empty: not known
	Count  int
}

// ConfirmedCase is a confirmed routing in a list for people.
type ConfirmedCase struct {
	Code   civic.Code
	Title  string
	Topic  civic.TopicCode
	Agency civic.AgencyCode
	At     time.Time
}
