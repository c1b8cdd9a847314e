package triage

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Assign gives a case to an agency. It is the coordinator's decision, and the
// classifier learns from it. Who leads an agency may give its cases to the
// units inside it, and nowhere else: Forbidden.
func (s *Service) Assign(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, agency civic.AgencyCode, reason string,
) error {
	reason, err := words("reason", reason, 0, civic.MaxReason)
	if err != nil {
		return err
	}
	if !s.Registry.CanReceive(agency, s.Now()) {
		return errs.InvalidFields(errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.AssignCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !actor.Reaches(s.Registry, agency) {
			return errs.New(errs.Forbidden, "assign.outside")
		}
		if !civic.Assignable.Has(c.Sub.State) {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
		if c.Sub.Agency != "" && c.Sub.Agency != agency {
			c.Sub.Handovers++
		}
		if err := release(ctx, tx, c); err != nil {
			return err
		}
		give(c, agency)
		c.Event = civic.Event{Type: civic.EventAssigned, Reason: reason}
		if err := s.decided(ctx, tx, c, agency); err != nil {
			return err
		}
		return tx.Routes().Confirm(ctx, c.Sub.ID, agency, c.Now)
	}})
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	return nil
}

// release sends the receipt that was kept back while a person had to check
// the case first.
func release(ctx context.Context, tx store.Tx, c *casework.Change) error {
	if c.Sub.Hold == "" {
		return nil
	}
	return casework.Tell(ctx, tx, c.Sub, civic.MessageReceipt, c.Now)
}

// give puts the case before an agency that has not accepted it yet.
func give(c *casework.Change, agency civic.AgencyCode) {
	c.Sub.Agency, c.Sub.Assignee, c.Sub.TriageReason, c.Sub.Hold = agency, 0, "", ""
}

// decided stores that a person chose the agency and keeps what the engine
// thought as candidates.
func (s *Service) decided(ctx context.Context, tx store.Tx, c *casework.Change, agency civic.AgencyCode) error {
	r, err := tx.Routes().Get(ctx, c.Sub.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	r.Submission, r.DecidedAt, r.By, r.Agency = c.Sub.ID, c.Now, civic.RouteByPerson, agency
	r.Score = 0
	for _, candidate := range r.Candidates {
		if candidate.Agency == agency {
			r.Score = candidate.Score
		}
	}
	return tx.Routes().Put(ctx, r)
}

// Accept takes a case on for its agency. assignee is who will handle it; zero
// is the actor. The routing is confirmed by it.
func (s *Service) Accept(ctx context.Context, actor civic.Actor, code civic.Code, version int, assignee civic.UserID) error {
	if assignee == 0 {
		assignee = actor.User
	}
	err := s.run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.Assigned {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		u, err := tx.Users().Get(ctx, assignee)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		if err != nil || !u.Active || !civic.StaffOf(u).May(civic.HandleCase) || !civic.StaffOf(u).Reaches(s.Registry, c.Sub.Agency) {
			return errs.InvalidFields(errs.Field{Name: "assignee", Code: "field.unknown_value"})
		}
		if err := c.Sub.Move(civic.InProgress); err != nil {
			return err
		}
		c.Sub.Assignee = assignee
		c.Event.Type = civic.EventAccepted
		return tx.Routes().Confirm(ctx, c.Sub.ID, c.Sub.Agency, c.Now)
	}})
	if err != nil {
		return fmt.Errorf("accept: %w", err)
	}
	return nil
}

// HandBack returns a case that is not the agency's, with a reason and, if
// known, a better address. The better agency gets it at once until the case
// was handed over MaxHandovers times; then, or without an address, the
// coordinators decide. No clock restarts.
func (s *Service) HandBack(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, reason string, suggested civic.AgencyCode,
) error {
	reason, err := words("reason", reason, 1, civic.MaxReason)
	if err != nil {
		return err
	}
	if suggested != "" && !s.Registry.CanReceive(suggested, s.Now()) {
		return errs.InvalidFields(errs.Field{Name: "suggested_agency", Code: "field.unknown_value"})
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.Assigned && c.Sub.State != civic.InProgress {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		if err := tx.Routes().Unconfirm(ctx, c.Sub.ID, c.Sub.Agency); err != nil { // nobody learns that it was theirs
			return err
		}
		c.Event = civic.Event{Type: civic.EventHandedBack, Reason: reason, Agency: c.Sub.Agency}
		c.Sub.Handovers++
		if suggested == "" || suggested == c.Sub.Agency || c.Sub.Handovers >= MaxHandovers || c.Sub.Restricted {
			give(c, "")
			c.Sub.TriageReason = ReasonHandedOn
			return c.Sub.Move(civic.Triage)
		}
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
		give(c, suggested)
		return s.decided(ctx, tx, c, suggested)
	}})
	if err != nil {
		return fmt.Errorf("hand back: %w", err)
	}
	return nil
}

// Whom a refusal is for, where others follow the case.
const (
	RefuseThis = "this" // the earliest of them takes the lead and goes before a coordinator
	RefuseAll  = "all"  // they stay, and read the refusal
)

