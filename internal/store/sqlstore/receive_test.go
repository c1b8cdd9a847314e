package sqlstore

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// envCrash names, for the child of TestKilled, the database to write to.
const envCrash = "HIENKE_TEST_CRASH_DATABASE"

// TestMain lets the test binary be the process that TestKilled kills.
func TestMain(m *testing.M) {
	if url := os.Getenv(envCrash); url != "" {
		fmt.Fprintln(os.Stderr, receiveForEver(url))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// receiveForEver stores submissions from many goroutines and prints the code
// of each once it is acknowledged.
func receiveForEver(url string) error {
	ctx := context.Background()
	s, err := Open(ctx, url, Options{})
	if err != nil {
		return err
	}
	failed := make(chan error)
	var mu sync.Mutex
	for g := range 16 {
		go func() {
			for i := int64(0); ; i++ {
				got, err := s.Receive(ctx, benchReceipt(fmt.Sprintf("K%x-", g), i))
				if err != nil {
					failed <- err
					return
				}
				mu.Lock()
				fmt.Println(got.Code)
				mu.Unlock()
			}
		}()
	}
	return <-failed
}

// TestKilled kills a process that receives and finds everything that it
// acknowledged, whole and once.
func TestKilled(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		const acknowledged = 300 // a few dozen commits
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), envCrash+"="+url)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		var codes []string
		for lines := bufio.NewScanner(out); lines.Scan(); {
			codes = append(codes, lines.Text())
			if len(codes) == acknowledged {
				if err := child.Process.Kill(); err != nil { // and read on what it still said
					t.Fatal(err)
				}
			}
		}
		_ = child.Wait() // killed
		if len(codes) < acknowledged {
			t.Fatalf("the child said %d codes only", len(codes))
		}
		s := open(t, url)
		wantWhole(t, s, codes)
	})
}

// wantWhole checks that each code is there with all that belongs to it.
func wantWhole(t *testing.T, s *Store, codes []string) {
	t.Helper()
	for _, code := range codes {
		err := s.View(t.Context(), func(tx store.Tx) error {
			sub, err := tx.Submissions().GetByCode(t.Context(), civic.Code(code))
			if err != nil {
				return err
			}
			if _, err := tx.Contacts().Get(t.Context(), sub.ID); err != nil {
				return err
			}
			history, err := tx.Events().List(t.Context(), sub.ID)
			if err == nil && len(history) != 1 {
				err = fmt.Errorf("%d events", len(history))
			}
			return err
		})
		if err != nil {
			t.Errorf("acknowledged %s: %v", code, err)
		}
	}
	counts := queryText(t, s, `SELECT 'submissions ' || count(*) FROM submissions UNION ALL SELECT 'matches ' || count(*) FROM outbox WHERE kind = 'submission.match'`)
	if n, m := strings.Fields(counts[0])[1], strings.Fields(counts[1])[1]; n != m {
		t.Errorf("got %s submissions and %s jobs", n, m)
	}
}

// TestReopenWithoutClose: a second store on the database of one that was never
// closed sees all that was acknowledged.
func TestReopenWithoutClose(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, url string) {
		s := open(t, url)
		var codes []string
		for i := range int64(10) {
			got, err := s.Receive(t.Context(), benchReceipt("R", i))
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, string(got.Code))
		}
		wantWhole(t, open(t, url), codes)
	})
}

// TestTwoProcesses: two stores on one PostgreSQL receive the same keys at the
// same moment; each key is stored once, and everyone has the same answer.
func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	url := databases["postgres"](t)
	stores := []*Store{open(t, url), open(t, url)}
	const keys = 100
	var got [2][keys]store.Received
	var wg sync.WaitGroup
	for n, s := range stores {
		for i := range int64(keys) {
			r := benchReceipt("P", i)
			r.Submission.Code = civic.Code(fmt.Sprintf("PROC%d-%d", n, i))
			wg.Go(func() {
				var err error
				if got[n][i], err = s.Receive(t.Context(), r); err != nil {
					t.Errorf("store %d, key %d: %v", n, i, err)
				}
			})
		}
	}
	wg.Wait()
	for i := range keys {
		if got[0][i].Code != got[1][i].Code || got[0][i].Replayed == got[1][i].Replayed {
			t.Errorf("key %d: got %+v and %+v", i, got[0][i], got[1][i])
		}
	}
}

