// Package openness counts for the public how submissions are handled: how many
// came and were answered, by when, how long it took, and whether it helped; by
// agency, topic, area and month.
//
// Everything is counted out of one pass over the submissions, which is kept for
// a while: see count.go. What is counted is defined here once; pages, files and
// the API show the same numbers.
package openness

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Service counts. All fields are required.
type Service struct {
	Store store.Store
	Now   func() time.Time

	mu    sync.Mutex
	taken *picture
	until time.Time // taken is new so long
	round *round    // under way; nil: none
}

// Figures are the counts of one group of submissions.
type Figures struct {
	// Submissions is what people sent; Cases what has to be answered on its own:
	// one that repeats another and follows it is a submission and no case.
	Submissions, Cases int
	// InTime, Extended and Late are answered cases: by the first deadline, by the
	// one that it was extended to, after it.
	InTime, Extended, Late int
	// Open cases wait for an answer; Overdue are those of them whose deadline has
	// passed, and Waiting those whose clock stands still for a reply of the
	// sender.
	Open, Overdue, Waiting int
	// LongOverdue are those of Overdue whose deadline passed over LongDays ago;
	// Prolonged those of Open that got more time once, with a reason.
	LongOverdue, Prolonged int
	Refused, Withdrawn     int
	Reopened               int // the sender objected to the answer
	// Yes, Partly and No are what senders say: whether the answer helped. All are
	// zero and FewJudged is set where so few said so that each could be told.
	Yes, Partly, No int
	FewJudged       bool
	// Median and Ninth are after how many days half and nine tenths of the cases
	// had an answer, the open ones counted as what they are: not answered yet
	// (Kaplan and Meier, 1958). Negative while that many have none.
	Median, Ninth int
	// LongestOverdue is by how many days the oldest open deadline has passed.
	LongestOverdue int
}

// Answered is the number of answered cases.
func (f Figures) Answered() int { return f.InTime + f.Extended + f.Late }

// Due is the number of cases that should have been answered by now: the
// answered and the overdue.
func (f Figures) Due() int { return f.Answered() + f.Overdue }

// InTimeShare is InTime of Due, 0 to 1; ok is false while nothing is due.
func (f Figures) InTimeShare() (share float64, ok bool) { return part(f.InTime, f.Due()) }

// HelpedShare is Yes of all judgements, 0 to 1; ok is false while there is none.
func (f Figures) HelpedShare() (share float64, ok bool) { return part(f.Yes, f.Yes+f.Partly+f.No) }

// LongDays is after how many days an overdue case is counted as long overdue.
const LongDays = 30

// leastJudged is from how many judgements on they are told: of fewer, somebody
// who knows one of the senders would learn what that one said.
const leastJudged = 5

func part(n, of int) (float64, bool) {
	if of == 0 {
		return 0, false
	}
	return float64(n) / float64(of), true
}

// Month is a month of the calendar of Việt Nam, in which submissions were
// received: its year and number as "2026-11".
type Month string

// MonthOf is the month of a moment.
func MonthOf(at time.Time) Month { return Month(at.In(civic.Zone).Format("2006-01")) }

// Group are the figures of what shares a code.
type Group struct {
	Code string // of an agency, a topic or an area, or a Month; empty: not known yet
	Figures
}

// Slice narrows what is counted; an empty field narrows nothing.
type Slice struct {
	From, Until Month // of receipt, both included
	Agency      civic.AgencyCode
	Topic       civic.TopicCode
	Area        civic.AreaCode
}

// Year is the slice of one year, and of everything with year zero.
func Year(year int) Slice {
	if year == 0 {
		return Slice{}
	}
	return Slice{From: Month(fmt.Sprintf("%04d-01", year)), Until: Month(fmt.Sprintf("%04d-12", year))}
}

func (s *Slice) has(r *record) bool {
	return (s.From == "" || r.Month >= s.From) && (s.Until == "" || r.Month <= s.Until) && (s.Agency == "" || r.Agency == s.Agency) &&
		(s.Topic == "" || r.Topic == s.Topic) && (s.Area == "" || r.Area == s.Area)
}

// Report is everything about a slice.
type Report struct {
	At    time.Time // counted then
	Years []int     // in which anything was received, the latest first
	// Few tells that there is something, and too little to be told.
	Few   bool
	Total Figures
	// Agencies, Topics and Areas have the most cases first; Months the earliest.
	Agencies, Topics, Areas, Months []Group
}

// Cell is one line of the open data: what shares everything.
type Cell struct {
	Month  Month
	Agency civic.AgencyCode
	Topic  civic.TopicCode
	Area   civic.AreaCode
	Kind   civic.Kind
	Figures
}

