package intake

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
)

// tries bounds how fast secrets can be guessed for one code: ten at once, then
// one a minute. At that pace 19^8 secrets last for thousands of years.
var tries = limit.Rule{Name: "track", Burst: 10, Every: time.Minute}

// Open checks code and secret as people type them and returns the code and the
// bearer token of the sender's view. A wrong pair is NotFound, whichever half
// is wrong; too many tries for one code are RateLimited.
func (s *Service) Open(ctx context.Context, typedCode, secret string) (civic.Code, string, error) {
	code, err := civic.ParseCode(typedCode)
	if err != nil {
		return "", "", err
	}
	if v := s.Limits.Allow(ctx, tries, s.Keys.Pseudonym("track", string(code))); !v.Allowed {
		return "", "", &errs.Error{Kind: errs.RateLimited, Code: "track.too_many_tries", RetryAfter: v.RetryAfter}
	}
	ok, err := s.Keys.SecretMatches(code, secret)
	if err != nil {
		return "", "", fmt.Errorf("compare the secret: %w", err)
	}
	if !ok {
		return "", "", errs.New(errs.NotFound, "track.no_match")
	}
	token := s.Keys.Token(code)
	if _, err := s.Sender(ctx, code, token); err != nil {
		if isNotFound(err) {
			return "", "", errs.New(errs.NotFound, "track.no_match")
		}
		return "", "", err
	}
	return code, token, nil
}

// Sender returns the actor who holds the token of a submission, or NotFound.
func (s *Service) Sender(ctx context.Context, code civic.Code, token string) (civic.Actor, error) {
	if !s.Keys.TokenMatches(code, token) {
		return civic.Actor{}, errNotFound
	}
	var actor civic.Actor
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		actor = civic.SenderOf(sub.ID)
		return err
	})
	if err != nil {
		return civic.Actor{}, fmt.Errorf("look up the code: %w", err)
	}
	return actor, nil
}

// View is what a sender sees of the own submission.
type View struct {
	Submission civic.Submission
	// Timeline holds the events a sender may see, oldest first, without names
	// of staff.
	Timeline []civic.Event
	// Answer is the approved answer, nil until there is one. For a submission
	// that follows another it is the other's.
	Answer *civic.Answer
	// Root is the submission that this one follows, nil when it follows none.
	// It was sent by somebody else: only State, Agency, DueAt and AnsweredAt
	// are filled in.
	Root *civic.Submission
}

// Case returns the sender's view. The actor must be the sender.
func (s *Service) Case(ctx context.Context, actor civic.Actor, code civic.Code) (View, error) {
	var v View
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if actor.Kind != civic.ActorSender || actor.Submission != sub.ID {
			return errNotFound
		}
		v = View{Submission: sub}
		v.Submission.Assignee, v.Submission.Hold, v.Submission.TriageReason = 0, "", "" // the house's own business
		return v.fill(ctx, tx)
	})
	if err != nil {
		return View{}, fmt.Errorf("show the sender's case: %w", err)
	}
	return v, nil
}

func (v *View) fill(ctx context.Context, tx store.Tx) error {
	events, err := tx.Events().List(ctx, v.Submission.ID)
	if err != nil {
		return err
	}
	for _, e := range events {
		if slices.Contains(civic.PublicEvents, e.Type) {
			e.User, e.UserName = 0, ""
			v.Timeline = append(v.Timeline, e)
		}
	}
	answered := v.Submission
	if v.Submission.State == civic.Merged && v.Submission.Root != 0 {
		root, err := tx.Submissions().Get(ctx, v.Submission.Root)
		if err != nil {
			return err
		}
		// Why the other was refused holds here too; the words were for its sender.
		v.Root = &civic.Submission{
			State: root.State, Agency: root.Agency, DueAt: root.DueAt, AnsweredAt: root.AnsweredAt,
			Rejection: civic.Rejection{Reason: root.Rejection.Reason},
		}
		answered = root
	}
	if !civic.WithAnswer.Has(answered.State) {
		return nil
	}
	a, err := tx.Answers().Get(ctx, answered.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	a.DraftedBy, a.ApprovedBy, a.Remarks = 0, 0, ""
	v.Answer = &a
	return nil
}

// Withdraw takes the submission back, out of the public's sight too. It is
// Conflict once it is settled. Who
// followed it is not withdrawn with it: see succeed.
func (s *Service) Withdraw(ctx context.Context, actor civic.Actor, code civic.Code) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if actor.Kind != civic.ActorSender || actor.Submission != sub.ID {
			return errNotFound
		}
		locked, err := tx.Submissions().Lock(ctx, sub.ID)
		if err != nil {
			return err
		}
		sub = locked[0]
		from := sub.State
		if err := sub.Move(civic.Withdrawn); err != nil {
			return err
		}
		if sub.Visibility.Public() {
			sub.Visibility = civic.TakenDown
		}
		sub.Version++
		sub.UpdatedAt = now
		if err := tx.Submissions().Update(ctx, sub); err != nil {
			return err
		}
		err = tx.Events().Add(ctx, civic.Event{
			Submission: sub.ID, At: now, Type: civic.EventWithdrawn, Actor: civic.ActorSender, From: from, To: sub.State,
			Agency: sub.Agency,
		})
		if err != nil {
			return err
		}
		return succeed(ctx, tx, sub.ID, now)
	})
	if err != nil {
		return fmt.Errorf("withdraw: %w", err)
	}
	s.committed()
	return nil
}
