package civic

import (
	"fmt"
	"time"
)

// EventType names what happened, noun of the act in lower snake.
type EventType string

// The events. What citizens see of them is PublicEvents.
const (
	EventReceived      EventType = "received"
	EventHeld          EventType = "held"     // set apart for a check; Reason has the codes
	EventReleased      EventType = "released" // checked and let through
	EventKindSet       EventType = "kind_set" // staff said which kind it is; Reason has it
	EventKeyedIn       EventType = "keyed_in" // by staff, for somebody
	EventMatched       EventType = "matched"  // compared with everything before
	EventMerged        EventType = "merged"   // joined an earlier one
	EventUnmerged      EventType = "unmerged" // taken out again
	EventRouted        EventType = "routed"   // assigned by rule or model
	EventTriaged       EventType = "triaged"  // set before a coordinator
	EventAssigned      EventType = "assigned" // by a person
	EventAccepted      EventType = "accepted"
	EventHandedBack    EventType = "handed_back"
	EventRejected      EventType = "rejected"
	EventAnswerDrafted EventType = "answer_drafted"
	EventSubmitted     EventType = "answer_submitted"
	EventReturned      EventType = "answer_returned"
	EventAnswered      EventType = "answered"
	EventPublished     EventType = "published"
	EventNoted         EventType = "noted"
	EventOverdue       EventType = "overdue"
	EventWithdrawn     EventType = "withdrawn"

	EventAsked     EventType = "information_requested" // the agency asked the sender for more
	EventReminded  EventType = "information_reminded"  // the sender was reminded of it
	EventInformed  EventType = "information_given"
	EventUnheard   EventType = "information_missed" // nobody replied; the clock runs on
	EventExtended  EventType = "extended"           // a later deadline, with the reason
	EventRated     EventType = "rated"
	EventFileAdded EventType = "file_added" // the sender sent a file later
	EventReopened  EventType = "reopened"   // the sender objects to the answer
	EventClosed    EventType = "closed"     // nobody objected in time

	EventLeadMoved      EventType = "lead_moved"       // another one leads the cluster now
	EventClusterSplit   EventType = "cluster_split"    // some followers left together
	EventObjected       EventType = "objected"         // the sender says that it differs from what it followed
	EventAnswerSetAside EventType = "answer_set_aside" // the answer that the sender was sent was the cluster's
	EventPartsMade      EventType = "parts_made"       // cases were made out of it, one for each thing asked
	EventPartOf         EventType = "part_of"          // made out of another one

	EventContactChanged   EventType = "contact_changed"   // by the sender, or by data protection on request
	EventContactErased    EventType = "contact_erased"    // by the sender, for ever
	EventConsentWithdrawn EventType = "consent_withdrawn" // to show the name, as the sender asked
	EventTextCorrected    EventType = "text_corrected"    // personal data in it, by data protection on request; Reason says why
	EventTextErased       EventType = "text_erased"       // text, files and reasons, for ever, as the sender asked

	EventGuardianAsked     EventType = "guardian_asked"     // the guardian of a child was written to
	EventGuardianNamed     EventType = "guardian_named"     // the child named another guardian, who is asked
	EventGuardianConfirmed EventType = "guardian_confirmed" // the guardian agrees; Reason says to what
	EventGuardianRefused   EventType = "guardian_refused"   // the guardian, or who was taken for that, does not
	EventGuardianLapsed    EventType = "guardian_lapsed"    // nobody answered in time
	EventGuardianWithdrawn EventType = "guardian_withdrawn" // what was agreed to was taken back

	EventPutBack EventType = "put_back" // an assignment or a hand-back was taken back

	EventScopeDecided EventType = "scope_decided" // a person said whether it is for this system
	EventUnrestricted EventType = "unrestricted"  // the protection of an accusing text was lifted

	EventRecounted         EventType = "deadline_recounted" // the deadline was computed anew, after the calendar or a limit changed
	EventEscalated         EventType = "escalated"          // somebody above was told that it is late; Reason has the step
	EventPassedOn          EventType = "passed_on"          // another person of the house handles it now
	EventUrgent            EventType = "marked_urgent"      // shorter limits may hold for it
	EventNotUrgent         EventType = "marked_not_urgent"
	EventCorrectionDrafted EventType = "correction_drafted"    // a better version of an answer waits for a second person
	EventCorrected         EventType = "corrected"             // it was approved; Reason says what was corrected
	EventScheduled         EventType = "publication_scheduled" // it will be public at a time
	EventUnscheduled       EventType = "publication_cancelled"
	EventRedacted          EventType = "redacted"           // the public version was changed
	EventTakenDown         EventType = "taken_down"         // the public cannot read it any more
	EventPaperAdded        EventType = "paper_added"        // a member of staff added a file
	EventCommitment        EventType = "commitment_settled" // what was promised was kept or given up

	EventTodoAdded EventType = "todo_added" // something to do on the case; Reason has it
	EventTodoDone  EventType = "todo_done"
	EventLinked    EventType = "linked" // to be seen beside another case; Reason has its code
	EventUnlinked  EventType = "unlinked"

	EventOpinionAsked     EventType = "opinion_asked" // another agency was asked what it thinks; Agency is that one
	EventOpinionGiven     EventType = "opinion_given"
	EventOpinionDeclined  EventType = "opinion_declined"
	EventOpinionWithdrawn EventType = "opinion_withdrawn"
)

