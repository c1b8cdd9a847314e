package answers

import (
	"context"
	"fmt"
	"strings"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/personal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Correction is a better version of an answer that was sent.
type Correction struct {
	Text    string
	Outcome civic.Outcome
	// Note says to everybody what was wrong.
	Note string
	// Document is the paper of the new version; nil leaves that of the old.
	Document *civic.Document
}

// Correct puts a better version of an approved answer before a second person.
// Until that one approves it the answer stands, and so does the state.
func (s *Service) Correct(ctx context.Context, actor civic.Actor, code civic.Code, version int, in Correction) error {
	d := Draft{Text: in.Text, Outcome: in.Outcome, Submit: true}
	d.normalise()
	note := strings.TrimSpace(vitext.Normalize(in.Note))
	wrong := append(errs.FieldsOf(d.check()), errs.FieldsOf(civic.CheckLength("correction", note, 1, civic.MaxReason))...)
	if err := errs.InvalidFields(wrong...); err != nil {
		return err
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !civic.WithAnswer.Has(c.Sub.State) {
			return errs.New(errs.Conflict, "answer.not_approved")
		}
		a, err := tx.Answers().Get(ctx, c.Sub.ID)
		if err != nil {
			return err
		}
		if !a.ApprovedAt.IsZero() {
			if a.Text == d.Text && a.Outcome == d.Outcome {
				return errs.InvalidFields(errs.Field{Name: "text", Code: "field.unchanged"})
			}
			a = civic.Answer{Corrects: a.ID, Document: a.Document, PublishAt: a.PublishAt}
		}
		a.Correction = note
		if in.Document != nil {
			if err := hasPaper(ctx, tx, c.Sub.ID, in.Document.File); err != nil {
				return err
			}
			a.Document = *in.Document
		}
		c.Event = civic.Event{Type: civic.EventCorrectionDrafted, Reason: note}
		return write(ctx, tx, actor, c, a, d)
	}})
	if err != nil {
		return fmt.Errorf("correct the answer: %w", err)
	}
	return nil
}

// approveCorrection lets the new version take the old one's place, and tells
// everybody who was told of the old one.
func (s *Service) approveCorrection(ctx context.Context, tx store.Tx, c *casework.Change, a civic.Answer, how Approval) error {
	if (c.Sub.Visibility.Public() || Scheduled(c.Sub, a)) && !how.Checked && len(personal.Find(a.Text)) > 0 {
		return errs.InvalidFields(errs.Field{Name: "personal_checked", Code: "field.personal_data"})
	}
	if err := showFiles(ctx, tx, c.Sub.ID, nil, a.Document.File); err != nil {
		return err
	}
	if _, err := tx.Answers().Put(ctx, a); err != nil {
		return err
	}
	c.Event = civic.Event{Type: civic.EventCorrected, Reason: a.Correction}
	return tell(ctx, tx, c, civic.MessageCorrected)
}

// SettleCommitment says what became of a promise.
func (s *Service) SettleCommitment(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, id int64, state civic.CommitmentState, note string,
) error {
	note = strings.TrimSpace(vitext.Normalize(note))
	if err := civic.CheckLength("note", note, 1, civic.MaxReason); err != nil {
		return err
	}
	if state != civic.CommitmentKept && state != civic.CommitmentDropped {
		return errs.InvalidFields(errs.Field{Name: "state", Code: "field.required"})
	}
	err := s.desk().Run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		list, err := tx.Commitments().Promised(ctx, c.Sub.ID)
		if err != nil {
			return err
		}
		for _, p := range list {
			if p.ID != id {
				continue
			}
			p.State, p.Note, p.SettledAt = state, note, c.Now
			c.Event = civic.Event{Type: civic.EventCommitment, Reason: p.What + " – " + note}
			return tx.Commitments().Settle(ctx, p)
		}
		return errs.New(errs.NotFound, "commitment.not_found")
	}})
	if err != nil {
		return fmt.Errorf("settle a commitment: %w", err)
	}
	return nil
}

// openShown is how many open commitments one page lists.
const openShown = 200

// OpenCommitments lists what is promised and not done within the actor's reach,
// what is due first first.
func (s *Service) OpenCommitments(ctx context.Context, actor civic.Actor) (list []store.OpenCommitment, err error) {
	if err := actor.CheckPermission(civic.SeeCase); err != nil {
		return nil, err
	}
	var scope []civic.AgencyCode
	if actor.Bound() {
		scope = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.Commitments().Open(ctx, scope, openShown)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the open commitments: %w", err)
	}
	return list, nil
}
