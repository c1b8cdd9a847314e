package casework

import (
	"context"
	"crypto/hmac"
	"encoding/hex"
	"strconv"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/seal"
	"hienke/internal/store"
)

// Seal makes a contact ready for the database; of an empty one nothing is kept.
func Seal(keys *seal.Keys, code civic.Code, c civic.Contact) (out store.SealedContact, err error) {
	if c == (civic.Contact{}) {
		return out, nil
	}
	out.EmailIndex, out.PhoneIndex = keys.Indexes(c)
	out.WrappedKey, out.Sealed, err = keys.SealContact(code, c)
	return out, err
}

// Contact opens the contact of a submission. It reports false where there is
// none, or none any more.
func Contact(ctx context.Context, tx store.Tx, keys *seal.Keys, sub civic.Submission) (civic.Contact, bool, error) {
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return civic.Contact{}, false, nil
	}
	if err != nil {
		return civic.Contact{}, false, err
	}
	c, err := keys.OpenContact(sub.Code, sealed.WrappedKey, sealed.Sealed)
	return c, err == nil, err
}

// ConfirmToken stands in the address of the page that confirms a mailbox. It
// holds for this case and this mailbox alone, and goes out in a mail to it
// only: who brings it has read that mail.
func ConfirmToken(keys *seal.Keys, code civic.Code, email string) string {
	return keys.Stamp("confirm", string(code)+"\x00"+civic.NormalEmail(email))
}

// ConfirmTokenMatches compares in constant time.
func ConfirmTokenMatches(keys *seal.Keys, code civic.Code, email, token string) bool {
	return email != "" && keys.StampMatches("confirm", string(code)+"\x00"+civic.NormalEmail(email), token)
}

// StopToken stands in the address of the page that ends the mails about a case.
func StopToken(keys *seal.Keys, code civic.Code) string { return keys.Stamp("stop", string(code)) }

// StopTokenMatches compares in constant time.
func StopTokenMatches(keys *seal.Keys, code civic.Code, token string) bool {
	return keys.StampMatches("stop", string(code), token)
}

// bounceLetters is how much of a stamp stands in a bounce token: a guess hits
// once in 2^60 tries.
const bounceLetters = 10

// BounceToken names a message so that a report about it is known to be about
// ours. Mail servers may change the case of what it stands in.
func BounceToken(keys *seal.Keys, message int64) string { return bounceToken(keys, "bounce", message) }

// RequestBounceToken is BounceToken of a mail about a request concerning
// personal data.
func RequestBounceToken(keys *seal.Keys, message int64) string {
	return bounceToken(keys, "request bounce", message)
}

func bounceToken(keys *seal.Keys, what string, message int64) string {
	id := strconv.FormatInt(message, 10)
	return id + "-" + hex.EncodeToString([]byte(keys.Stamp(what, id)[:bounceLetters]))
}

// BouncedMessage returns the message that a token names, or false when the
// token is none of ours.
func BouncedMessage(keys *seal.Keys, token string) (int64, bool) {
	return bounced(keys, token, BounceToken)
}

// BouncedRequestMessage is BouncedMessage of RequestBounceToken.
func BouncedRequestMessage(keys *seal.Keys, token string) (int64, bool) {
	return bounced(keys, token, RequestBounceToken)
}

func bounced(keys *seal.Keys, token string, of func(*seal.Keys, int64) string) (int64, bool) {
	id, _, _ := strings.Cut(token, "-")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, false
	}
	return n, hmac.Equal([]byte(of(keys, n)), []byte(strings.ToLower(token)))
}
