package civic

import "time"

// Recipient is whom a step tells.
type Recipient string

// The recipients. Who is absent is told through who stands in.
const (
	ToHandler      Recipient = "handler"      // who is to act
	ToLead         Recipient = "lead"         // who leads the agency
	ToParent       Recipient = "parent"       // who leads the agency above
	ToCoordinators Recipient = "coordinators" // all of them
)

// Recipients lists them, from below to above.
var Recipients = []Recipient{ToHandler, ToLead, ToParent, ToCoordinators}

// ReminderStep is when somebody is told of a deadline.
type ReminderStep struct {
	Code  string
	Clock LimitUse // ForAnswer or ForForwarding
	// After is on which working day after the deadline the step comes; negative:
	// before it; 0: on its day.
	After int
	To    []Recipient
}

// Escalates reports whether the step tells somebody that it is late.
func (s ReminderStep) Escalates() bool { return s.After > 0 }

// Reminders say who is told of deadlines, and when.
type Reminders struct {
	// DigestAt is when the morning mail goes out on working days, and LateNoteAt
	// when senders are told that an answer is late, as the time since midnight.
	DigestAt, LateNoteAt time.Duration
	// LateNoteEvery is after how many days they are told again.
	LateNoteEvery int
	// KeptFor is how long it is kept who was told what.
	KeptFor time.Duration
	Steps   []ReminderStep
}
