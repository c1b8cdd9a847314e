// Package attachments keeps the files that come with submissions.
//
// A file comes in pieces, each sealed with the file's own key and stored before
// it is acknowledged, so that a broken line costs one piece. When all have come
// the file waits to be looked into, outside of any request: scanned where a
// scanner is configured, told by its content, cleaned, read. Only then may
// anybody open it. Name, text and bytes can be read with the file's key alone;
// destroying the key erases them, in every copy.
package attachments

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"gocloud.dev/blob"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/inspect"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// PieceSize is the most bytes of one piece: what a poor line brings within a
// minute, and what one request may hold.
const PieceSize = 1 << 20

// maxRows bounds the files of one draft or submission with those that were
// refused, for each that may be kept.
const maxRows = 4

// Limits are what one draft or submission may bring.
type Limits struct {
	Count int
	Size  int64 // bytes of one file
	Total int64 // bytes of all
}

// Scanner looks for what harms.
type Scanner interface {
	// Scan returns the name of what was found, empty when nothing was. It is
	// Unavailable when it cannot tell.
	Scan(ctx context.Context, content io.Reader) (found string, err error)
}

// Service keeps files. Scanner, Sync and Committed may be nil; the rest is
// required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Keys     *seal.Keys
	Bucket   *blob.Bucket
	Limits   Limits
	Scanner  Scanner
	Inspect  func(ctx context.Context, content []byte) (inspect.Report, error)
	// Sync makes what was stored under these keys survive a loss of power,
	// where the bucket does not see to it.
	Sync   func(keys []string) error
	Now    func() time.Time
	NewRef func() string // 26 characters that nobody can guess
	// Committed is told that the outbox has something new.
	Committed func()
}

// Owner is to whom files belong: a draft, or a submission by its sender or by
// the staff who handle it.
type Owner struct {
	draft [32]byte
	actor civic.Actor
	code  civic.Code
}

// OfStaff is a case, by a member of staff who handles it: a signed paper belongs
// to the answer. Its sender sees it once the answer with it was approved.
func OfStaff(actor civic.Actor, code civic.Code) Owner { return Owner{actor: actor, code: code} }

// OfDraft is a draft, by its token.
func OfDraft(token string) Owner { return Owner{draft: DraftHash(token)} }

// OfSender is a submission, by the actor who proved to be its sender.
func OfSender(actor civic.Actor, code civic.Code) Owner { return Owner{actor: actor, code: code} }

// DraftHash is what store.Receipt names a draft by.
func DraftHash(token string) [32]byte { return sha256.Sum256([]byte(token)) }

func (o Owner) isDraft() bool { return o.draft != [32]byte{} }

// holder is an owner that was found.
type holder struct {
	draft [32]byte
	sub   civic.Submission
	files []store.Attachment
}

// find looks the owner up. For a change, it also locks the draft or submission
// until the transaction ends, and fails with Conflict when nothing can be added
// any more.
func (s *Service) find(ctx context.Context, tx store.Tx, o Owner, change bool) (h holder, err error) {
	if o.isDraft() {
		return s.findDraft(ctx, tx, o, change)
	}
	if o.actor.Kind == civic.ActorStaff {
		return s.findCase(ctx, tx, o, change)
	}
	if h.sub, err = casework.Own(ctx, tx, o.actor, o.code); err != nil {
		return h, err
	}
	if change {
		locked, err := tx.Submissions().Lock(ctx, h.sub.ID)
		if err != nil {
			return h, err
		}
		if h.sub = locked[0]; !civic.Open.Has(h.sub.State) {
			return h, errs.New(errs.Conflict, "file.case_closed")
		}
	}
	if h.files, err = tx.Attachments().OfSubmission(ctx, h.sub.ID); err != nil {
		return h, err
	}
	return h, h.hideInternal(ctx, tx)
}

// hideInternal leaves of the files of staff those alone that went out with an
// answer.
func (h *holder) hideInternal(ctx context.Context, tx store.Tx) error {
	if !slices.ContainsFunc(h.files, func(a store.Attachment) bool { return a.AddedBy != 0 }) {
		return nil
	}
	sent, err := tx.Answers().Approved(ctx, h.sub.ID)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	h.files = slices.DeleteFunc(h.files, func(a store.Attachment) bool { return a.AddedBy != 0 && a.Ref != sent.Document.File })
	return nil
}

// findCase is find for staff. Each party's files count for itself.
func (s *Service) findCase(ctx context.Context, tx store.Tx, o Owner, change bool) (h holder, err error) {
	if h.sub, err = tx.Submissions().GetByCode(ctx, o.code); err != nil {
		return h, err
	}
	if err := o.actor.Check(s.Registry, civic.HandleCase, &h.sub); err != nil {
		return h, err
	}
	if change {
		locked, err := tx.Submissions().Lock(ctx, h.sub.ID)
		if err != nil {
			return h, err
		}
		if h.sub = locked[0]; !civic.Open.Has(h.sub.State) && !civic.WithAnswer.Has(h.sub.State) {
			return h, errs.New(errs.Conflict, "file.case_closed")
		}
	}
	all, err := tx.Attachments().OfSubmission(ctx, h.sub.ID)
	h.files = slices.DeleteFunc(all, func(a store.Attachment) bool { return a.AddedBy == 0 })
	return h, err
}

