// Package guardians asks the parent or guardian of a child for consent, keeps
// what was answered, and sees to it that the time within which to answer ends.
//
// The case of a child is received and handled like any other. What waits for
// the guardian is publication, the name, and that the contact is kept: without
// consent the contact is erased, and the case is never published.
package guardians

import (
	"context"
	"fmt"
	"io"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Service keeps it. All fields but Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Keys     *seal.Keys
	Limits   limit.Limiter
	Now      func() time.Time
	Random   io.Reader
	// Erase erases what is known of the sender of a case, as a sender's own
	// erasure does, the ledger included. Twice is once.
	Erase func(ctx context.Context, code civic.Code) error
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

// Asked is what the page of a guardian shows.
//
// Whoever reads the mailbox by mistake must learn little, and the guardian must
// recognise the child and know what is agreed to: the given name behind
// initials, the day, the kind and the title. The text itself, the child's
// address and the code are not shown. The child holds the code, and the two can
// read the text together.
type Asked struct {
	Child      string // as civic.GivenName shortens it; may be empty
	Title      string
	Language   civic.Language // of the title
	Kind       civic.Kind
	ReceivedAt time.Time
	LapseAt    time.Time
	State      civic.GuardianState
	Consent    civic.GuardianConsent
}

// Open shows what a link asks, or what became of it. It changes nothing.
func (s *Service) Open(ctx context.Context, token string) (out Asked, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		g, err := s.linked(ctx, tx, token)
		if err != nil {
			return err
		}
		sub, err := tx.Submissions().Get(ctx, g.Submission)
		if err != nil {
			return err
		}
		contact, _, err := casework.Contact(ctx, tx, s.Keys, sub)
		out = Asked{
			Child: civic.GivenName(contact.Name), Title: sub.Title, Language: sub.Language, Kind: sub.Kind, ReceivedAt: sub.ReceivedAt,
			LapseAt: g.LapseAt, State: sub.Guardian, Consent: g.GuardianConsent,
		}
		if out.State == civic.GuardianWaiting && s.late(g) {
			out.State = civic.GuardianLapsed
		}
		if out.State != civic.GuardianWaiting { // who comes after the answer need not know more
			out.Title, out.Child = "", ""
		}
		return err
	})
	if err != nil {
		return Asked{}, fmt.Errorf("open what a guardian is asked: %w", err)
	}
	return out, nil
}

func (s *Service) linked(ctx context.Context, tx store.Tx, token string) (store.SealedGuardian, error) {
	g, err := tx.Guardians().GetByToken(ctx, casework.GuardianTokenHash(token))
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return g, errNoLink
	}
	return g, err
}

// late reports whether the time to answer is over, whether the sweep noted that
// or not.
func (s *Service) late(g store.SealedGuardian) bool {
	return !g.LapseAt.IsZero() && !s.Now().Before(g.LapseAt)
}

// Answer is what a guardian answers.
type Answer struct {
	// Agree is the consent that the contact of the child is kept and used; Publish
	// that the text is published without the name; Name that it is shown with it.
	Agree, Publish, Name bool
	// NotMine says that whoever was written to is not the guardian.
	NotMine bool
}

// turn is what an answer makes of the consent.
func (a Answer) turn(now time.Time, wished bool) casework.GuardianTurn {
	name := a.Agree && a.Publish && a.Name && wished
	t := casework.GuardianTurn{By: civic.ActorPublic, Name: name, To: civic.GuardianRefused, Event: civic.EventGuardianRefused}
	if a.Agree {
		t.To, t.Event, t.Reason = civic.GuardianPrivate, civic.EventGuardianConfirmed, "private"
		switch {
		case name:
			t.To, t.Reason = civic.GuardianConfirmed, "name"
		case a.Publish:
			t.To, t.Reason = civic.GuardianConfirmed, "publish"
		}
	} else if a.NotMine {
		t.Reason = "not_mine"
	}
	t.Consent = func(c *civic.GuardianConsent) {
		c.DecidedAt, c.How, c.Version = now, civic.GuardianByLink, civic.GuardianTermsVersion
		c.Publish, c.Name, c.NotMine = a.Agree && a.Publish, name, !a.Agree && a.NotMine
	}
	return t
}