// EventTypes lists every event.
var EventTypes = []EventType{
	EventReceived, EventHeld, EventReleased, EventKindSet, EventKeyedIn, EventMatched, EventMerged, EventUnmerged, EventRouted, EventTriaged,
	EventAssigned, EventAccepted, EventHandedBack, EventRejected, EventAnswerDrafted, EventSubmitted, EventReturned, EventAnswered,
	EventPublished, EventNoted, EventOverdue, EventWithdrawn, EventAsked, EventReminded, EventInformed, EventUnheard, EventExtended, EventRated,
	EventFileAdded, EventReopened, EventClosed, EventLeadMoved, EventClusterSplit, EventObjected, EventAnswerSetAside, EventPartsMade,
	EventPartOf, EventContactChanged, EventContactErased, EventConsentWithdrawn, EventTextCorrected, EventTextErased, EventGuardianAsked,
	EventGuardianNamed, EventGuardianConfirmed, EventGuardianRefused, EventGuardianLapsed, EventGuardianWithdrawn, EventPutBack, EventScopeDecided,
	EventUnrestricted, EventRecounted, EventEscalated, EventPassedOn, EventUrgent, EventNotUrgent, EventCorrectionDrafted, EventCorrected,
	EventScheduled, EventUnscheduled, EventRedacted, EventTakenDown, EventPaperAdded, EventCommitment, EventTodoAdded, EventTodoDone,
	EventLinked, EventUnlinked, EventOpinionAsked, EventOpinionGiven, EventOpinionDeclined, EventOpinionWithdrawn,
}

// ErasedFilesToo is the reason of an EventContactErased with which files went.
const ErasedFilesToo = "files"

// PublicEvents are those on the sender's timeline.
var PublicEvents = []EventType{
	EventReceived, EventKeyedIn, EventMerged, EventUnmerged, EventRouted, EventTriaged, EventAssigned, EventAccepted, EventHandedBack,
	EventRejected, EventSubmitted, EventAnswered, EventPublished, EventOverdue, EventWithdrawn, EventObjected, EventAnswerSetAside,
	EventPartsMade, EventPartOf, EventAsked, EventReminded, EventInformed, EventUnheard, EventExtended, EventRated, EventReopened, EventClosed, EventContactChanged, EventContactErased,
	EventFileAdded, EventRecounted, EventPutBack, EventTextCorrected, EventTextErased, EventConsentWithdrawn, EventCorrected, EventCommitment, EventTakenDown,
	EventGuardianAsked, EventGuardianNamed, EventGuardianConfirmed, EventGuardianRefused, EventGuardianLapsed, EventGuardianWithdrawn,
}

// Event is one line of a submission's history. Events are only ever added.
type Event struct {
	ID         int64
	Submission SubmissionID
	At         time.Time
	Type       EventType
	Actor      ActorKind
	User       UserID // zero unless staff
	UserName   string // filled when read, for staff eyes only
	From, To   State  // equal when the state did not change
	Agency     AgencyCode
	// Reason is for people: why a case was moved, handed back or refused.
	// It carries no personal data.
	Reason string
}

// escalation is the reason of an EventEscalated, for people; history that stands
// is written so.
const escalation = "Quá hạn %d ngày làm việc"

// Escalation is the reason of an EventEscalated that many working days after the
// deadline.
func Escalation(days int) string { return fmt.Sprintf(escalation, days) }

// EscalatedAfter returns of how many working days an Escalation tells, so that it
// can be said in another language.
func EscalatedAfter(reason string) (days int, ok bool) {
	n, err := fmt.Sscanf(reason, escalation, &days)
	return days, err == nil && n == 1 && Escalation(days) == reason
}

// MessageKind names a mail.
type MessageKind string

