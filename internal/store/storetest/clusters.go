package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var clusterTests = []test{
	{"a membership is one per submission", testJoin},
	{"a membership ends and is returned", testLeave},
	{"joining and leaving marks both for the indexes", testJoinMarks},
	{"members are listed, earliest received first, with number and span", testMembers},
	{"members move to another root, the submissions with them", testMoveMembers},
	{"members remember which answer they were told", testTold},
	{"a pair that was taken apart is barred either way round", testBar},
	{"bars hold for who follows and pass to another root", testClusterBars},
	{"parts and their origin know each other", testParts},
	{"a submission is added inside a transaction, whole", testAddSubmission},
	{"many are told at once, where there is a contact", testManyMessages},
}

// join makes a membership at noon plus after.
func join(t *testing.T, s store.Store, id, root civic.SubmissionID, after time.Duration) civic.Membership {
	t.Helper()
	m := civic.Membership{Submission: id, Root: root, JoinedAt: noon.Add(after), By: civic.ActorSystem, Jaccard: 0.875, Reason: "near"}
	do(t, s, func(tx store.Tx) error { return tx.Matches().Join(t.Context(), m) })
	return m
}

func membership(t *testing.T, s store.Store, id civic.SubmissionID) civic.Membership {
	t.Helper()
	return view(t, s, func(tx store.Tx) (civic.Membership, error) { return tx.Matches().Membership(t.Context(), id) })
}

func testJoin(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	m := join(t, s, ids[1], ids[0], 0)
	equal(t, membership(t, s, ids[1]), m)
	m.Root = ids[2]
	refused(t, s, errs.Conflict, "membership.exists", func(tx store.Tx) error { return tx.Matches().Join(t.Context(), m) })
	equal(t, membership(t, s, ids[1]).Root, ids[0])
	missing(t, s, errs.NotFound, "membership.not_found", func(tx store.Tx) (civic.Membership, error) {
		return tx.Matches().Membership(t.Context(), ids[0])
	})
}

func testLeave(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	u := user(t, s, "a@example.vn")
	m := civic.Membership{Submission: ids[1], Root: ids[0], JoinedAt: noon, By: civic.ActorStaff, User: u.ID, Reason: "cùng một việc"}
	do(t, s, func(tx store.Tx) error { return tx.Matches().Join(t.Context(), m) })
	do(t, s, func(tx store.Tx) error {
		got, err := tx.Matches().Leave(t.Context(), ids[1])
		equal(t, got, m)
		return err
	})
	refused(t, s, errs.NotFound, "membership.not_found", func(tx store.Tx) error { _, err := tx.Matches().Leave(t.Context(), ids[1]); return err })
}

func testJoinMarks(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	clean(t, s)
	join(t, s, ids[1], ids[0], 0)
	equal(t, waiting(t, s), ids)
	clean(t, s)
	do(t, s, func(tx store.Tx) error { _, err := tx.Matches().Leave(t.Context(), ids[1]); return err })
	equal(t, waiting(t, s), ids)
}

// members lists up to limit members of a root.
func members(t *testing.T, s store.Store, root civic.SubmissionID, limit int) ([]civic.Membership, int) {
	t.Helper()
	var total int
	list := view(t, s, func(tx store.Tx) (list []civic.Membership, err error) {
		list, total, err = tx.Matches().Members(t.Context(), root, limit)
		return list, err
	})
	return list, total
}

func testMembers(t *testing.T, s store.Store) {
	var ids []civic.SubmissionID
	for _, received := range []time.Duration{0, 3 * time.Hour, time.Hour, 0, 0} {
		ids = append(ids, receive(t, s, func(r *store.Receipt) { r.Submission.ReceivedAt = noon.Add(received) }).ID)
	}
	late, early := join(t, s, ids[1], ids[0], 0), join(t, s, ids[2], ids[0], time.Hour)
	join(t, s, ids[4], ids[3], 0)
	got, total := members(t, s, ids[0], 10)
	equal(t, got, []civic.Membership{early, late})
	equal(t, total, 2)
	got, total = members(t, s, ids[0], 1)
	equal(t, got, []civic.Membership{early})
	equal(t, total, 2)
	for root, want := range map[civic.SubmissionID][2]time.Time{
		ids[0]: {noon.Add(time.Hour), noon.Add(3 * time.Hour)}, ids[3]: {noon, noon}, ids[1]: {},
	} {
		equal(t, view(t, s, func(tx store.Tx) (span [2]time.Time, err error) {
			span[0], span[1], err = tx.Matches().Span(t.Context(), root)
			return span, err
		}), want)
	}
	counts := view(t, s, func(tx store.Tx) (map[civic.SubmissionID]int, error) { return tx.Matches().Followers(t.Context(), ids) })
	equal(t, counts, map[civic.SubmissionID]int{ids[0]: 2, ids[3]: 1})
	roots := view(t, s, func(tx store.Tx) (map[civic.SubmissionID]civic.SubmissionID, error) {
		return tx.Matches().Roots(t.Context(), ids)
	})
	equal(t, roots, map[civic.SubmissionID]civic.SubmissionID{ids[1]: ids[0], ids[2]: ids[0], ids[4]: ids[3]})
}

