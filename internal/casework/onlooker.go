package casework

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Onlooker stands by while an act is done, inside its transaction. What it
// fails with undoes the act, and that is how an act is rehearsed: everything is
// checked and done, looked at, and taken back.
type Onlooker interface {
	// Before sees the case as it was, locked and checked.
	Before(ctx context.Context, tx store.Tx, was civic.Submission) error
	// After sees what became of it, last of all.
	After(ctx context.Context, tx store.Tx, was, became civic.Submission) error
}

type onlookerKey struct{}

// Watched returns a context under which every act has the onlooker beside it.
func Watched(ctx context.Context, o Onlooker) context.Context {
	return context.WithValue(ctx, onlookerKey{}, o)
}

// OnlookerOf returns who stands by, or somebody who does nothing.
func OnlookerOf(ctx context.Context) Onlooker {
	if o, ok := ctx.Value(onlookerKey{}).(Onlooker); ok {
		return o
	}
	return nobody{}
}

type nobody struct{}

func (nobody) Before(context.Context, store.Tx, civic.Submission) error { return nil }

func (nobody) After(context.Context, store.Tx, civic.Submission, civic.Submission) error { return nil }
