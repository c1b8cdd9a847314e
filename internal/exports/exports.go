// Package exports writes long lists of cases into files while nobody waits.
//
// What was asked for is kept as an export. Jobs of the queue read its cases
// batch by batch, put them into words and lay each batch, sealed, into the blob
// store; what was read is noted in the transaction that ends the job, so that a
// work which was interrupted goes on where it stood. The last job writes the file
// from the batches. Whoever asked downloads it, and nobody else; a day later its
// key is destroyed and its bytes are deleted.
package exports

import (
	"context"
	"fmt"
	"io"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

const (
	// AtOnce is how many cases are written straight into the answer; more become
	// an export. So many take about a second, which a person waits without asking
	// whether something is wrong.
	AtOnce = 2000
	// Kept is how long a file lies ready: until the next working morning of
	// whoever asked in the evening.
	Kept = 24 * time.Hour
	// remembered is for how long the list still shows that a file was made.
	remembered = 30 * 24 * time.Hour
	// most is how many exports of one person go on at once. They share the queue
	// with the mail to citizens.
	most = 3
	// listed is how many exports stand on a page.
	listed = 50
)

// Source knows the cases and the words for them.
type Source interface {
	// Count returns how many cases a list has that an actor may see.
	Count(ctx context.Context, actor civic.Actor, query string) (int, error)
	// Rows returns up to limit cases behind one, in words, and the last of them.
	Rows(ctx context.Context, actor civic.Actor, e civic.Export, after civic.SubmissionID, limit int) (rows [][]string, last civic.SubmissionID, err error)
	// Write writes the file. rows calls add for each case.
	Write(to io.Writer, e civic.Export, rows func(add func(row []string) error) error) error
	// Most is how many cases a file takes.
	Most() int
}

// Blobs keeps sealed bytes, named REF/RANDOM.
type Blobs interface {
	Write(ctx context.Context, key string, sealed []byte) error
	Read(ctx context.Context, key string) ([]byte, error)
	// DropBut deletes everything of a ref but the pieces named.
	DropBut(ctx context.Context, ref string, kept []store.Piece) error
}

// Service makes exports. All fields but Committed are required.
type Service struct {
	Store  store.Store
	Keys   *seal.Keys
	Blobs  Blobs
	Source Source
	Now    func() time.Time
	NewRef func() string // 26 characters that nobody can guess
	// Committed is told that the outbox has something new.
	Committed func()
}

// Count returns how many cases a list has that the actor may see.
func (s *Service) Count(ctx context.Context, actor civic.Actor, query string) (int, error) {
	return s.Source.Count(ctx, actor, query)
}

// Ask stores an export and lets the queue begin with it. It is Conflict with
// code export.too_many while too many of the person's are under way.
func (s *Service) Ask(ctx context.Context, actor civic.Actor, query string, format civic.ExportFormat, lang civic.Language) (id int64, err error) {
	if !format.Valid() {
		return 0, errs.New(errs.NotFound, "export.not_found")
	}
	n, err := s.Source.Count(ctx, actor, query)
	if err != nil {
		return 0, fmt.Errorf("ask for an export: %w", err)
	}
	ref := s.NewRef()
	_, wrapped, err := s.Keys.NewFileKey(ref)
	if err != nil {
		return 0, fmt.Errorf("ask for an export: %w", err)
	}
	e := store.Export{Ref: ref, WrappedKey: wrapped, Export: civic.Export{
		User: actor.User, Role: actor.Role, Agency: actor.Agency, Query: query, Format: format, Language: lang,
		State: civic.ExportWaiting, RowsAll: n, AskedAt: s.Now(),
	}}
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if err := fewEnough(ctx, tx, actor); err != nil {
			return err
		}
		if id, err = tx.Exports().Add(ctx, e); err != nil {
			return err
		}
		if err := s.note(ctx, tx, actor, store.NoteExportAsked, id); err != nil {
			return err
		}
		return s.promise(ctx, tx, id)
	})
	if err != nil {
		return 0, fmt.Errorf("ask for an export: %w", err)
	}
	s.committed()
	return id, nil
}