// TestPanic: a panic in a commit becomes its callers' error, and the next
// commit goes on.
func TestPanic(t *testing.T) {
	t.Parallel()
	boom := true
	in := startInbox(1, maxBatch, func(calls []*call) {
		if boom {
			boom = false
			panic("boom")
		}
		for _, c := range calls {
			c.tell(outcome{received: store.Received{ID: 7}})
		}
	})
	defer in.close()
	s := &Store{inbox: in}
	if _, err := s.Receive(t.Context(), benchReceipt("B", 1)); errs.KindOf(err) != errs.Internal || errs.CodeOf(err) != "receive.panicked" {
		t.Errorf("got %v, want the panic as Internal", err)
	}
	if got, err := s.Receive(t.Context(), benchReceipt("B", 2)); err != nil || got.ID != 7 {
		t.Errorf("after the panic: got %+v and %v", got, err)
	}
}

// TestUntold: a committer that forgets a call does not leave it waiting.
func TestUntold(t *testing.T) {
	t.Parallel()
	in := startInbox(1, maxBatch, func([]*call) {})
	defer in.close()
	if _, err := (&Store{inbox: in}).Receive(t.Context(), benchReceipt("U", 1)); errs.KindOf(err) != errs.Internal {
		t.Errorf("got %v, want Internal", err)
	}
}

// TestFullInbox: a caller waits for room until its context ends; one that left
// before its turn is not stored.
func TestFullInbox(t *testing.T) {
	t.Parallel()
	begun, goOn := make(chan struct{}), make(chan struct{})
	var taken []int
	in := startInbox(1, maxBatch, func(calls []*call) {
		taken = append(taken, len(calls))
		if len(taken) == 1 {
			close(begun)
			<-goOn
		}
		for _, c := range calls {
			c.tell(outcome{})
		}
	})
	s := &Store{inbox: in}
	leaving, leave := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _, _ = s.Receive(t.Context(), benchReceipt("F", 0)) })
	<-begun // the committer is busy from here
	for range inboxSize {
		if err := in.put(t.Context(), &call{gone: leaving.Done(), done: make(chan outcome, 1)}); err != nil {
			t.Fatal(err)
		}
	}
	ended, end := context.WithCancel(t.Context())
	refused := make(chan error)
	go func() {
		_, err := s.Receive(ended, benchReceipt("F", 1))
		refused <- err
	}()
	end()
	if err := <-refused; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's error", err)
	}
	leave()
	close(goOn)
	wg.Wait()
	in.close()
	for _, n := range taken[1:] {
		if n != 0 {
			t.Errorf("a batch of %d calls was written for nobody", n)
		}
	}
}

// TestBatchBytes: long texts end a batch early.
func TestBatchBytes(t *testing.T) {
	t.Parallel()
	in := &inbox{batch: maxBatch, calls: make(chan *call, inboxSize)}
	for range maxBatch {
		in.calls <- &call{size: maxBatchBytes / 4}
	}
	if got := len(in.gather(<-in.calls)); got != 4 {
		t.Errorf("got %d calls in a batch, want 4", got)
	}
}

// TestBatchOrder: batches write keys in one order, whoever came first, so that
// two which hold the same keys do not wait for each other.
func TestBatchOrder(t *testing.T) {
	t.Parallel()
	a, b, c := &call{}, &call{}, &call{}
	a.receipt.Idempotency, b.receipt.Idempotency = &store.Idempotency{Key: [32]byte{1}}, &store.Idempotency{Key: [32]byte{2}}
	for _, calls := range [][]*call{{a, b, c}, {b, c, a}, {c, b, a}} {
		if got := newBatch(calls).calls; got[0] != c || got[1] != a || got[2] != b {
			t.Errorf("got another order from %v", calls)
		}
	}
}

// TestInsertTypes: each insert names a type for every column.
func TestInsertTypes(t *testing.T) {
	t.Parallel()
	for _, ins := range []insert{
		insertSubmissions, insertContacts, insertContactKeys, insertEvents, insertMessages, insertJobs, insertMarks,
		insertBands, received.insertPostings(), received.insertCounts(), insertShelved, insertSimilar,
	} {
		if len(ins.types) != len(ins.columns) {
			t.Errorf("%s: %d columns and %d types", ins.table, len(ins.columns), len(ins.types))
		}
	}
}