func (s *Service) findDraft(ctx context.Context, tx store.Tx, o Owner, change bool) (h holder, err error) {
	look := tx.Drafts().Get
	if change {
		look = tx.Drafts().Lock
	}
	d, err := look(ctx, o.draft)
	switch {
	case err != nil:
		return h, err
	case !s.Now().Before(d.ExpiresAt):
		return h, errs.New(errs.NotFound, "draft.not_found")
	case change && d.Sent != "":
		return h, errs.New(errs.Conflict, "draft.sent")
	}
	h.draft = o.draft
	h.files, err = tx.Attachments().OfDraft(ctx, o.draft)
	return h, err
}

// file returns the holder's file with a ref, or NotFound.
func (h *holder) file(ref string) (store.Attachment, error) {
	for _, a := range h.files {
		if a.Ref == ref && a.Reason != casework.CodeFileRemoved {
			return a, nil
		}
	}
	return store.Attachment{}, errs.New(errs.NotFound, "file.not_found")
}

// streams reports whether a file is on its way whose size nobody knows. It
// takes no room until it is whole: it may be there already, sent twice.
func streams(a store.Attachment) bool { return a.State == civic.FileUploading && a.Size == 0 }

// room fails unless a file of so many bytes fits beside all others.
func (s *Service) room(h *holder, file civic.AttachmentID, size int64) error {
	count, total := 1, size
	for _, a := range h.files {
		if a.ID != file && a.State != civic.FileRefused && !streams(a) {
			count++
			total += a.Size
		}
	}
	switch {
	case size > s.Limits.Size:
		return errs.New(errs.Invalid, "file.too_large")
	case count > s.Limits.Count:
		return errs.New(errs.Invalid, "file.too_many")
	case total > s.Limits.Total:
		return errs.New(errs.Invalid, "file.total_too_large")
	}
	return nil
}

// List returns the files of an owner, the first added first.
func (s *Service) List(ctx context.Context, o Owner) ([]civic.Attachment, error) {
	var h holder
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		h, err = s.find(ctx, tx, o, false)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the files: %w", err)
	}
	return s.named(h.files)
}

// named opens the names of files. What was erased has none and is left out, and
// so is what was taken away.
func (s *Service) named(rows []store.Attachment) ([]civic.Attachment, error) {
	out := make([]civic.Attachment, 0, len(rows))
	for _, a := range rows {
		name, erased, err := casework.FileName(s.Keys, a)
		if err != nil {
			return nil, err
		}
		if erased {
			continue
		}
		a.Name, a.OfStaff = name, a.AddedBy != 0
		out = append(out, a.Attachment)
	}
	return out, nil
}

// New is a file that somebody wants to send.
type New struct {
	Name string
	// Size is the number of bytes, or 0 where it is not known in advance.
	Size int64
	// Mark tells the same file in two uploads of one browser, so that one that
	// was broken off goes on; empty: it is a new one.
	Mark string
}

// maxMark bounds a mark, in bytes.
const maxMark = 200

// Begin makes room for a file. With the mark and size of an upload that is
// under way it returns that one, to go on from what has come.
func (s *Service) Begin(ctx context.Context, o Owner, n New) (civic.Attachment, error) {
	name := CleanName(n.Name)
	if n.Size < 0 || len(n.Mark) > maxMark {
		return civic.Attachment{}, errs.New(errs.Invalid, "file.damaged")
	}
	ref := s.NewRef()
	key, wrapped, err := s.Keys.NewFileKey(ref)
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("begin a file: %w", err)
	}
	now := s.Now()
	row := store.Attachment{
		Attachment: civic.Attachment{Ref: ref, Size: n.Size, State: civic.FileUploading, CreatedAt: now},
		WrappedKey: wrapped, SealedName: key.Seal("name", 0, []byte(name)), Mark: n.Mark, ChangedAt: now,
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		h, err := s.find(ctx, tx, o, true)
		if err != nil {
			return err
		}
		for _, a := range h.files {
			if n.Mark != "" && a.Mark == n.Mark && a.Size == n.Size && a.State == civic.FileUploading {
				row = a
				return nil
			}
		}
		if len(h.files) >= maxRows*s.Limits.Count {
			return errs.New(errs.Invalid, "file.too_many")
		}
		if !streams(row) {
			if err := s.room(&h, 0, n.Size); err != nil {
				return err
			}
		}
		row.Draft, row.Submission, row.AddedBy = h.draft, h.sub.ID, o.actor.User
		row.ID, err = tx.Attachments().Add(ctx, row)
		return err
	})
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("begin a file: %w", err)
	}
	row.Name = name
	return row.Attachment, nil
}

