package sqlstore

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var _ store.Users = users{}

const (
	userMissing = "user.not_found"
	userSelect  = `SELECT id, email, name, role, agency, password_hash, active, created_at, signed_in_at FROM users`
)

// errEmailTaken is the Conflict of an address that another account has.
func errEmailTaken() error { return errs.New(errs.Conflict, "user.email_taken") }

func scanUser(r row) (u civic.User, err error) {
	return u, r.Scan(&u.ID, &u.Email, &u.Name, &u.Role, &u.Agency, &u.PasswordHash, &u.Active, at(&u.CreatedAt), at(&u.SignedInAt))
}

// Addresses are stored in lower case by Go, whose rules reach beyond ASCII
// where SQLite's end; the index is the second guard.

// Add implements store.Users.
func (t users) Add(ctx context.Context, u civic.User) (civic.UserID, error) {
	const query = `INSERT INTO users (email, name, role, agency, password_hash, active, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING RETURNING id`
	err := t.scan(ctx, []any{&u.ID}, query, strings.ToLower(u.Email), u.Name, string(u.Role), string(u.Agency), u.PasswordHash, u.Active, u.CreatedAt)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, errEmailTaken()
	}
	return u.ID, err
}

// Get implements store.Users.
func (t users) Get(ctx context.Context, id civic.UserID) (civic.User, error) {
	return get(ctx, t.tx, userMissing, scanUser, userSelect+` WHERE id = ?`, int64(id))
}

// GetByEmail implements store.Users.
func (t users) GetByEmail(ctx context.Context, email string) (civic.User, error) {
	return get(ctx, t.tx, userMissing, scanUser, userSelect+` WHERE lower(email) = ?`, strings.ToLower(email))
}

// Update implements store.Users.
func (t users) Update(ctx context.Context, u civic.User) error {
	const query = `UPDATE users SET email = ?, name = ?, role = ?, agency = ?, password_hash = ?, active = ? WHERE id = ?`
	err := t.must(ctx, userMissing, query, strings.ToLower(u.Email), u.Name, string(u.Role), string(u.Agency), u.PasswordHash, u.Active, int64(u.ID))
	if errs.KindOf(err) == errs.Conflict { // the address is the only thing unique
		return errEmailTaken()
	}
	return err
}

// SignedIn implements store.Users.
func (t users) SignedIn(ctx context.Context, id civic.UserID, when time.Time) error {
	return t.must(ctx, userMissing, `UPDATE users SET signed_in_at = ? WHERE id = ?`, when, int64(id))
}

// List implements store.Users.
func (t users) List(ctx context.Context) ([]civic.User, error) {
	return list(ctx, t.tx, scanUser, userSelect+` ORDER BY lower(email)`)
}
