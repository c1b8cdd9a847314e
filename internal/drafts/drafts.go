// Package drafts keeps what people are still writing, for days, under an
// address that only they know. A draft is a bag of named values; what they mean
// is the business of the form.
//
// The token in the address is all there is to a draft: the database holds its
// hash, and the content under a key that the token is half of. What was sent is
// destroyed at once, what was left lying after Lasts.
package drafts

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// Lasts is how long a draft is kept after its last change: long enough to ask
// somebody, to look for a document, to come back after a harvest.
const Lasts = 14 * 24 * time.Hour

// TokenLength is the length of a token: 26 characters of base 32, 130 bits.
const TokenLength = 26

// MaxSize bounds the values of one draft, in bytes: a text of the greatest
// length in letters of three bytes, and as much again for the rest.
const MaxSize = 2 * 3 * civic.MaxBody

// tries bounds how often a change is made anew because another tab was faster.
const tries = 5

// Service keeps drafts. All fields are required.
type Service struct {
	Store store.Store
	Keys  *seal.Keys
	Now   func() time.Time
	// NewToken draws a token of TokenLength characters that nobody can guess.
	NewToken func() string
}

// Draft is one draft, open.
type Draft struct {
	Token  string
	Values map[string]string
	// BegunAt is when the first page was sent.
	BegunAt time.Time
	// ChangedAt is when it was last saved, or sent.
	ChangedAt time.Time
	ExpiresAt time.Time
	// Sent is the code of the submission that it became; there are no values
	// then.
	Sent civic.Code
}

// Begin stores a new draft.
func (s *Service) Begin(ctx context.Context, values map[string]string) (Draft, error) {
	now := s.Now()
	d := Draft{Token: s.NewToken(), Values: values, BegunAt: now, ChangedAt: now, ExpiresAt: now.Add(Lasts)}
	sealed, err := s.seal(d.Token, values)
	if err != nil {
		return Draft{}, fmt.Errorf("begin a draft: %w", err)
	}
	row := store.Draft{
		TokenHash: sha256.Sum256([]byte(d.Token)), Sealed: sealed, Version: 1, CreatedAt: now, ChangedAt: now, ExpiresAt: d.ExpiresAt,
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error { return tx.Drafts().Add(ctx, row) })
	if err != nil {
		return Draft{}, fmt.Errorf("begin a draft: %w", err)
	}
	return d, nil
}

// Get opens a draft. One that is not there, or not any more, is NotFound with
// code draft.not_found.
func (s *Service) Get(ctx context.Context, token string) (Draft, error) {
	row, err := s.row(ctx, token)
	if err != nil {
		return Draft{}, fmt.Errorf("open the draft: %w", err)
	}
	return s.open(token, row)
}

// Save puts values into a draft and leaves its other values as they are, so
// that two tabs on different pages of a form take nothing from each other. An
// empty value takes the old one away. A draft that was sent is Conflict with
// code draft.sent.
func (s *Service) Save(ctx context.Context, token string, values map[string]string) (Draft, error) {
	d, err := s.change(ctx, token, func(d *Draft) error {
		maps.Copy(d.Values, values)
		maps.DeleteFunc(d.Values, func(_, v string) bool { return v == "" })
		return nil
	})
	if err != nil {
		return Draft{}, fmt.Errorf("save the draft: %w", err)
	}
	return d, nil
}

// Finish notes what the draft became and destroys its content. Doing it twice
// is no error.
func (s *Service) Finish(ctx context.Context, token string, code civic.Code) error {
	_, err := s.change(ctx, token, func(d *Draft) error {
		d.Sent, d.Values = code, nil
		return nil
	})
	if errs.CodeOf(err) == "draft.sent" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("finish the draft: %w", err)
	}
	return nil
}

// Discard destroys a draft for good. One that is not there, or not any more, is
// no error; one that was sent stays what it is.
func (s *Service) Discard(ctx context.Context, token string) error {
	_, err := s.change(ctx, token, func(d *Draft) error {
		d.Values, d.ExpiresAt = nil, d.ChangedAt
		return nil
	})
	if code := errs.CodeOf(err); err != nil && code != "draft.sent" && code != "draft.not_found" {
		return fmt.Errorf("discard the draft: %w", err)
	}
	return nil
}

// change reads, changes and writes a draft, again when another tab was faster.
func (s *Service) change(ctx context.Context, token string, do func(*Draft) error) (Draft, error) {
	for n := 1; ; n++ {
		d, err := s.changeOnce(ctx, token, do)
		if errs.CodeOf(err) != "draft.version_mismatch" || n == tries {
			return d, err
		}
	}
}

func (s *Service) changeOnce(ctx context.Context, token string, do func(*Draft) error) (Draft, error) {
	row, err := s.row(ctx, token)
	if err != nil {
		return Draft{}, err
	}
	d, err := s.open(token, row)
	switch {
	case err != nil:
		return Draft{}, err
	case d.Sent != "":
		return Draft{}, errs.New(errs.Conflict, "draft.sent")
	}
	now := s.Now()
	d.ChangedAt, d.ExpiresAt = now, now.Add(Lasts)
	if err := do(&d); err != nil {
		return Draft{}, err
	}
	row.Version++
	row.ChangedAt, row.ExpiresAt, row.Sent, row.Sealed = now, d.ExpiresAt, d.Sent, []byte{}
	if d.Sent == "" {
		if row.Sealed, err = s.seal(token, d.Values); err != nil {
			return Draft{}, err
		}
	}
	return d, s.Store.Do(ctx, func(tx store.Tx) error { return tx.Drafts().Update(ctx, row) })
}

func (s *Service) row(ctx context.Context, token string) (row store.Draft, err error) {
	if len(token) != TokenLength {
		return row, errs.New(errs.NotFound, "draft.not_found")
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		row, err = tx.Drafts().Get(ctx, sha256.Sum256([]byte(token)))
		return err
	})
	if err == nil && !s.Now().Before(row.ExpiresAt) {
		err = errs.New(errs.NotFound, "draft.not_found")
	}
	return row, err
}

func (s *Service) open(token string, row store.Draft) (Draft, error) {
	d := Draft{Token: token, Values: map[string]string{}, BegunAt: row.CreatedAt, ChangedAt: row.ChangedAt, ExpiresAt: row.ExpiresAt, Sent: row.Sent}
	if row.Sent != "" {
		return d, nil
	}
	plain, err := s.Keys.OpenDraft(token, row.Sealed)
	if err != nil {
		return Draft{}, fmt.Errorf("open the draft: %w", err)
	}
	if err := json.Unmarshal(plain, &d.Values); err != nil {
		return Draft{}, errs.Wrap(errs.Internal, "draft.unreadable", err)
	}
	return d, nil
}

func (s *Service) seal(token string, values map[string]string) ([]byte, error) {
	size := 0
	for name, v := range values {
		size += len(name) + len(v)
	}
	if size > MaxSize {
		return nil, errs.New(errs.Invalid, "draft.too_large")
	}
	plain, err := json.Marshal(values)
	if err != nil {
		return nil, fmt.Errorf("encode the draft: %w", err)
	}
	return s.Keys.SealDraft(token, plain)
}
