package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Subscriber is an address that asked to be told of public cases.
type Subscriber struct {
	ID        int64
	Pseudonym string // of the address; the same one is found by it
	Contact   SealedContact
	Language  civic.Language
	CreatedAt time.Time
}

// Follow is what a subscriber follows: a case, or a search.
type Follow struct {
	ID          int64
	Subscriber  int64
	Submission  civic.SubmissionID // zero: a search
	Query       string             // the search as its address says it
	CreatedAt   time.Time
	ConfirmedAt time.Time // zero: nothing is told
}

// News is one thing to tell about one follow.
type News struct {
	ID         int64
	Follow     int64
	Subscriber int64
	Submission civic.SubmissionID
	What       string // the step of the case; the same one is told once
	Digest     bool   // it waits for the subscriber's next digest
	CreatedAt  time.Time
	ToldAt     time.Time // zero: still to tell
}

// Following keeps who is told of what.
type Following interface {
	// Subscribe stores s unless its pseudonym is there, and returns the stored
	// one.
	Subscribe(ctx context.Context, s Subscriber) (Subscriber, error)
	// Subscriber returns the subscriber, or NotFound.
	Subscriber(ctx context.Context, id int64) (Subscriber, error)
	// Find returns the subscriber with a pseudonym, or NotFound.
	Find(ctx context.Context, pseudonym string) (Subscriber, error)
	// AskedUpTo returns what a subscriber asked for up to a time and follows or
	// never confirmed, oldest first.
	AskedUpTo(ctx context.Context, subscriber int64, at time.Time) ([]Follow, error)
	// RemoveSubscriber deletes a subscriber with everything that it follows. A
	// missing one is no error.
	RemoveSubscriber(ctx context.Context, id int64) error
	// Add stores f unless the subscriber follows the same already, and returns
	// the stored one.
	Add(ctx context.Context, f Follow) (Follow, error)
	// Get returns the follow, or NotFound.
	Get(ctx context.Context, id int64) (Follow, error)
	// List returns the confirmed follows of a subscriber, oldest first.
	List(ctx context.Context, subscriber int64) ([]Follow, error)
	// Confirm begins the telling. Doing it twice leaves the first time.
	Confirm(ctx context.Context, id int64, at time.Time) error
	// Remove ends a follow, and deletes a subscriber who follows nothing more.
	// A missing one is no error.
	Remove(ctx context.Context, id int64) error
	// OfCase returns up to limit confirmed follows of a case with an id above
	// after, in order of id.
	OfCase(ctx context.Context, sub civic.SubmissionID, after int64, limit int) ([]Follow, error)
	// Searches returns up to limit confirmed follows of searches with an id
	// above after, in order of id.
	Searches(ctx context.Context, after int64, limit int) ([]Follow, error)
	// SearchIDs returns the ids of what Searches returns, for less.
	SearchIDs(ctx context.Context, after int64, limit int) ([]int64, error)
	// AddNews stores what is to be told, unless the same was stored before, and
	// reports the id, or zero. A follow that is gone is no error.
	AddNews(ctx context.Context, n News) (int64, error)
	// News returns what is to be told, or NotFound.
	News(ctx context.Context, id int64) (News, error)
	// Waiting returns up to limit news that wait for a subscriber's digest,
	// oldest first.
	Waiting(ctx context.Context, subscriber int64, limit int) ([]News, error)
	// SetTold marks news as told. What was marked or is gone stays as it is.
	SetTold(ctx context.Context, ids []int64, at time.Time) error
	// DueDigests returns up to limit subscribers for whom something waits and
	// whose last digest was begun before a time.
	DueDigests(ctx context.Context, before time.Time, limit int) ([]int64, error)
	// BeginDigest notes when a digest was begun.
	BeginDigest(ctx context.Context, subscriber int64, at time.Time) error
	// RemoveUnconfirmed deletes up to limit follows that were asked for before a
	// time and never confirmed, with subscribers who follow nothing else, and
	// returns how many follows.
	RemoveUnconfirmed(ctx context.Context, before time.Time, limit int) (int, error)
}
