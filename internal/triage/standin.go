package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// fillPeople says who does the work of the case at the moment, and where an
// answer waits for approval.
func (s *Service) fillPeople(ctx context.Context, tx store.Tx, _ civic.Actor, c *Case) error {
	review := c.Submission.State == civic.InReview && c.Answer != nil
	if c.Submission.Assignee == 0 && !review {
		return nil
	}
	staff := civic.Staff{Registry: s.Registry, At: s.Now()}
	var err error
	if staff.Absences, err = tx.Absences().List(ctx, staff.At); err != nil || len(staff.Absences) == 0 && !review {
		return err
	}
	if staff.Users, err = tx.Users().List(ctx); err != nil {
		return err
	}
	if staff.Away(c.Submission.Assignee) {
		u, _ := staff.User(staff.Present(c.Submission.Assignee))
		c.StandsIn = u.Name
	}
	if review {
		var approvers []civic.UserID
		approvers, c.ApprovalAt = staff.Approvers(c.Submission.Agency, c.Answer.DraftedBy)
		c.Unapprovable = len(approvers) == 0
	}
	return nil
}

// workOf are those whose accepted cases are the person's to work on at the
// moment: the person, and whom the person stands in for.
func (s *Service) workOf(ctx context.Context, actor civic.Actor) ([]civic.UserID, error) {
	staff := civic.Staff{Registry: s.Registry, At: s.Now()}
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		staff.Absences, err = tx.Absences().List(ctx, staff.At)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read who is away: %w", err)
	}
	return append([]civic.UserID{actor.User}, staff.Represented(actor.User)...), nil
}