// fewEnough fails while too many exports of the person are under way.
func fewEnough(ctx context.Context, tx store.Tx, actor civic.Actor) error {
	n, err := tx.Exports().Busy(ctx, actor.User)
	if err == nil && n >= most {
		err = errs.New(errs.Conflict, "export.too_many")
	}
	return err
}

// promise puts the next stretch of work into the outbox.
func (s *Service) promise(ctx context.Context, tx store.Tx, id int64) error {
	_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobExport, Subject: id, CreatedAt: s.Now()})
	return err
}

// note writes into the audit what the person did with an export.
func (s *Service) note(ctx context.Context, tx store.Tx, actor civic.Actor, what string, id int64) error {
	return tx.Audit().Note(ctx, store.AuditLine{
		At: s.Now(), Actor: actor.Kind, User: actor.User, What: what, Subject: fmt.Sprintf("export:%d", id), Detail: string(actor.Role),
	})
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}

// List returns the person's exports that are older than before, the newest
// first, and whether there are more. before zero begins at the newest.
func (s *Service) List(ctx context.Context, actor civic.Actor, before int64) (list []civic.Export, more bool, err error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return nil, false, err
	}
	var found []store.Export
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		found, err = tx.Exports().List(ctx, actor.User, before, listed+1)
		return err
	})
	if err != nil {
		return nil, false, fmt.Errorf("list the exports: %w", err)
	}
	for _, e := range found[:min(len(found), listed)] {
		list = append(list, s.told(e))
	}
	return list, len(found) > listed, nil
}

// Show returns an export of the person. Another's is NotFound.
func (s *Service) Show(ctx context.Context, actor civic.Actor, id int64) (civic.Export, error) {
	var e store.Export
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		e, err = own(ctx, tx, actor, id)
		return err
	})
	if err != nil {
		return civic.Export{}, fmt.Errorf("show the export: %w", err)
	}
	return s.told(e), nil
}

// told is an export as its person sees it: a file whose time is over is gone,
// also before Sweep comes by.
func (s *Service) told(e store.Export) civic.Export {
	if e.State == civic.ExportDone && s.expired(e) {
		e.State = civic.ExportExpired
	}
	return e.Export
}

// own returns an export that the person asked for.
func own(ctx context.Context, tx store.Tx, actor civic.Actor, id int64) (store.Export, error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return store.Export{}, err
	}
	e, err := tx.Exports().Get(ctx, id)
	if err == nil && e.User != actor.User {
		err = errs.New(errs.NotFound, "export.not_found")
	}
	return e, err
}

// holds fails unless the actor has the rights still that the export was asked
// for with: another role or agency reaches other cases.
func holds(e store.Export, actor civic.Actor) error {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return err
	}
	if e.Role != actor.Role || e.Agency != actor.Agency {
		return errs.New(errs.Forbidden, "export.rights_changed")
	}
	return nil
}

// Retry lets an export go on that failed, from where it stood.
func (s *Service) Retry(ctx context.Context, actor civic.Actor, id int64) error {
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		e, err := own(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		if err := holds(e, actor); err != nil {
			return err
		}
		if err := fewEnough(ctx, tx, actor); err != nil {
			return err
		}
		e.State, e.Reason, e.EndedAt = civic.ExportWaiting, "", time.Time{}
		if err := tx.Exports().Update(ctx, e, civic.ExportFailed); err != nil {
			return err
		}
		return s.promise(ctx, tx, id)
	})
	if err != nil {
		return fmt.Errorf("let the export go on: %w", err)
	}
	s.committed()
	return nil
}

// File is an export that may be read.
type File struct {
	civic.Export
	service *Service
	key     *seal.FileKey
	pieces  []store.Piece
	first   []byte
}

