package searchtest

import (
	"fmt"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

var applyCases = []testCase{
	{"a new index is empty", func(t *testing.T, open Open) {
		with(t, open).has()
	}},
	{"what was applied is found when Apply returns", func(t *testing.T, open Open) {
		x := with(t, open)
		for i := range 5 {
			x.put(doc(civic.Code(fmt.Sprint("A", i)), "cầu vượt", ""))
			if got := x.ask(search.Query{Text: "cầu vượt"}).Total; got != i+1 {
				t.Fatalf("%d documents found after %d were applied", got, i+1)
			}
		}
	}},
	{"Put replaces the whole document", testPutReplaces},
	{"Remove takes a document out, and nothing where there is none", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""), doc("B", "hai", ""))
		x.apply(search.Remove("A"), search.Remove("C"))
		x.has("B")
		x.finds("một")
	}},
	{"puts and removals go in one batch", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""))
		x.apply(search.Remove("A"), search.Put(doc("B", "hai", "")))
		x.has("B")
	}},
	{"the changes for one code are made in their order", testOrderWithinBatch},
	{"no changes are no work", func(t *testing.T, open Open) {
		x := with(t, open, doc("A", "một", ""))
		x.apply()
		x.has("A")
	}},
	{"the largest batch is taken", testLargestBatch},
	{"a refused batch is Invalid and changes nothing", testRefusedBatch},
	{"what was applied stays after Close", func(t *testing.T, open Open) {
		x := open(t, search.Public)
		index{x, t}.put(doc("A", "Đường Láng", ""))
		if err := x.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
		again := openIndex(t, open, search.Public)
		again.has("A")
		again.finds("đường", "A")
	}},
	{"the audiences never mix", testAudiences},
	{"applying from many sides at once loses nothing", testConcurrentApply},
	{"after Close everything is Unavailable and closing again is harmless", testClosed},
	{"an open index answers Ping and says what it is", func(t *testing.T, open Open) {
		x := openIndex(t, open, search.Staff)
		if err := x.Ping(t.Context()); err != nil {
			t.Errorf("Ping() = %v", err)
		}
		if x.Audience() != search.Staff || x.Engine() == "" {
			t.Errorf("Audience() = %q, Engine() = %q", x.Audience(), x.Engine())
		}
	}},
}

func testPutReplaces(t *testing.T, open Open) {
	first := doc("A", "đèn đường hỏng", "trước cổng trường")
	first.Answer, first.Topic, first.Year, first.AnsweredAt = "đã sửa", "lighting", 2026, received
	x := with(t, open, first)
	x.put(doc("A", "vỉa hè", ""))
	x.has("A")
	x.finds("vỉa hè", "A")
	for _, gone := range []string{"đèn", "cổng", "sửa"} {
		x.finds(gone)
	}
	r := x.ask(search.Query{Facets: search.Facets})
	if len(r.Facets[search.FacetTopic]) != 0 || len(r.Facets[search.FacetYear]) != 0 || !r.Hits[0].AnsweredAt.IsZero() {
		t.Errorf("something of the first document is left: %+v", r)
	}
}

func testOrderWithinBatch(t *testing.T, open Open) {
	x := with(t, open)
	x.apply(
		search.Put(doc("A", "một", "")), search.Put(doc("B", "hai", "")),
		search.Remove("A"), search.Remove("B"), search.Put(doc("B", "ba", "")),
		search.Put(doc("C", "bốn", "")), search.Put(doc("C", "năm", "")),
	)
	x.has("B", "C")
	x.finds("ba", "B")
	x.finds("năm", "C")
	x.finds("bốn")
}

func testLargestBatch(t *testing.T, open Open) {
	x := with(t, open)
	docs := make([]search.Document, search.MaxBatch)
	for i := range docs {
		docs[i] = doc(civic.Code(fmt.Sprintf("A%04d", i)), "kiến nghị", "về giao thông")
	}
	x.put(docs...)
	if got := x.ask(search.Query{Text: "giao thông"}).Total; got != len(docs) {
		t.Errorf("%d of %d documents found", got, len(docs))
	}
	removals := make([]search.Change, search.MaxBatch)
	for i := range removals {
		removals[i] = search.Remove(docs[i].Code)
	}
	x.apply(removals...)
	x.has()
}

