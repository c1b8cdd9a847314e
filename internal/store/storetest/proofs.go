package storetest

import (
	"testing"
	"time"

	"hienke/internal/store"
)

var proofTests = []test{
	{"a proof of work is used once", testProofOnce},
	{"expired proofs are removed a few at a time", testProofsExpire},
}

// spend uses a proof and says whether it was the first time.
func spend(t *testing.T, s store.Store, nonce byte, expiresAt time.Time) (first bool) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		first, err = tx.Proofs().Spend(t.Context(), store.Nonce{nonce}, expiresAt)
		return err
	})
	return first
}

func testProofOnce(t *testing.T, s store.Store) {
	equal(t, spend(t, s, 1, noon), true)
	equal(t, spend(t, s, 1, noon.Add(time.Hour)), false)
	equal(t, spend(t, s, 2, noon), true)
}

func testProofsExpire(t *testing.T, s store.Store) {
	for nonce, until := range map[byte]time.Duration{1: time.Minute, 2: 2 * time.Minute, 3: 3 * time.Minute, 4: time.Hour} {
		spend(t, s, nonce, noon.Add(until))
	}
	for _, want := range []int{2, 1, 0} {
		do(t, s, func(tx store.Tx) error {
			n, err := tx.Proofs().RemoveExpired(t.Context(), noon.Add(10*time.Minute), 2)
			equal(t, n, want)
			return err
		})
	}
	equal(t, spend(t, s, 4, noon), false)
	equal(t, spend(t, s, 1, noon), true)
}
