package triage

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Length of the reason for a look at a contact, in letters.
const (
	minLookReason = 3
	maxLookReason = 500
)

// fillContact says whether there is a contact and whether the person may look
// at it. Nothing is opened: a look is an act of its own; see Look.
func (s *Service) fillContact(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	if c.Submission.Guardian.Child() {
		g, err := tx.Guardians().Get(ctx, c.Submission.ID)
		if err != nil {
			return err
		}
		c.Guardian = &g.GuardianConsent
	}
	_, err := tx.Contacts().Get(ctx, c.Submission.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	c.HasContact = true
	if err := s.contactNeed(actor, c.Submission); err != nil {
		c.ContactClosed = errs.CodeOf(err)
	}
	return nil
}

// contactNeed is ContactNeed for a case that the machine may not have read yet:
// one that it will restrict counts as restricted from the first moment.
func (s *Service) contactNeed(actor civic.Actor, sub civic.Submission) error {
	sub.Restricted = sub.Restricted || sub.State == civic.Received && s.judge(sub).Accuses()
	return actor.ContactNeed(s.Registry, &sub)
}

// Look shows the sender's contact to a person whose role may see it, while the
// case needs it, and writes who looked, when and why into the log in the same
// transaction: what is not logged is not shown. It fails with Forbidden and
// code contact.not_needed or contact.restricted, with NotFound where there is
// no contact, and with Gone where it was erased.
func (s *Service) Look(ctx context.Context, actor civic.Actor, code civic.Code, reason string) (civic.Contact, error) {
	contact, _, err := s.LookAtBoth(ctx, actor, code, reason)
	return contact, err
}

// LookAtBoth is Look, and shows whom a child named as guardian, too, by the same
// right and in the same line of the log; zero where there is nobody.
func (s *Service) LookAtBoth(ctx context.Context, actor civic.Actor, code civic.Code, reason string) (contact civic.Contact, guardian civic.Guardian, err error) {
	if reason, err = words("reason", reason, minLookReason, maxLookReason); err != nil {
		return civic.Contact{}, civic.Guardian{}, err
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := s.contactNeed(actor, sub); err != nil {
			return err
		}
		sealed, err := tx.Contacts().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		if contact, err = s.Keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed); err != nil {
			return err
		}
		if guardian, err = s.guardianOf(ctx, tx, sub); err != nil {
			return err
		}
		return tx.Looks().Add(ctx, store.Look{
			Submission: sub.ID, User: actor.User, Role: actor.Role, Agency: sub.Agency, At: now, Reason: reason,
		})
	})
	if err != nil {
		return civic.Contact{}, civic.Guardian{}, fmt.Errorf("look at the contact: %w", err)
	}
	return contact, guardian, nil
}

// guardianOf opens whom a child named.
func (s *Service) guardianOf(ctx context.Context, tx store.Tx, sub civic.Submission) (civic.Guardian, error) {
	if !sub.Guardian.Child() {
		return civic.Guardian{}, nil
	}
	g, err := tx.Guardians().Get(ctx, sub.ID)
	if err != nil {
		return civic.Guardian{}, err
	}
	who, _, err := casework.OpenGuardian(s.Keys, sub.Code, g.Contact)
	return who, err
}

// looksPerPage is how many looks a page has.
const looksPerPage = 50

// LooksRequest narrows the log of looks. Empty fields do not.
type LooksRequest struct {
	Code civic.Code
	User civic.UserID
	Page int // from 1
}

// Looks returns a page of the log of looks at contacts within the person's
// scope, the newest first. A code that nobody has gives an empty page.
func (s *Service) Looks(ctx context.Context, actor civic.Actor, r LooksRequest) (page store.LooksPage, err error) {
	if err := actor.CheckPermission(civic.SeeLooks); err != nil {
		return store.LooksPage{}, err
	}
	q := store.LooksQuery{Scope: s.scope(actor), User: r.User, Page: max(r.Page, 1), PerPage: looksPerPage}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		page = store.LooksPage{}
		if r.Code != "" {
			sub, err := tx.Submissions().GetByCode(ctx, r.Code)
			if err != nil && errs.KindOf(err) == errs.NotFound {
				return nil
			}
			if err != nil {
				return err
			}
			q.Submission = sub.ID
		}
		page, err = tx.Looks().List(ctx, q)
		return err
	})
	if err != nil {
		return store.LooksPage{}, fmt.Errorf("list the looks: %w", err)
	}
	return page, nil
}

// LooksPages returns how many pages so many looks fill.
func LooksPages(total int) int { return (total + looksPerPage - 1) / looksPerPage }
