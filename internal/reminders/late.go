package reminders

import (
	"context"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// followersAtOnce is how many who follow a late case are told with it.
const followersAtOnce = 500

// sweepLate tells senders of late cases how it stands, by day alone. What was
// missed meanwhile is told once.
func (s *Service) sweepLate(ctx context.Context, now time.Time) (n int, err error) {
	day := civic.DateOf(now).Start()
	at := s.Registry.Reminders.LateNoteAt
	if since := now.Sub(day); s.Registry.Reminders.LateNoteEvery < 1 || since < at || since >= night {
		return 0, nil
	}
	next := day.AddDate(0, 0, s.Registry.Reminders.LateNoteEvery).Add(at).UTC()
	var ids []civic.SubmissionID
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		ids, err = tx.LateNotes().Due(ctx, now, atOnce)
		return err
	})
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		err := s.Store.Do(ctx, func(tx store.Tx) error { return tellLate(ctx, tx, id, now, next) })
		if err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// tellLate tells the sender of one case, and those who follow it, unless it is
// not late any more.
func tellLate(ctx context.Context, tx store.Tx, id civic.SubmissionID, now, next time.Time) error {
	locked, err := tx.Submissions().Lock(ctx, id) // one worker at a time
	if err != nil {
		return err
	}
	sub := locked[0]
	if !civic.Open.Has(sub.State) || sub.DueAt.IsZero() || !sub.DueAt.Before(now) {
		return tx.LateNotes().Remove(ctx, id)
	}
	due, err := tx.LateNotes().IsDue(ctx, id, now)
	if err != nil || !due {
		return err // another worker was quicker
	}
	if err := casework.Tell(ctx, tx, sub, civic.MessageLate, now); err != nil {
		return err
	}
	members, _, err := tx.Matches().Members(ctx, id, followersAtOnce)
	if err != nil {
		return err
	}
	followers := make([]civic.SubmissionID, len(members))
	for i, m := range members {
		followers[i] = m.Submission
	}
	if err := casework.TellAll(ctx, tx, followers, civic.MessageLate, now); err != nil {
		return err
	}
	return tx.LateNotes().Put(ctx, id, next)
}
