package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// succeedAtOnce is how many cases one job moves, each in a transaction of its
// own; the next job does the next.
const succeedAtOnce = 200

// Succeed gives open cases of an agency that ended to its successor, or, after
// that was taken back, those to the agency again which nobody of the successor
// has accepted. It is the handler of store.JobSucceed: job is the outbox row,
// change the version of the entry. No deadline starts anew, nothing counts as a
// hand-over, and whoever handles a case goes on with it where that person moved
// along: what was asked of the sender stays asked, and an answer that waits for
// a second person waits for one of the successor.
func (s *Service) Succeed(ctx context.Context, job, change int64) error {
	var v, cause civic.EntryChange
	var cases []civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if v, err = tx.Directory().Get(ctx, change); err != nil {
			return err
		}
		cause = v
		if v.Act == civic.EntryUndone {
			if cause, err = tx.Directory().Get(ctx, v.Undoes); err != nil {
				return err
			}
			ids, err := tx.Directory().Moves(ctx, cause.ID, succeedAtOnce)
			if err != nil {
				return err
			}
			cases, err = tx.Submissions().List(ctx, ids)
			return err
		}
		page, err := tx.Submissions().Queue(ctx, store.QueueQuery{
			Agencies: []civic.AgencyCode{civic.AgencyCode(v.Code)}, States: civic.WithAgency, Page: 1, PerPage: succeedAtOnce, CountTo: 1,
		})
		cases = cases[:0]
		for _, item := range page.Items {
			cases = append(cases, item.Submission)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("find the cases of %s: %w", v.Code, err)
	}
	for _, sub := range cases {
		if err := s.succeed(ctx, v, cause, sub); err != nil {
			return fmt.Errorf("move %s: %w", sub.Code, err)
		}
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, now)
		if err != nil || !first || len(cases) < succeedAtOnce {
			return err
		}
		_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobSucceed, Subject: change, CreatedAt: now})
		return err
	})
	if err == nil && s.Committed != nil {
		s.Committed()
	}
	return err
}

// succeed moves one case, there or back. What somebody else moved meanwhile
// stays.
func (s *Service) succeed(ctx context.Context, v, cause civic.EntryChange, sub civic.Submission) error {
	back := v.ID != cause.ID
	from, to := civic.AgencyCode(cause.Code), civic.AgencyCode("")
	if len(cause.Entry.Successors) > 0 {
		to = civic.AgencyCode(cause.Entry.Successors[0])
	}
	if back {
		from, to = to, from
	}
	err := s.run(ctx, civic.System, sub.Code, sub.Version, casework.Act{Permission: civic.TriageCase, Quiet: true, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.Agency != from || !civic.WithAgency.Has(c.Sub.State) || to == "" {
			return errs.New(errs.Conflict, "submission.not_stranded")
		}
		along, err := s.along(ctx, tx, c.Sub, to, back)
		if err != nil {
			return err
		}
		if back && !along && (c.Sub.Assignee != 0 || c.Sub.State == civic.InProgress) { // somebody of the successor has accepted it
			return errs.New(errs.Conflict, "submission.not_stranded")
		}
		if err := inherit(c, to, along); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventAssigned, Reason: v.Reason}
		if c.Sub.State != civic.Assigned { // otherwise the desk tells the sender
			if err := casework.Step(ctx, tx, c.Sub, civic.MessageMoved, c.Now); err != nil {
				return err
			}
		}
		if back {
			return tx.Directory().Unmoved(ctx, cause.ID, c.Sub.ID)
		}
		return tx.Directory().Moved(ctx, cause.ID, c.Sub.ID)
	}})
	if err != nil && errs.CodeOf(err) == "submission.not_stranded" {
		if !back {
			return nil
		}
		return s.Store.Do(ctx, func(tx store.Tx) error { return tx.Directory().Unmoved(ctx, cause.ID, sub.ID) })
	}
	return err
}

// along reports whether who handles a case is at the agency that it goes to or
// above it; on the way back at the agency itself.
func (s *Service) along(ctx context.Context, tx store.Tx, sub civic.Submission, to civic.AgencyCode, back bool) (bool, error) {
	if sub.Assignee == 0 {
		return false, nil
	}
	u, err := tx.Users().Get(ctx, sub.Assignee)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return false, err
	}
	return u.Active && (u.Agency == to || !back && civic.StaffOf(u).Reaches(s.Registry, to)), nil
}

// inherit gives a case to a successor. What is being worked on goes on; what
// nobody handles any more waits to be accepted, unless a sender or a second
// person is waited for.
func inherit(c *casework.Change, to civic.AgencyCode, along bool) error {
	if along {
		c.Sub.Agency = to
		return nil
	}
	if c.Sub.State == civic.InProgress {
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
	}
	give(c, to)
	return nil
}