func testMoveMembers(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	for _, id := range ids[2:4] {
		join(t, s, id, ids[1], 0)
		sub := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), id) })
		change(t, s, sub, func(sub *civic.Submission) { sub.State, sub.Root = civic.Merged, ids[1] })
	}
	do(t, s, func(tx store.Tx) error { return tx.Matches().SetTold(t.Context(), ids[2:3], 7) })
	clean(t, s)
	do(t, s, func(tx store.Tx) error { return tx.Matches().MoveMembers(t.Context(), ids[1], ids[0]) })
	_, left := members(t, s, ids[1], 10)
	moved, total := members(t, s, ids[0], 10)
	equal(t, left, 0)
	equal(t, total, 2)
	for _, m := range moved {
		sub := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), m.Submission) })
		equal(t, sub.Root, ids[0])
		equal(t, sub.Version, 1)
		equal(t, m.Told, int64(0))
	}
	equal(t, waiting(t, s), ids[:4])
	clean(t, s)
	do(t, s, func(tx store.Tx) error { return tx.Matches().MoveMembers(t.Context(), ids[1], ids[4]) }) // nobody is left
	if got := waiting(t, s); len(got) != 0 {
		t.Errorf("moving nobody marks %v", got)
	}
}

func testTold(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	for _, id := range ids[1:4] {
		join(t, s, id, ids[0], 0)
	}
	untold := func(answer int64, limit int) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Matches().Untold(t.Context(), ids[0], answer, limit)
		})
	}
	equal(t, untold(7, 2), ids[1:3])
	do(t, s, func(tx store.Tx) error { return tx.Matches().SetTold(t.Context(), ids[1:3], 7) })
	equal(t, untold(7, 2), ids[3:4])
	equal(t, untold(8, 9), []civic.SubmissionID{ids[3], ids[1], ids[2]}) // a later answer is news for all
	equal(t, membership(t, s, ids[1]).Told, int64(7))
	m := civic.Membership{Submission: ids[4], Root: ids[0], JoinedAt: noon, By: civic.ActorSystem, Told: 8}
	do(t, s, func(tx store.Tx) error { return tx.Matches().Join(t.Context(), m) })
	equal(t, membership(t, s, ids[4]), m)
}

func testBar(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	for range 2 { // again is no error
		do(t, s, func(tx store.Tx) error { return tx.Matches().Bar(t.Context(), ids[1], ids[0], noon) })
	}
	barred := func(a, b civic.SubmissionID) bool {
		return view(t, s, func(tx store.Tx) (bool, error) { return tx.Matches().Barred(t.Context(), a, b) })
	}
	equal(t, barred(ids[0], ids[1]), true)
	equal(t, barred(ids[1], ids[0]), true)
	equal(t, barred(ids[0], ids[2]), false)
}

func testClusterBars(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	bar := func(a, b civic.SubmissionID) {
		t.Helper()
		do(t, s, func(tx store.Tx) error { return tx.Matches().Bar(t.Context(), a, b, noon) })
	}
	from := func(root, id civic.SubmissionID) bool {
		t.Helper()
		return view(t, s, func(tx store.Tx) (bool, error) { return tx.Matches().BarredFrom(t.Context(), root, id) })
	}
	bar(ids[2], ids[0])
	join(t, s, ids[2], ids[1], 0)
	equal(t, from(ids[0], ids[1]), true) // brings one that is barred
	equal(t, from(ids[0], ids[2]), true)
	equal(t, from(ids[1], ids[0]), false)
	equal(t, from(ids[0], ids[3]), false)

	bar(ids[0], ids[4])
	do(t, s, func(tx store.Tx) error { return tx.Matches().CopyBars(t.Context(), ids[0], ids[3]) })
	equal(t, from(ids[3], ids[2]), true)
	equal(t, from(ids[3], ids[4]), true)
	equal(t, from(ids[3], ids[0]), false)
	do(t, s, func(tx store.Tx) error { return tx.Matches().CopyBars(t.Context(), ids[0], ids[4]) }) // not barred from itself
	equal(t, from(ids[4], ids[2]), true)

	do(t, s, func(tx store.Tx) error { return tx.Matches().Unbar(t.Context(), ids[0], ids[2]) })
	equal(t, from(ids[0], ids[2]), false)
	equal(t, from(ids[3], ids[2]), true)
}

