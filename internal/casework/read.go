package casework

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// sitting is how long one note of the audit covers that a person opened a case:
// who works on it opens it again with every step.
const sitting = 10 * time.Minute

// NoteRead writes into the audit that somebody of the staff is about to be
// shown a case, or with a subject something of it. What cannot be noted must
// not be shown.
func NoteRead(ctx context.Context, st store.Store, actor civic.Actor, what string, sub civic.Submission, subject string, now time.Time) error {
	if actor.Kind != civic.ActorStaff {
		return nil
	}
	if subject == "" { // a look first: most of the time there is nothing to write
		noted := false
		err := st.View(ctx, func(tx store.Tx) (err error) {
			noted, err = tx.Audit().Noted(ctx, what, actor.User, sub.ID, now.Add(-sitting))
			return err
		})
		if err != nil || noted {
			return err
		}
	}
	return st.Do(ctx, func(tx store.Tx) error {
		return tx.Audit().Note(ctx, store.AuditLine{
			At: now, Actor: actor.Kind, User: actor.User, What: what, Submission: sub.ID, Subject: subject, Agency: sub.Agency, Detail: string(actor.Role),
		})
	})
}
