package store

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/matching"
)

// Shelf keeps what visitors find similar cases by: the public versions of
// public cases, with postings and frequencies of their own. A case that follows
// another does not stand on it, since its root does if it is public.
//
// As matching.Candidates it reads texts as they are public now: Texts leaves
// out a case from the moment it is taken down or follows another, and gives a
// redacted text without what was taken out, however old the postings are.
type Shelf interface {
	matching.Candidates
	// Fingerprints returns those of the submissions that stand on the shelf, by
	// what Shelved.Fingerprint was.
	Fingerprints(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID]int64, error)
	// Put puts cases on the shelf, each in place of what stood there of it.
	Put(ctx context.Context, cases []Shelved) error
	// Remove takes cases off the shelf, with exactly the postings and counts
	// they brought: frequencies are those of a sample, and its size shrinks
	// with them, so that they stay in proportion. Who does not stand on the
	// shelf is no error.
	Remove(ctx context.Context, ids []civic.SubmissionID) error
}

// Shelved is a case on the public shelf.
type Shelved struct {
	Submission civic.SubmissionID
	// Fingerprint tells texts apart, so that an unchanged one is left alone.
	Fingerprint int64
	Terms       []matching.Term // of the public version
}
