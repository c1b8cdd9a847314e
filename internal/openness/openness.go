// Package openness counts for the public how submissions are handled: how many
// came and were answered, by when, how long it took, and whether it helped; by
// agency, topic, area and month.
//
// Everything is counted out of one pass over the submissions, which is kept for
// a while. What is counted is defined here once; pages, files and the API show
// the same numbers.
package openness

import (
	"cmp"
	"context"
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
	until time.Time // taken is kept so long
}

// Counting takes at most one part in keepFactor of the time, and what is shown
// is at least as old as leastKept allows.
const (
	keepFactor = 20
	leastKept  = time.Second
)

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
	Refused, Withdrawn     int
	Reopened               int // the sender objected to the answer
	// Yes, Partly and No are what senders say: whether the answer helped.
	Yes, Partly, No int
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

// Report is everything about a span of time.
type Report struct {
	At    time.Time // counted then
	Years []int     // in which anything was received, the latest first
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

// Report counts what was received in a year, or with year zero all.
func (s *Service) Report(ctx context.Context, year int) (Report, error) {
	p, err := s.picture(ctx)
	if err != nil {
		return Report{}, err
	}
	return p.report(year), nil
}

// Cells are the open data: of one month, or with an empty month all, in the
// order of their codes.
func (s *Service) Cells(ctx context.Context, month Month) ([]Cell, error) {
	p, err := s.picture(ctx)
	if err != nil {
		return nil, err
	}
	return p.cells(month), nil
}

// Months lists the months of the open data, the latest first.
func (s *Service) Months(ctx context.Context) ([]Month, error) {
	p, err := s.picture(ctx)
	if err != nil {
		return nil, err
	}
	var out []Month
	for _, r := range p.records {
		if len(out) == 0 || out[len(out)-1] != r.Month {
			out = append(out, r.Month)
		}
	}
	slices.Sort(out)
	out = slices.Compact(out)
	slices.Reverse(out)
	return out, nil
}

// picture returns the last one while it is fresh, else a new one. Whoever asks
// meanwhile waits for it.
func (s *Service) picture(ctx context.Context) (*picture, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	begun := s.Now()
	if s.taken != nil && begun.Before(s.until) {
		return s.taken, nil
	}
	p := &picture{at: begun}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		p.records = p.records[:0]
		return tx.Figures().Courses(ctx, func(c store.Course) { p.records = append(p.records, recordOf(c, p.at)) })
	})
	if err != nil {
		return nil, fmt.Errorf("count for the public: %w", err)
	}
	done := s.Now()
	s.taken, s.until = p, done.Add(max(leastKept, keepFactor*done.Sub(begun)))
	return p, nil
}

// picture is every submission as it is counted.
type picture struct {
	at      time.Time
	records []record
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
		timeliness: c.Timeliness, reopened: c.Reopened, helped: c.Helped, overdue: -1, days: daysBetween(c.ReceivedAt, now),
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
	}
	if r.state == civic.AwaitingCitizen {
		c.f.Waiting++
	}
}

func (c *counter) figures() Figures {
	c.f.Median, c.f.Ninth = c.daysUntil(0.5), c.daysUntil(0.9)
	return c.f
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

func (p *picture) report(year int) Report {
	out := Report{At: p.at}
	total := newCounter()
	agencies, topics, areas, months := groups{}, groups{}, groups{}, groups{}
	years := map[int]bool{}
	for _, r := range p.records {
		y := r.Month.Year()
		years[y] = true
		if year != 0 && y != year {
			continue
		}
		total.add(r)
		agencies.at(string(r.Agency)).add(r)
		topics.at(string(r.Topic)).add(r)
		areas.at(string(r.Area)).add(r)
		months.at(string(r.Month)).add(r)
	}
	for y := range years {
		out.Years = append(out.Years, y)
	}
	slices.SortFunc(out.Years, func(a, b int) int { return cmp.Compare(b, a) })
	out.Total = total.figures()
	most := func(a, b Group) int { return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Code, b.Code)) }
	out.Agencies, out.Topics, out.Areas = agencies.list(most), topics.list(most), areas.list(most)
	out.Months = months.list(func(a, b Group) int { return cmp.Compare(a.Code, b.Code) })
	return out
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

func (p *picture) cells(month Month) []Cell {
	type key struct {
		month  Month
		agency civic.AgencyCode
		topic  civic.TopicCode
		area   civic.AreaCode
		kind   civic.Kind
	}
	found := map[key]*counter{}
	for _, r := range p.records {
		if month != "" && r.Month != month {
			continue
		}
		k := key{r.Month, r.Agency, r.Topic, r.Area, r.Kind}
		if found[k] == nil {
			found[k] = newCounter()
		}
		found[k].add(r)
	}
	out := make([]Cell, 0, len(found))
	for k, c := range found {
		out = append(out, Cell{k.month, k.agency, k.topic, k.area, k.kind, c.figures()})
	}
	slices.SortFunc(out, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Topic, b.Topic),
			cmp.Compare(a.Area, b.Area), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}
