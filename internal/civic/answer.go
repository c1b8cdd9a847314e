package civic

import (
	"fmt"
	"strings"
	"time"
)

// Answer is what an agency replies. A submission has at most one that is not
// superseded.
type Answer struct {
	ID         int64
	Submission SubmissionID
	// Text is in paragraphs and lists as package prose reads them.
	Text      string
	Outcome   Outcome
	Agency    AgencyCode
	DraftedBy UserID
	DraftedAt time.Time
	// SubmittedAt is when it was put before a second person; zero in draft.
	SubmittedAt time.Time
	ApprovedBy  UserID
	ApprovedAt  time.Time // zero until approved
	// Remarks are the second person's when the answer was returned.
	Remarks string
	// Document is the signed paper that says the same, where there is one.
	Document Document
	// Points are what the sender asked, each to be dealt with in the answer.
	Points []Point
	// PublishAt is when it becomes public by itself; zero for never.
	PublishAt time.Time
	// Corrects is the answer that this one puts right, zero for a first one;
	// Correction says to everybody what was wrong.
	Corrects   int64
	Correction string
}

// Document is the paper behind an answer.
type Document struct {
	Number    string // as it stands on the paper
	Date      Date   // zero: not told
	Signatory string
	File      string // ref of a file of the case; empty: none
}

// Point is one thing that a sender asked.
type Point struct {
	Text     string `json:"text"`
	Answered bool   `json:"answered"`
}

// AnswerVersion is one approved answer in the list that everybody reads.
type AnswerVersion struct {
	At   time.Time
	Note string // what was corrected; empty for the first
}

// VersionsOf follows an answer among all approved ones back to the one that was
// sent first, and returns the list, the oldest first.
func VersionsOf(all []Answer, a Answer) []AnswerVersion {
	var out []AnswerVersion
	for i := len(all) - 1; i >= 0; i-- {
		if all[i].ID != a.ID {
			continue
		}
		out = append([]AnswerVersion{{At: all[i].ApprovedAt, Note: all[i].Correction}}, out...)
		a.ID = all[i].Corrects
	}
	return out
}

// CommitmentState says what became of a promise.
type CommitmentState string

// The states of a commitment.
const (
	CommitmentOpen    CommitmentState = "open"
	CommitmentKept    CommitmentState = "kept"
	CommitmentDropped CommitmentState = "dropped" // will not be done, with the reason
)

// CommitmentStates lists every state.
var CommitmentStates = []CommitmentState{CommitmentOpen, CommitmentKept, CommitmentDropped}

// Commitment is what an answer promises: what will be done, by whom, and until
// when. It is public as soon as the answer is.
type Commitment struct {
	ID         int64
	Submission SubmissionID
	Answer     int64
	What       string
	Who        string
	Until      Date
	State      CommitmentState
	Note       string // what came of it
	SettledAt  time.Time
}

// Late reports whether it is open and its day is over.
func (c Commitment) Late(now time.Time) bool {
	return c.State == CommitmentOpen && !now.Before(c.Until.Start().AddDate(0, 0, 1))
}

// AnswerSave is one earlier wording of a draft.
type AnswerSave struct {
	ID         int64
	Submission SubmissionID
	By         UserID
	ByName     string // filled when read
	At         time.Time
	Text       string
	Outcome    Outcome // may be empty
	// Auto tells that it was saved by itself.
	Auto bool
}

// AnswerTemplate is a text that answers of an agency and of those below it
// begin with. Words in braces are fields.
type AnswerTemplate struct {
	ID        int64
	Agency    AgencyCode // empty: of every agency
	Name      string
	Text      string
	UpdatedBy UserID
	UpdatedAt time.Time
	RetiredAt time.Time // zero: in use
}

// TemplateVersion is a template as somebody left it.
type TemplateVersion struct {
	ID       int64
	Template int64
	Agency   AgencyCode
	Name     string
	Text     string
	Retired  bool // it was taken out of use
	By       UserID
	ByName   string // filled when read; empty: came with an earlier release
	At       time.Time
}

// Limits of an answer and of remarks, in letters.
const (
	MinAnswer  = 20
	MaxAnswer  = 50_000
	MaxReason  = 2_000
	MaxMessage = 5_000
	// MaxDocument bounds number and signatory of a paper: one line each.
	MaxDocument = 200
	// MaxCommitment bounds what is promised, and by whom: a sentence or two.
	MaxCommitment = 500
	// MaxCommitments is how many promises an answer may hold.
	MaxCommitments = 10
	// MaxPoints is how many questions of a sender are counted one by one.
	MaxPoints = 10
)

// ISO writes a day as 2026-11-29, and nothing for the zero day.
func (d Date) ISO() string {
	if d == (Date{}) {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// ReadDate reads a day as people write it, 29/11/2026, 29-11-2026 or 29.11.2026,
// and as machines do, 2026-11-29. Nothing is the zero day.
func ReadDate(s string) (Date, error) {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ./-", r) }), "/")
	if s == "" {
		return Date{}, nil
	}
	var err error
	for _, layout := range []string{"2/1/2006", "2006/1/2"} {
		var at time.Time
		if at, err = time.ParseInLocation(layout, s, Zone); err == nil {
			return DateOf(at), nil
		}
	}
	return Date{}, fmt.Errorf("read a day: %w", err)
}
