package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"hienke/internal/app"
	"hienke/internal/config"
)

type doctorCommand struct {
	Live  string `help:"Only ask this health address, for a container's health check." placeholder:"URL"`
	Audit bool   `help:"Walk the whole audit, not only what came since the last walk."`
}

// probeTime is how long a health address may take; container platforms ask
// every ten seconds or so.
const probeTime = 5 * time.Second

func (c *doctorCommand) run(ctx context.Context, p process, cfg config.Config) error {
	if c.Live == "" {
		return p.onData(ctx, c, cfg)
	}
	ctx, cancel := context.WithTimeout(ctx, probeTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, c.Live, nil)
	if err != nil {
		return fmt.Errorf("prepare the probe: %w", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if err := resp.Body.Close(); err != nil {
		return fmt.Errorf("probe: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", c.Live, resp.Status)
	}
	return nil
}

func (*doctorCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

// errSick is the doctor's verdict when a check failed.
var errSick = errors.New("not everything is well; see above")

func (c *doctorCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	sick := false
	for _, check := range a.Examine(ctx, c.Audit) {
		mark := "ok  "
		if check.Err != nil {
			mark, sick = "FAIL", true
		} else if check.Warning {
			mark = "note"
		}
		fmt.Fprintf(s.Out, "%s  %-10s %s\n", mark, check.Name, check.Finding)
		if check.Err != nil {
			fmt.Fprintf(s.Out, "      %v\n", check.Err)
		}
		if check.Advice != "" {
			fmt.Fprintf(s.Out, "      %s\n", check.Advice)
		}
	}
	if sick {
		return errSick
	}
	return nil
}
