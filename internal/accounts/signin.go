package accounts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
)

// How long a sign-in lasts: unused, and at all. A working day of an office
// fits into the second.
const (
	idleTime    = 2 * time.Hour
	sessionTime = 12 * time.Hour
	// touchEvery spares a write for each request of a busy person.
	touchEvery = time.Minute
)

// Sign-in tries: per account, and per address whoever is tried.
var (
	perAccount = limit.Rule{Name: "signin-account", Burst: 10, Every: 30 * time.Second}
	perAddress = limit.Rule{Name: "signin-address", Burst: 50, Every: 5 * time.Second}
)

// SignedIn is a fresh sign-in. The token is told once and kept nowhere.
type SignedIn struct {
	Token     string // 43 characters, URL-safe
	User      civic.User
	ExpiresAt time.Time // at the latest
}

// SignIn checks address and password. A wrong pair is Unauthenticated with
// code signin.no_match, whether or not the account exists, after the same
// work; too many tries are RateLimited. client names the network address.
func (s *Service) SignIn(ctx context.Context, email, password, client string) (SignedIn, error) {
	email = canonical(email)
	if err := s.limit(ctx, email, client); err != nil {
		return SignedIn{}, err
	}
	u, err := s.userByEmail(ctx, email)
	if err != nil {
		return SignedIn{}, fmt.Errorf("look up the account: %w", err)
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = decoyHash
	}
	match, err := s.compare(ctx, password, hash)
	if err != nil {
		return SignedIn{}, fmt.Errorf("compare the password: %w", err)
	}
	if !match || u.ID == 0 || !u.Active {
		return SignedIn{}, errs.New(errs.Unauthenticated, "signin.no_match")
	}
	return s.open(ctx, u)
}

// limit counts a try, per account and per network address.
func (s *Service) limit(ctx context.Context, email, client string) error {
	for _, try := range []struct {
		rule limit.Rule
		key  string
	}{{perAccount, email}, {perAddress, client}} {
		if v := s.Limits.Allow(ctx, try.rule, s.Keys.Pseudonym(try.rule.Name, try.key)); !v.Allowed {
			return &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
		}
	}
	return nil
}

// decoyHash is compared when there is no such account, so that the answer
// takes as long. Nobody knows its password: the key is not a hash of anything.
const decoyHash = "$argon2id$v=19$m=65536,t=3,p=2$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

func (s *Service) userByEmail(ctx context.Context, email string) (civic.User, error) {
	var u civic.User
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		u, err = tx.Users().GetByEmail(ctx, email)
		return err
	})
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Invalid) { // Invalid: no text that can be stored
		return civic.User{}, nil
	}
	return u, err
}

// compare takes one hashing slot.
func (s *Service) compare(ctx context.Context, password, hash string) (bool, error) {
	if utf8.RuneCountInString(password) > MaxPassword {
		return false, nil
	}
	release, err := s.slot(ctx)
	if err != nil {
		return false, err
	}
	defer release()
	return argon2id.ComparePasswordAndHash(password, hash)
}

func (s *Service) slot(ctx context.Context) (func(), error) {
	select {
	case s.Hashing <- struct{}{}:
		return func() { <-s.Hashing }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *Service) open(ctx context.Context, u civic.User) (SignedIn, error) {
	token, err := s.draw()
	if err != nil {
		return SignedIn{}, err
	}
	now := s.Now()
	ses := store.Session{TokenHash: sha256.Sum256([]byte(token)), User: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(idleTime)}
	err = s.Store.Do(ctx, func(tx store.Tx) error { return tx.Sessions().Add(ctx, ses) })
	if err != nil {
		return SignedIn{}, fmt.Errorf("open a session: %w", err)
	}
	u.PasswordHash = ""
	return SignedIn{Token: token, User: u, ExpiresAt: now.Add(sessionTime)}, nil
}

// Authenticate returns the actor behind a session token. An unknown, expired
// or ended session, or a closed account, is Unauthenticated.
func (s *Service) Authenticate(ctx context.Context, token string) (civic.Actor, error) {
	now := s.Now()
	hash := sha256.Sum256([]byte(token))
	var ses store.Session
	var u civic.User
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		if ses, err = tx.Sessions().Get(ctx, hash); err != nil {
			return err
		}
		u, err = tx.Users().Get(ctx, ses.User)
		return err
	})
	switch {
	case err != nil && errs.KindOf(err) == errs.NotFound:
		return civic.Actor{}, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	case err != nil:
		return civic.Actor{}, fmt.Errorf("look up the session: %w", err)
	case !now.Before(ses.ExpiresAt) || !now.Before(ses.CreatedAt.Add(sessionTime)) || !u.Active:
		return civic.Actor{}, errs.New(errs.Unauthenticated, "actor.session_ended")
	}
	if now.Sub(ses.SeenAt) >= touchEvery {
		err := s.Store.Do(ctx, func(tx store.Tx) error {
			return tx.Sessions().Touch(ctx, hash, now, now.Add(idleTime))
		})
		if err != nil {
			return civic.Actor{}, fmt.Errorf("keep the session alive: %w", err)
		}
	}
	return civic.StaffOf(u), nil
}

// SignOut ends the session with the token; an unknown one is no error.
func (s *Service) SignOut(ctx context.Context, token string) error {
	hash := sha256.Sum256([]byte(token))
	return s.Store.Do(ctx, func(tx store.Tx) error { return tx.Sessions().Remove(ctx, hash) })
}

// Prune deletes expired sessions.
func (s *Service) Prune(ctx context.Context) error {
	now := s.Now()
	return s.Store.Do(ctx, func(tx store.Tx) error {
		_, err := tx.Sessions().RemoveExpired(ctx, now)
		return err
	})
}
