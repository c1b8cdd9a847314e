package attachments

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// What lies in the bucket is called REF/RANDOM: everything of a file is found
// by its ref, and no name says anything.

// put stores several blobs so that they survive.
func (s *Service) put(ctx context.Context, keys []string, sealed [][]byte) error {
	for i, key := range keys {
		if err := s.Bucket.WriteAll(ctx, key, sealed[i], &blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
			return errs.Wrap(errs.Unavailable, "file.store_away", fmt.Errorf("store a piece: %w", err))
		}
	}
	if s.Sync == nil {
		return nil
	}
	if err := s.Sync(keys); err != nil {
		return errs.Wrap(errs.Unavailable, "file.store_away", fmt.Errorf("sync a piece: %w", err))
	}
	return nil
}

// piece reads one.
func (s *Service) piece(ctx context.Context, key *seal.FileKey, p store.Piece, what string) ([]byte, error) {
	sealed, err := s.Read(ctx, p.Blob)
	if err != nil {
		return nil, err
	}
	return key.Open(what, p.Place, sealed)
}

// Read returns the sealed bytes under a key. What is not there is Internal with
// code file.lost.
func (s *Service) Read(ctx context.Context, key string) ([]byte, error) {
	sealed, err := s.Bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, errs.Wrap(errs.Internal, "file.lost", err)
	}
	if err != nil {
		return nil, errs.Wrap(errs.Unavailable, "file.store_away", fmt.Errorf("read a piece: %w", err))
	}
	return sealed, nil
}

// Write stores bytes under a key, sealed by whoever keeps the key to them, so
// that they survive: other files of the house lie beside those of submissions.
func (s *Service) Write(ctx context.Context, key string, sealed []byte) error {
	return s.put(ctx, []string{key}, [][]byte{sealed})
}

// drop deletes blobs; missing ones are no error.
func (s *Service) drop(ctx context.Context, keys []string) error {
	for _, key := range keys {
		if err := s.Bucket.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return errs.Wrap(errs.Unavailable, "file.store_away", fmt.Errorf("delete a piece: %w", err))
		}
	}
	return nil
}

// Drop deletes the bytes of a file that the database does not know any more.
func (s *Service) Drop(ctx context.Context, ref string) error { return s.DropBut(ctx, ref, nil) }

// DropBut deletes everything of a file but these pieces, what an attempt that
// failed half way left behind as well.
func (s *Service) DropBut(ctx context.Context, ref string, kept []store.Piece) error {
	var keys []string
	for it := s.Bucket.List(&blob.ListOptions{Prefix: ref + "/"}); ; {
		o, err := it.Next(ctx)
		if errors.Is(err, io.EOF) {
			return s.drop(ctx, keys)
		}
		if err != nil {
			return errs.Wrap(errs.Unavailable, "file.store_away", fmt.Errorf("list the pieces: %w", err))
		}
		if !slices.ContainsFunc(kept, func(p store.Piece) bool { return p.Blob == o.Key }) {
			keys = append(keys, o.Key)
		}
	}
}
