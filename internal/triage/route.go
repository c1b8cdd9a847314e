package triage

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// Route finds the responsible agency. It is the handler of store.JobRoute. A
// sure decision assigns; anything else goes before a coordinator, and the
// reason and the candidates are stored either way.
func (s *Service) Route(ctx context.Context, job int64, id civic.SubmissionID) error {
	var sub civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().Get(ctx, id); err != nil {
			return err
		}
		return s.addFileText(ctx, tx, &sub)
	})
	if err != nil {
		return fmt.Errorf("read the submission: %w", err)
	}
	judged := s.judge(sub)
	decision, err := s.decide(ctx, sub)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		return s.routed(ctx, tx, id, judged, decision)
	})
	if err != nil {
		return fmt.Errorf("store the route: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// decide asks rules and model, outside of any transaction that writes.
func (s *Service) decide(ctx context.Context, sub civic.Submission) (routing.Decision, error) {
	model, err := s.Classifier(ctx)
	if err != nil {
		return routing.Decision{}, err
	}
	rules, err := s.Rules(ctx)
	if err != nil {
		return routing.Decision{}, err
	}
	now := s.Now()
	router := routing.Router{Rules: rules, Model: model, Policy: s.Policy}
	in := routing.Input{
		Kind: string(sub.Kind), Topic: string(sub.Topic), Area: string(sub.Area), Title: sub.Title, Body: sub.Body,
		SubmitterType: string(sub.Submitter),
	}
	heir := func(agency string) (string, bool) {
		to, ok := s.Registry.Successor(civic.AgencyCode(agency), sub.Topic, now)
		return string(to), ok
	}
	d := router.Decide(in, now, func(agency string) bool {
		_, ok := heir(agency)
		return ok
	})
	d.Rename(func(agency string) string {
		to, _ := heir(agency)
		return to
	})
	if len(d.RuleErrors) > 0 && s.RuleFailed != nil {
		s.RuleFailed(ctx, d.RuleErrors)
	}
	return d, nil
}

// routed writes what was judged and decided, unless somebody was quicker. What
// is not in scope or accuses somebody waits for a coordinator, with the route
// as advice.
func (s *Service) routed(ctx context.Context, tx store.Tx, id civic.SubmissionID, judged civic.ScopeDecision, d routing.Decision) error {
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return err
	}
	sub, now := locked[0], s.Now()
	before := sub
	unmerged := sub.State == civic.Triage && cluster.Waits(sub.TriageReason)
	released := sub.State == civic.Triage && sub.TriageReason == ReasonReleased
	if sub.State != civic.Received && !unmerged && !released {
		return nil // merged, withdrawn or decided by a person meanwhile
	}
	open := !sub.Restricted
	waits, err := scoped(ctx, tx, &sub, judged, now)
	if err != nil {
		return err
	}
	route := routeOf(id, d)
	route.DecidedAt = now
	if unmerged { // a coordinator is looking at it already: only the advice is new
		route.By = civic.RouteByNone
		if open && sub.Restricted {
			if err := tx.Submissions().Update(ctx, raised(sub, now)); err != nil {
				return err
			}
		}
		return tx.Routes().Put(ctx, route)
	}
	if waits != "" {
		route.By = civic.RouteByNone
	}
	if err := tx.Routes().Put(ctx, route); err != nil {
		return err
	}
	e := civic.Event{Submission: id, At: now, Type: civic.EventTriaged, Actor: civic.ActorSystem, From: sub.State}
	wait := func(reason string) error {
		sub.TriageReason = reason
		if released { // it is there already
			return nil
		}
		return sub.Move(civic.Triage)
	}
	switch {
	case sub.Hold != "":
		err = wait(ReasonHeld)
	case waits != "":
		err = wait(waits)
	case !d.Assigned:
		err = wait(ReasonUnsure)
	default:
		sub.TriageReason = ""
		e.Type, e.Reason = civic.EventRouted, d.RuleName // the sender reads it; a model has no words of its own
		sub.Agency = civic.AgencyCode(d.Agency)
		err = sub.Move(civic.Assigned)
	}
	if err != nil {
		return err
	}
	if err := casework.Passed(ctx, tx, s.Times, before, &sub, now); err != nil {
		return err
	}
	sub = raised(sub, now)
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return err
	}
	if sub.State == civic.Assigned {
		if err := casework.Handed(ctx, tx, s.Registry, sub, now); err != nil {
			return err
		}
	}
	e.To, e.Agency = sub.State, sub.Agency
	return tx.Events().Add(ctx, e)
}

// raised is a submission with a change that a person sees.
func raised(sub civic.Submission, now time.Time) civic.Submission {
	sub.Version++
	sub.UpdatedAt = now
	return sub
}

// routeOf is the decision as it is stored: the best agency is named also where
// it was not assigned.
func routeOf(id civic.SubmissionID, d routing.Decision) civic.Route {
	r := civic.Route{
		Submission: id, By: civic.RouteBy(d.By), Agency: civic.AgencyCode(d.Agency), Score: d.Score,
		RuleID: d.RuleID, RuleVersion: d.RuleVersion, ModelVersion: d.ModelVersion, Words: d.Words,
	}
	for _, c := range d.Candidates {
		r.Candidates = append(r.Candidates, civic.RouteCandidate{Agency: civic.AgencyCode(c.Label), Score: c.Probability, Words: c.Words})
	}
	if r.Agency == "" && len(r.Candidates) > 0 {
		r.Agency = r.Candidates[0].Agency
	}
	for _, e := range d.RuleErrors {
		r.RuleErrors = append(r.RuleErrors, e.Error())
	}
	return r
}
