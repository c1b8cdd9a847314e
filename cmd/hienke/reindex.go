package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"hienke/internal/app"
	"hienke/internal/errs"
	"hienke/internal/store"
)

type reindexCommand struct {
	Index  []string `help:"Which index: public or staff. Empty: both." enum:"public,staff" placeholder:"NAME"`
	Repair bool     `help:"Compare with the database and mend what differs, instead of building anew."`
}

func (*reindexCommand) prepare(p process) (io.Reader, func() error, error) { return nothingToOpen(p) }

func (c *reindexCommand) runOn(ctx context.Context, a *app.App, s app.Streams) error {
	names := store.IndexNames
	if len(c.Index) > 0 {
		names = nil
		for _, n := range c.Index {
			names = append(names, store.IndexName(n))
		}
	}
	for _, name := range names {
		if err := c.one(ctx, a, name, s); err != nil {
			return err
		}
	}
	return nil
}

func (c *reindexCommand) one(ctx context.Context, a *app.App, name store.IndexName, s app.Streams) error {
	counts, err := a.Count(ctx)
	if err != nil {
		return err
	}
	bar, finish := progress(s, int64(counts), string(name), "submissions")
	show := func(done, _ int) { bar(int64(done)) }
	if c.Repair {
		drift, err := a.Finding.Repair(ctx, name, show)
		finish()
		if err != nil {
			return fmt.Errorf("repair the %s index: %w", name, err)
		}
		if err := a.DrainIndex(ctx, name); err != nil {
			return err
		}
		fmt.Fprintf(s.Out, "%s: %d missing, %d stale, %d foreign; mended\n", name, drift.Missing, drift.Stale, drift.Foreign)
		return nil
	}
	n, err := c.rebuild(ctx, a, name, show)
	finish()
	if err != nil {
		return fmt.Errorf("rebuild the %s index: %w", name, err)
	}
	if err := a.DrainIndex(ctx, name); err != nil {
		return err
	}
	fmt.Fprintf(s.Out, "%s: %d documents, swapped in\n", name, n)
	return nil
}

// rebuild waits for a drain that has the index at this moment.
func (c *reindexCommand) rebuild(ctx context.Context, a *app.App, name store.IndexName, show func(int, int)) (int, error) {
	const again, tries = time.Second, 60 // a drain's batch takes seconds at most
	for i := 0; ; i++ {
		n, err := a.Finding.Rebuild(ctx, name, show)
		if errs.CodeOf(err) != "index.busy" || i == tries {
			return n, err
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return 0, errors.Join(err, ctx.Err())
		}
	}
}