func testRefusedBatch(t *testing.T, open Open) {
	x := with(t, open)
	noReceipt := doc("A", "một", "")
	noReceipt.ReceivedAt = noReceipt.AnsweredAt
	mismatch := search.Put(doc("A", "một", ""))
	mismatch.Code = "B"
	for name, bad := range map[string]search.Change{
		"no code":          search.Put(doc("", "một", "")),
		"not a code":       search.Put(doc("A/../B", "một", "")),
		"a NUL in it":      search.Remove("A\x00"),
		"two codes":        mismatch,
		"no receipt":       noReceiptChange(noReceipt),
		"a code of 65 bit": search.Remove(civic.Code(fmt.Sprintf("%065d", 1))),
	} {
		err := x.Apply(t.Context(), []search.Change{search.Put(doc("GOOD", "hai", "")), bad})
		if errs.KindOf(err) != errs.Invalid {
			t.Errorf("%s: error %v, want Invalid", name, err)
		}
	}
	tooMany := make([]search.Change, search.MaxBatch+1)
	for i := range tooMany {
		tooMany[i] = search.Put(doc(civic.Code(fmt.Sprint("A", i)), "một", ""))
	}
	wantKind(t, x.Apply(t.Context(), tooMany), errs.Invalid)
	x.has()
}

func noReceiptChange(d search.Document) search.Change { return search.Put(d) }

func testAudiences(t *testing.T, open Open) {
	public, staff := openIndex(t, open, search.Public), openIndex(t, open, search.Staff)
	public.put(doc("A", "bản công khai", ""))
	staff.put(doc("A", "bản gốc", "tên người gửi"), doc("B", "hồ sơ mật", ""))
	public.has("A")
	staff.has("A", "B")
	public.finds("gốc")
	public.finds("mật")
	staff.finds("khai")
	public.apply(search.Remove("A"))
	staff.has("A", "B")

	r, err := public.Rebuild(t.Context())
	if err != nil {
		t.Fatalf("rebuild: %v", err)
	}
	if err := r.Commit(t.Context()); err != nil {
		t.Fatalf("commit: %v", err)
	}
	public.has()
	staff.has("A", "B")
}

func testConcurrentApply(t *testing.T, open Open) {
	const writers, batches = 4, 3
	x := with(t, open)
	var all []civic.Code
	var wg sync.WaitGroup
	for w := range writers {
		for b := range batches {
			all = append(all, civic.Code(fmt.Sprintf("W%d-%d", w, b)))
		}
		wg.Go(func() {
			for b := range batches {
				code := civic.Code(fmt.Sprintf("W%d-%d", w, b))
				if err := x.Apply(t.Context(), puts(doc(code, "song song", ""))); err != nil {
					t.Errorf("apply %s: %v", code, err)
				}
				x.ask(search.Query{Text: "song", Facets: search.Facets})
			}
		})
	}
	wg.Wait()
	x.has(all...)
}

func testClosed(t *testing.T, open Open) {
	x := open(t, search.Public)
	for range 2 {
		if err := x.Close(); err != nil {
			t.Fatalf("close: %v", err)
		}
	}
	ctx := t.Context()
	_, err := x.Query(ctx, search.Query{Page: 1, PerPage: 1})
	wantKind(t, err, errs.Unavailable)
	wantKind(t, x.Apply(ctx, puts(doc("A", "một", ""))), errs.Unavailable)
	_, err = x.Rebuild(ctx)
	wantKind(t, err, errs.Unavailable)
	wantKind(t, x.Each(ctx, func(civic.Code, string) error { return nil }), errs.Unavailable)
	_, err = x.Count(ctx)
	wantKind(t, err, errs.Unavailable)
	wantKind(t, x.Ping(ctx), errs.Unavailable)
	if x.Audience() != search.Public || x.Engine() == "" {
		t.Errorf("Audience() = %q, Engine() = %q after Close", x.Audience(), x.Engine())
	}
}
