package sqlstore

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Routes = routes{}

// routeSelect are the columns of the table under the name r, for routeRow.
const routeSelect = `r.submission_id, r.decided_at, COALESCE(r.decided_by, ''), COALESCE(r.agency, ''), COALESCE(r.score, 0),
	COALESCE(r.rule_id, ''), COALESCE(r.rule_version, 0), COALESCE(r.model_version, ''), r.words, r.candidates, r.rule_errors`

// routeRow scans a route that an outer join may have left out.
type routeRow struct{ r civic.Route }

func (w *routeRow) dest() []any {
	r := &w.r
	return []any{
		id(&r.Submission), at(&r.DecidedAt), &r.By, &r.Agency, &r.Score, &r.RuleID, &r.RuleVersion, &r.ModelVersion,
		jsonInto(&r.Words), jsonInto(&r.Candidates), jsonInto(&r.RuleErrors),
	}
}

// route returns the route and whether there was one.
func (w *routeRow) route() (civic.Route, bool) { return w.r, w.r.Submission != 0 }

// Put implements store.Routes.
func (t routes) Put(ctx context.Context, r civic.Route) error {
	const query = `INSERT INTO routes (submission_id, decided_at, decided_by, agency, score, rule_id, rule_version, model_version,
			words, candidates, rule_errors)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET decided_at = excluded.decided_at, decided_by = excluded.decided_by,
			agency = excluded.agency, score = excluded.score, rule_id = excluded.rule_id, rule_version = excluded.rule_version,
			model_version = excluded.model_version, words = excluded.words, candidates = excluded.candidates, rule_errors = excluded.rule_errors`
	_, err := t.exec(ctx, query, int64(r.Submission), r.DecidedAt, string(r.By), string(r.Agency), r.Score, r.RuleID, r.RuleVersion,
		r.ModelVersion, jsonList(r.Words), jsonList(r.Candidates), jsonList(r.RuleErrors))
	return err
}

// Get implements store.Routes.
func (t routes) Get(ctx context.Context, submission civic.SubmissionID) (civic.Route, error) {
	return get(ctx, t.tx, "route.not_found", func(r row) (civic.Route, error) {
		var w routeRow
		err := r.Scan(w.dest()...)
		return w.r, err
	}, `SELECT `+routeSelect+` FROM routes r WHERE r.submission_id = ?`, int64(submission))
}

// Confirm implements store.Routes.
func (t routes) Confirm(ctx context.Context, submission civic.SubmissionID, agency civic.AgencyCode, now time.Time) error {
	const query = `INSERT INTO confirmed_routes (submission_id, agency, confirmed_at) VALUES (?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET agency = excluded.agency, confirmed_at = excluded.confirmed_at`
	_, err := t.exec(ctx, query, int64(submission), string(agency), now)
	return err
}

// Unconfirm implements store.Routes.
func (t routes) Unconfirm(ctx context.Context, submission civic.SubmissionID, agency civic.AgencyCode) error {
	_, err := t.exec(ctx, `DELETE FROM confirmed_routes WHERE submission_id = ? AND agency = ?`, int64(submission), string(agency))
	return err
}

// Confirmed implements store.Routes.
func (t routes) Confirmed(ctx context.Context, limit int) ([]store.Confirmed, error) {
	const query = `SELECT c.submission_id, s.title, s.body, s.topic, c.agency, c.confirmed_at
		FROM confirmed_routes c JOIN submissions s ON s.id = c.submission_id
		ORDER BY c.confirmed_at DESC, c.submission_id DESC LIMIT ?`
	return list(ctx, t.tx, func(r row) (c store.Confirmed, err error) {
		var s civic.Submission
		err = r.Scan(&c.Submission, &s.Title, &s.Body, &c.Topic, &c.Agency, at(&c.At))
		c.Text = s.Text()
		return c, err
	}, query, limit)
}

// CountConfirmed implements store.Routes.
func (t routes) CountConfirmed(ctx context.Context) (int, time.Time, error) {
	var n int
	var newest time.Time
	err := t.scan(ctx, []any{&n, at(&newest)}, `SELECT count(*), max(confirmed_at) FROM confirmed_routes`)
	return n, newest, err
}

// ConfirmedGroups implements store.Routes.
func (t routes) ConfirmedGroups(ctx context.Context, except []civic.AgencyCode) ([]store.ConfirmedGroup, error) {
	const query = `SELECT c.agency, s.topic, count(*) FROM confirmed_routes c JOIN submissions s ON s.id = c.submission_id
		WHERE NOT (c.agency IN LIST(?)) GROUP BY c.agency, s.topic ORDER BY c.agency, s.topic`
	return list(ctx, t.tx, func(r row) (g store.ConfirmedGroup, err error) {
		return g, r.Scan(&g.Agency, &g.Topic, &g.Count)
	}, query, t.d.set(texts(except)))
}

// ConfirmedOf implements store.Routes.
func (t routes) ConfirmedOf(ctx context.Context, groups []store.ConfirmedGroup, limit, offset int) ([]store.ConfirmedCase, error) {
	if len(groups) == 0 {
		return nil, nil
	}
	var either []string
	var args []any
	for _, g := range groups {
		either = append(either, "c.agency = ? AND s.topic = ?")
		args = append(args, string(g.Agency), string(g.Topic))
	}
	query := `SELECT s.code, s.title, s.topic, c.agency, c.confirmed_at FROM confirmed_routes c JOIN submissions s ON s.id = c.submission_id
		WHERE ` + strings.Join(either, " OR ") + ` ORDER BY c.confirmed_at DESC, c.submission_id DESC LIMIT ? OFFSET ?`
	return list(ctx, t.tx, func(r row) (c store.ConfirmedCase, err error) {
		return c, r.Scan(&c.Code, &c.Title, &c.Topic, &c.Agency, at(&c.At))
	}, query, append(args, limit, offset)...)
}

// ConfirmedAgency implements store.Routes.
func (t routes) ConfirmedAgency(ctx context.Context, submission civic.SubmissionID) (civic.AgencyCode, error) {
	return get(ctx, t.tx, "example.not_found", func(r row) (code civic.AgencyCode, err error) { return code, r.Scan(&code) },
		`SELECT agency FROM confirmed_routes WHERE submission_id = ?`, int64(submission))
}
