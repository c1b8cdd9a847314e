package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// Comparison is two cases side by side.
type Comparison struct {
	Left, Right Side
	// Near is what the machine thinks of joining the two; it is empty when the
	// person sees only the public version of one, which is not what the
	// machine compares.
	Near *matching.Comparison
}

// Side is one of two compared cases. Its texts are those that the person may
// read, cut where they differ.
type Side struct {
	Case        civic.Submission
	Visible     bool // the person may open it; else it is the public version
	Title, Body []matching.Run
	Answer      *civic.Answer // approved; nil where there is none
}

// Compare puts two cases side by side. The first must lie within the person's
// scope, the second within it or be public.
func (s *Service) Compare(ctx context.Context, actor civic.Actor, code, other civic.Code) (Comparison, error) {
	var out Comparison
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if out.Left, err = s.side(ctx, tx, actor, code); err != nil {
			return err
		}
		if !out.Left.Visible {
			return errs.New(errs.NotFound, "submission.not_found")
		}
		out.Right, err = s.side(ctx, tx, actor, other)
		return err
	})
	if err != nil {
		return Comparison{}, fmt.Errorf("compare two cases: %w", err)
	}
	left, right := &out.Left, &out.Right
	if right.Visible {
		near := matching.Compare(left.Case.Text(), right.Case.Text())
		out.Near = &near
	}
	left.Title, right.Title = matching.Differences(left.Case.Title, right.Case.Title)
	left.Body, right.Body = matching.Differences(left.Case.Body, right.Case.Body)
	return out, nil
}

// side reads a case as far as the person may see it.
func (s *Service) side(ctx context.Context, tx store.Tx, actor civic.Actor, code civic.Code) (Side, error) {
	sub, err := tx.Submissions().GetByCode(ctx, code)
	if err != nil {
		return Side{}, err
	}
	out := Side{Case: sub, Visible: actor.Check(s.Registry, civic.SeeCase, &sub) == nil}
	if !out.Visible {
		if !sub.Visibility.Public() {
			return Side{}, errs.New(errs.NotFound, "submission.not_found")
		}
		out.Case = asPublished(sub)
	}
	answer, err := tx.Answers().Approved(ctx, sub.ID) // a draft says nothing yet
	return out, put(&out.Answer, answer, err)
}
