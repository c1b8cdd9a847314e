package attachments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sort"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// OfCase returns the files of a case for staff who may see it.
func (s *Service) OfCase(ctx context.Context, actor civic.Actor, code civic.Code) ([]civic.Attachment, error) {
	rows, err := s.rows(ctx, code, func(sub *civic.Submission) error { return actor.Check(s.Registry, civic.SeeCase, sub) })
	if err != nil {
		return nil, fmt.Errorf("list the files of the case: %w", err)
	}
	return s.named(rows)
}

// PublicOf returns the files that everybody may open. It fails as the public
// page of the case does.
func (s *Service) PublicOf(ctx context.Context, code civic.Code) ([]civic.Attachment, error) {
	rows, err := s.rows(ctx, code, public)
	if err != nil {
		return nil, fmt.Errorf("list the public files: %w", err)
	}
	shown := rows[:0:0]
	for _, a := range rows {
		if a.Public && a.State == civic.FileClean {
			shown = append(shown, a)
		}
	}
	return s.named(shown)
}

// public fails unless everybody may see the submission.
func public(sub *civic.Submission) error {
	switch {
	case sub.Visibility == civic.TakenDown:
		return errs.New(errs.Gone, "submission.taken_down")
	case !sub.Visibility.Public():
		return errs.New(errs.NotFound, "submission.not_found")
	}
	return nil
}

func (s *Service) rows(ctx context.Context, code civic.Code, allowed func(*civic.Submission) error) (rows []store.Attachment, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := allowed(&sub); err != nil {
			return err
		}
		rows, err = tx.Attachments().OfSubmission(ctx, sub.ID)
		return err
	})
	return rows, err
}

// Content is a file that may be read.
type Content struct {
	civic.Attachment
	service *Service
	key     *seal.FileKey
	pieces  []store.Piece
	first   []byte // piece
}

// Reader reads the file, from any place on, with one piece of it in memory.
func (c *Content) Reader(ctx context.Context) io.ReadSeeker {
	return &reader{ctx: ctx, of: c, open: c.first}
}

// reader is where somebody reads.
type reader struct {
	ctx   context.Context //nolint:containedctx // it lives as long as the one download
	of    *Content
	at    int64
	piece int // which one is open
	open  []byte
}

// Read implements io.Reader.
func (r *reader) Read(b []byte) (int, error) {
	if r.at >= r.of.Size {
		return 0, io.EOF
	}
	pieces := r.of.pieces
	if p := pieces[r.piece]; r.at < p.Place || r.at >= p.Place+p.Size {
		next := sort.Search(len(pieces), func(i int) bool { return pieces[i].Place+pieces[i].Size > r.at })
		if next == len(pieces) {
			return 0, errs.New(errs.Internal, "file.lost")
		}
		plain, err := r.of.service.piece(r.ctx, r.of.key, pieces[next], "kept")
		if err != nil {
			return 0, err
		}
		r.piece, r.open = next, plain
	}
	n := copy(b, r.open[r.at-pieces[r.piece].Place:])
	r.at += int64(n)
	return n, nil
}

// Seek implements io.Seeker.
func (r *reader) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += r.at
	case io.SeekEnd:
		offset += r.of.Size
	}
	if offset < 0 {
		return 0, errors.New("seek before the beginning")
	}
	r.at = offset
	return offset, nil
}

// OpenForStaff opens a file of a case for staff who may see it.
func (s *Service) OpenForStaff(ctx context.Context, actor civic.Actor, code civic.Code, ref string) (*Content, error) {
	var of civic.Submission
	rows, err := s.rows(ctx, code, func(sub *civic.Submission) error {
		of = *sub
		return actor.Check(s.Registry, civic.SeeCase, sub)
	})
	if err != nil {
		return nil, fmt.Errorf("open a file of the case: %w", err)
	}
	content, err := s.open(ctx, rows, ref)
	if err != nil {
		return nil, err
	}
	if err := casework.NoteRead(ctx, s.Store, actor, store.NoteFileRead, of, "file:"+ref, s.Now()); err != nil {
		return nil, fmt.Errorf("open a file of the case: %w", err)
	}
	return content, nil
}

// OpenPublic opens a file that was published with its case.
func (s *Service) OpenPublic(ctx context.Context, code civic.Code, ref string) (*Content, error) {
	rows, err := s.rows(ctx, code, public)
	if err != nil {
		return nil, fmt.Errorf("open a public file: %w", err)
	}
	shown := rows[:0:0]
	for _, a := range rows {
		if a.Public {
			shown = append(shown, a)
		}
	}
	return s.open(ctx, shown, ref)
}

// OpenOwn opens a file for whoever sent it.
func (s *Service) OpenOwn(ctx context.Context, o Owner, ref string) (*Content, error) {
	var h holder
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		h, err = s.find(ctx, tx, o, false)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("open an own file: %w", err)
	}
	return s.open(ctx, h.files, ref)
}

// open reads the first piece, so that what is wrong shows before anything is
// sent.
func (s *Service) open(ctx context.Context, rows []store.Attachment, ref string) (*Content, error) {
	h := holder{files: rows}
	a, err := h.file(ref)
	if err != nil {
		return nil, err
	}
	if a.State != civic.FileClean {
		return nil, errs.New(errs.Conflict, "file.not_checked")
	}
	c := &Content{service: s}
	if c.key, err = s.Keys.FileKey(a.Ref, a.WrappedKey); err != nil {
		return nil, err
	}
	if c.Attachment, err = s.one(a); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		c.pieces, err = tx.Attachments().Pieces(ctx, a.ID)
		return err
	})
	if err == nil && len(c.pieces) == 0 {
		err = errs.New(errs.Internal, "file.lost")
	}
	if err == nil {
		c.first, err = s.piece(ctx, c.key, c.pieces[0], "kept")
	}
	if err != nil {
		return nil, fmt.Errorf("open the file: %w", err)
	}
	return c, nil
}
