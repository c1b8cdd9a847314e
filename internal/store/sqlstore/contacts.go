package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Contacts = contacts{}

const contactMissing = "contact.not_found"

// Get implements store.Contacts.
func (t contacts) Get(ctx context.Context, submission civic.SubmissionID) (store.SealedContact, error) {
	const query = `SELECT c.sealed, k.wrapped_key, k.destroyed_at IS NOT NULL
		FROM contacts c JOIN contact_keys k ON k.submission_id = c.submission_id WHERE c.submission_id = ?`
	var destroyed bool
	c, err := get(ctx, t.tx, contactMissing, func(r row) (c store.SealedContact, err error) {
		return c, r.Scan(&c.Sealed, &c.WrappedKey, &destroyed)
	}, query, int64(submission))
	if err != nil {
		return store.SealedContact{}, err
	}
	if destroyed {
		return store.SealedContact{}, errs.New(errs.Gone, "contact.destroyed")
	}
	return c, nil
}

// Held implements store.Contacts.
func (t contacts) Held(ctx context.Context, ids []civic.SubmissionID) ([]civic.SubmissionID, error) {
	const query = `SELECT submission_id FROM contact_keys WHERE submission_id IN LIST(?) AND destroyed_at IS NULL ORDER BY submission_id`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, t.d.set(ints(ids)))
}

// Destroy implements store.Contacts. A second call leaves the time of the
// first.
func (t contacts) Destroy(ctx context.Context, submission civic.SubmissionID, now time.Time) error {
	const query = `UPDATE contact_keys SET wrapped_key = NULL, destroyed_at = COALESCE(destroyed_at, ?) WHERE submission_id = ?`
	return t.must(ctx, contactMissing, query, now, int64(submission))
}
