package answers

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// wrote reports whether somebody wrote any of the answer that a case waits with:
// a word added by another hand makes nobody a second person.
func wrote(ctx context.Context, tx store.Tx, user civic.UserID, id civic.SubmissionID) (bool, error) {
	events, err := tx.Events().List(ctx, id)
	if err != nil {
		return false, err
	}
	own := false
	for _, e := range events {
		switch {
		case e.Type == civic.EventAnswered || e.Type == civic.EventCorrected: // that one was sent
			own = false
		case (e.Type == civic.EventAnswerDrafted || e.Type == civic.EventSubmitted || e.Type == civic.EventCorrectionDrafted) && e.User == user:
			own = true
		}
	}
	return own, nil
}
