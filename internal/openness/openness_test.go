package openness

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestEachSubmissionIsCountedWhereItBelongs(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s := &Service{Store: h.Store, Now: h.Clock.Now}
		begun := h.Clock.Now()
		put := func(edit func(sub *civic.Submission)) civic.Submission {
			sub := h.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, "bo-y-te" })
			h.Change(t, sub.Code, edit)
			return h.Case(t, sub.Code)
		}
		answer := func(days int) func(sub *civic.Submission) {
			return func(sub *civic.Submission) {
				sub.State, sub.AnsweredAt = civic.Answered, begun.AddDate(0, 0, days)
			}
		}
		due := put(func(*civic.Submission) {}).DueAt
		root := put(answer(3))
		put(func(sub *civic.Submission) {
			answer(30)(sub)
			sub.Extended, sub.FirstDueAt, sub.DueAt = 15, due, due.AddDate(0, 0, 30)
		})
		put(answer(50))
		put(func(sub *civic.Submission) {
			answer(50)(sub)
			sub.FirstTimeliness = sub.Timeliness()
			sub.State, sub.ReopenedAt, sub.DueAt = civic.Triage, begun.AddDate(0, 0, 55), begun.AddDate(0, 0, 80)
		})
		put(func(sub *civic.Submission) { sub.State = civic.Rejected })
		put(func(sub *civic.Submission) { sub.State = civic.Withdrawn })
		put(func(sub *civic.Submission) { sub.State, sub.DueAt = civic.AwaitingCitizen, begun.AddDate(0, 0, 90) })
		h.Follow(t, put(func(*civic.Submission) {}).Code, root.Code)
		h.Answer(t, root.Code, civic.Answer{Text: "Trả lời.", Outcome: civic.OutcomeAccepted, ApprovedAt: begun})
		h.Do(t, func(tx store.Tx) error {
			a, err := tx.Answers().Get(t.Context(), root.ID)
			if err != nil {
				return err
			}
			return tx.Ratings().Put(t.Context(), civic.Rating{Submission: root.ID, Answer: a.ID, Helped: civic.HelpedPartly, RatedAt: begun})
		})
		h.Clock.Set(begun.AddDate(0, 0, 60))
		report, err := s.Report(t.Context(), Slice{})
		if err != nil {
			t.Fatal(err)
		}
		want := Figures{
			Submissions: 9, Cases: 8, InTime: 1, Extended: 1, Late: 2, Open: 2, Overdue: 1, Waiting: 1, Refused: 1, Withdrawn: 1, Reopened: 1,
			FewJudged: true, LongOverdue: 1, Median: 50, Ninth: -1, LongestOverdue: daysBetween(due, h.Clock.Now()),
		}
		if diff := cmp.Diff(want, report.Total); diff != "" {
			t.Errorf("figures (-want +got):\n%s", diff)
		}
		if len(report.Agencies) != 1 || report.Agencies[0].Code != "bo-y-te" || report.Agencies[0].Figures != report.Total {
			t.Errorf("agencies %+v", report.Agencies)
		}
		if share, ok := report.Total.InTimeShare(); !ok || share != 0.2 { // one of four answers and an overdue case
			t.Errorf("in time %v, %v", share, ok)
		}
		cells, err := s.Cells(t.Context(), MonthOf(begun))
		if err != nil || len(cells) != 1 || cells[0].Figures != report.Total {
			t.Errorf("cells %+v, %v", cells, err)
		}
		if other, err := s.Report(t.Context(), Year(1999)); err != nil || other.Total.Submissions != 0 || len(other.Years) != 1 {
			t.Errorf("another year: %+v, %v", other.Total, err)
		}
	})
}

func estimate(answered, open []int, share float64) int {
	c := newCounter()
	for _, d := range answered {
		c.add(record{state: civic.Answered, timeliness: civic.InTime, answered: true, days: d})
	}
	for _, d := range open {
		c.add(record{state: civic.InProgress, days: d})
	}
	return c.daysUntil(share)
}

func TestDaysUntilAnAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name           string
		answered, open []int
		median, ninth  int
	}{
		{"nothing", nil, nil, -1, -1},
		{"all answered", []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, nil, 5, 9},
		{"on the same day", []int{0, 0, 0}, nil, 0, 0},
		{"none answered", nil, []int{5, 9, 100}, -1, -1},
		{"quick answers, and many that wait long", []int{1, 1, 1}, []int{90, 90, 90, 90, 90}, -1, -1},
		{"what came yesterday says nothing yet", []int{2, 2, 2}, []int{1, 1, 1, 1, 1}, 2, 2},
		// Worked by hand: 6 at risk, 4/6 after day 6 (two answers), 4/6·2/3 after day 13, then one is left.
		{"open ones in between", []int{6, 6, 13, 22}, []int{10, 16}, 13, 22},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if m, n := estimate(tt.answered, tt.open, 0.5), estimate(tt.answered, tt.open, 0.9); m != tt.median || n != tt.ninth {
				t.Errorf("half after %d, nine tenths after %d days; want %d and %d", m, n, tt.median, tt.ninth)
			}
		})
	}
}

// Where everything is answered the estimate is the plain quantile.
func TestWithoutOpenCasesItIsThePlainQuantile(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		days := make([]int, 1+random.IntN(60))
		for i := range days {
			days[i] = random.IntN(40)
		}
		sorted := slices.Sorted(slices.Values(days))
		for _, share := range []float64{0.5, 0.9} {
			at := 0
			for float64(at+1) < share*float64(len(sorted))-1e-9 {
				at++
			}
			if got := estimate(days, nil, share); got != sorted[at] {
				t.Fatalf("%.1f of %v: %d, want %d", share, sorted, got, sorted[at])
			}
		}
	}
}

func TestDaysAreThoseOfTheCalendar(t *testing.T) {
	t.Parallel()
	evening := time.Date(2026, 11, 23, 23, 59, 0, 0, civic.Zone)
	for want, to := range map[int]time.Time{0: evening.Add(30 * time.Second), 1: evening.Add(2 * time.Minute), 7: evening.AddDate(0, 0, 7)} {
		if got := daysBetween(evening, to); got != want {
			t.Errorf("%d days, want %d", got, want)
		}
	}
}
