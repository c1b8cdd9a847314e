package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Handle names a session on a page. It opens nothing: what opens it is the
// token, of which only a hash is kept, and this is a hash of that.
func Handle(s store.Session) string {
	h := sha256.Sum256(s.TokenHash[:])
	return hex.EncodeToString(h[:8])
}

// HandleOf is the Handle of the session with a token.
func HandleOf(token string) string {
	return Handle(store.Session{TokenHash: sha256.Sum256([]byte(token))})
}

// EndSession ends one of the actor's own sessions. An unknown handle is
// NotFound, somebody else's too.
func (s *Service) EndSession(ctx context.Context, actor civic.Actor, handle string) error {
	return s.endOwn(ctx, actor, func(ses store.Session) bool { return Handle(ses) == handle }, true)
}

// EndOthers ends all of the actor's sessions but the one with the token.
func (s *Service) EndOthers(ctx context.Context, actor civic.Actor, token string) error {
	keep := HandleOf(token)
	return s.endOwn(ctx, actor, func(ses store.Session) bool { return Handle(ses) != keep }, false)
}

func (s *Service) endOwn(ctx context.Context, actor civic.Actor, which func(store.Session) bool, must bool) error {
	if actor.Kind != civic.ActorStaff || actor.User == 0 {
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		all, err := tx.Sessions().ListUser(ctx, actor.User)
		if err != nil {
			return err
		}
		ended := 0
		for _, ses := range all {
			if !which(ses) {
				continue
			}
			if err := tx.Sessions().Remove(ctx, ses.TokenHash); err != nil {
				return err
			}
			ended++
		}
		if must && ended == 0 {
			return errs.New(errs.NotFound, "session.not_found")
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// endAll ends every session of an account, and every sign-in of it that is under
// way: what was proved for it may hold no more.
func endAll(ctx context.Context, tx store.Tx, user civic.UserID) error {
	if err := tx.SignInSteps().RemoveUser(ctx, user); err != nil {
		return err
	}
	return tx.Sessions().RemoveUser(ctx, user)
}
