// Package presence is the port to who has a case open just now. What it knows
// is worth seconds: nothing is stored, nothing depends on it, and where it
// cannot be reached nobody is shown.
package presence

import (
	"context"

	"hienke/internal/civic"
)

// Person is somebody who has a case open.
type Person struct {
	User    civic.UserID
	Name    string
	Writing bool // has typed into one of its forms within the last minute
}

// Board knows who looks at what.
type Board interface {
	// Look notes that the person has the case open, until Leave or until the
	// heartbeats have stopped for a while.
	Look(ctx context.Context, code civic.Code, p Person) error
	// Beat is Look for somebody who is there still: it keeps whether the person
	// writes.
	Beat(ctx context.Context, code civic.Code, p Person) error
	// Leave takes the person away.
	Leave(ctx context.Context, code civic.Code, user civic.UserID) error
	// List returns who has the case open, by name.
	List(ctx context.Context, code civic.Code) ([]Person, error)
	// Watch returns a channel that gets a value whenever the list of the case may
	// have changed, in whichever process. stop ends it. The channel is closed
	// when the board is.
	Watch(code civic.Code) (changed <-chan struct{}, stop func())
}

// Nobody is a board that knows nobody, for where there is no Redis.
type Nobody struct{}

var _ Board = Nobody{}

// Look implements Board.
func (Nobody) Look(context.Context, civic.Code, Person) error { return nil }

// Beat implements Board.
func (Nobody) Beat(context.Context, civic.Code, Person) error { return nil }

// Leave implements Board.
func (Nobody) Leave(context.Context, civic.Code, civic.UserID) error { return nil }

// List implements Board.
func (Nobody) List(context.Context, civic.Code) ([]Person, error) { return nil, nil }

// Watch implements Board.
func (Nobody) Watch(civic.Code) (<-chan struct{}, func()) { return make(chan struct{}), func() {} }
