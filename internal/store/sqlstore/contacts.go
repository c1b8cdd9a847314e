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
	const query = `SELECT c.sealed, k.wrapped_key, c.email_index, c.phone_index, k.destroyed_at IS NOT NULL
		FROM contacts c JOIN contact_keys k ON k.submission_id = c.submission_id WHERE c.submission_id = ?`
	var destroyed bool
	c, err := get(ctx, t.tx, contactMissing, func(r row) (c store.SealedContact, err error) {
		return c, r.Scan(&c.Sealed, &c.WrappedKey, &c.EmailIndex, &c.PhoneIndex, &destroyed)
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

// Replace implements store.Contacts.
func (t contacts) Replace(ctx context.Context, submission civic.SubmissionID, c store.SealedContact) error {
	if _, err := t.Get(ctx, submission); err != nil {
		return err
	}
	const update = `UPDATE contacts SET sealed = ?, email_index = ?, phone_index = ? WHERE submission_id = ?`
	if err := t.must(ctx, contactMissing, update, c.Sealed, c.EmailIndex, c.PhoneIndex, int64(submission)); err != nil {
		return err
	}
	return t.must(ctx, contactMissing, `UPDATE contact_keys SET wrapped_key = ? WHERE submission_id = ?`, c.WrappedKey, int64(submission))
}

// Find implements store.Contacts.
func (t contacts) Find(ctx context.Context, emailIndex, phoneIndex string, limit int) ([]civic.SubmissionID, error) {
	const query = `SELECT submission_id FROM contacts
		WHERE (email_index <> '' AND email_index = ?) OR (phone_index <> '' AND phone_index = ?) ORDER BY submission_id DESC LIMIT ?`
	return list(ctx, t.tx, scanInt[civic.SubmissionID], query, emailIndex, phoneIndex, limit)
}

// Destroy implements store.Contacts. A second call leaves the time of the
// first.
func (t contacts) Destroy(ctx context.Context, submission civic.SubmissionID, now time.Time) error {
	const query = `UPDATE contact_keys SET wrapped_key = NULL, destroyed_at = COALESCE(destroyed_at, ?) WHERE submission_id = ?`
	if err := t.must(ctx, contactMissing, query, now, int64(submission)); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE messages SET wrapped_key = NULL, sealed = NULL WHERE submission_id = ?`, int64(submission)); err != nil {
		return err
	}
	if _, err := t.exec(ctx, `UPDATE guardians SET wrapped_key = NULL, sealed = NULL WHERE submission_id = ?`, int64(submission)); err != nil {
		return err
	}
	return t.must(ctx, contactMissing, `UPDATE contacts SET email_index = '', phone_index = '' WHERE submission_id = ?`, int64(submission))
}
