package guardians

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

// perChild bounds how often a child names another guardian: each time somebody
// is written to who may not have asked for it. Two are a slip of the finger and
// the slip in its correction.
var perChild = limit.Rule{Name: "guardian.rename", Burst: 2, Every: 24 * time.Hour}

// Rename puts another guardian in the place of the one whom a child named: an
// address was mistyped, or the message came back. The old link ends, and the
// other person has the whole time to answer. Once somebody answered it is
// Conflict with code guardian.decided, after the time Gone with guardian.late.
func (s *Service) Rename(ctx context.Context, actor civic.Actor, code civic.Code, to civic.Guardian) error {
	to = civic.Guardian{Name: vitext.Line(to.Name), Email: strings.TrimSpace(to.Email), Phone: vitext.Line(to.Phone)}
	err := s.Store.View(ctx, func(tx store.Tx) error { // what cannot be done must not count, for nobody's limit
		sub, err := casework.Own(ctx, tx, actor, code)
		switch {
		case err != nil:
			return err
		case !sub.Guardian.Child():
			return errs.New(errs.Conflict, "guardian.no_child")
		case sub.Guardian != civic.GuardianWaiting:
			return errs.New(errs.Conflict, "guardian.decided")
		}
		child, _, err := casework.Contact(ctx, tx, s.Keys, sub)
		if err != nil {
			return err
		}
		return to.Check(child)
	})
	if err != nil {
		return err
	}
	if v := s.Limits.Allow(ctx, perChild, s.Keys.Pseudonym("guardian.rename", string(code))); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "guardian.many_changes", RetryAfter: v.RetryAfter}
	}
	m, now := casework.AskGuardian(ctx, s.Limits, s.Keys, to), s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := casework.Own(ctx, tx, actor, code)
		if err != nil {
			return err
		}
		whole, err := casework.GuardianWhole(ctx, tx, sub.ID)
		if err != nil {
			return err
		}
		family, g, err := s.lock(ctx, tx, whole)
		switch {
		case err != nil:
			return err
		case !g.DecidedAt.IsZero():
			return errs.New(errs.Conflict, "guardian.decided")
		case s.late(g):
			return errs.New(errs.Gone, "guardian.late")
		}
		if err := s.replace(ctx, tx, family, to, now); err != nil {
			return err
		}
		if !g.LapseAt.IsZero() { // else the first message waits until the case is let through
			if err := s.askAgain(ctx, tx, family, g.GuardianConsent, m, now); err != nil {
				return err
			}
		}
		return casework.Write(ctx, tx, actor.Kind, family[0].State, family[0], now, civic.Event{Type: civic.EventGuardianNamed})
	})
	if err != nil {
		return fmt.Errorf("name another guardian: %w", err)
	}
	s.committed()
	return nil
}

// replace seals another guardian for every case of a family, each with a key of
// its own, and gives the first a link that nobody had.
func (s *Service) replace(ctx context.Context, tx store.Tx, family []civic.Submission, to civic.Guardian, now time.Time) error {
	for i, sub := range family {
		g, err := tx.Guardians().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		g.NamedAt = now
		if g.Contact, err = casework.SealGuardian(s.Keys, sub.Code, to); err != nil {
			return err
		}
		if i == 0 {
			if err := casework.LinkGuardian(s.Keys, s.Random, &g); err != nil {
				return err
			}
		}
		if err := tx.Guardians().Rename(ctx, g); err != nil {
			return err
		}
	}
	return nil
}

// askAgain writes to the new guardian. A message that did not go out yet goes to
// the new one by itself.
func (s *Service) askAgain(ctx context.Context, tx store.Tx, family []civic.Submission, c civic.GuardianConsent, m civic.Message, now time.Time) error {
	if err := s.startClock(ctx, tx, family, c, now); err != nil {
		return err
	}
	asked, err := lastAsked(ctx, tx, family[0].ID)
	if err != nil || asked.State == civic.MessageQueued {
		return err
	}
	return write(ctx, tx, family[0], m, now)
}
