package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"os"

	"hienke/internal/errs"
	"hienke/internal/search"
)

// rebuild is the next generation in the making.
type rebuild struct {
	index *Index
	next  *generation // nil once committed or aborted; guarded by Index.writing
}

// Rebuild creates the next generation.
func (x *Index) Rebuild(ctx context.Context) (search.Rebuild, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	x.writing.Lock()
	defer x.writing.Unlock()
	current := x.current.Load()
	switch {
	case current == nil:
		return nil, errs.New(errs.Unavailable, "search.closed")
	case x.rebuild != nil:
		return nil, errs.New(errs.Conflict, "search.rebuild_running")
	}
	number, _ := generationNumber(current.name)
	next, err := x.folder.create(generationName(number + 1))
	if err != nil {
		return nil, fmt.Errorf("begin rebuild: %w", err)
	}
	x.rebuild = &rebuild{index: x, next: next}
	return x.rebuild, nil
}

// generation returns the generation in the making, or Conflict when the
// rebuild is over.
func (r *rebuild) generation() (*generation, error) {
	r.index.writing.Lock()
	defer r.index.writing.Unlock()
	if r.next == nil {
		return nil, errs.New(errs.Conflict, "search.rebuild_over")
	}
	r.next.users.RLock()
	return r.next, nil
}

// Apply fills the new generation. It does not hold up changes of the old one.
func (r *rebuild) Apply(ctx context.Context, changes []search.Change) error {
	if err := checkApply(ctx, changes); err != nil {
		return err
	}
	next, err := r.generation()
	if err != nil {
		return err
	}
	defer next.users.RUnlock()
	return next.apply(changes)
}

// Commit names the new generation in CURRENT and then removes the old one,
// once the queries that began on it are done.
func (r *rebuild) Commit(ctx context.Context) error {
	old, err := r.swap(ctx)
	if err != nil {
		return fmt.Errorf("commit rebuild: %w", err)
	}
	if err := old.close(); err != nil {
		return err
	}
	// A failure here leaves a folder that the next Open removes.
	_ = os.RemoveAll(old.path)
	return nil
}

// swap puts the new generation in the place of the old one, which it returns.
func (r *rebuild) swap(ctx context.Context) (old *generation, err error) {
	x := r.index
	x.writing.Lock()
	defer x.writing.Unlock()
	if r.next == nil {
		return nil, errs.New(errs.Conflict, "search.rebuild_over")
	}
	err = ctx.Err()
	if err == nil {
		err = x.folder.writeCurrent(r.next.name)
	}
	if err != nil {
		// The rename may have happened before the failure: point back.
		back := x.folder.writeCurrent(x.current.Load().name)
		return nil, errors.Join(err, back, r.drop())
	}
	old = x.current.Swap(r.next)
	r.next, x.rebuild = nil, nil
	return old, nil
}

// Abort removes the new generation.
func (r *rebuild) Abort(context.Context) error {
	r.index.writing.Lock()
	defer r.index.writing.Unlock()
	return r.drop()
}

// drop removes the new generation; Index.writing is held.
func (r *rebuild) drop() error {
	if r.next == nil {
		return nil
	}
	next := r.next
	r.next, r.index.rebuild = nil, nil
	return errors.Join(next.close(), os.RemoveAll(next.path))
}
