package reach_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/casework"
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

// What a sender sent goes with the contact where the register says so; what was
// published, and what staff added, stays.
func TestFilesGoWithTheContactWhereTheRegisterSaysSo(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		ctx, forgotten := t.Context(), []string{}
		s := &reach.Service{
			Store: h.Store, Keys: h.Keys, Limits: h.Limits, Now: h.Clock.Now, FilesToo: true,
			Forget: func(_ context.Context, a store.Attachment) error {
				forgotten = append(forgotten, a.Ref)
				return errors.New("the file store is away") // the erasure stands
			},
		}
		sub, other := h.Receive(t, nil), h.Receive(t, nil)
		own, public, another := h.Attach(t, sub, "a", "Đơn có chữ ký"), h.Attach(t, sub, "b", "Bản đồ"), h.Attach(t, other, "c", "Khác")
		h.Do(t, func(tx store.Tx) error { return tx.Attachments().SetPublic(ctx, sub.ID, []string{public}) })
		if err := s.Erase(ctx, civic.SenderOf(sub.ID), sub.Code); err != nil {
			t.Fatal(err)
		}
		h.View(t, func(tx store.Tx) error {
			for ref, readable := range map[string]bool{own: false, public: true, another: true} {
				a, err := tx.Attachments().GetByRef(ctx, ref)
				if err != nil {
					return err
				}
				if _, err := h.Keys.FileKey(ref, a.WrappedKey); (err == nil) != readable {
					t.Errorf("%s: readable %v", ref, err == nil)
				}
			}
			text, err := casework.FileText(ctx, tx, h.Keys, []civic.SubmissionID{sub.ID}, false)
			if strings.Contains(text[sub.ID], "chữ ký") || !strings.Contains(text[sub.ID], "Bản đồ") {
				t.Errorf("the text of the files: %q", text[sub.ID])
			}
			return err
		})
		if !slices.Equal(forgotten, []string{own}) {
			t.Errorf("deleted %v, want %s", forgotten, own)
		}
		if e := h.Events(t, sub.Code); e[len(e)-1].Type != civic.EventContactErased || e[len(e)-1].Reason != civic.ErasedFilesToo {
			t.Errorf("the history says %+v", e[len(e)-1])
		}
		s.FilesToo = false
		if err := s.Erase(ctx, civic.SenderOf(other.ID), other.Code); err != nil {
			t.Fatal(err)
		}
		h.View(t, func(tx store.Tx) error {
			a, err := tx.Attachments().GetByRef(ctx, another)
			if err == nil && len(a.WrappedKey) == 0 {
				t.Error("the files went although the register keeps them with the case")
			}
			return err
		})
	})
}
