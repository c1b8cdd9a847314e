// Package finding is what can be found: it keeps the two search indexes and the
// public shelf in step with the store, builds them anew, and answers searches.
//
// The store is the truth. A drain reads the current state of what changed and
// never a state from the past, so an old state cannot overwrite a newer one;
// a lease sees to it that one worker at a time drains an index.
package finding

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/search"
	"hienke/internal/store"
)

// Service keeps and asks the indexes. All fields are required.
type Service struct {
	Store store.Store
	// Public and Staff answer for the two audiences. Neither ever holds a
	// document of the other.
	Public search.Index
	Staff  search.Index
	// Keys open the text of files.
	Keys *seal.Keys
	Now  func() time.Time
	// Holder names this process in leases, for whoever reads them.
	Holder string
}

// leaseTime is how long a worker that died can keep others from draining.
const leaseTime = time.Minute

// index returns the engine's index of a name.
func (s *Service) index(name store.IndexName) search.Index {
	if name == store.IndexPublic {
		return s.Public
	}
	return s.Staff
}

// holder names one piece of work in leases. Two of one process exclude each
// other as those of two processes do: a drain beside a rebuild would
// acknowledge what the new index has not got.
func (s *Service) holder() string { return s.Holder + "/" + rand.Text() }

// take gets or renews the lease of an index for a holder.
func (s *Service) take(ctx context.Context, name store.IndexName, holder string) (bool, error) {
	now := s.Now()
	var mine bool
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		var err error
		mine, err = tx.Leases().Take(ctx, "index."+string(name), holder, now, leaseTime)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("take the index lease: %w", err)
	}
	return mine, nil
}

// release gives the lease back even when the caller was told to stop.
func (s *Service) release(ctx context.Context, name store.IndexName, holder string) error {
	ctx = context.WithoutCancel(ctx)
	err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Leases().Release(ctx, "index."+string(name), holder) })
	if err != nil {
		return fmt.Errorf("release the index lease: %w", err)
	}
	return nil
}

// Drain brings up to one batch of changed submissions into an index and
// reports whether more may be waiting. While another drain or a rebuild is
// under way, it does nothing. The marks are taken away only after the engine has the batch.
func (s *Service) Drain(ctx context.Context, name store.IndexName) (more bool, err error) {
	var dirty []store.Dirty
	err = s.Store.View(ctx, func(tx store.Tx) error {
		dirty, err = tx.IndexQueue().Take(ctx, name, search.MaxBatch)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look at the index queue: %w", err)
	}
	if len(dirty) == 0 { // the usual case costs no write
		return false, nil
	}
	holder := s.holder()
	mine, err := s.take(ctx, name, holder)
	if err != nil || !mine {
		return false, err
	}
	defer func() {
		if e := s.release(ctx, name, holder); err == nil {
			err = e
		}
	}()
	return s.drainBatch(ctx, name)
}

// drainBatch works under the lease.
func (s *Service) drainBatch(ctx context.Context, name store.IndexName) (bool, error) {
	dirty, subs, changes, err := s.pending(ctx, name)
	if err != nil || len(dirty) == 0 {
		return false, err
	}
	if name == store.IndexPublic {
		if err := s.shelve(ctx, subs, false); err != nil {
			return false, err
		}
	}
	if err := s.index(name).Apply(ctx, changes); err != nil {
		return false, fmt.Errorf("index %d submissions: %w", len(changes), err)
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error { return tx.IndexQueue().Ack(ctx, name, dirty) })
	if err != nil {
		return false, fmt.Errorf("acknowledge the indexed: %w", err)
	}
	return len(dirty) == search.MaxBatch, nil
}

// pending reads one batch of marks and, on the same snapshot, what the marked
// submissions look like now.
func (s *Service) pending(ctx context.Context, name store.IndexName) (dirty []store.Dirty, subs []civic.Submission, changes []search.Change, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if dirty, err = tx.IndexQueue().Take(ctx, name, search.MaxBatch); err != nil {
			return err
		}
		ids := make([]civic.SubmissionID, len(dirty))
		for i, d := range dirty {
			ids[i] = d.Submission
		}
		if subs, err = tx.Submissions().List(ctx, ids); err != nil {
			return err
		}
		changes, err = s.changesOf(ctx, tx, name, subs)
		return err
	})
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read what changed: %w", err)
	}
	return dirty, subs, changes, nil
}

// changesOf says what an index should hold of each submission.
func (s *Service) changesOf(ctx context.Context, tx store.Tx, name store.IndexName, subs []civic.Submission) ([]search.Change, error) {
	changes := make([]search.Change, 0, len(subs))
	ids := make([]civic.SubmissionID, len(subs))
	for i, sub := range subs {
		ids[i] = sub.ID
	}
	texts, err := casework.FileText(ctx, tx, s.Keys, ids, name == store.IndexPublic)
	if err != nil {
		return nil, err
	}
	for _, sub := range subs {
		if name == store.IndexPublic && !sub.Visibility.Public() {
			changes = append(changes, search.Remove(sub.Code))
			continue
		}
		var answer civic.Answer
		if civic.WithAnswer.Has(sub.State) && (name == store.IndexStaff || sub.Visibility == civic.PublicWithAnswer) {
			a, err := tx.Answers().Approved(ctx, sub.ID)
			if err != nil && errs.KindOf(err) != errs.NotFound {
				return nil, err
			}
			answer = a
		}
		changes = append(changes, search.Put(casework.Document(sub, answer, texts[sub.ID], name == store.IndexPublic)))
	}
	return changes, nil
}

// Search answers a search of the public.
func (s *Service) Search(ctx context.Context, q search.Query) (search.Result, error) {
	return s.Public.Query(ctx, q)
}
