package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
)

// perCeremony bounds how many challenges a network can make us keep.
var perCeremony = limit.Rule{Name: "passkey", Burst: 50, Every: 5 * time.Second}

// BeginPasskeySignIn asks whoever is there for a passkey. Nobody is named, so
// nothing is told about who has an account.
func (s *Service) BeginPasskeySignIn(ctx context.Context, client string) (Ceremony, error) {
	if !s.Passkeys.SignsIn() {
		return Ceremony{}, errs.New(errs.NotFound, "passkey.off")
	}
	if v := s.Limits.Allow(ctx, perCeremony, s.Keys.Pseudonym(perCeremony.Name, client)); !v.Allowed {
		return Ceremony{}, &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
	}
	// The device must have checked the person: then it is two factors in one.
	assertion, session, err := s.Passkeys.rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.addCeremony(ctx, stepPasskey, 0, assertion.Response, session)
}

// FinishPasskeySignIn ends what BeginPasskeySignIn began. Whatever is wrong, it
// is Unauthenticated with code passkey.refused; only the owner of a passkey of
// which there may be a copy is told more: passkey.doubted.
func (s *Service) FinishPasskeySignIn(ctx context.Context, token, response string, a Attempt) (SignedIn, error) {
	if !s.Passkeys.SignsIn() {
		return SignedIn{}, errs.New(errs.NotFound, "passkey.off")
	}
	_, k, err := s.takeCeremony(ctx, stepPasskey, token)
	if err != nil {
		return SignedIn{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(response))
	if err != nil {
		return SignedIn{}, errs.Wrap(errs.Unauthenticated, "passkey.refused", err)
	}
	key, u, err := s.passkeyUser(ctx, parsed.RawID)
	if err != nil {
		return SignedIn{}, err
	}
	owner := s.keyOwner(u, []store.Passkey{key})
	_, proved, err := s.Passkeys.rp.ValidatePasskeyLogin(func(_, _ []byte) (webauthn.User, error) { return owner, nil }, k.Session, parsed)
	if err != nil {
		return SignedIn{}, errs.Wrap(errs.Unauthenticated, "passkey.refused", err)
	}
	if err := s.usePasskey(ctx, key, proved); err != nil {
		return SignedIn{}, err
	}
	return s.open(ctx, u, HowPasskey, a)
}

// passkeyUser returns the passkey that a device named and whose it is.
func (s *Service) passkeyUser(ctx context.Context, credentialID []byte) (key store.Passkey, u civic.User, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if key, err = tx.Passkeys().GetByCredential(ctx, credentialID); err != nil {
			return err
		}
		u, err = tx.Users().Get(ctx, key.User)
		return err
	})
	if err != nil && errs.KindOf(err) == errs.NotFound || err == nil && !u.Active {
		return key, u, errs.New(errs.Unauthenticated, "passkey.refused")
	}
	return key, u, err
}

// usePasskey notes that a passkey was proved. One whose count did not rise may
// have a copy: it opens nothing any more, and its owner is told.
func (s *Service) usePasskey(ctx context.Context, key store.Passkey, proved *webauthn.Credential) error {
	now, used := s.Now(), false
	err := s.Store.Do(ctx, func(tx store.Tx) (err error) {
		used, err = tx.Passkeys().Use(ctx, key.ID, proved.Authenticator.SignCount, byte(proved.Flags.ProtocolValue()), now)
		if err != nil || used {
			return err
		}
		if err := tx.Passkeys().Doubt(ctx, key.ID, now); err != nil || !key.DoubtedAt.IsZero() {
			return err
		}
		if err := s.mail(ctx, tx, key.User, MailPasskey, "", key.Name); err != nil {
			return err
		}
		return s.note(ctx, tx, civic.System, key.User, changePasskeyDoubted, key.Name)
	})
	if err != nil {
		return fmt.Errorf("note the use of a passkey: %w", err)
	}
	if !used {
		s.committed()
		return errs.New(errs.Unauthenticated, "passkey.doubted")
	}
	return nil
}

// FinishWithPasskey ends what BeginSecond began by a passkey in place of a code.
func (s *Service) FinishWithPasskey(ctx context.Context, token, response string, a Attempt) (SignedIn, error) {
	step, k, err := s.takeCeremony(ctx, stepCode, token)
	if err != nil {
		return SignedIn{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(response))
	if err != nil {
		return SignedIn{}, errs.Wrap(errs.Unauthenticated, "passkey.refused", err)
	}
	key, u, err := s.passkeyUser(ctx, parsed.RawID)
	if err != nil {
		return SignedIn{}, err
	}
	if u.ID != step.User {
		return SignedIn{}, errs.New(errs.Unauthenticated, "passkey.refused")
	}
	keys, err := s.passkeys(ctx, u.ID)
	if err != nil {
		return SignedIn{}, err
	}
	proved, err := s.Passkeys.rp.ValidateLogin(s.keyOwner(u, keys), k.Session, parsed)
	if err != nil {
		return SignedIn{}, errs.Wrap(errs.Unauthenticated, "passkey.refused", err)
	}
	if err := s.usePasskey(ctx, key, proved); err != nil {
		return SignedIn{}, err
	}
	return s.open(ctx, u, HowPasskey, a)
}
