// Package proof issues and checks proofs of work in the format that ALTCHA
// publishes (version 2 of its protocol, algorithm SHA-256), so that its widget
// and its libraries can answer our challenges as our own script does.
//
// A proof says that a machine has worked for a moment. It is one sign among
// others of how something came in, never a condition: many telephones run no
// script.
package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

const (
	algorithm = "SHA-256"
	// Lasts is how long a challenge can be answered: somebody writes for an
	// hour, and is interrupted.
	Lasts = 2 * time.Hour
	// leastWork and mostWork bound the counter that is looked for, one hash
	// each: a fraction of a second on a laptop, a few seconds on a cheap
	// telephone, in the background while its owner types.
	leastWork = 5_000
	mostWork  = 20_000

	keyLength    = sha256.Size
	prefixLength = keyLength / 2 // of the key, as the protocol has it where the counter is known
	nonceLength  = 16
	// maxPayload bounds what is decoded; a real one has some 600 bytes.
	maxPayload = 4096
)

// Why a proof is none.
var (
	ErrInvalid = errors.New("proof: not an answer to a challenge of ours")
	ErrExpired = errors.New("proof: the challenge has expired")
)

// Issuer makes challenges and checks answers to them with one key.
type Issuer struct{ Key []byte }

// Challenge is what a browser is asked to solve.
type Challenge struct {
	Parameters Parameters `json:"parameters"`
	Signature  string     `json:"signature"`
}

// Parameters say what is looked for. The fields stand in the order of their
// names: that is how the protocol signs them.
type Parameters struct {
	Algorithm string `json:"algorithm"`
	Cost      int    `json:"cost"`      // rounds of hashing for one try
	ExpiresAt int64  `json:"expiresAt"` // seconds since 1970
	KeyLength int    `json:"keyLength"` // bytes
	KeyPrefix string `json:"keyPrefix"`
	Nonce     string `json:"nonce"`
	Salt      string `json:"salt"`
}

// Solution is what a browser found.
type Solution struct {
	Counter    uint32 `json:"counter"`
	DerivedKey string `json:"derivedKey"`
}

// Proof is a challenge that was solved.
type Proof struct {
	Nonce     [nonceLength]byte
	ExpiresAt time.Time
}

// Issue makes a challenge that lasts from now. random is a source of uniform
// bytes.
func (i Issuer) Issue(random io.Reader, now time.Time) (Challenge, error) {
	var drawn [2*nonceLength + 4]byte
	if _, err := io.ReadFull(random, drawn[:]); err != nil {
		return Challenge{}, fmt.Errorf("draw a challenge: %w", err)
	}
	nonce, salt := drawn[:nonceLength], drawn[nonceLength:2*nonceLength]
	counter := leastWork + binary.BigEndian.Uint32(drawn[2*nonceLength:])%(mostWork-leastWork)
	key := derive(salt, nonce, counter)
	p := Parameters{
		Algorithm: algorithm, Cost: 1, ExpiresAt: now.Add(Lasts).Unix(), KeyLength: keyLength,
		KeyPrefix: hex.EncodeToString(key[:prefixLength]), Nonce: hex.EncodeToString(nonce), Salt: hex.EncodeToString(salt),
	}
	signature, err := i.sign(p)
	return Challenge{p, signature}, err
}

// derive is one try: the hash of salt, nonce and counter.
func derive(salt, nonce []byte, counter uint32) [keyLength]byte {
	return sha256.Sum256(binary.BigEndian.AppendUint32(append(append([]byte{}, salt...), nonce...), counter))
}

func (i Issuer) sign(p Parameters) (string, error) {
	plain, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("sign a challenge: %w", err)
	}
	h := hmac.New(sha256.New, i.Key)
	h.Write(plain)
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Check reads what a form sent back: base64 of a JSON object with challenge and
// solution. It fails with ErrInvalid or ErrExpired. That a proof is used once
// is the caller's business.
func (i Issuer) Check(payload string, now time.Time) (Proof, error) {
	if len(payload) > maxPayload {
		return Proof{}, ErrInvalid
	}
	plain, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return Proof{}, ErrInvalid
	}
	var in struct {
		Challenge Challenge `json:"challenge"`
		Solution  Solution  `json:"solution"`
	}
	if err := json.Unmarshal(plain, &in); err != nil {
		return Proof{}, ErrInvalid
	}
	p := in.Challenge.Parameters
	want, err := i.sign(p)
	if err != nil || !hmac.Equal([]byte(want), []byte(in.Challenge.Signature)) {
		return Proof{}, ErrInvalid
	}
	expiresAt := time.Unix(p.ExpiresAt, 0).UTC()
	if !now.Before(expiresAt) {
		return Proof{}, ErrExpired
	}
	out := Proof{ExpiresAt: expiresAt}
	salt, saltErr := hex.DecodeString(p.Salt)
	nonce, nonceErr := hex.DecodeString(p.Nonce)
	if errors.Join(saltErr, nonceErr) != nil || copy(out.Nonce[:], nonce) != nonceLength {
		return Proof{}, ErrInvalid // signed by us, so this cannot be
	}
	key := derive(salt, nonce, in.Solution.Counter)
	found := hex.EncodeToString(key[:])
	if found != in.Solution.DerivedKey || found[:2*prefixLength] != p.KeyPrefix {
		return Proof{}, ErrInvalid
	}
	return out, nil
}
