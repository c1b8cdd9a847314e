package civic

import (
	"slices"

	"hienke/internal/errs"
)

// State is where a submission stands. See moves for the whole workflow.
type State string

// The states.
const (
	Received        State = "received"         // stored durably, being matched and routed
	Triage          State = "triage"           // a coordinator must decide
	Assigned        State = "assigned"         // with an agency that has not accepted it yet
	InProgress      State = "in_progress"      // accepted by the agency
	AwaitingCitizen State = "awaiting_citizen" // the agency asked the sender for more
	InReview        State = "in_review"        // an answer waits for a second person
	Answered        State = "answered"         // the answer was approved and sent
	Closed          State = "closed"           // settled: rated, or no reaction in the period
	Rejected        State = "rejected"         // not handled, with a reason
	Merged          State = "merged"           // follows another submission
	Withdrawn       State = "withdrawn"        // taken back by the sender
)

// moves is the whole workflow. A state missing from a list is a forbidden
// move; the test walks every pair.
var moves = map[State][]State{
	Received:        {Triage, Assigned, Rejected, Merged, Withdrawn},
	Triage:          {Assigned, Rejected, Merged, Withdrawn},
	Assigned:        {Assigned, InProgress, Triage, Rejected, Merged, Withdrawn},
	InProgress:      {Assigned, Triage, AwaitingCitizen, InReview, Rejected, Merged, Withdrawn},
	AwaitingCitizen: {InProgress, Triage, Assigned, Rejected, Merged, Withdrawn},
	InReview:        {InProgress, Answered, Withdrawn},
	Answered:        {Closed, Triage},               // Triage: reopened once by the sender
	Closed:          {Triage},                       // the same, after a silent period
	Rejected:        {Triage},                       // a coordinator takes the refusal back
	Merged:          {Triage, Assigned, InProgress}, // unmerged, or leading in the old root's place
	Withdrawn:       {},
}

// States lists every state in the order of the workflow.
var States = []State{
	Received, Triage, Assigned, InProgress, AwaitingCitizen, InReview, Answered, Closed, Rejected, Merged, Withdrawn,
}

// Sets of states that code asks for by name.
var (
	// Open still needs somebody's work.
	Open = StateSet{Received, Triage, Assigned, InProgress, AwaitingCitizen, InReview}
	// Settled needs nobody's work.
	Settled = StateSet{Answered, Closed, Rejected, Merged, Withdrawn}
	// WithAnswer has an approved answer.
	WithAnswer = StateSet{Answered, Closed}
	// WithAgency is the agency's turn.
	WithAgency = StateSet{Assigned, InProgress, AwaitingCitizen, InReview}
	// Assignable may be given to an agency by hand.
	Assignable = StateSet{Triage, Assigned, InProgress}
)

// StateSet is a named set of states.
type StateSet []State

// Has reports whether s is in the set.
func (set StateSet) Has(s State) bool { return slices.Contains(set, s) }

// Valid reports whether s is one of States.
func (s State) Valid() bool { return slices.Contains(States, s) }

// CanBecome reports whether the workflow has a move from s to next.
func (s State) CanBecome(next State) bool { return slices.Contains(moves[s], next) }

// Next lists the states that s can become.
func (s State) Next() []State { return slices.Clone(moves[s]) }

// Move puts the submission into the next state, or fails with Conflict and
// leaves it untouched.
func (s *Submission) Move(next State) error {
	if !s.State.CanBecome(next) {
		return errs.New(errs.Conflict, "submission.move_not_allowed")
	}
	s.State = next
	return nil
}
