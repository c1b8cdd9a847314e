package searchtest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

var rebuildCases = []testCase{
	{"a rebuild is invisible until Commit and then all there is", testRebuild},
	{"changes of the index do not reach a rebuild", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""))
		r := x.rebuild()
		x.put(doc("B", "hai", ""))
		x.apply(search.Remove("A"))
		x.has("B")
		x.fill(r, puts(doc("C", "ba", ""))...)
		x.commit(r)
		x.has("C")
	}},
	{"a rebuild takes removals too", func(t *testing.T, open Open) {
		x := with(t, open)
		r := x.rebuild()
		x.fill(r, puts(doc("A", "một", ""), doc("B", "hai", ""))...)
		x.fill(r, search.Remove("A"), search.Put(doc("B", "ba", "")))
		x.commit(r)
		x.has("B")
		x.finds("ba", "B")
	}},
	{"Abort leaves everything as it was", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""))
		r := x.rebuild()
		x.fill(r, puts(doc("B", "hai", ""))...)
		x.abort(r)
		x.has("A")
		x.put(doc("C", "ba", ""))
		x.commit(x.rebuild())
		x.has()
	}},
	{"one rebuild at a time", func(t *testing.T, open Open) {
		x := with(t, open)
		first := x.rebuild()
		_, err := x.Rebuild(t.Context())
		wantKind(t, err, errs.Conflict)
		x.abort(first)
		x.abort(x.rebuild())
	}},
	{"a rebuild that is over takes nothing more", testRebuildOver},
	{"a refused batch of a rebuild is Invalid", func(t *testing.T, open Open) {
		x := with(t, open)
		r := x.rebuild()
		wantKind(t, r.Apply(t.Context(), []search.Change{search.Remove("")}), errs.Invalid)
		x.commit(r)
	}},
	{"what was committed stays after Close", testCommitIsDurable},
	{"Close aborts an open rebuild", func(t *testing.T, open Open) {
		x := index{open(t, search.Public), t}
		x.put(doc("A", "một", ""))
		r := x.rebuild()
		x.fill(r, puts(doc("B", "hai", ""))...)
		if err := x.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		if err := r.Commit(t.Context()); err == nil {
			t.Error("a rebuild was committed after Close")
		}
		again := openIndex(t, open, search.Public)
		again.has("A")
		again.commit(again.rebuild())
		again.has()
	}},
	{"a query sees all of the old or all of the new", testSwapIsAtomic},
}

func (x index) rebuild() search.Rebuild {
	x.t.Helper()
	r, err := x.Rebuild(x.t.Context())
	if err != nil {
		x.t.Fatalf("begin a rebuild: %v", err)
	}
	return r
}

func (x index) fill(r search.Rebuild, changes ...search.Change) {
	x.t.Helper()
	if err := r.Apply(x.t.Context(), changes); err != nil {
		x.t.Fatalf("fill a rebuild: %v", err)
	}
}

func (x index) commit(r search.Rebuild) {
	x.t.Helper()
	if err := r.Commit(x.t.Context()); err != nil {
		x.t.Fatalf("commit a rebuild: %v", err)
	}
}

func (x index) abort(r search.Rebuild) {
	x.t.Helper()
	if err := r.Abort(x.t.Context()); err != nil {
		x.t.Fatalf("abort a rebuild: %v", err)
	}
}

func testRebuild(t *testing.T, open Open) {
	x := with(t, open, doc("A", "một", ""), doc("B", "hai", ""))
	r := x.rebuild()
	x.fill(r, puts(doc("B", "hai mới", ""))...)
	x.fill(r, puts(doc("C", "ba", ""))...)
	x.has("A", "B")
	x.finds("mới")
	x.finds("ba")
	x.commit(r)
	x.has("B", "C")
	x.finds("mới", "B")
	x.finds("ba", "C")
	x.finds("một")
	x.put(doc("D", "bốn", "")) // and the index goes on as usual
	x.has("B", "C", "D")
	x.commit(x.rebuild())
	x.has()
}

