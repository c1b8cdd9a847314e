package civic

import (
	"slices"
	"time"
)

// LimitUse is what a time limit is for.
type LimitUse string

// The uses.
const (
	ForReceiving   LimitUse = "receive"     // until the submission is looked at
	ForForwarding  LimitUse = "forward"     // until it is with the responsible agency
	ForAnswer      LimitUse = "answer"      // until the sender has an answer
	ForInformation LimitUse = "information" // how long a question to the sender pauses the clock
)

// LimitUses lists every use.
var LimitUses = []LimitUse{ForReceiving, ForForwarding, ForAnswer, ForInformation}

// LimitKey says what a limit is about. Empty fields hold for everything.
type LimitKey struct {
	Use    LimitUse
	Kind   Kind
	Agency AgencyCode // and every agency below it
	Urgent bool       // for urgent cases alone
}

// General reports whether the key is the one that every other falls back to.
func (k LimitKey) General() bool { return k.Kind == "" && k.Agency == "" && !k.Urgent }

// LimitVersion is one version of a time limit. What it says never changes; the
// newest of those that hold on the day a clock began decides. So a change
// never reaches back to a case whose clock began before the day it holds from.
type LimitVersion struct {
	ID int64
	LimitKey
	// From is the first instant at which a clock must begin to be counted by it;
	// zero: it always held.
	From time.Time
	// Limit has no amount where the limit of the key ended: what is more general
	// holds again.
	Limit
	Source    string
	WrittenAt time.Time
	WrittenBy UserID // zero: it came with the registry
	Writer    string // filled when read
}

// Ended reports whether the version takes its key out.
func (v LimitVersion) Ended() bool { return v.Amount == 0 }

// LimitTable holds every version of every limit.
type LimitTable []LimitVersion

// Until returns the table without the versions after an id.
func (t LimitTable) Until(id int64) LimitTable {
	return slices.DeleteFunc(slices.Clone(t), func(v LimitVersion) bool { return v.ID > id })
}

// Holding returns the version of exactly this key that holds for a clock which
// began at began: the latest From, and of those the one written last. It
// reports false where there is none or it ended.
func (t LimitTable) Holding(k LimitKey, began time.Time) (LimitVersion, bool) {
	var best LimitVersion
	found := false
	for _, v := range t {
		if v.LimitKey != k || v.From.After(began) {
			continue
		}
		if !found || v.From.After(best.From) || v.From.Equal(best.From) && v.ID >= best.ID {
			best, found = v, true
		}
	}
	return best, found && !best.Ended()
}

// For returns the limit that counts for a case whose clock began at began.
// Urgency speaks first, then the agency nearest above the case, then the kind;
// what none of them says, the general limit does.
func (t LimitTable) For(reg *Registry, k LimitKey, began time.Time) Limit {
	urgency := []bool{false}
	if k.Urgent {
		urgency = []bool{true, false}
	}
	kinds := []Kind{""}
	if k.Kind != "" {
		kinds = []Kind{k.Kind, ""}
	}
	for _, urgent := range urgency {
		for _, agency := range reg.upwards(k.Agency) {
			for _, kind := range kinds {
				if v, ok := t.Holding(LimitKey{Use: k.Use, Kind: kind, Agency: agency, Urgent: urgent}, began); ok {
					return v.Limit
				}
			}
		}
	}
	return Limit{}
}

// upwards lists an agency, those above it and at last none.
func (r *Registry) upwards(code AgencyCode) []AgencyCode {
	var out []AgencyCode
	for code != "" && len(out) < deepest {
		out = append(out, code)
		a, _ := r.Agency(code)
		code = a.Parent
	}
	return append(out, "")
}

// Above lists the agencies above one, the nearest first.
func (r *Registry) Above(code AgencyCode) []AgencyCode {
	all := r.upwards(code)
	if len(all) < 2 {
		return nil
	}
	return all[1 : len(all)-1]
}

// Versions are the limits of the registry as the first versions of a table.
func (l Limits) Versions() LimitTable {
	first := func(k LimitKey, limit Limit) LimitVersion {
		return LimitVersion{LimitKey: k, Limit: limit, Source: l.Source}
	}
	out := LimitTable{
		first(LimitKey{Use: ForReceiving}, l.Receive), first(LimitKey{Use: ForForwarding}, l.Forward),
		first(LimitKey{Use: ForAnswer}, l.Answer), first(LimitKey{Use: ForInformation}, l.Information),
	}
	for _, kind := range Kinds {
		if own, ok := l.PerKind[kind]; ok {
			out = append(out, first(LimitKey{Use: ForAnswer, Kind: kind}, own))
		}
	}
	return out
}

