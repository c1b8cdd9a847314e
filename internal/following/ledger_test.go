package following_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/following"
	"hienke/internal/store"
)

// book is a ledger in memory.
type book struct {
	ended []following.Ended
	err   error
}

func (b *book) NoteEnded(e following.Ended) error {
	if b.err == nil {
		b.ended = append(b.ended, e)
	}
	return b.err
}
func (b *book) Ended() ([]following.Ended, error) { return b.ended, nil }

// follows are the searches of the reader, confirmed.
func (d *desk) follows() (out []store.Follow) {
	d.t.Helper()
	d.View(d.t, func(tx store.Tx) error {
		who, err := tx.Following().Find(d.t.Context(), d.Keys.Pseudonym("following", reader))
		if errs.KindOf(err) == errs.NotFound {
			return nil
		}
		if err != nil {
			return err
		}
		out, err = tx.Following().List(d.t.Context(), who.ID)
		return err
	})
	return out
}

// end ends one of the reader's follows by its link.
func (d *desk) end(query string) error {
	d.t.Helper()
	for _, f := range d.follows() {
		if f.Query == query {
			return d.s.End(d.t.Context(), f.ID, d.stamp(f))
		}
	}
	d.t.Fatalf("nobody follows %s", query)
	return nil
}

// stamp is what the links about a follow carry.
func (d *desk) stamp(f store.Follow) string {
	d.t.Helper()
	for _, m := range d.server.Messages() {
		link := confirmLink.FindStringSubmatch(text(d.t, m))
		if link == nil {
			continue
		}
		if got, err := d.s.Follow(d.t.Context(), f.ID, link[2]); err == nil && got.ID == f.ID {
			return link[2]
		}
	}
	d.t.Fatalf("no mail holds a link to %d", f.ID)
	return ""
}

func (d *desk) replayed(want int) {
	d.t.Helper()
	if n, err := d.s.Replay(d.t.Context()); n != want || err != nil {
		d.t.Errorf("Replay: %d, %v; want %d", n, err, want)
	}
}

// Two installations with one key begin alike: the second is the first one's
// backup, restored.
func TestWhoStoppedIsForgottenInARestoredDatabase(t *testing.T) {
	t.Parallel()
	ledger := &book{}
	d, restored := newDesk(t), newDesk(t)
	d.s.Ledger, restored.s.Ledger = ledger, ledger
	for _, one := range []*desk{d, restored} {
		for _, q := range []string{"q=cau", "q=duong", "q=cho"} {
			one.ask(following.Wish{Query: q})
			one.confirm()
			one.Clock.Advance(time.Hour)
		}
	}
	left := func(one *desk) string {
		var out []string
		for _, f := range one.follows() {
			out = append(out, f.Query)
		}
		return strings.Join(out, " ")
	}
	d.must(d.end("q=duong"))
	restored.replayed(1)
	restored.replayed(0)
	if got := left(restored); got != "q=cau q=cho" {
		t.Errorf("after one was ended there is %s", got)
	}

	who := d.follows()[0].Subscriber
	path, err := d.s.Confirm(t.Context(), d.follows()[0].ID, d.stamp(d.follows()[0]))
	d.must(err)
	d.must(d.s.EndAll(t.Context(), who, path[strings.LastIndex(path, "/")+1:]))
	restored.replayed(2)
	restored.View(t, func(tx store.Tx) error {
		if _, err := tx.Following().Subscriber(t.Context(), who); errs.KindOf(err) != errs.NotFound {
			t.Errorf("the address is there: %v", err)
		}
		return nil
	})
	for _, e := range ledger.ended {
		if strings.Contains(e.Pseudonym, "@") {
			t.Error("the ledger holds the address")
		}
	}

	// Who comes again means it.
	restored.Clock.Advance(time.Hour)
	restored.ask(following.Wish{Query: "q=cau"})
	restored.confirm()
	restored.replayed(0)
	if got := left(restored); got != "q=cau" {
		t.Errorf("after coming again there is %s", got)
	}
}

func TestNothingEndsThatCannotBeNoted(t *testing.T) {
	t.Parallel()
	d, ledger := newDesk(t), &book{err: errors.New("the disk is full")}
	d.s.Ledger = ledger
	d.ask(following.Wish{Query: "q=cau"})
	d.confirm()
	if err := d.end("q=cau"); err == nil || len(d.follows()) != 1 {
		t.Errorf("it ended all the same: %v", err)
	}
	d.must(d.s.End(t.Context(), 1, "wrong")) // is not noted, and no error
	ledger.err = nil
	f := d.follows()[0]
	stamp := d.stamp(f)
	for range 2 {
		d.must(d.s.End(t.Context(), f.ID, stamp))
	}
	if len(d.follows()) != 0 || len(ledger.ended) != 1 {
		t.Errorf("%d follows are left, %d lines", len(d.follows()), len(ledger.ended))
	}
}
