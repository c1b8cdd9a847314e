package storetest

import (
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/matching"
	"hienke/internal/store"
)

var matchTests = []test{
	{"bands find others, those with the most in common first", testBands},
	{"adding a signature again changes nothing", testSignatureTwice},
	{"signatures that share terms may be added at the same moment", testSignatureRace},
	{"a membership is one per submission", testJoin},
	{"a membership ends and is returned", testLeave},
	{"joining and leaving marks both for the indexes", testJoinMarks},
	{"members are listed, earliest first, with their number", testMembers},
	{"members move to another root", testMoveMembers},
	{"a pair that was taken apart is barred either way round", testBar},
	{"similar cases are replaced and listed by rank", testSimilar},
}

// sign adds a signature.
func sign(t *testing.T, s store.Store, id civic.SubmissionID, bands []int64, terms ...matching.Term) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Matches().AddSignature(t.Context(), id, bands, terms) })
}

func testBands(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 4)
	sign(t, s, ids[0], []int64{1, 2, -3})
	sign(t, s, ids[1], []int64{1, 2, -9223372036854775808})
	sign(t, s, ids[2], []int64{1, 20, 9223372036854775807})
	sign(t, s, ids[3], nil)
	for _, tt := range []struct {
		self  civic.SubmissionID
		bands []int64
		limit int
		want  []civic.SubmissionID
	}{
		{ids[0], []int64{1, 2, -3}, 10, []civic.SubmissionID{ids[1], ids[2]}},
		{ids[2], []int64{1, 2, 20}, 10, []civic.SubmissionID{ids[0], ids[1]}},
		{ids[3], []int64{1, 2, -3}, 10, []civic.SubmissionID{ids[0], ids[1], ids[2]}},
		{ids[3], []int64{1, 2, -3}, 1, []civic.SubmissionID{ids[0]}},
		{ids[3], []int64{-9223372036854775808, 9223372036854775807}, 10, []civic.SubmissionID{ids[1], ids[2]}},
		{ids[3], []int64{77}, 10, nil},
		{ids[3], nil, 10, nil},
	} {
		got := view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
			return tx.Matches().Bands(t.Context(), tt.self, tt.bands, tt.limit)
		})
		equal(t, got, tt.want)
	}
}

func testSignatureTwice(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	sign(t, s, ids[0], []int64{1}, matching.Term{Hash: 5, Weight: 0.5, Counted: true})
	sign(t, s, ids[0], []int64{2}, matching.Term{Hash: 5, Weight: 0.9, Counted: true}, matching.Term{Hash: 6, Weight: 0.9, Counted: true})
	freq := view(t, s, func(tx store.Tx) (map[int64]int, error) { return tx.Matches().Frequencies(t.Context(), []int64{5, 6}) })
	equal(t, freq, map[int64]int{5: 1})
	postings := view(t, s, func(tx store.Tx) ([]matching.Posting, error) {
		return tx.Matches().Postings(t.Context(), []int64{5, 6}, 10)
	})
	equal(t, postings, []matching.Posting{{ID: int64(ids[0]), Term: 5, Weight: 0.5}})
}

func testSignatureRace(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 16)
	forward := []matching.Term{{Hash: matching.EveryDocument, Counted: true}, {Hash: 3, Counted: true}, {Hash: -5, Counted: true}}
	backward := []matching.Term{forward[2], forward[1], forward[0]}
	var wg sync.WaitGroup
	for i, id := range ids {
		wg.Go(func() {
			terms := forward
			if i%2 == 0 {
				terms = backward
			}
			if err := s.Do(t.Context(), func(tx store.Tx) error { return tx.Matches().AddSignature(t.Context(), id, nil, terms) }); err != nil {
				t.Errorf("Do: %v", err)
			}
		})
	}
	wg.Wait()
	freq := view(t, s, func(tx store.Tx) (map[int64]int, error) {
		return tx.Matches().Frequencies(t.Context(), []int64{0, 3, -5, 8})
	})
	equal(t, freq, map[int64]int{0: 16, 3: 16, -5: 16})
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
	ids := receiveMany(t, s, 5)
	late, early := join(t, s, ids[1], ids[0], time.Hour), join(t, s, ids[2], ids[0], 0)
	join(t, s, ids[4], ids[3], 0)
	got, total := members(t, s, ids[0], 10)
	equal(t, got, []civic.Membership{early, late})
	equal(t, total, 2)
	got, total = members(t, s, ids[0], 1)
	equal(t, got, []civic.Membership{early})
	equal(t, total, 2)
}

func testMoveMembers(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 4)
	join(t, s, ids[2], ids[1], 0)
	join(t, s, ids[3], ids[1], 0)
	clean(t, s)
	do(t, s, func(tx store.Tx) error { return tx.Matches().MoveMembers(t.Context(), ids[1], ids[0]) })
	_, left := members(t, s, ids[1], 10)
	_, moved := members(t, s, ids[0], 10)
	equal(t, left, 0)
	equal(t, moved, 2)
	equal(t, waiting(t, s), ids)
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

func testSimilar(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	similar := func() []civic.Similar {
		return view(t, s, func(tx store.Tx) ([]civic.Similar, error) { return tx.Matches().Similar(t.Context(), ids[2]) })
	}
	first := civic.Similar{Submission: ids[2], Other: ids[0], Rank: 1, Score: 0.75, Terms: []string{"số hóa", `"thủ tục"`}}
	second := civic.Similar{Submission: ids[2], Other: ids[1], Rank: 2, Score: 0.25}
	for _, list := range [][]civic.Similar{{second, first}, {first}, nil} {
		do(t, s, func(tx store.Tx) error { return tx.Matches().PutSimilar(t.Context(), ids[2], list) })
		want := list
		if len(want) == 2 {
			want = []civic.Similar{first, second}
		}
		equal(t, similar(), want)
	}
}
