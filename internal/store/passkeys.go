package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Passkey is the public half of a key that a person's device keeps.
type Passkey struct {
	ID           int64
	User         civic.UserID
	CredentialID []byte // by what the authenticator knows it
	PublicKey    []byte // COSE, RFC 9053
	Flags        byte   // as the authenticator gave them last
	Transports   string // how it can be reached, separated by spaces
	SignCount    uint32 // how often it signed; zero where it does not count
	Name         string // what its owner calls it
	CreatedAt    time.Time
	UsedAt       time.Time // zero: never
	DoubtedAt    time.Time // when its count went backwards; zero: never
}

// Passkeys keeps them.
type Passkeys interface {
	// Add stores a passkey and returns its ID. A credential that is known
	// already, whoever's, is Conflict.
	Add(ctx context.Context, p Passkey) (int64, error)
	// GetByCredential returns the passkey, or NotFound.
	GetByCredential(ctx context.Context, credentialID []byte) (Passkey, error)
	// ListUser returns those of an account, the oldest first.
	ListUser(ctx context.Context, user civic.UserID) ([]Passkey, error)
	// Use notes a sign-in, unless the passkey is doubted or its count, where it
	// counts, is not above the one kept. It reports whether it was noted.
	Use(ctx context.Context, id int64, signCount uint32, flags byte, at time.Time) (bool, error)
	// Doubt notes that there may be a copy. The first time stays.
	Doubt(ctx context.Context, id int64, at time.Time) error
	// Rename gives an account's passkey another name. Somebody else's is NotFound.
	Rename(ctx context.Context, user civic.UserID, id int64, name string) error
	// Remove takes an account's passkey away. Somebody else's is NotFound.
	Remove(ctx context.Context, user civic.UserID, id int64) error
	// RemoveUser takes all of an account away.
	RemoveUser(ctx context.Context, user civic.UserID) error
}
