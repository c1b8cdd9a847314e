// Package bulk does one act on many cases: it tries the act on each without
// effect, shows line by line what would happen, does it case by case once a
// person has given the word, and takes it back where that can be done.
//
// Each case is acted on in a transaction of its own, by the use case that acts
// on a single one, at the version that the person saw. What became of it is
// written in that same transaction, so that a work which was interrupted goes on
// where it stood and does nothing twice.
package bulk

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Limits of one work.
const (
	// Max is how many cases one work takes: what a person can still answer for.
	Max = 1000
	// AtOnce is how many cases are worked on while the person waits; more go
	// through the queue. One takes some milliseconds.
	AtOnce = 25
	// Stretch is how many cases one job of the queue works on before it makes
	// room for others: some seconds.
	Stretch = 200
	// patience is when a job takes over what a request began and did not end.
	patience = time.Minute
)

// Call is an act on one case.
type Call struct {
	Actor   civic.Actor
	Code    civic.Code
	Version int
	Input   map[string]string
	// Was is the case before the act that is taken back; only for Undo.
	Was Side
}

// Act does an act on one case.
type Act func(ctx context.Context, c Call) error

// Service works. All fields but Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Do and Undo are the use cases, by act. What has no Undo stays.
	Do, Undo map[civic.BulkAct]Act
	// Committed is told that the outbox has something new.
	Committed func()
}

// Picked is a case at the version that the person saw.
type Picked struct {
	Code    civic.Code
	Version int
}

// Side is what a line tells of a case before and after.
type Side struct {
	State        civic.State      `json:"state"`
	Agency       civic.AgencyCode `json:"agency,omitempty"`
	Assignee     civic.UserID     `json:"assignee,omitempty"`
	Handovers    int              `json:"handovers,omitempty"`
	TriageReason string           `json:"triage_reason,omitempty"`
	Hold         string           `json:"hold,omitempty"`
	DueAt        time.Time        `json:"due_at,omitzero"`
	Version      int              `json:"version"`
	Followers    int              `json:"followers,omitempty"`
	Route        *civic.Route     `json:"route,omitempty"`
}

// sideOf is a case in the middle of a transaction.
func sideOf(sub civic.Submission) Side {
	return Side{
		State: sub.State, Agency: sub.Agency, Assignee: sub.Assignee, Handovers: sub.Handovers, TriageReason: sub.TriageReason,
		Hold: sub.Hold, DueAt: sub.DueAt, Version: sub.Version,
	}
}

// ReadSide reads a side of a line. One that was never tried is empty.
func ReadSide(written string) Side {
	var s Side
	if written != "" {
		_ = json.Unmarshal([]byte(written), &s) // what we wrote ourselves; else it tells nothing
	}
	return s
}

func (s Side) String() string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err) // strings, numbers and times always encode
	}
	return string(b)
}

// Prepare stores a work and finds out what it would do. What is wrong with the
// form is Invalid, said by the first of the cases. No case or too many are
// Invalid, too.
func (s *Service) Prepare(ctx context.Context, actor civic.Actor, act civic.BulkAct, input map[string]string, picked []Picked, capped bool) (int64, error) {
	if !act.Valid() {
		return 0, errs.New(errs.NotFound, "bulk.unknown_act")
	}
	if err := actor.CheckPermission(act.Needs()); err != nil {
		return 0, err
	}
	lines, err := s.linesOf(ctx, actor, act, picked)
	if err != nil {
		return 0, fmt.Errorf("prepare: %w", err)
	}
	if err := s.checkInput(ctx, actor, act, input, lines[0]); err != nil {
		return 0, fmt.Errorf("prepare: %w", err)
	}
	work := civic.BulkWork{User: actor.User, Act: act, Input: input, State: civic.BulkChecking, Capped: capped, MadeAt: s.Now()}
	return s.begin(ctx, work, lines)
}

