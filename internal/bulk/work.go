package bulk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// errRehearsed undoes an act that was only tried.
var errRehearsed = errors.New("rehearsed")

// leaseTime is for how long one process has a work to itself. It is longer than
// a job may take.
const leaseTime = 2 * time.Minute

// Work goes on with a work for one stretch: it tries the lines of one that is
// checked, or acts on those of one that runs. When lines are left it promises
// to go on. Its job is done then.
func (s *Service) Work(ctx context.Context, job, id int64) error {
	holder := fmt.Sprintf("job %d", job)
	lease := fmt.Sprintf("bulk %d", id)
	var work civic.BulkWork
	var lines []civic.BulkLine
	var actor civic.Actor
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		free, err := tx.Leases().Take(ctx, lease, holder, s.Now(), leaseTime)
		if err != nil {
			return err
		}
		if !free { // another process has it; this job comes again
			return errs.New(errs.Unavailable, "bulk.busy")
		}
		if work, err = tx.BulkWorks().Get(ctx, id); err != nil {
			return err
		}
		if lines, err = tx.BulkWorks().Lines(ctx, id, 0, Stretch, todo(work.State)...); err != nil {
			return err
		}
		actor, err = actorOf(ctx, tx, work.User)
		return err
	})
	if err != nil {
		return fmt.Errorf("go on with the work: %w", err)
	}
	if err := s.stretch(ctx, work, actor, lines); err != nil {
		return fmt.Errorf("go on with the work: %w", errors.Join(err, s.release(ctx, lease, holder)))
	}
	return s.end(ctx, job, work, lease, holder)
}

// todo are the lines that a work in a state has to see to.
func todo(state civic.BulkState) []civic.LineState {
	switch state {
	case civic.BulkChecking:
		return []civic.LineState{civic.LineWaiting}
	case civic.BulkRunning:
		return []civic.LineState{civic.LineFit}
	case civic.BulkReady, civic.BulkDone, civic.BulkDropped:
	}
	return []civic.LineState{"none"}
}

// actorOf is who the work is done as, with the rights that the account has now.
func actorOf(ctx context.Context, tx store.Tx, id civic.UserID) (civic.Actor, error) {
	u, err := tx.Users().Get(ctx, id)
	if err != nil {
		return civic.Actor{}, err
	}
	a := civic.StaffOf(u)
	a.Unproven = !u.Active // may nothing: every line is refused
	return a, nil
}

func (s *Service) release(ctx context.Context, lease, holder string) error {
	return s.Store.Do(context.WithoutCancel(ctx), func(tx store.Tx) error { return tx.Leases().Release(ctx, lease, holder) })
}

// stretch works on lines. What fails for one is said beside it; what would fail
// for every other, too, ends the stretch.
func (s *Service) stretch(ctx context.Context, work civic.BulkWork, actor civic.Actor, lines []civic.BulkLine) error {
	was, err := s.taken(ctx, work)
	if err != nil {
		return err
	}
	act := s.Do[work.Act]
	if work.UndoOf != 0 {
		act = s.Undo[work.Act]
	}
	var tried []civic.BulkLine
	for _, line := range lines {
		call := Call{Actor: actor, Code: line.Code, Version: line.Version, Input: work.Input, Was: was[line.Submission]}
		if work.State == civic.BulkRunning {
			if err := s.perform(ctx, act, call, line); err != nil {
				return err
			}
			continue
		}
		if err := s.rehearse(ctx, act, call, &line); hopeless(err) {
			return err
		} else if err != nil {
			line.State, line.Reason = civic.LineUnfit, reasonOf(err)
		}
		line.SettledAt = s.Now()
		tried = append(tried, line)
	}
	return s.settle(ctx, tried)
}

// taken returns how the cases were before the work that this one takes back.
func (s *Service) taken(ctx context.Context, work civic.BulkWork) (map[civic.SubmissionID]Side, error) {
	was := map[civic.SubmissionID]Side{}
	if work.UndoOf == 0 {
		return was, nil
	}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		lines, err := tx.BulkWorks().Lines(ctx, work.UndoOf, 0, Max, civic.LineDone)
		for _, l := range lines {
			was[l.Submission] = ReadSide(l.Was)
		}
		return err
	})
	return was, err
}

