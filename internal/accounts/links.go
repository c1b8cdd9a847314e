package accounts

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// The mails to members of staff about their account.
const (
	MailInvite    = "invite"
	MailReset     = "reset"
	MailPassword  = "password_changed"
	MailNewDevice = "new_device"
	MailFactors   = "factors_changed"
	MailPasskey   = "passkey_doubted"
)

// How long the links in mails hold: a new colleague may be away for a week, a
// forgotten password is needed now.
const (
	inviteTime = 7 * 24 * time.Hour
	resetTime  = time.Hour
)

// perReset bounds how many mails a network can make us send. A whole office may
// share one, so it is wide; resetsPerHour bounds what reaches one person. Links
// that were mailed before hold on, so that neither keeps anybody out.
var perReset = limit.Rule{Name: "password-reset", Burst: 30, Every: time.Minute}

const resetsPerHour = 3

// Invite makes an account without a password and mails a link by which its
// owner sets one. Address, role and agency are the inviter's choice and cannot
// be changed by the link.
func (s *Service) Invite(ctx context.Context, actor civic.Actor, n NewUser) (civic.UserID, error) {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return 0, err
	}
	n.Email, n.Name = canonical(n.Email), strings.TrimSpace(vitext.Normalize(n.Name))
	if err := s.checkPerson(n); err != nil {
		return 0, err
	}
	u := civic.User{Email: n.Email, Name: n.Name, Role: n.Role, Agency: n.Agency, Active: true, CreatedAt: s.Now()}
	err := s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if u.ID, err = tx.Users().Add(ctx, u); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, u.ID, changeInvited, string(u.Role)); err != nil {
			return err
		}
		if u.Role == civic.RoleService { // a program has tokens
			return nil
		}
		return s.mailLink(ctx, tx, u.ID, store.LinkInvite)
	})
	if err != nil {
		return 0, fmt.Errorf("invite: %w", err)
	}
	s.committed()
	return u.ID, nil
}

// InviteAgain mails a new link and ends the one before. It is Conflict where
// the person has a password already.
func (s *Service) InviteAgain(ctx context.Context, actor civic.Actor, id civic.UserID) error {
	return s.edit(ctx, actor, id, func(tx store.Tx, u *civic.User) (string, string, error) {
		elsewhere, err := tx.Identities().ListUser(ctx, u.ID)
		if err != nil {
			return "", "", err
		}
		if u.PasswordHash != "" || !u.Active || u.Role == civic.RoleService || len(elsewhere) > 0 {
			return "", "", errs.New(errs.Conflict, "user.not_invited")
		}
		if err := tx.AccountLinks().Void(ctx, u.ID, s.Now()); err != nil {
			return "", "", err
		}
		return changeInvited, string(u.Role), s.mailLink(ctx, tx, u.ID, store.LinkInvite)
	})
}

// RequestReset mails a link for a new password where the address is an open
// account's. The answer is the same whether or not it is, and so is the work:
// an address that nobody has gets the same rows, addressed to nobody. So does
// one of a program, and of a person for whom a provider answers: a password
// would open the door that the provider closes.
func (s *Service) RequestReset(ctx context.Context, email, client string) error {
	if v := s.Limits.Allow(ctx, perReset, s.Keys.Pseudonym(perReset.Name, client)); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
	}
	u, err := s.userByEmail(ctx, canonical(email))
	if err != nil {
		return fmt.Errorf("look up the account: %w", err)
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		elsewhere, err := tx.Identities().ListUser(ctx, u.ID)
		if err != nil {
			return err
		}
		sent, err := tx.AccountMails().Since(ctx, u.ID, MailReset, "", s.Now().Add(-time.Hour))
		if err != nil {
			return err
		}
		to := u.ID
		if sent >= resetsPerHour || !u.Active || u.Role == civic.RoleService || len(elsewhere) > 0 && u.PasswordHash == "" {
			to = 0
		}
		return s.mailLink(ctx, tx, to, store.LinkReset)
	})
	if err != nil {
		return fmt.Errorf("ask for a new password: %w", err)
	}
	s.committed()
	return nil
}

// mailLink stores a link with the mail that carries it.
func (s *Service) mailLink(ctx context.Context, tx store.Tx, user civic.UserID, purpose store.LinkPurpose) error {
	nonce, err := s.draw()
	if err != nil {
		return err
	}
	kind, lasts := MailInvite, inviteTime
	if purpose == store.LinkReset {
		kind, lasts = MailReset, resetTime
	}
	now := s.Now()
	err = tx.AccountLinks().Add(ctx, store.AccountLink{
		TokenHash: sha256.Sum256([]byte(s.Keys.LinkToken(nonce))), User: user, Purpose: purpose, CreatedAt: now, ExpiresAt: now.Add(lasts),
	})
	if err != nil {
		return err
	}
	return s.mail(ctx, tx, user, kind, nonce, "")
}

