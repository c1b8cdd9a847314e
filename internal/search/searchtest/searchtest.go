// Package searchtest is the specification of search.Index as tests. Each
// engine runs it on the real thing; a fault found in one engine becomes a case
// for all.
package searchtest

import (
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

// Open opens the index of an audience in one place, the same at every call
// within a test, so that a test can close an index and open it again. It fails
// the test when it cannot. The suite closes what it opens.
type Open func(t *testing.T, audience search.Audience) search.Index

// Run checks an engine that knows Thesaurus. place returns the means to open indexes in a place
// that is empty, belongs to the test alone and is cleaned up after it.
func Run(t *testing.T, place func(t *testing.T) Open) {
	t.Helper()
	for _, group := range [][]testCase{applyCases, matchCases, namesCases, readingCases, rankCases, narrowCases, resultCases, rebuildCases, walkCases} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				c.run(t, place(t))
			})
		}
	}
}

// testCase is one sentence of the port.
type testCase struct {
	name string
	run  func(t *testing.T, open Open)
}

// index is an open index with the test's shorthands.
type index struct {
	search.Index
	t *testing.T
}

// openIndex opens an index and closes it with the test.
func openIndex(t *testing.T, open Open, audience search.Audience) index {
	t.Helper()
	x := open(t, audience)
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Errorf("close the index: %v", err)
		}
	})
	return index{x, t}
}

// with opens a public index that holds the documents.
func with(t *testing.T, open Open, docs ...search.Document) index {
	t.Helper()
	x := openIndex(t, open, search.Public)
	x.put(docs...)
	return x
}

// put applies documents in one batch.
func (x index) put(docs ...search.Document) {
	x.t.Helper()
	x.apply(puts(docs...)...)
}

func puts(docs ...search.Document) []search.Change {
	changes := make([]search.Change, len(docs))
	for i, d := range docs {
		changes[i] = search.Put(d)
	}
	return changes
}

func (x index) apply(changes ...search.Change) {
	x.t.Helper()
	if err := x.Apply(x.t.Context(), changes); err != nil {
		x.t.Fatalf("apply %d changes: %v", len(changes), err)
	}
}

// ask runs a query; without a page it asks for the first 100.
func (x index) ask(q search.Query) search.Result {
	x.t.Helper()
	if q.Page == 0 && q.PerPage == 0 {
		q.Page, q.PerPage = 1, search.MaxPerPage
	}
	r, err := x.Query(x.t.Context(), q)
	if err != nil {
		x.t.Fatalf("query %+q: %v", q.Text, err)
	}
	return r
}

// finds asserts which documents have all words of a text, in any order;
// without any wanted, that none has (some may have some of the words).
func (x index) finds(text string, want ...civic.Code) {
	x.t.Helper()
	r := x.ask(search.Query{Text: text})
	if len(want) == 0 && r.Relaxed {
		return
	}
	if got := sorted(codes(r)); !slices.Equal(got, sorted(want)) || r.Total != len(want) || r.Relaxed {
		x.t.Errorf("%+q finds %q (total %d, relaxed %v), want %q", text, got, r.Total, r.Relaxed, want)
	}
}

// ranks asserts what a text finds, best first.
func (x index) ranks(text string, want ...civic.Code) {
	x.t.Helper()
	if got := codes(x.ask(search.Query{Text: text})); !slices.Equal(got, want) {
		x.t.Errorf("%+q finds %q, want %q in this order", text, got, want)
	}
}

// has asserts the number of documents and that they are the ones found
// without a text.
func (x index) has(want ...civic.Code) {
	x.t.Helper()
	n, err := x.Count(x.t.Context())
	if err != nil || n != len(want) {
		x.t.Errorf("Count() = %d, %v, want %d", n, err, len(want))
	}
	x.finds("", want...)
}

func codes(r search.Result) []civic.Code {
	out := make([]civic.Code, len(r.Hits))
	for i, h := range r.Hits {
		out[i] = h.Code
	}
	return out
}

func sorted(codes []civic.Code) []civic.Code {
	codes = slices.Clone(codes)
	slices.Sort(codes)
	return codes
}

// received is when the suite's documents were received unless they say
// otherwise.
var received = time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC)

// doc is a plain document.
func doc(code civic.Code, title, body string) search.Document {
	return search.Document{Code: code, Title: title, Body: body, Kind: civic.Feedback, ReceivedAt: received}
}

// wantKind asserts the kind of an error.
func wantKind(t *testing.T, err error, want errs.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want %v", want)
	}
	if got := errs.KindOf(err); got != want {
		t.Errorf("error is %v (%v), want %v", got, err, want)
	}
}
