package sqlstore

import (
	"context"
	"time"

	"hienke/internal/store"
)

var _ store.Leases = leases{}

// Take implements store.Leases. One statement decides, so that of two who ask
// at the same moment one gets it.
func (t leases) Take(ctx context.Context, name, holder string, now time.Time, ttl time.Duration) (bool, error) {
	const query = `INSERT INTO leases (name, holder, expires_at) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, expires_at = excluded.expires_at
		WHERE leases.holder = excluded.holder OR leases.expires_at <= ?`
	n, err := t.exec(ctx, query, name, holder, now.Add(ttl), now)
	return n == 1, err
}

// Release implements store.Leases.
func (t leases) Release(ctx context.Context, name, holder string) error {
	_, err := t.exec(ctx, `DELETE FROM leases WHERE name = ? AND holder = ?`, name, holder)
	return err
}
