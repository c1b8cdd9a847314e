package notices_test

import (
	"context"
	"errors"

	"hienke/internal/store"
)

// forgetful loses every change, as a process does that dies before its commit.
type forgetful struct{ store.Store }

var errDied = errors.New("died before the commit")

func (f *forgetful) Do(ctx context.Context, fn func(store.Tx) error) error {
	return f.Store.Do(ctx, func(tx store.Tx) error {
		if err := fn(tx); err != nil {
			return err
		}
		return errDied
	})
}
