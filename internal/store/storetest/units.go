package storetest

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var unitTests = []test{
	{"a nil return commits", testCommit},
	{"an error rolls everything back and is returned", testRollback},
	{"a panic rolls back and goes on", testPanic},
	{"a transaction ended by its context leaves nothing", testCancelledDo},
	{"an ended context does nothing", testEndedContext},
	{"a refusal leaves the transaction usable", testRefusalInside},
	{"text that a database cannot hold is Invalid, and the transaction stays usable", testTextInside},
	{"a view shows one moment", testSnapshot},
	{"a write inside a view fails", testWriteInView},
	{"transactions that read and then write are serialized by locks", testCounters},
	{"two that lock in opposite orders both finish", testOppositeOrders},
	{"ping tells whether the store answers", testPing},
	{"a closed store is unavailable", testClosed},
}

var errStop = errors.New("stop")

func testCommit(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	equal(t, view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().Get(t.Context(), u.ID) }), u)
}

func testRollback(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	clean(t, s)
	err := s.Do(t.Context(), func(tx store.Tx) error {
		if _, err := tx.Users().Add(t.Context(), civic.User{Email: "b@example.vn", Role: civic.RoleOfficer, CreatedAt: noon}); err != nil {
			return err
		}
		if err := tx.Submissions().Update(t.Context(), sub); err != nil {
			return err
		}
		return errStop
	})
	if !errors.Is(err, errStop) {
		t.Errorf("got error %v, want the one that was returned", err)
	}
	missing(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) (civic.User, error) {
		return tx.Users().GetByEmail(t.Context(), "b@example.vn")
	})
	if left := waiting(t, s); len(left) != 0 {
		t.Errorf("the mark of a rolled back change stayed: %v", left)
	}
}

func testPanic(t *testing.T, s store.Store) {
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, errStop) {
				t.Errorf("recovered %v, want the panic to go on", err)
			}
		}()
		_ = s.Do(t.Context(), func(tx store.Tx) error {
			if _, err := tx.Users().Add(t.Context(), civic.User{Email: "c@example.vn", Role: civic.RoleOfficer, CreatedAt: noon}); err != nil {
				return err
			}
			panic(errStop)
		})
	}()
	missing(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) (civic.User, error) {
		return tx.Users().GetByEmail(t.Context(), "c@example.vn")
	})
	user(t, s, "c@example.vn") // the next transaction is not blocked
}

func testCancelledDo(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	err := s.Do(ctx, func(tx store.Tx) error {
		_, err := tx.Users().Add(ctx, civic.User{Email: "d@example.vn", Role: civic.RoleOfficer, CreatedAt: noon})
		cancel()
		return err
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v, want the context's", err)
	}
	missing(t, s, errs.NotFound, "user.not_found", func(tx store.Tx) (civic.User, error) {
		return tx.Users().GetByEmail(t.Context(), "d@example.vn")
	})
}

func testEndedContext(t *testing.T, s store.Store) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	called := func(store.Tx) error { t.Error("fn was called"); return nil }
	for name, run := range map[string]func(context.Context, func(store.Tx) error) error{"Do": s.Do, "View": s.View} {
		if err := run(ctx, called); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: got error %v, want the context's", name, err)
		}
	}
}

// testRefusalInside: on some databases a refused row ends the transaction; what
// the port calls Conflict must not.
func testRefusalInside(t *testing.T, s store.Store) {
	u := user(t, s, "e@example.vn")
	ids := receiveMany(t, s, 3)
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Users().Add(t.Context(), u)
		wantError(t, err, errs.Conflict, "user.email_taken")
		m := civic.Membership{Submission: ids[1], Root: ids[0], JoinedAt: noon, By: civic.ActorSystem}
		if err := tx.Matches().Join(t.Context(), m); err != nil {
			return err
		}
		m.Root = ids[2]
		wantError(t, tx.Matches().Join(t.Context(), m), errs.Conflict, "membership.exists")
		_, err = tx.Submissions().Get(t.Context(), 987654)
		wantError(t, err, errs.NotFound, "submission.not_found")
		return tx.Events().Add(t.Context(), civic.Event{Submission: ids[0], At: noon, Type: civic.EventNoted, Actor: civic.ActorSystem})
	})
	history := view(t, s, func(tx store.Tx) ([]civic.Event, error) { return tx.Events().List(t.Context(), ids[0]) })
	if len(history) != 2 {
		t.Errorf("got %d events, want the one added after the refusals too", len(history))
	}
}

