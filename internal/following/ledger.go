package following

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

// Ended is that somebody stopped following: one thing, or everything.
type Ended struct {
	// Pseudonym is the subscriber's. Without the installation's key it tells of
	// no address.
	Pseudonym string
	// Follow is when what ended was asked for, which tells it from everything
	// else of the subscriber's. Zero: everything asked for up to At ended.
	Follow time.Time
	At     time.Time
}

// Ledger keeps what was ended apart from the database and its backups, so that
// it ends again in one that was restored: nobody is told who said stop, and an
// address that was forgotten stays so.
//
// What nobody confirmed is not in it. It expires, in a restored database as in
// any, before anything is told of it; see Service.Prune.
type Ledger interface {
	// NoteEnded writes e down durably.
	NoteEnded(e Ended) error
	// Ended returns everything that was noted, the oldest first.
	Ended() ([]Ended, error)
}

// noted writes an end down and then brings it about: a process that dies
// between the two leaves what the next start ends, and never the other way
// round.
func (s *Service) noted(ctx context.Context, e Ended, end func(tx store.Tx) error) error {
	if s.Ledger != nil {
		if err := s.Ledger.NoteEnded(e); err != nil {
			return fmt.Errorf("note the end: %w", err)
		}
	}
	return s.Store.Do(ctx, end)
}

// lookUp is how many lines of the ledger one transaction looks up.
const lookUp = 500

// Restored returns what is followed and ended according to the ledger: a
// restored database brought it back. Who came again later is not meant.
func (s *Service) Restored(ctx context.Context) (found []int64, err error) {
	if s.Ledger == nil {
		return nil, nil
	}
	ended, err := s.Ledger.Ended()
	if err != nil {
		return nil, fmt.Errorf("read the ledger of erasures: %w", err)
	}
	for some := range slices.Chunk(ended, lookUp) {
		err := s.Store.View(ctx, func(tx store.Tx) error {
			for _, e := range some {
				again, err := e.again(ctx, tx)
				if err != nil {
					return err
				}
				for _, f := range again {
					if !slices.Contains(found, f.ID) {
						found = append(found, f.ID)
					}
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for what was ended: %w", err)
		}
	}
	return found, nil
}

// again returns what an end ended and is there.
func (e Ended) again(ctx context.Context, tx store.Tx) ([]store.Follow, error) {
	who, err := tx.Following().Find(ctx, e.Pseudonym)
	if err != nil {
		if errs.KindOf(err) == errs.NotFound {
			err = nil
		}
		return nil, err
	}
	if e.Follow.IsZero() {
		return tx.Following().AskedUpTo(ctx, who.ID, e.At)
	}
	list, err := tx.Following().AskedUpTo(ctx, who.ID, e.Follow)
	return slices.DeleteFunc(list, func(f store.Follow) bool { return !f.CreatedAt.Equal(e.Follow) }), err
}

// Replay ends again what the ledger says was ended, forgets who follows nothing
// more, and returns how many follows a restored database had brought back.
func (s *Service) Replay(ctx context.Context) (int, error) {
	found, err := s.Restored(ctx)
	if err != nil {
		return 0, err
	}
	for n, id := range found {
		if err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Following().Remove(ctx, id) }); err != nil {
			return n, fmt.Errorf("end again: %w", err)
		}
	}
	return len(found), nil
}
