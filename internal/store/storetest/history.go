package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var historyTests = []test{
	{"events are listed in the order added, with names", testEvents},
	{"an event of nothing is refused", testEventOfNothing},
	{"a destroyed contact is Gone for ever", testDestroy},
	{"a contact that is not there is NotFound", testNoContact},
	{"a lease has one holder at a time", testLease},
	{"a released or ended lease is free", testLeaseEnds},
	{"of many who ask one gets a lease", testLeaseRace},
}

func testEvents(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	u := user(t, s, "a@example.vn")
	added := []civic.Event{
		{Submission: sub.ID, At: noon.Add(time.Hour), Type: civic.EventAssigned, Actor: civic.ActorStaff, User: u.ID,
			From: civic.Triage, To: civic.Assigned, Agency: "most", Reason: "Đúng thẩm quyền"},
		{Submission: sub.ID, At: noon, Type: civic.EventNoted, Actor: civic.ActorSystem}, // the clock was set back
	}
	do(t, s, func(tx store.Tx) error {
		for _, e := range append(added, civic.Event{Submission: other.ID, At: noon, Type: civic.EventNoted, Actor: civic.ActorSystem}) {
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
	got := view(t, s, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), sub.ID) })
	if len(got) != 3 || got[0].Type != civic.EventReceived {
		t.Fatalf("got %+v, want the receipt and two more", got)
	}
	for i, want := range added {
		want.ID = got[i+1].ID
		if want.User != 0 {
			want.UserName = u.Name
		}
		equal(t, got[i+1], want)
	}
}

func testEventOfNothing(t *testing.T, s store.Store) {
	refused(t, s, errs.NotFound, "row.reference_missing", func(tx store.Tx) error {
		return tx.Events().Add(t.Context(), civic.Event{Submission: 4711, At: noon, Type: civic.EventNoted, Actor: civic.ActorSystem})
	})
}

func testDestroy(t *testing.T, s store.Store) {
	sub, other := receive(t, s, nil), receive(t, s, nil)
	for range 2 { // a second time changes nothing
		do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, noon) })
		missing(t, s, errs.Gone, "contact.destroyed", func(tx store.Tx) (store.SealedContact, error) {
			return tx.Contacts().Get(t.Context(), sub.ID)
		})
	}
	view(t, s, func(tx store.Tx) (store.SealedContact, error) { return tx.Contacts().Get(t.Context(), other.ID) })
}

func testNoContact(t *testing.T, s store.Store) {
	sub := receive(t, s, func(r *store.Receipt) { r.Contact = store.SealedContact{} })
	missing(t, s, errs.NotFound, "contact.not_found", func(tx store.Tx) (store.SealedContact, error) {
		return tx.Contacts().Get(t.Context(), sub.ID)
	})
	refused(t, s, errs.NotFound, "contact.not_found", func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, noon) })
}

// take asks for the lease "drain" for one minute.
func take(t *testing.T, s store.Store, holder string, now time.Time) (got bool) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		got, err = tx.Leases().Take(t.Context(), "drain", holder, now, time.Minute)
		return err
	})
	return got
}

func testLease(t *testing.T, s store.Store) {
	equal(t, take(t, s, "a", noon), true)
	equal(t, take(t, s, "b", noon.Add(time.Minute-time.Microsecond)), false)
	equal(t, take(t, s, "a", noon.Add(30*time.Second)), true) // renewed
	equal(t, take(t, s, "b", noon.Add(time.Minute)), false)
	do(t, s, func(tx store.Tx) error {
		got, err := tx.Leases().Take(t.Context(), "other", "b", noon, time.Minute)
		equal(t, got, true)
		return err
	})
}

func testLeaseEnds(t *testing.T, s store.Store) {
	release := func(holder string) {
		do(t, s, func(tx store.Tx) error { return tx.Leases().Release(t.Context(), "drain", holder) })
	}
	equal(t, take(t, s, "a", noon), true)
	release("b") // does not have it
	equal(t, take(t, s, "b", noon), false)
	release("a")
	equal(t, take(t, s, "b", noon), true)
	equal(t, take(t, s, "a", noon.Add(time.Minute)), true) // b's has ended
}

func testLeaseRace(t *testing.T, s store.Store) {
	holders := make(chan string, 16)
	for i := range 16 {
		holders <- string(rune('a' + i))
	}
	won := race(t, s, func(tx store.Tx) (bool, error) {
		// A transaction that runs twice asks as somebody else; one of all must win.
		select {
		case h := <-holders:
			return tx.Leases().Take(t.Context(), "drain", h, noon, time.Minute)
		default:
			return false, nil
		}
	})
	equal(t, won, 1)
}
