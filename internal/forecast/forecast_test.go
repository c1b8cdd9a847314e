package forecast_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/forecast"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/timetable"
)

// now is Wednesday 4 March 2026, 09:00 in Hanoi.
var now = time.Date(2026, 3, 4, 2, 0, 0, 0, time.UTC)

// due is the end of a working day, some days from now.
func due(days int) time.Time { return now.AddDate(0, 0, days).Add(8 * time.Hour) }

func TestForesee(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		times, err := timetable.Fixed(&civic.Registry{})
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		add := func(agency civic.AgencyCode, state civic.State, due time.Time, events ...civic.Event) civic.SubmissionID {
			n++
			sub := civic.Submission{
				Code: civic.Code(fmt.Sprintf("TEST%08d", n)), Kind: civic.Feedback, Title: "Đề nghị", Body: "Đề nghị nộp hồ sơ trực tuyến.",
				Channel: civic.ChannelWeb, Submitter: civic.Person, State: state, Agency: agency, Version: 1, Visibility: civic.Private,
				ReceivedAt: now.AddDate(0, 0, -30), UpdatedAt: now, DueAt: due,
			}
			got, err := h.Store.Receive(t.Context(), store.Receipt{Submission: sub, Events: events})
			if err != nil {
				t.Fatal(err)
			}
			return got.ID
		}
		// 43 working days lie between Monday 5 January and today: with 43 answers
		// the agency settles one case a day.
		answered := civic.Event{At: now.AddDate(0, 0, -9), Type: civic.EventAnswered, Actor: civic.ActorStaff, From: civic.InReview, To: civic.Answered}
		joined := answered
		joined.Type, joined.To = civic.EventMerged, civic.Merged
		for range 43 {
			add("a", civic.Answered, due(-5), answered)
		}
		add("a", civic.Merged, due(-5), joined)                   // no answer
		add("a", civic.Assigned, due(-1))                         // late already, and first in turn
		first := add("a", civic.InProgress, due(0))               // the second of today
		add("a", civic.AwaitingCitizen, due(0))                   // waits for the sender
		add("a", civic.Assigned, due(2))                          // the third of three days
		second, third := due(5), due(12)                          // Monday and the Monday after the horizon
		add("a", civic.InReview, second)                          // the fourth of four
		late := add("a", civic.Assigned, second.Add(time.Minute)) // the fifth of four
		add("a", civic.Assigned, third)
		never := add("b", civic.Assigned, due(5)) // never settled anything
		add("", civic.Triage, due(0))

		var got forecast.Forecast
		h.View(t, func(tx store.Tx) (err error) {
			got, err = forecast.Foresee(t.Context(), tx, times.Now(), nil, now)
			return err
		})
		want := forecast.Forecast{Until: time.Date(2026, 3, 16, 0, 0, 0, 0, civic.Zone), Agencies: []forecast.Agency{
			{Agency: "a", Rate: 1, Overdue: 1, Due: 4, Late: []civic.SubmissionID{first, late}},
			{Agency: "b", Due: 1, Late: []civic.SubmissionID{never}},
		}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		h.View(t, func(tx store.Tx) (err error) {
			got, err = forecast.Foresee(t.Context(), tx, times.Now(), []civic.AgencyCode{"b"}, now)
			return err
		})
		if diff := cmp.Diff([]civic.SubmissionID{never}, got.Late()); diff != "" {
			t.Errorf("within a scope: -want +got:\n%s", diff)
		}
	})
}
