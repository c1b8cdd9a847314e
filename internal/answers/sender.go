package answers

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Sender is what everybody reads of who wrote.
type Sender struct {
	Type civic.SubmitterType
	// Name is whole with the consent to publish it, of a person without that
	// consent the initials, and empty where not even they are shown.
	Name   string
	Masked bool
}

// sender says what is public of who wrote. The contact is opened for each look
// and nothing of it is kept beside it: a name that was erased is gone here, too.
// Who accuses somebody, and who was not asked by whoever keyed the text in, is
// not named at all: initials beside a place and a quarrel are a name. Nor is a
// child without a guardian's consent to that.
func (s *Service) sender(ctx context.Context, tx store.Tx, sub *civic.Submission) (Sender, error) {
	out := Sender{Type: sub.Submitter}
	if s.Keys == nil || sub.Restricted || sub.Consent == civic.ConsentNone {
		return out, nil
	}
	if !sub.PublishName && (sub.Submitter == civic.Organisation || sub.Guardian.Child()) {
		return out, nil
	}
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return out, nil
	}
	if err != nil {
		return Sender{}, err
	}
	contact, err := s.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
	if err != nil {
		return Sender{}, err
	}
	switch {
	case !sub.PublishName:
		out.Name, out.Masked = civic.Initials(contact.Name), true
	case sub.Submitter == civic.Organisation && contact.Organisation != "":
		out.Name = contact.Organisation
	default:
		out.Name = contact.Name
	}
	return out, nil
}
