package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var receiveTogetherTests = []test{
	{"many at once are all stored, bad ones and repeats among them", testStorm},
	{"calls with one key at the same moment store one", testSameKey},
	{"a failing first use of a key lets the next one in", testFailingFirst},
	{"of calls with one code at the same moment one is stored", testSameCode},
	{"callers that leave get their context's error, and others are not disturbed", testLeavers},
	{"close lets what is in hand finish", testCloseDrains},
}

// goroutines that call at once in these tests.
const crowd = 64

// testStorm sends good, bad and repeated receipts from many goroutines. Every
// good one must be there once, every bad one must fail alone, and every repeat
// must have the answer of its first.
func testStorm(t *testing.T, s store.Store) {
	const each = 8
	var mu sync.Mutex
	byKey := map[[32]byte]store.Received{}
	var stored, fresh int
	var wg sync.WaitGroup
	for g := range crowd {
		wg.Go(func() {
			for i := range each {
				r := receipt(nil)
				bad := false
				switch i % 4 {
				case 1:
					bad = true
					r.Submission.Kind = "prayer"
				case 2:
					bad = true
					r.Submission.Title = "một\x00hai"
				case 3:
					r.Idempotency = key(g%16, 1)
				}
				got, err := s.Receive(t.Context(), r)
				mu.Lock()
				switch {
				case bad && err == nil:
					t.Errorf("a bad row was stored: %+v", got)
				case !bad && err != nil:
					t.Errorf("a good row failed: %v", err)
				case !bad && r.Idempotency == nil:
					stored++
				case !bad:
					first, ok := byKey[r.Idempotency.Key]
					if ok && first.Code != got.Code {
						t.Errorf("two answers to one key: %+v and %+v", first, got)
					}
					byKey[r.Idempotency.Key] = got
					if !got.Replayed {
						fresh++
					}
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if fresh != len(byKey) {
		t.Errorf("%d calls were told that theirs is the first, of %d keys", fresh, len(byKey))
	}
	wantStored(t, s, stored+len(byKey))
}

func testSameKey(t *testing.T, s store.Store) {
	results := atOnce(t, s, func(i int) store.Receipt {
		return receipt(func(r *store.Receipt) { r.Idempotency = key(1, i%2) })
	})
	var first store.Received
	for _, r := range results {
		if r.err == nil && !r.got.Replayed {
			if first.ID != 0 {
				t.Errorf("two were stored: %+v and %+v", first, r.got)
			}
			first = r.got
		}
	}
	replays, conflicts := 0, 0
	for _, r := range results {
		switch {
		case r.err != nil:
			wantError(t, r.err, errs.Conflict, "idempotency.other_body")
			conflicts++
		case r.got.Replayed:
			replays++
			first.Replayed = true
			equal(t, r.got, first)
		}
	}
	if replays != crowd/2-1 || conflicts != crowd/2 {
		t.Errorf("got %d replays and %d conflicts of %d calls with two bodies", replays, conflicts, crowd)
	}
	wantStored(t, s, 1)
}

func testFailingFirst(t *testing.T, s store.Store) {
	results := atOnce(t, s, func(i int) store.Receipt {
		return receipt(func(r *store.Receipt) {
			r.Idempotency = key(1, 1)
			if i%2 == 0 {
				r.Submission.Kind = "prayer"
			}
		})
	})
	first := 0
	for i, r := range results {
		switch {
		case i%2 == 1 && r.err != nil:
			t.Errorf("a good one failed: %v", r.err)
		case r.err == nil && !r.got.Replayed:
			first++
		}
	}
	if first != 1 {
		t.Errorf("%d were told that theirs is the first, want 1", first)
	}
	wantStored(t, s, 1)
}

func testSameCode(t *testing.T, s store.Store) {
	results := atOnce(t, s, func(i int) store.Receipt {
		return receipt(func(r *store.Receipt) {
			r.Submission.Code = "TESTSAMECODE"
			if i%2 == 0 {
				r.Idempotency = key(i, 1)
			}
		})
	})
	stored := 0
	for _, r := range results {
		if r.err == nil {
			stored++
			continue
		}
		wantError(t, r.err, errs.Conflict, "submission.code_taken")
	}
	equal(t, stored, 1)
	wantStored(t, s, 1)
}

func testLeavers(t *testing.T, s store.Store) {
	var wg sync.WaitGroup
	for i := range crowd {
		wg.Go(func() {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if i%2 == 0 {
				go cancel()
			}
			_, err := s.Receive(ctx, receipt(nil))
			if err != nil && (i%2 == 1 || !errors.Is(err, context.Canceled)) {
				t.Errorf("call %d: %v", i, err)
			}
		})
	}
	wg.Wait()
	counts := view(t, s, func(tx store.Tx) (map[civic.State]int, error) { return tx.Submissions().Count(t.Context()) })
	if n := counts[civic.Received]; n < crowd/2 {
		t.Errorf("got %d submissions, want all of those that waited", n)
	}
}

func testCloseDrains(t *testing.T, s store.Store) {
	var mu sync.Mutex
	answers := map[civic.Code]error{}
	started := make(chan struct{}, crowd)
	var wg sync.WaitGroup
	for range crowd {
		wg.Go(func() {
			r := receipt(nil)
			started <- struct{}{}
			_, err := s.Receive(t.Context(), r)
			mu.Lock()
			answers[r.Submission.Code] = err
			mu.Unlock()
		})
	}
	for range crowd {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	wg.Wait()
	for code, err := range answers {
		if err != nil && errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%s: got %v, want it stored or Unavailable", code, err)
		}
	}
}

// result is what one call of a crowd got.
type result struct {
	got store.Received
	err error
}

// atOnce receives a crowd of receipts at the same moment.
func atOnce(t *testing.T, s store.Store, make func(i int) store.Receipt) []result {
	t.Helper()
	var results [crowd]result
	start := new(sync.WaitGroup)
	start.Add(1)
	var wg sync.WaitGroup
	for i := range crowd {
		r := make(i)
		wg.Go(func() {
			start.Wait()
			got, err := s.Receive(t.Context(), r)
			results[i] = result{got, err}
		})
	}
	start.Done()
	wg.Wait()
	return results[:]
}

// String says a result in a failure's line.
func (r result) String() string { return fmt.Sprintf("%+v %v", r.got, r.err) }
