package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// SealedRequest is a request about personal data with what the person wrote,
// sealed with a key of its own.
type SealedRequest struct {
	civic.PrivacyRequest
	WrappedKey []byte
	Sealed     []byte
}

// PrivacyQuery chooses requests. Empty fields do not filter.
type PrivacyQuery struct {
	// Scope limits to requests about cases of these agencies; nil means all.
	Scope      []civic.AgencyCode
	Submission civic.SubmissionID
	Closed     bool // those that are closed, the last first, in place of the open ones
	Limit      int
}

// PrivacyRequests keeps what people ask about the own personal data.
type PrivacyRequests interface {
	Add(ctx context.Context, r SealedRequest) error
	// Get returns the request, or NotFound.
	Get(ctx context.Context, ref string) (SealedRequest, error)
	// Lock is Get, and until the transaction ends no other one changes it.
	Lock(ctx context.Context, ref string) (SealedRequest, error)
	// Update writes every field but ID, Ref, Kind, Language and MadeAt.
	Update(ctx context.Context, r civic.PrivacyRequest) error
	// List returns open requests, what is due first, without what was written.
	List(ctx context.Context, q PrivacyQuery) ([]civic.PrivacyRequest, error)
}

// PrivacyMessage is a mail to somebody who made a request. Each request has at
// most one of a kind.
type PrivacyMessage struct {
	ID      int64
	Request string // its Ref
	Kind    civic.PrivacyMessageKind
	Words   string // of staff, as they stood when it was asked for
	// To is the address, kept only while the message is queued.
	To        SealedContact
	State     civic.MessageState
	Reason    string // why it was not sent
	CreatedAt time.Time
	SettledAt time.Time // zero while queued
	// Letter is the postal address, kept for the letter about an erasure alone,
	// until it was posted or a short time has passed.
	Letter SealedContact
	// PostedAt is when somebody said that it went by post, zero until then.
	PostedAt     time.Time
	PostedBy     civic.UserID
	PostedByName string // filled when read
}

// PrivacyMessages keeps them.
type PrivacyMessages interface {
	// Add stores a message and returns its ID; a queued one with its outbox row of
	// kind JobPrivacyMail. A second one of a kind is Conflict.
	Add(ctx context.Context, m PrivacyMessage) (int64, error)
	// Get returns the message, or NotFound.
	Get(ctx context.Context, id int64) (PrivacyMessage, error)
	// List returns the messages of a request, the oldest first.
	List(ctx context.Context, ref string) ([]PrivacyMessage, error)
	// Settle records what became of a message and forgets its address. It reports
	// false when that was recorded before.
	Settle(ctx context.Context, id int64, state civic.MessageState, reason string, at time.Time) (bool, error)
	// Bounce records that a message that was sent came back. It reports false when
	// that was recorded before, or when it was not sent.
	Bounce(ctx context.Context, id int64, reason string, at time.Time) (bool, error)
	// Post records who posted a message that no mail carried, and forgets Letter.
	// One that was posted already is Conflict with code message.posted.
	Post(ctx context.Context, id int64, by civic.UserID, at time.Time) error
	// ForgetLetters forgets Letter of up to limit messages made before a time, and
	// returns of how many.
	ForgetLetters(ctx context.Context, before time.Time, limit int) (int, error)
}
