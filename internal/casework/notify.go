package casework

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Handed tells an agency that it was given a case, and the sender who wants
// every step.
func Handed(ctx context.Context, tx store.Tx, reg *civic.Registry, sub civic.Submission, now time.Time) error {
	if err := notify(ctx, tx, reg, sub, now); err != nil {
		return err
	}
	return Step(ctx, tx, sub, civic.MessageMoved, now)
}

// notify queues a mail to the agency that was given a case, if the registry has
// an address of it. The mail says which case and by when, and nothing of what
// is in it.
func notify(ctx context.Context, tx store.Tx, reg *civic.Registry, sub civic.Submission, now time.Time) error {
	if a, ok := reg.Agency(sub.Agency); !ok || a.Email == "" {
		return nil
	}
	_, err := tx.AgencyNotices().Add(ctx, store.AgencyNotice{Submission: sub.ID, Agency: sub.Agency, CreatedAt: now})
	return err
}
