package sqlstore

import (
	"context"
	"math"
	"strconv"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Rules = rules{}

const ruleMissing = "rule.not_found"

// Change implements store.Rules. The one row is locked by the update.
func (t rules) Change(ctx context.Context) error {
	_, err := t.exec(ctx, `UPDATE rule_book SET revision = revision + 1`)
	return err
}

// Revision implements store.Rules.
func (t rules) Revision(ctx context.Context) (int64, error) {
	return get(ctx, t.tx, ruleMissing, scanInt[int64], `SELECT revision FROM rule_book`)
}

// List implements store.Rules.
func (t rules) List(ctx context.Context) ([]store.RuleVersion, error) {
	const query = `SELECT v.rule_id, v.version, r.position, v.name, v.condition, v.agency, v.valid_from, v.valid_to, v.owner, v.note,
			v.written_at, v.written_by, COALESCE(u.name, ''), v.state, v.live_at, v.live_by, v.retired_at, v.retired_by, v.dry_run, v.dry_run_at
		FROM rule_versions v JOIN rules r ON r.id = v.rule_id LEFT JOIN users u ON u.id = v.written_by
		ORDER BY r.position, v.rule_id, v.version DESC`
	return list(ctx, t.tx, func(r row) (v store.RuleVersion, err error) {
		return v, r.Scan(&v.ID, &v.Version, &v.Position, &v.Name, &v.Condition, &v.Agency, at(&v.ValidFrom), at(&v.ValidTo), &v.Owner, &v.Note,
			at(&v.WrittenAt), id(&v.WrittenBy), &v.Writer, &v.State, at(&v.LiveAt), id(&v.LiveBy), at(&v.RetiredAt), id(&v.RetiredBy),
			&v.DryRun, at(&v.DryRunAt))
	}, query)
}

// Add implements store.Rules.
func (t rules) Add(ctx context.Context, v store.RuleVersion) error {
	if _, err := t.exec(ctx, `INSERT INTO rules (id, position) VALUES (?, ?) ON CONFLICT (id) DO NOTHING`, v.ID, v.Position); err != nil {
		return err
	}
	const query = `INSERT INTO rule_versions (rule_id, version, name, condition, agency, valid_from, valid_to, owner, note,
			written_at, written_by, state, live_at, live_by, retired_at, retired_by, dry_run, dry_run_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rule_id, version) DO NOTHING`
	n, err := t.exec(ctx, query, v.ID, v.Version, v.Name, v.Condition, string(v.Agency), opt(v.ValidFrom), opt(v.ValidTo), v.Owner, v.Note,
		v.WrittenAt, ref(v.WrittenBy), string(v.State), opt(v.LiveAt), ref(v.LiveBy), opt(v.RetiredAt), ref(v.RetiredBy), v.DryRun, opt(v.DryRunAt))
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "rule.version_taken")
	}
	if err != nil {
		return err
	}
	return t.noteBy(ctx, v.WrittenBy, v.WrittenAt, store.NoteRuleWritten, ruleSubject(v.ID, v.Version))
}

// ruleSubject names a version of a rule in the audit.
func ruleSubject(id string, version int) string { return "rule:" + id + "/" + strconv.Itoa(version) }

// SetState implements store.Rules.
func (t rules) SetState(ctx context.Context, id string, version int, state store.RuleState, now time.Time, by civic.UserID) error {
	what := map[store.RuleState]string{store.RuleLive: store.NoteRuleLive, store.RuleRetired: store.NoteRuleRetired}[state]
	if what != "" {
		if err := t.noteBy(ctx, by, now, what, ruleSubject(id, version)); err != nil {
			return err
		}
	}
	switch state {
	case store.RuleLive:
		return t.must(ctx, ruleMissing, `UPDATE rule_versions SET state = 'live', live_at = ?, live_by = ? WHERE rule_id = ? AND version = ?`,
			now, ref(by), id, version)
	case store.RuleRetired:
		return t.must(ctx, ruleMissing, `UPDATE rule_versions SET state = 'retired', retired_at = ?, retired_by = ? WHERE rule_id = ? AND version = ?`,
			now, ref(by), id, version)
	}
	return t.must(ctx, ruleMissing, `UPDATE rule_versions SET state = ? WHERE rule_id = ? AND version = ?`, string(state), id, version)
}

// PutDryRun implements store.Rules.
func (t rules) PutDryRun(ctx context.Context, id string, version int, summary string, now time.Time) error {
	return t.must(ctx, ruleMissing, `UPDATE rule_versions SET dry_run = ?, dry_run_at = ? WHERE rule_id = ? AND version = ?`, summary, now, id, version)
}

// Order implements store.Rules.
func (t rules) Order(ctx context.Context, ids []string) error {
	for i, id := range ids {
		if _, err := t.exec(ctx, `UPDATE rules SET position = ? WHERE id = ?`, i+1, id); err != nil {
			return err
		}
	}
	return nil
}

// AddErrors implements store.Rules.
func (t rules) AddErrors(ctx context.Context, id string, version, n int, last string, now time.Time) error {
	const query = `INSERT INTO rule_errors (rule_id, version, errors, last_error, last_at)
		SELECT rule_id, version, ?, ?, ? FROM rule_versions WHERE rule_id = ? AND version = ?
		ON CONFLICT (rule_id, version) DO UPDATE SET errors = rule_errors.errors + excluded.errors,
			last_error = excluded.last_error, last_at = excluded.last_at`
	_, err := t.exec(ctx, query, n, last, now, id, version)
	return err
}

// Errors implements store.Rules.
func (t rules) Errors(ctx context.Context) ([]store.RuleFault, error) {
	return list(ctx, t.tx, func(r row) (f store.RuleFault, err error) {
		return f, r.Scan(&f.ID, &f.Version, &f.Errors, &f.LastError, at(&f.LastAt))
	}, `SELECT rule_id, version, errors, last_error, last_at FROM rule_errors ORDER BY rule_id, version`)
}

// Past implements store.Rules.
func (t rules) Past(ctx context.Context, before civic.SubmissionID, limit int) ([]store.PastCase, error) {
	if before == 0 {
		before = math.MaxInt64
	}
	const query = `SELECT s.id, s.code, s.kind, s.topic, s.area, s.title, s.body, s.submitter, s.state, s.agency, s.received_at,
			COALESCE(c.agency, ''), s.restricted OR s.hold <> '' OR COALESCE(v.scope, 'in_scope') <> 'in_scope'
		FROM submissions s LEFT JOIN confirmed_routes c ON c.submission_id = s.id LEFT JOIN scopes v ON v.submission_id = s.id
		WHERE s.id < ? AND s.state <> 'merged' ORDER BY s.id DESC LIMIT ?`
	return list(ctx, t.tx, func(r row) (p store.PastCase, err error) {
		s := &p.Submission
		return p, r.Scan(&s.ID, &s.Code, &s.Kind, &s.Topic, &s.Area, &s.Title, &s.Body, &s.Submitter, &s.State, &s.Agency, at(&s.ReceivedAt), &p.Confirmed, &p.Waits)
	}, query, int64(before), limit)
}
