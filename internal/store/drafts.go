package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Draft is what somebody is still writing, as it lies in the database. Only the
// hash of its token is kept.
type Draft struct {
	TokenHash [32]byte // SHA-256
	// Sealed is the content, unreadable without the token; empty once sent.
	Sealed []byte
	// Version rises with every change, from 1.
	Version   int
	CreatedAt time.Time
	ChangedAt time.Time
	ExpiresAt time.Time
	// Sent is the code of the submission that it became, empty until then.
	Sent civic.Code
}

// Drafts keeps what people are still writing.
type Drafts interface {
	// Add stores a draft. A taken token is Conflict with code draft.taken.
	Add(ctx context.Context, d Draft) error
	// Get returns the draft, or NotFound with code draft.not_found. It does not
	// look at the clock.
	Get(ctx context.Context, tokenHash [32]byte) (Draft, error)
	// Lock is Get, and until the transaction ends no other changes the draft.
	Lock(ctx context.Context, tokenHash [32]byte) (Draft, error)
	// Update writes every field but CreatedAt. It is Conflict with code
	// draft.version_mismatch when the stored version is not d.Version-1, so
	// that of two tabs neither writes over what it has not seen.
	Update(ctx context.Context, d Draft) error
	// RemoveExpired deletes up to limit drafts that expired before now and
	// returns how many.
	RemoveExpired(ctx context.Context, now time.Time, limit int) (int, error)
}
