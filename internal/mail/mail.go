// Package mail is the port to the outside world's mailboxes.
package mail

import "context"

// Mail is one message, ready to go.
type Mail struct {
	To      string // one address
	Subject string
	Text    string // plain text, UTF-8, LF line ends
	// HTML says the same as Text for programs that show it; empty sends Text
	// alone.
	HTML string
	// MessageID is stable for one message of ours, so that a repeat can be
	// recognised; without angle brackets.
	MessageID string
	Languages []string // BCP 47, for Content-Language; the first is that of the subject
	// Thread is the id of the conversation that the mail belongs to, of the
	// form of MessageID; empty: it stands alone.
	Thread string
	// Unsubscribe is the address of the page that ends mails of this sort. A
	// POST to it ends them (RFC 8058), a GET asks. Empty: there is none.
	Unsubscribe string
	// Bounce is a token of lower-case letters, digits and "-" which returns in
	// the address that failure reports go to, where one is configured.
	Bounce string
}

// Sender sends mail.
type Sender interface {
	// Send returns nil once the next server has taken the mail. A refusal for
	// good (5xx) is Invalid, anything that may pass is Unavailable.
	Send(ctx context.Context, m Mail) error
}