// DayVersion is one version of a day of the calendar. The newest of a date
// decides. An empty kind takes the date out: it follows the week again.
type DayVersion struct {
	ID int64
	CalendarDay
	WrittenAt time.Time
	WrittenBy UserID // zero: it came with the registry
	Writer    string // filled when read
}

// DaysOf returns the days that a list of versions, the oldest first, amounts
// to, by date.
func DaysOf(versions []DayVersion) []CalendarDay {
	newest := map[Date]CalendarDay{}
	for _, v := range versions {
		newest[v.Date] = v.CalendarDay
	}
	var out []CalendarDay
	for _, day := range newest {
		if day.Kind != "" {
			out = append(out, day)
		}
	}
	slices.SortFunc(out, func(a, b CalendarDay) int { return a.Date.Compare(b.Date) })
	return out
}

// Compare orders days.
func (d Date) Compare(other Date) int { return d.Start().Compare(other.Start()) }

// String writes a day as 2026-03-02.
func (d Date) String() string { return d.Start().Format(time.DateOnly) }

// ParseDate reads what String writes.
func ParseDate(s string) (Date, bool) {
	at, err := time.ParseInLocation(time.DateOnly, s, Zone)
	if err != nil {
		return Date{}, false
	}
	return DateOf(at), true
}

// DayKinds lists the kinds of days that a calendar can have.
var DayKinds = []DayKind{Holiday, Compensation, WorkingDay}

// Certainties lists them.
var Certainties = []Certainty{Provisional, Decided}

// Recount is one recomputation of open deadlines after the calendar or a limit
// changed. It goes through the cases in order of id, some at a time.
type Recount struct {
	ID      int64
	AskedAt time.Time
	AskedBy UserID
	Asker   string      // filled when read
	Reason  RecountOver // what changed
	// Limit and Day are the newest versions before the change.
	Limit, Day int64
	// Cursor is the last case that was looked at.
	Cursor              SubmissionID
	Looked, Moved, Kept int
	EndedAt             time.Time // zero while it goes on
}

// RecountOver says what a recomputation followed from.
type RecountOver string

// What it follows from.
const (
	OverCalendar RecountOver = "calendar"
	OverLimits   RecountOver = "limits"
	OverRegistry RecountOver = "registry" // a new file of the registry
)

// RecountsOver lists them.
var RecountsOver = []RecountOver{OverCalendar, OverLimits, OverRegistry}

// Move is one deadline that a recomputation moved, or would.
type Move struct {
	Submission SubmissionID
	Code       Code
	Agency     AgencyCode
	Old, New   time.Time
	// Kept tells that the deadline stays where it was, because the new one has
	// passed already: a change makes no case late.
	Kept bool
}

// Clock is what the deadlines of an open case are computed from.
type Clock struct {
	Submission                      SubmissionID
	Code                            Code
	Kind                            Kind
	Agency                          AgencyCode
	State                           State
	Urgent                          bool
	Extended                        int
	ReceivedAt, ReopenedAt          time.Time
	DueAt, FirstDueAt, ForwardDueAt time.Time
	Asked                           []Inquiry
}

// ClockOf is the clock of a submission.
func ClockOf(s Submission, asked []Inquiry) Clock {
	return Clock{
		Submission: s.ID, Code: s.Code, Kind: s.Kind, Agency: s.Agency, State: s.State, Urgent: s.Urgent, Extended: s.Extended,
		ReceivedAt: s.ReceivedAt, ReopenedAt: s.ReopenedAt, DueAt: s.DueAt, FirstDueAt: s.FirstDueAt, ForwardDueAt: s.ForwardDueAt, Asked: asked,
	}
}

// Began is when the clock began to run.
func (c Clock) Began() time.Time {
	if c.ReopenedAt.IsZero() {
		return c.ReceivedAt
	}
	return c.ReopenedAt
}

// Key is what the limit of a use is looked up by.
func (c Clock) Key(use LimitUse) LimitKey {
	return LimitKey{Use: use, Kind: c.Kind, Agency: c.Agency, Urgent: c.Urgent}
}
