package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// touchEvery spares a write for each request of a busy person.
const touchEvery = time.Minute

// SignedIn is a fresh sign-in. The token is told once and kept nowhere.
type SignedIn struct {
	Token     string // 43 characters, URL-safe
	User      civic.User
	ExpiresAt time.Time // at the latest
	// Known is what the browser keeps so that strangers' tries do not slow it.
	Known string
}

// Attempt is one try to sign in.
type Attempt struct {
	Email, Password string
	Code            string // of an authenticator app, or a recovery code; may be empty
	Client          string // the network address
	Device          string // what the browser calls itself
	Known           string // what an earlier sign-in left in the browser

	identity string // the identity token of a provider
}

// SignIn is Enter with address and password alone.
func (s *Service) SignIn(ctx context.Context, email, password, client string) (SignedIn, error) {
	return s.Enter(ctx, Attempt{Email: email, Password: password, Client: client})
}

// Enter checks address, password and, where the account has one, the second
// factor. A wrong pair is Unauthenticated with code signin.no_match, whether or
// not the account exists, after the same work. Only who knows the password
// learns that a code is wanted: signin.code_required, signin.code_wrong. Too
// many tries are RateLimited.
func (s *Service) Enter(ctx context.Context, a Attempt) (SignedIn, error) {
	a.Email = canonical(a.Email)
	if err := s.limit(ctx, a); err != nil {
		return SignedIn{}, err
	}
	u, err := s.userByEmail(ctx, a.Email)
	if err != nil {
		return SignedIn{}, fmt.Errorf("look up the account: %w", err)
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = decoyHash
	}
	match, err := s.compare(ctx, a.Password, hash)
	if err != nil {
		return SignedIn{}, fmt.Errorf("compare the password: %w", err)
	}
	if !match || u.ID == 0 || !u.Active || u.PasswordHash == "" {
		return SignedIn{}, errs.New(errs.Unauthenticated, "signin.no_match")
	}
	how := HowPassword
	required, err := s.second(ctx, u, a)
	if err != nil {
		return SignedIn{}, err
	}
	if required {
		how = HowCode
	}
	return s.open(ctx, u, how, a)
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

func (s *Service) user(ctx context.Context, id civic.UserID) (u civic.User, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		u, err = tx.Users().Get(ctx, id)
		return err
	})
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

// open begins a session with a new token.
func (s *Service) open(ctx context.Context, u civic.User, how string, a Attempt) (SignedIn, error) {
	token, err := s.draw()
	if err != nil {
		return SignedIn{}, err
	}
	known, err := s.markDevice(u.Email, a.Known)
	if err != nil {
		return SignedIn{}, err
	}
	now := s.Now()
	device := strings.ToValidUTF8(a.Device[:min(len(a.Device), maxDevice)], "")
	ses := store.Session{
		TokenHash: sha256.Sum256([]byte(token)), User: u.ID, CreatedAt: now, SeenAt: now, ExpiresAt: now.Add(s.Policy.idle()),
		Device: device, How: how,
	}
	if a.identity != "" {
		if ses.ProviderToken, err = s.Keys.SealDraft(providerSeal(ses.TokenHash), []byte(a.identity)); err != nil {
			return SignedIn{}, err
		}
	}
	stranger := s.knownDevice(u.Email, a.Known) == ""
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		if stranger {
			if err := s.tellNewDevice(ctx, tx, u, DeviceWords(device)); err != nil {
				return err
			}
		}
		if err := tx.Users().SignedIn(ctx, u.ID, now); err != nil {
			return err
		}
		return tx.Sessions().Add(ctx, ses)
	})
	if err != nil {
		return SignedIn{}, fmt.Errorf("open a session: %w", err)
	}
	s.committed()
	u.PasswordHash = ""
	return SignedIn{Token: token, User: u, ExpiresAt: now.Add(s.Policy.longest()), Known: known}, nil
}

// Authenticate returns the actor behind a session token, and notes that the
// person is there. An unknown, expired or ended session, or a closed account, is
// Unauthenticated.
func (s *Service) Authenticate(ctx context.Context, token string) (civic.Actor, error) {
	actor, ses, err := s.recognise(ctx, token)
	if now := s.Now(); err == nil && now.Sub(ses.SeenAt) >= touchEvery {
		err = s.Store.Do(ctx, func(tx store.Tx) error {
			return tx.Sessions().Touch(ctx, ses.TokenHash, now, now.Add(s.Policy.idle()))
		})
		if err != nil {
			return civic.Actor{}, fmt.Errorf("keep the session alive: %w", err)
		}
	}
	return actor, err
}

// Recognise is Authenticate for what a page asks by itself: nobody need sit
// before it, so that it keeps no session alive.
func (s *Service) Recognise(ctx context.Context, token string) (civic.Actor, error) {
	actor, _, err := s.recognise(ctx, token)
	return actor, err
}

func (s *Service) recognise(ctx context.Context, token string) (civic.Actor, store.Session, error) {
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
		return civic.Actor{}, ses, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	case err != nil:
		return civic.Actor{}, ses, fmt.Errorf("look up the session: %w", err)
	case !now.Before(ses.ExpiresAt) || !now.Before(ses.CreatedAt.Add(s.Policy.longest())) || !u.Active:
		return civic.Actor{}, ses, errs.New(errs.Unauthenticated, "actor.session_ended")
	}
	actor := civic.StaffOf(u)
	actor.Unproven = s.Policy.unproven(u.Role, ses.How)
	return actor, ses, nil
}

