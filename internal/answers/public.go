package answers

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// PublicCase is what everybody may read of a published case. The submission
// holds the public version in PublicTitle and PublicBody; Title and Body are
// empty.
type PublicCase struct {
	Submission civic.Submission
	Answer     *civic.Answer // nil while open, and when only the question was published
	// Versions are when the answer was sent and when it was put right, the
	// oldest first.
	Versions []civic.AnswerVersion
	// Commitments are what it promises.
	Commitments []civic.Commitment
	Timeline    []civic.Event // oldest first, without reasons and names
	Sender      Sender
	// Root is the public case that this one follows; empty where it follows
	// none, or one that is not public.
	Root civic.Code
}

// publicTimeline are the steps that say how a case was handled and nothing
// about anybody.
var publicTimeline = []civic.EventType{
	civic.EventReceived, civic.EventRouted, civic.EventAssigned, civic.EventAccepted, civic.EventHandedBack,
	civic.EventAnswered, civic.EventPublished, civic.EventOverdue, civic.EventCorrected, civic.EventCommitment, civic.EventExtended,
	civic.EventRejected, civic.EventWithdrawn, civic.EventReopened,
}

// Public returns a published case, NotFound while it is not public, and Gone
// after it was taken down.
func (s *Service) Public(ctx context.Context, code civic.Code) (PublicCase, error) {
	var p PublicCase
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if sub.Visibility == civic.TakenDown {
			return errs.New(errs.Gone, "submission.taken_down")
		}
		if !sub.Visibility.Public() {
			return errs.New(errs.NotFound, "submission.not_found")
		}
		p = PublicCase{Submission: sub}
		if p.Sender, err = s.sender(ctx, tx, &sub); err != nil {
			return err
		}
		return p.fill(ctx, tx)
	})
	if err != nil {
		return PublicCase{}, fmt.Errorf("show the public case: %w", err)
	}
	return p, nil
}

func (p *PublicCase) fill(ctx context.Context, tx store.Tx) error {
	id := p.Submission.ID
	p.Submission.Title, p.Submission.Body, p.Submission.Assignee = "", "", 0
	p.Submission.Hold, p.Submission.TriageReason, p.Submission.Rejection.Message = "", "", "" // for staff and sender
	events, err := tx.Events().List(ctx, id)
	if err != nil {
		return err
	}
	for _, e := range events {
		if slices.Contains(publicTimeline, e.Type) {
			e.User, e.UserName, e.Reason = 0, "", ""
			p.Timeline = append(p.Timeline, e)
		}
	}
	if p.Submission.Root != 0 {
		root, err := tx.Submissions().Get(ctx, p.Submission.Root)
		if err != nil {
			return err
		}
		if root.Visibility.Public() {
			p.Root = root.Code
		}
	}
	answered := civic.WithAnswer.Has(p.Submission.State) || !p.Submission.ReopenedAt.IsZero()
	if !answered || p.Submission.Visibility != civic.PublicWithAnswer {
		return nil // none yet, or one that was not to be published
	}
	a, err := tx.Answers().Approved(ctx, id) // of a case that was opened again the one it had
	if err != nil {
		return err
	}
	all, err := tx.Answers().Versions(ctx, id)
	if err != nil {
		return err
	}
	p.Versions = civic.VersionsOf(all, a)
	if p.Commitments, err = tx.Commitments().Promised(ctx, id); err != nil {
		return err
	}
	a.DraftedBy, a.ApprovedBy, a.Remarks = 0, 0, ""
	p.Answer = &a
	return nil
}

// Published lists published cases in the order of their receipt, those before
// offset left out: the walk of a site map.
func (s *Service) Published(ctx context.Context, offset int, after civic.SubmissionID, limit int) (list []store.Published, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.Submissions().Published(ctx, offset, after, limit)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the published cases: %w", err)
	}
	return list, nil
}

// CountPublished returns how many cases are published.
func (s *Service) CountPublished(ctx context.Context) (n int, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		n, err = tx.Submissions().CountPublished(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count the published cases: %w", err)
	}
	return n, nil
}
