package triage

import (
	"context"
	"fmt"
	"strings"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// MaxParts bounds how many cases one act makes out of a submission.
const MaxParts = 9

// Part is one of several things that a submission asks for.
type Part struct {
	Title, Body string
}

// Split makes a case of its own out of each part, for a submission that asks
// for several things. The parts have the same sender, whose contact is sealed
// anew for each and needs no new confirmation, the same receipt and the same
// deadlines; the submission keeps
// its text and stays where it is. They know each other, and the machine never
// joins them. The sender gets a receipt for each.
func (s *Service) Split(ctx context.Context, actor civic.Actor, code civic.Code, version int, parts []Part, reason string) error {
	parts, err := checkParts(parts)
	if err != nil {
		return err
	}
	if reason, err = words("reason", reason, 0, civic.MaxReason); err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, With: wholeToo, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if !civic.Assignable.Has(c.Sub.State) {
			return errs.New(errs.Conflict, "submission.move_not_allowed")
		}
		c.Event = civic.Event{Type: civic.EventPartsMade, Reason: reason}
		return s.split(ctx, tx, actor, c, parts, reason)
	}})
	if err != nil {
		return fmt.Errorf("split the case: %w", err)
	}
	return nil
}

// wholeToo locks the submission whose guardian was asked together with a part of
// it, so that an answer of the guardian finds every part.
func wholeToo(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.SubmissionID, error) {
	if !sub.Guardian.Child() {
		return nil, nil
	}
	whole, err := casework.GuardianWhole(ctx, tx, sub.ID)
	if err != nil || whole == sub.ID {
		return nil, err
	}
	return []civic.SubmissionID{whole}, nil
}

// checkParts normalises the parts and names every wrong field.
func checkParts(parts []Part) ([]Part, error) {
	switch {
	case len(parts) == 0:
		return nil, errs.InvalidFields(errs.Field{Name: "parts", Code: "field.required"})
	case len(parts) > MaxParts:
		return nil, errs.InvalidFields(errs.Field{Name: "parts", Code: "field.too_many", Params: map[string]string{"max": fmt.Sprint(MaxParts)}})
	}
	var wrong []errs.Field
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = Part{
			Title: strings.Join(strings.Fields(vitext.Normalize(p.Title)), " "), Body: strings.TrimSpace(vitext.Normalize(p.Body)),
		}
		title := civic.CheckLength(fmt.Sprintf("parts.%d.title", i), out[i].Title, civic.MinTitle, civic.MaxTitle)
		body := civic.CheckLength(fmt.Sprintf("parts.%d.body", i), out[i].Body, civic.MinBody, civic.MaxBody)
		wrong = append(append(wrong, errs.FieldsOf(title)...), errs.FieldsOf(body)...)
	}
	return out, errs.InvalidFields(wrong...)
}

func (s *Service) split(ctx context.Context, tx store.Tx, actor civic.Actor, c *casework.Change, parts []Part, reason string) error {
	contact, err := s.contactOf(ctx, tx, c.Sub)
	if err != nil {
		return err
	}
	reach, err := tx.Reaches().Get(ctx, c.Sub.ID)
	if err != nil {
		return err
	}
	family := []civic.SubmissionID{c.Sub.ID} // who must not be joined with one another
	for _, p := range parts {
		receipt, err := s.partReceipt(c, p, contact)
		if err != nil {
			return err
		}
		if receipt.Guardian, err = s.partGuardian(ctx, tx, c.Sub, receipt.Submission.Code); err != nil {
			return err
		}
		receipt.Events = append(receipt.Events, civic.Event{
			At: c.Now, Type: civic.EventPartOf, Actor: actor.Kind, User: actor.User, From: civic.Received, To: civic.Received, Reason: reason,
		})
		made, err := tx.Submissions().Add(ctx, receipt)
		if err != nil {
			return err
		}
		if err := tx.Parts().Add(ctx, c.Sub.ID, made.ID, c.Now); err != nil {
			return err
		}
		reach.Submission = made.ID // the same person, the same mailbox
		if err := tx.Reaches().Put(ctx, reach); err != nil {
			return err
		}
		for _, other := range family {
			if err := tx.Matches().Bar(ctx, other, made.ID, c.Now); err != nil {
				return err
			}
		}
		family = append(family, made.ID)
	}
	return nil
}

// partGuardian is what a part keeps of the consent that its whole needs: the
// guardian was asked once, and answers for all.
func (s *Service) partGuardian(ctx context.Context, tx store.Tx, whole civic.Submission, part civic.Code) (*store.SealedGuardian, error) {
	if !whole.Guardian.Child() {
		return nil, nil
	}
	g, err := tx.Guardians().Get(ctx, whole.ID)
	if err != nil {
		return nil, err
	}
	if g.Whole == 0 {
		g.Whole = whole.ID
	}
	g.Nonce, g.TokenHash = "", [32]byte{}
	who, held, err := casework.OpenGuardian(s.Keys, whole.Code, g.Contact)
	if err != nil {
		return nil, err
	}
	if g.Contact = (store.SealedContact{}); held {
		g.Contact, err = casework.SealGuardian(s.Keys, part, who)
	}
	return &g, err
}

// contactOf opens the contact of a submission; where none is left it is empty.
// It goes from one sealed place to another and is shown to nobody.
func (s *Service) contactOf(ctx context.Context, tx store.Tx, sub civic.Submission) (civic.Contact, error) {
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return civic.Contact{}, nil
	}
	if err != nil {
		return civic.Contact{}, err
	}
	return s.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
}

// partReceipt is everything that a part begins with. Its clocks run from the
// receipt of the whole. The topic is left open: it was the whole's.
func (s *Service) partReceipt(c *casework.Change, p Part, contact civic.Contact) (store.Receipt, error) {
	code, err := civic.NewCode(s.Random)
	if err != nil {
		return store.Receipt{}, err
	}
	whole := c.Sub
	r := store.Receipt{
		Submission: civic.Submission{
			Code: code, Kind: whole.Kind, Title: p.Title, Body: p.Body, Area: whole.Area, Language: whole.Language,
			Channel: whole.Channel, Submitter: whole.Submitter, PublishName: whole.PublishName, Restricted: whole.Restricted, Confidential: whole.Confidential,
			Guardian: whole.Guardian,
			State:    civic.Received, Version: 1, ReceivedAt: whole.ReceivedAt, UpdatedAt: c.Now,
			DueAt: whole.DueAt, ForwardDueAt: whole.ForwardDueAt, Visibility: civic.Private,
		},
		Events: []civic.Event{{
			At: whole.ReceivedAt, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received,
		}},
		Jobs: []store.Job{{Kind: store.JobMatch, CreatedAt: c.Now}},
	}
	if whole.Channel == civic.ChannelImport {
		r.Events[0].Actor = civic.ActorSystem
	}
	if contact == (civic.Contact{}) {
		return r, nil
	}
	if contact.Email != "" && whole.Channel != civic.ChannelImport {
		r.Messages = []civic.Message{{
			Kind: civic.MessageReceipt, Language: whole.Language.Page(), State: civic.MessageQueued, CreatedAt: c.Now,
		}}
	}
	r.Contact, err = casework.Seal(s.Keys, code, contact)
	return r, err
}
