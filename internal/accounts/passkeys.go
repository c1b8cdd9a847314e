package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Passkeys is where and how passkeys are taken. They are bound to one address:
// a key made there answers to no other, which is what phishing fails at.
type Passkeys struct {
	// Origin is the only address at which they work, such as
	// https://hienke.example.vn.
	Origin string
	// Alone tells that a passkey whose device checked the person signs in
	// without a password.
	Alone bool

	rp *webauthn.WebAuthn // nil: browsers make no passkeys at this address
}

// NewPasskeys prepares passkeys for the public address.
func NewPasskeys(publicURL string, alone bool) (*Passkeys, error) {
	p := &Passkeys{Origin: publicURL, Alone: alone}
	u, err := url.Parse(publicURL)
	if err != nil {
		return nil, fmt.Errorf("read the public address: %w", err)
	}
	// Browsers want https, or this very machine, and a name instead of a number.
	if host := u.Hostname(); net.ParseIP(host) != nil || u.Scheme != "https" && host != "localhost" && !strings.HasSuffix(host, ".localhost") {
		return p, nil
	}
	p.rp, err = webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: issuer, RPOrigins: []string{publicURL},
		AttestationPreference: protocol.PreferNoAttestation, // whose make a key is, is the person's choice
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationPreferred,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("prepare passkeys: %w", err)
	}
	return p, nil
}

// Ready reports whether browsers make passkeys at the public address.
func (p *Passkeys) Ready() bool { return p != nil && p.rp != nil }

// SignsIn reports whether a passkey opens the door without a password.
func (p *Passkeys) SignsIn() bool { return p.Ready() && p.Alone }

const (
	// stepNewPasskey and stepPasskey wait for a device; a second step waits for
	// a code or a passkey, whichever comes.
	stepNewPasskey = "passkey_new"
	stepPasskey    = "passkey"
	// maxPasskeys is how many passkeys an account may have: a telephone, a
	// computer, a stick and what came before them.
	maxPasskeys = 10
	// maxPasskeyName bounds what a passkey is called, in letters.
	maxPasskeyName = 60
)

// Ceremony is what a browser needs to make a passkey or to prove one.
type Ceremony struct {
	Step    string // names it; it is good once
	Options string // the options of the browser's own call, as JSON
}

// kept is what must come back from a device unchanged.
type kept struct {
	Options json.RawMessage
	Session webauthn.SessionData
}

// keyOwner is an account as WebAuthn sees it.
type keyOwner struct {
	handle []byte // says nothing to whoever reads the device
	user   civic.User
	keys   []store.Passkey
}

func (s *Service) keyOwner(u civic.User, keys []store.Passkey) keyOwner {
	handle := sha256.Sum256([]byte(s.Keys.Stamp("passkey owner", fmt.Sprint(u.ID))))
	return keyOwner{handle[:], u, keys}
}

// WebAuthnID implements webauthn.User.
func (o keyOwner) WebAuthnID() []byte { return o.handle }

// WebAuthnName implements webauthn.User.
func (o keyOwner) WebAuthnName() string { return o.user.Email }

// WebAuthnDisplayName implements webauthn.User.
func (o keyOwner) WebAuthnDisplayName() string { return o.user.Name }

// WebAuthnCredentials implements webauthn.User.
func (o keyOwner) WebAuthnCredentials() []webauthn.Credential {
	var out []webauthn.Credential
	for _, k := range o.keys {
		c := webauthn.Credential{
			ID: k.CredentialID, PublicKey: k.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
			Authenticator: webauthn.Authenticator{SignCount: k.SignCount},
		}
		for _, t := range strings.Fields(k.Transports) {
			c.Transport = append(c.Transport, protocol.AuthenticatorTransport(t))
		}
		out = append(out, c)
	}
	return out
}

// usable leaves out the passkeys of which there may be a copy.
func usable(keys []store.Passkey) (out []store.Passkey) {
	for _, k := range keys {
		if k.DoubtedAt.IsZero() {
			out = append(out, k)
		}
	}
	return out
}

// BeginPasskey asks the person's device for a new passkey, after the password
// was proved.
func (s *Service) BeginPasskey(ctx context.Context, actor civic.Actor, password string) (Ceremony, error) {
	if !s.Passkeys.Ready() {
		return Ceremony{}, errs.New(errs.NotFound, "passkey.off")
	}
	u, err := s.confirm(ctx, actor, password)
	if err != nil {
		return Ceremony{}, err
	}
	keys, err := s.passkeys(ctx, u.ID)
	if err != nil {
		return Ceremony{}, err
	}
	if len(keys) >= maxPasskeys {
		return Ceremony{}, errs.New(errs.Conflict, "passkey.too_many")
	}
	owner := s.keyOwner(u, keys)
	creation, session, err := s.Passkeys.rp.BeginRegistration(owner, webauthn.WithExclusions(webauthn.Credentials(owner.WebAuthnCredentials()).CredentialDescriptors()))
	if err != nil {
		return Ceremony{}, fmt.Errorf("ask for a passkey: %w", err)
	}
	return s.addCeremony(ctx, stepNewPasskey, u.ID, creation.Response, session)
}

func (s *Service) passkeys(ctx context.Context, user civic.UserID) (keys []store.Passkey, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		keys, err = tx.Passkeys().ListUser(ctx, user)
		return err
	})
	return keys, err
}

// addCeremony keeps what was asked for until the device answers.
func (s *Service) addCeremony(ctx context.Context, kind string, user civic.UserID, options any, session *webauthn.SessionData) (c Ceremony, err error) {
	encoded, err := json.Marshal(options)
	if err != nil {
		return Ceremony{}, fmt.Errorf("write the options: %w", err)
	}
	data, err := json.Marshal(kept{encoded, *session})
	if err != nil {
		return Ceremony{}, fmt.Errorf("keep the step: %w", err)
	}
	c.Options = string(encoded)
	c.Step, err = s.addStep(ctx, kind, user, string(data))
	return c, err
}

