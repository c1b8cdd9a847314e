// Package dialogue is what agency and sender say to each other about a case
// beside the answer: a question and its reply, while the clock stands still; a
// later deadline with its reason; whether the answer helped; and that it did
// not, by which the case is opened again.
package dialogue

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// Limits in texts (letters) and time. Those without a law behind them are
// defaults of this project.
const (
	MaxQuestion = civic.MaxMessage
	MaxReply    = 20_000
	// MaxExtension is as long as the first limit, in working days: who needs
	// more than twice the time says so in an answer.
	MaxExtension = 15
	// RateWithin is how long after the answer it can be judged, and the case
	// opened again.
	RateWithin = 90 * 24 * time.Hour
	// SettleAfter is how long after the answer a case is closed when nobody
	// reacts. It can still be opened again.
	SettleAfter = 30 * 24 * time.Hour
	// atOnce bounds one sweep, so that each transaction is short.
	atOnce = 100
)

// ReasonReopened says that a coordinator must look because the sender objects
// to the answer.
const ReasonReopened = "triage.reopened"

// Service carries the dialogue. All fields but Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
	// Committed is told that the outbox has something new.
	Committed func()
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

// Question is what an agency asks the sender.
type Question struct {
	Text string
	// Running lets the answer clock run on meanwhile.
	Running bool
}

// Ask puts a question to the sender. The answer clock stands still until the
// reply, or for as long as the registry says.
func (s *Service) Ask(ctx context.Context, actor civic.Actor, code civic.Code, version int, question string) error {
	return s.AskWith(ctx, actor, code, version, Question{Text: question})
}

// AskWith is Ask with whether the clock runs on. Where questions may not stop it
// any more, one that would is Conflict with code inquiry.pauses_used.
func (s *Service) AskWith(ctx context.Context, actor civic.Actor, code civic.Code, version int, q Question) error {
	question, err := text("question", q.Text, MaxQuestion)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.InProgress {
			return errs.New(errs.Conflict, "inquiry.not_in_progress")
		}
		asked := s.inquiry(c, q.Running)
		asked.Question, asked.AskedBy = question, actor.User
		if !q.Running {
			if err := s.mayPause(ctx, tx, asked); err != nil {
				return err
			}
			if err := c.Sub.Move(civic.AwaitingCitizen); err != nil {
				return err
			}
		}
		if _, err := tx.Inquiries().Add(ctx, asked); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventAsked, Reason: question}
		if err := s.reset(ctx, tx, &c.Sub); err != nil {
			return err
		}
		return casework.Tell(ctx, tx, c.Sub, civic.MessageQuestion, c.Now)
	}})
	if err != nil {
		return fmt.Errorf("ask the sender: %w", err)
	}
	return nil
}

// inquiry is a question that is asked now, without its words.
func (s *Service) inquiry(c *casework.Change, running bool) civic.Inquiry {
	plan := s.Times.Now()
	limit := plan.Limit(civic.ForInformation, civic.ClockOf(c.Sub, nil))
	half := limit
	half.Amount = max(1, limit.Amount/2)
	out := civic.Inquiry{
		Submission: c.Sub.ID, AskedAt: c.Now, Agency: c.Sub.Agency, Running: running,
		RemindAt: plan.Calendar.Due(c.Now, half), ReplyBy: plan.Calendar.Due(c.Now, limit),
	}
	out.PausedDays = s.paused(out, out.ReplyBy)
	return out
}

// paused is for how many working days an inquiry stops the clock that ends at a
// time.
func (s *Service) paused(i civic.Inquiry, until time.Time) int {
	if i.Running {
		return 0
	}
	return s.Times.Now().Calendar.Elapsed(i.AskedAt, until, civic.WorkingDays)
}

// mayPause fails when the pause of a question does not fit into what is left of
// the case's.
func (s *Service) mayPause(ctx context.Context, tx store.Tx, q civic.Inquiry) error {
	asked, err := tx.Inquiries().List(ctx, q.Submission)
	if err == nil && !s.Registry.Limits.Pauses.Takes(civic.PausesOf(asked), q.PausedDays) {
		err = errs.New(errs.Conflict, "inquiry.pauses_used")
	}
	return err
}

// Pauses is what is left of the pauses of a case.
type Pauses struct {
	Used  civic.PauseUse
	Limit civic.PauseLimit
	// Possible tells whether one more question may stop the clock.
	Possible bool
}

// PausesLeft says what is left of the pauses of a case about which was asked.
func (s *Service) PausesLeft(sub civic.Submission, asked []civic.Inquiry) Pauses {
	next := s.inquiry(&casework.Change{Sub: sub, Now: s.Now()}, false)
	out := Pauses{Used: civic.PausesOf(asked), Limit: s.Registry.Limits.Pauses}
	out.Possible = out.Limit.Takes(out.Used, next.PausedDays)
	return out
}

// Record writes down what the sender replied by telephone, by letter or at the
// counter.
func (s *Service) Record(ctx context.Context, actor civic.Actor, code civic.Code, version int, reply string) error {
	reply, err := text("reply", reply, MaxReply)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		c.Event.Type = civic.EventInformed
		return s.end(ctx, tx, &c.Sub, reply, c.Now)
	}})
	if err != nil {
		return fmt.Errorf("record the reply: %w", err)
	}
	return nil
}

