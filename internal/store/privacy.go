package store

import (
	"context"

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
	// Update writes every field but ID, Ref, Kind and MadeAt.
	Update(ctx context.Context, r civic.PrivacyRequest) error
	// List returns open requests, what is due first, without what was written.
	List(ctx context.Context, q PrivacyQuery) ([]civic.PrivacyRequest, error)
}
