package finding_test

import (
	"slices"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Staff find a case by what stands in its files, the public by what was
// published of them alone.
func TestACaseIsFoundByTheTextOfItsFiles(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.publish(t, "Trạm sạc xe điện")
	shown, kept := f.Attach(t, sub, "1", "Phụ lục: bộ biến tần công suất lớn."), f.Attach(t, sub, "2", "Riêng: bà Sùng Thị Kín ở bản xa.")
	show := func(refs ...string) {
		t.Helper()
		f.Do(t, func(tx store.Tx) error { return tx.Attachments().SetPublic(t.Context(), sub.ID, refs) })
		f.drain(t, store.IndexPublic)
		f.drain(t, store.IndexStaff)
	}
	finds := func(name store.IndexName, words string, want bool) {
		t.Helper()
		if got := f.found(t, name, words); slices.Equal(got, []civic.Code{sub.Code}) != want {
			t.Errorf("%s finds %v by %q, want %v", name, got, words, want)
		}
	}
	show(shown)
	finds(store.IndexStaff, "bien tan", true)
	finds(store.IndexStaff, "Sùng", true)
	finds(store.IndexPublic, "bien tan", true)
	finds(store.IndexPublic, "Sùng", false)
	show() // hidden again
	finds(store.IndexPublic, "biến tần", false)
	finds(store.IndexStaff, "biến tần", true)
	f.Do(t, func(tx store.Tx) error { // erased
		a, err := tx.Attachments().GetByRef(t.Context(), kept)
		if err != nil {
			return err
		}
		a.WrappedKey = nil
		if _, err := tx.Attachments().Update(t.Context(), a, civic.FileClean); err != nil {
			return err
		}
		return tx.IndexQueue().Mark(t.Context(), sub.ID)
	})
	show()
	finds(store.IndexStaff, "Sùng", false)
}
