// Package reach is how senders are reached: confirming a mailbox, choosing
// messages, changing and erasing contact data, asking for a lost code, and
// noting that an address is dead.
package reach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Ledger keeps what was erased apart from the database and its backups, so
// that it can be erased again from one that was restored.
type Ledger interface {
	// Note writes a code down durably.
	Note(code civic.Code, at time.Time) error
	// All returns every code that was noted, the oldest first.
	All() ([]civic.Code, error)
}

// Service keeps it. All fields but Ledger, Forget and Committed are required.
type Service struct {
	Store  store.Store
	Keys   *seal.Keys
	Limits limit.Limiter
	Now    func() time.Time
	// Ledger is nil where none is configured.
	Ledger Ledger
	// FilesToo says that the files which a sender sent go with the contact; see
	// Erase.
	FilesToo bool
	// Forget deletes what is left of a file without a key.
	Forget func(ctx context.Context, a store.Attachment) error
	// Committed is told that the outbox has something new.
	Committed func()
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

// errNoLink says that a link does not hold, whatever is wrong with it.
var errNoLink = errs.New(errs.NotFound, "link.not_valid")

// ReasonNotConfirmed is why messages wait that Confirm sends after all.
const ReasonNotConfirmed = "not_confirmed"

// Confirm notes that the holder of the mailbox read the mail with the token,
// and lets go what was kept for want of it. Twice is once. A token that does
// not hold, or not for the address there is now, is NotFound.
func (s *Service) Confirm(ctx context.Context, code civic.Code, token string) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, contact, err := s.linked(ctx, tx, code)
		if err != nil {
			return err
		}
		if !casework.ConfirmTokenMatches(s.Keys, code, contact.Email, token) {
			return errNoLink
		}
		r, err := tx.Reaches().Get(ctx, sub.ID)
		if err != nil || r.Confirmed() {
			return err
		}
		r.ConfirmedAt, r.FailingAt = now, time.Time{}
		if err := tx.Reaches().Put(ctx, r); err != nil {
			return err
		}
		return again(ctx, tx, sub, now)
	})
	if err != nil {
		return fmt.Errorf("confirm the mailbox: %w", err)
	}
	s.committed()
	return nil
}

// CheckConfirm tells whether Confirm would do it, and does nothing.
func (s *Service) CheckConfirm(ctx context.Context, code civic.Code, token string) error {
	return s.Store.View(ctx, func(tx store.Tx) error {
		_, contact, err := s.linked(ctx, tx, code)
		if err == nil && !casework.ConfirmTokenMatches(s.Keys, code, contact.Email, token) {
			err = errNoLink
		}
		return err
	})
}

// linked returns what a link speaks of. Links tell nothing of whether there is
// such a case.
func (s *Service) linked(ctx context.Context, tx store.Tx, code civic.Code) (civic.Submission, civic.Contact, error) {
	sub, err := tx.Submissions().GetByCode(ctx, code)
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			err = errNoLink
		}
		return civic.Submission{}, civic.Contact{}, err
	}
	contact, ok, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err == nil && !ok {
		err = errNoLink
	}
	return sub, contact, err
}

// again queues what was kept until the mailbox was confirmed, one of each
// kind: what does not hold any more is noticed when it goes out.
func again(ctx context.Context, tx store.Tx, sub civic.Submission, now time.Time) error {
	kept, err := tx.Messages().List(ctx, sub.ID)
	if err != nil {
		return err
	}
	seen := map[civic.MessageKind]bool{}
	for _, m := range kept {
		if m.State != civic.MessageNotSent || m.Reason != ReasonNotConfirmed || seen[m.Kind] {
			continue
		}
		seen[m.Kind] = true
		if err := casework.Tell(ctx, tx, sub, m.Kind, now); err != nil {
			return err
		}
	}
	if civic.WithAgency.Has(sub.State) && sub.Agency != "" && !seen[civic.MessageMoved] { // where it has come to meanwhile
		return casework.Step(ctx, tx, sub, civic.MessageMoved, now)
	}
	return nil
}

