package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Passkeys = passkeys{}

type passkeys struct{ *tx }

func (t *tx) Passkeys() store.Passkeys { return passkeys{t} }

const (
	keyMissing = "passkey.not_found"
	keyColumns = `id, user_id, credential_id, public_key, flags, transports, sign_count, name, created_at, used_at, doubted_at`
)

func scanPasskey(r row) (p store.Passkey, err error) {
	return p, r.Scan(&p.ID, &p.User, &p.CredentialID, &p.PublicKey, &p.Flags, &p.Transports, &p.SignCount, &p.Name, at(&p.CreatedAt), at(&p.UsedAt), at(&p.DoubtedAt))
}

// Add implements store.Passkeys.
func (t passkeys) Add(ctx context.Context, p store.Passkey) (id int64, err error) {
	err = t.scan(ctx, []any{&id}, `INSERT INTO passkeys (user_id, credential_id, public_key, flags, transports, sign_count, name, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING id`,
		int64(p.User), p.CredentialID, p.PublicKey, int64(p.Flags), p.Transports, int64(p.SignCount), p.Name, p.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errs.New(errs.Conflict, "passkey.taken")
	}
	return id, err
}

// GetByCredential implements store.Passkeys.
func (t passkeys) GetByCredential(ctx context.Context, credentialID []byte) (store.Passkey, error) {
	return get(ctx, t.tx, keyMissing, scanPasskey, `SELECT `+keyColumns+` FROM passkeys WHERE credential_id = ?`, credentialID)
}

// ListUser implements store.Passkeys.
func (t passkeys) ListUser(ctx context.Context, user civic.UserID) ([]store.Passkey, error) {
	return list(ctx, t.tx, scanPasskey, `SELECT `+keyColumns+` FROM passkeys WHERE user_id = ? ORDER BY id`, int64(user))
}

// Use implements store.Passkeys.
func (t passkeys) Use(ctx context.Context, id int64, signCount uint32, flags byte, when time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE passkeys SET sign_count = ?, flags = ?, used_at = ?
		WHERE id = ? AND doubted_at IS NULL AND (sign_count < ? OR sign_count = 0 AND CAST(? AS bigint) = 0)`,
		int64(signCount), int64(flags), when, id, int64(signCount), int64(signCount))
	return n == 1, err
}

// Doubt implements store.Passkeys.
func (t passkeys) Doubt(ctx context.Context, id int64, when time.Time) error {
	_, err := t.exec(ctx, `UPDATE passkeys SET doubted_at = ? WHERE id = ? AND doubted_at IS NULL`, when, id)
	return err
}

// Rename implements store.Passkeys.
func (t passkeys) Rename(ctx context.Context, user civic.UserID, id int64, name string) error {
	return t.must(ctx, keyMissing, `UPDATE passkeys SET name = ? WHERE id = ? AND user_id = ?`, name, id, int64(user))
}

// Remove implements store.Passkeys.
func (t passkeys) Remove(ctx context.Context, user civic.UserID, id int64) error {
	return t.must(ctx, keyMissing, `DELETE FROM passkeys WHERE id = ? AND user_id = ?`, id, int64(user))
}

// RemoveUser implements store.Passkeys.
func (t passkeys) RemoveUser(ctx context.Context, user civic.UserID) error {
	_, err := t.exec(ctx, `DELETE FROM passkeys WHERE user_id = ?`, int64(user))
	return err
}
