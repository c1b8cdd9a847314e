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
	{"a letter waits on the list until it is posted", testLetters},
	{"a letter about a case that follows is with the agency of the other", testLettersOfACluster},
	{"a message can go to the contact that was", testAddressee},
	{"messages to the same person wait for one another", testDigest},
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
		store.SealedContact{WrappedKey: []byte{9}, Sealed: []byte{8}, EmailIndex: "new"})
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

func testLetters(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	first, second, mailed := told(t, s, sub), told(t, s, sub), told(t, s, sub)
	letters := func(q store.LettersQuery) (ids []int64) {
		page := view(t, s, func(tx store.Tx) (store.LettersPage, error) { return tx.Messages().Letters(t.Context(), q) })
		for _, l := range page.Items {
			equal(t, l.Way, civic.ByPost)
			equal(t, l.Code, sub.Code)
			ids = append(ids, l.ID)
		}
		if q.Limit == 0 {
			ids = make([]int64, page.Total)
		}
		return ids
	}
	for id, way := range map[int64]civic.Way{first: civic.ByPost, second: civic.ByPost, mailed: civic.ByMail} {
		do(t, s, func(tx store.Tx) error { return tx.Messages().Route(t.Context(), id, way) })
	}
	equal(t, letters(store.LettersQuery{Limit: 9}), []int64{first, second})
	equal(t, letters(store.LettersQuery{Limit: 1}), []int64{first})
	equal(t, len(letters(store.LettersQuery{})), 2)
	equal(t, len(letters(store.LettersQuery{Protected: true, Limit: 9})), 0)
	equal(t, len(letters(store.LettersQuery{Scope: []civic.AgencyCode{"elsewhere"}, Limit: 9})), 0)

	poster := user(t, s, "post@example.vn").ID
	post := func(id int64, version int) (done bool) {
		do(t, s, func(tx store.Tx) (err error) {
			done, err = tx.Messages().Posted(t.Context(), id, version, poster, noon.Add(time.Hour))
			return err
		})
		return done
	}
	undo := func(id int64, version int) (done bool) {
		do(t, s, func(tx store.Tx) (err error) {
			done, err = tx.Messages().Unposted(t.Context(), id, version)
			return err
		})
		return done
	}
	equal(t, post(first, 0), true)
	equal(t, post(first, 0), false) // a second click
	equal(t, letters(store.LettersQuery{Limit: 9}), []int64{second})
	equal(t, letters(store.LettersQuery{PostedSince: noon, Limit: 9}), []int64{first})
	equal(t, len(letters(store.LettersQuery{PostedSince: noon.Add(2 * time.Hour), Limit: 9})), 0)
	m := view(t, s, func(tx store.Tx) (civic.Message, error) { return tx.Messages().Get(t.Context(), first) })
	equal(t, []any{m.State, m.SentAt, m.PostedBy, m.Version}, []any{civic.MessageSent, noon.Add(time.Hour), poster, 1})
	equal(t, undo(first, 1), true)
	equal(t, undo(first, 1), false)
	equal(t, letters(store.LettersQuery{Limit: 9}), []int64{first, second})
	posted := func(id int64, version int) func(store.Tx) error {
		return func(tx store.Tx) error {
			_, err := tx.Messages().Posted(t.Context(), id, version, poster, noon)
			return err
		}
	}
	refused(t, s, errs.Conflict, "message.moved_on", posted(first, 0)) // an old page, after the undoing
	refused(t, s, errs.Conflict, "message.moved_on", posted(mailed, 0))
	refused(t, s, errs.NotFound, "message.not_found", posted(mailed+1000, 0))
	refused(t, s, errs.NotFound, "message.not_found", func(tx store.Tx) error { return tx.Messages().Route(t.Context(), mailed+1000, civic.ByPost) })
}

func testLettersOfACluster(t *testing.T, s store.Store) {
	root := receive(t, s, func(r *store.Receipt) { r.Submission.Agency, r.Submission.Restricted = "bo-khcn", true })
	sub := receive(t, s, nil)
	sub.State, sub.Root = civic.Merged, root.ID
	id := told(t, s, sub)
	do(t, s, func(tx store.Tx) error {
		if err := tx.Messages().Route(t.Context(), id, civic.ByPost); err != nil {
			return err
		}
		return tx.Submissions().Update(t.Context(), sub)
	})
	page := view(t, s, func(tx store.Tx) (store.LettersPage, error) {
		return tx.Messages().Letters(t.Context(), store.LettersQuery{Scope: []civic.AgencyCode{"bo-khcn"}, Protected: true, Limit: 9})
	})
	if page.Total != 1 || page.Items[0].ID != id || page.Items[0].Agency != "bo-khcn" {
		t.Errorf("the letters are %+v", page)
	}
}

