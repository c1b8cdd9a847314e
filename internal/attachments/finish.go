package attachments

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/inspect"
	"hienke/internal/store"
)

// Finish ends an upload: the file waits to be looked into, and what its first
// bytes show not to be taken is refused at once. A file that is there already,
// byte for byte, is taken once: Finish returns the earlier one.
func (s *Service) Finish(ctx context.Context, o Owner, ref string) (civic.Attachment, error) {
	var h holder
	var a store.Attachment
	var pieces []store.Piece
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if h, err = s.find(ctx, tx, o, false); err != nil {
			return err
		}
		if a, err = h.file(ref); err != nil {
			return err
		}
		pieces, err = tx.Attachments().Pieces(ctx, a.ID)
		return err
	})
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("finish a file: %w", err)
	}
	if a.State != civic.FileUploading { // said twice
		return s.one(a)
	}
	if a.Size > 0 && a.Received != a.Size {
		return civic.Attachment{}, errs.New(errs.Conflict, "file.wrong_offset")
	}
	content, err := s.whole(ctx, a, pieces, "piece")
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("read the file: %w", err)
	}
	a.Digest, a.Size, a.ChangedAt = sha256.Sum256(content), int64(len(content)), s.Now()
	kind, refusal := inspect.Detect(content)
	a.State, a.Type = civic.FileWaiting, kind.Type
	if refusal != nil {
		a.State, a.Reason, a.SettledAt = civic.FileRefused, errs.CodeOf(refusal), a.ChangedAt
	}
	done, err := s.finish(ctx, o, a)
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("finish a file: %w", err)
	}
	if done.Ref != ref || done.State == civic.FileRefused { // what was uploaded is not needed
		if err := s.DropBut(ctx, ref, nil); err != nil {
			return civic.Attachment{}, err
		}
	}
	s.committed()
	return s.one(done)
}

// finish writes it. The draft or submission is locked, so a draft that is sent
// at this moment either takes the file with it or tells that it is too late.
func (s *Service) finish(ctx context.Context, o Owner, a store.Attachment) (store.Attachment, error) {
	done := a
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		done = a
		h, err := s.find(ctx, tx, o, true)
		if err != nil {
			return err
		}
		for _, other := range h.files {
			if other.ID != a.ID && other.Digest == a.Digest && other.State != civic.FileRefused {
				done = other
				return tx.Attachments().Remove(ctx, a.ID)
			}
		}
		if a.State != civic.FileRefused {
			if err := s.room(&h, a.ID, a.Size); err != nil {
				return err
			}
		}
		if _, err := tx.Attachments().Update(ctx, a, civic.FileUploading); err != nil {
			return err
		}
		if a.State == civic.FileRefused {
			return tx.Attachments().PutPieces(ctx, a.ID, nil)
		}
		if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobCheck, Subject: int64(a.ID), CreatedAt: a.ChangedAt}); err != nil || o.isDraft() {
			return err
		}
		if o.actor.Kind == civic.ActorStaff {
			e := civic.Event{Type: civic.EventPaperAdded, User: o.actor.User}
			return casework.Write(ctx, tx, civic.ActorStaff, h.sub.State, h.sub, a.ChangedAt, e)
		}
		return casework.Write(ctx, tx, civic.ActorSender, h.sub.State, h.sub, a.ChangedAt, civic.Event{Type: civic.EventFileAdded})
	})
	return done, err
}

// one is a file with its name.
func (s *Service) one(a store.Attachment) (civic.Attachment, error) {
	named, err := s.named([]store.Attachment{a})
	if err != nil {
		return civic.Attachment{}, err
	}
	if len(named) == 0 {
		return civic.Attachment{}, errs.New(errs.Gone, "file.erased")
	}
	return named[0], nil
}

// Put takes a whole file from a stream, whose size nobody knows in advance. A
// file that does not fit, that cannot be stored, or that the stream breaks off,
// leaves nothing behind. One that is there already fits always.
func (s *Service) Put(ctx context.Context, o Owner, name string, content io.Reader) (civic.Attachment, error) {
	a, err := s.Begin(ctx, o, New{Name: name})
	if err != nil {
		return civic.Attachment{}, err
	}
	if err = s.pour(ctx, o, a.Ref, content); err == nil {
		var whole civic.Attachment
		if whole, err = s.Finish(ctx, o, a.Ref); err == nil {
			return whole, nil
		}
	}
	cleanUp := s.CleanUp(context.WithoutCancel(ctx), o, a.Ref)
	if errs.KindOf(cleanUp) == errs.Conflict { // sent meanwhile: it will be swept
		cleanUp = nil
	}
	return civic.Attachment{}, errors.Join(err, cleanUp)
}

func (s *Service) pour(ctx context.Context, o Owner, ref string, content io.Reader) error {
	buf := make([]byte, PieceSize)
	for place := int64(0); ; {
		n, err := fill(content, buf)
		if n > 0 {
			if _, err := s.Append(ctx, o, ref, place, buf[:n]); err != nil {
				return err
			}
			place += int64(n)
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read the upload: %w", err)
		}
	}
}

// fill reads until the buffer is full or the stream ends. io.ReadFull would tell
// a stream that ended well and one that broke off by the same error.
func fill(content io.Reader, buf []byte) (n int, err error) {
	for n < len(buf) && err == nil {
		var more int
		more, err = content.Read(buf[n:])
		n += more
	}
	return n, err
}

// whole reads all pieces of a file into memory. Files are bounded by Limits.
func (s *Service) whole(ctx context.Context, a store.Attachment, pieces []store.Piece, what string) ([]byte, error) {
	key, err := s.Keys.FileKey(a.Ref, a.WrappedKey)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	for _, p := range pieces {
		plain, err := s.piece(ctx, key, p, what)
		if err != nil {
			return nil, err
		}
		out.Write(plain)
	}
	return out.Bytes(), nil
}
