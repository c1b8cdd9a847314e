package reach

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Who asks for codes is slowed twice: by network, with an error that says so,
// and by what was typed, in silence, so that nobody's mailbox is filled and
// nobody learns from the answer.
var (
	lostPerClient  = limit.Rule{Name: "lost.client", Burst: 10, Every: 5 * time.Minute}
	lostPerContact = limit.Rule{Name: "lost.contact", Burst: 3, Every: 4 * time.Hour}
)

// Lost sends the codes of a contact to that contact, and to nobody else. What
// was typed is an e-mail address or a telephone number. It returns nil whether
// anything is known of it or not, and does the same work: what is done for the
// known alone is left to the background.
func (s *Service) Lost(ctx context.Context, typed, client string) error {
	c := civic.Contact{Email: strings.TrimSpace(typed)}
	if !strings.Contains(typed, "@") {
		c = civic.Contact{Phone: vitext.Line(typed)}
	}
	if c.Email == "" && c.Phone == "" {
		return errs.InvalidFields(errs.Field{Name: "contact", Code: "field.required"})
	}
	if c.Check() != nil {
		return errs.InvalidFields(errs.Field{Name: "contact", Code: "field.not_a_contact"})
	}
	if v := s.Limits.Allow(ctx, lostPerClient, client); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "track.too_many_tries", RetryAfter: v.RetryAfter}
	}
	email, phone := s.Keys.Indexes(c)
	if !s.Limits.Allow(ctx, lostPerContact, email+phone).Allowed {
		return nil
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		ids, err := tx.Contacts().Find(ctx, email, phone, 1)
		if err != nil {
			return err
		}
		job := store.Job{Kind: store.JobCodes, CreatedAt: s.Now()}
		if len(ids) > 0 {
			job.Subject = int64(ids[0]) // its mail names the others too
		}
		_, err = tx.Outbox().Put(ctx, job)
		return err
	})
	if err != nil {
		return fmt.Errorf("take a request for lost codes: %w", err)
	}
	s.committed()
	return nil
}

// SendCodes tells a sender the own codes. It is the handler of store.JobCodes:
// job is the outbox row. For 0 there is nobody to tell.
func (s *Service) SendCodes(ctx context.Context, job, submission int64) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, now)
		if err != nil || !first || submission == 0 {
			return err
		}
		sub, err := tx.Submissions().Get(ctx, civic.SubmissionID(submission))
		if err != nil {
			return err
		}
		return casework.Tell(ctx, tx, sub, civic.MessageCode, now)
	})
	if err != nil {
		return fmt.Errorf("send lost codes: %w", err)
	}
	s.committed()
	return nil
}

// Bounced notes that a message which was sent came back, and marks the address
// as dead, so that later mails are kept and shown instead. It reports false
// when that was noted before.
func (s *Service) Bounced(ctx context.Context, message int64) (bool, error) {
	now := s.Now()
	noted := false
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		m, err := tx.Messages().Get(ctx, message)
		if err != nil {
			return err
		}
		if noted, err = tx.Messages().Bounce(ctx, message, reasonBounced, now); err != nil || !noted {
			return err
		}
		if m.Kind.ToGuardian() { // it says nothing of the sender's own mailbox
			return nil
		}
		r, err := tx.Reaches().Get(ctx, m.Submission)
		if err != nil || r.ConfirmedAt.After(m.SentAt) { // another mailbox, or proved alive, since
			return err
		}
		r.FailingAt = now
		if err := tx.Reaches().Put(ctx, r); err != nil {
			return err
		}
		return s.otherwise(ctx, tx, m, now)
	})
	if err != nil {
		return false, fmt.Errorf("note what came back: %w", err)
	}
	return noted, nil
}

// RequestBounced notes that a mail about a request concerning personal data came
// back, so that whoever handles the request sees it and tells by another way. A
// request whose outcome did not arrive is not closed: it waits to be told again.
// The mailbox of a case that it went to counts as dead.
func (s *Service) RequestBounced(ctx context.Context, message int64) (bool, error) {
	now, noted := s.Now(), false
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		m, err := tx.PrivacyMessages().Get(ctx, message)
		if err != nil {
			return err
		}
		if noted, err = tx.PrivacyMessages().Bounce(ctx, message, reasonBounced, now); err != nil || !noted {
			return err
		}
		r, err := tx.PrivacyRequests().Lock(ctx, m.Request)
		if err != nil {
			return err
		}
		if m.Kind == civic.PrivacyEnd && r.Reopen() {
			if err := tx.PrivacyRequests().Update(ctx, r.PrivacyRequest); err != nil {
				return err
			}
		}
		err = tx.Audit().Note(ctx, store.AuditLine{
			At: now, Actor: civic.ActorSystem, What: store.NoteRequestBounced, Submission: r.Submission, Subject: "request:" + r.Ref, Agency: r.Agency, Detail: string(m.Kind),
		})
		if err != nil || r.Identified != civic.IdentifiedBySecret {
			return err
		}
		reach, err := tx.Reaches().Get(ctx, r.Submission)
		if err != nil || !reach.Confirmed() || reach.ConfirmedAt.After(m.SettledAt) { // nobody's, another mailbox, or proved alive since
			return err
		}
		reach.FailingAt = now
		return tx.Reaches().Put(ctx, reach)
	})
	if err != nil {
		return false, fmt.Errorf("note what came back about a request: %w", err)
	}
	return noted, nil
}

// otherwise sends a message that came back by another way, where the sender left
// one.
func (s *Service) otherwise(ctx context.Context, tx store.Tx, m civic.Message, now time.Time) error {
	sub, err := tx.Submissions().Get(ctx, m.Submission)
	if err != nil {
		return err
	}
	contact, ok, err := casework.Contact(ctx, tx, s.Keys, sub)
	if err != nil || !ok || (contact.Phone == "" && contact.Address == "") || m.Kind == civic.MessageContact || m.Kind == civic.MessageCode {
		return err
	}
	return casework.Tell(ctx, tx, sub, m.Kind, now)
}

// reasonBounced is notices.ReasonBounced: use cases do not know each other.
const reasonBounced = "bounced"
