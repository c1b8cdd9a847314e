package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// AgencyNotice is a mail that tells an agency of a case that it was given. It
// holds no address: that is the registry's.
type AgencyNotice struct {
	ID         int64
	Submission civic.SubmissionID
	Agency     civic.AgencyCode
	State      civic.MessageState
	Reason     string // why it was not sent, a code
	CreatedAt  time.Time
	SettledAt  time.Time // zero while queued
}

// AgencyNotices keeps them.
type AgencyNotices interface {
	// Add stores a queued notice together with its outbox row of kind
	// JobNotify, and returns its ID.
	Add(ctx context.Context, n AgencyNotice) (int64, error)
	// Get returns the notice, or NotFound.
	Get(ctx context.Context, id int64) (AgencyNotice, error)
	// Settle records what became of a notice. It reports false when that was
	// recorded before.
	Settle(ctx context.Context, id int64, state civic.MessageState, reason string, at time.Time) (bool, error)
	// Refused counts the notices since a time that were not sent for a reason,
	// by agency.
	Refused(ctx context.Context, reason string, since time.Time) (map[civic.AgencyCode]int, error)
}
