package finding

import (
	"context"
	"errors"
	"fmt"
	"maps"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
	"hienke/internal/store"
)

// Progress is told how far a long work is. total is an estimate.
type Progress func(done, total int)

// Rebuild builds an index beside the one that answers and swaps, and with the
// public index writes the public shelf anew, case by case. Nobody notices but by
// fresher results. While a drain or another rebuild of the index
// is under way it is Conflict with code index.busy.
func (s *Service) Rebuild(ctx context.Context, name store.IndexName, progress Progress) (indexed int, err error) {
	holder := s.holder()
	mine, err := s.take(ctx, name, holder)
	if err != nil {
		return 0, err
	}
	if !mine {
		return 0, errs.New(errs.Conflict, "index.busy")
	}
	defer func() { err = errors.Join(err, s.release(ctx, name, holder)) }()
	fresh, err := s.index(name).Rebuild(ctx)
	if err != nil {
		return 0, fmt.Errorf("begin a new index: %w", err)
	}
	defer func() { err = errors.Join(err, fresh.Abort(context.WithoutCancel(ctx))) }()
	err = s.walk(ctx, name, progress, func(subs []civic.Submission, changes []search.Change) error {
		indexed += len(changes)
		if name == store.IndexPublic {
			if err := s.shelve(ctx, subs, true); err != nil {
				return err
			}
		}
		return s.applyUnderLease(ctx, lease{name, holder}, fresh, changes)
	})
	if err != nil {
		return 0, fmt.Errorf("fill the new index: %w", err)
	}
	// What changed during the walk goes in before the swap; the marks stay, so
	// that the next drain brings whatever changed after this look.
	_, _, changes, err := s.pending(ctx, name)
	if err != nil {
		return 0, err
	}
	if err := s.applyUnderLease(ctx, lease{name, holder}, fresh, changes); err != nil {
		return 0, fmt.Errorf("bring the new index up to date: %w", err)
	}
	if err := fresh.Commit(ctx); err != nil {
		return 0, fmt.Errorf("swap the indexes: %w", err)
	}
	return indexed, nil
}

// lease is the right of one holder to write to one index.
type lease struct {
	name   store.IndexName
	holder string
}

func (s *Service) applyUnderLease(ctx context.Context, l lease, to search.Rebuild, changes []search.Change) error {
	if err := to.Apply(ctx, changes); err != nil {
		return err
	}
	mine, err := s.take(ctx, l.name, l.holder) // renews it
	if err == nil && !mine {
		err = errs.New(errs.Conflict, "index.busy")
	}
	return err
}

// walk shows every submission's wanted state, batch by batch in order of id.
// Removals are left out: a walk starts from nothing.
func (s *Service) walk(ctx context.Context, name store.IndexName, progress Progress, visit func([]civic.Submission, []search.Change) error) error {
	var after civic.SubmissionID
	done, total := 0, 0
	for {
		var changes []search.Change
		var subs []civic.Submission
		err := s.Store.View(ctx, func(tx store.Tx) error {
			if total == 0 {
				counts, err := tx.Submissions().Count(ctx)
				if err != nil {
					return err
				}
				for n := range maps.Values(counts) {
					total += n
				}
			}
			var err error
			subs, err = tx.Submissions().After(ctx, after, search.MaxBatch)
			if err != nil || len(subs) == 0 {
				return err
			}
			changes, err = s.changesOf(ctx, tx, name, subs)
			return err
		})
		if err != nil {
			return err
		}
		if len(subs) == 0 {
			return nil
		}
		after = subs[len(subs)-1].ID
		var puts []search.Change
		for _, c := range changes {
			if c.Document != nil {
				puts = append(puts, c)
			}
		}
		if err := visit(subs, puts); err != nil {
			return err
		}
		done += len(subs)
		if progress != nil {
			progress(done, total)
		}
	}
}

// Drift is how an index differs from the store.
type Drift struct {
	Missing int // in the store, not in the index
	Stale   int // in both, but different
	Foreign int // in the index only: gone from the store, or not public
}

// Repair compares every document of an index with the store and mends what
// differs. What waits in the queue anyway may be counted too.
func (s *Service) Repair(ctx context.Context, name store.IndexName, progress Progress) (Drift, error) {
	index := s.index(name)
	have := map[civic.Code]string{}
	err := index.Each(ctx, func(code civic.Code, fingerprint string) error {
		have[code] = fingerprint
		return nil
	})
	if err != nil {
		return Drift{}, fmt.Errorf("read the index: %w", err)
	}
	var drift Drift
	err = s.walk(ctx, name, progress, func(_ []civic.Submission, changes []search.Change) error {
		var mend []search.Change
		for _, c := range changes {
			switch fingerprint, ok := have[c.Code]; {
			case !ok:
				drift.Missing++
				mend = append(mend, c)
			case fingerprint != c.Document.Fingerprint():
				drift.Stale++
				mend = append(mend, c)
			}
			delete(have, c.Code)
		}
		return s.mend(ctx, name, mend)
	})
	if err != nil {
		return Drift{}, fmt.Errorf("compare with the store: %w", err)
	}
	var foreign []search.Change
	for code := range have {
		foreign = append(foreign, search.Remove(code))
	}
	drift.Foreign = len(foreign)
	return drift, s.mend(ctx, name, foreign)
}

// mend marks what the store knows, so that the drain brings its newest state,
// and removes at once what it does not.
func (s *Service) mend(ctx context.Context, name store.IndexName, changes []search.Change) error {
	var foreign []search.Change
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		foreign = nil
		var known []civic.SubmissionID
		for _, c := range changes {
			sub, err := tx.Submissions().GetByCode(ctx, c.Code)
			switch {
			case err == nil:
				known = append(known, sub.ID)
			case errs.KindOf(err) == errs.NotFound:
				foreign = append(foreign, search.Remove(c.Code))
			default:
				return err
			}
		}
		if len(known) == 0 {
			return nil
		}
		return tx.IndexQueue().Mark(ctx, known...)
	})
	if err != nil {
		return fmt.Errorf("mark what differs: %w", err)
	}
	for len(foreign) > 0 {
		n := min(len(foreign), search.MaxBatch)
		if err := s.index(name).Apply(ctx, foreign[:n]); err != nil {
			return fmt.Errorf("remove what is not in the store: %w", err)
		}
		foreign = foreign[n:]
	}
	return nil
}