// The mails.
const (
	MessageReceipt  MessageKind = "receipt"  // code and secret; its link confirms the address
	MessageCode     MessageKind = "code"     // the lost code and secret again, to the known contact only
	MessageMoved    MessageKind = "moved"    // with another agency, or joined to another case
	MessageQuestion MessageKind = "question" // the agency asks for more
	MessageReminder MessageKind = "reminder" // of a question that was not answered
	MessageDelayed  MessageKind = "delayed"  // the deadline was extended
	MessageAnswer   MessageKind = "answer"   // an answer was approved
	MessageRejected MessageKind = "rejected" // not handled, and where to turn
	MessageReopened MessageKind = "reopened" // the objection to an answer was taken up
	MessageContact  MessageKind = "contact"  // the contact was changed: told to the old address too
	MessageClosed   MessageKind = "closed"   // settled
	MessageLate     MessageKind = "late"     // the deadline has passed; told again while it is late

	MessageCorrected MessageKind = "corrected" // an answer that was sent was put right

	// To the guardian of a child, and to nobody else.
	MessageGuardian         MessageKind = "guardian"          // asks for consent
	MessageGuardianReminder MessageKind = "guardian_reminder" // once more
)

// ToGuardian reports whether the mail goes to the guardian of a child.
func (k MessageKind) ToGuardian() bool { return k == MessageGuardian || k == MessageGuardianReminder }

// MessageKinds lists every mail.
var MessageKinds = []MessageKind{
	MessageReceipt, MessageCode, MessageMoved, MessageQuestion, MessageReminder, MessageDelayed, MessageAnswer, MessageRejected,
	MessageReopened, MessageContact, MessageClosed,
	MessageLate, MessageCorrected, MessageGuardian, MessageGuardianReminder,
}

// MessageState tells what became of a mail.
type MessageState string

// The message states.
const (
	MessageQueued  MessageState = "queued"
	MessageSent    MessageState = "sent"
	MessageNotSent MessageState = "not_sent" // no channel or no address; Reason says which
)

// Message is one mail to a sender. The address is not in it: it is read from
// the sealed contact when the mail goes out.
type Message struct {
	ID         int64
	Submission SubmissionID
	Kind       MessageKind
	Language   Language
	State      MessageState
	Reason     string // why it was not sent, a code
	Way        Way    // how it goes or went; empty until that is known
	CreatedAt  time.Time
	SentAt     time.Time
	// DigestAt is until when it waits to go out together with others to the
	// same person; zero where it does not.
	DigestAt time.Time
	// Version is raised each time somebody says that the letter was posted, or
	// that it was not.
	Version int
	// PostedBy is who posted it, zero where nobody did.
	PostedBy UserID
}

// Membership says that a submission follows an earlier, nearly identical one.
type Membership struct {
	Submission SubmissionID
	Root       SubmissionID
	JoinedAt   time.Time
	By         ActorKind
	User       UserID
	Jaccard    float64 // of folded word 3-shingles, 0 to 1
	Reason     string
	// Told is the id of the root's answer that the sender was sent, zero while
	// there is none.
	Told int64
}

// Similar is an earlier submission that may ask for the same, for a person to
// judge.
type Similar struct {
	Submission SubmissionID // the newer
	Other      SubmissionID // the earlier
	Rank       int          // from 1
	Score      float64      // 0 to 1
	Terms      []string     // shared words that counted, the heaviest first
	// Jaccard is how near the texts are, 0 to 1; zero when the other is only
	// similar.
	Jaccard float64
	// Obstacle is a code why nearly the same text did not join by itself, empty
	// when the other is only similar.
	Obstacle string
}

// RouteBy tells what decided a route.
type RouteBy string

// The deciders.
const (
	RouteByRule   RouteBy = "rule"
	RouteByModel  RouteBy = "model"
	RouteByPerson RouteBy = "person"
	RouteByNone   RouteBy = "none" // not sure enough: a coordinator decides
)

// RouteCandidate is one agency that could be right.
type RouteCandidate struct {
	Agency AgencyCode `json:"agency"`
	Score  float64    `json:"score"` // probability, 0 to 1
	// Words of the text that spoke for it, strongest first: for the first
	// candidate against the second, for the others against the first.
	Words []string `json:"words,omitempty"`
}

// Route is the stored reason why a submission stands where it stands. It is
// kept when a coordinator must decide, too.
type Route struct {
	Submission   SubmissionID
	DecidedAt    time.Time
	By           RouteBy
	Agency       AgencyCode // the best; assigned only if the state says so
	Score        float64
	RuleID       string
	RuleVersion  int
	ModelVersion string
	// Words counted most for the best agency.
	Words []string
	// Candidates holds up to three agencies, the best first.
	Candidates []RouteCandidate
	// RuleErrors names rules that failed on this text.
	RuleErrors []string
}
