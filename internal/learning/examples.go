package learning

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// WaitingExample is a confirmed routing to an agency that ended, of which
// nothing says who took over.
type WaitingExample struct {
	store.ConfirmedCase
	// Successors are the agencies to choose from; empty when nobody took over.
	Successors []civic.AgencyCode
}

// WaitingPage is one page of them, the newest first.
type WaitingPage struct {
	Total int
	Items []WaitingExample
}

// waitingPerPage is how many examples a page has.
const waitingPerPage = 50

// Waiting lists the examples that nobody learns from until a person says which
// agency does their work today; see Relabel. page counts from 1.
func (s *Service) Waiting(ctx context.Context, actor civic.Actor, page int) (WaitingPage, error) {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return WaitingPage{}, err
	}
	groups, err := s.undecided(ctx)
	if err != nil {
		return WaitingPage{}, err
	}
	var found []store.ConfirmedCase
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		found, err = tx.Routes().ConfirmedOf(ctx, groups, waitingPerPage, (max(page, 1)-1)*waitingPerPage)
		return err
	})
	if err != nil {
		return WaitingPage{}, fmt.Errorf("list the examples that wait: %w", err)
	}
	out, now := WaitingPage{}, s.Now()
	for _, g := range groups {
		out.Total += g.Count
	}
	for _, c := range found {
		out.Items = append(out.Items, WaitingExample{ConfirmedCase: c, Successors: s.Registry.SuccessorsOf(c.Agency, now)})
	}
	return out, nil
}

// undecided returns the groups of examples that have no agency today.
func (s *Service) undecided(ctx context.Context) (groups []store.ConfirmedGroup, err error) {
	now := s.Now()
	var receive []civic.AgencyCode
	for _, a := range s.Registry.AgenciesAt(now) {
		if a.Receives {
			receive = append(receive, a.Code)
		}
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		groups, err = tx.Routes().ConfirmedGroups(ctx, receive)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("count the examples that wait: %w", err)
	}
	return slices.DeleteFunc(groups, func(g store.ConfirmedGroup) bool {
		_, known := s.Registry.Successor(g.Agency, g.Topic, now)
		return known
	}), nil
}

// Relabel says which agency an example is for today. The case itself and its
// history stay as they are. It is NotFound with code example.not_found when no
// routing of the case was confirmed.
func (s *Service) Relabel(ctx context.Context, actor civic.Actor, code civic.Code, agency civic.AgencyCode) error {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return err
	}
	now := s.Now()
	if !s.Registry.CanReceive(agency, now) {
		return errs.InvalidFields(errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.ManageRules, &sub); err != nil {
			return err
		}
		if _, err := tx.Routes().ConfirmedAgency(ctx, sub.ID); err != nil {
			return err
		}
		return tx.Routes().Confirm(ctx, sub.ID, agency, now)
	})
	if err != nil {
		return fmt.Errorf("relabel the example: %w", err)
	}
	return nil
}
