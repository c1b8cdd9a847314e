// Package mail is the port to the outside world's mailboxes.
package mail

import "context"

// Mail is one message, ready to go.
type Mail struct {
	To      string // one address
	Subject string
	Text    string // plain text, UTF-8, LF line ends
	// MessageID is stable for one message of ours, so that a repeat can be
	// recognised; without angle brackets.
	MessageID string
	Language  string // BCP 47, for Content-Language
}

// Sender sends mail.
type Sender interface {
	// Send returns nil once the next server has taken the mail. A refusal for
	// good (5xx) is Invalid, anything that may pass is Unavailable.
	Send(ctx context.Context, m Mail) error
}