func testAddressee(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	old := store.SealedContact{WrappedKey: []byte{1}, Sealed: []byte{2}}
	add := func() (id int64) {
		do(t, s, func(tx store.Tx) (err error) {
			id, err = tx.Messages().AddTo(t.Context(), civic.Message{Submission: sub.ID, Kind: civic.MessageContact, Language: civic.Vietnamese, CreatedAt: noon}, old)
			return err
		})
		return id
	}
	addressee := func(id int64) func(tx store.Tx) (store.SealedContact, error) {
		return func(tx store.Tx) (store.SealedContact, error) { return tx.Messages().Addressee(t.Context(), id) }
	}
	missing(t, s, errs.NotFound, "message.not_found", addressee(told(t, s, sub)))
	settled, destroyed := add(), add()
	equal(t, view(t, s, addressee(settled)), old)
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Messages().Settle(t.Context(), settled, civic.MessageSent, "", noon)
		return err
	})
	missing(t, s, errs.NotFound, "message.not_found", addressee(settled))
	equal(t, view(t, s, addressee(destroyed)), old)
	do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), sub.ID, noon) })
	missing(t, s, errs.NotFound, "message.not_found", addressee(destroyed))
}

func testDigest(t *testing.T, s store.Store) {
	with := func(email, phone string) civic.Submission {
		return receive(t, s, func(r *store.Receipt) { r.Contact.EmailIndex, r.Contact.PhoneIndex = email, phone })
	}
	one, two, other, unknown := with("e", "p"), with("e", ""), with("x", "p"), with("", "")
	kinds := []civic.MessageKind{civic.MessageAnswer}
	crowd := func(id int64, way civic.Way) int {
		return view(t, s, func(tx store.Tx) (int, error) { return tx.Messages().Crowd(t.Context(), id, way, kinds, noon) })
	}
	first, second, third, alone := told(t, s, one), told(t, s, two), told(t, s, other), told(t, s, unknown)
	equal(t, []int{crowd(first, civic.ByMail), crowd(third, civic.ByMail), crowd(first, civic.BySMS), crowd(alone, civic.ByMail)}, []int{2, 1, 2, 1})
	equal(t, view(t, s, func(tx store.Tx) (int, error) {
		return tx.Messages().Crowd(t.Context(), first, civic.ByMail, []civic.MessageKind{civic.MessageMoved}, noon)
	}), 0)
	do(t, s, func(tx store.Tx) error {
		if err := tx.Messages().Route(t.Context(), first, civic.ByMail); err != nil {
			return err
		}
		_, err := tx.Messages().Settle(t.Context(), first, civic.MessageSent, "", noon.Add(time.Minute))
		return err
	})
	equal(t, crowd(second, civic.ByMail), 2) // what was sent since counts
	equal(t, view(t, s, func(tx store.Tx) (int, error) {
		return tx.Messages().Crowd(t.Context(), second, civic.ByMail, kinds, noon.Add(time.Hour))
	}), 1)

	fourth := told(t, s, one)
	hold := func(id int64, way civic.Way, until time.Time) {
		do(t, s, func(tx store.Tx) error {
			if err := tx.Messages().Route(t.Context(), id, way); err != nil {
				return err
			}
			return tx.Messages().Hold(t.Context(), id, until)
		})
	}
	hold(second, civic.ByMail, noon.Add(time.Hour))
	hold(fourth, civic.ByMail, noon.Add(2*time.Hour))
	hold(third, civic.BySMS, noon.Add(time.Hour))
	hold(alone, civic.ByMail, noon.Add(time.Hour))
	due := func(at time.Time, limit int) []int64 {
		return view(t, s, func(tx store.Tx) ([]int64, error) { return tx.Messages().DueDigests(t.Context(), at, limit) })
	}
	equal(t, len(due(noon, 9)), 0)
	equal(t, due(noon.Add(time.Hour), 9), []int64{second, third, alone})
	equal(t, due(noon.Add(time.Hour), 1), []int64{second})
	var held []int64
	for _, m := range view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().Held(t.Context(), second) }) {
		held = append(held, m.ID)
		if m.DigestAt.IsZero() {
			t.Error("what is held does not say until when")
		}
	}
	equal(t, held, []int64{second, fourth}) // one mailbox, two cases
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Messages().Settle(t.Context(), second, civic.MessageSent, "", noon.Add(3*time.Hour))
		return err
	})
	equal(t, crowd(fourth, civic.ByMail), 2) // what went out in a digest does not count
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