// Reject refuses a case with a reason code of the registry and a text for the
// sender. Those who follow it are not refused with it.
func (s *Service) Reject(ctx context.Context, actor civic.Actor, code civic.Code, version int, r civic.Rejection) error {
	return s.Refuse(ctx, actor, code, version, r, RefuseThis)
}

// Refuse is Reject with whom it is for: RefuseThis or RefuseAll, empty means
// the first.
func (s *Service) Refuse(ctx context.Context, actor civic.Actor, code civic.Code, version int, r civic.Rejection, whom string) error {
	r, err := s.referred(r)
	if err != nil {
		return err
	}
	message, err := words("message", r.Message, 1, civic.MaxMessage)
	if err != nil {
		return err
	}
	if known, ok := s.Registry.Rejection(r.Reason); !ok || !known.Valid.Holds(s.Now()) {
		return errs.InvalidFields(errs.Field{Name: "reason_code", Code: "field.unknown_value"})
	}
	if whom != "" && whom != RefuseThis && whom != RefuseAll {
		return errs.InvalidFields(errs.Field{Name: "cluster", Code: "field.unknown_value"})
	}
	act := casework.Act{Permission: civic.TriageCase, With: withHeir, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		before := c.Sub
		if err := c.Sub.Move(civic.Rejected); err != nil {
			return err
		}
		c.Sub.Rejection = civic.Rejection{Reason: r.Reason, Message: message, Channel: r.Channel}
		c.Sub.TriageReason, c.Sub.Hold = "", ""
		c.Event = civic.Event{Type: civic.EventRejected, Reason: message}
		if err := casework.Tell(ctx, tx, c.Sub, civic.MessageRejected, c.Now); err != nil {
			return err
		}
		if whom == RefuseAll {
			return nil
		}
		passed := cluster.Succession{Root: before, Reason: cluster.ReasonLeadRefused}
		// Nobody took the heir out: that it leads now follows from the refusal.
		return cluster.Succeed(ctx, tx, passed, cluster.By{Kind: civic.ActorSystem, Now: c.Now})
	}}
	if err := s.run(ctx, actor, code, version, act); err != nil {
		return fmt.Errorf("reject: %w", err)
	}
	return nil
}

// withHeir names who would lead after the case.
func withHeir(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.SubmissionID, error) {
	heir, ok, err := cluster.Heir(ctx, tx, sub.ID)
	if err != nil || !ok {
		return nil, err
	}
	return []civic.SubmissionID{heir}, nil
}

// Note writes an internal note into the history. Colleagues whom it names as
// @login are told in their morning mail; a name that means nobody who may see the
// case, or more than one, is Invalid.
func (s *Service) Note(ctx context.Context, actor civic.Actor, code civic.Code, version int, text string) error {
	text, err := words("text", text, 1, civic.MaxMessage)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.NoteCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		c.Event = civic.Event{Type: civic.EventNoted, Reason: text}
		return s.mention(ctx, tx, actor, c, text)
	}})
	if err != nil {
		return fmt.Errorf("note: %w", err)
	}
	return nil
}

// mention keeps whom a note names.
func (s *Service) mention(ctx context.Context, tx store.Tx, actor civic.Actor, c *casework.Change, text string) error {
	if !strings.Contains(text, "@") {
		return nil
	}
	staff := civic.Staff{Registry: s.Registry, At: c.Now}
	var err error
	if staff.Users, err = tx.Users().List(ctx); err != nil {
		return err
	}
	who, unknown := staff.Mentioned(c.Sub, text)
	if len(unknown) > 0 {
		return errs.InvalidFields(errs.Field{Name: "text", Code: "field.unknown_mention", Params: map[string]string{"names": strings.Join(unknown, ", ")}})
	}
	for _, id := range who {
		if err := tx.Mentions().Add(ctx, civic.Mention{Submission: c.Sub.ID, User: id, By: actor.User, At: c.Now}); err != nil {
			return err
		}
	}
	return nil
}

// overdueAtOnce bounds one sweep, so that a long outage is caught up in small
// transactions.
const overdueAtOnce = 200

// SweepOverdue notes submissions whose deadline has passed, each once, and
// reports whether more may be waiting.
func (s *Service) SweepOverdue(ctx context.Context) (more bool, err error) {
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		ids, err := tx.Submissions().NewlyOverdue(ctx, now, overdueAtOnce)
		if err != nil {
			return err
		}
		more = len(ids) == overdueAtOnce
		for _, id := range ids {
			if err := noteOverdue(ctx, tx, id, now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("sweep the overdue: %w", err)
	}
	return more, nil
}

func noteOverdue(ctx context.Context, tx store.Tx, id civic.SubmissionID, now time.Time) error {
	first, err := tx.Submissions().NoteOverdue(ctx, id)
	if err != nil || !first {
		return err
	}
	sub, err := tx.Submissions().Get(ctx, id)
	if err != nil {
		return err
	}
	if err := tx.LateNotes().Put(ctx, id, now); err != nil { // the sender is told
		return err
	}
	return tx.Events().Add(ctx, civic.Event{
		Submission: id, At: now, Type: civic.EventOverdue, Actor: civic.ActorSystem, From: sub.State, To: sub.State, Agency: sub.Agency,
	})
}
