package insight_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/insight"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/timetable"
)

// stock receives n cases of thirty weeks, half of them open, with the history
// that figures read.
func stock(b *testing.B, h *house.House, n int) {
	b.Helper()
	now := h.Clock.Now()
	var wg sync.WaitGroup
	lanes := make(chan int)
	for range 64 { // as many as fill the group commit
		wg.Go(func() {
			for i := range lanes {
				if _, err := h.Store.Receive(b.Context(), stocked(i, now)); err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range n {
		lanes <- i
	}
	close(lanes)
	wg.Wait()
}

func stocked(i int, now time.Time) store.Receipt {
	at := now.Add(-time.Duration(i%5000) * time.Hour)
	sub := civic.Submission{
		Code: civic.Code(fmt.Sprintf("TEST%08d", i)), Kind: civic.Feedback, Title: "Đề nghị", Body: "Đề nghị nộp hồ sơ trực tuyến cho người dân ở xa.",
		Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.Open[i%len(civic.Open)], Version: 1, Visibility: civic.Private,
		Agency: civic.AgencyCode(fmt.Sprintf("agency-%d", i%40)), ReceivedAt: at, UpdatedAt: at, DueAt: at.AddDate(0, 0, 21),
	}
	events := []civic.Event{
		{At: at, Type: civic.EventReceived, Actor: civic.ActorSender, From: civic.Received, To: civic.Received},
		{At: at, Type: civic.EventRouted, Actor: civic.ActorSystem, From: civic.Received, To: civic.Assigned, Agency: sub.Agency},
		{At: at.Add(time.Hour), Type: civic.EventAccepted, Actor: civic.ActorStaff, From: civic.Assigned, To: civic.InProgress},
	}
	if i%2 == 0 {
		sub.State = civic.Answered
		events = append(events, civic.Event{At: at.AddDate(0, 0, 5), Type: civic.EventAnswered, Actor: civic.ActorStaff, From: civic.InReview, To: civic.Answered})
	}
	return store.Receipt{Submission: sub, Events: events}
}

// BenchmarkSteering measures the page of half a year at ten thousand and at a
// hundred thousand cases, for everything and for one agency. Beside it stands a
// plain pass over every case, which no figure should need.
func BenchmarkSteering(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *house.House{"sqlite": house.New, "postgres": house.NewPostgres} {
		for _, n := range []int{10_000, 100_000} {
			h := open(b)
			stock(b, h, n)
			times, err := timetable.Fixed(h.Registry)
			if err != nil {
				b.Fatal(err)
			}
			reg := &civic.Registry{Agencies: []civic.Agency{{Code: "agency-7"}}}
			service := insight.Service{Store: h.Store, Registry: reg, Times: times, Now: h.Clock.Now}
			for who, r := range map[string]insight.SteeringRequest{"all": {Weeks: insight.MaxWeeks}, "one": {Weeks: insight.MaxWeeks, Within: "agency-7"}} {
				b.Run(fmt.Sprintf("%s/%d/%s", name, n, who), func(b *testing.B) {
					for b.Loop() {
						if _, err := service.Steering(b.Context(), coordinator, r); err != nil {
							b.Fatal(err)
						}
					}
				})
			}
			b.Run(fmt.Sprintf("%s/%d/pass", name, n), func(b *testing.B) {
				for b.Loop() {
					h.View(b, func(tx store.Tx) error { return tx.Figures().Courses(b.Context(), func(store.Course) {}) })
				}
			})
		}
	}
}
