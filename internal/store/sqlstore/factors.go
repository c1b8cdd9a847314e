package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Factors = factors{}

type factors struct{ *tx }

func (t *tx) Factors() store.Factors { return factors{t} }

// PutTOTP implements store.Factors.
func (t factors) PutTOTP(ctx context.Context, v store.TOTP) error {
	_, err := t.exec(ctx, `INSERT INTO totp_secrets (user_id, sealed, created_at, confirmed_at, last_step) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, created_at = excluded.created_at,
		confirmed_at = excluded.confirmed_at, last_step = excluded.last_step`,
		int64(v.User), v.Sealed, v.CreatedAt, opt(v.ConfirmedAt), v.LastStep)
	return err
}

// TOTP implements store.Factors.
func (t factors) TOTP(ctx context.Context, user civic.UserID) (store.TOTP, error) {
	return get(ctx, t.tx, "totp.not_found", func(r row) (store.TOTP, error) {
		v := store.TOTP{User: user}
		return v, r.Scan(&v.Sealed, at(&v.CreatedAt), at(&v.ConfirmedAt), &v.LastStep)
	}, `SELECT sealed, created_at, confirmed_at, last_step FROM totp_secrets WHERE user_id = ?`, int64(user))
}

// SpendStep implements store.Factors.
func (t factors) SpendStep(ctx context.Context, user civic.UserID, step int64) (bool, error) {
	n, err := t.exec(ctx, `UPDATE totp_secrets SET last_step = ? WHERE user_id = ? AND last_step < ?`, step, int64(user), step)
	return n == 1, err
}

// PutRecovery implements store.Factors.
func (t factors) PutRecovery(ctx context.Context, user civic.UserID, hashes [][32]byte) error {
	if _, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, int64(user)); err != nil {
		return err
	}
	for _, h := range hashes { // ten
		if _, err := t.exec(ctx, `INSERT INTO recovery_codes (user_id, code_hash) VALUES (?, ?)`, int64(user), h[:]); err != nil {
			return err
		}
	}
	return nil
}

// SpendRecovery implements store.Factors.
func (t factors) SpendRecovery(ctx context.Context, user civic.UserID, hash [32]byte, when time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE recovery_codes SET used_at = ? WHERE user_id = ? AND code_hash = ? AND used_at IS NULL`, when, int64(user), hash[:])
	return n == 1, err
}

// CountRecovery implements store.Factors.
func (t factors) CountRecovery(ctx context.Context, user civic.UserID) (int, error) {
	return t.count(ctx, `SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL`, int64(user))
}

// RemoveTOTP implements store.Factors.
func (t factors) RemoveTOTP(ctx context.Context, user civic.UserID) error {
	_, err := t.exec(ctx, `DELETE FROM totp_secrets WHERE user_id = ?`, int64(user))
	return err
}

// RemoveRecovery implements store.Factors.
func (t factors) RemoveRecovery(ctx context.Context, user civic.UserID) error {
	_, err := t.exec(ctx, `DELETE FROM recovery_codes WHERE user_id = ?`, int64(user))
	return err
}
