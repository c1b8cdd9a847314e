package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var (
	_ store.ServiceTokens  = serviceTokens{}
	_ store.Looks          = looks{}
	_ store.AccountChanges = accountChanges{}
)

type (
	serviceTokens  struct{ *tx }
	looks          struct{ *tx }
	accountChanges struct{ *tx }
)

func (t *tx) ServiceTokens() store.ServiceTokens   { return serviceTokens{t} }
func (t *tx) Looks() store.Looks                   { return looks{t} }
func (t *tx) AccountChanges() store.AccountChanges { return accountChanges{t} }

const (
	tokenMissing = "token.not_found"
	tokenSelect  = `SELECT id, user_id, name, scopes, created_by, created_at, expires_at, used_at, revoked_at FROM service_tokens` //nolint:gosec // no secret is in it
)

func scanToken(r row) (t store.ServiceToken, err error) {
	return t, r.Scan(&t.ID, &t.User, &t.Name, &t.Scopes, id(&t.CreatedBy), at(&t.CreatedAt), at(&t.ExpiresAt), at(&t.UsedAt), at(&t.RevokedAt))
}

// Add implements store.ServiceTokens.
func (t serviceTokens) Add(ctx context.Context, v store.ServiceToken) (int64, error) {
	const query = `INSERT INTO service_tokens (user_id, name, token_hash, scopes, created_by, created_at, expires_at)
		VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`
	err := t.scan(ctx, []any{&v.ID}, query,
		int64(v.User), v.Name, v.TokenHash[:], string(v.Scopes), ref(v.CreatedBy), v.CreatedAt, v.ExpiresAt)
	return v.ID, err
}

// GetByHash implements store.ServiceTokens.
func (t serviceTokens) GetByHash(ctx context.Context, hash [32]byte) (store.ServiceToken, error) {
	v, err := get(ctx, t.tx, tokenMissing, scanToken, tokenSelect+` WHERE token_hash = ?`, hash[:])
	if err == nil {
		v.TokenHash = hash
	}
	return v, err
}

// Touch implements store.ServiceTokens.
func (t serviceTokens) Touch(ctx context.Context, id int64, when time.Time) error {
	return t.must(ctx, tokenMissing, `UPDATE service_tokens SET used_at = ? WHERE id = ?`, when, id)
}

// Revoke implements store.ServiceTokens.
func (t serviceTokens) Revoke(ctx context.Context, id int64, when time.Time) error {
	return t.must(ctx, tokenMissing, `UPDATE service_tokens SET revoked_at = COALESCE(revoked_at, ?) WHERE id = ?`, when, id)
}

// List implements store.ServiceTokens.
func (t serviceTokens) List(ctx context.Context) ([]store.ServiceToken, error) {
	return list(ctx, t.tx, scanToken, tokenSelect+` ORDER BY id DESC`)
}

// Add implements store.Looks.
func (t looks) Add(ctx context.Context, l store.Look) error {
	_, err := t.exec(ctx, `INSERT INTO contact_looks (submission_id, user_id, role, agency, looked_at, reason) VALUES (?, ?, ?, ?, ?, ?)`,
		int64(l.Submission), ref(l.User), string(l.Role), string(l.Agency), l.At, l.Reason)
	return err
}

// List implements store.Looks.
func (t looks) List(ctx context.Context, q store.LooksQuery) (store.LooksPage, error) {
	where, args := ` WHERE TRUE`, []any{}
	narrow := func(condition string, arg any) { where, args = where+condition, append(args, arg) }
	if q.Scope != nil {
		narrow(` AND l.agency IN LIST(?)`, t.d.set(texts(q.Scope)))
	}
	if q.Submission != 0 {
		narrow(` AND l.submission_id = ?`, int64(q.Submission))
	}
	if q.User != 0 {
		narrow(` AND l.user_id = ?`, int64(q.User))
	}
	total, err := t.count(ctx, `SELECT count(*) FROM contact_looks l`+where, args...)
	if err != nil {
		return store.LooksPage{}, err
	}
	items, err := list(ctx, t.tx, func(r row) (l store.Look, err error) {
		return l, r.Scan(&l.ID, &l.Submission, &l.Code, id(&l.User), &l.UserName, &l.Role, &l.Agency, at(&l.At), &l.Reason)
	}, `SELECT l.id, l.submission_id, s.code, l.user_id, COALESCE(u.name, ''), l.role, l.agency, l.looked_at, l.reason
		FROM contact_looks l JOIN submissions s ON s.id = l.submission_id LEFT JOIN users u ON u.id = l.user_id`+where+
		` ORDER BY l.id DESC LIMIT ? OFFSET ?`, append(args, q.PerPage, (q.Page-1)*q.PerPage)...)
	return store.LooksPage{Total: total, Items: items}, err
}

// Add implements store.AccountChanges.
func (t accountChanges) Add(ctx context.Context, c store.AccountChange) error {
	_, err := t.exec(ctx, `INSERT INTO account_changes (user_id, by_user, changed_at, what, detail) VALUES (?, ?, ?, ?, ?)`,
		int64(c.User), ref(c.By), c.At, c.What, c.Detail)
	return err
}

// List implements store.AccountChanges.
func (t accountChanges) List(ctx context.Context, user civic.UserID, limit int) ([]store.AccountChange, error) {
	return list(ctx, t.tx, func(r row) (c store.AccountChange, err error) {
		return c, r.Scan(&c.ID, &c.User, id(&c.By), &c.ByName, at(&c.At), &c.What, &c.Detail)
	}, `SELECT c.id, c.user_id, c.by_user, COALESCE(u.name, ''), c.changed_at, c.what, c.detail
		FROM account_changes c LEFT JOIN users u ON u.id = c.by_user WHERE c.user_id = ? ORDER BY c.id DESC LIMIT ?`, int64(user), limit)
}
