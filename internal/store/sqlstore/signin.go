package sqlstore

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var (
	_ store.AccountLinks = accountLinks{}
	_ store.AccountMails = accountMails{}
	_ store.Identities   = identities{}
	_ store.SignInSteps  = signInSteps{}
)

type (
	accountLinks struct{ *tx }
	accountMails struct{ *tx }
	identities   struct{ *tx }
	signInSteps  struct{ *tx }
)

func (t *tx) AccountLinks() store.AccountLinks { return accountLinks{t} }
func (t *tx) AccountMails() store.AccountMails { return accountMails{t} }
func (t *tx) Identities() store.Identities     { return identities{t} }
func (t *tx) SignInSteps() store.SignInSteps   { return signInSteps{t} }

// Add implements store.AccountLinks.
func (t accountLinks) Add(ctx context.Context, l store.AccountLink) error {
	_, err := t.exec(ctx, `INSERT INTO account_links (token_hash, user_id, purpose, created_at, expires_at) VALUES (?, ?, ?, ?, ?)`,
		l.TokenHash[:], ref(l.User), string(l.Purpose), l.CreatedAt, l.ExpiresAt)
	return err
}

// Get implements store.AccountLinks.
func (t accountLinks) Get(ctx context.Context, tokenHash [32]byte) (store.AccountLink, error) {
	return get(ctx, t.tx, "link.not_found", func(r row) (store.AccountLink, error) {
		l := store.AccountLink{TokenHash: tokenHash}
		return l, r.Scan(id(&l.User), &l.Purpose, at(&l.CreatedAt), at(&l.ExpiresAt), at(&l.UsedAt))
	}, `SELECT user_id, purpose, created_at, expires_at, used_at FROM account_links WHERE token_hash = ?`, tokenHash[:])
}

// Use implements store.AccountLinks.
func (t accountLinks) Use(ctx context.Context, tokenHash [32]byte, when time.Time) (bool, error) {
	n, err := t.exec(ctx, `UPDATE account_links SET used_at = ? WHERE token_hash = ? AND used_at IS NULL`, when, tokenHash[:])
	return n == 1, err
}

// Void implements store.AccountLinks.
func (t accountLinks) Void(ctx context.Context, user civic.UserID, when time.Time) error {
	_, err := t.exec(ctx, `UPDATE account_links SET used_at = ? WHERE user_id = ? AND used_at IS NULL`, when, int64(user))
	return err
}

// RemoveExpired implements store.AccountLinks.
func (t accountLinks) RemoveExpired(ctx context.Context, before time.Time) (int, error) {
	return t.exec(ctx, `DELETE FROM account_links WHERE expires_at < ?`, before)
}

// Add implements store.AccountMails.
func (t accountMails) Add(ctx context.Context, m store.AccountMail) (int64, error) {
	err := t.scan(ctx, []any{&m.ID}, `INSERT INTO account_mails (user_id, kind, nonce, detail, state, created_at) VALUES (?, ?, ?, ?, 'queued', ?) RETURNING id`,
		ref(m.User), m.Kind, m.Nonce, m.Detail, m.CreatedAt)
	if err != nil {
		return 0, err
	}
	_, err = t.Outbox().Put(ctx, store.Job{Kind: store.JobAccountMail, Subject: m.ID, CreatedAt: m.CreatedAt})
	return m.ID, err
}

// Get implements store.AccountMails.
func (t accountMails) Get(ctx context.Context, mailID int64) (store.AccountMail, error) {
	return get(ctx, t.tx, "message.not_found", func(r row) (m store.AccountMail, err error) {
		return m, r.Scan(&m.ID, id(&m.User), &m.Kind, &m.Nonce, &m.Detail, &m.State, &m.Reason, at(&m.CreatedAt), at(&m.SettledAt))
	}, `SELECT id, user_id, kind, nonce, detail, state, reason, created_at, settled_at FROM account_mails WHERE id = ?`, mailID)
}

