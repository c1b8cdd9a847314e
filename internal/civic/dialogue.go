package civic

import "time"

// Inquiry is a question of an agency to the sender. While it is open the answer
// clock stands still.
type Inquiry struct {
	ID         int64
	Submission SubmissionID
	Question   string
	AskedBy    UserID
	AskedAt    time.Time
	// RemindAt is when the sender is reminded; ReplyBy when the clock runs on
	// whether there is a reply or not.
	RemindAt, ReplyBy time.Time
	RemindedAt        time.Time // zero until reminded
	Reply             string
	EndedAt           time.Time // zero while open
}

// Pause is how long the inquiry stops the clock: until it ended, or as long as
// it may.
func (i Inquiry) Pause() Pause {
	if i.EndedAt.IsZero() {
		return Pause{From: i.AskedAt, Until: i.ReplyBy}
	}
	return Pause{From: i.AskedAt, Until: i.EndedAt}
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