// linesOf finds the picked cases in the person's reach, each once.
func (s *Service) linesOf(ctx context.Context, actor civic.Actor, act civic.BulkAct, picked []Picked) ([]civic.BulkLine, error) {
	if len(picked) > Max {
		return nil, errs.InvalidFields(errs.Field{Name: "case", Code: "field.too_many", Params: map[string]string{"max": fmt.Sprint(Max)}})
	}
	var lines []civic.BulkLine
	err := s.Store.View(ctx, func(tx store.Tx) error {
		lines = lines[:0]
		seen := map[civic.SubmissionID]bool{}
		for _, p := range picked {
			sub, err := tx.Submissions().GetByCode(ctx, p.Code)
			if err == nil {
				err = actor.Check(s.Registry, act.Needs(), &sub)
			}
			if err != nil && errs.KindOf(err) == errs.NotFound {
				continue // went out of reach since the page was made
			}
			if err != nil {
				return err
			}
			if !seen[sub.ID] {
				seen[sub.ID] = true
				lines = append(lines, civic.BulkLine{Submission: sub.ID, Code: sub.Code, Version: p.Version, State: civic.LineWaiting})
			}
		}
		return nil
	})
	if err == nil && len(lines) == 0 {
		err = errs.InvalidFields(errs.Field{Name: "case", Code: "field.required"})
	}
	return lines, err
}

// checkInput tries the first case for what is wrong with the form.
func (s *Service) checkInput(ctx context.Context, actor civic.Actor, act civic.BulkAct, input map[string]string, line civic.BulkLine) error {
	err := s.rehearse(ctx, s.Do[act], Call{Actor: actor, Code: line.Code, Version: line.Version, Input: input}, &line)
	if errs.KindOf(err) == errs.Invalid && err != nil {
		return err
	}
	return nil
}

// begin stores a work with its lines and tries them.
func (s *Service) begin(ctx context.Context, work civic.BulkWork, lines []civic.BulkLine) (id int64, err error) {
	var job int64
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if id, err = tx.BulkWorks().Add(ctx, work, lines); err != nil {
			return err
		}
		job, err = s.promise(ctx, tx, id, len(lines))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("store the work: %w", err)
	}
	return id, s.now(ctx, job, id, len(lines))
}

// promise puts the work into the outbox. What is to be done while the person
// waits rests there for a moment, in case that the wait is cut short.
func (s *Service) promise(ctx context.Context, tx store.Tx, id int64, lines int) (int64, error) {
	job := store.Job{Kind: store.JobBulk, Subject: id, CreatedAt: s.Now()}
	if lines <= AtOnce {
		job.NextAt = s.Now().Add(patience)
	}
	return tx.Outbox().Put(ctx, job)
}

