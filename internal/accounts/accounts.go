// Package accounts knows who works here: staff accounts, passwords and
// sign-ins. Passwords are kept as argon2id hashes, sign-ins as hashes of their
// tokens.
package accounts

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Service keeps accounts and sign-ins. All fields are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Keys     *seal.Keys
	Limits   limit.Limiter
	Now      func() time.Time
	Random   io.Reader
	// Policy is what the installation decided; the zero value holds defaults.
	Policy Policy
	// Provider answers for people by OpenID Connect; nil is none.
	Provider *Provider
	// Passkeys is where passkeys are taken; nil is nowhere.
	Passkeys *Passkeys
	// Committed is called after a commit that left mail to send; nil is nobody.
	Committed func()
	// Hashing slots bound the memory that concurrent sign-ins can take; see
	// NewHashing.
	Hashing chan struct{}
}

// hashParams follow the first choice of RFC 9106 scaled to a small server:
// 64 MiB, 3 passes.
var hashParams = &argon2id.Params{Memory: 64 * 1024, Iterations: 3, Parallelism: 2, SaltLength: 16, KeyLength: 32}

// NewHashing allows n password hashes at once, 64 MiB each.
func NewHashing(n int) chan struct{} { return make(chan struct{}, n) }

// NewUser is an account to be made.
type NewUser struct {
	Email    string
	Name     string
	Role     civic.Role
	Agency   civic.AgencyCode
	Password string
	// Invented people are for trying out: their password is the operator's
	// choice, whatever the rules.
	Invented bool
}

// Add makes an account. It fails with Invalid and names every wrong field, or
// with Conflict when the address is taken.
func (s *Service) Add(ctx context.Context, actor civic.Actor, n NewUser) (civic.UserID, error) {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return 0, err
	}
	n.Email, n.Name = canonical(n.Email), strings.TrimSpace(vitext.Normalize(n.Name))
	if err := s.check(n); err != nil {
		return 0, err
	}
	hash := ""
	if n.Role != civic.RoleService {
		var err error
		if hash, err = s.hash(ctx, n.Password); err != nil {
			return 0, err
		}
	}
	u := civic.User{
		Email: n.Email, Name: n.Name, Role: n.Role, Agency: n.Agency, PasswordHash: hash, Active: true, CreatedAt: s.Now(),
	}
	err := s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if u.ID, err = tx.Users().Add(ctx, u); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, u.ID, changeAdded, string(u.Role))
	})
	if err != nil {
		return 0, fmt.Errorf("add the account: %w", err)
	}
	return u.ID, nil
}

func (s *Service) check(n NewUser) error {
	wrong := errs.FieldsOf(s.checkPerson(n))
	if n.Role != civic.RoleService { // a program has tokens
		err := checkPassword(n.Password, n.Email, n.Name)
		if n.Invented {
			err = civic.CheckLength("password", n.Password, minInvented, MaxPassword)
		}
		wrong = append(wrong, errs.FieldsOf(err)...)
	}
	return errs.InvalidFields(wrong...)
}

// checkPerson checks everything but the password.
func (s *Service) checkPerson(n NewUser) error {
	wrong := errs.FieldsOf(civic.CheckEmail("email", n.Email))
	wrong = append(wrong, errs.FieldsOf(civic.CheckLength("name", n.Name, 1, civic.MaxName))...)
	return errs.InvalidFields(append(wrong, s.checkRole(n.Role, n.Agency)...)...)
}

// checkRole says what is wrong with a role and the agency that goes with it.
func (s *Service) checkRole(role civic.Role, agency civic.AgencyCode) (wrong []errs.Field) {
	if !slices.Contains(civic.Roles, role) {
		wrong = append(wrong, errs.Field{Name: "role", Code: "field.unknown_value"})
	}
	_, known := s.Registry.Agency(agency)
	switch {
	case role.NeedsAgency() && agency == "":
		wrong = append(wrong, errs.Field{Name: "agency", Code: "field.required"})
	case agency != "" && !known:
		wrong = append(wrong, errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	return wrong
}

func (s *Service) hash(ctx context.Context, password string) (string, error) {
	release, err := s.slot(ctx)
	if err != nil {
		return "", err
	}
	defer release()
	hash, err := argon2id.CreateHash(password, hashParams)
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return hash, nil
}

// SetPassword gives an account a new password and ends all its sessions.
func (s *Service) SetPassword(ctx context.Context, actor civic.Actor, email, password string) error {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return err
	}
	if err := checkPassword(password, email); err != nil {
		return err
	}
	return s.setPassword(ctx, actor, email, password)
}

// SetInventedPassword is SetPassword for people who are invented; see
// NewUser.Invented.
func (s *Service) SetInventedPassword(ctx context.Context, email, password string) error {
	if err := civic.CheckLength("password", password, minInvented, MaxPassword); err != nil {
		return err
	}
	return s.setPassword(ctx, civic.System, email, password)
}

func (s *Service) setPassword(ctx context.Context, actor civic.Actor, email, password string) error {
	hash, err := s.hash(ctx, password) // heavy: before the transaction
	if err != nil {
		return err
	}
	return s.change(ctx, actor, email, changePassword, func(u *civic.User) error {
		if u.Role == civic.RoleService {
			return errs.New(errs.Conflict, "user.no_password")
		}
		u.PasswordHash = hash
		return nil
	})
}

// SetActive opens or closes an account and ends all its sessions.
func (s *Service) SetActive(ctx context.Context, actor civic.Actor, email string, active bool) error {
	what := changeClosed
	if active {
		what = changeReopened
	}
	return s.change(ctx, actor, email, what, func(u *civic.User) error {
		u.Active = active
		return nil
	})
}

// change edits an account. It reads it in the transaction that stores it, so
// that of two changes at once neither takes the other back.
func (s *Service) change(ctx context.Context, actor civic.Actor, email, what string, edit func(*civic.User) error) error {
	if err := actor.CheckPermission(civic.ManageUsers); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		u, err := tx.Users().GetByEmail(ctx, canonical(email))
		if err != nil && errs.KindOf(err) == errs.NotFound {
			return errs.New(errs.NotFound, "user.not_found")
		}
		if err != nil {
			return err
		}
		before := u
		if err := edit(&u); err != nil {
			return err
		}
		if err := s.keepAdministrator(ctx, tx, before, u); err != nil {
			return err
		}
		if err := tx.Users().Update(ctx, u); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, u.ID, what, ""); err != nil {
			return err
		}
		return endAll(ctx, tx, u.ID)
	})
	if err != nil {
		return fmt.Errorf("change the account: %w", err)
	}
	return nil
}

// List returns all accounts by address, without password hashes.
func (s *Service) List(ctx context.Context, actor civic.Actor) ([]civic.User, error) {
	if err := actor.CheckPermission(civic.SeeUsers); err != nil {
		return nil, err
	}
	var users []civic.User
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var err error
		users, err = tx.Users().List(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list accounts: %w", err)
	}
	users = slices.DeleteFunc(users, func(u civic.User) bool { return !actor.Reaches(s.Registry, u.Agency) })
	for i := range users {
		users[i].Invited = users[i].PasswordHash == "" && users[i].Role != civic.RoleService && users[i].SignedInAt.IsZero()
		users[i].PasswordHash = ""
	}
	return users, nil
}

// canonical is the form in which addresses are kept and looked up.
func canonical(email string) string {
	return strings.ToLower(strings.TrimSpace(norm.NFC.String(email)))
}
