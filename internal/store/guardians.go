package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// SealedGuardian is what is kept of the consent that a child needs, with whom
// the child named.
type SealedGuardian struct {
	civic.GuardianConsent
	// Contact is the guardian's, without indexes; empty once it was erased
	// together with the child's.
	Contact SealedContact
	// Nonce makes the token of the link; TokenHash is SHA-256 of that token. Both
	// are empty for a case that staff made out of another.
	Nonce     string
	TokenHash [32]byte
	// NamedAt is when the child named this guardian in the place of another; zero
	// for the first.
	NamedAt time.Time
}

// GuardianCase is the case of a child with where the consent stands.
type GuardianCase struct {
	civic.GuardianConsent
	Code     civic.Code
	Agency   civic.AgencyCode
	State    civic.GuardianState
	Received time.Time
}

// GuardianQuery chooses cases of children.
type GuardianQuery struct {
	// Scope limits to cases of these agencies; nil means all.
	Scope []civic.AgencyCode
	Limit int
}

// Guardians keeps who is asked to consent for a child, and what was answered.
// A row begins with the submission; see Receipt.
type Guardians interface {
	// Get returns what is kept for the case of a child, or NotFound.
	Get(ctx context.Context, id civic.SubmissionID) (SealedGuardian, error)
	// GetByToken returns it by the hash of the token in the link, or NotFound. It
	// does not look at the clock.
	GetByToken(ctx context.Context, hash [32]byte) (SealedGuardian, error)
	// Family returns the submission and every case that staff made out of it, in
	// ascending order of id: one answer holds for all.
	Family(ctx context.Context, whole civic.SubmissionID) ([]civic.SubmissionID, error)
	// Update writes every field but Submission, Whole and NameWished, or NotFound.
	Update(ctx context.Context, c civic.GuardianConsent) error
	// Rename puts another guardian in the place of one: Contact, Nonce, TokenHash and
	// NamedAt, or NotFound. The old token finds nothing any more.
	Rename(ctx context.Context, g SealedGuardian) error
	// Unasked returns up to limit submissions whose guardian nobody wrote to and
	// that are not held for a check, the earliest first.
	Unasked(ctx context.Context, limit int) ([]civic.SubmissionID, error)
	// Due returns up to limit submissions whose guardian was asked, did not answer
	// and must be reminded by now or is too late, what lapses first coming first.
	Due(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error)
	// Refuse notes that whoever has an address, known by its pseudonym, is nobody's
	// guardian. Twice is once.
	Refuse(ctx context.Context, pseudonym string, at time.Time) error
	// Refused reports whether one of the addresses was refused.
	Refused(ctx context.Context, pseudonyms []string) (bool, error)
	// List returns cases of children that wait for consent or have none, without
	// those that staff made out of another: those that wait first, what lapses next
	// before others, then those that ended, the last first.
	List(ctx context.Context, q GuardianQuery) ([]GuardianCase, error)
}
