// Package presence is the port to who has a case open at this moment. What it
// knows is not kept: nobody stays on it longer than Span after the last sign, and
// nothing depends on it.
package presence

import (
	"context"
	"time"

	"hienke/internal/civic"
)

const (
	// Span is for how long a sign holds. Whoever was silent longer has gone.
	Span = 30 * time.Second
	// Every is how often somebody who stays gives a sign: two may be lost.
	Every = Span / 3
)

// Doing is what a person does at a case.
type Doing string

// What people do.
const (
	Looking Doing = "looking"
	Editing Doing = "editing" // has typed into a form that was not sent
)

// Doings lists them all.
var Doings = []Doing{Looking, Editing}

// Sign says that a person is at a case.
type Sign struct {
	Case civic.SubmissionID
	User civic.UserID
	// Place tells the windows of a person apart: letters and digits.
	Place string
	Doing Doing
}

// Person is somebody at a case.
type Person struct {
	User  civic.UserID
	Doing Doing // Editing if any of the windows is
}

// Board knows who is where.
type Board interface {
	// Give notes a sign. The same place again is the same window: it renews the
	// sign and changes what is done there.
	Give(ctx context.Context, s Sign) error
	// Take takes a window off before its sign ran out. One that is not there is
	// none of its business.
	Take(ctx context.Context, s Sign) error
	// At lists who is at a case, each person once, in the order of the accounts.
	At(ctx context.Context, id civic.SubmissionID) ([]Person, error)
	// Watch returns a channel that is filled when somebody came to a case, left,
	// or began to do something else, until ctx ends. Several changes may fill it
	// once. A sign that runs out fills nothing: whoever watches asks again after
	// Every.
	Watch(ctx context.Context, id civic.SubmissionID) <-chan struct{}
}
