package accounts

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
)

const (
	// codeStep is how long a code of an authenticator app holds, as all apps
	// have it. A clock may be one step off.
	codeStep = 30 * time.Second
	codeSkew = 1
	// totpSecret is the length of a secret in bytes: 160 bits, RFC 4226.
	totpSecret = 20
	// recoveryCodes is how many recovery codes a person gets, each of
	// recoveryBytes: 10 letters and digits.
	recoveryCodes = 10
	recoveryBytes = 6
	// issuer is what the app shows beside the code.
	issuer = "Hiến Kế"
)

// Enrolment is a secret that an authenticator app takes over. It is shown until
// a first code proves that the app has it.
type Enrolment struct {
	Secret string // base32, for typing
	URL    string // otpauth://, for a QR code
}

// BeginCodes draws a secret for the actor's authenticator app, after the
// password was proved. The one before holds until ConfirmCodes.
func (s *Service) BeginCodes(ctx context.Context, actor civic.Actor, password string) error {
	u, err := s.confirm(ctx, actor, password)
	if err != nil {
		return err
	}
	secret := make([]byte, totpSecret)
	if _, err := io.ReadFull(s.Random, secret); err != nil {
		return fmt.Errorf("draw a secret: %w", err)
	}
	sealed, err := s.Keys.SealDraft(totpSeal(u.ID), secret)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		old, err := tx.Factors().TOTP(ctx, u.ID)
		if err == nil && !old.ConfirmedAt.IsZero() {
			return errs.New(errs.Conflict, "totp.on_already")
		}
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return err
		}
		return tx.Factors().PutTOTP(ctx, store.TOTP{User: u.ID, Sealed: sealed, CreatedAt: s.Now()})
	})
	if err != nil {
		return fmt.Errorf("begin codes: %w", err)
	}
	return nil
}

// PendingCodes returns the secret that waits for its first code, or NotFound.
func (s *Service) PendingCodes(ctx context.Context, actor civic.Actor) (Enrolment, error) {
	var (
		t store.TOTP
		u civic.User
	)
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if t, err = tx.Factors().TOTP(ctx, actor.User); err != nil {
			return err
		}
		u, err = tx.Users().Get(ctx, actor.User)
		return err
	})
	if err != nil {
		return Enrolment{}, err
	}
	if !t.ConfirmedAt.IsZero() {
		return Enrolment{}, errs.New(errs.NotFound, "totp.not_found")
	}
	secret, err := s.openTOTP(t)
	if err != nil {
		return Enrolment{}, err
	}
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil {
		return Enrolment{}, fmt.Errorf("read the secret: %w", err)
	}
	key, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: u.Email, Secret: raw, Period: uint(codeStep.Seconds())})
	if err != nil {
		return Enrolment{}, fmt.Errorf("write the secret: %w", err)
	}
	return Enrolment{Secret: secret, URL: key.URL()}, nil
}

// ConfirmCodes switches codes on with a first code, and returns the recovery
// codes, which are shown once. The session of the token counts as proved.
func (s *Service) ConfirmCodes(ctx context.Context, actor civic.Actor, token, code string) ([]string, error) {
	if err := s.limitCodes(ctx, fmt.Sprintf("%d confirm", actor.User)); err != nil {
		return nil, err
	}
	codes, hashes, err := s.drawRecovery(actor.User)
	if err != nil {
		return nil, err
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		t, err := tx.Factors().TOTP(ctx, actor.User)
		if err != nil {
			return err
		}
		step, ok, err := s.matches(t, code)
		if err != nil {
			return err
		}
		if !ok {
			return errs.InvalidFields(errs.Field{Name: "code", Code: "totp.wrong"})
		}
		t.ConfirmedAt, t.LastStep = now, step
		if err := tx.Factors().PutTOTP(ctx, t); err != nil {
			return err
		}
		if err := tx.Factors().PutRecovery(ctx, actor.User, hashes); err != nil {
			return err
		}
		if err := tx.Sessions().Prove(ctx, sha256.Sum256([]byte(token)), HowCode, now); err != nil {
			return err
		}
		return s.factorsChanged(ctx, tx, actor, actor.User)
	})
	if err != nil {
		return nil, fmt.Errorf("confirm codes: %w", err)
	}
	s.committed()
	return codes, nil
}

// NewRecoveryCodes replaces the recovery codes, after the password was proved.
func (s *Service) NewRecoveryCodes(ctx context.Context, actor civic.Actor, password string) ([]string, error) {
	if _, err := s.confirm(ctx, actor, password); err != nil {
		return nil, err
	}
	codes, hashes, err := s.drawRecovery(actor.User)
	if err != nil {
		return nil, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		f, err := readFactors(ctx, tx, actor.User)
		if err != nil {
			return err
		}
		if !f.any() {
			return errs.New(errs.NotFound, "totp.not_found")
		}
		if err := tx.Factors().PutRecovery(ctx, actor.User, hashes); err != nil {
			return err
		}
		return s.factorsChanged(ctx, tx, actor, actor.User)
	})
	if err != nil {
		return nil, fmt.Errorf("draw recovery codes: %w", err)
	}
	s.committed()
	return codes, nil
}

// RemoveCodes switches codes off, after the password was proved.
func (s *Service) RemoveCodes(ctx context.Context, actor civic.Actor, password string) error {
	if _, err := s.confirm(ctx, actor, password); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Factors().RemoveTOTP(ctx, actor.User); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, actor.User, changeFactors, ""); err != nil {
			return err
		}
		return s.factorRemoved(ctx, tx, actor.User)
	})
	if err != nil {
		return fmt.Errorf("remove codes: %w", err)
	}
	s.committed()
	return nil
}

