package proof_test

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"hienke/internal/proof"
)

var (
	issuer = proof.Issuer{Key: bytes.Repeat([]byte{7}, 32)}
	noon   = time.Date(2026, time.March, 2, 5, 0, 0, 0, time.UTC)
)

func issue(t *testing.T) proof.Challenge {
	t.Helper()
	c, err := issuer.Issue(rand.Reader, noon)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// solve does what the protocol asks of a browser, without our own code.
func solve(t *testing.T, c proof.Challenge) proof.Solution {
	t.Helper()
	salt, _ := hex.DecodeString(c.Parameters.Salt)
	nonce, _ := hex.DecodeString(c.Parameters.Nonce)
	for n := range uint32(1 << 20) {
		key := sha256.Sum256(binary.BigEndian.AppendUint32(append(bytes.Clone(salt), nonce...), n))
		if found := hex.EncodeToString(key[:]); strings.HasPrefix(found, c.Parameters.KeyPrefix) {
			return proof.Solution{Counter: n, DerivedKey: found}
		}
	}
	t.Fatal("no solution")
	return proof.Solution{}
}

func payload(t *testing.T, c proof.Challenge, s proof.Solution) string {
	t.Helper()
	plain, err := json.Marshal(map[string]any{"challenge": c, "solution": map[string]any{
		"counter": s.Counter, "derivedKey": s.DerivedKey, "time": 12.5,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(plain)
}

func TestASolutionIsAProof(t *testing.T) {
	t.Parallel()
	c := issue(t)
	got, err := issuer.Check(payload(t, c, solve(t, c)), noon.Add(time.Hour))
	if err != nil || hex.EncodeToString(got.Nonce[:]) != c.Parameters.Nonce || !got.ExpiresAt.Equal(noon.Add(proof.Lasts)) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatIsNoProof(t *testing.T) {
	t.Parallel()
	c := issue(t)
	s := solve(t, c)
	longer, cheaper, next := c, c, s
	longer.Parameters.ExpiresAt++
	cheaper.Parameters.KeyPrefix = c.Parameters.KeyPrefix[:2]
	next.Counter++
	guessed := s
	guessed.DerivedKey = c.Parameters.KeyPrefix + strings.Repeat("0", 32)
	tests := []struct {
		name, payload string
		at            time.Time
		want          error
	}{
		{"nothing", "", noon, proof.ErrInvalid},
		{"no base64", "{}", noon, proof.ErrInvalid},
		{"no JSON", base64.StdEncoding.EncodeToString([]byte("altcha")), noon, proof.ErrInvalid},
		{"an empty object", base64.StdEncoding.EncodeToString([]byte("{}")), noon, proof.ErrInvalid},
		{"a megabyte", strings.Repeat("A", 1<<20), noon, proof.ErrInvalid},
		{"a longer life", payload(t, longer, s), noon, proof.ErrInvalid},
		{"a cheaper task", payload(t, cheaper, s), noon, proof.ErrInvalid},
		{"another counter", payload(t, c, next), noon, proof.ErrInvalid},
		{"a key that was made up", payload(t, c, guessed), noon, proof.ErrInvalid},
		{"too late", payload(t, c, s), noon.Add(proof.Lasts), proof.ErrExpired},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if _, err := issuer.Check(tt.payload, tt.at); !errors.Is(err, tt.want) {
				t.Errorf("got %v, want %v", err, tt.want)
			}
		})
	}
	if _, err := (proof.Issuer{Key: []byte("other")}).Check(payload(t, c, s), noon); !errors.Is(err, proof.ErrInvalid) {
		t.Errorf("another key: got %v", err)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("eyJjaGFsbGVuZ2UiOnt9LCJzb2x1dGlvbiI6e319")
	f.Fuzz(func(t *testing.T, payload string) {
		if _, err := issuer.Check(payload, noon); err == nil {
			t.Fatalf("%q is a proof", payload)
		}
	})
}
