package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var followingTests = []test{
	{"a subscriber is found again by the pseudonym", testSubscribeOnce},
	{"what was asked for up to a time is told, confirmed or not", testAskedUpTo},
	{"the same is followed once, and told of after it was confirmed", testFollowOnce},
	{"the same news is told once", testNewsOnce},
	{"a digest is due when something waits and the last one was long ago", testDigestDue},
	{"what nobody confirmed is removed, with who follows nothing else", testFollowsExpire},
	{"who ends everything leaves nothing behind", testSubscriberRemoved},
}

func subscribe(t *testing.T, s store.Store, pseudonym string) (out store.Subscriber) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		out, err = tx.Following().Subscribe(t.Context(), store.Subscriber{
			Pseudonym: pseudonym, Contact: store.SealedContact{WrappedKey: []byte("key " + pseudonym), Sealed: []byte("sealed")},
			Language: civic.Vietnamese, CreatedAt: noon,
		})
		return err
	})
	return out
}

func follow(t *testing.T, s store.Store, f store.Follow) (out store.Follow) {
	t.Helper()
	if f.CreatedAt.IsZero() {
		f.CreatedAt = noon
	}
	do(t, s, func(tx store.Tx) (err error) {
		out, err = tx.Following().Add(t.Context(), f)
		return err
	})
	return out
}

func confirm(t *testing.T, s store.Store, id int64, at time.Time) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Following().Confirm(t.Context(), id, at) })
}

func addNews(t *testing.T, s store.Store, n store.News) (id int64) {
	t.Helper()
	n.CreatedAt = noon
	do(t, s, func(tx store.Tx) (err error) {
		id, err = tx.Following().AddNews(t.Context(), n)
		return err
	})
	return id
}

func testSubscribeOnce(t *testing.T, s store.Store) {
	first := subscribe(t, s, "a")
	equal(t, first.Contact.WrappedKey, []byte("key a"))
	do(t, s, func(tx store.Tx) error {
		again, err := tx.Following().Subscribe(t.Context(), store.Subscriber{
			Pseudonym: "a", Contact: store.SealedContact{WrappedKey: []byte("other"), Sealed: []byte("other")}, Language: civic.English, CreatedAt: noon.Add(time.Hour),
		})
		equal(t, again, first)
		return err
	})
	if other := subscribe(t, s, "b"); other.ID == first.ID {
		t.Error("two addresses are one subscriber")
	}
	equal(t, view(t, s, func(tx store.Tx) (store.Subscriber, error) { return tx.Following().Subscriber(t.Context(), first.ID) }), first)
	equal(t, view(t, s, func(tx store.Tx) (store.Subscriber, error) { return tx.Following().Find(t.Context(), "a") }), first)
	missing(t, s, errs.NotFound, "subscriber.not_found", func(tx store.Tx) (store.Subscriber, error) { return tx.Following().Find(t.Context(), "c") })
}

func testAskedUpTo(t *testing.T, s store.Store) {
	who, other := subscribe(t, s, "a"), subscribe(t, s, "b")
	early := follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=a", CreatedAt: noon})
	late := follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=b", CreatedAt: noon.Add(time.Microsecond)})
	follow(t, s, store.Follow{Subscriber: other.ID, Query: "q=a", CreatedAt: noon})
	confirm(t, s, late.ID, noon.Add(time.Hour))
	late.ConfirmedAt = noon.Add(time.Hour)
	for at, want := range map[time.Time][]store.Follow{
		noon.Add(-time.Microsecond): nil, noon: {early}, noon.Add(time.Microsecond): {early, late},
	} {
		equal(t, view(t, s, func(tx store.Tx) ([]store.Follow, error) { return tx.Following().AskedUpTo(t.Context(), who.ID, at) }), want)
	}
}

