package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Prompt is a step that a deadline of a case reached.
type Prompt struct {
	ID         int64
	Submission civic.SubmissionID
	Step       string
	DueAt      time.Time
}

// Prompts keeps which steps were reached, each once for a deadline.
type Prompts interface {
	// Reached returns up to limit open cases whose deadline (of civic.ForAnswer,
	// or of civic.ForForwarding for cases that no agency accepted yet) is not
	// after until and has not been claimed for the step, the earliest first.
	Reached(ctx context.Context, step string, clock civic.LimitUse, until time.Time, limit int) ([]civic.SubmissionID, error)
	// Claim notes that a deadline reached a step and returns the id. It reports
	// false when that was noted before.
	Claim(ctx context.Context, p Prompt, at time.Time) (int64, bool, error)
	// Tell puts a prompt into a mail, once.
	Tell(ctx context.Context, prompt, mail int64) error
	// OfMail returns what a mail tells of, the earliest deadline first.
	OfMail(ctx context.Context, mail int64) ([]Prompt, error)
	// RemoveReached deletes up to limit prompts that were reached before a time,
	// of cases that are not open, and that no mail tells of any more, and returns
	// how many. Of an open case they are what keeps a step from being told twice.
	RemoveReached(ctx context.Context, before time.Time, limit int) (int, error)
}

// StaffMailKind names a mail to staff about their work.
type StaffMailKind string

// The mails to staff.
const (
	MailDigest     StaffMailKind = "digest"
	MailReminder   StaffMailKind = "reminder"
	MailEscalation StaffMailKind = "escalation"
)

// StaffMail is a mail to a member of staff.
type StaffMail struct {
	ID        int64
	User      civic.UserID
	Kind      StaffMailKind
	State     civic.MessageState
	Reason    string // why it was not sent, a code
	CreatedAt time.Time
	ClosesAt  time.Time // until then more is gathered into it; then it goes out
	SettledAt time.Time // zero while queued
}

// StaffMails keeps them.
type StaffMails interface {
	// Queue returns the mail of a kind to somebody that still gathers at now, or
	// else stores a new one, which closes at closes, with its outbox row.
	Queue(ctx context.Context, user civic.UserID, kind StaffMailKind, now, closes time.Time) (int64, error)
	// Get returns the mail, or NotFound.
	Get(ctx context.Context, id int64) (StaffMail, error)
	// Settle records what became of a mail. It reports false when that was
	// recorded before.
	Settle(ctx context.Context, id int64, state civic.MessageState, reason string, at time.Time) (bool, error)
	// RemoveSettled deletes up to limit mails that were settled before a time,
	// the oldest first, and returns how many.
	RemoveSettled(ctx context.Context, before time.Time, limit int) (int, error)
	// DigestsDue returns up to limit active people who want the morning mail and
	// had none on the day or later.
	DigestsDue(ctx context.Context, day civic.Date, limit int) ([]civic.UserID, error)
	// ClaimDigest notes that somebody gets the mail of a day. It reports false
	// when that was noted before.
	ClaimDigest(ctx context.Context, user civic.UserID, day civic.Date) (bool, error)
	// SetDigest turns the morning mail of somebody on or off.
	SetDigest(ctx context.Context, user civic.UserID, on bool) error
	// WantsDigest reports whether somebody wants it, which is so until turned off.
	WantsDigest(ctx context.Context, user civic.UserID) (bool, error)
}

// LateNotes keeps whose senders are told that an answer is late, and when.
type LateNotes interface {
	// Put sets when the sender of a late case is told next.
	Put(ctx context.Context, id civic.SubmissionID, next time.Time) error
	// Due returns up to limit cases whose time has come, the longest waiting
	// first.
	Due(ctx context.Context, now time.Time, limit int) ([]civic.SubmissionID, error)
	// IsDue reports whether the time of a case has come.
	IsDue(ctx context.Context, id civic.SubmissionID, now time.Time) (bool, error)
	// Remove ends the notes of a case; a missing one is no error.
	Remove(ctx context.Context, id civic.SubmissionID) error
}

// Absences keeps who stands in for whom.
type Absences interface {
	// Add stores an absence and returns its id. It is Conflict with code
	// absence.overlaps where the person is absent at that time already.
	Add(ctx context.Context, a civic.Absence) (int64, error)
	// Get returns an absence with names, or NotFound.
	Get(ctx context.Context, id int64) (civic.Absence, error)
	// End ends one before its time, or NotFound; one that was ended keeps its
	// time.
	End(ctx context.Context, id int64, by civic.UserID, at time.Time) error
	// List returns those that end after a time, whether ended or not, by their
	// beginning, with names.
	List(ctx context.Context, after time.Time) ([]civic.Absence, error)
}
