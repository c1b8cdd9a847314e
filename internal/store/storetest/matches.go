package storetest

import (
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

var matchTests = []test{
	{"bands find others, those with the most in common first", testBands},
	{"adding a signature again changes nothing", testSignatureTwice},
	{"a signature that is taken away is found by nobody, and another may be added", testRemoveSignature},
	{"postings stay where a copy has none of its own", testRemoveSignatureOfCopy},
	{"signatures that share terms may be added at the same moment", testSignatureRace},
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

func unsign(t *testing.T, s store.Store, id civic.SubmissionID, bands []int64, terms ...matching.Term) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Matches().RemoveSignature(t.Context(), id, bands, terms) })
}

func testRemoveSignature(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	kept, old := matching.Term{Hash: 5, Weight: 0.5, Counted: true}, matching.Term{Hash: 6, Weight: 0.25}
	unsign(t, s, ids[0], []int64{1}, kept)
	sign(t, s, ids[0], []int64{1, 2}, kept, old)
	sign(t, s, ids[1], []int64{1, 2}, kept)
	unsign(t, s, ids[0], []int64{1, 2}, kept, old, matching.Term{Hash: 7, Weight: 0.5})
	equal(t, view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) {
		return tx.Matches().Bands(t.Context(), 0, []int64{1, 2}, 10)
	}), []civic.SubmissionID{ids[1]})
	postings := func() []matching.Posting {
		return view(t, s, func(tx store.Tx) ([]matching.Posting, error) {
			return tx.Matches().Postings(t.Context(), []int64{5, 6, 8}, 10)
		})
	}
	equal(t, postings(), []matching.Posting{{ID: int64(ids[1]), Term: 5, Weight: 0.5}})
	equal(t, view(t, s, func(tx store.Tx) (map[int64]int, error) { return tx.Matches().Frequencies(t.Context(), []int64{5}) }), map[int64]int{5: 2})
	unsign(t, s, ids[1], []int64{1, 2}, kept)
	sign(t, s, ids[1], []int64{3}, matching.Term{Hash: 8, Weight: 0.5})
	equal(t, postings(), []matching.Posting{{ID: int64(ids[1]), Term: 8, Weight: 0.5}})
}

func testRemoveSignatureOfCopy(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	term := matching.Term{Hash: 5, Weight: 0.5}
	sign(t, s, ids[0], []int64{1}, term)
	sign(t, s, ids[1], []int64{1}, term)
	unsign(t, s, ids[0], []int64{1}, term)
	equal(t, view(t, s, func(tx store.Tx) ([]matching.Posting, error) {
		return tx.Matches().Postings(t.Context(), []int64{5}, 10)
	}), []matching.Posting{{ID: int64(ids[0]), Term: 5, Weight: 0.5}})
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

func testSimilar(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	similar := func() []civic.Similar {
		return view(t, s, func(tx store.Tx) ([]civic.Similar, error) { return tx.Matches().Similar(t.Context(), ids[2]) })
	}
	first := civic.Similar{Submission: ids[2], Other: ids[0], Rank: 1, Score: 0.75, Terms: []string{"số hóa", `"thủ tục"`}, Jaccard: 0.875, Obstacle: "refused"}
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
