package triage

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/scope"
	"hienke/internal/store"
)

// Why a coordinator must look, decided before any agency is looked for.
const (
	// ReasonAccusation: it accuses a named body or official.
	ReasonAccusation = "triage.accusation"
	// The others say what it seems to be instead of a matter for this system.
	ReasonComplaint    = "triage.scope_complaint"
	ReasonDenunciation = "triage.scope_denunciation"
	ReasonOtherChannel = "triage.scope_other_channel"
	ReasonUnclear      = "triage.scope_unclear"
	ReasonSpam         = "triage.scope_spam"
)

// scopeReasons says why what is not in scope waits.
var scopeReasons = map[civic.Scope]string{
	civic.Complaint: ReasonComplaint, civic.Denunciation: ReasonDenunciation, civic.Elsewhere: ReasonOtherChannel,
	civic.Unclear: ReasonUnclear, civic.Spam: ReasonSpam,
}

// judge asks whether a submission is one for this system, outside of any
// transaction.
func (s *Service) judge(sub civic.Submission) civic.ScopeDecision {
	judge := s.Scope
	if judge == nil {
		judge = (*scope.Judge)(nil)
	}
	v := judge.Judge(scope.Input{Title: sub.Title, Body: sub.Body})
	return civic.ScopeDecision{
		Submission: sub.ID, Suggested: v.Scope, Confidence: v.Confidence, Scope: v.Scope, Channel: v.Channel, Words: v.Words,
		Accused: v.Accused, Several: v.Several, DecidedBy: civic.ActorSystem,
	}
}

// Foresee judges a text that nobody has sent yet, for its writer. It stores
// nothing.
func (s *Service) Foresee(title, body string) civic.ScopeDecision {
	return s.judge(civic.Submission{Title: title, Body: body})
}

// ObstacleAccuses says that of two texts that are nearly the same only one
// accuses somebody. The other one's agency must not get it as a follower.
const ObstacleAccuses = "accuses"

// partAccusing judges a submission that is being compared, and keeps apart what
// is nearly the same when only one of the two accuses a named body or official.
func (s *Service) partAccusing(found *comparison) {
	found.accuses = s.judge(found.sub).Accuses()
	for i := range found.near {
		if n := &found.near[i]; n.reason == "" && s.judge(n.sub).Accuses() != found.accuses {
			n.reason = ObstacleAccuses
		}
	}
}

// restrict protects a case that accuses somebody before it can join another:
// what has joined is not judged by itself.
func restrict(ctx context.Context, tx store.Tx, found comparison) error {
	if !found.accuses {
		return nil
	}
	locked, err := tx.Submissions().Lock(ctx, found.sub.ID)
	if err != nil {
		return err
	}
	sub := locked[0]
	sub.Restricted = true
	return tx.Submissions().Update(ctx, sub)
}

// scoped stores a judgement, unless a person has decided before, and returns
// why the case must wait for a coordinator whatever rules and model say, or
// nothing. It restricts the case, for the caller to write.
func scoped(ctx context.Context, tx store.Tx, sub *civic.Submission, judged civic.ScopeDecision, now time.Time) (string, error) {
	before, err := tx.Scopes().Get(ctx, sub.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return "", err
	}
	if decided := err == nil && before.DecidedBy == civic.ActorStaff; decided {
		judged = before
	} else {
		judged.Lifted, judged.DecidedAt = before.Lifted, now
		if err := tx.Scopes().Put(ctx, judged); err != nil {
			return "", err
		}
	}
	if judged.Accuses() && !judged.Lifted {
		sub.Restricted = true
	}
	return waitsFor(judged.Scope, *sub), nil
}

// waitsFor is why a case of a scope waits for a coordinator, or nothing. That
// it accuses somebody is said first: it is what must not be overlooked.
func waitsFor(s civic.Scope, sub civic.Submission) string {
	if sub.Restricted {
		return ReasonAccusation
	}
	return scopeReasons[s]
}

// ScopeChoice is what a person decides about a case's scope.
type ScopeChoice struct {
	Scope civic.Scope
	// Channel is where it belongs, for what is not in scope; empty leaves the
	// suggested one.
	Channel string
	Reason  string // for the history, may be empty
}

