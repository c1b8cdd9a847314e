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
}
