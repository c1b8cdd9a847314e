package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Guardians = guardians{}

type guardians struct{ *tx }

func (t *tx) Guardians() store.Guardians { return guardians{t} }

const (
	guardianMissing = "guardian.not_found"
	consentColumns  = `g.submission_id, g.whole_id, g.name_wished, g.asked_at, g.remind_at, g.lapse_at, g.reminded_at, g.decided_at, g.how, g.by_user,
		g.version, g.publish, g.name, g.not_mine, g.ended_at`
	guardianSelect = `SELECT ` + consentColumns + `, g.nonce, g.token_hash, g.wrapped_key, g.sealed, g.named_at FROM guardians g WHERE `
)

// insertGuardians writes what submissions of children begin with.
var insertGuardians = insert{
	table: "guardians",
	columns: []string{
		"submission_id", "whole_id", "name_wished", "asked_at", "remind_at", "lapse_at", "reminded_at", "decided_at", "how", "by_user",
		"version", "publish", "name", "not_mine", "ended_at", "nonce", "token_hash", "wrapped_key", "sealed", "named_at",
	},
	types: "iibzzzzztitbbbztxxxz",
}

// guardianFields are the arguments for insertGuardians.
func guardianFields(g store.SealedGuardian) []any {
	return []any{
		int64(g.Submission), ref(g.Whole), g.NameWished, opt(g.AskedAt), opt(g.RemindAt), opt(g.LapseAt), opt(g.RemindedAt), opt(g.DecidedAt),
		string(g.How), ref(g.By), g.Version, g.Publish, g.Name, g.NotMine, opt(g.EndedAt), g.Nonce, tokenHash(g), g.Contact.WrappedKey, g.Contact.Sealed,
		opt(g.NamedAt),
	}
}

// tokenHash is nil where there is no token.
func tokenHash(g store.SealedGuardian) []byte {
	if g.TokenHash == ([32]byte{}) {
		return nil
	}
	return g.TokenHash[:]
}

// consentDest are the destinations for consentColumns.
func consentDest(c *civic.GuardianConsent) []any {
	return []any{
		&c.Submission, id(&c.Whole), &c.NameWished, at(&c.AskedAt), at(&c.RemindAt), at(&c.LapseAt), at(&c.RemindedAt), at(&c.DecidedAt), &c.How,
		id(&c.By), &c.Version, &c.Publish, &c.Name, &c.NotMine, at(&c.EndedAt),
	}
}

func scanGuardian(r row) (g store.SealedGuardian, err error) {
	var hash []byte
	err = r.Scan(append(consentDest(&g.GuardianConsent), &g.Nonce, &hash, &g.Contact.WrappedKey, &g.Contact.Sealed, at(&g.NamedAt))...)
	copy(g.TokenHash[:], hash)
	return g, err
}

// Get implements store.Guardians.
func (t guardians) Get(ctx context.Context, id civic.SubmissionID) (store.SealedGuardian, error) {
	return get(ctx, t.tx, guardianMissing, scanGuardian, guardianSelect+`g.submission_id = ?`, int64(id))
}

// GetByToken implements store.Guardians.
func (t guardians) GetByToken(ctx context.Context, hash [32]byte) (store.SealedGuardian, error) {
	return get(ctx, t.tx, guardianMissing, scanGuardian, guardianSelect+`g.token_hash = ?`, hash[:])
}

// Family implements store.Guardians.
func (t guardians) Family(ctx context.Context, whole civic.SubmissionID) ([]civic.SubmissionID, error) {
	const query = `SELECT submission_id FROM guardians WHERE submission_id = ?
		UNION SELECT submission_id FROM guardians WHERE whole_id = ? ORDER BY submission_id`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, int64(whole), int64(whole))
}

// Update implements store.Guardians.
func (t guardians) Update(ctx context.Context, c civic.GuardianConsent) error {
	const query = `UPDATE guardians SET asked_at = ?, remind_at = ?, lapse_at = ?, reminded_at = ?, decided_at = ?, how = ?, by_user = ?, version = ?,
		publish = ?, name = ?, not_mine = ?, ended_at = ? WHERE submission_id = ?`
	return t.must(ctx, guardianMissing, query, opt(c.AskedAt), opt(c.RemindAt), opt(c.LapseAt), opt(c.RemindedAt), opt(c.DecidedAt), string(c.How),
		ref(c.By), c.Version, c.Publish, c.Name, c.NotMine, opt(c.EndedAt), int64(c.Submission))
}

// Rename implements store.Guardians.
func (t guardians) Rename(ctx context.Context, g store.SealedGuardian) error {
	const query = `UPDATE guardians SET nonce = ?, token_hash = ?, wrapped_key = ?, sealed = ?, named_at = ? WHERE submission_id = ?`
	return t.must(ctx, guardianMissing, query, g.Nonce, tokenHash(g), g.Contact.WrappedKey, g.Contact.Sealed, opt(g.NamedAt), int64(g.Submission))
}

// Unasked implements store.Guardians.
func (t guardians) Unasked(ctx context.Context, limit int) ([]civic.SubmissionID, error) {
	const query = `SELECT g.submission_id FROM guardians g JOIN submissions s ON s.id = g.submission_id
		WHERE g.decided_at IS NULL AND g.whole_id IS NULL AND g.lapse_at IS NULL AND s.hold = '' ORDER BY g.submission_id LIMIT ?`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, limit)
}

// Due implements store.Guardians.
func (t guardians) Due(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error) {
	const query = `SELECT submission_id FROM guardians WHERE decided_at IS NULL AND whole_id IS NULL
		AND (lapse_at <= ? OR (remind_at <= ? AND reminded_at IS NULL)) ORDER BY lapse_at, submission_id LIMIT ?`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, now, now, limit)
}

// Refuse implements store.Guardians.
func (t guardians) Refuse(ctx context.Context, pseudonym string, at time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO guardian_refusals (pseudonym, refused_at) VALUES (?, ?) ON CONFLICT (pseudonym) DO NOTHING`, pseudonym, at)
	return err
}

// Refused implements store.Guardians.
func (t guardians) Refused(ctx context.Context, pseudonyms []string) (bool, error) {
	n, err := list(ctx, t.tx, scanInt[int64], `SELECT count(*) FROM guardian_refusals WHERE pseudonym IN LIST(?)`, t.d.set(pseudonyms))
	return err == nil && n[0] > 0, err
}

// List implements store.Guardians.
func (t guardians) List(ctx context.Context, q store.GuardianQuery) ([]store.GuardianCase, error) {
	where, args := `s.guardian IN ('waiting', 'refused', 'lapsed', 'withdrawn') AND g.whole_id IS NULL`, []any{}
	if q.Scope != nil {
		where, args = where+` AND s.agency IN LIST(?)`, append(args, t.d.set(texts(q.Scope)))
	}
	query := `SELECT ` + consentColumns + `, s.code, s.agency, s.guardian, s.received_at FROM submissions s JOIN guardians g ON g.submission_id = s.id
		WHERE ` + where + ` ORDER BY CASE WHEN s.guardian = 'waiting' THEN 0 ELSE 1 END,
		CASE WHEN s.guardian = 'waiting' THEN COALESCE(g.lapse_at, s.received_at) END, COALESCE(g.ended_at, g.decided_at) DESC, s.id DESC LIMIT ?`
	return list(ctx, t.tx, func(r row) (c store.GuardianCase, err error) {
		return c, r.Scan(append(consentDest(&c.GuardianConsent), &c.Code, &c.Agency, &c.State, at(&c.Received))...)
	}, query, append(args, q.Limit)...)
}
