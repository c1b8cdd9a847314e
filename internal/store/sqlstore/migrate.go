package sqlstore

import (
	"context"
	"fmt"

	"github.com/pressly/goose/v3"
)

// Migrate brings the database to the shape that this program needs. It may be
// called by several processes at once; a database that is there already is
// left alone.
func (s *Store) Migrate(ctx context.Context) error {
	p, err := s.provider()
	if err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate the database: %w", classify(err))
	}
	return nil
}

// Version returns the number of the last migration that was applied, 0 for an
// empty database, and of the last one that this program knows. A database that
// is ahead belongs to a newer program.
func (s *Store) Version(ctx context.Context) (applied, known int64, err error) {
	p, err := s.provider()
	if err != nil {
		return 0, 0, err
	}
	applied, known, err = p.GetVersions(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("read the version of the database: %w", classify(err))
	}
	return applied, known, nil
}

func (s *Store) provider() (*goose.Provider, error) {
	dialect, files, options, err := s.dialect.migrations()
	if err != nil {
		return nil, err
	}
	options = append(options, goose.WithDisableGlobalRegistry(true),
		goose.WithAllowOutofOrder(true)) // numbers are given before the work is done, so that a lower one may come later
	p, err := goose.NewProvider(dialect, s.write, files, options...)
	if err != nil {
		return nil, fmt.Errorf("read the migrations: %w", err)
	}
	return p, nil
}