// record is one submission. Its strings are shared with the registry's and a
// few others, so that it is small.
type record struct {
	Month  Month
	Agency civic.AgencyCode
	Topic  civic.TopicCode
	Area   civic.AreaCode
	Kind   civic.Kind

	state      civic.State
	timeliness civic.Timeliness
	overdue    int  // days since the deadline of an open case; negative before
	days       int  // until the answer, or so far
	answered   bool // days is until the answer
	reopened   bool
	prolonged  bool
	helped     civic.Helped
}

const day = 24 * time.Hour

// daysBetween counts whole days, as people do: on the day of receipt it is 0.
func daysBetween(from, to time.Time) int {
	midnight := func(at time.Time) time.Time {
		at = at.In(civic.Zone)
		return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, time.UTC)
	}
	return max(0, int(midnight(to).Sub(midnight(from))/day))
}

func recordOf(c store.Course, now time.Time) record {
	r := record{
		Month: MonthOf(c.ReceivedAt), Agency: c.Agency, Topic: c.Topic, Area: c.Area, Kind: c.Kind, state: c.State,
		timeliness: c.Timeliness, reopened: c.Reopened, prolonged: c.Extended, helped: c.Helped, overdue: -1, days: daysBetween(c.ReceivedAt, now),
	}
	if !c.AnsweredAt.IsZero() {
		r.days, r.answered = daysBetween(c.ReceivedAt, c.AnsweredAt), true
	}
	if civic.Open.Has(c.State) && !c.DueAt.IsZero() && now.After(c.DueAt) {
		r.overdue = daysBetween(c.DueAt, now)
	}
	return r
}

// counter adds records up.
type counter struct {
	f Figures
	// answered and alive count cases by days: answered after so many, and open
	// for so many.
	answered, alive map[int]int
}

func newCounter() *counter { return &counter{answered: map[int]int{}, alive: map[int]int{}} }

func (c *counter) add(r record) {
	f := &c.f
	f.Submissions++
	switch r.helped {
	case civic.HelpedYes:
		f.Yes++
	case civic.HelpedPartly:
		f.Partly++
	case civic.HelpedNo:
		f.No++
	}
	if r.state == civic.Merged {
		return
	}
	f.Cases++
	if r.reopened {
		f.Reopened++
	}
	switch r.state {
	case civic.Rejected:
		f.Refused++
		return
	case civic.Withdrawn:
		f.Withdrawn++
		return
	}
	switch r.timeliness {
	case civic.InTime:
		f.InTime++
	case civic.InExtendedBy:
		f.Extended++
	case civic.Late:
		f.Late++
	}
	if r.answered {
		c.answered[r.days]++
	} else {
		c.alive[r.days]++
		f.Open++
		c.addOpen(r)
	}
}

// addOpen looks at a case that has no answer at all: one that was opened again
// is counted by the answer that it had.
func (c *counter) addOpen(r record) {
	if r.overdue >= 0 {
		c.f.Overdue++
		c.f.LongestOverdue = max(c.f.LongestOverdue, r.overdue)
		if r.overdue > LongDays {
			c.f.LongOverdue++
		}
	}
	if r.prolonged {
		c.f.Prolonged++
	}
	if r.state == civic.AwaitingCitizen {
		c.f.Waiting++
	}
}

func (c *counter) figures() Figures {
	f := c.f
	f.Median, f.Ninth = c.daysUntil(0.5), c.daysUntil(0.9)
	if judged := f.Yes + f.Partly + f.No; judged > 0 && judged < leastJudged {
		f.Yes, f.Partly, f.No, f.FewJudged = 0, 0, 0, true
	}
	return f
}

// daysUntil estimates after how many days a share of the cases had an answer.
// A case that is open counts among those that wait for as long as it has
// waited, and says nothing about later: leaving it out would make whoever
// answers nothing look quick.
func (c *counter) daysUntil(share float64) int {
	waiting, last := 0, 0
	for _, byDay := range []map[int]int{c.answered, c.alive} {
		for d, n := range byDay {
			waiting += n
			last = max(last, d)
		}
	}
	open := 1.0 // the share that has no answer after the day
	for d := 0; d <= last; d++ {
		if n := c.answered[d]; n > 0 {
			open *= 1 - float64(n)/float64(waiting)
			const rounding = 1e-9
			if open <= 1-share+rounding {
				return d
			}
		}
		waiting -= c.answered[d] + c.alive[d]
	}
	return -1
}

// Year is the year of the month, 0 for what is no month.
func (m Month) Year() int {
	at, err := time.Parse("2006-01", string(m))
	if err != nil {
		return 0
	}
	return at.Year()
}

// groups are counters by code.
type groups map[string]*counter

func (g groups) at(code string) *counter {
	if g[code] == nil {
		g[code] = newCounter()
	}
	return g[code]
}

func (g groups) list(order func(a, b Group) int) []Group {
	out := make([]Group, 0, len(g))
	for code, c := range g {
		out = append(out, Group{code, c.figures()})
	}
	slices.SortFunc(out, order)
	return out
}
