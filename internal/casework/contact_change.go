package casework

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// ChangeContact puts what c tells in the place of what a submission has, and
// returns the names of the fields that are others now; an empty field leaves
// what there is. A changed mailbox must be confirmed again and is sent the link
// for that; whoever was reached so far is told. It is NotFound where there is no
// contact, and Gone where it was erased.
func ChangeContact(
	ctx context.Context, tx store.Tx, keys *seal.Keys, actor civic.Actor, sub civic.Submission, c civic.Contact, now time.Time,
) (changed []string, err error) {
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	old, err := keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
	if err != nil {
		return nil, err
	}
	fresh := old
	for _, f := range []struct {
		name string
		to   *string
		from string
	}{
		{"name", &fresh.Name, c.Name}, {"organisation", &fresh.Organisation, c.Organisation},
		{"email", &fresh.Email, c.Email}, {"phone", &fresh.Phone, c.Phone}, {"address", &fresh.Address, c.Address},
	} {
		if f.from != "" && f.from != *f.to {
			*f.to = f.from
			changed = append(changed, f.name)
		}
	}
	if sealed, err = Seal(keys, sub.Code, fresh); err != nil {
		return nil, err
	}
	if err := tx.Contacts().Replace(ctx, sub.ID, sealed); err != nil {
		return nil, err
	}
	if err := Write(ctx, tx, actor.Kind, sub.State, sub, now, civic.Event{Type: civic.EventContactChanged, User: actor.User}); err != nil {
		return nil, err
	}
	r, err := tx.Reaches().Get(ctx, sub.ID)
	if err != nil {
		return nil, err
	}
	if err := tellFormer(ctx, tx, keys, sub, old, r, now); err != nil {
		return nil, err
	}
	if civic.NormalEmail(fresh.Email) == civic.NormalEmail(old.Email) {
		return changed, nil
	}
	r.ConfirmedAt, r.FailingAt = time.Time{}, time.Time{}
	if err := tx.Reaches().Put(ctx, r); err != nil {
		return nil, err
	}
	return changed, Tell(ctx, tx, sub, civic.MessageContact, now)
}

// tellFormer tells whoever was reached so far that the contact was changed: who
// did it holds code and secret, which somebody may have found, or said to be the
// sender. A mailbox that nobody confirmed is no place to tell of anything.
func tellFormer(ctx context.Context, tx store.Tx, keys *seal.Keys, sub civic.Submission, old civic.Contact, r civic.Reach, now time.Time) error {
	if !r.Confirmed() {
		old.Email = ""
	}
	if old.Email == "" && old.Phone == "" {
		return nil
	}
	sealed, err := Seal(keys, sub.Code, civic.Contact{Email: old.Email, Phone: old.Phone})
	if err != nil {
		return err
	}
	_, err = tx.Messages().AddTo(ctx, civic.Message{
		Submission: sub.ID, Kind: civic.MessageContact, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: now,
	}, sealed)
	return err
}