// Settle implements store.AccountMails.
func (t accountMails) Settle(ctx context.Context, id int64, state civic.MessageState, reason string, when time.Time) (bool, error) {
	if state != civic.MessageSent && state != civic.MessageNotSent {
		return false, errs.New(errs.Internal, "message.not_settled")
	}
	n, err := t.exec(ctx, `UPDATE account_mails SET state = ?, reason = ?, settled_at = ? WHERE id = ? AND state = 'queued'`, string(state), reason, when, id)
	if err != nil || n == 1 {
		return n == 1, err
	}
	_, err = t.Get(ctx, id)
	return false, err
}

// Since implements store.AccountMails.
func (t accountMails) Since(ctx context.Context, user civic.UserID, kind, detail string, from time.Time) (int, error) {
	return t.count(ctx, `SELECT count(*) FROM account_mails WHERE user_id = ? AND kind = ? AND detail = ? AND created_at >= ?`, int64(user), kind, detail, from)
}

// Add implements store.Identities.
func (t identities) Add(ctx context.Context, i store.Identity) error {
	n, err := t.exec(ctx, `INSERT INTO identities (issuer, subject, user_id, linked_at) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		i.Issuer, i.Subject, int64(i.User), i.LinkedAt)
	if err == nil && n == 0 {
		return errs.New(errs.Conflict, "identity.taken")
	}
	return err
}

func scanIdentity(r row) (i store.Identity, err error) {
	return i, r.Scan(&i.Issuer, &i.Subject, &i.User, at(&i.LinkedAt))
}

// Get implements store.Identities.
func (t identities) Get(ctx context.Context, issuer, subject string) (store.Identity, error) {
	return get(ctx, t.tx, "identity.not_found", scanIdentity,
		`SELECT issuer, subject, user_id, linked_at FROM identities WHERE issuer = ? AND subject = ?`, issuer, subject)
}

// ListUser implements store.Identities.
func (t identities) ListUser(ctx context.Context, user civic.UserID) ([]store.Identity, error) {
	return list(ctx, t.tx, scanIdentity, `SELECT issuer, subject, user_id, linked_at FROM identities WHERE user_id = ? ORDER BY linked_at`, int64(user))
}

// Add implements store.SignInSteps.
func (t signInSteps) Add(ctx context.Context, s store.SignInStep) error {
	_, err := t.exec(ctx, `INSERT INTO sign_in_steps (token_hash, kind, user_id, data, expires_at) VALUES (?, ?, ?, ?, ?)`,
		s.TokenHash[:], s.Kind, ref(s.User), s.Data, s.ExpiresAt)
	return err
}

// Get implements store.SignInSteps.
func (t signInSteps) Get(ctx context.Context, kind string, tokenHash [32]byte) (store.SignInStep, error) {
	return get(ctx, t.tx, "signin.step_not_found", func(r row) (store.SignInStep, error) {
		s := store.SignInStep{TokenHash: tokenHash, Kind: kind}
		return s, r.Scan(id(&s.User), &s.Data, at(&s.ExpiresAt))
	}, `SELECT user_id, data, expires_at FROM sign_in_steps WHERE kind = ? AND token_hash = ?`, kind, tokenHash[:])
}

// Take implements store.SignInSteps.
func (t signInSteps) Take(ctx context.Context, tokenHash [32]byte) (bool, error) {
	n, err := t.exec(ctx, `DELETE FROM sign_in_steps WHERE token_hash = ?`, tokenHash[:])
	return n == 1, err
}

// RemoveUser implements store.SignInSteps.
func (t signInSteps) RemoveUser(ctx context.Context, user civic.UserID) error {
	_, err := t.exec(ctx, `DELETE FROM sign_in_steps WHERE user_id = ?`, int64(user))
	return err
}

// RemoveExpired implements store.SignInSteps.
func (t signInSteps) RemoveExpired(ctx context.Context, before time.Time) (int, error) {
	return t.exec(ctx, `DELETE FROM sign_in_steps WHERE expires_at < ?`, before)
}
