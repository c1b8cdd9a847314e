package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

type scopes struct{ *tx }

// Scopes implements store.Tx.
func (t *tx) Scopes() store.Scopes { return scopes{t} }

var _ store.Scopes = scopes{}

// Put implements store.Scopes.
func (t scopes) Put(ctx context.Context, d civic.ScopeDecision) error {
	const query = `INSERT INTO scopes (submission_id, suggested, confidence, scope, channel, words, accused, several, lifted, decided_by, user_id, decided_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (submission_id) DO UPDATE SET
			suggested = CASE excluded.decided_by WHEN 'system' THEN excluded.suggested ELSE scopes.suggested END,
			confidence = CASE excluded.decided_by WHEN 'system' THEN excluded.confidence ELSE scopes.confidence END,
			scope = excluded.scope, channel = excluded.channel, words = excluded.words, accused = excluded.accused, several = excluded.several,
			lifted = excluded.lifted, decided_by = excluded.decided_by, user_id = excluded.user_id, decided_at = excluded.decided_at`
	_, err := t.exec(ctx, query, int64(d.Submission), string(d.Suggested), d.Confidence, string(d.Scope), d.Channel, jsonList(d.Words),
		jsonList(d.Accused), jsonList(d.Several), d.Lifted, string(d.DecidedBy), ref(d.User), d.DecidedAt)
	return err
}

const scopeSelect = `SELECT c.submission_id, c.suggested, c.confidence, c.scope, c.channel, c.words, c.accused, c.several, c.lifted, c.decided_by,
	c.user_id, COALESCE(u.name, ''), c.decided_at FROM scopes c LEFT JOIN users u ON u.id = c.user_id`

func scanScope(r row) (d civic.ScopeDecision, err error) {
	return d, r.Scan(&d.Submission, &d.Suggested, &d.Confidence, &d.Scope, &d.Channel, jsonInto(&d.Words), jsonInto(&d.Accused),
		jsonInto(&d.Several), &d.Lifted, &d.DecidedBy, id(&d.User), &d.UserName, at(&d.DecidedAt))
}

// Get implements store.Scopes.
func (t scopes) Get(ctx context.Context, submission civic.SubmissionID) (civic.ScopeDecision, error) {
	return get(ctx, t.tx, "scope.not_found", scanScope, scopeSelect+` WHERE c.submission_id = ?`, int64(submission))
}

// List implements store.Scopes.
func (t scopes) List(ctx context.Context, ids []civic.SubmissionID) ([]civic.ScopeDecision, error) {
	found, err := list(ctx, t.tx, scanScope, scopeSelect+` WHERE c.submission_id IN LIST(?)`, t.d.set(ints(ids)))
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].UserName = ""
	}
	return inOrder(ids, found, func(d civic.ScopeDecision) civic.SubmissionID { return d.Submission }), nil
}

// Count implements store.Scopes.
func (t scopes) Count(ctx context.Context, from, until time.Time) ([]store.ScopeCount, error) {
	f := &filter{d: t.d}
	f.add("decided_by = 'staff'")
	if !from.IsZero() {
		f.add("decided_at >= ?", from)
	}
	if !until.IsZero() {
		f.add("decided_at < ?", until)
	}
	return list(ctx, t.tx, func(r row) (c store.ScopeCount, err error) { return c, r.Scan(&c.Suggested, &c.Decided, &c.Cases) },
		`SELECT suggested, scope, count(*) FROM scopes WHERE `+f.String()+` GROUP BY suggested, scope ORDER BY 3 DESC, 1, 2`, f.args...)
}