func testTextInside(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	do(t, s, func(tx store.Tx) error {
		for _, text := range []string{"một\x00hai", "một\xffhai"} {
			bad := sub
			bad.PublicTitle = text
			wantError(t, tx.Submissions().Update(t.Context(), bad), errs.Invalid, "text.not_storable")
			_, err := tx.Submissions().GetByCode(t.Context(), civic.Code(text))
			wantError(t, err, errs.Invalid, "text.not_storable")
		}
		return tx.Submissions().Update(t.Context(), sub)
	})
}

func testSnapshot(t *testing.T, s store.Store) {
	receive(t, s, nil)
	err := s.View(t.Context(), func(tx store.Tx) error {
		before, err := tx.Submissions().Count(t.Context())
		if err != nil {
			return err
		}
		receive(t, s, nil)
		after, err := tx.Submissions().Count(t.Context())
		equal(t, after, before)
		return err
	})
	if err != nil {
		t.Fatalf("View: %v", err)
	}
}

func testWriteInView(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	for name, write := range map[string]func(tx store.Tx) error{
		"update": func(tx store.Tx) error { return tx.Submissions().Update(t.Context(), sub) },
		"add": func(tx store.Tx) error {
			_, err := tx.Users().Add(t.Context(), civic.User{Email: "f@example.vn", Role: civic.RoleOfficer, CreatedAt: noon})
			return err
		},
		"lock": func(tx store.Tx) error { _, err := tx.Submissions().Lock(t.Context(), sub.ID); return err },
	} {
		if err := s.View(t.Context(), write); err == nil {
			t.Errorf("%s inside a view succeeded", name)
		}
	}
}

// testCounters raises one submission's Handovers from many goroutines; every
// raise must count.
func testCounters(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	const goroutines, rounds = 8, 5
	var wg sync.WaitGroup
	for range goroutines {
		wg.Go(func() {
			for range rounds {
				err := s.Do(t.Context(), func(tx store.Tx) error {
					locked, err := tx.Submissions().Lock(t.Context(), sub.ID)
					if err != nil {
						return err
					}
					locked[0].Handovers++
					locked[0].Version++
					return tx.Submissions().Update(t.Context(), locked[0])
				})
				if err != nil {
					t.Errorf("Do: %v", err)
				}
			}
		})
	}
	wg.Wait()
	got := view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) })
	equal(t, got.Handovers, goroutines*rounds)
}

// testOppositeOrders has transactions take the same two submissions one by one
// in opposite orders. Whoever loses is run again.
func testOppositeOrders(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 2)
	both := make(chan struct{}) // closed once either has its first lock
	var once sync.Once
	var wg sync.WaitGroup
	for i := range 2 {
		wg.Go(func() {
			err := s.Do(t.Context(), func(tx store.Tx) error {
				for _, n := range []int{i, 1 - i} {
					if _, err := tx.Submissions().Lock(t.Context(), ids[n]); err != nil {
						return err
					}
					once.Do(func() { close(both) })
					<-both
				}
				return nil
			})
			if err != nil {
				t.Errorf("Do: %v", err)
			}
		})
	}
	wg.Wait()
}

func testPing(t *testing.T, s store.Store) {
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func testClosed(t *testing.T, s store.Store) {
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close again: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	_, receiveErr := s.Receive(ctx, receipt(nil))
	for name, err := range map[string]error{
		"Receive": receiveErr,
		"Ping":    s.Ping(ctx),
		"Do":      s.Do(ctx, func(store.Tx) error { return nil }),
		"View":    s.View(ctx, func(store.Tx) error { return nil }),
	} {
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("%s after Close: got %v, want Unavailable", name, err)
		}
	}
}
