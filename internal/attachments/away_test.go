package attachments_test

import (
	"bytes"
	"io"
	"testing"
	"time"

	"gocloud.dev/blob/memblob"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/drafts"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// breaks is a stream in whose middle the store goes away.
type breaks struct {
	io.Reader
	then func()
}

func (b *breaks) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		b.then()
	}
	return n, err
}

// A full disk, or a bucket that cannot be reached: whoever sends is told, and
// nothing is left behind that nobody will find.
func TestTheStoreGoesAway(t *testing.T) {
	t.Parallel()
	c := newCabinet(t, house.New(t))
	well, away := c.s.Bucket, memblob.OpenBucket(nil)
	if err := away.Close(); err != nil { // answers every call with an error
		t.Fatal(err)
	}
	leave, back := func() { c.s.Bucket = away }, func() { c.s.Bucket = well }
	o, _ := c.draft(t)
	unavailable := func(what string, err error) {
		t.Helper()
		if errs.KindOf(err) != errs.Unavailable || errs.CodeOf(err) != "file.store_away" {
			t.Errorf("%s: %v", what, err)
		}
	}

	// From the beginning, and in the middle of a file.
	leave()
	_, err := c.s.Put(t.Context(), o, "a.txt", bytes.NewReader([]byte("một")))
	unavailable("put", err)
	back()
	first := bytes.Repeat([]byte("a"), attachments.PieceSize)
	_, err = c.s.Put(t.Context(), o, "a.txt", io.MultiReader(&breaks{bytes.NewReader(first), leave}, bytes.NewReader(first)))
	unavailable("put the second piece", err)
	back()
	if n := len(c.list(t, o)); n != 0 {
		t.Errorf("%d files are listed that nobody could send", n)
	}
	if n := len(c.blobs(t)); n != 1 {
		t.Errorf("%d blobs, want the one that could not be deleted", n)
	}

	// An upload in pieces goes on when the store is back.
	a, err := c.s.Begin(t.Context(), o, attachments.New{Name: "b.txt", Size: 4, Mark: "b"})
	if err != nil {
		t.Fatal(err)
	}
	leave()
	_, err = c.s.Append(t.Context(), o, a.Ref, 0, []byte("ba"))
	unavailable("append", err)
	back()
	for at, piece := range []string{"ba", "y."} {
		if _, err := c.s.Append(t.Context(), o, a.Ref, int64(2*at), []byte(piece)); err != nil {
			t.Fatal(err)
		}
	}

	// A file waits until what is kept of it can be stored.
	leave()
	if err := c.check(t); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("looked into without a store: %v", err)
	}
	if got := c.list(t, o)[0]; got.State != civic.FileWaiting {
		t.Errorf("it is %s", got.State)
	}
	back()
	if err := c.check(t); err != nil {
		t.Fatal(err)
	}
	leave()
	_, err = c.s.OpenOwn(t.Context(), o, a.Ref)
	unavailable("open", err)
	back()

	// What is taken away is gone for the sender at once, and for good later.
	leave()
	unavailable("remove", c.s.CleanUp(t.Context(), o, a.Ref))
	back()
	if n := len(c.list(t, o)); n != 0 {
		t.Errorf("%d files are listed after they were removed", n)
	}
	is(t, c.s.CleanUp(t.Context(), o, a.Ref), "file.not_found")
	c.Clock.Advance(drafts.Lasts + time.Hour)
	c.Do(t, func(tx store.Tx) error {
		_, err := tx.Drafts().RemoveExpired(t.Context(), c.Clock.Now(), 10)
		return err
	})
	if _, err := c.s.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := len(c.blobs(t)); n != 0 {
		t.Errorf("%d blobs are never found again", n)
	}
}
