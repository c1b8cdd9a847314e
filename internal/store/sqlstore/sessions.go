package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Sessions = sessions{}

const sessionMissing = "session.not_found"

// Add implements store.Sessions.
func (t sessions) Add(ctx context.Context, s store.Session) error {
	const query = `INSERT INTO sessions (token_hash, user_id, created_at, seen_at, expires_at, device, how, proved_at, provider_token)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`
	_, err := t.exec(ctx, query, s.TokenHash[:], int64(s.User), s.CreatedAt, s.SeenAt, s.ExpiresAt, s.Device, s.How, opt(s.ProvedAt), s.ProviderToken)
	return err
}

// Get implements store.Sessions.
func (t sessions) Get(ctx context.Context, tokenHash [32]byte) (store.Session, error) {
	const query = `SELECT user_id, created_at, seen_at, expires_at, device, how, proved_at, provider_token FROM sessions WHERE token_hash = ?`
	return get(ctx, t.tx, sessionMissing, func(r row) (store.Session, error) {
		s := store.Session{TokenHash: tokenHash}
		err := r.Scan(&s.User, at(&s.CreatedAt), at(&s.SeenAt), at(&s.ExpiresAt), &s.Device, &s.How, at(&s.ProvedAt), &s.ProviderToken)
		return s, err
	}, query, tokenHash[:])
}

// Touch implements store.Sessions. A session that was ended meanwhile is
// NotFound.
func (t sessions) Touch(ctx context.Context, tokenHash [32]byte, seenAt, expiresAt time.Time) error {
	return t.must(ctx, sessionMissing, `UPDATE sessions SET seen_at = ?, expires_at = ? WHERE token_hash = ?`, seenAt, expiresAt, tokenHash[:])
}

// ListUser implements store.Sessions.
func (t sessions) ListUser(ctx context.Context, user civic.UserID) ([]store.Session, error) {
	return list(ctx, t.tx, func(r row) (s store.Session, err error) {
		var hash []byte
		err = r.Scan(&hash, &s.User, at(&s.CreatedAt), at(&s.SeenAt), at(&s.ExpiresAt), &s.Device, &s.How, at(&s.ProvedAt))
		copy(s.TokenHash[:], hash)
		return s, err
	}, `SELECT token_hash, user_id, created_at, seen_at, expires_at, device, how, proved_at FROM sessions
		WHERE user_id = ? ORDER BY seen_at DESC, token_hash`, int64(user))
}

// Prove implements store.Sessions.
func (t sessions) Prove(ctx context.Context, tokenHash [32]byte, how string, when time.Time) error {
	return t.must(ctx, sessionMissing, `UPDATE sessions SET proved_at = ?, how = ? WHERE token_hash = ?`, when, how, tokenHash[:])
}

// Remove implements store.Sessions.
func (t sessions) Remove(ctx context.Context, tokenHash [32]byte) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE token_hash = ?`, tokenHash[:])
	return err
}

// RemoveUser implements store.Sessions.
func (t sessions) RemoveUser(ctx context.Context, user civic.UserID) error {
	_, err := t.exec(ctx, `DELETE FROM sessions WHERE user_id = ?`, int64(user))
	return err
}

// RemoveExpired implements store.Sessions.
func (t sessions) RemoveExpired(ctx context.Context, now time.Time) (int, error) {
	return t.exec(ctx, `DELETE FROM sessions WHERE expires_at < ?`, now)
}
