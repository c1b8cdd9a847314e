package dialogue

import (
	"context"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Rate keeps what the sender says of the answer, and settles the case. Who
// follows another case judges its answer. The last word counts.
func (s *Service) Rate(ctx context.Context, actor civic.Actor, code civic.Code, helped civic.Helped, reason string) error {
	reason = strings.TrimSpace(vitext.Normalize(reason))
	var wrong []errs.Field
	if !slices.Contains(civic.Judgements, helped) {
		wrong = append(wrong, errs.Field{Name: "helped", Code: "field.required"})
	}
	wrong = append(wrong, errs.FieldsOf(civic.CheckLength("reason", reason, 0, civic.MaxReason))...)
	if err := errs.InvalidFields(wrong...); err != nil {
		return err
	}
	return s.sender(ctx, actor, code, "rate", func(ctx context.Context, tx store.Tx, sub *civic.Submission, now time.Time) (civic.Event, error) {
		answered := *sub
		if sub.State == civic.Merged {
			root, err := tx.Submissions().Get(ctx, sub.Root)
			if err != nil {
				return civic.Event{}, err
			}
			answered = root
		}
		if err := MayRate(answered, now); err != nil {
			return civic.Event{}, err
		}
		answer, err := tx.Answers().Approved(ctx, answered.ID)
		if err != nil {
			return civic.Event{}, err
		}
		r := civic.Rating{Submission: sub.ID, Answer: answer.ID, Helped: helped, Reason: reason, RatedAt: now}
		if err := tx.Ratings().Put(ctx, r); err != nil {
			return civic.Event{}, err
		}
		if sub.State == civic.Answered {
			err = sub.Move(civic.Closed)
		}
		return civic.Event{Type: civic.EventRated}, err
	})
}

// MayRate returns nil while the answer of a case can be judged, else why not.
func MayRate(answered civic.Submission, now time.Time) error {
	if !civic.WithAnswer.Has(answered.State) || now.Sub(answered.AnsweredAt) > RateWithin {
		return errs.New(errs.Conflict, "rating.not_now")
	}
	return nil
}

// Reopen has an answered case looked at again by a coordinator, once, because
// the sender says why the answer does not do. The clock starts anew; the answer
// stays where it is until there is another one.
func (s *Service) Reopen(ctx context.Context, actor civic.Actor, code civic.Code, reason string) error {
	reason, err := text("reason", reason, civic.MaxReason)
	if err != nil {
		return err
	}
	return s.sender(ctx, actor, code, "reopen", func(ctx context.Context, tx store.Tx, sub *civic.Submission, now time.Time) (civic.Event, error) {
		if err := MayReopen(*sub, now); err != nil {
			return civic.Event{}, err
		}
		if err := sub.Move(civic.Triage); err != nil {
			return civic.Event{}, err
		}
		sub.Agency, sub.Assignee, sub.TriageReason = "", 0, ReasonReopened
		sub.FirstTimeliness = sub.Timeliness()
		sub.ReopenedAt, sub.FirstDueAt, sub.Extended = now, time.Time{}, 0
		d := s.Times.Now().Deadlines(civic.ClockOf(*sub, nil))
		sub.DueAt, sub.ForwardDueAt = d.Due, d.ForwardDue
		if err := tx.Submissions().ForgetOverdue(ctx, sub.ID); err != nil {
			return civic.Event{}, err
		}
		return civic.Event{Type: civic.EventReopened, Reason: reason}, casework.Step(ctx, tx, *sub, civic.MessageReopened, now)
	})
}

// MayReopen returns nil while the sender can have the case opened again, else
// why not.
func MayReopen(sub civic.Submission, now time.Time) error {
	switch {
	case !sub.ReopenedAt.IsZero():
		return errs.New(errs.Conflict, "reopening.used")
	case !civic.WithAnswer.Has(sub.State) || now.Sub(sub.AnsweredAt) > RateWithin:
		return errs.New(errs.Conflict, "reopening.not_now")
	}
	return nil
}
