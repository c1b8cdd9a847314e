package meilisearch

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/errs"
	"hienke/internal/search"
)

// leftoverAge is how long an unfinished rebuild is left alone: its process may
// still be at it.
const leftoverAge = 24 * time.Hour

// liveUID is the name of the index that answers.
func liveUID(prefix string, audience search.Audience) string {
	return fmt.Sprintf("%s_%s_v%d", prefix, audience, search.SchemaVersion)
}

// rebuild is an index on the server that will change places with the one that
// answers. Its name is the live one's with a random part, so that rebuilds of
// two processes do not write into each other; the last Commit stays.
type rebuild struct {
	index *Index
	uid   string
	over  atomic.Bool
	// abandon is Abort for Close, which has no context: with what the context
	// of Rebuild carries, but not its end.
	abandon func() error
}

// Rebuild creates the new index with its settings, before any document is in
// it, which is when they cost nothing.
func (x *Index) Rebuild(ctx context.Context) (search.Rebuild, error) {
	r := &rebuild{index: x, uid: x.uid + "_" + strings.ToLower(rand.Text()[:13])}
	lasting := context.WithoutCancel(ctx)
	r.abandon = func() error { return r.Abort(lasting) }
	ctx, cancel, err := x.begin(ctx, adminTimeout)
	if err != nil {
		return nil, err
	}
	defer cancel()
	x.mu.Lock()
	if x.rebuild != nil {
		x.mu.Unlock()
		return nil, errs.New(errs.Conflict, "search.rebuild_running")
	}
	x.rebuild = r
	x.mu.Unlock()
	if err := x.settle(ctx, r.uid); err != nil {
		return nil, errors.Join(err, r.abandon())
	}
	return r, nil
}

// Apply fills the new index.
func (r *rebuild) Apply(ctx context.Context, changes []search.Change) error {
	if err := search.CheckChanges(changes); err != nil {
		return err
	}
	if r.over.Load() {
		return errs.New(errs.Conflict, "search.rebuild_over")
	}
	ctx, cancel, err := r.index.begin(ctx, applyTimeout)
	if err != nil {
		return err
	}
	defer cancel()
	return r.index.applyTo(ctx, r.uid, changes)
}

// Commit has the server swap the two indexes in one task and then removes the
// old content, which now has the other name.
func (r *rebuild) Commit(ctx context.Context) error {
	if r.over.Load() {
		return errs.New(errs.Conflict, "search.rebuild_over")
	}
	x := r.index
	limited, cancel, err := x.begin(ctx, adminTimeout)
	if err != nil {
		return errors.Join(err, r.abandon())
	}
	defer cancel()
	err = x.swap(limited, r.uid)
	// Swapped or not, what is not needed now has the rebuild's name. If only the
	// answer got lost it is right as well: the server carries out the removal
	// after the swap.
	abort := r.abandon()
	if err != nil {
		return fmt.Errorf("commit rebuild: %w", errors.Join(err, abort))
	}
	_ = x.removeLeftovers(limited) // the next rebuild tries again
	return nil
}

// swap exchanges the contents of the live index and another.
func (x *Index) swap(ctx context.Context, uid string) error {
	task, err := x.server.SwapIndexesWithContext(ctx, []*client.SwapIndexesParams{{Indexes: []string{x.uid, uid}}})
	if err != nil {
		return x.failure("swap indexes", err)
	}
	return x.await(ctx, "swap indexes", task)
}

// Abort removes the new index.
func (r *rebuild) Abort(ctx context.Context) error {
	if r.over.Swap(true) {
		return nil
	}
	x := r.index
	x.mu.Lock()
	if x.rebuild == r {
		x.rebuild = nil
	}
	x.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return x.remove(ctx, r.uid)
}

// remove deletes an index. Nothing waits for the task: the name is never used
// again.
func (x *Index) remove(ctx context.Context, uid string) error {
	_, err := x.server.DeleteIndexWithContext(ctx, uid)
	if err != nil {
		return x.failure("remove an index", err)
	}
	return nil
}

// removeLeftovers deletes what rebuilds that died, and releases with another
// schema, left of this installation and audience.
func (x *Index) removeLeftovers(ctx context.Context) error {
	base := strings.TrimSuffix(x.uid, fmt.Sprintf("%d", search.SchemaVersion))
	ours := regexp.MustCompile("^" + regexp.QuoteMeta(base) + `\d+(_[a-z0-9]{13})?$`)
	live, err := x.server.GetIndexWithContext(ctx, x.uid)
	if err != nil {
		return x.failure("look at the index", err)
	}
	// The live index was just swapped in, so the time of its last change is the
	// server's own "now", near enough for a day.
	old := live.UpdatedAt.Add(-leftoverAge)
	var all []*client.IndexResult
	for offset := int64(0); ; {
		page, err := x.server.ListIndexesWithContext(ctx, &client.IndexesQuery{Limit: search.MaxBatch, Offset: offset})
		if err != nil {
			return x.failure("list indexes", err)
		}
		all = append(all, page.Results...)
		if offset += int64(len(page.Results)); len(page.Results) == 0 || offset >= page.Total {
			break
		}
	}
	for _, i := range all {
		if i.UID != x.uid && ours.MatchString(i.UID) && i.UpdatedAt.Before(old) {
			if err := x.remove(ctx, i.UID); err != nil {
				return err
			}
		}
	}
	return nil
}
