package triage

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// StrandedCase is an open case with an agency that can no longer receive.
type StrandedCase struct {
	store.QueueItem
	// Successor does today what the agency did about the case's topic; empty
	// where nothing decides. Successors are all to choose from.
	Successor  civic.AgencyCode
	Successors []civic.AgencyCode
	// Movable is false while an answer waits for a second person: it must be
	// approved or returned first.
	Movable bool
}

// StrandedPage is one page of them, what is due first before the others.
type StrandedPage struct {
	Total int
	Items []StrandedCase
}

// strandedPerPage is how many cases a page has, and how many move at once.
const strandedPerPage = 50

// Stranded lists the open cases whose agency ended or receives nothing any
// more, for a coordinator to move. page counts from 1.
func (s *Service) Stranded(ctx context.Context, actor civic.Actor, page int) (StrandedPage, error) {
	if err := actor.CheckPermission(civic.TriageCase); err != nil {
		return StrandedPage{}, err
	}
	now := s.Now()
	var found store.QueuePage
	err := s.Store.View(ctx, func(tx store.Tx) error {
		found = store.QueuePage{}
		open, err := tx.Agencies().Open(ctx)
		if err != nil {
			return err
		}
		q := store.QueueQuery{States: civic.WithAgency, Page: max(page, 1), PerPage: strandedPerPage}
		for code := range open {
			if !s.Registry.CanReceive(code, now) {
				q.Agencies = append(q.Agencies, code)
			}
		}
		if len(q.Agencies) == 0 {
			return nil
		}
		slices.Sort(q.Agencies)
		found, err = tx.Submissions().Queue(ctx, q)
		return err
	})
	if err != nil {
		return StrandedPage{}, fmt.Errorf("list the stranded cases: %w", err)
	}
	out := StrandedPage{Total: found.Total}
	for _, item := range found.Items {
		c := StrandedCase{
			QueueItem: item, Successors: s.Registry.SuccessorsOf(item.Agency, now), Movable: item.State.CanBecome(civic.Assigned),
		}
		c.Successor, _ = s.Registry.Successor(item.Agency, item.Topic, now)
		out.Items = append(out.Items, c)
	}
	return out, nil
}

// Transfer says which agency a stranded case goes to.
type Transfer struct {
	Code   civic.Code
	Agency civic.AgencyCode
}

// Transferred is what came of a transfer: Err is nil, or why the case stayed.
type Transferred struct {
	Transfer
	Err error
}

// MoveStranded moves stranded cases, up to 50 at once, each in a transaction
// of its own: one that cannot move does not keep the others. No deadline starts
// anew, nothing counts as a hand-over, and the history keeps the old agency.
// The reason stands in the history of each.
func (s *Service) MoveStranded(ctx context.Context, actor civic.Actor, transfers []Transfer, reason string) ([]Transferred, error) {
	if err := actor.CheckPermission(civic.TriageCase); err != nil {
		return nil, err
	}
	reason, err := words("reason", reason, 0, civic.MaxReason)
	if err != nil {
		return nil, err
	}
	if len(transfers) > strandedPerPage {
		return nil, errs.InvalidFields(errs.Field{Name: "cases", Code: "field.too_many", Params: map[string]string{"max": fmt.Sprint(strandedPerPage)}})
	}
	out := make([]Transferred, len(transfers))
	for i, t := range transfers {
		out[i] = Transferred{t, s.transfer(ctx, actor, t, reason)}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	return out, nil
}

func (s *Service) transfer(ctx context.Context, actor civic.Actor, t Transfer, reason string) error {
	if !s.Registry.CanReceive(t.Agency, s.Now()) {
		return errs.InvalidFields(errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	var version int
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, t.Code)
		version = sub.Version
		return err
	})
	if err != nil {
		return err
	}
	return s.run(ctx, actor, t.Code, version, casework.Act{Permission: civic.TriageCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !civic.WithAgency.Has(c.Sub.State) || s.Registry.CanReceive(c.Sub.Agency, c.Now) {
			return errs.New(errs.Conflict, "submission.not_stranded")
		}
		if err := c.Sub.Move(civic.Assigned); err != nil {
			return err
		}
		give(c, t.Agency)
		c.Event = civic.Event{Type: civic.EventAssigned, Reason: reason}
		if err := s.decided(ctx, tx, c, t.Agency); err != nil {
			return err
		}
		return tx.Routes().Confirm(ctx, c.Sub.ID, t.Agency, c.Now)
	}})
}
