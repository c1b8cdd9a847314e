package following_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/following"
	"hienke/internal/store"
)

// fill makes an address follow as much as anybody can.
func (d *desk) fill(email string) {
	d.t.Helper()
	for i := range 100 {
		d.Clock.Advance(time.Hour) // so that no limit stops it
		d.must(d.s.Ask(d.t.Context(), "192.0.2.1", following.Wish{Query: "q=" + strconv.Itoa(i), Email: email, Language: civic.Vietnamese}))
	}
	d.run(store.JobFollowConfirm, d.s.SendConfirm)
	for _, m := range d.server.Messages() {
		if link := confirmLink.FindStringSubmatch(text(d.t, m)); link != nil {
			id, err := strconv.ParseInt(link[1], 10, 64)
			d.must(err)
			_, err = d.s.Confirm(d.t.Context(), id, link[2])
			d.must(err)
		}
	}
}

// TestWhoIsKnownShowsInNoWork: asking does the same while somebody waits, and
// sends one mail, whatever is known of the address.
func TestWhoIsKnownShowsInNoWork(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	sub := d.inReview("Trung tâm dữ liệu", civic.PublicOpen)
	const full = "nhieu@example.vn"
	d.fill(full)
	d.ask(following.Wish{Case: sub.Code})
	d.confirm()
	w := d.Watch()
	d.s.Store, d.s.Limits = w, w.Limits
	for name, wish := range map[string]following.Wish{"a case": {Case: sub.Code}, "a search": {Query: "q=x"}} {
		t.Run(name, func(t *testing.T) {
			var first []string
			for _, email := range []string{"nobody@example.vn", reader, full} {
				before := len(d.server.Messages())
				wish.Email, wish.Language = email, civic.Vietnamese
				got := w.During(func() {
					if err := d.s.Ask(t.Context(), "192.0.2.1", wish); err != nil {
						t.Fatal(err)
					}
				})
				if first == nil {
					first = got
				}
				if diff := cmp.Diff(first, got); diff != "" {
					t.Errorf("%s: -first +this:\n%s", email, diff)
				}
				d.run(store.JobFollowConfirm, d.s.SendConfirm)
				if n := len(d.server.Messages()) - before; n != 1 {
					t.Errorf("%s: %d mails", email, n)
				}
			}
		})
	}
	all := d.server.Messages()
	link := confirmLink.FindStringSubmatch(text(t, all[len(all)-1]))
	id, err := strconv.ParseInt(link[1], 10, 64)
	d.must(err)
	if _, err := d.s.Confirm(t.Context(), id, link[2]); errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != "follow.too_many" {
		t.Errorf("one more than there may be: %v", err)
	}
}
