package accounts

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// edit changes an account, writes its history and ends its sessions, in the
// transaction that reads it. change returns what was done, as the history names
// it. The last open administrator stays one.
func (s *Service) edit(
	ctx context.Context, actor civic.Actor, id civic.UserID, change func(tx store.Tx, u *civic.User) (what, detail string, err error),
) error {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		u, err := tx.Users().Get(ctx, id)
		if err != nil {
			return err
		}
		before := u
		what, detail, err := change(tx, &u)
		if err != nil {
			return err
		}
		if err := s.keepAdministrator(ctx, tx, before, u); err != nil {
			return err
		}
		if err := tx.Users().Update(ctx, u); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, u.ID, what, detail); err != nil {
			return err
		}
		return endAll(ctx, tx, u.ID)
	})
	if err != nil {
		return fmt.Errorf("change the account: %w", err)
	}
	s.committed()
	return nil
}

// keepAdministrator refuses what would leave nobody who can manage accounts.
func (s *Service) keepAdministrator(ctx context.Context, tx store.Tx, before, after civic.User) error {
	manages := func(u civic.User) bool { return u.Active && u.Role == civic.RoleAdministrator }
	if !manages(before) || manages(after) {
		return nil
	}
	all, err := tx.Users().List(ctx)
	if err != nil {
		return err
	}
	for _, u := range all {
		if u.ID != after.ID && manages(u) && u.PasswordHash != "" {
			return nil
		}
	}
	return errs.New(errs.Conflict, "user.last_administrator")
}

// ChangeRole gives an account another role and agency. Its sessions end, so
// that what it may do changes at once.
func (s *Service) ChangeRole(ctx context.Context, actor civic.Actor, id civic.UserID, role civic.Role, agency civic.AgencyCode) error {
	return s.edit(ctx, actor, id, func(_ store.Tx, u *civic.User) (string, string, error) {
		if (u.Role == civic.RoleService) != (role == civic.RoleService) {
			return "", "", errs.New(errs.Conflict, "user.stays_a_program")
		}
		if err := errs.InvalidFields(s.checkRole(role, agency)...); err != nil {
			return "", "", err
		}
		detail := fmt.Sprintf("%s %s → %s %s", u.Role, u.Agency, role, agency)
		u.Role, u.Agency = role, agency
		return changeRole, detail, nil
	})
}

// Close closes an account, or opens it again, by its id.
func (s *Service) Close(ctx context.Context, actor civic.Actor, id civic.UserID, closed bool) error {
	return s.edit(ctx, actor, id, func(tx store.Tx, u *civic.User) (string, string, error) {
		u.Active = !closed
		if !closed {
			return changeReopened, "", nil
		}
		return changeClosed, "", tx.AccountLinks().Void(ctx, u.ID, s.Now())
	})
}

// EndSessions ends every session of an account.
func (s *Service) EndSessions(ctx context.Context, actor civic.Actor, id civic.UserID) error {
	return s.edit(ctx, actor, id, func(store.Tx, *civic.User) (string, string, error) { return changeSessions, "", nil })
}

// Account is one account with what administrators look at.
type Account struct {
	User     civic.User
	History  []store.AccountChange
	Sessions []store.Session
	Codes    bool // signs in with an authenticator app as well
	Passkeys []store.Passkey
	// Password tells that the person has one; who comes by a provider has none.
	Password bool
}

// historyShown is how many lines of an account's history are shown.
const historyShown = 100

// Account returns one account within the actor's reach.
func (s *Service) Account(ctx context.Context, actor civic.Actor, id civic.UserID) (a Account, err error) {
	if err := actor.CheckPermission(civic.SeeUsers); err != nil {
		return Account{}, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if a, err = s.account(ctx, tx, id); err != nil {
			return err
		}
		if !actor.Reaches(s.Registry, a.User.Agency) {
			return errs.New(errs.NotFound, "user.not_found")
		}
		return nil
	})
	if err != nil {
		return Account{}, fmt.Errorf("show the account: %w", err)
	}
	return a, nil
}

// Own returns the actor's own account.
func (s *Service) Own(ctx context.Context, actor civic.Actor) (a Account, err error) {
	if actor.Kind != civic.ActorStaff {
		return Account{}, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		a, err = s.account(ctx, tx, actor.User)
		return err
	})
	if err != nil {
		return Account{}, fmt.Errorf("show the own account: %w", err)
	}
	return a, nil
}

func (s *Service) account(ctx context.Context, tx store.Tx, id civic.UserID) (a Account, err error) {
	if a.User, err = tx.Users().Get(ctx, id); err != nil {
		return Account{}, err
	}
	a.Password, a.User.PasswordHash = a.User.PasswordHash != "", ""
	if a.History, err = tx.AccountChanges().List(ctx, id, historyShown); err != nil {
		return Account{}, err
	}
	if a.Sessions, err = tx.Sessions().ListUser(ctx, id); err != nil {
		return Account{}, err
	}
	h, err := readFactors(ctx, tx, id)
	a.Codes, a.Passkeys = !h.totp.ConfirmedAt.IsZero(), h.passkeys
	return a, err
}