// Reply is the sender's own reply.
func (s *Service) Reply(ctx context.Context, actor civic.Actor, code civic.Code, reply string) error {
	reply, err := text("reply", reply, MaxReply)
	if err != nil {
		return err
	}
	return s.sender(ctx, actor, code, "reply", func(ctx context.Context, tx store.Tx, sub *civic.Submission, now time.Time) (civic.Event, error) {
		return civic.Event{Type: civic.EventInformed}, s.end(ctx, tx, sub, reply, now)
	})
}

// end ends the open inquiry of a submission and lets the clock run on.
func (s *Service) end(ctx context.Context, tx store.Tx, sub *civic.Submission, reply string, now time.Time) error {
	open, err := openInquiry(ctx, tx, sub.ID)
	if err != nil {
		return err
	}
	if !civic.MayReply(*sub, open) {
		return errs.New(errs.Conflict, "inquiry.none_open")
	}
	open.Reply, open.EndedAt, open.PausedDays = reply, now, s.paused(open, now)
	if err := tx.Inquiries().Update(ctx, open); err != nil {
		return err
	}
	if open.Running {
		return nil
	}
	if err := sub.Move(civic.InProgress); err != nil {
		return err
	}
	return s.reset(ctx, tx, sub)
}

func openInquiry(ctx context.Context, tx store.Tx, id civic.SubmissionID) (civic.Inquiry, error) {
	all, err := tx.Inquiries().List(ctx, id)
	if err != nil {
		return civic.Inquiry{}, err
	}
	i := slices.IndexFunc(all, func(i civic.Inquiry) bool { return i.EndedAt.IsZero() })
	if i < 0 {
		return civic.Inquiry{}, errs.New(errs.Conflict, "inquiry.none_open")
	}
	return all[i], nil
}

// reset computes the deadlines anew, out of when the clock began, every pause,
// and by how much it was extended.
func (s *Service) reset(ctx context.Context, tx store.Tx, sub *civic.Submission) error {
	if sub.DueAt.IsZero() { // an import that brought none
		return nil
	}
	asked, err := tx.Inquiries().List(ctx, sub.ID)
	if err != nil {
		return err
	}
	s.Times.Now().Reset(sub, asked)
	return nil
}

// Extend sets a later deadline, once, with a reason that the sender reads. days
// are counted as the limit of the kind is.
func (s *Service) Extend(ctx context.Context, actor civic.Actor, code civic.Code, version, days int, reason string) error {
	reason, err := text("reason", reason, civic.MaxReason)
	if days < 1 || days > MaxExtension {
		out := errs.Field{Name: "days", Code: "field.out_of_range", Params: map[string]string{"min": "1", "max": strconv.Itoa(MaxExtension)}}
		return errs.InvalidFields(append([]errs.Field{out}, errs.FieldsOf(err)...)...)
	}
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		switch {
		case c.Sub.State != civic.InProgress && c.Sub.State != civic.AwaitingCitizen && c.Sub.State != civic.InReview:
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		case c.Sub.Extended > 0 || c.Sub.DueAt.IsZero():
			return errs.New(errs.Conflict, "extension.used")
		}
		c.Sub.Extended = days
		c.Event = civic.Event{Type: civic.EventExtended, Reason: reason}
		if err := s.reset(ctx, tx, &c.Sub); err != nil {
			return err
		}
		if c.Now.Before(c.Sub.DueAt) {
			if err := tx.Submissions().ForgetOverdue(ctx, c.Sub.ID); err != nil {
				return err
			}
		}
		return casework.Tell(ctx, tx, c.Sub, civic.MessageDelayed, c.Now)
	}})
	if err != nil {
		return fmt.Errorf("extend the deadline: %w", err)
	}
	return nil
}

// run is an act of staff.
func (s *Service) run(ctx context.Context, actor civic.Actor, code civic.Code, version int, a casework.Act) error {
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Times: s.Times, Now: s.Now}
	if err := desk.Run(ctx, actor, code, version, a); err != nil {
		return err
	}
	s.committed()
	return nil
}

// sender is an act of the sender of a submission. do changes sub and returns
// the line of history.
func (s *Service) sender(
	ctx context.Context, actor civic.Actor, code civic.Code, what string,
	do func(ctx context.Context, tx store.Tx, sub *civic.Submission, now time.Time) (civic.Event, error),
) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, sub.ID)
		if err != nil {
			return err
		}
		sub = locked[0]
		from := sub.State
		event, err := do(ctx, tx, &sub, now)
		if err != nil {
			return err
		}
		return casework.Write(ctx, tx, civic.ActorSender, from, sub, now, event)
	})
	if err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	s.committed()
	return nil
}

// text normalises what somebody wrote; empty or too long is Invalid.
func text(name, value string, most int) (string, error) {
	value = strings.TrimSpace(vitext.Normalize(value))
	return value, civic.CheckLength(name, value, 1, most)
}
