package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"hienke/internal/accounts"
	"hienke/internal/app"
	"hienke/internal/civic"
)

type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Make an account; the password is read from standard input."`
	Invite   userInviteCommand   `cmd:"" help:"Make an account and mail a link by which its owner sets the password."`
	Password userPasswordCommand `cmd:"" help:"Set a new password, read from standard input, and end all sessions."`
	Close    userCloseCommand    `cmd:"" aliases:"disable" help:"Close an account and end all its sessions."`
	Reopen   userReopenCommand   `cmd:"" aliases:"enable" help:"Open a closed account again."`
	List     userListCommand     `cmd:"" help:"List the accounts: address, role, agency, state, last sign-in, name."`
}

// newcomer is who gets an account.
type newcomer struct {
	Email  string `arg:"" help:"Address, the sign-in name."`
	Name   string `help:"Full name." required:""`
	Role   string `help:"One of ${roles}." required:""`
	Agency string `help:"Code of the agency; needed for ${agency_roles}." placeholder:"CODE"`
}

func (n *newcomer) user() accounts.NewUser {
	return accounts.NewUser{Email: n.Email, Name: n.Name, Role: civic.Role(n.Role), Agency: civic.AgencyCode(n.Agency)}
}

// userWords are the roles that the help names.
func userWords() kong.Vars {
	var all, bound []string
	for _, r := range civic.Roles {
		all = append(all, string(r))
		if r.NeedsAgency() {
			bound = append(bound, string(r))
		}
	}
	return kong.Vars{"roles": strings.Join(all, ", "), "agency_roles": strings.Join(bound, ", ")}
}

type userAddCommand struct {
	newcomer `embed:""`
}

func (c *userAddCommand) prepare(p process) (io.Reader, func() error, error) {
	if civic.Role(c.Role) == civic.RoleService { // a program has tokens
		return nothingToOpen(p)
	}
	return askPassword(p)
}

func (c *userAddCommand) runOn(ctx context.Context, a *app.App, s app.Streams) (err error) {
	n, told := c.user(), "%s can sign in now.\n"
	if n.Role == civic.RoleService {
		told = "%s is there. Its tokens are made under /staff/tokens.\n"
	} else if n.Password, err = readPassword(s); err != nil {
		return err
	}
	if _, err := a.Accounts.Add(ctx, civic.System, n); err != nil {
		return fmt.Errorf("%s (%w)", reasons(err), err)
	}
	fmt.Fprintf(s.Out, told, c.Email)
	return nil
}

type userInviteCommand struct {
	newcomer `embed:""`
}

func (*userInviteCommand) prepare(p process) (io.Reader, func() error, error) {
	return nothingToOpen(p)
}

func (c *userInviteCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	if a.Config.Mail.Host == "" {
		return errors.New("no mail can be sent: set mail.host, or use hienke user add")
	}
	if _, err := a.Accounts.Invite(ctx, civic.System, c.user()); err != nil {
		return fmt.Errorf("%s (%w)", reasons(err), err)
	}
	fmt.Fprintf(s.Out, "%s is invited; the mail goes out as soon as the server runs.\n", c.Email)
	return nil
}

type userPasswordCommand struct {
	Email string `arg:"" help:"Address of the account."`
}

func (*userPasswordCommand) prepare(p process) (io.Reader, func() error, error) {
	return askPassword(p)
}

func (c *userPasswordCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	password, err := readPassword(s)
	if err != nil {
		return err
	}
	if err := a.Accounts.SetPassword(ctx, civic.System, c.Email, password); err != nil {
		return fmt.Errorf("%s (%w)", reasons(err), err)
	}
	fmt.Fprintf(s.Out, "The password of %s was changed; all sessions were ended.\n", c.Email)
	return nil
}

type userCloseCommand struct {
	Email string `arg:"" help:"Address of the account."`
}

func (*userCloseCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

func (c *userCloseCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	if err := a.Accounts.SetActive(ctx, civic.System, c.Email, false); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s is closed; all sessions were ended.\n", c.Email)
	return nil
}

type userReopenCommand struct {
	Email string `arg:"" help:"Address of the account."`
}

func (*userReopenCommand) prepare(p process) (io.Reader, func() error, error) {
	return nothingToOpen(p)
}

func (c *userReopenCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	if err := a.Accounts.SetActive(ctx, civic.System, c.Email, true); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s is open again.\n", c.Email)
	return nil
}

type userListCommand struct{}

func (*userListCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

func (*userListCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	users, err := a.Accounts.List(ctx, civic.System)
	if err != nil {
		return err
	}
	for _, u := range users {
		state, last := "open", "never"
		switch {
		case !u.Active:
			state = "closed"
		case u.Invited:
			state = "invited"
		}
		if !u.SignedInAt.IsZero() {
			last = u.SignedInAt.UTC().Format(time.RFC3339)
		}
		fmt.Fprintf(s.Out, "%s\t%s\t%s\t%s\t%s\t%s\n", u.Email, u.Role, u.Agency, state, last, u.Name)
	}
	return nil
}

// askPassword prompts on a terminal without showing what is typed; otherwise
// the password is the first line of standard input.
func askPassword(p process) (io.Reader, func() error, error) {
	f, ok := p.in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return p.in, func() error { return nil }, nil
	}
	fmt.Fprint(p.err, "Password: ")
	typed, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(p.err)
	if err != nil {
		return nil, nil, fmt.Errorf("read the password: %w", err)
	}
	return strings.NewReader(string(typed) + "\n"), func() error { return nil }, nil
}

func readPassword(s app.Streams) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(s.In, 4096)).ReadString('\n')
	if err != nil && line == "" {
		return "", fmt.Errorf("read the password from standard input: %w", err)
	}
	return strings.TrimRight(line, "\r\n"), nil
}
