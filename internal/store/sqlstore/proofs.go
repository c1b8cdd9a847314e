package sqlstore

import (
	"context"
	"time"

	"hienke/internal/store"
)

var _ store.Proofs = proofs{}

// Spend implements store.Proofs.
func (t proofs) Spend(ctx context.Context, n store.Nonce, expiresAt time.Time) (bool, error) {
	added, err := t.exec(ctx, `INSERT INTO proofs (nonce, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING`, n[:], expiresAt)
	return added == 1, err
}

// RemoveExpired implements store.Proofs.
func (t proofs) RemoveExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	const query = `DELETE FROM proofs WHERE nonce IN (SELECT nonce FROM proofs WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`
	return t.exec(ctx, query, now, limit)
}
