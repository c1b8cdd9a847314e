// Package seal keeps personal data unreadable without the installation's key.
// Each contact has a key of its own, wrapped by the installation's; destroying
// the wrapped key erases the contact, in every copy of the database.
//
// It stands on the standard library's AES-256-GCM with random nonces and on
// HMAC-SHA-256.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// KeySize is the size of the installation's key in bytes.
const KeySize = 32

// Keys are the secrets of one installation, derived from its one key.
type Keys struct {
	wrap  cipher.AEAD // wraps the contacts' keys
	token []byte      // derives tracking tokens
	code  []byte      // derives tracking secrets
	ident []byte      // turns addresses into pseudonyms
	draft []byte      // one half of the keys of drafts; their tokens are the other
	stamp []byte      // proves that something was issued here
}

// NewKeys derives the keys from the installation's key, KeySize random bytes.
func NewKeys(master []byte) (*Keys, error) {
	if len(master) != KeySize {
		return nil, errs.New(errs.Invalid, "keys.wrong_size")
	}
	derive := func(purpose string) ([]byte, error) {
		return hkdf.Key(sha256.New, master, nil, "hienke "+purpose+" v1", KeySize)
	}
	var parts [6][]byte
	for i, purpose := range []string{"contact wrapping", "tracking token", "tracking secret", "pseudonym", "draft", "stamp"} {
		key, err := derive(purpose)
		if err != nil {
			return nil, fmt.Errorf("derive the %s key: %w", purpose, err)
		}
		parts[i] = key
	}
	wrap, err := newAEAD(parts[0])
	if err != nil {
		return nil, fmt.Errorf("make the wrapping cipher: %w", err)
	}
	return &Keys{wrap: wrap, token: parts[1], code: parts[2], ident: parts[3], draft: parts[4], stamp: parts[5]}, nil
}

func newAEAD(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// SealContact seals a contact with a fresh key. Both results are bound to the
// code: neither can be moved to another submission.
func (k *Keys) SealContact(code civic.Code, c civic.Contact) (wrapped, sealed []byte, err error) {
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, nil, fmt.Errorf("encode contact: %w", err)
	}
	key := make([]byte, KeySize)
	if _, err := rand.Read(key); err != nil {
		return nil, nil, fmt.Errorf("draw a contact key: %w", err)
	}
	own, err := newAEAD(key)
	if err != nil {
		return nil, nil, fmt.Errorf("make the contact cipher: %w", err)
	}
	// The nonces are nil because NewGCMWithRandomNonce draws its own.
	wrapped = k.wrap.Seal(nil, nil, key, []byte(code))           //nolint:gosec // see above: not a fixed nonce
	return wrapped, own.Seal(nil, nil, plain, []byte(code)), nil //nolint:gosec // the same
}

// OpenContact reads a sealed contact. Data that was changed, or sealed under
// another installation's key, is Internal with code contact.unreadable.
func (k *Keys) OpenContact(code civic.Code, wrapped, sealed []byte) (civic.Contact, error) {
	key, err := k.wrap.Open(nil, nil, wrapped, []byte(code))
	if err != nil {
		return civic.Contact{}, errs.Wrap(errs.Internal, "contact.unreadable", err)
	}
	own, err := newAEAD(key)
	if err != nil {
		return civic.Contact{}, errs.Wrap(errs.Internal, "contact.unreadable", err)
	}
	plain, err := own.Open(nil, nil, sealed, []byte(code))
	if err != nil {
		return civic.Contact{}, errs.Wrap(errs.Internal, "contact.unreadable", err)
	}
	var c civic.Contact
	if err := json.Unmarshal(plain, &c); err != nil {
		return civic.Contact{}, errs.Wrap(errs.Internal, "contact.unreadable", err)
	}
	return c, nil
}

// Token is the bearer token that opens the sender's view of a submission over
// the API. It is derived, so that a repeated request gets the same one.
func (k *Keys) Token(code civic.Code) string { return mac(k.token, string(code)) }

// TokenMatches compares in constant time.
func (k *Keys) TokenMatches(code civic.Code, token string) bool {
	return hmac.Equal([]byte(k.Token(code)), []byte(token))
}

// Secret is the short tracking secret that people write by hand, derived like
// the token.
func (k *Keys) Secret(code civic.Code) (string, error) {
	stream, err := hkdf.Expand(sha256.New, k.code, string(code), 8*KeySize-1)
	if err != nil {
		return "", fmt.Errorf("derive the secret's stream: %w", err)
	}
	return civic.NewSecret(&reader{stream})
}

// SecretMatches compares what a person typed, in constant time.
func (k *Keys) SecretMatches(code civic.Code, typed string) (bool, error) {
	want, err := k.Secret(code)
	if err != nil {
		return false, err
	}
	return hmac.Equal([]byte(want), []byte(civic.ParseSecret(typed))), nil
}

// Pseudonym names an address without telling it, stable for one purpose.
func (k *Keys) Pseudonym(purpose, address string) string { return mac(k.ident, purpose+"\x00"+address) }

// Indexes are keyed hashes of a contact's address and telephone number in their
// normal forms, by which the database finds it again without knowing either;
// empty where there is none.
func (k *Keys) Indexes(c civic.Contact) (email, phone string) {
	if at := civic.NormalEmail(c.Email); at != "" {
		email = k.Pseudonym("find by email", at)
	}
	if n := civic.NormalPhone(c.Phone); n != "" {
		phone = k.Pseudonym("find by phone", n)
	}
	return email, phone
}

// Stamp proves that a value was issued here for one purpose.
func (k *Keys) Stamp(purpose, value string) string { return mac(k.stamp, purpose+"\x00"+value) }

// StampMatches compares in constant time.
func (k *Keys) StampMatches(purpose, value, stamp string) bool {
	return hmac.Equal([]byte(k.Stamp(purpose, value)), []byte(stamp))
}

// StampKey is a key of its own for one purpose, for protocols that say
// themselves what is signed.
func (k *Keys) StampKey(purpose string) []byte {
	h := hmac.New(sha256.New, k.stamp)
	h.Write([]byte(purpose + "\x00key"))
	return h.Sum(nil)
}

// SealDraft seals what somebody is still writing, so that it takes the
// installation's key and the draft's token to read it.
func (k *Keys) SealDraft(token string, plain []byte) ([]byte, error) {
	own, err := k.draftCipher(token)
	if err != nil {
		return nil, fmt.Errorf("make the draft's cipher: %w", err)
	}
	return own.Seal(nil, nil, plain, nil), nil //nolint:gosec // the cipher draws its own nonces
}

// OpenDraft reads a sealed draft. Another token, or data that was changed, is
// Internal with code draft.unreadable.
func (k *Keys) OpenDraft(token string, sealed []byte) ([]byte, error) {
	own, err := k.draftCipher(token)
	if err != nil {
		return nil, fmt.Errorf("make the draft's cipher: %w", err)
	}
	plain, err := own.Open(nil, nil, sealed, nil)
	if err != nil {
		return nil, errs.Wrap(errs.Internal, "draft.unreadable", err)
	}
	return plain, nil
}

func (k *Keys) draftCipher(token string) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, []byte(token), k.draft, "hienke draft v1", KeySize)
	if err != nil {
		return nil, err
	}
	return newAEAD(key)
}