// mail queues a mail to an account.
func (s *Service) mail(ctx context.Context, tx store.Tx, user civic.UserID, kind, nonce, detail string) error {
	_, err := tx.AccountMails().Add(ctx, store.AccountMail{User: user, Kind: kind, Nonce: nonce, Detail: detail, CreatedAt: s.Now()})
	return err
}

// Link returns who a link is for and what it is for. One that is unknown, used
// or over is Gone with code link.over. Nothing is changed by looking.
func (s *Service) Link(ctx context.Context, token string) (u civic.User, purpose store.LinkPurpose, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		u, purpose, err = s.openLink(ctx, tx, token)
		return err
	})
	u.PasswordHash = ""
	return u, purpose, err
}

func (s *Service) openLink(ctx context.Context, tx store.Tx, token string) (civic.User, store.LinkPurpose, error) {
	over := errs.New(errs.Gone, "link.over")
	l, err := tx.AccountLinks().Get(ctx, sha256.Sum256([]byte(token)))
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return civic.User{}, "", over
	}
	if err != nil {
		return civic.User{}, "", err
	}
	if l.User == 0 || !l.UsedAt.IsZero() || !s.Now().Before(l.ExpiresAt) {
		return civic.User{}, "", over
	}
	u, err := tx.Users().Get(ctx, l.User)
	if err == nil && !u.Active {
		err = over
	}
	return u, l.Purpose, err
}

// Redeem sets the password that a link is for, uses up every link of the
// account, ends all its sessions and tells the person by mail.
func (s *Service) Redeem(ctx context.Context, token, password string) error {
	u, _, err := s.Link(ctx, token)
	if err != nil {
		return err
	}
	if err := checkPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password) // heavy: before the transaction
	if err != nil {
		return err
	}
	now := s.Now()
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		u, purpose, err := s.openLink(ctx, tx, token)
		if err != nil {
			return err
		}
		if first, err := tx.AccountLinks().Use(ctx, sha256.Sum256([]byte(token)), now); err != nil || !first {
			return errOr(err, errs.New(errs.Gone, "link.over"))
		}
		if err := tx.AccountLinks().Void(ctx, u.ID, now); err != nil {
			return err
		}
		if purpose == store.LinkReset {
			if err := s.mail(ctx, tx, u.ID, MailPassword, "", ""); err != nil {
				return err
			}
		}
		return s.setHash(ctx, tx, civic.StaffOf(u), u, hash)
	})
	if err != nil {
		return fmt.Errorf("set the password: %w", err)
	}
	s.committed()
	return nil
}

func errOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// setHash stores a new password and ends all sessions.
func (s *Service) setHash(ctx context.Context, tx store.Tx, by civic.Actor, u civic.User, hash string) error {
	u.PasswordHash = hash
	if err := tx.Users().Update(ctx, u); err != nil {
		return err
	}
	if err := s.note(ctx, tx, by, u.ID, changePassword, ""); err != nil {
		return err
	}
	return endAll(ctx, tx, u.ID)
}

// ChangePassword sets a person's own password, who proves the old one. All
// sessions end, this one too; the person is told by mail.
func (s *Service) ChangePassword(ctx context.Context, actor civic.Actor, old, password string) error {
	u, err := s.confirm(ctx, actor, old)
	if err != nil {
		return err
	}
	if err := checkPassword(password, u.Email, u.Name); err != nil {
		return err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		u, err := tx.Users().Get(ctx, actor.User)
		if err != nil {
			return err
		}
		if err := s.mail(ctx, tx, u.ID, MailPassword, "", ""); err != nil {
			return err
		}
		return s.setHash(ctx, tx, actor, u, hash)
	})
	if err != nil {
		return fmt.Errorf("change the password: %w", err)
	}
	s.committed()
	return nil
}

// perConfirm bounds how often a password is tried from inside a session.
var perConfirm = limit.Rule{Name: "confirm", Burst: 5, Every: time.Minute}

// confirm fails unless the password is the signed-in person's own. It is asked
// for before anything that would lock the owner out of the account.
func (s *Service) confirm(ctx context.Context, actor civic.Actor, password string) (civic.User, error) {
	if actor.Kind != civic.ActorStaff || actor.User == 0 {
		return civic.User{}, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	if v := s.Limits.Allow(ctx, perConfirm, fmt.Sprint(actor.User)); !v.Allowed {
		return civic.User{}, &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
	}
	var u civic.User
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		u, err = tx.Users().Get(ctx, actor.User)
		return err
	})
	if err != nil {
		return civic.User{}, err
	}
	if u.PasswordHash != "" {
		match, err := s.compare(ctx, password, u.PasswordHash)
		if err != nil {
			return civic.User{}, fmt.Errorf("compare the password: %w", err)
		}
		if match {
			return u, nil
		}
	}
	return civic.User{}, errs.InvalidFields(errs.Field{Name: "current_password", Code: "password.wrong"})
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}
