package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// ExportPart tells the pieces of an export apart.
type ExportPart string

// The parts.
const (
	ExportRows ExportPart = "rows" // cases in words, until the file is written
	ExportFile ExportPart = "file" // the file
)

// Export is an export with what only its making needs.
type Export struct {
	civic.Export
	// Ref is what its pieces in the blob store begin with; empty once they are
	// deleted.
	Ref string
	// WrappedKey seals the pieces; nil once it was destroyed, which erases them
	// in every copy.
	WrappedKey []byte
	// After is the last case that was written.
	After civic.SubmissionID
}

// Exports keeps lists of cases that were asked for as files.
type Exports interface {
	// Add stores an export and returns its ID.
	Add(ctx context.Context, e Export) (int64, error)
	// Get returns the export, or NotFound.
	Get(ctx context.Context, id int64) (Export, error)
	// List returns up to limit exports of a person that are older than before,
	// the newest first. before zero begins at the newest.
	List(ctx context.Context, user civic.UserID, before int64, limit int) ([]Export, error)
	// Busy counts the exports of a person that wait or run.
	Busy(ctx context.Context, user civic.UserID) (int, error)
	// Update writes what changes: state, reason, rows, size, key, ref, the last
	// case and the times. It is Conflict with code export.moved_on when the stored
	// state is not from.
	Update(ctx context.Context, e Export, from civic.ExportState) error
	// AddPieces adds pieces to a part.
	AddPieces(ctx context.Context, id int64, part ExportPart, pieces ...Piece) error
	// Pieces returns those of a part in order.
	Pieces(ctx context.Context, id int64, part ExportPart) ([]Piece, error)
	// RemovePieces forgets those of a part.
	RemovePieces(ctx context.Context, id int64, part ExportPart) error
	// Stale returns up to limit exports whose bytes may lie in the blob store
	// and that are expired or ended before a time, the oldest first.
	Stale(ctx context.Context, endedBefore time.Time, limit int) ([]Export, error)
	// Prune deletes expired exports that ended before a time and have no bytes
	// left, up to limit, and returns how many.
	Prune(ctx context.Context, endedBefore time.Time, limit int) (int, error)
}
