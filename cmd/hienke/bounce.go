package main

import (
	"context"
	"fmt"
	"io"

	"hienke/internal/app"
)

// bounceCommand reads one report from standard input, for the pipe of a mail
// server.
type bounceCommand struct{}

func (*bounceCommand) prepare(p process) (io.Reader, func() error, error) {
	return p.in, func() error { return nil }, nil
}

func (*bounceCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	noted, err := a.Reach.Report(ctx, s.In)
	if err != nil {
		return err
	}
	if noted {
		fmt.Fprintln(s.Out, "noted; later mails to this address are kept")
	} else {
		fmt.Fprintln(s.Out, "this was noted before")
	}
	return nil
}
