package sqlstore

import (
	"context"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Drafts = drafts{}

const draftMissing = "draft.not_found"

// Add implements store.Drafts.
func (t drafts) Add(ctx context.Context, d store.Draft) error {
	const query = `INSERT INTO drafts (token_hash, sealed, version, created_at, changed_at, expires_at, sent_code)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	n, err := t.exec(ctx, query, d.TokenHash[:], d.Sealed, d.Version, d.CreatedAt, d.ChangedAt, d.ExpiresAt, string(d.Sent))
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "draft.taken")
	}
	return err
}

// Get implements store.Drafts.
func (t drafts) Get(ctx context.Context, tokenHash [32]byte) (store.Draft, error) {
	const query = `SELECT sealed, version, created_at, changed_at, expires_at, sent_code FROM drafts WHERE token_hash = ?`
	return get(ctx, t.tx, draftMissing, func(r row) (store.Draft, error) {
		d := store.Draft{TokenHash: tokenHash}
		err := r.Scan(&d.Sealed, &d.Version, at(&d.CreatedAt), at(&d.ChangedAt), at(&d.ExpiresAt), &d.Sent)
		return d, err
	}, query, tokenHash[:])
}

// Lock implements store.Drafts.
func (t drafts) Lock(ctx context.Context, tokenHash [32]byte) (store.Draft, error) {
	// A statement that changes nothing locks the row on both databases.
	if _, err := t.exec(ctx, `UPDATE drafts SET version = version WHERE token_hash = ?`, tokenHash[:]); err != nil {
		return store.Draft{}, err
	}
	return t.Get(ctx, tokenHash)
}

// Update implements store.Drafts.
func (t drafts) Update(ctx context.Context, d store.Draft) error {
	const query = `UPDATE drafts SET sealed = ?, version = ?, changed_at = ?, expires_at = ?, sent_code = ?
		WHERE token_hash = ? AND version = ?`
	n, err := t.exec(ctx, query, d.Sealed, d.Version, d.ChangedAt, d.ExpiresAt, string(d.Sent), d.TokenHash[:], d.Version-1)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "draft.version_mismatch")
	}
	return err
}

// RemoveExpired implements store.Drafts.
func (t drafts) RemoveExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	const query = `DELETE FROM drafts WHERE token_hash IN (SELECT token_hash FROM drafts WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`
	return t.exec(ctx, query, now, limit)
}
