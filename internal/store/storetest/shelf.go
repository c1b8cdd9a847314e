package storetest

import (
	"slices"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

var shelfTests = []test{
	{"the shelf and the originals know nothing of each other", testShelfApart},
	{"what is put on the shelf again replaces what stood there", testShelfReplaces},
	{"taking a case off the shelf takes its postings and counts along", testShelfRemove},
	{"the shelf reads texts as they are public at this moment", testShelfTexts},
	{"copies of a text are posted and counted once", testCopies},
}

// counted makes a term that is posted and counted.
func counted(hash int64) matching.Term { return matching.Term{Hash: hash, Weight: 0.5, Counted: true} }

func shelve(t *testing.T, s store.Store, cases ...store.Shelved) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Shelf().Put(t.Context(), cases) })
}

// found returns which cases have a posting of the term, and how many documents
// have it counted.
func found(t *testing.T, s store.Store, of func(store.Tx) matching.Candidates, term int64) (ids []int64, documents int) {
	t.Helper()
	postings := view(t, s, func(tx store.Tx) ([]matching.Posting, error) {
		return of(tx).Postings(t.Context(), []int64{term}, 100)
	})
	for _, p := range postings {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	freq := view(t, s, func(tx store.Tx) (map[int64]int, error) { return of(tx).Frequencies(t.Context(), []int64{term}) })
	return ids, freq[term]
}

func originals(tx store.Tx) matching.Candidates { return tx.Matches() }
func onShelf(tx store.Tx) matching.Candidates   { return tx.Shelf() }

// wantFound checks what a term finds.
func wantFound(t *testing.T, s store.Store, of func(store.Tx) matching.Candidates, term int64, documents int, ids ...civic.SubmissionID) {
	t.Helper()
	var want []int64
	for _, id := range ids {
		want = append(want, int64(id))
	}
	got, n := found(t, s, of, term)
	equal(t, got, want)
	equal(t, n, documents)
}

func testShelfApart(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	sign(t, s, ids[0], nil, counted(5))
	shelve(t, s, store.Shelved{Submission: ids[1], Fingerprint: 1, Terms: []matching.Term{counted(6)}})
	wantFound(t, s, originals, 5, 1, ids[0])
	wantFound(t, s, originals, 6, 0)
	wantFound(t, s, onShelf, 5, 0)
	wantFound(t, s, onShelf, 6, 1, ids[1])
}

func testShelfReplaces(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	prints := func() map[civic.SubmissionID]int64 {
		return view(t, s, func(tx store.Tx) (map[civic.SubmissionID]int64, error) {
			return tx.Shelf().Fingerprints(t.Context(), ids)
		})
	}
	equal(t, prints(), map[civic.SubmissionID]int64{})
	every := matching.Term{Hash: matching.EveryDocument, Counted: true}
	shelve(t, s,
		store.Shelved{Submission: ids[0], Fingerprint: 1, Terms: []matching.Term{every, counted(5), {Hash: 6, Counted: true}}},
		store.Shelved{Submission: ids[1], Fingerprint: -2, Terms: []matching.Term{every, counted(5), {Hash: 7, Weight: 2}}})
	wantFound(t, s, onShelf, matching.EveryDocument, 2)
	wantFound(t, s, onShelf, 5, 2, ids...)
	wantFound(t, s, onShelf, 6, 1)
	wantFound(t, s, onShelf, 7, 0, ids[1])
	equal(t, prints(), map[civic.SubmissionID]int64{ids[0]: 1, ids[1]: -2})
	shelve(t, s, store.Shelved{Submission: ids[0], Fingerprint: 3, Terms: []matching.Term{every, counted(8)}})
	wantFound(t, s, onShelf, matching.EveryDocument, 2)
	wantFound(t, s, onShelf, 5, 1, ids[1])
	wantFound(t, s, onShelf, 6, 0)
	wantFound(t, s, onShelf, 8, 1, ids[0])
	equal(t, prints(), map[civic.SubmissionID]int64{ids[0]: 3, ids[1]: -2})
}

func testShelfRemove(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	// Two with the same weights and terms, so that only the id tells their
	// postings apart, and one without any.
	for _, id := range ids[:2] {
		shelve(t, s, store.Shelved{Submission: id, Fingerprint: 1, Terms: []matching.Term{counted(-5), counted(6)}})
	}
	shelve(t, s, store.Shelved{Submission: ids[2], Fingerprint: 1})
	for range 2 { // again is no error
		do(t, s, func(tx store.Tx) error { return tx.Shelf().Remove(t.Context(), []civic.SubmissionID{ids[0], ids[2]}) })
		wantFound(t, s, onShelf, -5, 1, ids[1])
		wantFound(t, s, onShelf, 6, 1, ids[1])
	}
	do(t, s, func(tx store.Tx) error { return tx.Shelf().Remove(t.Context(), ids) })
	wantFound(t, s, onShelf, -5, 0)
}

func testShelfTexts(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	change := func(id civic.SubmissionID, v civic.Visibility, title string, root civic.SubmissionID) {
		do(t, s, func(tx store.Tx) error {
			sub, err := tx.Submissions().Get(t.Context(), id)
			if err != nil {
				return err
			}
			sub.Visibility, sub.PublicTitle, sub.PublicBody, sub.Root = v, title, "công khai", root
			return tx.Submissions().Update(t.Context(), sub)
		})
	}
	texts := func() []matching.Document {
		return view(t, s, func(tx store.Tx) ([]matching.Document, error) {
			return tx.Shelf().Texts(t.Context(), []int64{int64(ids[0]), int64(ids[1]), int64(ids[2]), int64(ids[3]), int64(ids[4])})
		})
	}
	change(ids[0], civic.PublicOpen, "một", 0)
	change(ids[1], civic.PublicWithAnswer, "hai", 0)
	change(ids[2], civic.Private, "ba", 0)
	change(ids[3], civic.TakenDown, "bốn", 0)
	change(ids[4], civic.PublicOpen, "năm", ids[0])
	got := texts()
	slices.SortFunc(got, func(a, b matching.Document) int { return int(a.ID - b.ID) })
	equal(t, got, []matching.Document{{ID: int64(ids[0]), Title: "một", Body: "công khai"}, {ID: int64(ids[1]), Title: "hai", Body: "công khai"}})
	change(ids[0], civic.PublicOpen, "[đã lược]", 0)
	change(ids[1], civic.TakenDown, "hai", 0)
	equal(t, texts(), []matching.Document{{ID: int64(ids[0]), Title: "[đã lược]", Body: "công khai"}})
}

func testCopies(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 4)
	bands := []int64{1, 2, 3}
	sign(t, s, ids[0], bands, counted(5), matching.Term{Hash: matching.EveryDocument, Counted: true})
	sign(t, s, ids[1], bands, counted(5), matching.Term{Hash: matching.EveryDocument, Counted: true})
	wantFound(t, s, originals, 5, 1, ids[0])
	wantFound(t, s, originals, matching.EveryDocument, 1)
	// Who differs in a word or a band is no copy.
	sign(t, s, ids[2], bands, counted(6))
	sign(t, s, ids[3], []int64{1, 2, 4}, counted(5))
	wantFound(t, s, originals, 5, 2, ids[0], ids[3])
	wantFound(t, s, originals, 6, 1, ids[2])
	// All of them are found as near copies.
	near := view(t, s, func(tx store.Tx) ([]civic.SubmissionID, error) { return tx.Matches().Bands(t.Context(), 0, bands, 10) })
	equal(t, near, ids)
}
