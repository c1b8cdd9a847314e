package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// tokenPrefix begins every token of a service account, so that one that leaked
// into a repository or a log can be found by a search.
const tokenPrefix = "hks_"

// maxTokenTime bounds how long a token lasts: whoever runs the program must
// look at it once a year.
const maxTokenTime = 366 * 24 * time.Hour

// NewToken is a token to be made.
type NewToken struct {
	Account   civic.UserID
	Name      string // what it is for
	Scopes    []civic.Permission
	ExpiresAt time.Time
}

// IssueToken makes a token for a service account. The token is returned once
// and kept nowhere; its hash is.
func (s *Service) IssueToken(ctx context.Context, actor civic.Actor, n NewToken) (string, error) {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return "", err
	}
	now := s.Now()
	n.Name = strings.TrimSpace(vitext.Normalize(n.Name))
	if err := checkToken(n, now); err != nil {
		return "", err
	}
	secret, err := s.draw()
	if err != nil {
		return "", err
	}
	token := tokenPrefix + secret
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		u, err := tx.Users().Get(ctx, n.Account)
		if err != nil {
			return err
		}
		if u.Role != civic.RoleService || !u.Active {
			return errs.New(errs.Conflict, "token.not_a_service")
		}
		_, err = tx.ServiceTokens().Add(ctx, store.ServiceToken{
			User: u.ID, Name: n.Name, TokenHash: sha256.Sum256([]byte(token)), Scopes: civic.TokenScopesOf(n.Scopes...),
			CreatedBy: actor.User, CreatedAt: now, ExpiresAt: n.ExpiresAt,
		})
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, u.ID, changeTokenIssued, n.Name)
	})
	if err != nil {
		return "", fmt.Errorf("issue a token: %w", err)
	}
	return token, nil
}

func checkToken(n NewToken, now time.Time) error {
	wrong := errs.FieldsOf(civic.CheckLength("name", n.Name, 1, civic.MaxName))
	if len(n.Scopes) == 0 {
		wrong = append(wrong, errs.Field{Name: "scopes", Code: "field.required"})
	}
	for _, p := range n.Scopes {
		if !slices.Contains(civic.ServiceScopes, p) {
			wrong = append(wrong, errs.Field{Name: "scopes", Code: "field.unknown_value"})
			break
		}
	}
	if !n.ExpiresAt.After(now) || n.ExpiresAt.After(now.Add(maxTokenTime)) {
		wrong = append(wrong, errs.Field{Name: "expires", Code: "token.expiry"})
	}
	return errs.InvalidFields(wrong...)
}

// RevokeToken ends a token at once and for good.
func (s *Service) RevokeToken(ctx context.Context, actor civic.Actor, id int64) error {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		all, err := tx.ServiceTokens().List(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(t store.ServiceToken) bool { return t.ID == id })
		if i < 0 {
			return errs.New(errs.NotFound, "token.not_found")
		}
		if err := tx.ServiceTokens().Revoke(ctx, id, s.Now()); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, all[i].User, changeTokenRevoked, all[i].Name)
	})
	if err != nil {
		return fmt.Errorf("revoke the token: %w", err)
	}
	return nil
}

// Tokens lists the tokens of the service accounts within the actor's reach, the
// newest first.
func (s *Service) Tokens(ctx context.Context, actor civic.Actor) (list []store.ServiceToken, err error) {
	if err := actor.CheckPermission(civic.SeeUsers); err != nil {
		return nil, err
	}
	users, err := s.List(ctx, actor)
	if err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		list, err = tx.ServiceTokens().List(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	return slices.DeleteFunc(list, func(t store.ServiceToken) bool {
		return !slices.ContainsFunc(users, func(u civic.User) bool { return u.ID == t.User })
	}), nil
}

// AuthenticateCaller is Authenticate for programs as well: it takes the token
// of a service account, which opens the API and never a page.
func (s *Service) AuthenticateCaller(ctx context.Context, token string) (civic.Actor, error) {
	if !strings.HasPrefix(token, tokenPrefix) {
		return s.Authenticate(ctx, token)
	}
	now := s.Now()
	var (
		t store.ServiceToken
		u civic.User
	)
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if t, err = tx.ServiceTokens().GetByHash(ctx, sha256.Sum256([]byte(token))); err != nil {
			return err
		}
		u, err = tx.Users().Get(ctx, t.User)
		return err
	})
	switch {
	case err != nil && errs.KindOf(err) == errs.NotFound:
		return civic.Actor{}, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	case err != nil:
		return civic.Actor{}, fmt.Errorf("look up the token: %w", err)
	case !now.Before(t.ExpiresAt) || !t.RevokedAt.IsZero() || !u.Active || u.Role != civic.RoleService:
		return civic.Actor{}, errs.New(errs.Unauthenticated, "actor.session_ended")
	}
	if now.Sub(t.UsedAt) >= touchEvery {
		if err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.ServiceTokens().Touch(ctx, t.ID, now) }); err != nil {
			return civic.Actor{}, fmt.Errorf("note the use of a token: %w", err)
		}
	}
	actor := civic.StaffOf(u)
	actor.Scopes = t.Scopes
	return actor, nil
}

// draw returns 256 bits that cannot be guessed, as 43 characters.
func (s *Service) draw() (string, error) {
	raw := make([]byte, 32)
	if _, err := io.ReadFull(s.Random, raw); err != nil {
		return "", fmt.Errorf("draw a secret: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}