// Append stores the next piece of a file, at most PieceSize bytes, and returns
// how many have come. A piece that does not begin where the file ends is
// Conflict with code file.wrong_offset: List tells where to go on. With the last
// piece of an announced size the file is finished.
func (s *Service) Append(ctx context.Context, o Owner, ref string, place int64, content []byte) (civic.Attachment, error) {
	var a store.Attachment
	err := s.Store.View(ctx, func(tx store.Tx) error {
		h, err := s.find(ctx, tx, o, false)
		if err != nil {
			return err
		}
		if a, err = h.file(ref); err != nil {
			return err
		}
		return s.fits(a, place, int64(len(content)))
	})
	if err == nil && len(content) > 0 {
		err = s.append(ctx, o, a, place, content)
	}
	if err != nil {
		return civic.Attachment{}, fmt.Errorf("add to a file: %w", err)
	}
	a.Received = place + int64(len(content))
	if a.Received == a.Size {
		return s.Finish(ctx, o, ref)
	}
	return a.Attachment, nil
}

// fits fails unless a piece may be added.
func (s *Service) fits(a store.Attachment, place, size int64) error {
	switch {
	case a.State != civic.FileUploading, a.Received != place:
		return errs.New(errs.Conflict, "file.wrong_offset")
	case size > PieceSize, a.Size > 0 && place+size > a.Size, place+size > s.Limits.Size:
		return errs.New(errs.Invalid, "file.too_large")
	}
	return nil
}

// append stores a piece and notes it. A piece that could not be noted, because
// another was faster, is taken away again.
func (s *Service) append(ctx context.Context, o Owner, a store.Attachment, place int64, content []byte) error {
	key, err := s.Keys.FileKey(a.Ref, a.WrappedKey)
	if err != nil {
		return err
	}
	blobKey := a.Ref + "/" + s.NewRef()
	if err := s.put(ctx, []string{blobKey}, [][]byte{key.Seal("piece", place, content)}); err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		h, err := s.find(ctx, tx, o, true)
		if err != nil {
			return err
		}
		if _, err := h.file(a.Ref); err != nil {
			return err
		}
		return tx.Attachments().Append(ctx, a.ID, store.Piece{Place: place, Size: int64(len(content)), Blob: blobKey}, s.Now())
	})
	if err != nil {
		return errors.Join(err, s.drop(context.WithoutCancel(ctx), []string{blobKey}))
	}
	return nil
}

// CleanUp takes a file away again that its sender does not want: of a draft
// any, of a submission what is not whole or was refused. The rest belongs to the
// case.
func (s *Service) CleanUp(ctx context.Context, o Owner, ref string) error {
	var gone []store.Attachment
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		h, err := s.find(ctx, tx, o, true)
		if err != nil {
			return err
		}
		a, err := h.file(ref)
		if err != nil {
			return err
		}
		if !o.isDraft() && (a.State == civic.FileWaiting || a.State == civic.FileClean) {
			return errs.New(errs.Conflict, "file.part_of_case")
		}
		gone, err = tx.Attachments().Unkey(ctx, store.FileSet{File: a.ID}, casework.CodeFileRemoved, s.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("remove a file: %w", err)
	}
	return s.forgetAll(ctx, gone)
}

// DiscardDraft takes away all files of a draft that was discarded, to which
// nothing can be added any more. What lies in the store is unreadable at once,
// and deleted before it returns; where that fails, it can be asked for again.
// What a submission took is left alone.
func (s *Service) DiscardDraft(ctx context.Context, token string) error {
	var gone []store.Attachment
	err := s.Store.Do(ctx, func(tx store.Tx) (err error) {
		gone, err = tx.Attachments().Unkey(ctx, store.FileSet{Draft: DraftHash(token)}, casework.CodeFileRemoved, s.Now())
		return err
	})
	if err == nil {
		err = s.forgetAll(ctx, gone)
	}
	if err != nil {
		return fmt.Errorf("discard the files of a draft: %w", err)
	}
	return nil
}

// forgetAll is Forget for several files.
func (s *Service) forgetAll(ctx context.Context, gone []store.Attachment) error {
	for _, a := range gone {
		if err := s.Forget(ctx, a); err != nil {
			return err
		}
	}
	return nil
}

// Forget deletes what is left of a file that nobody sees any more. The row goes
// last: what could not be deleted is found by it again; see Sweep.
func (s *Service) Forget(ctx context.Context, a store.Attachment) error {
	if err := s.DropBut(ctx, a.Ref, nil); err != nil {
		return err
	}
	if err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Attachments().Remove(ctx, a.ID) }); err != nil {
		return fmt.Errorf("remove what is left of a file: %w", err)
	}
	return nil
}

func (s *Service) committed() {
	if s.Committed != nil {
		s.Committed()
	}
}