// Open opens the file for whoever asked for it, while that person's rights are
// those it was made with, and notes that it was taken. It reads the first piece,
// so that what is wrong shows before anything is sent.
func (s *Service) Open(ctx context.Context, actor civic.Actor, id int64) (*File, error) {
	f := &File{service: s}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		e, err := own(ctx, tx, actor, id)
		if err != nil {
			return err
		}
		switch s.told(e).State {
		case civic.ExportDone:
		case civic.ExportExpired:
			return errs.New(errs.Gone, "export.expired")
		case civic.ExportWaiting, civic.ExportRunning, civic.ExportFailed:
			return errs.New(errs.Conflict, "export.not_done")
		}
		if err := holds(e, actor); err != nil {
			return err
		}
		if f.key, err = s.Keys.FileKey(e.Ref, e.WrappedKey); err != nil {
			return err
		}
		f.Export = e.Export
		if f.pieces, err = tx.Exports().Pieces(ctx, id, store.ExportFile); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, store.NoteExportTaken, id)
	})
	if err == nil && len(f.pieces) == 0 {
		err = errs.New(errs.Internal, "file.lost")
	}
	if err == nil {
		f.first, err = s.open(ctx, f.key, store.ExportFile, f.pieces[0])
	}
	if err != nil {
		return nil, fmt.Errorf("open the export: %w", err)
	}
	return f, nil
}

// expired reports whether the time is over for which a file is kept.
func (s *Service) expired(e store.Export) bool { return !s.Now().Before(e.EndedAt.Add(Kept)) }

// Send writes the file, with one piece of it in memory.
func (f *File) Send(ctx context.Context, to io.Writer) error {
	for i, p := range f.pieces {
		plain := f.first
		if i > 0 {
			var err error
			if plain, err = f.service.open(ctx, f.key, store.ExportFile, p); err != nil {
				return fmt.Errorf("send the export: %w", err)
			}
		}
		if _, err := to.Write(plain); err != nil {
			return fmt.Errorf("send the export: %w", err)
		}
	}
	return nil
}

// open reads a piece.
func (s *Service) open(ctx context.Context, key *seal.FileKey, part store.ExportPart, p store.Piece) ([]byte, error) {
	sealed, err := s.Blobs.Read(ctx, p.Blob)
	if err != nil {
		return nil, err
	}
	return key.Open(string(part), p.Place, sealed)
}

// sweepBatch bounds one round of Sweep.
const sweepBatch = 100

// Sweep erases files whose time is over, and forgets after a month that they
// were made. It reports whether more may be waiting. The key goes first, which
// makes the bytes unreadable in every copy; bytes that could not be deleted are
// found again.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	var stale []store.Export
	pruned := 0
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		if pruned, err = tx.Exports().Prune(ctx, s.Now().Add(-remembered), sweepBatch); err != nil {
			return err
		}
		if stale, err = tx.Exports().Stale(ctx, s.Now().Add(-Kept), sweepBatch); err != nil {
			return err
		}
		for i, e := range stale {
			was := e.State
			e.State, e.WrappedKey = civic.ExportExpired, nil
			if err := tx.Exports().Update(ctx, e, was); err != nil {
				return err
			}
			stale[i] = e
		}
		return nil
	})
	if err != nil {
		return false, fmt.Errorf("look for exports whose time is over: %w", err)
	}
	for _, e := range stale {
		if err := s.forget(ctx, e); err != nil {
			return false, fmt.Errorf("erase an export: %w", err)
		}
	}
	return len(stale) == sweepBatch || pruned == sweepBatch, nil
}

// forget deletes the bytes of an export that expired.
func (s *Service) forget(ctx context.Context, e store.Export) error {
	if err := s.Blobs.DropBut(ctx, e.Ref, nil); err != nil {
		return err
	}
	return s.Store.Do(ctx, func(tx store.Tx) error {
		for _, part := range []store.ExportPart{store.ExportRows, store.ExportFile} {
			if err := tx.Exports().RemovePieces(ctx, e.ID, part); err != nil {
				return err
			}
		}
		e.Ref = ""
		return tx.Exports().Update(ctx, e, civic.ExportExpired)
	})
}
