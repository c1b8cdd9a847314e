package civic

import "time"

// Inquiry is a question of an agency to the sender. While it is open the answer
// clock stands still, unless it was asked without that.
type Inquiry struct {
	ID         int64
	Submission SubmissionID
	Question   string
	AskedBy    UserID
	AskedAt    time.Time
	Agency     AgencyCode // that asked
	// Running tells that the answer clock runs on meanwhile.
	Running bool
	// PausedDays is for how many working days it stops the clock: as many as it
	// may while it is open, as many as it did once it ended.
	PausedDays int
	// RemindAt is when the sender is reminded; ReplyBy until when the sender may
	// reply, after which the clock runs on in any case.
	RemindAt, ReplyBy time.Time
	RemindedAt        time.Time // zero until reminded
	Reply             string
	EndedAt           time.Time // zero while open
}

// Pause is how long the inquiry stops the clock: until it ended, or as long as
// it may.
func (i Inquiry) Pause() Pause {
	if i.Running {
		return Pause{From: i.AskedAt, Until: i.AskedAt}
	}
	if i.EndedAt.IsZero() {
		return Pause{From: i.AskedAt, Until: i.ReplyBy}
	}
	return Pause{From: i.AskedAt, Until: i.EndedAt}
}

// MayReply reports whether the sender can reply to an inquiry now: while it is
// open and the agency waits for it, or works on meanwhile.
func MayReply(s Submission, i Inquiry) bool {
	if !i.EndedAt.IsZero() {
		return false
	}
	return s.State == AwaitingCitizen || i.Running && (s.State == InProgress || s.State == InReview)
}

// PauseLimit bounds how often and how long questions stop the clock of one case,
// so that a deadline is not put off by asking.
type PauseLimit struct {
	Count int
	Days  int // working days in all
}

// DefaultPauseLimit holds where the registry says nothing; limits.toml has the
// reason.
var DefaultPauseLimit = PauseLimit{Count: 3, Days: 20}

// PauseUse is what questions used of a limit.
type PauseUse struct{ Count, Days int }

// PausesOf adds up what the questions about a case used.
func PausesOf(asked []Inquiry) (u PauseUse) {
	for _, i := range asked {
		if !i.Running {
			u.Count++
			u.Days += i.PausedDays
		}
	}
	return u
}

// Takes reports whether one more pause of so many days fits into what is left.
func (l PauseLimit) Takes(used PauseUse, days int) bool {
	return used.Count < l.Count && used.Days+days <= l.Days
}

// AgencyPauses is how often the questions of an agency stopped clocks.
type AgencyPauses struct {
	Agency              AgencyCode
	Cases, Pauses, Days int
}

// Helped is what a sender says of an answer.
type Helped string

// What a sender can say.
const (
	HelpedYes    Helped = "yes"
	HelpedPartly Helped = "partly"
	HelpedNo     Helped = "no"
)

// Judgements lists every Helped in the order in which people are asked.
var Judgements = []Helped{HelpedYes, HelpedPartly, HelpedNo}

// Rating is a sender's judgement about an answer.
type Rating struct {
	Submission SubmissionID
	Answer     int64 // the answer's id
	Helped     Helped
	Reason     string
	RatedAt    time.Time
}
