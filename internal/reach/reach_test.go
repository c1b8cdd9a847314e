package reach_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/reach"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// book is a ledger in memory.
type book struct{ codes []civic.Code }

func (b *book) Note(code civic.Code, _ time.Time) error { b.codes = append(b.codes, code); return nil }
func (b *book) All() ([]civic.Code, error)              { return b.codes, nil }

func TestWhatWasErasedStaysErasedInARestoredDatabase(t *testing.T) {
	t.Parallel()
	h, restored, ledger := house.New(t), house.New(t), &book{}
	service := func(h *house.House) *reach.Service {
		return &reach.Service{Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, Ledger: ledger}
	}
	sub, kept := h.Receive(t, nil), h.Receive(t, nil)
	old, oldKept := restored.Receive(t, nil), restored.Receive(t, nil) // the backup: the same draws
	if old.Code != sub.Code || oldKept.Code != kept.Code {
		t.Fatal("the two houses differ")
	}
	if err := service(h).Erase(t.Context(), civic.SenderOf(kept.ID), sub.Code); errs.KindOf(err) != errs.NotFound || len(ledger.codes) != 0 {
		t.Fatalf("somebody else erased it: %v", err)
	}
	if err := service(h).Erase(t.Context(), civic.SenderOf(sub.ID), sub.Code); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{1, 0} {
		if n, err := service(restored).Replay(t.Context()); err != nil || n != want {
			t.Errorf("replay %d erased %d: %v", i+1, n, err)
		}
	}
	restored.View(t, func(tx store.Tx) error {
		if _, err := tx.Contacts().Get(t.Context(), old.ID); errs.KindOf(err) != errs.Gone {
			t.Errorf("the erased contact is there: %v", err)
		}
		_, err := tx.Contacts().Get(t.Context(), oldKept.ID)
		return err
	})
}
