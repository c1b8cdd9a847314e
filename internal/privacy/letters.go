package privacy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// lookReason stands in the log of looks at contacts for a letter that was
// printed.
const lookReason = "In thư về yêu cầu dữ liệu cá nhân"

// Letter is a message as it goes by post: the template and what it says, and
// whom it goes to.
type Letter struct {
	Ref           string
	Language      civic.Language
	Name, Address string
	Template      string
	Values        any
}

// Print makes a letter of a message that no mail could carry, to the address
// that was left with the case. That name and address were seen is logged.
func (s *Service) Print(ctx context.Context, actor civic.Actor, ref string, kind civic.PrivacyMessageKind) (out Letter, err error) {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return Letter{}, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		r, m, err := s.onPaper(ctx, tx, actor, ref, kind)
		if err != nil {
			return err
		}
		sub, err := tx.Submissions().Get(ctx, r.Submission)
		if err != nil {
			return err
		}
		if err := actor.LetterNeed(s.Registry, &sub); err != nil {
			return err
		}
		to, err := s.addressee(ctx, tx, sub, r, m)
		if err != nil {
			return err
		}
		if to.Address == "" {
			return errs.New(errs.Conflict, "request.no_address")
		}
		out = Letter{
			Ref: r.Ref, Language: r.Language, Name: to.Name, Address: to.Address,
			Template: template(kind), Values: s.told(r.PrivacyRequest, m),
		}
		return tx.Looks().Add(ctx, store.Look{Submission: sub.ID, User: actor.User, Role: actor.Role, Agency: sub.Agency, At: s.Now(), Reason: lookReason})
	})
	if err != nil {
		return Letter{}, fmt.Errorf("print a letter: %w", err)
	}
	return out, nil
}

// onPaper finds a message that no mail carried, of a request whose case is
// known.
func (s *Service) onPaper(ctx context.Context, tx store.Tx, actor civic.Actor, ref string, kind civic.PrivacyMessageKind) (
	r store.SealedRequest, m store.PrivacyMessage, err error,
) {
	if r, err = tx.PrivacyRequests().Get(ctx, ref); err != nil {
		return r, m, err
	}
	if err := s.reaches(actor, r.PrivacyRequest); err != nil {
		return r, m, err
	}
	list, err := tx.PrivacyMessages().List(ctx, ref)
	if err != nil {
		return r, m, err
	}
	i := slices.IndexFunc(list, func(m store.PrivacyMessage) bool { return m.Kind == kind && m.State == civic.MessageNotSent })
	if i < 0 || r.Submission == 0 {
		return r, m, errs.New(errs.Conflict, "request.not_now")
	}
	return r, list[i], nil
}

// addressee is whom a letter goes to: who left an address with the case, or what
// was kept of it for the letter about its erasure.
func (s *Service) addressee(ctx context.Context, tx store.Tx, sub civic.Submission, r store.SealedRequest, m store.PrivacyMessage) (civic.Contact, error) {
	contact, _, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil || contact.Address != "" || len(m.Letter.Sealed) == 0 {
		return contact, err
	}
	key, err := s.Keys.FileKey(r.Ref, m.Letter.WrappedKey)
	if err != nil {
		return civic.Contact{}, err
	}
	plain, err := key.Open(addressLabel, 0, m.Letter.Sealed)
	if err != nil {
		return civic.Contact{}, err
	}
	return contact, json.Unmarshal(plain, &contact)
}

const (
	// addressLabel keeps a postal address apart from what else the key of a
	// request seals.
	addressLabel = "address"
	// LetterKept is how long name and postal address outlive an erasure, for the
	// letter that tells of it; they go earlier when it was posted. A mail that
	// comes back does so within days.
	LetterKept = 30 * 24 * time.Hour
	// sweepBatch bounds how many are forgotten in one transaction.
	sweepBatch = 500
)

// keepAddress seals name and postal address of a case that is about to be
// erased, with a key of their own. It returns nothing where no address was left.
func (s *Service) keepAddress(ctx context.Context, tx store.Tx, r store.SealedRequest) (store.SealedContact, error) {
	sub, err := tx.Submissions().Get(ctx, r.Submission)
	if err != nil {
		return store.SealedContact{}, err
	}
	contact, _, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil || contact.Address == "" {
		return store.SealedContact{}, err
	}
	plain, err := json.Marshal(civic.Contact{Name: contact.Name, Address: contact.Address})
	if err != nil {
		return store.SealedContact{}, fmt.Errorf("write the address: %w", err)
	}
	key, wrapped, err := s.Keys.NewFileKey(r.Ref)
	if err != nil {
		return store.SealedContact{}, err
	}
	return store.SealedContact{WrappedKey: wrapped, Sealed: key.Seal(addressLabel, 0, plain)}, nil
}

// Posted notes that the letter of a message went by post. What was kept of the
// address for it alone is gone then.
func (s *Service) Posted(ctx context.Context, actor civic.Actor, ref string, kind civic.PrivacyMessageKind) error {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		r, m, err := s.onPaper(ctx, tx, actor, ref, kind)
		if err != nil {
			return err
		}
		if err := tx.PrivacyMessages().Post(ctx, m.ID, actor.User, s.Now()); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, store.NoteRequestPosted, r.PrivacyRequest, string(kind))
	})
	if err != nil {
		return fmt.Errorf("note a letter as posted: %w", err)
	}
	return nil
}

// Sweep forgets a batch of addresses that were kept for a letter long enough. It
// reports whether more may wait.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		n, err := tx.PrivacyMessages().ForgetLetters(ctx, s.Now().Add(-LetterKept), sweepBatch)
		more = n == sweepBatch
		return err
	})
	if err != nil {
		return false, fmt.Errorf("forget addresses of letters: %w", err)
	}
	return more, nil
}
