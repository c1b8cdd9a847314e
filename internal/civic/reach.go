package civic

import (
	"strings"
	"time"
	"unicode/utf8"

	"hienke/internal/errs"
)

// Wants is which messages a sender chose to get.
type Wants string

// What a sender can choose.
const (
	WantsAll    Wants = "all"    // every step
	WantsNeeded Wants = "needed" // questions and how it ends
	WantsNone   Wants = "none"
)

// AllWants lists every choice, most messages first.
var AllWants = []Wants{WantsAll, WantsNeeded, WantsNone}

// Way is how a message travels.
type Way string

// The ways. The empty one means the best there is.
const (
	ByMail Way = "mail"
	BySMS  Way = "sms"
	ByPost Way = "post"
)

// Ways lists every way.
var Ways = []Way{ByMail, BySMS, ByPost}

// Reach is what a sender chose about messages, and what is known of the
// address.
type Reach struct {
	Submission SubmissionID
	Wants      Wants
	Language   Language // empty: that of the text
	Way        Way      // empty: the best there is
	// ConfirmedAt is when the holder of the mailbox confirmed it; zero until
	// then. A changed address begins anew.
	ConfirmedAt time.Time
	// FailingAt is when the address proved to be dead; zero while it did not.
	FailingAt time.Time
}

// Confirmed reports whether mail beyond the receipt may go to the address.
func (r Reach) Confirmed() bool { return !r.ConfirmedAt.IsZero() && r.FailingAt.IsZero() }

// neededKinds are the messages that somebody who wants few still gets.
var neededKinds = map[MessageKind]bool{
	MessageQuestion: true, MessageReminder: true, MessageAnswer: true, MessageRejected: true, MessageCorrected: true,
}

// Takes reports whether the sender wants a message of a kind. What a sender
// asked for at this moment, and the receipt, is no question of wanting.
func (r Reach) Takes(kind MessageKind) bool {
	switch {
	case kind == MessageReceipt || kind == MessageCode || kind == MessageContact:
		return true
	case r.Wants == WantsNone:
		return false
	case r.Wants == WantsNeeded:
		return neededKinds[kind]
	}
	return true
}

// Masked returns the contact as it may be shown where somebody looks over the
// sender's shoulder: enough to recognise it, too little to learn it.
func (c Contact) Masked() Contact {
	out := Contact{Name: c.Name}
	if local, domain, ok := strings.Cut(c.Email, "@"); ok {
		_, first := utf8.DecodeRuneInString(local)
		out.Email = local[:first] + "•••@" + domain
	}
	if n := len(c.Phone); n > 3 {
		out.Phone = "••• " + c.Phone[n-3:]
	}
	if c.Address != "" {
		first, _ := utf8.DecodeRuneInString(c.Address)
		out.Address = string(first) + "•••"
	}
	return out
}

// NormalEmail brings an address into the form in which two are compared.
func NormalEmail(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// NormalPhone keeps the digits of a Vietnamese telephone number, with 0 in
// place of +84.
func NormalPhone(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
	if rest, ok := strings.CutPrefix(digits, "84"); ok && len(rest) >= 9 {
		return "0" + rest
	}
	return digits
}

// Check returns what is wrong with a contact that a sender changed, as one
// Invalid error, or nil.
func (c Contact) Check() error {
	var k checker
	k.longest("email", c.Email, MaxEmail)
	if c.Email != "" && !validEmail(c.Email) {
		k.add("email", "field.not_an_email")
	}
	if c.Phone != "" && !validPhone(c.Phone) {
		k.add("phone", "field.not_a_phone")
	}
	k.longest("address", c.Address, MaxAddress)
	return errs.InvalidFields(k.fields...)
}