func testFollowOnce(t *testing.T, s store.Store) {
	sub := put(t, s, func(*civic.Submission) {})
	who := subscribe(t, s, "a")
	byCase := follow(t, s, store.Follow{Subscriber: who.ID, Submission: sub.ID})
	bySearch := follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=cau"})
	equal(t, follow(t, s, store.Follow{Subscriber: who.ID, Submission: sub.ID, CreatedAt: noon.Add(time.Hour)}), byCase)
	equal(t, follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=cau", CreatedAt: noon.Add(time.Hour)}), bySearch)
	told := func() (all [3][]store.Follow) {
		all[0] = view(t, s, func(tx store.Tx) ([]store.Follow, error) { return tx.Following().List(t.Context(), who.ID) })
		all[1] = view(t, s, func(tx store.Tx) ([]store.Follow, error) { return tx.Following().OfCase(t.Context(), sub.ID, 0, 10) })
		all[2] = view(t, s, func(tx store.Tx) ([]store.Follow, error) { return tx.Following().Searches(t.Context(), 0, 10) })
		return all
	}
	equal(t, told(), [3][]store.Follow{})
	confirm(t, s, byCase.ID, noon)
	confirm(t, s, byCase.ID, noon.Add(time.Hour))
	confirm(t, s, bySearch.ID, noon)
	byCase.ConfirmedAt, bySearch.ConfirmedAt = noon, noon
	equal(t, told(), [3][]store.Follow{{byCase, bySearch}, {byCase}, {bySearch}})
	equal(t, len(view(t, s, func(tx store.Tx) ([]store.Follow, error) {
		return tx.Following().Searches(t.Context(), bySearch.ID, 10)
	})), 0)
	for after, want := range map[int64][]int64{0: {bySearch.ID}, bySearch.ID: nil} {
		equal(t, view(t, s, func(tx store.Tx) ([]int64, error) { return tx.Following().SearchIDs(t.Context(), after, 10) }), want)
	}
	err := s.Do(t.Context(), func(tx store.Tx) error { return tx.Following().Confirm(t.Context(), 999, noon) })
	equal(t, errs.KindOf(err), errs.NotFound)
}

func testNewsOnce(t *testing.T, s store.Store) {
	sub := put(t, s, func(*civic.Submission) {})
	who := subscribe(t, s, "a")
	f := follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=cau"})
	first := addNews(t, s, store.News{Follow: f.ID, Submission: sub.ID, What: "answered", Digest: true})
	if first == 0 || addNews(t, s, store.News{Follow: f.ID, Submission: sub.ID, What: "answered", Digest: true}) != 0 {
		t.Error("the same is stored twice")
	}
	second := addNews(t, s, store.News{Follow: f.ID, Submission: sub.ID, What: "rejected"})
	equal(t, addNews(t, s, store.News{Follow: 999, Submission: sub.ID, What: "answered"}), 0)
	want := store.News{ID: first, Follow: f.ID, Subscriber: who.ID, Submission: sub.ID, What: "answered", Digest: true, CreatedAt: noon}
	waiting := func() []store.News {
		return view(t, s, func(tx store.Tx) ([]store.News, error) { return tx.Following().Waiting(t.Context(), who.ID, 10) })
	}
	equal(t, waiting(), []store.News{want}) // the other is told by itself
	for _, at := range []time.Time{noon, noon.Add(time.Hour)} {
		do(t, s, func(tx store.Tx) error { return tx.Following().SetTold(t.Context(), []int64{first, second, 999}, at) })
	}
	equal(t, len(waiting()), 0)
	want.ToldAt = noon
	equal(t, view(t, s, func(tx store.Tx) (store.News, error) { return tx.Following().News(t.Context(), first) }), want)
}

func testDigestDue(t *testing.T, s store.Store) {
	sub := put(t, s, func(*civic.Submission) {})
	a, b := subscribe(t, s, "a"), subscribe(t, s, "b")
	for _, who := range []store.Subscriber{a, b} {
		f := follow(t, s, store.Follow{Subscriber: who.ID, Query: "q=cau"})
		addNews(t, s, store.News{Follow: f.ID, Submission: sub.ID, What: "answered", Digest: who.ID == a.ID})
	}
	due := func(before time.Time) []int64 {
		return view(t, s, func(tx store.Tx) ([]int64, error) { return tx.Following().DueDigests(t.Context(), before, 10) })
	}
	equal(t, due(noon), []int64{a.ID})
	do(t, s, func(tx store.Tx) error { return tx.Following().BeginDigest(t.Context(), a.ID, noon) })
	equal(t, len(due(noon)), 0)
	equal(t, due(noon.Add(time.Second)), []int64{a.ID})
}

func testFollowsExpire(t *testing.T, s store.Store) {
	a, b := subscribe(t, s, "a"), subscribe(t, s, "b")
	kept := follow(t, s, store.Follow{Subscriber: a.ID, Query: "q=1"})
	confirm(t, s, kept.ID, noon)
	follow(t, s, store.Follow{Subscriber: a.ID, Query: "q=2"})
	follow(t, s, store.Follow{Subscriber: b.ID, Query: "q=3"})
	fresh := follow(t, s, store.Follow{Subscriber: a.ID, Query: "q=4", CreatedAt: noon.Add(time.Hour)})
	remove := func() (n int) {
		do(t, s, func(tx store.Tx) (err error) {
			n, err = tx.Following().RemoveUnconfirmed(t.Context(), noon.Add(time.Minute), 10)
			return err
		})
		return n
	}
	equal(t, remove(), 2)
	equal(t, remove(), 0)
	for id, want := range map[int64]bool{kept.ID: true, fresh.ID: true} {
		err := s.View(t.Context(), func(tx store.Tx) error { _, err := tx.Following().Get(t.Context(), id); return err })
		equal(t, err == nil, want)
	}
	err := s.View(t.Context(), func(tx store.Tx) error { _, err := tx.Following().Subscriber(t.Context(), b.ID); return err })
	equal(t, errs.KindOf(err), errs.NotFound)
}

func testSubscriberRemoved(t *testing.T, s store.Store) {
	sub := put(t, s, func(*civic.Submission) {})
	who := subscribe(t, s, "a")
	f := follow(t, s, store.Follow{Subscriber: who.ID, Submission: sub.ID})
	news := addNews(t, s, store.News{Follow: f.ID, Submission: sub.ID, What: "answered"})
	for range 2 {
		do(t, s, func(tx store.Tx) error { return tx.Following().RemoveSubscriber(t.Context(), who.ID) })
	}
	err := s.View(t.Context(), func(tx store.Tx) error { _, err := tx.Following().News(t.Context(), news); return err })
	equal(t, errs.KindOf(err), errs.NotFound)
	if again := subscribe(t, s, "a"); again.ID == who.ID {
		t.Error("a new subscriber has the id, and so the links, of the old one")
	}
}
