package store

import (
	"context"
	"time"

	"hienke/internal/civic"
)

// Decision is what the machine did first with a case that had just come in.
type Decision string

// The decisions.
const (
	DecisionJoined  Decision = "joined"          // follows an earlier, nearly equal case
	DecisionByRule  Decision = "routed_by_rule"  // assigned without a person
	DecisionByModel Decision = "routed_by_model" // likewise
	DecisionPerson  Decision = "to_person"       // left to a coordinator
)

// DecisionCount counts cases with one decision.
type DecisionCount struct {
	Decision Decision
	Agency   civic.AgencyCode // to which it was assigned; empty for the others
	Cases    int
	// Undone counts those that people put right afterwards: a join taken apart,
	// a case moved to another agency or handed back by the one that got it.
	Undone int
}

// Correction counts cases that the machine gave to one agency and for which
// people stood by another in the end.
type Correction struct {
	From, To civic.AgencyCode
	Cases    int
}

// Offered tells how good the candidates were that coordinators saw.
type Offered struct {
	Decided    int // left to a person and routed by one since
	First      int // of these, to the first candidate
	AmongThree int // to one of the candidates
}

// Arrivals counts submissions that came in one way.
type Arrivals struct {
	Channel  civic.Channel
	Received int
	// Held are those that had to be checked first, Released those of them that
	// a person let through.
	Held, Released int
}

// Figures counts decisions of the machine and what became of them. Times bound
// the moment of the decision, half open. It reads one index and the history of
// the cases in it.
type Figures interface {
	// Decisions counts by decision and agency.
	Decisions(ctx context.Context, from, until time.Time) ([]DecisionCount, error)
	// Corrections counts by pair of agencies, the most frequent first.
	Corrections(ctx context.Context, from, until time.Time) ([]Correction, error)
	// Arrivals counts what was received within the bounds, by channel, the most
	// frequent first.
	Arrivals(ctx context.Context, from, until time.Time) ([]Arrivals, error)
	// Courses calls each for every submission there is, in the order of receipt.
	Courses(ctx context.Context, each func(Course)) error
	// HandedBack counts the cases that agencies gave away, by the agency that did.
	// A nil scope counts all, another those that an agency of it has now.
	HandedBack(ctx context.Context, scope []civic.AgencyCode, from, until time.Time) (map[civic.AgencyCode]int, error)
	// Offered compares the candidates with where people sent the cases.
	Offered(ctx context.Context, from, until time.Time) (Offered, error)
}

// Course is how one submission went, as public figures count it. It names
// nobody and holds no word of the text.
type Course struct {
	Agency civic.AgencyCode // of one that follows another the other's
	Topic  civic.TopicCode
	Area   civic.AreaCode
	Kind   civic.Kind
	State  civic.State
	// ReceivedAt, DueAt, AnsweredAt and Timeliness are as in civic.Submission.
	ReceivedAt, DueAt, AnsweredAt time.Time
	Timeliness                    civic.Timeliness
	Reopened                      bool
	Extended                      bool         // got more time once
	Helped                        civic.Helped // empty until rated
}