// Answer keeps what a guardian answers. The first answer holds: a second one is
// Conflict with code guardian.decided, whatever it says, and one that comes too
// late is Gone with code guardian.late.
func (s *Service) Answer(ctx context.Context, token string, a Answer) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		found, err := s.linked(ctx, tx, token)
		if err != nil {
			return err
		}
		family, g, err := s.lock(ctx, tx, found.Submission)
		if err != nil {
			return err
		}
		switch {
		case !g.DecidedAt.IsZero():
			return errs.New(errs.Conflict, "guardian.decided")
		case s.late(g):
			return errs.New(errs.Gone, "guardian.late")
		}
		if a.NotMine && !a.Agree {
			if err := s.refuse(ctx, tx, family[0], g, now); err != nil {
				return err
			}
		}
		return casework.TurnGuardian(ctx, tx, family, a.turn(now, g.NameWished), now)
	})
	if err != nil {
		return fmt.Errorf("answer for a child: %w", err)
	}
	s.committed()
	return nil
}

// refuse notes that who was written to is nobody's guardian: whoever names that
// address again causes no mail to it.
func (s *Service) refuse(ctx context.Context, tx store.Tx, sub civic.Submission, g store.SealedGuardian, now time.Time) error {
	who, _, err := casework.OpenGuardian(s.Keys, sub.Code, g.Contact)
	if err != nil {
		return err
	}
	for _, p := range casework.GuardianPseudonyms(s.Keys, who) {
		if err := tx.Guardians().Refuse(ctx, p, now); err != nil {
			return err
		}
	}
	return nil
}

// lock locks a family and reads what is kept as it stands then.
func (s *Service) lock(ctx context.Context, tx store.Tx, whole civic.SubmissionID) ([]civic.Submission, store.SealedGuardian, error) {
	family, err := casework.LockFamily(ctx, tx, whole)
	if err != nil {
		return nil, store.SealedGuardian{}, err
	}
	g, err := tx.Guardians().Get(ctx, whole)
	return family, g, err
}

// Signed is what a guardian signed on paper.
type Signed struct{ Publish, Name bool }

// Record keeps that a guardian signed on paper, for a case that waits. Whose
// guardian answered already is Conflict with code guardian.decided.
func (s *Service) Record(ctx context.Context, actor civic.Actor, code civic.Code, version int, signed Signed) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.KeyIn, &sub); err != nil {
			return err
		}
		switch {
		case sub.Version != version:
			return errs.New(errs.Conflict, "submission.version_mismatch")
		case !sub.Guardian.Child():
			return errs.New(errs.Conflict, "guardian.no_child")
		}
		whole, err := casework.GuardianWhole(ctx, tx, sub.ID)
		if err != nil {
			return err
		}
		family, g, err := s.lock(ctx, tx, whole)
		if err != nil {
			return err
		}
		for _, one := range family {
			if one.ID == sub.ID && one.Version != version {
				return errs.New(errs.Conflict, "submission.version_mismatch")
			}
		}
		if !g.DecidedAt.IsZero() {
			return errs.New(errs.Conflict, "guardian.decided")
		}
		t := Answer{Agree: true, Publish: signed.Publish, Name: signed.Name}.turn(now, g.NameWished)
		t.By, t.User = actor.Kind, actor.User
		t.Consent = func(c *civic.GuardianConsent) {
			c.DecidedAt, c.How, c.By, c.Publish, c.Name = now, civic.GuardianOnPaper, actor.User, signed.Publish, t.Name
		}
		return casework.TurnGuardian(ctx, tx, family, t, now)
	})
	if err != nil {
		return fmt.Errorf("record a guardian's signature: %w", err)
	}
	s.committed()
	return nil
}

// Forget erases what is known of a child without consent. It is the handler of
// store.JobUnconsented. The case itself stays.
func (s *Service) Forget(ctx context.Context, job int64, id civic.SubmissionID) error {
	var sub civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		sub, err = tx.Submissions().Get(ctx, id)
		return err
	})
	if err == nil && sub.Guardian.Ended() {
		err = s.Erase(ctx, sub.Code)
	}
	if err == nil {
		err = s.Store.Do(ctx, func(tx store.Tx) error {
			_, err := tx.Outbox().Finish(ctx, job, s.Now())
			return err
		})
	}
	if err != nil {
		return fmt.Errorf("erase what is known of a child: %w", err)
	}
	return nil
}

// shown bounds the list: who has more has more than a page of work.
const shown = 200

// List returns the cases of children within the person's scope that wait for
// consent or have none.
func (s *Service) List(ctx context.Context, actor civic.Actor) (list []store.GuardianCase, err error) {
	if err := actor.CheckPermission(civic.HandlePrivacy); err != nil {
		return nil, err
	}
	q := store.GuardianQuery{Limit: shown}
	if actor.Bound() {
		q.Scope = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		list, err = tx.Guardians().List(ctx, q)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list cases of children: %w", err)
	}
	return list, nil
}
