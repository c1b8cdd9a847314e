package sqlstore

import (
	"context"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Figures = figures{}

// decided is the condition of the index events_machine, word for word, and its
// bounds in time.
const decided = `e.actor = 'system' AND e.from_state = 'received' AND e.type IN ('merged', 'routed', 'triaged') AND e.at >= ? AND e.at < ?`

// Decisions implements store.Figures.
func (t figures) Decisions(ctx context.Context, from, until time.Time) ([]store.DecisionCount, error) {
	const query = `SELECT CASE e.type WHEN 'merged' THEN 'joined' WHEN 'triaged' THEN 'to_person'
			ELSE CASE WHEN COALESCE(r.rule_id, '') <> '' THEN 'routed_by_rule' ELSE 'routed_by_model' END END AS decision,
		CASE e.type WHEN 'routed' THEN e.agency ELSE '' END AS agency,
		count(*), COALESCE(sum(CASE WHEN EXISTS (SELECT 1 FROM events l WHERE l.submission_id = e.submission_id AND l.id > e.id AND
			(e.type = 'merged' AND l.type IN ('unmerged', 'objected') AND l.actor IN ('staff', 'sender')
			OR e.type = 'routed' AND l.type = 'handed_back'
			OR e.type = 'routed' AND l.type = 'assigned' AND l.agency <> e.agency)) THEN 1 ELSE 0 END), 0)
		FROM events e LEFT JOIN routes r ON r.submission_id = e.submission_id
		WHERE ` + decided + ` GROUP BY 1, 2 ORDER BY 1, 2`
	return list(ctx, t.tx, func(r row) (c store.DecisionCount, err error) {
		return c, r.Scan(&c.Decision, &c.Agency, &c.Cases, &c.Undone)
	}, query, from, until)
}

// Corrections implements store.Figures.
func (t figures) Corrections(ctx context.Context, from, until time.Time) ([]store.Correction, error) {
	const query = `SELECT e.agency, c.agency, count(*) FROM events e JOIN confirmed_routes c ON c.submission_id = e.submission_id
		WHERE ` + decided + ` AND e.type = 'routed' AND c.agency <> e.agency GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2`
	return list(ctx, t.tx, func(r row) (c store.Correction, err error) { return c, r.Scan(&c.From, &c.To, &c.Cases) }, query, from, until)
}

// Offered implements store.Figures.
func (t figures) Offered(ctx context.Context, from, until time.Time) (out store.Offered, err error) {
	const query = `SELECT c.agency, r.candidates FROM events e JOIN confirmed_routes c ON c.submission_id = e.submission_id
		JOIN routes r ON r.submission_id = e.submission_id WHERE ` + decided + ` AND e.type = 'triaged'`
	_, err = list(ctx, t.tx, func(r row) (struct{}, error) {
		var agency civic.AgencyCode
		var candidates []civic.RouteCandidate
		if err := r.Scan(&agency, jsonInto(&candidates)); err != nil {
			return struct{}{}, err
		}
		at := slices.IndexFunc(candidates, func(c civic.RouteCandidate) bool { return c.Agency == agency })
		out.Decided++
		if at == 0 {
			out.First++
		}
		if at >= 0 {
			out.AmongThree++
		}
		return struct{}{}, nil
	}, query, from, until)
	return out, err
}

// Arrivals implements store.Figures. What was held is read of the history: few
// submissions are.
func (t figures) Arrivals(ctx context.Context, from, until time.Time) ([]store.Arrivals, error) {
	const query = `SELECT s.channel, count(*),
		(SELECT count(*) FROM events e JOIN submissions h ON h.id = e.submission_id
			WHERE e.type = 'held' AND e.at >= ? AND e.at < ? AND h.channel = s.channel),
		(SELECT count(*) FROM events e JOIN submissions h ON h.id = e.submission_id
			WHERE e.type = 'released' AND h.received_at >= ? AND h.received_at < ? AND h.channel = s.channel)
		FROM submissions s WHERE s.received_at >= ? AND s.received_at < ? GROUP BY s.channel ORDER BY 2 DESC, 1`
	return list(ctx, t.tx, func(r row) (a store.Arrivals, err error) {
		return a, r.Scan(&a.Channel, &a.Received, &a.Held, &a.Released)
	}, query, from, until, from, until, from, until)
}

const coursesSQL = `SELECT COALESCE(o.agency, s.agency), s.topic, s.area, s.kind, s.state, s.received_at, s.first_due_at, s.due_at, s.answered_at,
		s.extended, s.reopened_at, s.first_timeliness, COALESCE(r.helped, '')
	FROM submissions s LEFT JOIN submissions o ON o.id = s.root_id LEFT JOIN ratings r ON r.submission_id = s.id ORDER BY s.id`

// Courses implements store.Figures.
func (t figures) Courses(ctx context.Context, each func(store.Course)) error {
	rows, err := t.sql.QueryContext(ctx, coursesSQL)
	if err != nil {
		return classify(err)
	}
	defer rows.Close() // rows.Err tells
	for rows.Next() {
		var c store.Course
		var s civic.Submission
		err := rows.Scan(&c.Agency, &c.Topic, &c.Area, &c.Kind, &c.State, at(&s.ReceivedAt), at(&s.FirstDueAt), at(&s.DueAt), at(&s.AnsweredAt),
			&s.Extended, at(&s.ReopenedAt), &s.FirstTimeliness, &c.Helped)
		if err != nil {
			return classify(err)
		}
		c.ReceivedAt, c.DueAt, c.AnsweredAt = s.ReceivedAt, s.DueAt, s.AnsweredAt
		c.Timeliness, c.Reopened, c.Extended = s.Timeliness(), !s.ReopenedAt.IsZero(), s.Extended > 0
		each(c)
	}
	return classify(rows.Err())
}
