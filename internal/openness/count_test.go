package openness

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// Ten cases by hand. Answered on day 2, 3, 3, 5, 8, 13; open for 1, 4, 6 and 20
// days. At risk just before each answer: 9 on day 2 (one left on day 1), 8 on
// day 3, 5 on day 5 (one left on day 4), 3 on day 8 (one left on day 6), 2 on
// day 13. Without an answer after it: 8/9 = 0.889; x 6/8 = 0.667; x 4/5 =
// 0.533; x 2/3 = 0.356; x 1/2 = 0.178. So half had an answer after 8 days, and
// nine tenths cannot be told. Leaving the open ones out would say 3 and 13.
func TestOpenCasesCountInTheMedian(t *testing.T) {
	t.Parallel()
	answered, open := []int{2, 3, 3, 5, 8, 13}, []int{1, 4, 6, 20}
	if got := estimate(answered, open, 0.5); got != 8 {
		t.Errorf("the median is %d, want 8", got)
	}
	if got := estimate(answered, open, 0.8); got != 13 {
		t.Errorf("four fifths are %d, want 13", got)
	}
	if got := estimate(answered, open, 0.9); got != -1 {
		t.Errorf("nine tenths are %d, want unknown", got)
	}
	if got := estimate(answered, nil, 0.5); got != 3 {
		t.Errorf("the median without open cases is %d, want 3", got)
	}
}

func pictured(records ...record) *picture {
	return &picture{records: records, reports: map[Slice]Report{}, lines: map[Month][]Cell{}}
}

