package store

import (
	"context"
	"time"
)

// Nonce tells a proof of work from all others.
type Nonce [16]byte

// Proofs keeps which proofs of work were used.
type Proofs interface {
	// Spend notes a proof as used and reports whether it is the first use.
	Spend(ctx context.Context, n Nonce, expiresAt time.Time) (first bool, err error)
	// RemoveExpired deletes up to limit proofs whose challenge expired before
	// now and returns how many.
	RemoveExpired(ctx context.Context, now time.Time, limit int) (int, error)
}
