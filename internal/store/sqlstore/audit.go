package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Audit = audit{}

type audit struct{ *tx }

func (t *tx) Audit() store.Audit { return audit{t} }

// auditLogs write each log as scanLine reads it, under the name l. Its id is
// l.id and its time what at says.
var auditLogs = map[store.AuditSource]struct{ columns, table, at string }{
	store.AuditEvents: {
		`l.id, l.at, l.actor, l.user_id, l.type, l.submission_id, '',
			l.agency, CASE WHEN l.from_state = l.to_state THEN l.to_state ELSE l.from_state || ' > ' || l.to_state END, l.reason`,
		"events", "l.at",
	},
	store.AuditLooks: {
		`l.id, l.looked_at, CASE WHEN l.user_id IS NULL THEN 'system' ELSE 'staff' END, l.user_id, 'contact_looked', l.submission_id, '',
			l.agency, l.role, l.reason`,
		"contact_looks", "l.looked_at",
	},
	store.AuditAccounts: {
		`l.id, l.changed_at, CASE WHEN l.by_user IS NULL THEN 'system' ELSE 'staff' END, l.by_user, 'account_' || l.what, NULL,
			'user:' || l.user_id, '', l.detail, ''`,
		"account_changes", "l.changed_at",
	},
	store.AuditNotes: {
		`l.id, l.at, l.actor, l.user_id, l.what, l.submission_id, l.subject, l.agency, l.detail, ''`, "audit_notes", "l.at",
	},
}

func lineDest(l *store.AuditLine) []any {
	return []any{&l.SourceID, at(&l.At), &l.Actor, id(&l.User), &l.What, id(&l.Submission), &l.Subject, &l.Agency, &l.Detail, &l.Text}
}

// lines reads lines of one log; rest follows its name in the statement.
func (t audit) lines(ctx context.Context, source store.AuditSource, rest string, args ...any) ([]store.AuditLine, error) {
	log := auditLogs[source]
	return list(ctx, t.tx, func(r row) (store.AuditLine, error) {
		l := store.AuditLine{Source: source}
		return l, r.Scan(lineDest(&l)...)
	}, `SELECT `+log.columns+` FROM `+log.table+` l `+rest, args...)
}

// Note implements store.Audit.
func (t audit) Note(ctx context.Context, l store.AuditLine) error { return t.note(ctx, l) }

// note is how the other parts of a transaction write their changes into the
// log, too.
func (t *tx) note(ctx context.Context, l store.AuditLine) error {
	const query = `INSERT INTO audit_notes (at, actor, user_id, what, submission_id, subject, agency, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`
	_, err := t.exec(ctx, query, l.At, string(l.Actor), ref(l.User), l.What, ref(l.Submission), l.Subject, string(l.Agency), l.Detail)
	return err
}

// noteBy is note for what a person, or without one the system, did to subject.
func (t *tx) noteBy(ctx context.Context, by civic.UserID, now time.Time, what, subject string) error {
	actor := civic.ActorSystem
	if by != 0 {
		actor = civic.ActorStaff
	}
	return t.note(ctx, store.AuditLine{At: now, Actor: actor, User: by, What: what, Subject: subject})
}

// Noted implements store.Audit.
func (t audit) Noted(ctx context.Context, what string, user civic.UserID, id civic.SubmissionID, since time.Time) (bool, error) {
	const query = `SELECT count(*) FROM audit_notes WHERE submission_id = ? AND user_id = ? AND at >= ? AND what = ?`
	n, err := t.count(ctx, query, int64(id), int64(user), since, what)
	return n > 0, err
}

// progress is how far the sealer has come in one log.
type progress struct {
	low, high, nextLow int64
	movedAt            time.Time
}

func (t audit) progress(ctx context.Context) (map[store.AuditSource]progress, error) {
	out := map[store.AuditSource]progress{}
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var source store.AuditSource
		var p progress
		err := r.Scan(&source, &p.low, &p.high, &p.nextLow, at(&p.movedAt))
		out[source] = p
		return struct{}{}, err
	}, `SELECT source, low, high, next_low, moved_at FROM audit_progress`)
	return out, err
}

// notSealed is true of the lines l of a log that are not in the chain.
const notSealed = `NOT EXISTS (SELECT 1 FROM audit a WHERE a.source = ? AND a.source_id = l.id)`