// Stop ends the messages about a case for who holds the token of one of them.
func (s *Service) Stop(ctx context.Context, code civic.Code, token string) error {
	if !casework.StopTokenMatches(s.Keys, code, token) {
		return errNoLink
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		r, err := tx.Reaches().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		r.Wants = civic.WantsNone
		return tx.Reaches().Put(ctx, r)
	})
	if err != nil {
		return fmt.Errorf("stop the messages: %w", err)
	}
	return nil
}

// CheckStop tells whether Stop would do it.
func (s *Service) CheckStop(code civic.Code, token string) error {
	if !casework.StopTokenMatches(s.Keys, code, token) {
		return errNoLink
	}
	return nil
}

// Choice is what a sender chooses about messages.
type Choice struct {
	Wants    civic.Wants
	Language civic.Language // empty: that of the text
	Way      civic.Way      // empty: the best there is
}

// Choose keeps a sender's choice.
func (s *Service) Choose(ctx context.Context, actor civic.Actor, code civic.Code, c Choice) error {
	if err := c.check(); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		r, err := tx.Reaches().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		r.Wants, r.Language, r.Way = c.Wants, c.Language, c.Way
		return tx.Reaches().Put(ctx, r)
	})
	if err != nil {
		return fmt.Errorf("choose messages: %w", err)
	}
	return nil
}

func (c Choice) check() error {
	var wrong []errs.Field
	if !among(civic.AllWants, c.Wants) {
		wrong = append(wrong, errs.Field{Name: "wants", Code: "field.unknown_value"})
	}
	if c.Language != "" && !among(civic.Languages, c.Language) {
		wrong = append(wrong, errs.Field{Name: "language", Code: "field.unknown_value"})
	}
	if c.Way != "" && !among(civic.Ways, c.Way) {
		wrong = append(wrong, errs.Field{Name: "way", Code: "field.unknown_value"})
	}
	return errs.InvalidFields(wrong...)
}

func among[T comparable](list []T, v T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// perCase bounds how often the mailbox of one case can be changed: each change
// sends a mail to somebody who may not have asked for it.
var perCase = limit.Rule{Name: "contact", Burst: 5, Every: 2 * time.Hour}

// Change puts another mailbox, number or address in the place of one; an empty
// field leaves what there is. A changed mailbox must be confirmed again and is
// sent the link for that. What was erased cannot be changed: Gone.
func (s *Service) Change(ctx context.Context, actor civic.Actor, code civic.Code, c civic.Contact) error {
	c.Email, c.Phone, c.Address = strings.TrimSpace(c.Email), vitext.Line(c.Phone), vitext.Line(c.Address)
	if err := c.Check(); err != nil {
		return err
	}
	if c.Email == "" && c.Phone == "" && c.Address == "" {
		return errs.InvalidFields(errs.Field{Name: "email", Code: "field.required"})
	}
	if v := s.Limits.Allow(ctx, perCase, s.Keys.Pseudonym("contact", string(code))); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "contact.many_changes", RetryAfter: v.RetryAfter}
	}
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		_, err = casework.ChangeContact(ctx, tx, s.Keys, actor, sub, civic.Contact{Email: c.Email, Phone: c.Phone, Address: c.Address}, now)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the contact: %w", err)
	}
	s.committed()
	return nil
}

// own locks the sender's submission.
func own(ctx context.Context, tx store.Tx, actor civic.Actor, code civic.Code) (civic.Submission, error) {
	sub, err := casework.Own(ctx, tx, actor, code)
	if err != nil {
		return sub, err
	}
	locked, err := tx.Submissions().Lock(ctx, sub.ID)
	if err != nil {
		return sub, err
	}
	return locked[0], nil
}

