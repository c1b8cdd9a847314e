package storetest

import (
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/store"
)

var draftTests = []test{
	{"a draft is found by its token's hash", testDraft},
	{"a taken token is Conflict", testDraftTaken},
	{"a draft is changed by who saw its last version", testDraftUpdate},
	{"expired drafts are removed a few at a time", testDraftsExpire},
}

// draft stores a draft that expires at noon plus until.
func draft(t *testing.T, s store.Store, token byte, until time.Duration) store.Draft {
	t.Helper()
	d := store.Draft{
		TokenHash: [32]byte{token}, Sealed: []byte{1, 0, 2}, Version: 1, CreatedAt: noon, ChangedAt: noon, ExpiresAt: noon.Add(until),
	}
	do(t, s, func(tx store.Tx) error { return tx.Drafts().Add(t.Context(), d) })
	return d
}

func getDraft(token byte, t *testing.T) func(tx store.Tx) (store.Draft, error) {
	return func(tx store.Tx) (store.Draft, error) { return tx.Drafts().Get(t.Context(), [32]byte{token}) }
}

func testDraft(t *testing.T, s store.Store) {
	d := draft(t, s, 1, -time.Hour) // it does not look at the clock
	equal(t, view(t, s, getDraft(1, t)), d)
	missing(t, s, errs.NotFound, "draft.not_found", getDraft(2, t))
}

func testDraftTaken(t *testing.T, s store.Store) {
	d := draft(t, s, 1, time.Hour)
	d.Sealed = []byte{9}
	refused(t, s, errs.Conflict, "draft.taken", func(tx store.Tx) error { return tx.Drafts().Add(t.Context(), d) })
}

func testDraftUpdate(t *testing.T, s store.Store) {
	d := draft(t, s, 1, time.Hour)
	d.Sealed, d.Version, d.ChangedAt, d.ExpiresAt, d.Sent = []byte{}, 2, noon.Add(time.Minute), noon.Add(3*time.Hour), "HK0000000001"
	changed := d
	changed.CreatedAt = noon.Add(time.Hour)
	do(t, s, func(tx store.Tx) error { return tx.Drafts().Update(t.Context(), changed) })
	got := view(t, s, getDraft(1, t))
	equal(t, len(got.Sealed), 0)
	got.Sealed = d.Sealed // nil or empty, as the driver has it
	equal(t, got, d)
	refused(t, s, errs.Conflict, "draft.version_mismatch", func(tx store.Tx) error { return tx.Drafts().Update(t.Context(), d) })
	d.TokenHash = [32]byte{2}
	refused(t, s, errs.Conflict, "draft.version_mismatch", func(tx store.Tx) error { return tx.Drafts().Update(t.Context(), d) })
}

func testDraftsExpire(t *testing.T, s store.Store) {
	for token, until := range map[byte]time.Duration{1: time.Minute, 2: 2 * time.Minute, 3: 3 * time.Minute, 4: time.Hour} {
		draft(t, s, token, until)
	}
	for _, want := range []int{2, 1, 0} {
		do(t, s, func(tx store.Tx) error {
			n, err := tx.Drafts().RemoveExpired(t.Context(), noon.Add(10*time.Minute), 2)
			equal(t, n, want)
			return err
		})
	}
	view(t, s, getDraft(4, t))
	missing(t, s, errs.NotFound, "draft.not_found", getDraft(1, t))
}
