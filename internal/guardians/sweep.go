package guardians

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// atOnce is how many guardians one round writes to, or gives up.
const atOnce = 100

// Sweep writes to guardians whom nobody wrote to because the submission was
// checked first, reminds once, and ends what nobody answered in time. It does
// some of it, and reports whether more may be.
//
// Time runs from when the message went out and not from when it was asked for:
// after a mail server that was away for a week a guardian still has all of it.
// A worker that was away for long sends one message to each, and none to those
// whose time is over.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	var unasked, due []civic.SubmissionID
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if unasked, err = tx.Guardians().Unasked(ctx, atOnce); err != nil {
			return err
		}
		due, err = tx.Guardians().Due(ctx, s.Now(), atOnce)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for guardians: %w", err)
	}
	for _, id := range unasked {
		if err := s.ask(ctx, id); err != nil {
			return false, fmt.Errorf("ask a guardian: %w", err)
		}
	}
	for _, id := range due {
		if err := s.settle(ctx, id); err != nil {
			return false, fmt.Errorf("remind a guardian: %w", err)
		}
	}
	if len(unasked)+len(due) > 0 {
		s.committed()
	}
	return len(unasked) == atOnce || len(due) == atOnce, nil
}

// ask writes to the guardian of a case that was let through.
func (s *Service) ask(ctx context.Context, id civic.SubmissionID) error {
	var to civic.Guardian
	err := s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().Get(ctx, id)
		if err != nil {
			return err
		}
		g, err := tx.Guardians().Get(ctx, id)
		if err != nil {
			return err
		}
		to, _, err = casework.OpenGuardian(s.Keys, sub.Code, g.Contact)
		return err
	})
	if err != nil {
		return err
	}
	m, now := casework.AskGuardian(ctx, s.Limits, s.Keys, to), s.Now()
	return s.Store.Do(ctx, func(tx store.Tx) error {
		family, g, err := s.lock(ctx, tx, id)
		if err != nil || !g.LapseAt.IsZero() || !g.DecidedAt.IsZero() {
			return err // another process was faster
		}
		if err := s.startClock(ctx, tx, family, g.GuardianConsent, now); err != nil {
			return err
		}
		sub := family[0]
		if err := write(ctx, tx, sub, m, now); err != nil || m.State != civic.MessageQueued {
			return err
		}
		return casework.Write(ctx, tx, civic.ActorSystem, sub.State, sub, now, civic.Event{Type: civic.EventGuardianAsked})
	})
}

// write adds the message that asks.
func write(ctx context.Context, tx store.Tx, sub civic.Submission, m civic.Message, now time.Time) error {
	m.Submission, m.Language, m.CreatedAt = sub.ID, sub.Language.Page(), now
	if m.State != civic.MessageQueued {
		return tx.Messages().AddAll(ctx, []civic.Message{m})
	}
	_, err := tx.Messages().Add(ctx, m)
	return err
}

// startClock lets the whole time to answer begin now.
func (s *Service) startClock(ctx context.Context, tx store.Tx, family []civic.Submission, c civic.GuardianConsent, now time.Time) error {
	casework.ClockGuardian(s.Times, s.Registry.Limits.ForGuardian(), &c, now)
	c.RemindedAt = time.Time{}
	return s.clock(ctx, tx, family, c)
}

// clock writes the times of an answer to a family.
func (s *Service) clock(ctx context.Context, tx store.Tx, family []civic.Submission, c civic.GuardianConsent) error {
	for _, sub := range family {
		g, err := tx.Guardians().Get(ctx, sub.ID)
		if err != nil {
			return err
		}
		own := g.GuardianConsent
		own.AskedAt, own.RemindAt, own.LapseAt, own.RemindedAt = c.AskedAt, c.RemindAt, c.LapseAt, c.RemindedAt
		if err := tx.Guardians().Update(ctx, own); err != nil {
			return err
		}
	}
	return nil
}

// asLate is by how much a message may go out later than it was asked for before
// the time to answer begins anew.
const asLate = 24 * time.Hour

// settle reminds a guardian, or ends what was not answered.
func (s *Service) settle(ctx context.Context, id civic.SubmissionID) error {
	now := s.Now()
	return s.Store.Do(ctx, func(tx store.Tx) error {
		family, g, err := s.lock(ctx, tx, id)
		if err != nil || !g.DecidedAt.IsZero() {
			return err
		}
		asked, err := lastAsked(ctx, tx, id)
		if err != nil {
			return err
		}
		from := g.AskedAt
		switch {
		case asked.State == civic.MessageQueued:
			from = now
		case asked.State == civic.MessageSent && asked.SentAt.Sub(g.AskedAt) > asLate:
			from = asked.SentAt
		}
		if !from.Equal(g.AskedAt) {
			casework.ClockGuardian(s.Times, s.Registry.Limits.ForGuardian(), &g.GuardianConsent, from)
		}
		if !now.Before(g.LapseAt) {
			return casework.TurnGuardian(ctx, tx, family, casework.GuardianTurn{
				To: civic.GuardianLapsed, Event: civic.EventGuardianLapsed, By: civic.ActorSystem,
				Consent: func(c *civic.GuardianConsent) { c.DecidedAt = now },
			}, now)
		}
		if !now.Before(g.RemindAt) && g.RemindedAt.IsZero() {
			g.RemindedAt = now
			if err := remind(ctx, tx, family[0], asked, now); err != nil {
				return err
			}
		}
		return s.clock(ctx, tx, family, g.GuardianConsent)
	})
}

// lastAsked is the message that asked, as it stands; zero where there is none.
func lastAsked(ctx context.Context, tx store.Tx, id civic.SubmissionID) (asked civic.Message, err error) {
	list, err := tx.Messages().List(ctx, id)
	for _, m := range list {
		if m.Kind == civic.MessageGuardian {
			asked = m
		}
	}
	return asked, err
}

// remind writes once more to who was written to, whether that arrived or came
// back, when it may go by another way; and to nobody else.
func remind(ctx context.Context, tx store.Tx, sub civic.Submission, asked civic.Message, now time.Time) error {
	if asked.State != civic.MessageSent && asked.Reason != "bounced" {
		return nil
	}
	_, err := tx.Messages().Add(ctx, civic.Message{
		Submission: sub.ID, Kind: civic.MessageGuardianReminder, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: now,
	})
	return err
}