// DecideScope says whether a case in triage is one for this system. What is in
// scope is routed: it goes to an agency if a rule or the model is sure and the
// case accuses nobody, and else waits with their advice. Anything else waits to
// be refused. What the machine had suggested stays beside the decision.
func (s *Service) DecideScope(ctx context.Context, actor civic.Actor, code civic.Code, version int, choice ScopeChoice) error {
	if err := s.checkChoice(&choice); err != nil {
		return err
	}
	judged, advice, err := s.preview(ctx, actor, code)
	if err != nil {
		return fmt.Errorf("decide the scope: %w", err)
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if c.Sub.State != civic.Triage {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		if err := s.putChoice(ctx, tx, c, actor, judged, choice); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventScopeDecided, Reason: choice.Reason}
		if choice.Scope == civic.InScope {
			return s.sendOn(ctx, tx, c, advice, judged.Accuses())
		}
		c.Sub.TriageReason = waitsFor(choice.Scope, c.Sub)
		return nil
	}})
	if err != nil {
		return fmt.Errorf("decide the scope: %w", err)
	}
	return nil
}

func (s *Service) checkChoice(choice *ScopeChoice) (err error) {
	if choice.Reason, err = words("reason", choice.Reason, 0, civic.MaxReason); err != nil {
		return err
	}
	switch _, known := s.Registry.OtherChannel(choice.Channel); {
	case choice.Scope == "":
		return errs.InvalidFields(errs.Field{Name: "verdict", Code: "field.required"})
	case !choice.Scope.Valid():
		return errs.InvalidFields(errs.Field{Name: "verdict", Code: "field.unknown_value"})
	case choice.Channel != "" && !known:
		return errs.InvalidFields(errs.Field{Name: "channel", Code: "field.unknown_value"})
	}
	return nil
}

// preview computes what the machine thinks of a case, before the transaction
// that uses it. The texts do not change.
func (s *Service) preview(ctx context.Context, actor civic.Actor, code civic.Code) (judged civic.ScopeDecision, advice routing.Decision, err error) {
	var sub civic.Submission
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().GetByCode(ctx, code); err != nil {
			return err
		}
		return actor.Check(s.Registry, civic.TriageCase, &sub)
	})
	if err != nil {
		return judged, advice, err
	}
	advice, err = s.decide(ctx, sub)
	return s.judge(sub), advice, err
}

// putChoice stores what a person decided beside what was suggested.
func (s *Service) putChoice(
	ctx context.Context, tx store.Tx, c *casework.Change, actor civic.Actor, judged civic.ScopeDecision, choice ScopeChoice,
) error {
	d, err := tx.Scopes().Get(ctx, c.Sub.ID)
	switch {
	case errs.KindOf(err) == errs.NotFound: // received before scopes were judged
		d, judged.DecidedAt = judged, c.Now
		if err := tx.Scopes().Put(ctx, judged); err != nil {
			return err
		}
	case err != nil:
		return err
	}
	d.Scope, d.DecidedBy, d.User, d.DecidedAt = choice.Scope, civic.ActorStaff, actor.User, c.Now
	known, ok := s.Registry.OtherChannel(d.Channel)
	switch {
	case choice.Scope == civic.InScope:
		d.Channel = ""
	case choice.Channel != "":
		d.Channel = choice.Channel
	case !ok || known.Scope != choice.Scope: // the suggested one was for another verdict
		d.Channel = s.channelFor(choice.Scope)
	}
	return tx.Scopes().Put(ctx, d)
}

// channelFor is the channel of a verdict that has just one.
func (s *Service) channelFor(verdict civic.Scope) string {
	var found []string
	for _, c := range s.Registry.OtherChannels {
		if c.Scope == verdict {
			found = append(found, c.Code)
		}
	}
	if len(found) != 1 {
		return ""
	}
	return found[0]
}

