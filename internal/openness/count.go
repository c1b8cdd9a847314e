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

const (
	// Counting takes at most one part in keepFactor of the time, and a picture is
	// new for at least leastKept.
	keepFactor = 20
	leastKept  = time.Second
	// mostStale is for how long the last picture is shown after that, while the
	// next one is taken: nobody but the very first waits.
	mostStale = time.Minute
	// slicesKept is how many slices of a picture are kept: those that people look
	// at, not every one that a program may ask for.
	slicesKept = 256
)

// round is a count under way.
type round struct {
	done chan struct{}
	err  error
}

// Report counts a slice.
func (s *Service) Report(ctx context.Context, slice Slice) (Report, error) {
	p, err := s.picture(ctx)
	if err != nil {
		return Report{}, err
	}
	return kept(p, p.reports, slice, p.report), nil
}

// Cells are the open data: of one month, or with an empty month all, in the
// order of their codes.
func (s *Service) Cells(ctx context.Context, month Month) ([]Cell, error) {
	p, err := s.picture(ctx)
	if err != nil {
		return nil, err
	}
	return kept(p, p.lines, month, p.cells), nil
}

// Months lists the months of the open data, the latest first.
func (s *Service) Months(ctx context.Context) ([]Month, error) {
	report, err := s.Report(ctx, Slice{})
	if err != nil {
		return nil, err
	}
	out := make([]Month, 0, len(report.Months))
	for _, g := range slices.Backward(report.Months) {
		out = append(out, Month(g.Code))
	}
	return out, nil
}

