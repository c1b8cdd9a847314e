// Package sms is the port to telephones.
package sms

import "context"

// Text is one short message.
type Text struct {
	To   string // digits, with 0 or a country code in front
	Body string
	// ID is stable for one message of ours, so that a gateway can recognise a
	// repeat.
	ID string
}

// Sender sends short messages.
type Sender interface {
	// Send returns nil once the gateway has taken the text. A refusal for good
	// is Invalid, anything that may pass is Unavailable.
	Send(ctx context.Context, t Text) error
}
