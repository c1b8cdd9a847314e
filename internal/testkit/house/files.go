package house

import (
	"crypto/rand"
	"crypto/sha256"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Attach puts a file beside a case, looked into and with this text in it, and
// returns its ref. Of a photograph, whose text is empty, content tells it apart.
func (h *House) Attach(t testing.TB, sub civic.Submission, content, text string) (ref string) {
	t.Helper()
	ref = rand.Text()
	key, wrapped, err := h.Keys.NewFileKey(ref)
	if err != nil {
		t.Fatal(err)
	}
	now := h.Clock.Now()
	a := store.Attachment{
		Attachment: civic.Attachment{Ref: ref, Submission: sub.ID, Type: "text/plain", Size: int64(len(content)), State: civic.FileWaiting, CreatedAt: now},
		WrappedKey: wrapped, SealedName: key.Seal("name", 0, []byte("tep.txt")), ChangedAt: now,
	}
	h.Do(t, func(tx store.Tx) error {
		if a.ID, err = tx.Attachments().Add(t.Context(), a); err != nil {
			return err
		}
		a.State, a.SettledAt = civic.FileClean, now
		a.Digest = sha256.Sum256([]byte(content))
		if text != "" {
			a.SealedText = key.Seal("text", 0, []byte(text))
		}
		_, err = tx.Attachments().Update(t.Context(), a, civic.FileWaiting)
		return err
	})
	return ref
}