// takeCeremony ends a step, whatever comes of it: each challenge is good once.
func (s *Service) takeCeremony(ctx context.Context, kind, token string) (step store.SignInStep, k kept, err error) {
	if !s.Passkeys.Ready() {
		return step, k, errs.New(errs.NotFound, "passkey.off")
	}
	if step, err = s.step(ctx, kind, token); err != nil {
		return step, k, err
	}
	if err = s.take(ctx, token); err != nil {
		return step, k, err
	}
	if step.Data == "" { // a second step that was not offered a passkey
		return step, k, errs.New(errs.Unauthenticated, "passkey.refused")
	}
	if err = json.Unmarshal([]byte(step.Data), &k); err != nil {
		return step, k, fmt.Errorf("read the step: %w", err)
	}
	return step, k, nil
}

// NewPasskey is what a device made, and what its owner calls it.
type NewPasskey struct {
	Step, Name string
	Response   string // of the browser's own call, as JSON
}

// ConfirmPasskey keeps the passkey that a device made. The session of the token
// counts as proved. Recovery codes are returned where the account had none:
// they are shown once.
func (s *Service) ConfirmPasskey(ctx context.Context, actor civic.Actor, token string, n NewPasskey) ([]string, error) {
	name, err := passkeyName(n.Name)
	if err != nil {
		return nil, err
	}
	step, k, err := s.takeCeremony(ctx, stepNewPasskey, n.Step)
	if err != nil {
		return nil, err
	}
	if step.User != actor.User {
		return nil, errs.New(errs.Unauthenticated, "signin.step_over")
	}
	u, err := s.user(ctx, step.User)
	if err != nil {
		return nil, err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(n.Response))
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "passkey.refused", err)
	}
	made, err := s.Passkeys.rp.CreateCredential(s.keyOwner(u, nil), k.Session, parsed)
	if err != nil {
		return nil, errs.Wrap(errs.Invalid, "passkey.refused", err)
	}
	codes, hashes, err := s.drawRecovery(u.ID)
	if err != nil {
		return nil, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		left, err := tx.Factors().CountRecovery(ctx, u.ID)
		if err != nil {
			return err
		}
		if left > 0 {
			codes = nil
		} else if err := tx.Factors().PutRecovery(ctx, u.ID, hashes); err != nil {
			return err
		}
		return s.addPasskey(ctx, tx, actor, sha256.Sum256([]byte(token)), passkeyOf(u.ID, name, made))
	})
	if err != nil {
		return nil, fmt.Errorf("keep a passkey: %w", err)
	}
	s.committed()
	return codes, nil
}

func passkeyOf(user civic.UserID, name string, c *webauthn.Credential) store.Passkey {
	transports := make([]string, len(c.Transport))
	for i, t := range c.Transport {
		transports[i] = string(t)
	}
	return store.Passkey{
		User: user, Name: name, CredentialID: c.ID, PublicKey: c.PublicKey, Flags: byte(c.Flags.ProtocolValue()),
		Transports: strings.Join(transports, " "), SignCount: c.Authenticator.SignCount,
	}
}

func (s *Service) addPasskey(ctx context.Context, tx store.Tx, actor civic.Actor, session [32]byte, p store.Passkey) error {
	p.CreatedAt = s.Now()
	if _, err := tx.Passkeys().Add(ctx, p); err != nil {
		return err
	}
	if err := tx.Sessions().Prove(ctx, session, HowPasskey, p.CreatedAt); err != nil {
		return err
	}
	if err := s.mail(ctx, tx, p.User, MailFactors, "", ""); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, p.User, changePasskeyAdded, p.Name)
}

func passkeyName(name string) (string, error) {
	name = strings.TrimSpace(vitext.Normalize(name))
	return name, civic.CheckLength("name", name, 1, maxPasskeyName)
}

// RenamePasskey gives one of the actor's own passkeys another name.
func (s *Service) RenamePasskey(ctx context.Context, actor civic.Actor, id int64, name string) error {
	if actor.Kind != civic.ActorStaff || actor.User == 0 {
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	name, err := passkeyName(name)
	if err != nil {
		return err
	}
	if err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Passkeys().Rename(ctx, actor.User, id, name) }); err != nil {
		return fmt.Errorf("rename a passkey: %w", err)
	}
	return nil
}

// RemovePasskey takes one of the actor's own passkeys away, after the password
// was proved. All sessions end, those on a lost device above all.
func (s *Service) RemovePasskey(ctx context.Context, actor civic.Actor, id int64, password string) error {
	if _, err := s.confirm(ctx, actor, password); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Passkeys().Remove(ctx, actor.User, id); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, actor.User, changePasskeyRemoved, ""); err != nil {
			return err
		}
		return s.factorRemoved(ctx, tx, actor.User)
	})
	if err != nil {
		return fmt.Errorf("remove a passkey: %w", err)
	}
	s.committed()
	return nil
}

// factorRemoved follows the end of a factor: the owner is told, recovery codes
// of an account without any factor go too, and every session ends, since one
// that was proved by it is not any more.
func (s *Service) factorRemoved(ctx context.Context, tx store.Tx, user civic.UserID) error {
	if err := s.mail(ctx, tx, user, MailFactors, "", ""); err != nil {
		return err
	}
	f, err := readFactors(ctx, tx, user)
	if err != nil {
		return err
	}
	if !f.any() {
		if err := tx.Factors().RemoveRecovery(ctx, user); err != nil {
			return err
		}
	}
	return endAll(ctx, tx, user)
}