// hopeless tells failures that say nothing about the case: the database is
// away, or nobody waits any more.
func hopeless(err error) bool {
	k := errs.KindOf(err)
	return err != nil && (k == errs.Unavailable || k == errs.Internal)
}

// reasonOf is the code of a refusal; of a wrong field it is the field's.
func reasonOf(err error) string {
	if fields := errs.FieldsOf(err); len(fields) > 0 {
		return fields[0].Code
	}
	return errs.CodeOf(err)
}

// rehearse does an act and takes it back, and fills the line with what would
// become of the case.
func (s *Service) rehearse(ctx context.Context, act Act, call Call, line *civic.BulkLine) error {
	seen := &watch{then: func(context.Context, store.Tx) error { return errRehearsed }}
	err := act(casework.Watched(ctx, seen), call)
	if err != nil && !errors.Is(err, errRehearsed) {
		return err
	}
	line.State, line.Was, line.Became = civic.LineFit, seen.was.String(), seen.became.String()
	return nil
}

// perform does an act and writes into the same transaction that it was done.
func (s *Service) perform(ctx context.Context, act Act, call Call, line civic.BulkLine) error {
	seen := &watch{}
	seen.then = func(ctx context.Context, tx store.Tx) error {
		line.State, line.Reason, line.SettledAt = civic.LineDone, "", s.Now()
		line.Was, line.Became = seen.was.String(), seen.became.String()
		return tx.BulkWorks().Settle(ctx, line)
	}
	err := act(casework.Watched(ctx, seen), call)
	if err == nil || hopeless(err) {
		return err
	}
	line.State, line.Reason, line.SettledAt = civic.LineRefused, reasonOf(err), s.Now()
	return s.settle(ctx, []civic.BulkLine{line})
}

// settle stores what became of lines.
func (s *Service) settle(ctx context.Context, lines []civic.BulkLine) error {
	return s.Store.Do(ctx, func(tx store.Tx) error {
		for _, l := range lines {
			if err := tx.BulkWorks().Settle(ctx, l); err != nil {
				return err
			}
		}
		return nil
	})
}

// end finishes the job: the work comes to its next state, or a new job goes on.
func (s *Service) end(ctx context.Context, job int64, work civic.BulkWork, lease, holder string) error {
	left := false
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Leases().Release(ctx, lease, holder); err != nil {
			return err
		}
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		lines, err := tx.BulkWorks().Lines(ctx, work.ID, 0, 1, todo(work.State)...)
		if err != nil {
			return err
		}
		if left = len(lines) > 0; left {
			_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobBulk, Subject: work.ID, CreatedAt: s.Now()})
			return err
		}
		next := map[civic.BulkState]civic.BulkState{civic.BulkChecking: civic.BulkReady, civic.BulkRunning: civic.BulkDone}
		if to, ok := next[work.State]; ok {
			_, err = tx.BulkWorks().Move(ctx, work.ID, work.State, to, s.Now())
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("end a stretch of the work: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// watch keeps both sides of an act and does something in its transaction.
type watch struct {
	was, became Side
	then        func(ctx context.Context, tx store.Tx) error
}

var _ casework.Onlooker = (*watch)(nil)

// Before implements casework.Onlooker.
func (w *watch) Before(ctx context.Context, tx store.Tx, was civic.Submission) error {
	w.was = sideOf(was)
	route, err := tx.Routes().Get(ctx, was.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if err == nil {
		w.was.Route = &route
	}
	followers, err := tx.Matches().Followers(ctx, []civic.SubmissionID{was.ID})
	w.was.Followers = followers[was.ID]
	return err
}

// After implements casework.Onlooker.
func (w *watch) After(ctx context.Context, tx store.Tx, _, became civic.Submission) error {
	w.became = sideOf(became)
	return w.then(ctx, tx)
}
