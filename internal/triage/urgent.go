package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// SetUrgent marks an open case as urgent, or takes the mark back, with a reason.
// Where another limit holds for urgent cases the deadline moves, never to one
// that has passed already.
func (s *Service) SetUrgent(ctx context.Context, actor civic.Actor, code civic.Code, version int, urgent bool, reason string) error {
	reason, err := words("reason", reason, 1, civic.MaxReason)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.AssignCase, Do: func(_ context.Context, _ store.Tx, c *casework.Change) error {
		if !civic.Open.Has(c.Sub.State) || c.Sub.Urgent == urgent {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		c.Sub.Urgent = urgent
		c.Event = civic.Event{Type: civic.EventUrgent, Reason: reason}
		if !urgent {
			c.Event.Type = civic.EventNotUrgent
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("set the urgency: %w", err)
	}
	return nil
}