func testParts(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 4)
	do(t, s, func(tx store.Tx) error {
		for _, part := range ids[1:3] {
			if err := tx.Parts().Add(t.Context(), ids[0], part, noon); err != nil {
				return err
			}
		}
		return tx.Parts().Add(t.Context(), ids[1], ids[3], noon)
	})
	parts := func(id civic.SubmissionID) []civic.SubmissionID {
		return view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Parts().List(t.Context(), id) })
	}
	equal(t, parts(ids[0]), ids[1:3])
	equal(t, parts(ids[1]), ids[3:])
	if got := parts(ids[3]); len(got) != 0 {
		t.Errorf("parts of a whole: %v", got)
	}
	equal(t, view(t, s, func(tx store.Tx) (civic.SubmissionID, error) { return tx.Parts().Origin(t.Context(), ids[3]) }), ids[1])
	missing(t, s, errs.NotFound, "part.not_found", func(tx store.Tx) (civic.SubmissionID, error) {
		return tx.Parts().Origin(t.Context(), ids[0])
	})
	refused(t, s, errs.Conflict, "row.exists", func(tx store.Tx) error { return tx.Parts().Add(t.Context(), ids[3], ids[1], noon) })
}

func testAddSubmission(t *testing.T, s store.Store) {
	clean(t, s)
	r := receipt(func(r *store.Receipt) {
		r.Messages = []civic.Message{{Kind: civic.MessageReceipt, Language: civic.Vietnamese, CreatedAt: noon}}
	})
	var got store.Received
	do(t, s, func(tx store.Tx) (err error) {
		got, err = tx.Submissions().Add(t.Context(), r)
		return err
	})
	want := r.Submission
	want.ID = got.ID
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), got.ID) }), want)
	equal(t, view(t, s, func(tx store.Tx) (store.SealedContact, error) { return tx.Contacts().Get(t.Context(), got.ID) }), r.Contact)
	events := view(t, s, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), got.ID) })
	mails := view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().List(t.Context(), got.ID) })
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobMatch, noon, noon, 10)
	})
	if len(events) != 1 || len(mails) != 1 || len(jobs) != 1 || jobs[0].Subject != int64(got.ID) {
		t.Errorf("%d events, %d mails, jobs %+v", len(events), len(mails), jobs)
	}
	equal(t, waiting(t, s), []civic.SubmissionID{got.ID})
	refused(t, s, errs.Conflict, "submission.code_taken", func(tx store.Tx) error {
		_, err := tx.Submissions().Add(t.Context(), r)
		return err
	})
}

func testManyMessages(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	do(t, s, func(tx store.Tx) error { return tx.Contacts().Destroy(t.Context(), ids[1], noon) })
	silent := receive(t, s, func(r *store.Receipt) { r.Contact = store.SealedContact{} }).ID
	held := view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
		return tx.Contacts().Held(t.Context(), append(ids, silent))
	})
	equal(t, held, []civic.SubmissionID{ids[0], ids[2]})
	do(t, s, func(tx store.Tx) error {
		var all []civic.Message
		for _, id := range held {
			all = append(all, civic.Message{Submission: id, Kind: civic.MessageAnswer, Language: civic.English, CreatedAt: noon})
		}
		return tx.Messages().AddAll(t.Context(), all)
	})
	subjects := map[int64]bool{}
	for _, j := range view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobSend, noon, noon, 10)
	}) {
		subjects[j.Subject] = true
	}
	for _, id := range held {
		mails := view(t, s, func(tx store.Tx) ([]civic.Message, error) { return tx.Messages().List(t.Context(), id) })
		if len(mails) != 1 || mails[0].State != civic.MessageQueued || mails[0].Kind != civic.MessageAnswer || !subjects[mails[0].ID] {
			t.Errorf("mails %+v, jobs of %v", mails, subjects)
		}
	}
}
