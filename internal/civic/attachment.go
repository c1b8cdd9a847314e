package civic

import "time"

// AttachmentID is an attachment's number inside of the house.
type AttachmentID int64

// AttachmentState says how far a file is.
type AttachmentState string

// The states of a file.
const (
	FileUploading AttachmentState = "uploading" // not all of it has come
	FileWaiting   AttachmentState = "waiting"   // whole, to be looked into
	FileClean     AttachmentState = "clean"     // looked into; may be opened
	FileRefused   AttachmentState = "refused"   // will not be kept, with a reason
)

// Attachment is a file that somebody sent with a submission.
type Attachment struct {
	ID AttachmentID
	// Ref names the file outside of the house, 26 characters that say nothing.
	Ref        string
	Submission SubmissionID // zero while it belongs to a draft
	Name       string       // cleaned; its ending says what the file is
	Type       string       // media type, told by the content
	Size       int64        // bytes
	Received   int64        // bytes that have come, while uploading
	State      AttachmentState
	Reason     string // error code why it was refused
	Public     bool   // shown to the public with the case
	OfStaff    bool   // filled for lists: a member of staff added it
	CreatedAt  time.Time
	SettledAt  time.Time // clean or refused since
}