// ResetFactors takes another person's second factor away, for who lost the
// device and the recovery codes. An administrator answers for who that is.
func (s *Service) ResetFactors(ctx context.Context, actor civic.Actor, id civic.UserID) error {
	return s.edit(ctx, actor, id, func(tx store.Tx, u *civic.User) (string, string, error) {
		if err := tx.Factors().RemoveTOTP(ctx, u.ID); err != nil {
			return "", "", err
		}
		if err := tx.Passkeys().RemoveUser(ctx, u.ID); err != nil {
			return "", "", err
		}
		return changeFactors, "", s.factorRemoved(ctx, tx, u.ID)
	})
}

// held are the second factors of an account.
type held struct {
	totp     store.TOTP // its ConfirmedAt is zero while there is none
	passkeys []store.Passkey
}

func (h held) any() bool { return !h.totp.ConfirmedAt.IsZero() || len(h.passkeys) > 0 }

func readFactors(ctx context.Context, tx store.Tx, user civic.UserID) (h held, err error) {
	if h.totp, err = tx.Factors().TOTP(ctx, user); err != nil && errs.KindOf(err) != errs.NotFound {
		return held{}, err
	}
	h.passkeys, err = tx.Passkeys().ListUser(ctx, user)
	return h, err
}

func (s *Service) factorsChanged(ctx context.Context, tx store.Tx, by civic.Actor, of civic.UserID) error {
	if err := s.mail(ctx, tx, of, MailFactors, "", ""); err != nil {
		return err
	}
	return s.note(ctx, tx, by, of, changeFactors, "")
}

func totpSeal(id civic.UserID) string { return fmt.Sprintf("totp\x00%d", id) }

func (s *Service) openTOTP(t store.TOTP) (string, error) {
	raw, err := s.Keys.OpenDraft(totpSeal(t.User), t.Sealed)
	if err != nil {
		return "", err
	}
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw), nil
}

// matches looks for the step whose code was typed, the present one or a
// neighbour.
func (s *Service) matches(t store.TOTP, code string) (step int64, ok bool, err error) {
	secret, err := s.openTOTP(t)
	if err != nil {
		return 0, false, err
	}
	code = strings.ReplaceAll(strings.TrimSpace(code), " ", "")
	now := s.Now()
	for i := -codeSkew; i <= codeSkew; i++ {
		at := now.Add(time.Duration(i) * codeStep)
		want, err := totp.GenerateCodeCustom(secret, at, totp.ValidateOpts{
			Period: uint(codeStep.Seconds()), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1, // what every app can
		})
		if err != nil {
			return 0, false, fmt.Errorf("compute a code: %w", err)
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return at.Unix() / int64(codeStep.Seconds()), true, nil
		}
	}
	return 0, false, nil
}

// perCode bounds tries of codes per account: a million codes, three of which
// hold, would take years. A device that the account signed in on is counted by
// itself, so that who stole the password cannot use up the owner's tries.
var perCode = limit.Rule{Name: "signin-code", Burst: 10, Every: 30 * time.Second}

func (s *Service) limitCodes(ctx context.Context, key string) error {
	if v := s.Limits.Allow(ctx, perCode, key); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
	}
	return nil
}

// second checks the second factor of an account that has one: a code of the
// app, taken once, or a recovery code. required is false where the account has
// none. An account with passkeys alone has recovery codes.
func (s *Service) second(ctx context.Context, u civic.User, a Attempt) (required bool, err error) {
	var h held
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		h, err = readFactors(ctx, tx, u.ID)
		return err
	})
	if err != nil || !h.any() {
		return err != nil, err
	}
	code := a.Code
	if strings.TrimSpace(code) == "" {
		return true, errs.New(errs.Unauthenticated, "signin.code_required")
	}
	if err := s.limitCodes(ctx, fmt.Sprintf("%d %s", u.ID, s.knownDevice(u.Email, a.Known))); err != nil {
		return true, err
	}
	var (
		step      int64
		ok, taken bool
	)
	if !h.totp.ConfirmedAt.IsZero() {
		if step, ok, err = s.matches(h.totp, code); err != nil {
			return true, err
		}
	}
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if ok {
			taken, err = tx.Factors().SpendStep(ctx, u.ID, step)
			return err
		}
		taken, err = tx.Factors().SpendRecovery(ctx, u.ID, s.recoveryHash(u.ID, code), s.Now())
		return err
	})
	if err == nil && !taken {
		err = errs.New(errs.Unauthenticated, "signin.code_wrong")
	}
	return true, err
}

// drawRecovery draws recovery codes with their hashes.
func (s *Service) drawRecovery(user civic.UserID) (codes []string, hashes [][32]byte, err error) {
	for range recoveryCodes {
		raw := make([]byte, recoveryBytes)
		if _, err := io.ReadFull(s.Random, raw); err != nil {
			return nil, nil, fmt.Errorf("draw recovery codes: %w", err)
		}
		code := strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw))
		code = code[:5] + "-" + code[5:]
		codes, hashes = append(codes, code), append(hashes, s.recoveryHash(user, code))
	}
	return codes, hashes, nil
}

// recoveryHash takes the installation's key into the hash: a recovery code is
// too short for a bare one.
func (s *Service) recoveryHash(user civic.UserID, code string) [32]byte {
	code = strings.NewReplacer("-", "", " ", "").Replace(strings.ToLower(strings.TrimSpace(code)))
	return sha256.Sum256([]byte(s.Keys.Stamp("recovery code", fmt.Sprintf("%d %s", user, code))))
}

// RecoveryLeft counts the actor's unused recovery codes.
func (s *Service) RecoveryLeft(ctx context.Context, actor civic.Actor) (n int, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Factors().CountRecovery(ctx, actor.User)
		return err
	})
	return n, err
}
