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
// that was taken back, those to the agency again which the successor has not
// accepted. It is the handler of store.JobSucceed: job is the outbox row, change
// the version of the entry. No deadline starts anew and nothing counts as a
// hand-over. An answer that waits for a second person stays where it is until
// it was approved or returned: Stranded lists it.
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
			Agencies: []civic.AgencyCode{civic.AgencyCode(v.Code)}, States: movable, Page: 1, PerPage: succeedAtOnce, CountTo: 1,
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

// movable are the states in which an agency's case can go to another.
var movable = civic.StateSet{civic.Assigned, civic.InProgress, civic.AwaitingCitizen}

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
	err := s.run(ctx, civic.System, sub.Code, sub.Version, casework.Act{Permission: civic.TriageCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.Agency != from || !movable.Has(c.Sub.State) || back && c.Sub.State != civic.Assigned || to == "" {
			return errs.New(errs.Conflict, "submission.not_stranded")
		}
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
		give(c, to)
		c.Event = civic.Event{Type: civic.EventAssigned, Reason: v.Reason}
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
