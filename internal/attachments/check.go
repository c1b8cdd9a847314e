package attachments

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// CodeInfected is why a file is refused in which the scanner found something.
const CodeInfected = "file.infected"

// Check looks into a file. It is the handler of store.JobCheck. While the
// scanner cannot answer the file waits: nobody opens what was not looked into.
func (s *Service) Check(ctx context.Context, job int64, id civic.AttachmentID) error {
	var a store.Attachment
	var pieces []store.Piece
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if a, err = tx.Attachments().Get(ctx, id); err != nil {
			return err
		}
		pieces, err = tx.Attachments().Pieces(ctx, id)
		return err
	})
	switch {
	case err != nil && errs.KindOf(err) != errs.NotFound:
		return fmt.Errorf("look the file up: %w", err)
	case err == nil && a.State != civic.FileWaiting && a.State != civic.FileUploading: // looked into before; what was left is deleted
		if err := s.DropBut(ctx, a.Ref, pieces); err != nil {
			return err
		}
		fallthrough
	case err != nil, a.State != civic.FileWaiting, len(a.WrappedKey) == 0: // or taken away
		return s.Store.Do(ctx, func(tx store.Tx) error {
			_, err := tx.Outbox().Finish(ctx, job, s.Now())
			return err
		})
	}
	found, err := s.look(ctx, &a, pieces)
	if err != nil {
		return fmt.Errorf("look into the file: %w", err)
	}
	switch err := s.settle(ctx, job, a, found); {
	case errs.CodeOf(err) == "file.moved_on":
		// It was taken away, or another run was faster: nobody knows of the pieces
		// that were made here. As it is now it needs no look any more.
		if err := s.drop(ctx, blobs(found)); err != nil {
			return err
		}
		return s.Check(ctx, job, id)
	case err != nil:
		return fmt.Errorf("store what was found: %w", err)
	}
	s.committed()
	return s.DropBut(ctx, a.Ref, found)
}

// look decides what becomes of a file and stores what is kept of it.
func (s *Service) look(ctx context.Context, a *store.Attachment, pieces []store.Piece) (kept []store.Piece, err error) {
	content, err := s.whole(ctx, *a, pieces, "piece")
	if err != nil {
		return nil, err
	}
	a.ChangedAt = s.Now()
	a.SettledAt = a.ChangedAt
	if s.Scanner != nil {
		threat, err := s.Scanner.Scan(ctx, bytes.NewReader(content))
		if err != nil {
			return nil, err
		}
		if threat != "" {
			a.State, a.Reason = civic.FileRefused, CodeInfected
			return nil, nil
		}
	}
	report, err := s.Inspect(ctx, content)
	if err != nil && errs.KindOf(err) == errs.Invalid {
		a.State, a.Reason = civic.FileRefused, errs.CodeOf(err)
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	key, err := s.Keys.FileKey(a.Ref, a.WrappedKey)
	if err != nil {
		return nil, err
	}
	name, err := key.Open("name", 0, a.SealedName)
	if err != nil {
		return nil, err
	}
	a.State, a.Type, a.Size = civic.FileClean, report.Type, int64(len(report.Content))
	a.SealedName = key.Seal("name", 0, []byte(withExtension(string(name), report.Extension)))
	if text := strings.TrimSpace(report.Text); text != "" {
		a.SealedText = key.Seal("text", 0, []byte(text))
	}
	var keys []string
	var sealed [][]byte
	for at := 0; at < len(report.Content); at += PieceSize {
		part := report.Content[at:min(at+PieceSize, len(report.Content))]
		p := store.Piece{Place: int64(at), Size: int64(len(part)), Blob: a.Ref + "/" + s.NewRef()}
		kept, keys, sealed = append(kept, p), append(keys, p.Blob), append(sealed, key.Seal("kept", p.Place, part))
	}
	return kept, s.put(ctx, keys, sealed)
}

// blobs are the keys of pieces.
func blobs(pieces []store.Piece) (keys []string) {
	for _, p := range pieces {
		keys = append(keys, p.Blob)
	}
	return keys
}

// settle writes it. With the last file of a submission that was waited for the
// submission is matched.
func (s *Service) settle(ctx context.Context, job int64, a store.Attachment, kept []store.Piece) error {
	return s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		sub, err := tx.Attachments().Update(ctx, a, civic.FileWaiting)
		if err != nil {
			return err
		}
		if err := tx.Attachments().PutPieces(ctx, a.ID, kept); err != nil || sub == 0 {
			return err
		}
		if _, err := tx.Submissions().Lock(ctx, sub); err != nil { // of two files the later sees that it is the last
			return err
		}
		if err := tx.IndexQueue().Mark(ctx, sub); err != nil {
			return err
		}
		if waiting, err := tx.Attachments().Waiting(ctx, sub); err != nil || waiting > 0 {
			return err
		}
		return tx.Outbox().Hasten(ctx, store.JobMatch, int64(sub))
	})
}

// keepUnfinished is how long what belongs to no submission is kept after its
// last change: as long as a draft. keepRefused is how long the sender is told of
// a file of a submission that was refused.
const keepUnfinished = 14 * 24 * time.Hour

// sweepBatch bounds one round of Sweep.
const sweepBatch = 100

// Sweep takes away the files of drafts that nobody sent, uploads that were
// broken off and what was refused, each after two weeks. It reports whether
// more may be waiting.
func (s *Service) Sweep(ctx context.Context) (more bool, err error) {
	var stale []store.Attachment
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		stale, err = tx.Attachments().Stale(ctx, s.Now().Add(-keepUnfinished), sweepBatch)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("look for files that nobody sent: %w", err)
	}
	for _, a := range stale {
		if err := s.Forget(ctx, a); err != nil {
			return false, fmt.Errorf("remove a file that nobody sent: %w", err)
		}
	}
	return len(stale) == sweepBatch, nil
}
