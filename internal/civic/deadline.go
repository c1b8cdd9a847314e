package civic

import "time"

// Zone is the offset of Asia/Ho_Chi_Minh, which has had no daylight saving
// since 1975. Days, deadlines and dates on pages are those of this zone.
var Zone = time.FixedZone("Asia/Ho_Chi_Minh", 7*60*60)

// Date is a calendar day without a time, in Zone.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf returns the day in Zone at which the instant falls.
func DateOf(at time.Time) Date {
	y, m, d := at.In(Zone).Date()
	return Date{y, m, d}
}

// Start returns the first instant of the day.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Zone) }

// ClockType tells how the amount of a Limit is counted.
type ClockType string

// The clock types.
const (
	CalendarDays ClockType = "calendar_days"
	WorkingDays  ClockType = "working_days"
	WorkingHours ClockType = "working_hours"
)

// ClockTypes lists every clock type.
var ClockTypes = []ClockType{CalendarDays, WorkingDays, WorkingHours}

// Limit is a span of time by a clock.
type Limit struct {
	Clock  ClockType
	Amount int // days or hours, as Clock says
}

// Limits are the legal time limits, all counted from receipt.
type Limits struct {
	Receive     Limit // until the submission is looked at
	Forward     Limit // until it is with the responsible agency
	Answer      Limit // until the sender has an answer
	Information Limit // how long a question to the sender pauses the clock
	// Opinion is how long another agency has for an opinion, counted from when it
	// is asked; the form begins with it.
	Opinion Limit
	// Pauses bounds how often and how long questions stop the clock of one case.
	Pauses PauseLimit
	// PerKind overrides Answer for a kind of submission.
	PerKind map[Kind]Limit
	// Privacy are the clocks of requests about personal data; without PerKind
	// those of DefaultPrivacyLimits hold.
	Privacy PrivacyLimits
	// Guardian are the spans within which the guardian of a child answers.
	Guardian GuardianLimits
	// Source says which rule the numbers come from.
	Source string
}

// AnswerFor returns the limit for an answer to a kind of submission.
func (l Limits) AnswerFor(k Kind) Limit {
	if own, ok := l.PerKind[k]; ok {
		return own
	}
	return l.Answer
}

// DayKind tells why a day differs from the plain week.
type DayKind string

// The kinds of days.
const (
	Holiday      DayKind = "holiday"      // a public holiday
	Compensation DayKind = "compensation" // off in place of a holiday on a rest day, or swapped
	WorkingDay   DayKind = "working_day"  // a Saturday or Sunday that is worked
)

// Certainty tells whether the authority has decided a calendar row.
type Certainty string

// The certainties.
const (
	Provisional Certainty = "provisional"
	Decided     Certainty = "decided"
)

// CalendarDay is one row of the calendar: a day that differs from the week.
type CalendarDay struct {
	Date      Date
	Kind      DayKind
	Name      Names
	Certainty Certainty
	Source    string
}

// Pause is a span in which the answer clock stands still. A zero Until is
// still open.
type Pause struct {
	From, Until time.Time
}

// DueState says how a submission stands against its deadline.
type DueState string

// The due states. In time means the first deadline; an extension is never
// counted as in time.
const (
	NotDue       DueState = "none"     // settled without an answer, or no clock
	OnTrack      DueState = "on_track" // open, more than DueSoon left
	DueSoon      DueState = "due_soon" // open, the deadline is near
	Overdue      DueState = "overdue"  // open, the deadline has passed
	AnsweredOn   DueState = "in_time"  // answered by the first deadline
	AnsweredExt  DueState = "extended" // answered late, within the extension
	AnsweredLate DueState = "late"     // answered after every deadline
)

// DueStates lists every due state.
var DueStates = []DueState{NotDue, OnTrack, DueSoon, Overdue, AnsweredOn, AnsweredExt, AnsweredLate}
