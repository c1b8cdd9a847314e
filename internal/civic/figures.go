package civic

import "time"

// Figure names what a figure of the steering page counts. The queue knows the
// same names, so that a figure leads to exactly the cases that it counted.
type Figure string

// The figures. A case counts once, however often the thing happened to it
// within the time.
const (
	FigureReceived   Figure = "received"    // received within the time
	FigureSettled    Figure = "settled"     // needed nobody's work any more from then on
	FigureReturned   Figure = "returned"    // was settled and needed work again
	FigureHandedBack Figure = "handed_back" // an agency gave it away
	FigureSilent     Figure = "silent"      // an agency's turn, and nobody did anything since
	FigureForeseen   Figure = "foreseen"    // will be late if the agency goes on as it did
	FigureHelped     Figure = "helped_yes"  // the sender said that the answer helped
	FigurePartly     Figure = "helped_partly"
	FigureNotHelped  Figure = "helped_no"
	FigureReopened   Figure = "reopened"     // the sender objected to the answer
	FigureUndone     Figure = "joins_undone" // a person took a join apart
)

// Figures lists every figure.
var Figures = []Figure{
	FigureReceived, FigureSettled, FigureReturned, FigureHandedBack, FigureSilent, FigureForeseen,
	FigureHelped, FigurePartly, FigureNotHelped, FigureReopened, FigureUndone,
}

// AgencysTurn are the states in which an agency must act; the clock stands
// still in none of them.
var AgencysTurn = StateSet{Assigned, InProgress, InReview}

// Counted says which cases a figure counts: what happened, and when. Its zero
// value counts everything.
type Counted struct {
	Figure Figure
	// From and Until bound the time, half open; a zero bound is open. Of
	// FigureSilent From alone counts; FigureForeseen has no time of its own.
	From, Until time.Time
	// By is the agency that gave the case away, for FigureHandedBack; empty: any.
	By AgencyCode
}

// MondayOf returns the Monday of the week in which a moment lies, at midnight
// in Zone.
func MondayOf(at time.Time) time.Time {
	at = at.In(Zone)
	days := (int(at.Weekday()) + 6) % 7 // since Monday
	return time.Date(at.Year(), at.Month(), at.Day()-days, 0, 0, 0, 0, Zone)
}
