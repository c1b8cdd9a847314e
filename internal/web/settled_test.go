package web

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestThePublicIsToldOfADeadlineOnceItIsDecided(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, time.November, 30, 16, 59, 59, 0, time.UTC)
	open := civic.Submission{State: civic.InProgress, DueAt: due}
	answered := civic.Submission{State: civic.Answered, DueAt: due, AnsweredAt: due.Add(-time.Hour)}
	for _, tt := range []struct {
		name string
		sub  civic.Submission
		now  time.Time
		want civic.DueState
	}{
		{"nothing while there is time", open, due.AddDate(0, 0, -20), ""},
		{"nothing on the last day", open, due.Add(-time.Hour), ""},
		{"late while it is open", open, due.Add(time.Hour), civic.Overdue},
		{"kept once it is answered", answered, due.AddDate(0, 1, 0), civic.AnsweredOn},
	} {
		if got := settledDue(tt.sub, tt.now); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestTheQueueNamesNoAgencyThatIsHardlyLikely(t *testing.T) {
	t.Parallel()
	const agency = civic.AgencyCode("bo-y-te")
	for score, want := range map[float64]bool{0.05: false, 0.24: false, 0.25: true, 0.9: true} {
		item := store.QueueItem{HasRoute: true, Route: civic.Route{Agency: agency, Score: score}}
		if got := suggests(item); got != want {
			t.Errorf("at %v it suggests: %v", score, got)
		}
	}
}