// Erase destroys the key of the sender's contact, for ever and in every copy:
// it is written into the ledger first, so that a process which dies between
// the two leaves a contact that the next start erases, and never the other way
// round. Twice is once.
//
// Where the register of personal data says so, the keys of the files that the
// sender sent are destroyed with it, whether they were looked into yet or not.
// A scan of a letter, a receipt or an identity card tells who sent it as plainly
// as the contact does, often more, and nobody can tell which file does not; the
// text, by contrast, was written to be read by the agency, and goes by a request
// that a person decides. What staff added is the agency's, and what is public was
// looked at for personal data before it was published: both stay.
func (s *Service) Erase(ctx context.Context, actor civic.Actor, code civic.Code) error {
	err := s.Store.View(ctx, func(tx store.Tx) error {
		_, err := casework.Own(ctx, tx, actor, code)
		return err
	})
	if err != nil {
		return fmt.Errorf("erase the contact: %w", err)
	}
	now := s.Now()
	if s.Ledger != nil {
		if err := s.Ledger.Note(code, now); err != nil {
			return fmt.Errorf("note the erasure: %w", err)
		}
	}
	if _, err := s.erase(ctx, code, civic.ActorSender, now); err != nil {
		return fmt.Errorf("erase the contact: %w", err)
	}
	return nil
}

// EraseUnconsented is Erase for a child whose guardian does not agree.
func (s *Service) EraseUnconsented(ctx context.Context, code civic.Code) error {
	now := s.Now()
	if s.Ledger != nil {
		if err := s.Ledger.Note(code, now); err != nil {
			return fmt.Errorf("note the erasure: %w", err)
		}
	}
	if _, err := s.erase(ctx, code, civic.ActorSystem, now); err != nil {
		return fmt.Errorf("erase the contact of a child: %w", err)
	}
	return nil
}

// erase reports whether there was something to erase.
func (s *Service) erase(ctx context.Context, code civic.Code, by civic.ActorKind, now time.Time) (done bool, err error) {
	var files []store.Attachment
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		done, files = false, nil
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		held, err := tx.Contacts().Held(ctx, []civic.SubmissionID{sub.ID})
		if err != nil || len(held) == 0 {
			return err
		}
		done = true
		if err := tx.Contacts().Destroy(ctx, sub.ID, now); err != nil {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, sub.ID)
		if err != nil {
			return err
		}
		e := civic.Event{Type: civic.EventContactErased}
		if s.FilesToo {
			if files, err = tx.Attachments().Unkey(ctx, store.FileSet{Sender: sub.ID}, casework.CodeFileRemoved, now); err != nil {
				return err
			}
			if len(files) > 0 {
				e.Reason = civic.ErasedFilesToo
			}
		}
		sub = locked[0]
		sub.PublishName = false
		return casework.Write(ctx, tx, by, sub.State, sub, now, e)
	})
	if err != nil {
		return done, err
	}
	for _, a := range files {
		_ = s.Forget(ctx, a) // it is erased with its key; the sweep of files takes what could not be deleted
	}
	return done, nil
}

// lookUp is how many codes of the ledger one transaction looks up.
const lookUp = 500

// Restored returns the codes of which the ledger says that the contact was
// erased, and which have one: a restored database brought it back.
func (s *Service) Restored(ctx context.Context) (found []civic.Code, err error) {
	if s.Ledger == nil {
		return nil, nil
	}
	codes, err := s.Ledger.All()
	if err != nil {
		return nil, fmt.Errorf("read the ledger of erasures: %w", err)
	}
	for some := range slices.Chunk(codes, lookUp) {
		err := s.Store.View(ctx, func(tx store.Tx) error {
			for _, code := range some {
				sub, err := tx.Submissions().GetByCode(ctx, code)
				if err != nil && errs.KindOf(err) == errs.NotFound {
					continue // received after that backup was made
				}
				if err != nil {
					return err
				}
				held, err := tx.Contacts().Held(ctx, []civic.SubmissionID{sub.ID})
				if err != nil {
					return err
				}
				if len(held) > 0 && !slices.Contains(found, code) {
					found = append(found, code)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for erased contacts: %w", err)
		}
	}
	return found, nil
}

// Replay erases again what the ledger says was erased, and returns how many
// contacts a restored database had brought back.
func (s *Service) Replay(ctx context.Context) (n int, err error) {
	codes, err := s.Restored(ctx)
	if err != nil {
		return 0, err
	}
	for _, code := range codes {
		done, err := s.erase(ctx, code, civic.ActorSystem, s.Now())
		if err != nil {
			return n, fmt.Errorf("erase again: %w", err)
		}
		if done { // another process may have been faster
			n++
		}
	}
	return n, nil
}
