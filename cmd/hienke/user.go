package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"hienke/internal/accounts"
	"hienke/internal/app"
	"hienke/internal/civic"
)

type userCommand struct {
	Add      userAddCommand      `cmd:"" help:"Make an account; the password is read from standard input."`
	Password userPasswordCommand `cmd:"" help:"Set a new password, read from standard input, and end all sessions."`
	Close    userCloseCommand    `cmd:"" help:"Close an account and end all its sessions."`
	Reopen   userReopenCommand   `cmd:"" help:"Open a closed account again."`
	List     userListCommand     `cmd:"" help:"List the accounts."`
}

type userAddCommand struct {
	Email  string `arg:"" help:"Address, the sign-in name."`
	Name   string `help:"Full name." required:""`
	Role   string `help:"officer, approver, coordinator or administrator." required:""`
	Agency string `help:"Code of the agency; needed for officers and approvers." placeholder:"CODE"`
}

func (*userAddCommand) prepare(p process) (io.Reader, func() error, error) { return askPassword(p) }

func (c *userAddCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	password, err := readPassword(s)
	if err != nil {
		return err
	}
	_, err = a.Accounts.Add(ctx, civic.System, accounts.NewUser{
		Email: c.Email, Name: c.Name, Role: civic.Role(c.Role), Agency: civic.AgencyCode(c.Agency), Password: password,
	})
	if err != nil {
		return fmt.Errorf("%s (%w)", reasons(err), err)
	}
	fmt.Fprintf(s.Out, "%s can sign in now.\n", c.Email)
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

func (c *userCloseCommand) runOn(ctx context.Context, a *app.App, _ app.Streams) error {
	return a.Accounts.SetActive(ctx, civic.System, c.Email, false)
}

type userReopenCommand struct {
	Email string `arg:"" help:"Address of the account."`
}

func (*userReopenCommand) prepare(p process) (io.Reader, func() error, error) {
	return nothingToOpen(p)
}

func (c *userReopenCommand) runOn(ctx context.Context, a *app.App, _ app.Streams) error {
	return a.Accounts.SetActive(ctx, civic.System, c.Email, true)
}

type userListCommand struct{}

func (*userListCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

func (*userListCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	users, err := a.Accounts.List(ctx, civic.System)
	if err != nil {
		return err
	}
	for _, u := range users {
		state := "open"
		if !u.Active {
			state = "closed"
		}
		fmt.Fprintf(s.Out, "%s\t%s\t%s\t%s\t%s\n", u.Email, u.Role, u.Agency, state, u.Name)
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