// now works at once on what is small enough, and lets the queue know of the
// rest.
func (s *Service) now(ctx context.Context, job, id int64, lines int) error {
	if lines <= AtOnce {
		return s.Work(ctx, job, id)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// Confirm gives the word: every line that was fit is acted on. It is Conflict
// with code bulk.moved_on when the work does not wait for it.
func (s *Service) Confirm(ctx context.Context, actor civic.Actor, id int64) error {
	return s.decide(ctx, actor, id, civic.BulkRunning)
}

// Drop lays a work aside that nobody gave the word for.
func (s *Service) Drop(ctx context.Context, actor civic.Actor, id int64) error {
	return s.decide(ctx, actor, id, civic.BulkDropped)
}

// decide moves a work on that waits for its person.
func (s *Service) decide(ctx context.Context, actor civic.Actor, id int64, to civic.BulkState) error {
	var job int64
	lines := 0
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		work, err := s.own(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		lines = work.Lines[civic.LineFit]
		moved, err := tx.BulkWorks().Move(ctx, id, civic.BulkReady, to, s.Now())
		if err != nil {
			return err
		}
		if !moved {
			return errs.New(errs.Conflict, "bulk.moved_on")
		}
		if to == civic.BulkRunning {
			job, err = s.promise(ctx, tx, id, lines)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("decide the work: %w", err)
	}
	if to != civic.BulkRunning {
		return nil
	}
	return s.now(ctx, job, id, lines)
}

// TakeBack prepares a work that undoes another: its lines are those that were
// done. Whoever did the first may, while the acts can be undone at all.
func (s *Service) TakeBack(ctx context.Context, actor civic.Actor, id int64) (int64, error) {
	var work civic.BulkWork
	var lines []civic.BulkLine
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if work, err = s.own(ctx, tx, actor, id); err != nil {
			return err
		}
		if work.State != civic.BulkDone || work.UndoOf != 0 || work.UndoneBy != 0 || s.Undo[work.Act] == nil {
			return errs.New(errs.Conflict, "undo.not_possible")
		}
		lines, err = tx.BulkWorks().Lines(ctx, id, 0, Max, civic.LineDone)
		return err
	})
	if err == nil && len(lines) == 0 {
		err = errs.New(errs.Conflict, "undo.not_possible")
	}
	if err != nil {
		return 0, fmt.Errorf("take back: %w", err)
	}
	for i, l := range lines {
		lines[i] = civic.BulkLine{Submission: l.Submission, Version: ReadSide(l.Became).Version, State: civic.LineWaiting}
	}
	undo := civic.BulkWork{User: actor.User, Act: work.Act, Input: work.Input, State: civic.BulkChecking, UndoOf: id, MadeAt: s.Now()}
	return s.begin(ctx, undo, lines)
}

// own returns a work that the person made. Another's is NotFound.
func (s *Service) own(ctx context.Context, tx store.Tx, actor civic.Actor, id int64) (civic.BulkWork, error) {
	work, err := tx.BulkWorks().Get(ctx, id)
	if err == nil && work.User != actor.User {
		err = errs.New(errs.NotFound, "bulk.not_found")
	}
	return work, err
}

// Show returns a work with up to limit lines behind a place, of these states or
// of all: the person's own, or that of others to who oversees them.
func (s *Service) Show(ctx context.Context, actor civic.Actor, id int64, after, limit int, states ...civic.LineState) (civic.BulkWork, []civic.BulkLine, error) {
	var work civic.BulkWork
	var lines []civic.BulkLine
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if work, err = tx.BulkWorks().Get(ctx, id); err != nil {
			return err
		}
		if err := s.mayShow(ctx, tx, actor, work); err != nil {
			return err
		}
		lines, err = tx.BulkWorks().Lines(ctx, id, after, limit, states...)
		return err
	})
	if err != nil {
		return work, nil, fmt.Errorf("show the work: %w", err)
	}
	return work, lines, nil
}

// Oversees reports whether the actor reads what others did to many cases:
// coordinators, who share the cases, and those who read who looked at what.
func Oversees(a civic.Actor) bool { return a.May(civic.TriageCase) || a.May(civic.SeeLooks) }

// mayShow fails with NotFound for a work that is not the person's to see: whom
// an agency binds, oversees its people.
func (s *Service) mayShow(ctx context.Context, tx store.Tx, actor civic.Actor, work civic.BulkWork) error {
	if work.User == actor.User {
		return nil
	}
	by, err := tx.Users().Get(ctx, work.User)
	if err != nil {
		return err
	}
	if !Oversees(actor) || !actor.Reaches(s.Registry, by.Agency) {
		return errs.New(errs.NotFound, "bulk.not_found")
	}
	return nil
}

// List returns up to limit works that are older than before, the newest first,
// and whether there are more: the person's own, or everybody's within reach.
// before zero begins at the newest.
func (s *Service) List(ctx context.Context, actor civic.Actor, everybody bool, before int64, limit int) (works []civic.BulkWork, more bool, err error) {
	q := store.WorkQuery{User: actor.User, Before: before, Limit: limit + 1}
	if everybody {
		if !Oversees(actor) {
			return nil, false, errs.New(errs.Forbidden, "actor.not_allowed")
		}
		q.User = 0
		if actor.Bound() {
			q.Agencies = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
		}
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		works, err = tx.BulkWorks().List(ctx, q)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("list the works: %w", err)
	}
	more = len(works) > limit
	return works[:min(len(works), limit)], more, nil
}
