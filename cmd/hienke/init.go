package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"hienke/internal/app"
	"hienke/internal/config"
)

type initCommand struct {
	Keys string `help:"File to make; it must not exist. Empty: keys.file of the configuration, or the data folder." placeholder:"FILE"`
}

func (c *initCommand) run(_ context.Context, p process, cfg config.Config) error {
	path := c.Keys
	if path == "" {
		path = cfg.Keys.File
	}
	if path == "" {
		path = filepath.Join(cfg.Data.Dir, "keys")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("make the folder: %w", err)
	}
	if err := app.CreateKeys(path); err != nil {
		return err
	}
	fmt.Fprintf(p.out, "%s was made. Keep a copy apart from the backups: without it no contact can be read.\n", path)
	return nil
}

type migrateCommand struct{}

func (migrateCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

// runOn has nothing left to do: opening an App migrates.
func (migrateCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	version, err := a.SchemaVersion(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "The database is at version %d.\n", version)
	return nil
}
