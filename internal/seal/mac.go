package seal

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
)

// mac returns HMAC-SHA-256 in unpadded URL-safe base64, 43 characters.
func mac(key []byte, s string) string {
	h := hmac.New(sha256.New, key)
	io.WriteString(h, s) //nolint:errcheck // a hash never fails
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil))
}

// reader hands out a fixed stream.
type reader struct{ rest []byte }

func (r *reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// LinkToken is the token of a link in a mail to a member of staff: made of a
// nonce, which lies in the database, and the installation's key, which does
// not.
func (k *Keys) LinkToken(nonce string) string { return k.Stamp("account link", nonce) }
