package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// LinkPurpose tells what a link in a mail is for.
type LinkPurpose string

// The purposes.
const (
	LinkInvite LinkPurpose = "invite"
	LinkReset  LinkPurpose = "reset"
)

// AccountLink is a link that was sent by mail. Only the hash of its token is
// kept.
type AccountLink struct {
	TokenHash [32]byte
	User      civic.UserID // zero: asked for an address that nobody has
	Purpose   LinkPurpose
	CreatedAt time.Time
	ExpiresAt time.Time
	UsedAt    time.Time // zero: not used
}

// AccountLinks keeps them.
type AccountLinks interface {
	// Add stores a link.
	Add(ctx context.Context, l AccountLink) error
	// Get returns the link, or NotFound. It does not look at the clock.
	Get(ctx context.Context, tokenHash [32]byte) (AccountLink, error)
	// Use notes that a link was used, and reports false when it was before.
	Use(ctx context.Context, tokenHash [32]byte, at time.Time) (bool, error)
	// Void uses up every unused link of an account.
	Void(ctx context.Context, user civic.UserID, at time.Time) error
	// RemoveExpired deletes what expired before a time and returns how many.
	RemoveExpired(ctx context.Context, before time.Time) (int, error)
}

// What a change of the registry does to accounts: names of lines in their history
// and of mails about them.
const (
	AccountMoved = "agency_moved" // the account belongs to another agency
	AgencyGrew   = "agency_grew"  // the agency does the work of another one
)

// AccountMail is a mail to a member of staff about the own account. The
// address is the account's at the moment when it goes out.
type AccountMail struct {
	ID        int64
	User      civic.UserID // zero: there is nobody to write to
	Kind      string
	Nonce     string // what the link in it is made of, with the installation's key
	Detail    string
	State     civic.MessageState
	Reason    string
	CreatedAt time.Time
	SettledAt time.Time // zero while queued
}

// AccountMails keeps them.
type AccountMails interface {
	// Add stores a queued mail with its outbox row of kind JobAccountMail, and
	// returns its ID.
	Add(ctx context.Context, m AccountMail) (int64, error)
	// Get returns the mail, or NotFound.
	Get(ctx context.Context, id int64) (AccountMail, error)
	// Settle records what became of a mail. It reports false when that was
	// recorded before.
	Settle(ctx context.Context, id int64, state civic.MessageState, reason string, at time.Time) (bool, error)
	// Since counts the mails of a kind and detail to an account from a time on.
	Since(ctx context.Context, user civic.UserID, kind, detail string, from time.Time) (int, error)
}

// TOTP is the secret of an authenticator app.
type TOTP struct {
	User        civic.UserID
	Sealed      []byte
	CreatedAt   time.Time
	ConfirmedAt time.Time // zero until the app proved that it has it
	LastStep    int64     // of the last code that was taken
}

// Factors keeps second factors.
type Factors interface {
	// PutTOTP stores a secret in place of any other.
	PutTOTP(ctx context.Context, t TOTP) error
	// TOTP returns the secret of an account, or NotFound.
	TOTP(ctx context.Context, user civic.UserID) (TOTP, error)
	// SpendStep notes that the code of a step was taken and reports false when
	// it, or a later one, was before.
	SpendStep(ctx context.Context, user civic.UserID, step int64) (bool, error)
	// PutRecovery stores hashes of recovery codes in place of all others.
	PutRecovery(ctx context.Context, user civic.UserID, hashes [][32]byte) error
	// SpendRecovery uses a code up and reports false when it is unknown or used.
	SpendRecovery(ctx context.Context, user civic.UserID, hash [32]byte, at time.Time) (bool, error)
	// CountRecovery counts the unused codes.
	CountRecovery(ctx context.Context, user civic.UserID) (int, error)
	// RemoveTOTP takes the secret away.
	RemoveTOTP(ctx context.Context, user civic.UserID) error
	// RemoveRecovery takes the recovery codes away.
	RemoveRecovery(ctx context.Context, user civic.UserID) error
}

// Identity says who somebody is with another provider.
type Identity struct {
	Issuer, Subject string
	User            civic.UserID
	LinkedAt        time.Time
}

// Identities keeps them.
type Identities interface {
	// Add stores a link. A taken pair of issuer and subject is Conflict.
	Add(ctx context.Context, i Identity) error
	// Get returns the link, or NotFound.
	Get(ctx context.Context, issuer, subject string) (Identity, error)
	// ListUser returns those of an account.
	ListUser(ctx context.Context, user civic.UserID) ([]Identity, error)
}

// SignInStep is what a sign-in of more than one step waits for.
type SignInStep struct {
	TokenHash [32]byte
	Kind      string
	User      civic.UserID // zero while unknown
	Data      string
	ExpiresAt time.Time
}

// SignInSteps keeps them for minutes.
type SignInSteps interface {
	// Add stores a step.
	Add(ctx context.Context, s SignInStep) error
	// Get returns the step of a kind, or NotFound. It does not look at the clock.
	Get(ctx context.Context, kind string, tokenHash [32]byte) (SignInStep, error)
	// Take removes the step and reports false when it was gone: nothing is
	// finished twice.
	Take(ctx context.Context, tokenHash [32]byte) (bool, error)
	// RemoveUser deletes the steps of a user.
	RemoveUser(ctx context.Context, user civic.UserID) error
	// RemoveExpired deletes what expired before a time and returns how many.
	RemoveExpired(ctx context.Context, before time.Time) (int, error)
}
