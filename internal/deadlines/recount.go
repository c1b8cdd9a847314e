package deadlines

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

const (
	// part is how many cases one job computes anew: about a tenth of a second of
	// the only writer on SQLite.
	part = 100
	// listed is how many recounts the page shows, and movesAtOnce how many of
	// their moves.
	listed      = 50
	movesAtOnce = 200
)

func (s *Service) part() int { return cmp.Or(s.Part, part) }

// Recounts lists the recomputations, the newest first.
func (s *Service) Recounts(ctx context.Context, actor civic.Actor) (out []civic.Recount, err error) {
	if err := actor.CheckPermission(civic.SeeTimes); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		out, err = tx.Recounts().List(ctx, listed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the recounts: %w", err)
	}
	return out, nil
}

// Report is what a recomputation moved.
type Report struct {
	civic.Recount
	Moves []civic.Move
	// Next is after which case the next moves stand; zero: these are the last.
	Next civic.SubmissionID
}

// Report returns what a recomputation moved, the cases above after. Who is
// bound to an agency sees the moves there.
func (s *Service) Report(ctx context.Context, actor civic.Actor, id int64, after civic.SubmissionID) (out Report, err error) {
	if err := actor.CheckPermission(civic.SeeTimes); err != nil {
		return Report{}, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if out.Recount, err = tx.Recounts().Get(ctx, id); err != nil {
			return err
		}
		out.Moves, err = tx.Recounts().Moves(ctx, id, after, movesAtOnce)
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("read what moved: %w", err)
	}
	if len(out.Moves) == movesAtOnce {
		out.Next = out.Moves[movesAtOnce-1].Submission
	}
	if actor.Bound() {
		var own []civic.Move
		for _, m := range out.Moves {
			if actor.Reaches(s.Registry, m.Agency) {
				own = append(own, m)
			}
		}
		out.Moves = own
	}
	return out, nil
}

// Recount computes some open deadlines anew and lets the next job do the next.
// It is the handler of store.JobRecount: job is the outbox row. What runs twice
// moves once, and what was interrupted goes on where it stood.
func (s *Service) Recount(ctx context.Context, job, id int64) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, now)
		if err != nil || !first {
			return err
		}
		r, err := tx.Recounts().Get(ctx, id)
		if err != nil || !r.EndedAt.IsZero() {
			return err
		}
		clocks, err := tx.Recounts().Clocks(ctx, r.Cursor, s.part())
		if err != nil {
			return err
		}
		moves, err := s.recount(ctx, tx, r, clocks, now)
		if err != nil {
			return err
		}
		r.Looked += len(clocks)
		for _, m := range moves {
			if m.Kept {
				r.Kept++
			} else {
				r.Moved++
			}
		}
		if len(clocks) < s.part() {
			r.EndedAt = now
			return tx.Recounts().Note(ctx, r, moves)
		}
		r.Cursor = clocks[len(clocks)-1].Submission
		if err := tx.Recounts().Note(ctx, r, moves); err != nil {
			return err
		}
		_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobRecount, Subject: id, CreatedAt: now})
		return err
	})
	if err != nil {
		return fmt.Errorf("compute deadlines anew: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// recount writes the new deadlines of the cases that a change touches.
func (s *Service) recount(ctx context.Context, tx store.Tx, r civic.Recount, clocks []civic.Clock, now time.Time) ([]civic.Move, error) {
	was, err := timetable.ReadUntil(ctx, tx, s.Registry, r.Limit, r.Day)
	if err != nil {
		return nil, err
	}
	next, err := timetable.Read(ctx, tx, s.Registry)
	if err != nil {
		return nil, err
	}
	var moves []civic.Move
	for _, c := range clocks {
		found := timetable.Recount(was, next, c, now)
		if !found.Changed(c) && !found.Move.Kept {
			continue
		}
		move, err := s.move(ctx, tx, was, next, c.Submission, now)
		if err != nil {
			return nil, err
		}
		if move.Kept || !move.New.Equal(move.Old) {
			moves = append(moves, move)
		}
	}
	return moves, nil
}

// move writes the new deadlines of one case, as it is once it is locked.
func (s *Service) move(ctx context.Context, tx store.Tx, was, next *timetable.Plan, id civic.SubmissionID, now time.Time) (civic.Move, error) {
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return civic.Move{}, err
	}
	sub := locked[0]
	asked, err := tx.Inquiries().List(ctx, id)
	if err != nil {
		return civic.Move{}, err
	}
	c := civic.ClockOf(sub, asked)
	if !civic.Open.Has(sub.State) || sub.DueAt.IsZero() { // settled at this moment
		return civic.Move{Old: sub.DueAt, New: sub.DueAt}, nil
	}
	found := timetable.Recount(was, next, c, now)
	if !found.Changed(c) {
		return found.Move, nil
	}
	for _, q := range found.Questions {
		if err := tx.Inquiries().Update(ctx, q); err != nil {
			return civic.Move{}, err
		}
	}
	overdue := sub.DueAt.Before(now)
	moved := !found.Clock.DueAt.Equal(sub.DueAt)
	sub.DueAt, sub.FirstDueAt, sub.ForwardDueAt = found.Clock.DueAt, found.Clock.FirstDueAt, found.Clock.ForwardDueAt
	sub.Version++
	sub.UpdatedAt = now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return civic.Move{}, err
	}
	if overdue && !sub.DueAt.Before(now) {
		if err := tx.Submissions().ForgetOverdue(ctx, id); err != nil {
			return civic.Move{}, err
		}
	}
	if !moved {
		return found.Move, nil
	}
	return found.Move, tx.Events().Add(ctx, civic.Event{
		Submission: id, At: now, Type: civic.EventRecounted, Actor: civic.ActorSystem, From: sub.State, To: sub.State, Agency: sub.Agency,
	})
}
