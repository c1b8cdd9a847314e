package store

import (
	"context"

	"hienke/internal/civic"
)

// Directory keeps what people changed in the registry, every version.
type Directory interface {
	// Change raises Revision. A transaction that changes what holds begins with
	// it, so that two never change at once.
	Change(ctx context.Context) error
	// Revision returns a number that rises with every change.
	Revision(ctx context.Context) (int64, error)
	// Add appends a version and returns its ID.
	Add(ctx context.Context, c civic.EntryChange) (int64, error)
	// Get returns a version, or NotFound.
	Get(ctx context.Context, id int64) (civic.EntryChange, error)
	// Newest returns the version that decides for each entry that people ever
	// changed, in the order in which the entries were first changed.
	Newest(ctx context.Context) ([]civic.EntryChange, error)
	// History returns up to limit versions of one entry, or of all of a kind
	// when the code is empty, the newest first; of those that were written
	// together then the first alone.
	History(ctx context.Context, kind civic.EntryKind, code string, limit int) ([]civic.EntryChange, error)
	// Batch returns the versions that were written together with the first.
	Batch(ctx context.Context, first int64) ([]civic.EntryChange, error)
	// Moved notes that a case moved because of a version; Moves lists them.
	Moved(ctx context.Context, change int64, id civic.SubmissionID) error
	Moves(ctx context.Context, change int64, limit int) ([]civic.SubmissionID, error)
	// Unmoved forgets that a case moved; a missing one is no error.
	Unmoved(ctx context.Context, change int64, id civic.SubmissionID) error
	// CountMoves counts what Moves lists.
	CountMoves(ctx context.Context, change int64) (int, error)
	// Effect notes what else went to a successor because of a version, or what
	// became of it since.
	Effect(ctx context.Context, change int64, e civic.Effect) error
	// Effects lists them by kind and key.
	Effects(ctx context.Context, change int64) ([]civic.Effect, error)
}
