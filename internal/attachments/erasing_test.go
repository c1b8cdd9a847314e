package attachments_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/inspect"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestWhatNobodySentIsSwept(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	o, _ := c.draft(t)
	c.put(t, o, "a.txt", []byte("bỏ quên"))
	sweep := func() {
		t.Helper()
		if more, err := c.s.Sweep(t.Context()); err != nil || more {
			t.Fatalf("%v, more %v", err, more)
		}
	}
	c.Clock.Advance(drafts.Lasts + time.Hour)
	sweep()
	if len(c.blobs(t)) == 0 {
		t.Fatal("it went before its draft")
	}
	c.Do(t, func(tx store.Tx) error {
		_, err := tx.Drafts().RemoveExpired(t.Context(), c.Clock.Now(), 10)
		return err
	})
	sweep()
	if n := len(c.blobs(t)); n != 0 {
		t.Errorf("%d blobs are left", n)
	}
}

func TestADiscardedDraftLeavesNoFile(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, c *cabinet) {
		o, token := c.draft(t)
		kept, _ := c.draft(t)
		c.put(t, o, "a.txt", []byte("bí mật"))
		c.put(t, kept, "b.txt", []byte("còn viết"))
		if err := c.check(t); err != nil {
			t.Fatal(err)
		}
		left := len(c.blobs(t)) - 1
		waiting := c.put(t, o, "c.txt", []byte("chưa kiểm tra"))
		if err := c.drafts.Discard(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		for range 2 { // a second click
			if err := c.s.DiscardDraft(t.Context(), token); err != nil {
				t.Fatalf("discard: %v", err)
			}
		}
		if n := len(c.blobs(t)); n != left {
			t.Errorf("%d blobs, want the %d of the other draft", n, left)
		}
		c.View(t, func(tx store.Tx) error {
			rows, err := tx.Attachments().OfDraft(t.Context(), attachments.DraftHash(token))
			if len(rows) != 0 {
				t.Errorf("%d rows are left", len(rows))
			}
			return err
		})
		if err := c.check(t); err != nil { // of what went before it was looked into
			t.Errorf("check of %s: %v", waiting.Ref, err)
		}
		if n := len(c.list(t, kept)); n != 1 {
			t.Errorf("the other draft has %d files", n)
		}
	})
}

// meddled is a store in which something happens once, at the last moment before
// the files of a draft are changed.
type meddled struct {
	store.Store
	once *sync.Once
	do   func()
}

type meddledTx struct {
	store.Tx
	m meddled
}

type meddledFiles struct {
	store.Attachments
	m meddled
}

func (m meddled) Do(ctx context.Context, fn func(tx store.Tx) error) error {
	return m.Store.Do(ctx, func(tx store.Tx) error { return fn(meddledTx{tx, m}) })
}

func (tx meddledTx) Attachments() store.Attachments { return meddledFiles{tx.Tx.Attachments(), tx.m} }

func (f meddledFiles) OfDraft(ctx context.Context, draft [32]byte) ([]store.Attachment, error) {
	list, err := f.Attachments.OfDraft(ctx, draft)
	f.m.once.Do(f.m.do)
	return list, err
}

func (f meddledFiles) Unkey(ctx context.Context, s store.FileSet, reason string, at time.Time) ([]store.Attachment, error) {
	f.m.once.Do(f.m.do)
	return f.Attachments.Unkey(ctx, s, reason, at)
}

// Whoever discards a draft, or takes one file away, is not told that a worker
// has just looked into it. SQLite has one writer, and so no such moment.
func TestAFileGoesWhileAWorkerLooksIntoIt(t *testing.T) {
	t.Parallel()
	for name, act := range map[string]func(t *testing.T, c *cabinet, o attachments.Owner, token, ref string) error{
		"the draft is discarded": func(t *testing.T, c *cabinet, _ attachments.Owner, token, _ string) error {
			t.Helper()
			return c.s.DiscardDraft(t.Context(), token)
		},
		"the file is taken away": func(t *testing.T, c *cabinet, o attachments.Owner, _, ref string) error {
			t.Helper()
			return c.s.CleanUp(t.Context(), o, ref)
		},
	} {
		t.Run(name+" as a worker is done", func(t *testing.T) {
			t.Parallel()
			c := newCabinet(t, house.NewPostgres(t))
			o, token := c.draft(t)
			a := c.put(t, o, "a.txt", []byte("bí mật"))
			real := c.s.Store
			c.s.Store = meddled{real, &sync.Once{}, func() {
				worker := *c.s
				worker.Store = real
				for _, j := range c.Jobs(t, store.JobCheck) {
					if err := worker.Check(t.Context(), j.ID, civic.AttachmentID(j.Subject)); err != nil {
						t.Error(err)
					}
				}
			}}
			if err := act(t, c, o, token, a.Ref); err != nil {
				t.Errorf("got %v", err)
			}
			c.s.Store = real
			c.nothingLeft(t, token)
		})
	}
	on(t, func(t *testing.T, c *cabinet) { // and as a worker begins
		o, token := c.draft(t)
		c.put(t, o, "a.txt", []byte("bí mật"))
		look := c.s.Inspect
		c.s.Inspect = func(ctx context.Context, content []byte) (inspect.Report, error) {
			if err := c.s.DiscardDraft(ctx, token); err != nil {
				t.Errorf("discard: %v", err)
			}
			return look(ctx, content)
		}
		if err := c.check(t); err != nil {
			t.Errorf("the worker: %v", err)
		}
		c.nothingLeft(t, token)
	})
}

// nothingLeft fails when anything of a draft's files is there, or a job waits.
func (c *cabinet) nothingLeft(t *testing.T, token string) {
	t.Helper()
	if left := c.blobs(t); len(left) > 0 {
		t.Errorf("%d pieces are left", len(left))
	}
	c.View(t, func(tx store.Tx) error {
		rows, err := tx.Attachments().OfDraft(t.Context(), attachments.DraftHash(token))
		if len(rows) > 0 {
			t.Errorf("%d rows are left", len(rows))
		}
		return err
	})
	for _, j := range c.Jobs(t, store.JobCheck) {
		if j.DoneAt.IsZero() {
			t.Errorf("job %d waits", j.ID)
		}
	}
}

func TestErasedFilesAreGone(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	o, sub := c.sender(t)
	a := c.put(t, o, "a.txt", []byte("bí mật"))
	if err := c.check(t); err != nil {
		t.Fatal(err)
	}
	c.Do(t, func(tx store.Tx) error {
		row, err := tx.Attachments().GetByRef(t.Context(), a.Ref)
		if err != nil {
			return err
		}
		row.WrappedKey = nil
		_, err = tx.Attachments().Update(t.Context(), row, civic.FileClean)
		return err
	})
	_, err := c.s.OpenForStaff(t.Context(), c.Staff(t, civic.RoleCoordinator, ""), sub.Code, a.Ref)
	is(t, err, "file.erased")
	if list := c.list(t, o); len(list) != 0 {
		t.Errorf("it is listed: %+v", list)
	}
}