// sendOn routes a case that a person took for one of this system. What accuses
// somebody is given to an agency by hand alone, whether its restriction was
// lifted or not.
func (s *Service) sendOn(ctx context.Context, tx store.Tx, c *casework.Change, d routing.Decision, accuses bool) error {
	route := routeOf(c.Sub.ID, d)
	route.DecidedAt = c.Now
	switch {
	case c.Sub.Restricted:
		c.Sub.TriageReason = ReasonAccusation
	case c.Sub.Hold != "":
		c.Sub.TriageReason = ReasonHeld
	case cluster.Waits(c.Sub.TriageReason): // whoever took it apart wanted to look
	case accuses, !d.Assigned:
		c.Sub.TriageReason = ReasonUnsure
	default:
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
		give(c, civic.AgencyCode(d.Agency))
		c.Then = append(c.Then, civic.Event{Type: civic.EventRouted, Reason: d.RuleName})
		return tx.Routes().Put(ctx, route)
	}
	route.By = civic.RouteByNone // the best agency is only advice
	return tx.Routes().Put(ctx, route)
}

// Unrestrict lifts what protects a case that accuses somebody: the contact is
// shown to coordinators again, and an approved answer may be published. It is
// never restricted by the machine again.
func (s *Service) Unrestrict(ctx context.Context, actor civic.Actor, code civic.Code, version int, reason string) error {
	reason, err := words("reason", reason, 1, civic.MaxReason)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !c.Sub.Restricted {
			return errs.New(errs.Conflict, "submission.not_restricted")
		}
		c.Sub.Restricted = false
		c.Event = civic.Event{Type: civic.EventUnrestricted, Reason: reason}
		d, err := tx.Scopes().Get(ctx, c.Sub.ID)
		if err != nil && errs.KindOf(err) == errs.NotFound { // restricted when it joined another: nobody has judged it
			d, err = s.judge(c.Sub), nil
			d.DecidedAt = c.Now
		}
		if err != nil {
			return err
		}
		d.Lifted = true
		if err := tx.Scopes().Put(ctx, d); err != nil {
			return err
		}
		if c.Sub.TriageReason == ReasonAccusation {
			if c.Sub.TriageReason = scopeReasons[d.Scope]; c.Sub.TriageReason == "" {
				c.Sub.TriageReason = ReasonUnsure
			}
		}
		return nil
	}})
	if err != nil {
		return fmt.Errorf("lift the restriction: %w", err)
	}
	return nil
}

// fillScope adds the judgement. Whoever is bound to an agency sees of it only
// that several things are asked: the rest is for those who triage.
func (s *Service) fillScope(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	d, err := tx.Scopes().Get(ctx, c.Submission.ID)
	if actor.Bound() {
		d.Accused, d.Words = nil, nil
	}
	return put(&c.Scope, d, err)
}

// referred completes a refusal that points to another channel: its reason and
// what the sender is told, where staff gave none.
func (s *Service) referred(r civic.Rejection) (civic.Rejection, error) {
	if r.Channel == "" {
		return r, nil
	}
	channel, ok := s.Registry.OtherChannel(r.Channel)
	if !ok {
		return r, errs.InvalidFields(errs.Field{Name: "channel", Code: "field.unknown_value"})
	}
	if r.Reason == "" {
		r.Reason = channel.Reason
	}
	if r.Message == "" {
		r.Message = channel.Message.In(civic.Vietnamese) // staff write Vietnamese, and so do the pages mark it
	}
	return r, nil
}

// SuggestedRejection is the refusal that goes with a scope: the reason, the
// text for the sender and the channel, for staff to change. It is empty for
// what is in scope.
func (s *Service) SuggestedRejection(d civic.ScopeDecision) civic.Rejection {
	if d.Scope == civic.InScope {
		return civic.Rejection{}
	}
	if r, err := s.referred(civic.Rejection{Channel: d.Channel}); err == nil && d.Channel != "" {
		return r
	}
	r := civic.Rejection{Reason: plainReasons[d.Scope]}
	known, ok := s.Registry.Rejection(r.Reason)
	if !ok {
		return civic.Rejection{}
	}
	r.Message = known.Message.In(civic.Vietnamese)
	return r
}

// plainReasons are the rejection reasons of scopes without a channel.
var plainReasons = map[civic.Scope]string{
	civic.Complaint: "complaint_or_denunciation", civic.Denunciation: "complaint_or_denunciation", civic.Elsewhere: "other_channel",
	civic.Unclear: "unclear", civic.Spam: "spam",
}