func testRebuildOver(t *testing.T, open Open) {
	x := with(t, open, doc("A", "một", ""))
	for _, end := range []func(search.Rebuild){x.commit, x.abort} {
		r := x.rebuild()
		x.fill(r, puts(doc("B", "hai", ""))...)
		end(r)
		wantKind(t, r.Apply(t.Context(), puts(doc("C", "ba", ""))), errs.Conflict)
		wantKind(t, r.Commit(t.Context()), errs.Conflict)
		x.abort(r) // does nothing
		x.has("B")
	}
}

func testCommitIsDurable(t *testing.T, open Open) {
	x := index{open(t, search.Public), t}
	x.put(doc("A", "một", ""))
	for i := range 3 {
		r := x.rebuild()
		x.fill(r, puts(doc(civic.Code(fmt.Sprint("B", i)), "hai", ""))...)
		x.commit(r)
	}
	x.put(doc("C", "ba", ""))
	if err := x.Close(); err != nil {
		t.Fatalf("close: %v", err)
	}
	again := openIndex(t, open, search.Public)
	again.has("B2", "C")
}

// testSwapIsAtomic asks all the time while two contents change places. Total,
// hits and counts come from one content, whichever.
func testSwapIsAtomic(t *testing.T, open Open) {
	x := with(t, open, contents("OLD")...)
	done := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-done:
				return
			default:
			}
			got := sorted(codes(x.ask(search.Query{Text: "nội dung"})))
			if len(got) != 3 || !slices.Equal(got, []civic.Code{"NEW0", "NEW1", "NEW2"}) && !slices.Equal(got, []civic.Code{"OLD0", "OLD1", "OLD2"}) {
				t.Errorf("a query saw %q", got)
				return
			}
		}
	})
	for _, name := range []string{"NEW", "OLD", "NEW"} {
		r := x.rebuild()
		for _, d := range contents(name) {
			x.fill(r, search.Put(d))
		}
		x.commit(r)
	}
	close(done)
	wg.Wait()
	x.has("NEW0", "NEW1", "NEW2")
}

func contents(name string) []search.Document {
	docs := make([]search.Document, 3)
	for i := range docs {
		docs[i] = doc(civic.Code(fmt.Sprint(name, i)), "nội dung", "")
	}
	return docs
}

var walkCases = []testCase{
	{"Each tells every document once with its fingerprint", testEach},
	{"Each stops with the error of its function", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""), doc("B", "hai", ""))
		enough, calls := errors.New("enough"), 0
		err := x.Each(t.Context(), func(civic.Code, string) error { calls++; return enough })
		if !errors.Is(err, enough) || calls != 1 {
			t.Errorf("Each() = %v after %d calls, want the function's error after 1", err, calls)
		}
	}},
	{"Each walks more than one batch", func(t *testing.T, open Open) {
		const n = search.MaxBatch + 10
		x := with(t, open)
		for from := 0; from < n; from += search.MaxBatch {
			var docs []search.Document
			for i := from; i < min(n, from+search.MaxBatch); i++ {
				docs = append(docs, doc(civic.Code(fmt.Sprintf("A%05d", i)), "một", ""))
			}
			x.put(docs...)
		}
		if got := x.fingerprints(); len(got) != n {
			t.Errorf("Each told %d documents of %d", len(got), n)
		}
	}},
}

// fingerprints walks the index; a document told twice fails the test.
func (x index) fingerprints() map[civic.Code]string {
	x.t.Helper()
	got := make(map[civic.Code]string)
	err := x.Each(x.t.Context(), func(code civic.Code, fingerprint string) error {
		if _, twice := got[code]; twice {
			x.t.Errorf("Each told %s twice", code)
		}
		got[code] = fingerprint
		return nil
	})
	if err != nil {
		x.t.Fatalf("walk the index: %v", err)
	}
	return got
}

func testEach(t *testing.T, open Open) {
	docs := corpus()
	x := with(t, open, docs...)
	changed := docs[1]
	changed.Body = "khác"
	x.put(changed)
	x.apply(search.Remove(docs[0].Code))
	docs[1] = changed
	got := x.fingerprints()
	for _, d := range docs[1:] {
		if got[d.Code] != d.Fingerprint() {
			t.Errorf("fingerprint of %s is %q, want %q", d.Code, got[d.Code], d.Fingerprint())
		}
	}
	if len(got) != len(docs)-1 {
		t.Errorf("Each told %d documents, want %d", len(got), len(docs)-1)
	}
}
