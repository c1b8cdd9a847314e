package dialogue

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Sweep reminds senders of questions, lets clocks run on that stood still for
// as long as they may, and closes what was answered and nobody reacted to. It
// reports whether more may be waiting.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	now := s.Now()
	var pressing, silent []civic.SubmissionID
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if pressing, err = tx.Inquiries().Pressing(ctx, now, atOnce); err != nil {
			return err
		}
		silent, err = tx.Submissions().Silent(ctx, now.Add(-SettleAfter), atOnce)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for open questions: %w", err)
	}
	for _, id := range pressing {
		if err := s.press(ctx, id, now); err != nil {
			return false, err
		}
	}
	for _, id := range silent {
		if err := s.settle(ctx, id, now); err != nil {
			return false, err
		}
	}
	if len(pressing)+len(silent) > 0 {
		s.committed()
	}
	return len(pressing) == atOnce || len(silent) == atOnce, nil
}

// press does what time demands of the open question of a case.
func (s *Service) press(ctx context.Context, id civic.SubmissionID, now time.Time) error {
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		locked, err := tx.Submissions().Lock(ctx, id)
		if err != nil {
			return err
		}
		sub := locked[0]
		open, err := openInquiry(ctx, tx, id)
		if errs.CodeOf(err) == "inquiry.none_open" {
			return nil // replied at this moment
		}
		if err != nil {
			return err
		}
		from, event := sub.State, civic.Event{Type: civic.EventReminded}
		switch {
		case !civic.MayReply(sub, open): // moved on without a reply
			open.EndedAt, open.PausedDays = now, s.paused(open, now)
			return tx.Inquiries().Update(ctx, open)
		case now.After(open.ReplyBy):
			open.EndedAt, open.PausedDays, event.Type = open.ReplyBy, s.paused(open, open.ReplyBy), civic.EventUnheard
			if !open.Running {
				if err := sub.Move(civic.InProgress); err != nil {
					return err
				}
			}
		case open.RemindedAt.IsZero() && now.After(open.RemindAt):
			open.RemindedAt = now
			if err := casework.Tell(ctx, tx, sub, civic.MessageReminder, now); err != nil {
				return err
			}
		default:
			return nil
		}
		if err := tx.Inquiries().Update(ctx, open); err != nil {
			return err
		}
		if err := s.reset(ctx, tx, &sub); err != nil {
			return err
		}
		return casework.Write(ctx, tx, civic.ActorSystem, from, sub, now, event)
	})
	if err != nil {
		return fmt.Errorf("look after an open question: %w", err)
	}
	return nil
}

// settle closes a case that nobody reacted to.
func (s *Service) settle(ctx context.Context, id civic.SubmissionID, now time.Time) error {
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		locked, err := tx.Submissions().Lock(ctx, id)
		if err != nil || locked[0].State != civic.Answered {
			return err
		}
		sub := locked[0]
		if err := sub.Move(civic.Closed); err != nil {
			return err
		}
		if err := casework.Step(ctx, tx, sub, civic.MessageClosed, now); err != nil {
			return err
		}
		return casework.Write(ctx, tx, civic.ActorSystem, civic.Answered, sub, now, civic.Event{Type: civic.EventClosed})
	})
	if err != nil {
		return fmt.Errorf("close a silent case: %w", err)
	}
	return nil
}