// SignOut ends the session with the token; an unknown one is no error. Where a
// provider answered for the person it returns the address at which the provider
// ends its own session, if it has one.
func (s *Service) SignOut(ctx context.Context, token string) (elsewhere string, err error) {
	hash := sha256.Sum256([]byte(token))
	var ses store.Session
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if ses, err = tx.Sessions().Get(ctx, hash); err != nil {
			return err
		}
		return tx.Sessions().Remove(ctx, hash)
	})
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return "", fmt.Errorf("end the session: %w", err)
	}
	if len(ses.ProviderToken) == 0 || s.Provider == nil {
		return "", nil
	}
	identity, err := s.Keys.OpenDraft(providerSeal(hash), ses.ProviderToken)
	if err != nil {
		return "", err
	}
	return s.Provider.signOut(ctx, string(identity)), nil
}

// Prune deletes expired sessions, links and steps.
func (s *Service) Prune(ctx context.Context) error {
	now := s.Now()
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if _, err := tx.AccountLinks().RemoveExpired(ctx, now.Add(-inviteTime)); err != nil {
			return err
		}
		if _, err := tx.SignInSteps().RemoveExpired(ctx, now); err != nil {
			return err
		}
		_, err := tx.Sessions().RemoveExpired(ctx, now)
		return err
	})
}

const (
	stepCode = "code"
	// stepTime is how long a person has to look at the telephone.
	stepTime = 5 * time.Minute
)

// BeginSecond is for pages: after Enter asked for a code, it checks the password
// once more and returns what stands for it while the person looks for the code.
// A passkey will do as well, where the account has one.
func (s *Service) BeginSecond(ctx context.Context, a Attempt) (Ceremony, error) {
	u, err := s.userByEmail(ctx, canonical(a.Email))
	if err != nil {
		return Ceremony{}, fmt.Errorf("look up the account: %w", err)
	}
	match, err := s.compare(ctx, a.Password, orDecoy(u.PasswordHash))
	if err != nil {
		return Ceremony{}, fmt.Errorf("compare the password: %w", err)
	}
	if !match || u.PasswordHash == "" || !u.Active {
		return Ceremony{}, errs.New(errs.Unauthenticated, "signin.no_match")
	}
	keys, err := s.passkeys(ctx, u.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if keys = usable(keys); len(keys) == 0 || !s.Passkeys.Ready() {
		token, err := s.addStep(ctx, stepCode, u.ID, "")
		return Ceremony{Step: token}, err
	}
	assertion, session, err := s.Passkeys.rp.BeginLogin(s.keyOwner(u, keys))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.addCeremony(ctx, stepCode, u.ID, assertion.Response, session)
}

// Second returns a second step that still waits, for who typed a wrong code.
func (s *Service) Second(ctx context.Context, token string) (Ceremony, error) {
	step, err := s.step(ctx, stepCode, token)
	if err != nil || step.Data == "" {
		return Ceremony{Step: token}, err
	}
	var k kept
	if err := json.Unmarshal([]byte(step.Data), &k); err != nil {
		return Ceremony{}, fmt.Errorf("read the step: %w", err)
	}
	return Ceremony{Step: token, Options: string(k.Options)}, nil
}

func orDecoy(hash string) string {
	if hash == "" {
		return decoyHash
	}
	return hash
}

// addStep stores a step and returns its token.
func (s *Service) addStep(ctx context.Context, kind string, user civic.UserID, data string) (string, error) {
	token, err := s.draw()
	if err != nil {
		return "", err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		return tx.SignInSteps().Add(ctx, store.SignInStep{
			TokenHash: sha256.Sum256([]byte(token)), Kind: kind, User: user, Data: data, ExpiresAt: s.Now().Add(stepTime),
		})
	})
	return token, err
}

// step returns a step that is not over. One that is unknown or over is
// Unauthenticated with code signin.step_over.
func (s *Service) step(ctx context.Context, kind, token string) (step store.SignInStep, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		step, err = tx.SignInSteps().Get(ctx, kind, sha256.Sum256([]byte(token)))
		return err
	})
	if err != nil && errs.KindOf(err) == errs.NotFound || err == nil && !s.Now().Before(step.ExpiresAt) {
		return store.SignInStep{}, errs.New(errs.Unauthenticated, "signin.step_over")
	}
	return step, err
}

// take finishes a step, once.
func (s *Service) take(ctx context.Context, token string) error {
	taken := false
	err := s.Store.Do(ctx, func(tx store.Tx) (err error) {
		taken, err = tx.SignInSteps().Take(ctx, sha256.Sum256([]byte(token)))
		return err
	})
	if err == nil && !taken {
		err = errs.New(errs.Unauthenticated, "signin.step_over")
	}
	return err
}

// FinishCode ends what BeginSecond began.
func (s *Service) FinishCode(ctx context.Context, token string, a Attempt) (SignedIn, error) {
	step, err := s.step(ctx, stepCode, token)
	if err != nil {
		return SignedIn{}, err
	}
	u, err := s.user(ctx, step.User)
	if err != nil {
		return SignedIn{}, err
	}
	if !u.Active {
		return SignedIn{}, errs.New(errs.Unauthenticated, "signin.no_match")
	}
	if required, err := s.second(ctx, u, a); err != nil || !required {
		return SignedIn{}, errOr(err, errs.New(errs.Unauthenticated, "signin.step_over"))
	}
	if err := s.take(ctx, token); err != nil {
		return SignedIn{}, err
	}
	return s.open(ctx, u, HowCode, a)
}
