package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"hienke/internal/app"
	"hienke/internal/config"
	"hienke/internal/queue/asynqqueue"
)

type serveCommand struct {
	Listen string `help:"Address to listen on, as host:port." placeholder:"ADDR"`
	Demo   bool   `help:"Add invented staff and cases, to try everything out."`
}

func (c *serveCommand) run(ctx context.Context, p process, cfg config.Config) error {
	return p.serve(ctx, cfg, app.Options{Role: app.Everything, Demo: c.Demo})
}

type apiCommand struct {
	Listen string `help:"Address to listen on, as host:port." placeholder:"ADDR"`
}

func (c *apiCommand) run(ctx context.Context, p process, cfg config.Config) error {
	return p.serveScaledOut(ctx, cfg, app.API)
}

type workerCommand struct{}

func (c *workerCommand) run(ctx context.Context, p process, cfg config.Config) error {
	return p.serveScaledOut(ctx, cfg, app.Worker)
}

func (p process) serveScaledOut(ctx context.Context, cfg config.Config, role app.Role) error {
	if err := cfg.CheckScaledOut(); err != nil {
		return fmt.Errorf("configuration:\n%w", err)
	}
	return p.serve(ctx, cfg, app.Options{Role: role})
}

func (p process) serve(ctx context.Context, cfg config.Config, o app.Options) error {
	o.Log, o.Notice = newLog(cfg, p.err), p.out
	asynqqueue.LogRedis(o.Log)
	a, err := app.New(ctx, cfg, o)
	if err != nil {
		return err
	}
	return a.Run(ctx, runHere)
}

// newLog writes structured events to w.
func newLog(cfg config.Config, w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(cfg.Log.Level)) // the configuration was checked
	o := &slog.HandlerOptions{Level: level}
	if cfg.Log.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
