package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var reachTests = []test{
	{"what a sender chose is kept, and nothing is a choice too", testReach},
	{"a contact is found by its indexes until it is destroyed", testFind},
	{"a contact is replaced, but not one that was destroyed", testReplace},
	{"a letter waits on the list until it is posted", testToPost},
	{"what was sent can come back, once", testBounce},
}

func testReach(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	get := func(tx store.Tx) (civic.Reach, error) { return tx.Reaches().Get(t.Context(), sub.ID) }
	equal(t, view(t, s, get), civic.Reach{Submission: sub.ID, Wants: civic.WantsAll})
	for _, want := range []civic.Reach{
		{Submission: sub.ID, Wants: civic.WantsNeeded, Language: civic.English, Way: civic.BySMS, ConfirmedAt: noon, FailingAt: noon.Add(time.Hour)},
		{Submission: sub.ID, Wants: civic.WantsNone},
	} {
		do(t, s, func(tx store.Tx) error { return tx.Reaches().Put(t.Context(), want) })
		equal(t, view(t, s, get), want)
	}
}

func testFind(t *testing.T, s store.Store) {
	with := func(email, phone string) civic.SubmissionID {
		return receive(t, s, func(r *store.Receipt) { r.Contact.EmailIndex, r.Contact.PhoneIndex = email, phone }).ID
	}
	first, second, other := with("e", ""), with("e", "p"), with("x", "")
	find := func(email, phone string, limit int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Contacts().Find(t.Context(), email, phone, limit)
		})
	}
	equal(t, find("e", "", 9), []civic.SubmissionID{second, first})
	equal(t, find("e", "", 1), []civic.SubmissionID{second})
	equal(t, find("", "p", 9), []civic.SubmissionID{second})
	equal(t, find("x", "p", 9), []civic.SubmissionID{other, second})
	equal(t, len(find("", "", 9)), 0)
	do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), second, noon) })
	equal(t, find("e", "p", 9), []civic.SubmissionID{first})
}

func testReplace(t *testing.T, s store.Store) {
	sub := receive(t, s, func(r *store.Receipt) { r.Contact.EmailIndex = "old" })
	replace := func(tx store.Tx) error {
		return tx.Contacts().Replace(t.Context(), sub.ID, store.SealedContact{WrappedKey: []byte{9}, Sealed: []byte{8}, EmailIndex: "new"})
	}
	do(t, s, replace)
	equal(t, view(t, s, func(tx store.Tx) (store.SealedContact, error) { return tx.Contacts().Get(t.Context(), sub.ID) }),
		store.SealedContact{WrappedKey: []byte{9}, Sealed: []byte{8}})
	equal(t, view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Contacts().Find(t.Context(), "new", "", 9) }), []civic.SubmissionID{sub.ID})
	equal(t, len(view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Contacts().Find(t.Context(), "old", "", 9) })), 0)
	do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, noon) })
	refused(t, s, errs.Gone, "contact.destroyed", replace)
	none := receive(t, s, func(r *store.Receipt) { r.Contact = store.SealedContact{} })
	refused(t, s, errs.NotFound, "contact.not_found", func(tx store.Tx) error {
		return tx.Contacts().Replace(t.Context(), none.ID, store.SealedContact{WrappedKey: []byte{9}, Sealed: []byte{8}})
	})
}

// told stores a queued message.
func told(t *testing.T, s store.Store, sub civic.Submission) (id int64) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		id, err = tx.Messages().Add(t.Context(), civic.Message{Submission: sub.ID, Kind: civic.MessageAnswer, Language: civic.Vietnamese, CreatedAt: noon})
		return err
	})
	return id
}

func testToPost(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	first, second, mailed := told(t, s, sub), told(t, s, sub), told(t, s, sub)
	list := func(limit int) (ids []int64) {
		for _, m := range view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().ToPost(t.Context(), limit) }) {
			equal(t, m.Way, civic.ByPost)
			ids = append(ids, m.ID)
		}
		return ids
	}
	for id, way := range map[int64]civic.Way{first: civic.ByPost, second: civic.ByPost, mailed: civic.ByMail} {
		do(t, s, func(tx store.Tx) error { return tx.Messages().Route(t.Context(), id, way) })
	}
	equal(t, list(9), []int64{first, second})
	equal(t, list(1), []int64{first})
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Messages().Settle(t.Context(), first, civic.MessageSent, "", noon)
		return err
	})
	equal(t, list(9), []int64{second})
	refused(t, s, errs.NotFound, "message.not_found", func(tx store.Tx) error { return tx.Messages().Route(t.Context(), mailed+1000, civic.ByPost) })
}

func testBounce(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	id := told(t, s, sub)
	bounce := func() (noted bool) {
		do(t, s, func(tx store.Tx) (err error) {
			noted, err = tx.Messages().Bounce(t.Context(), id, "bounced", noon.Add(time.Hour))
			return err
		})
		return noted
	}
	equal(t, bounce(), false) // it was not sent yet
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Messages().Settle(t.Context(), id, civic.MessageSent, "", noon)
		return err
	})
	equal(t, bounce(), true)
	equal(t, bounce(), false)
	m := view(t, s, func(tx store.Tx) (civic.Message, error) { return tx.Messages().Get(t.Context(), id) })
	equal(t, m.State, civic.MessageNotSent)
	equal(t, m.Reason, "bounced")
}