func TestLinesThatCouldNameSomebodyAreJoined(t *testing.T) {
	t.Parallel()
	one := func(agency civic.AgencyCode, topic civic.TopicCode, area civic.AreaCode, kind civic.Kind) record {
		return record{Month: "2026-11", Agency: agency, Topic: topic, Area: area, Kind: kind, state: civic.InProgress}
	}
	var records []record
	for range 5 { // enough to be told whole
		records = append(records, one("a", "t", "x", civic.Feedback))
	}
	for _, area := range []civic.AreaCode{"x1", "x2", "x3", "x4", "x5", "x6"} { // enough without their areas
		records = append(records, one("a", "t", area, civic.Solution))
	}
	records = append(records, one("a", "t", "y", civic.Initiative), one("a", "u", "y", civic.Initiative), one("b", "u", "y", civic.Feedback)) // never enough
	got := map[cellKey]int{}
	total := 0
	for _, c := range pictured(records...).cells("") {
		got[cellKey{c.Month, c.Agency, c.Topic, c.Area, c.Kind}] += c.Submissions
		total += c.Submissions
	}
	want := map[cellKey]int{
		{"2026-11", "a", "t", "x", civic.Feedback}:          5,
		{"2026-11", "a", "t", Withheld, civic.Solution}:     6,
		{"2026-11", Withheld, Withheld, Withheld, Withheld}: 3,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	if total != len(records) {
		t.Errorf("the lines add up to %d of %d", total, len(records))
	}
}

func TestASliceNarrows(t *testing.T) {
	t.Parallel()
	var records []record
	for _, r := range []record{
		{Month: "2025-12", Agency: "a", Topic: "t", Area: "x"}, {Month: "2026-01", Agency: "a", Topic: "u", Area: "x"},
		{Month: "2026-02", Agency: "b", Topic: "t", Area: "y"}, {Month: "2026-12", Agency: "b", Topic: "t", Area: "x"},
	} {
		for range leastCell {
			records = append(records, r)
		}
	}
	p := pictured(records...)
	for slice, want := range map[Slice]int{
		{}: 4, Year(2026): 3, Year(2024): 0, {From: "2026-01", Until: "2026-02"}: 2, {From: "2026-02"}: 2, {Until: "2025-12"}: 1,
		{Agency: "b"}: 2, {Topic: "t", Area: "x"}: 2, {Agency: "c"}: 0,
	} {
		if got := p.report(slice); got.Total.Submissions != want*leastCell || got.Few {
			t.Errorf("%+v has %d, want %d", slice, got.Total.Submissions, want*leastCell)
		}
	}
	if diff := cmp.Diff([]int{2026, 2025}, p.report(Year(2025)).Years); diff != "" {
		t.Errorf("years (-want +got):\n%s", diff)
	}
}

func TestANarrowedReportLeadsToNobody(t *testing.T) {
	t.Parallel()
	var records []record
	for i, topic := range []civic.TopicCode{"many", "many", "many", "many", "many", "one", "two", "two"} {
		records = append(records, record{Month: "2026-11", Agency: "a", Topic: topic, state: civic.Answered, timeliness: civic.InTime, answered: true, days: i})
	}
	records = append(records, record{Month: "2026-11", Agency: "b", Topic: "one", state: civic.InProgress})
	p := pictured(records...)
	report := p.report(Slice{Agency: "a"})
	got := map[string]Figures{}
	for _, g := range report.Topics {
		got[g.Code] = g.Figures
	}
	want := map[string]Figures{
		"many":   {Submissions: 5, Cases: 5, InTime: 5, Median: 2, Ninth: 4},
		Withheld: {Submissions: 3, Cases: 3, InTime: 3, Median: 6, Ninth: 7},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("topics of an agency (-want +got):\n%s", diff)
	}
	if few := p.report(Slice{Agency: "b"}); !few.Few || few.Total != (Figures{}) || few.Topics != nil {
		t.Errorf("a single letter is told: %+v", few)
	}
	if none := p.report(Slice{Agency: "c"}); none.Few {
		t.Error("nothing is called little")
	}
	if all := p.report(Slice{}); len(all.Topics) != 3 || len(all.Agencies) != 2 {
		t.Errorf("everything has %d topics and %d agencies", len(all.Topics), len(all.Agencies))
	}
}

func TestFewJudgementsAreNotTold(t *testing.T) {
	t.Parallel()
	c := newCounter()
	for range leastJudged - 1 {
		c.add(record{state: civic.Answered, answered: true, helped: civic.HelpedNo})
	}
	if f := c.figures(); f.No != 0 || !f.FewJudged {
		t.Errorf("four judgements are told: %+v", f)
	}
	c.add(record{state: civic.Answered, answered: true, helped: civic.HelpedYes})
	if f := c.figures(); f.No != 4 || f.Yes != 1 || f.FewJudged {
		t.Errorf("five judgements are %+v", f)
	}
}

// slow is a store whose counts wait until they are let go.
type slow struct {
	store.Store
	begun chan struct{}
	let   chan error
}

func (s *slow) View(context.Context, func(store.Tx) error) error {
	s.begun <- struct{}{}
	return <-s.let
}

func TestNobodyButTheFirstWaitsForACount(t *testing.T) {
	t.Parallel()
	st := &slow{begun: make(chan struct{}, 2), let: make(chan error, 2)}
	var mu sync.Mutex
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, civic.Zone)
	pass := func(d time.Duration) { mu.Lock(); defer mu.Unlock(); now = now.Add(d) }
	s := &Service{Store: st, Now: func() time.Time { mu.Lock(); defer mu.Unlock(); return now }}
	ctx := t.Context()

	left, leave := context.WithCancel(ctx)
	leave()
	if _, err := s.Report(left, Slice{}); !errors.Is(err, context.Canceled) {
		t.Errorf("who left gets %v", err)
	}
	<-st.begun // the count goes on for the next
	st.let <- nil
	if _, err := s.Report(ctx, Slice{}); err != nil {
		t.Fatal(err)
	}
	pass(2 * time.Second) // it is not new any more
	first := now.Add(-2 * time.Second)
	for range 3 {
		if report, err := s.Report(ctx, Slice{}); err != nil || !report.At.Equal(first) {
			t.Errorf("while it is counted anew: %v, %v", report.At, err)
		}
	}
	<-st.begun // once for the three
	pass(2 * time.Minute)
	for range 2 { // for the count under way, and for one more where that has ended already
		st.let <- errors.New("the database is away")
	}
	if _, err := s.Report(ctx, Slice{}); err == nil {
		t.Error("what is two minutes old is shown as new")
	}
}
