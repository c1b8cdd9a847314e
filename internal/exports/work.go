package exports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

const (
	// stretch is how many cases one job reads before it makes room for others:
	// well under a second, and some hundred kilobytes in words.
	stretch = 1000
	// pieceSize is how many bytes of the file lie in one piece, as for the files
	// of submissions.
	pieceSize = 1 << 20
	// patience is how many rests of a job that fails the person waits through:
	// half a minute, one and two. Then the export has failed, and the person is
	// told.
	patience = 3
)

// Work goes on with an export for one stretch, or writes its file when all cases
// are read. Only the job that ends the stretch has an effect, and there is one
// for each export at a time.
func (s *Service) Work(ctx context.Context, job, id int64) error {
	var e store.Export
	var actor civic.Actor
	tries := 0
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if e, err = tx.Exports().Get(ctx, id); err != nil {
			return err
		}
		j, err := tx.Outbox().Get(ctx, job)
		if err != nil {
			return err
		}
		tries = j.Attempts
		actor, err = actorOf(ctx, tx, e.User)
		return err
	})
	if err != nil {
		return fmt.Errorf("go on with the export: %w", err)
	}
	if e.Busy() {
		err = s.stretch(ctx, job, e, actor)
	} else {
		err = s.Store.Do(ctx, func(tx store.Tx) error { _, err := tx.Outbox().Finish(ctx, job, s.Now()); return err })
	}
	if err != nil && ctx.Err() == nil && (hopeless(err) || tries >= patience) {
		err = s.fail(ctx, job, e, err)
	}
	if err != nil {
		return fmt.Errorf("go on with the export: %w", err)
	}
	s.committed()
	return nil
}

// actorOf is who the export is made for, with the rights that the account has
// now.
func actorOf(ctx context.Context, tx store.Tx, id civic.UserID) (civic.Actor, error) {
	u, err := tx.Users().Get(ctx, id)
	if err != nil {
		return civic.Actor{}, err
	}
	a := civic.StaffOf(u)
	a.Unproven = !u.Active // may nothing
	return a, nil
}

// hopeless tells failures that no wait cures.
func hopeless(err error) bool {
	switch errs.KindOf(err) {
	case errs.Forbidden, errs.Unauthenticated, errs.NotFound, errs.Invalid, errs.Gone:
		return true
	case errs.Internal, errs.Unavailable, errs.RateLimited, errs.Conflict:
	}
	return false
}

// stretch reads the next cases, or writes the file when there are none.
func (s *Service) stretch(ctx context.Context, job int64, e store.Export, actor civic.Actor) error {
	if err := holds(e, actor); err != nil {
		return err
	}
	key, err := s.Keys.FileKey(e.Ref, e.WrappedKey)
	if err != nil {
		return err
	}
	var rows [][]string
	last := e.After
	if left := s.Source.Most() - e.RowsDone; left > 0 {
		if rows, last, err = s.Source.Rows(ctx, actor, e.Export, e.After, min(left, stretch)); err != nil {
			return err
		}
	}
	if len(rows) == 0 {
		return s.write(ctx, job, e, key)
	}
	plain, err := json.Marshal(rows)
	if err != nil {
		return err
	}
	piece, err := s.keep(ctx, e, key, store.ExportRows, int64(e.RowsDone), plain)
	if err != nil {
		return err
	}
	was := e.State
	if was == civic.ExportWaiting && e.BegunAt.IsZero() {
		e.BegunAt = s.Now()
	}
	e.State, e.After, e.RowsDone = civic.ExportRunning, last, e.RowsDone+len(rows)
	return s.end(ctx, job, func(tx store.Tx) error {
		if err := tx.Exports().Update(ctx, e, was); err != nil {
			return err
		}
		if err := tx.Exports().AddPieces(ctx, e.ID, store.ExportRows, piece); err != nil {
			return err
		}
		return s.promise(ctx, tx, e.ID)
	})
}

// keep seals a piece and stores it. One that no row of the database comes to name
// is deleted with the others that the file does not need.
func (s *Service) keep(ctx context.Context, e store.Export, key *seal.FileKey, part store.ExportPart, place int64, plain []byte) (store.Piece, error) {
	p := store.Piece{Place: place, Size: int64(len(plain)), Blob: e.Ref + "/" + s.NewRef()}
	return p, s.Blobs.Write(ctx, p.Blob, key.Seal(string(part), place, plain))
}

