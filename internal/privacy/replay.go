package privacy

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// lookUp is how many codes of the ledger one transaction looks up.
const lookUp = 500

// Restored returns the codes of which the ledger says that the text was erased,
// and which have one: a restored database brought it back.
func (s *Service) Restored(ctx context.Context) (found []civic.Code, err error) {
	if s.Ledger == nil {
		return nil, nil
	}
	codes, err := s.Ledger.Texts()
	if err != nil {
		return nil, fmt.Errorf("read the ledger of erasures: %w", err)
	}
	for some := range slices.Chunk(codes, lookUp) {
		err := s.Store.View(ctx, func(tx store.Tx) error {
			for _, code := range some {
				sub, err := tx.Submissions().GetByCode(ctx, code)
				if err != nil && errs.KindOf(err) != errs.NotFound { // it was received after that backup was made
					return err
				}
				if err == nil && sub.Body != civic.ErasedBody && !slices.Contains(found, code) {
					found = append(found, code)
				}
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("look for erased cases: %w", err)
		}
	}
	return found, nil
}

// Replay erases again what the ledger says was erased, in a database that came
// from a backup, and returns how many cases that were.
func (s *Service) Replay(ctx context.Context) (done int, err error) {
	codes, err := s.Restored(ctx)
	if err != nil {
		return 0, err
	}
	for _, code := range codes {
		var files []string
		err := s.Store.Do(ctx, func(tx store.Tx) error {
			files = nil
			sub, err := tx.Submissions().GetByCode(ctx, code)
			if err != nil {
				return err
			}
			files, err = eraseCase(ctx, tx, civic.System, sub.ID, s.Now())
			return err
		})
		if err != nil {
			return done, fmt.Errorf("erase a case again: %w", err)
		}
		done++
		if err := s.drop(ctx, files); err != nil {
			return done, err
		}
	}
	return done, nil
}
