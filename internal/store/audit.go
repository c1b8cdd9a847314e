package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// AuditSource names a log that only grows.
type AuditSource string

// The logs that the audit covers.
const (
	AuditEvents   AuditSource = "events"          // what happened to a case
	AuditLooks    AuditSource = "contact_looks"   // who looked at a contact
	AuditAccounts AuditSource = "account_changes" // what was changed about accounts
	AuditNotes    AuditSource = "audit_notes"     // everything without a log of its own
)

// AuditSources lists every log.
var AuditSources = []AuditSource{AuditEvents, AuditLooks, AuditAccounts, AuditNotes}

// What a note says was done.
const (
	NoteCaseRead        = "case_read"       // somebody of the staff opened a case
	NoteFileRead        = "file_read"       // and a file that came with it
	NoteQueueExported   = "queue_exported"  // the list of cases was taken out
	NoteExportAsked     = "export_asked"    // a long one, which is written by and by
	NoteExportTaken     = "export_taken"    // and downloaded
	NoteAuditExported   = "audit_exported"  // the audit was taken out
	NoteRuleWritten     = "rule_written"    // a version of a routing rule
	NoteRuleLive        = "rule_live"       // it decides from now on
	NoteRuleRetired     = "rule_retired"    // it does not any more
	NoteRulesOrdered    = "rules_ordered"   // rules are tried in another order
	NoteModelActivated  = "model_activated" // another classifier serves
	NoteModelRolledBack = "model_rolled_back"
	NoteLimitSet        = "limit_set"        // a version of a time limit
	NoteCalendarApplied = "calendar_applied" // proposed days hold from now on
	NoteAbsenceEntered  = "absence_entered"  // somebody stands in for another
	NoteAbsenceEnded    = "absence_ended"    // before its time
	NoteTemplateWritten = "template_written" // a text that answers begin with
	NoteTemplateRetired = "template_retired" // it is out of use
	NoteTemplateBack    = "template_back"    // as it was at an earlier time
	NoteRegistryChanged = "registry_changed" // a version of an agency, a topic and their like

	// What was done about a request concerning personal data.
	NoteRequestMade       = "request_made"
	NoteRequestRead       = "request_read"
	NoteRequestIdentified = "request_identified"
	NoteRequestReplied    = "request_replied"
	NoteRequestExtended   = "request_extended"
	NoteRequestDecided    = "request_decided"
	NoteRequestFulfilled  = "request_fulfilled"
	NoteRequestTold       = "request_told"
	NoteRequestExtracted  = "request_extracted" // everything held about the person was gathered
	NoteRequestCorrected  = "request_corrected"
	NoteRequestBounced    = "request_bounced" // a mail about it came back
	NoteRequestPosted     = "request_posted"  // a letter about it went by post
)

// Notes lists what a note can say.
var Notes = []string{
	NoteCaseRead, NoteFileRead, NoteQueueExported, NoteExportAsked, NoteExportTaken, NoteAuditExported, NoteRuleWritten, NoteRuleLive, NoteRuleRetired, NoteRulesOrdered,
	NoteModelActivated, NoteModelRolledBack, NoteLimitSet, NoteCalendarApplied, NoteAbsenceEntered, NoteAbsenceEnded,
	NoteTemplateWritten, NoteTemplateRetired, NoteTemplateBack, NoteRegistryChanged,
	NoteRequestMade, NoteRequestRead, NoteRequestIdentified, NoteRequestReplied, NoteRequestExtended, NoteRequestDecided, NoteRequestFulfilled, NoteRequestTold, NoteRequestExtracted, NoteRequestCorrected,
	NoteRequestBounced, NoteRequestPosted,
}

// AuditSubjects lists what the subject of a note begins with, before a colon.
var AuditSubjects = []string{"user", "request", "rule", "model", "limit", "day", "template", "file", "queue", "export", "audit"}

// AuditLine is a line of one of the logs in the form that all have in common.
type AuditLine struct {
	Source     AuditSource
	SourceID   int64
	At         time.Time
	Actor      civic.ActorKind
	User       civic.UserID // zero unless staff
	What       string       // of events the type; of account changes the code behind "account_"
	Submission civic.SubmissionID
	Subject    string // what it was done to where that is no case: user:7, rule:tax/3
	Agency     civic.AgencyCode
	Detail     string // codes, old and new values; never personal data of a sender
	// Text is what people wrote: a reason. The audit keeps only its mark, so
	// that the text can be erased.
	Text string
}

// AuditEntry is a line in the chain.
type AuditEntry struct {
	AuditLine
	Seq      int64    // from 1, without a gap
	Mark     string   // stands for Text, which is empty here
	Hash     [32]byte // of the line and the hash before it
	Seal     string   // on the last line of a batch, else empty
	SealedAt time.Time
	Code     civic.Code // filled when listed
	UserName string     // filled when listed
}

// AuditQuery chooses entries. Empty fields do not filter.
type AuditQuery struct {
	// Scope limits to lines about one of these agencies; nil means all.
	Scope       []civic.AgencyCode
	From, Until time.Time // bounds of the time of the line, half open
	Actor       civic.ActorKind
	User        civic.UserID
	Submission  civic.SubmissionID
	What        string
	Source      AuditSource
	// After and Before bound Seq, both left out; zero is open.
	After, Before int64
	Upwards       bool // the oldest first
	Limit         int
}

// Audit keeps the chain over the logs that only grow.
type Audit interface {
	// Note appends to the log of what has no log of its own. Source, SourceID
	// and Text are left out of account.
	Note(ctx context.Context, l AuditLine) error
	// Noted reports whether such a note about a case was made of the person
	// since a time.
	Noted(ctx context.Context, what string, user civic.UserID, id civic.SubmissionID, since time.Time) (bool, error)
	// Unsealed returns up to limit lines that are not in the chain yet, those of
	// one log in its order. With late set it also looks for lines whose
	// transaction ended after that of a line behind them was sealed.
	Unsealed(ctx context.Context, limit int, late bool) ([]AuditLine, error)
	// Append puts entries at the end of the chain. A taken Seq, or a line that
	// is there already, is Conflict.
	Append(ctx context.Context, entries []AuditEntry, now time.Time) error
	// Last returns the end of the chain, or NotFound.
	Last(ctx context.Context) (AuditEntry, error)
	// List returns entries, the newest first unless Upwards is set.
	List(ctx context.Context, q AuditQuery) ([]AuditEntry, error)
	// Count returns how many entries q chooses, counting no further than Limit.
	Count(ctx context.Context, q AuditQuery) (int, error)
	// Lines returns lines of a log as they stand there now, by id.
	Lines(ctx context.Context, source AuditSource, ids []int64) (map[int64]AuditLine, error)
	// Missing counts lines older than a time that are not in the chain. It
	// reads every log from its beginning.
	Missing(ctx context.Context, before time.Time) (int, error)
}
