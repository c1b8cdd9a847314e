package civic

import (
	"slices"
	"time"
)

// OpinionState tells how an opinion that was asked for stands.
type OpinionState string

// The states. Only what is asked can become another one.
const (
	OpinionAsked     OpinionState = "asked"
	OpinionGiven     OpinionState = "given"
	OpinionDeclined  OpinionState = "declined"  // the agency says why it has none
	OpinionWithdrawn OpinionState = "withdrawn" // the owner of the case does not need it any more
)

// OpinionStates lists every state.
var OpinionStates = []OpinionState{OpinionAsked, OpinionGiven, OpinionDeclined, OpinionWithdrawn}

// Opinion is what the agency that owns a case asks another one about it. It has
// a deadline of its own; the case stays where it is, and no clock of the
// sender's moves.
type Opinion struct {
	ID         int64
	Submission SubmissionID
	Asker      AgencyCode // that owned the case when it asked
	Agency     AgencyCode // that is asked
	Question   string
	AskedBy    UserID
	AskedAt    time.Time
	DueAt      time.Time
	State      OpinionState
	// Text is the opinion, or why there is none.
	Text      string
	SettledBy UserID // zero while it is asked
	SettledAt time.Time
	// AskedByName and SettledByName are filled when read, for staff eyes only.
	AskedByName, SettledByName string
}

// Open reports whether the opinion is still asked for.
func (o Opinion) Open() bool { return o.State == OpinionAsked }

// Late reports whether the opinion is still asked for behind its deadline.
func (o Opinion) Late(now time.Time) bool { return o.Open() && now.After(o.DueAt) }

// Limits of opinions.
const (
	// MaxOpinionText is as long as the longest answer.
	MaxOpinionText = 20_000
	// MaxOpinionDays is as long as the whole answer may take by default, in
	// working days: a later opinion comes too late for the sender.
	MaxOpinionDays = 15
	// MaxOpinions is how many agencies a case waits for at once. What touches
	// more of them needs a meeting.
	MaxOpinions = 10
)

// DefaultOpinionLimit holds where the registry says nothing: a third of the 15
// days for an answer leaves 10 for forwarding, drafting and approving.
var DefaultOpinionLimit = Limit{Clock: WorkingDays, Amount: 5}

// AskableForOpinion are the states in which the owner may ask: it has taken the
// case on and has not answered.
var AskableForOpinion = StateSet{InProgress, AwaitingCitizen, InReview}

// MayGiveOpinion reports whether the actor speaks for the asked agency.
func (a Actor) MayGiveOpinion(reg *Registry, o Opinion) bool {
	return o.Open() && a.May(HandleCase) && a.Reaches(reg, o.Agency)
}

// Waiting are those of a list that are still asked for.
func Waiting(list []Opinion) []Opinion {
	return slices.DeleteFunc(slices.Clone(list), func(o Opinion) bool { return !o.Open() })
}
