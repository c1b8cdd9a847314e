package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// ReasonReleased is why a case stands in triage that was checked and let
// through, until it is compared and routed anew: a moment.
const ReasonReleased = "triage.released"

// Release lets a case through that had to be checked first: the receipt goes
// out, and it is compared and routed as if it had just come in. Where nothing is
// held it is Conflict with code submission.not_held.
func (s *Service) Release(ctx context.Context, actor civic.Actor, code civic.Code, version int) error {
	err := s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.Hold == "" || c.Sub.State != civic.Triage {
			return errs.New(errs.Conflict, "submission.not_held")
		}
		if err := release(ctx, tx, c); err != nil {
			return err
		}
		c.Sub.Hold = ""
		c.Event = civic.Event{Type: civic.EventReleased}
		if c.Sub.TriageReason != ReasonHeld {
			return nil // it waits for another reason, too
		}
		c.Sub.TriageReason = ReasonReleased
		_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobMatch, Subject: int64(c.Sub.ID), CreatedAt: c.Now})
		return err
	}})
	if err != nil {
		return fmt.Errorf("release: %w", err)
	}
	return nil
}