// picture returns the last one while it is new. Who finds it old has a new one
// taken and meanwhile gets the old one; who finds none, or one that is too old
// to be shown, waits. A count goes on when who asked for it has left: the next
// would begin it again.
func (s *Service) picture(ctx context.Context) (*picture, error) {
	s.mu.Lock()
	now := s.Now()
	if s.taken != nil && now.Before(s.until) {
		defer s.mu.Unlock()
		return s.taken, nil
	}
	r := s.round
	if r == nil {
		r = &round{done: make(chan struct{})}
		s.round = r
		go s.count(context.WithoutCancel(ctx), r)
	}
	old := s.taken
	if now.After(s.until.Add(mostStale)) {
		old = nil
	}
	s.mu.Unlock()
	if old != nil {
		return old, nil
	}
	select {
	case <-r.done:
	case <-ctx.Done():
		return nil, fmt.Errorf("count for the public: %w", ctx.Err())
	}
	if r.err != nil {
		return nil, fmt.Errorf("count for the public: %w", r.err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.taken, nil
}

func (s *Service) count(ctx context.Context, r *round) {
	begun := s.Now()
	p := &picture{at: begun, reports: map[Slice]Report{}, lines: map[Month][]Cell{}}
	r.err = s.Store.View(ctx, func(tx store.Tx) error {
		p.records = p.records[:0]
		return tx.Figures().Courses(ctx, func(c store.Course) { p.records = append(p.records, recordOf(c, p.at)) })
	})
	done := s.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	if r.err == nil {
		s.taken, s.until = p, done.Add(max(leastKept, keepFactor*done.Sub(begun)))
	}
	s.round = nil
	close(r.done)
}

// picture is every submission as it is counted. What was counted out of it is
// kept with it and must not be changed.
type picture struct {
	at      time.Time
	records []record

	mu      sync.Mutex
	reports map[Slice]Report
	lines   map[Month][]Cell
}

// kept returns what was counted of a picture already, or counts it.
func kept[K comparable, V any](p *picture, of map[K]V, key K, count func(K) V) V {
	p.mu.Lock()
	v, ok := of[key]
	p.mu.Unlock()
	if ok {
		return v
	}
	v = count(key)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(of) < slicesKept {
		of[key] = v
	}
	return v
}

func (p *picture) report(slice Slice) Report {
	out := Report{At: p.at}
	total := newCounter()
	agencies, topics, areas, months := groups{}, groups{}, groups{}, groups{}
	years := map[Month]bool{} // by one month of each
	for i := range p.records {
		r := &p.records[i]
		years[r.Month] = true
		if !slice.has(r) {
			continue
		}
		total.add(*r)
		agencies.at(string(r.Agency)).add(*r)
		topics.at(string(r.Topic)).add(*r)
		areas.at(string(r.Area)).add(*r)
		months.at(string(r.Month)).add(*r)
	}
	for m := range years {
		out.Years = append(out.Years, m.Year())
	}
	slices.SortFunc(out.Years, func(a, b int) int { return cmp.Compare(b, a) })
	out.Years = slices.Compact(out.Years)
	if out.Total = total.figures(); slice.narrow() {
		if out.Total.Submissions < leastCell {
			return Report{At: out.At, Years: out.Years, Few: out.Total.Submissions > 0}
		}
		for _, g := range []groups{agencies, topics, areas, months} {
			g.join()
		}
	}
	most := func(a, b Group) int { return cmp.Or(cmp.Compare(b.Cases, a.Cases), cmp.Compare(a.Code, b.Code)) }
	out.Agencies, out.Topics, out.Areas = agencies.list(most), topics.list(most), areas.list(most)
	out.Months = months.list(func(a, b Group) int { return cmp.Compare(a.Code, b.Code) })
	return out
}

// narrow reports whether a slice could lead to single people: anything but
// everything and whole years.
func (s Slice) narrow() bool {
	return s != Slice{} && s != Year(s.From.Year())
}

// join puts all groups that are too small to be told into one.
func (g groups) join() {
	for code, c := range g {
		if code == Withheld || c.f.Submissions >= leastCell {
			continue
		}
		delete(g, code)
		g.at(Withheld).take(c)
	}
}

// take adds what another one counted.
func (c *counter) take(o *counter) {
	a, b := &c.f, &o.f
	for _, sum := range []struct {
		into *int
		n    int
	}{
		{&a.Submissions, b.Submissions}, {&a.Cases, b.Cases}, {&a.InTime, b.InTime}, {&a.Extended, b.Extended}, {&a.Late, b.Late},
		{&a.Open, b.Open}, {&a.Overdue, b.Overdue}, {&a.Waiting, b.Waiting}, {&a.LongOverdue, b.LongOverdue}, {&a.Prolonged, b.Prolonged},
		{&a.Refused, b.Refused}, {&a.Withdrawn, b.Withdrawn}, {&a.Reopened, b.Reopened}, {&a.Yes, b.Yes}, {&a.Partly, b.Partly}, {&a.No, b.No},
	} {
		*sum.into += sum.n
	}
	a.LongestOverdue = max(a.LongestOverdue, b.LongestOverdue)
	for days, n := range o.answered {
		c.answered[days] += n
	}
	for days, n := range o.alive {
		c.alive[days] += n
	}
}

// Withheld stands in a line of the open data for what is not told.
const Withheld = "*"

// leastCell is how many submissions a line of the open data, and a group of a
// narrowed report, is about at least.
// Where fewer share everything, first the area is withheld, then the kind, the
// topic and the agency, until there are enough: month, place, subject and agency
// of a single letter could tell who wrote it. The lines still add up to all.
const leastCell = 5

// cellKey is what the submissions of a line share.
type cellKey struct {
	month  Month
	agency civic.AgencyCode
	topic  civic.TopicCode
	area   civic.AreaCode
	kind   civic.Kind
}

// withhold are the steps from what is told to what may be.
var withhold = []func(k *cellKey){
	func(k *cellKey) { k.area = Withheld }, func(k *cellKey) { k.kind = Withheld },
	func(k *cellKey) { k.topic = Withheld }, func(k *cellKey) { k.agency = Withheld },
}

func (p *picture) cells(month Month) []Cell {
	waiting := map[cellKey][]*record{}
	for i := range p.records {
		if r := &p.records[i]; month == "" || r.Month == month {
			k := cellKey{r.Month, r.Agency, r.Topic, r.Area, r.Kind}
			waiting[k] = append(waiting[k], r)
		}
	}
	var out []Cell
	for step := 0; len(waiting) > 0; step++ {
		next := map[cellKey][]*record{}
		for k, records := range waiting {
			if len(records) < leastCell && step < len(withhold) {
				withhold[step](&k)
				next[k] = append(next[k], records...)
				continue
			}
			c := newCounter()
			for _, r := range records {
				c.add(*r)
			}
			out = append(out, Cell{k.month, k.agency, k.topic, k.area, k.kind, c.figures()})
		}
		waiting = next
	}
	slices.SortFunc(out, func(a, b Cell) int {
		return cmp.Or(cmp.Compare(a.Month, b.Month), cmp.Compare(a.Agency, b.Agency), cmp.Compare(a.Topic, b.Topic),
			cmp.Compare(a.Area, b.Area), cmp.Compare(a.Kind, b.Kind))
	})
	return out
}
