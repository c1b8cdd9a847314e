package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// ServiceToken opens the API to a program on behalf of a service account. Only
// the hash of the token is kept.
type ServiceToken struct {
	ID        int64
	User      civic.UserID
	Name      string // what it is for
	TokenHash [32]byte
	Scopes    civic.TokenScopes
	CreatedBy civic.UserID // zero: a command
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero: never
	RevokedAt time.Time // zero: not revoked
}

// ServiceTokens keeps the tokens of service accounts.
type ServiceTokens interface {
	// Add stores a token and returns its ID.
	Add(ctx context.Context, t ServiceToken) (int64, error)
	// GetByHash returns the token, or NotFound. It does not look at the clock.
	GetByHash(ctx context.Context, hash [32]byte) (ServiceToken, error)
	// Touch notes a use.
	Touch(ctx context.Context, id int64, at time.Time) error
	// Revoke ends a token for good; one that ended before keeps its time. A
	// missing one is NotFound.
	Revoke(ctx context.Context, id int64, at time.Time) error
	// List returns all tokens, the newest first, without their hashes.
	List(ctx context.Context) ([]ServiceToken, error)
}

// Look is one look of a person at a sender's contact.
type Look struct {
	ID         int64
	Submission civic.SubmissionID
	Code       civic.Code // filled when read
	User       civic.UserID
	UserName   string // filled when read
	Role       civic.Role
	Agency     civic.AgencyCode // of the case at that moment
	At         time.Time
	Reason     string
}

// LooksQuery chooses looks. Empty fields do not filter.
type LooksQuery struct {
	// Scope limits to cases that had one of these agencies; nil means all.
	Scope         []civic.AgencyCode
	Submission    civic.SubmissionID
	User          civic.UserID
	Page, PerPage int // Page from 1; PerPage 1 to 100
}

// LooksPage is one page of looks.
type LooksPage struct {
	Total int
	Items []Look
}

// Looks is the append-only log of looks at contacts.
type Looks interface {
	// Add appends.
	Add(ctx context.Context, l Look) error
	// List returns a page, the newest first.
	List(ctx context.Context, q LooksQuery) (LooksPage, error)
}

// AccountChange is one line of an account's history.
type AccountChange struct {
	ID     int64
	User   civic.UserID
	By     civic.UserID // zero: the system or a command
	ByName string       // filled when read
	At     time.Time
	What   string // a code, such as role_changed
	Detail string // old and new value where there are such; never a secret
}

// AccountChanges is the append-only history of accounts.
type AccountChanges interface {
	// Add appends.
	Add(ctx context.Context, c AccountChange) error
	// List returns up to limit lines of an account, the newest first.
	List(ctx context.Context, user civic.UserID, limit int) ([]AccountChange, error)
}
