package sqlstore

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Events = events{}

// eventFields are the arguments for insertEvents.
func eventFields(e civic.Event) []any {
	return []any{
		int64(e.Submission), e.At, string(e.Type), string(e.Actor), ref(e.User), string(e.From), string(e.To), string(e.Agency), e.Reason,
	}
}

// Add implements store.Events.
func (t events) Add(ctx context.Context, e civic.Event) error {
	return t.insertRows(ctx, insertEvents, [][]any{eventFields(e)}, nil)
}

// List implements store.Events. Events lie in the order in which they were
// added, whatever a clock that was set back says.
func (t events) List(ctx context.Context, submission civic.SubmissionID) ([]civic.Event, error) {
	const query = `SELECT e.id, e.submission_id, e.at, e.type, e.actor, e.user_id, COALESCE(u.name, ''), e.from_state, e.to_state, e.agency, e.reason
		FROM events e LEFT JOIN users u ON u.id = e.user_id WHERE e.submission_id = ? ORDER BY e.id`
	return list(ctx, t.tx, func(r row) (e civic.Event, err error) {
		return e, r.Scan(&e.ID, &e.Submission, at(&e.At), &e.Type, &e.Actor, id(&e.User), &e.UserName, &e.From, &e.To, &e.Agency, &e.Reason)
	}, query, int64(submission))
}
