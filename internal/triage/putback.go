package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Place is where a case stood before it was assigned or handed back.
type Place struct {
	State        civic.State
	Agency       civic.AgencyCode
	Assignee     civic.UserID
	Handovers    int
	TriageReason string
	Hold         string
	Route        *civic.Route // nil: it had none
}

// PutBack takes back an assignment, or a hand-back where handed is set, of a
// case that nobody has touched since: it stands where it stood, and what was
// learned from the step is forgotten. What a sender was told by it cannot be
// taken back: Conflict with code undo.told.
func (s *Service) PutBack(ctx context.Context, actor civic.Actor, code civic.Code, version int, to Place, handed bool) error {
	act := casework.Act{Permission: civic.AssignCase}
	if handed {
		act.Permission, act.Held = civic.HandleCase, to.Agency
	}
	act.Do = func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if to.Hold != "" {
			return errs.New(errs.Conflict, "undo.told")
		}
		gave := c.Sub.Agency
		if err := moveBack(&c.Sub, to.State); err != nil {
			return err
		}
		c.Sub.Agency, c.Sub.Assignee, c.Sub.Handovers, c.Sub.TriageReason = to.Agency, to.Assignee, to.Handovers, to.TriageReason
		c.Event = civic.Event{Type: civic.EventPutBack, Agency: to.Agency}
		if gave != "" {
			if err := tx.Routes().Unconfirm(ctx, c.Sub.ID, gave); err != nil {
				return err
			}
		}
		if to.State == civic.InProgress { // it was accepted once, which confirmed it
			if err := tx.Routes().Confirm(ctx, c.Sub.ID, to.Agency, c.Now); err != nil {
				return err
			}
		}
		if to.Route == nil {
			return nil
		}
		return tx.Routes().Put(ctx, *to.Route)
	}
	if err := s.run(ctx, actor, code, version, act); err != nil {
		return fmt.Errorf("put back: %w", err)
	}
	return nil
}

// moveBack brings a case to the state that it had, over assigned where the
// workflow has no straight way.
func moveBack(sub *civic.Submission, to civic.State) error {
	if sub.State == to {
		return nil
	}
	if !sub.State.CanBecome(to) {
		if err := sub.Move(civic.Assigned); err != nil {
			return err
		}
	}
	return sub.Move(to)
}