// end ends the job, with what it did in the same transaction, unless it was done
// before.
func (s *Service) end(ctx context.Context, job int64, did func(tx store.Tx) error) error {
	return s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		return did(tx)
	})
}

// write writes the file from the batches and deletes them.
func (s *Service) write(ctx context.Context, job int64, e store.Export, key *seal.FileKey) error {
	var batches []store.Piece
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		batches, err = tx.Exports().Pieces(ctx, e.ID, store.ExportRows)
		return err
	})
	if err != nil {
		return err
	}
	to := &pieces{keep: func(place int64, plain []byte) (store.Piece, error) {
		return s.keep(ctx, e, key, store.ExportFile, place, plain)
	}}
	err = s.Source.Write(to, e.Export, func(add func([]string) error) error {
		for _, b := range batches {
			if err := s.pour(ctx, key, b, add); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = to.flush()
	}
	if err != nil {
		return fmt.Errorf("write the file: %w", err)
	}
	was := e.State
	e.State, e.RowsAll, e.Size, e.EndedAt = civic.ExportDone, e.RowsDone, to.size, s.Now()
	err = s.end(ctx, job, func(tx store.Tx) error {
		if err := tx.Exports().Update(ctx, e, was); err != nil {
			return err
		}
		if err := tx.Exports().AddPieces(ctx, e.ID, store.ExportFile, to.list...); err != nil {
			return err
		}
		return tx.Exports().RemovePieces(ctx, e.ID, store.ExportRows)
	})
	if err != nil {
		return err
	}
	s.tidy(ctx, e)
	return nil
}

// tidy deletes what the file does not need: the batches, and what runs wrote
// that died or came second. What cannot be deleted now goes with the file.
func (s *Service) tidy(ctx context.Context, e store.Export) {
	var file []store.Piece
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		file, err = tx.Exports().Pieces(ctx, e.ID, store.ExportFile)
		return err
	})
	if err == nil {
		_ = s.Blobs.DropBut(ctx, e.Ref, file)
	}
}

// pour gives out the cases of a batch.
func (s *Service) pour(ctx context.Context, key *seal.FileKey, batch store.Piece, add func([]string) error) error {
	plain, err := s.open(ctx, key, store.ExportRows, batch)
	if err != nil {
		return err
	}
	var rows [][]string
	if err := json.Unmarshal(plain, &rows); err != nil {
		return err
	}
	for _, row := range rows {
		if err := add(row); err != nil {
			return err
		}
	}
	return nil
}

// pieces cuts what is written into pieces.
type pieces struct {
	keep func(place int64, plain []byte) (store.Piece, error)
	open []byte
	size int64
	list []store.Piece
}

var _ io.Writer = (*pieces)(nil)

// Write implements io.Writer.
func (p *pieces) Write(b []byte) (int, error) {
	for n := 0; n < len(b); {
		part := b[n:min(len(b), n+pieceSize-len(p.open))]
		p.open = append(p.open, part...)
		n += len(part)
		if len(p.open) == pieceSize {
			if err := p.flush(); err != nil {
				return n, err
			}
		}
	}
	return len(b), nil
}

// flush stores what is open.
func (p *pieces) flush() error {
	if len(p.open) == 0 {
		return nil
	}
	kept, err := p.keep(p.size, p.open)
	if err != nil {
		return err
	}
	p.list, p.size, p.open = append(p.list, kept), p.size+kept.Size, p.open[:0]
	return nil
}

// fail ends an export that does not come on, and its job. The person reads why
// and may let it go on.
func (s *Service) fail(ctx context.Context, job int64, e store.Export, cause error) error {
	err := s.end(ctx, job, func(tx store.Tx) error {
		was := e.State
		e.State, e.Reason, e.EndedAt = civic.ExportFailed, errs.CodeOf(cause), s.Now()
		return tx.Exports().Update(ctx, e, was)
	})
	if err != nil {
		return errors.Join(cause, err)
	}
	return nil
}
