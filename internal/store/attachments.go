package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Attachment is a file as it lies in the database. Name is empty in the
// embedded struct: it stands sealed.
type Attachment struct {
	civic.Attachment
	// Draft is the hash of the token of the draft that the file belongs to,
	// zero once it belongs to a submission.
	Draft      [32]byte
	WrappedKey []byte // empty: destroyed
	SealedName []byte
	SealedText []byte
	// Mark tells the same file in two uploads of one browser.
	Mark string
	// AddedBy is the member of staff who added the file, zero: the sender.
	AddedBy civic.UserID
	// Digest is SHA-256 of the file as it came, zero while uploading.
	Digest    [32]byte
	ChangedAt time.Time
}

// Piece is one stretch of a file's bytes.
type Piece struct {
	Place, Size int64  // where it begins, and how long it is, before sealing
	Blob        string // the key under which it lies, sealed
}

// FileSet names files by one of its fields.
type FileSet struct {
	File  civic.AttachmentID
	Draft [32]byte
	// Sender is a submission: what its sender sent with it and the public does
	// not see.
	Sender civic.SubmissionID
}

// Attachments keeps what files there are.
type Attachments interface {
	// Add stores a file and returns its ID.
	Add(ctx context.Context, a Attachment) (civic.AttachmentID, error)
	// Get returns the file, or NotFound with code file.not_found. GetByRef does
	// the same.
	Get(ctx context.Context, id civic.AttachmentID) (Attachment, error)
	GetByRef(ctx context.Context, ref string) (Attachment, error)
	// OfDraft returns the files of a draft, the first added first.
	OfDraft(ctx context.Context, draft [32]byte) ([]Attachment, error)
	// OfSubmission returns the files of a submission, the first added first.
	OfSubmission(ctx context.Context, id civic.SubmissionID) ([]Attachment, error)
	// OfSubmissions returns the clean files of several submissions.
	OfSubmissions(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID][]Attachment, error)
	// Append notes a piece that was stored behind what has come of an
	// uploading file. It is Conflict with code file.wrong_offset when the piece
	// does not begin where the file ends, so that of two that send at once one
	// is heard.
	Append(ctx context.Context, id civic.AttachmentID, p Piece, at time.Time) error
	// Pieces returns the pieces of a file in their order.
	Pieces(ctx context.Context, id civic.AttachmentID) ([]Piece, error)
	// PutPieces replaces the pieces of a file.
	PutPieces(ctx context.Context, id civic.AttachmentID, pieces []Piece) error
	// Update writes WrappedKey, SealedName, SealedText, Type, Size, Digest,
	// State, Reason, ChangedAt and SettledAt where the state is still from, and
	// returns the submission that the file belongs to. It is Conflict with code
	// file.moved_on when the state is another.
	Update(ctx context.Context, a Attachment, from civic.AttachmentState) (civic.SubmissionID, error)
	// Unkey destroys the keys of files, with their names, their texts and what
	// would recognise them, marks them as refused for a reason, and returns them
	// as they are then. In which state they were does not matter: whoever works
	// on one at the moment finds that it moved on.
	Unkey(ctx context.Context, f FileSet, reason string, at time.Time) ([]Attachment, error)
	// Waiting counts the files of a submission that wait to be looked into.
	Waiting(ctx context.Context, id civic.SubmissionID) (int, error)
	// SetPublic shows the clean files with these refs to the public and hides
	// the others of the submission. A ref that is no clean file of it is
	// NotFound with code file.not_found. It marks the submission for the
	// indexes.
	SetPublic(ctx context.Context, id civic.SubmissionID, refs []string) error
	// Stale returns up to limit files that may go, unchanged since before: those
	// whose draft was sent without them or is gone, and those of submissions that
	// are not whole or were refused.
	Stale(ctx context.Context, before time.Time, limit int) ([]Attachment, error)
	// Remove deletes the file with its pieces; a missing one is no error.
	Remove(ctx context.Context, id civic.AttachmentID) error
}