// Unsealed implements store.Audit.
func (t audit) Unsealed(ctx context.Context, limit int, late bool) ([]store.AuditLine, error) {
	reached, err := t.progress(ctx)
	if err != nil {
		return nil, err
	}
	var out []store.AuditLine
	for _, source := range store.AuditSources {
		p := reached[source]
		if late && len(out) < limit {
			found, err := t.lines(ctx, source, `WHERE l.id > ? AND l.id <= ? AND `+notSealed+` ORDER BY l.id LIMIT ?`, p.low, p.high, string(source), limit-len(out))
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
		if len(out) < limit {
			found, err := t.lines(ctx, source, `WHERE l.id > ? ORDER BY l.id LIMIT ?`, p.high, limit-len(out))
			if err != nil {
				return nil, err
			}
			out = append(out, found...)
		}
	}
	return out, nil
}

// longest is longer than any transaction lasts: what began before another one
// was sealed has ended after it.
const longest = 10 * time.Minute

var auditInsert = insert{
	table: "audit",
	columns: []string{
		"seq", "source", "source_id", "at", "actor", "user_id", "what", "submission_id", "subject", "agency", "detail", "mark", "hash", "seal", "sealed_at",
	},
	types: "itiztititttt" + "xtz",
}

// Append implements store.Audit.
func (t audit) Append(ctx context.Context, entries []store.AuditEntry, now time.Time) error {
	reached, err := t.progress(ctx)
	if err != nil {
		return err
	}
	rows := make([][]any, len(entries))
	for i, e := range entries {
		rows[i] = []any{
			e.Seq, string(e.Source), e.SourceID, e.At, string(e.Actor), ref(e.User), e.What, ref(e.Submission), e.Subject, string(e.Agency), e.Detail,
			e.Mark, e.Hash[:], e.Seal, e.SealedAt,
		}
		p := reached[e.Source]
		p.high = max(p.high, e.SourceID)
		reached[e.Source] = p
	}
	if err := t.insertRows(ctx, auditInsert, rows, nil); err != nil {
		return err
	}
	for source, p := range reached {
		if now.Sub(p.movedAt) >= longest {
			p.low, p.nextLow, p.movedAt = p.nextLow, p.high, now
		}
		const query = `INSERT INTO audit_progress (source, low, high, next_low, moved_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (source) DO UPDATE SET low = excluded.low, high = excluded.high, next_low = excluded.next_low, moved_at = excluded.moved_at`
		if _, err := t.exec(ctx, query, string(source), p.low, p.high, p.nextLow, p.movedAt); err != nil {
			return err
		}
	}
	return nil
}

const auditSelect = `SELECT a.source_id, a.at, a.actor, a.user_id, a.what, a.submission_id, a.subject, a.agency, a.detail, '',
		a.source, a.seq, a.mark, a.hash, a.seal, a.sealed_at, COALESCE(s.code, ''), COALESCE(u.name, '')
	FROM audit a LEFT JOIN submissions s ON s.id = a.submission_id LEFT JOIN users u ON u.id = a.user_id`

func scanEntry(r row) (e store.AuditEntry, err error) {
	var hash []byte
	err = r.Scan(append(lineDest(&e.AuditLine), &e.Source, &e.Seq, &e.Mark, &hash, &e.Seal, at(&e.SealedAt), &e.Code, &e.UserName)...)
	copy(e.Hash[:], hash)
	return e, err
}

// Last implements store.Audit.
func (t audit) Last(ctx context.Context) (store.AuditEntry, error) {
	return get(ctx, t.tx, "audit.empty", scanEntry, auditSelect+` ORDER BY a.seq DESC LIMIT 1`)
}

// List implements store.Audit.
func (t audit) List(ctx context.Context, q store.AuditQuery) ([]store.AuditEntry, error) {
	where, args := t.chosen(q)
	order := ` ORDER BY a.seq DESC LIMIT ?`
	if q.Upwards {
		order = ` ORDER BY a.seq LIMIT ?`
	}
	return list(ctx, t.tx, scanEntry, auditSelect+where+order, append(args, q.Limit)...)
}

// Count implements store.Audit.
func (t audit) Count(ctx context.Context, q store.AuditQuery) (int, error) {
	where, args := t.chosen(q)
	return t.count(ctx, `SELECT count(*) FROM (SELECT 1 FROM audit a`+where+` LIMIT ?) AS chosen`, append(args, q.Limit)...)
}

// chosen is the condition of a query.
func (t audit) chosen(q store.AuditQuery) (where string, args []any) {
	where, args = ` WHERE a.seq > ?`, []any{q.After}
	narrow := func(on bool, condition string, arg any) {
		if on {
			where, args = where+condition, append(args, arg)
		}
	}
	narrow(q.Before > 0, ` AND a.seq < ?`, q.Before)
	narrow(q.Scope != nil, ` AND a.agency IN LIST(?)`, t.d.set(texts(q.Scope)))
	narrow(!q.From.IsZero(), ` AND a.at >= ?`, q.From)
	narrow(!q.Until.IsZero(), ` AND a.at < ?`, q.Until)
	narrow(q.User != 0, ` AND a.user_id = ?`, int64(q.User))
	narrow(q.Submission != 0, ` AND a.submission_id = ?`, int64(q.Submission))
	narrow(q.What != "", ` AND a.what = ?`, q.What)
	narrow(q.Source != "", ` AND a.source = ?`, string(q.Source))
	narrow(q.Actor != "", ` AND a.actor = ?`, string(q.Actor))
	return where, args
}

// Lines implements store.Audit.
func (t audit) Lines(ctx context.Context, source store.AuditSource, ids []int64) (map[int64]store.AuditLine, error) {
	if _, ok := auditLogs[source]; !ok {
		return nil, errs.New(errs.NotFound, "audit.no_such_log")
	}
	found, err := t.lines(ctx, source, `WHERE l.id IN LIST(?)`, t.d.set(ids))
	out := make(map[int64]store.AuditLine, len(found))
	for _, l := range found {
		out[l.SourceID] = l
	}
	return out, err
}

// Missing implements store.Audit.
func (t audit) Missing(ctx context.Context, before time.Time) (missing int, err error) {
	for _, source := range store.AuditSources {
		log := auditLogs[source]
		n, err := t.count(ctx, `SELECT count(*) FROM `+log.table+` l WHERE `+log.at+` < ? AND `+notSealed, before, string(source))
		if err != nil {
			return 0, err
		}
		missing += n
	}
	return missing, nil
}
