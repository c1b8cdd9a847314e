package reach_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/reach"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// TestWhoIsKnownShowsInNoWork: asking for lost codes does the same while the
// stranger waits, whether or not anything is known of what was typed.
func TestWhoIsKnownShowsInNoWork(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		w := h.Watch()
		s := &reach.Service{Store: w, Keys: h.Keys, Limits: w.Limits, Now: h.Clock.Now}
		sub := h.Receive(t, nil)
		var first []string
		for i, typed := range []string{house.Sender.Email, "nobody@example.vn", house.Sender.Phone, "0999888777"} {
			got := w.During(func() {
				if err := s.Lost(t.Context(), typed, "192.0.2.1"); err != nil {
					t.Fatal(err)
				}
			})
			if first == nil {
				first = got
			}
			if diff := cmp.Diff(first, got); diff != "" {
				t.Errorf("%s: -first +this:\n%s", typed, diff)
			}
			if n := len(h.Jobs(t, store.JobCodes)); n != i+1 {
				t.Errorf("%s: %d jobs wait", typed, n)
			}
		}
		if n := len(h.Messages(t, sub.Code)); n != 0 {
			t.Errorf("%d messages before the work in the background", n)
		}
		for range 2 { // what runs twice acts once
			for _, j := range h.Jobs(t, store.JobCodes) {
				if err := s.SendCodes(t.Context(), j.ID, j.Subject); err != nil {
					t.Fatal(err)
				}
			}
		}
		got := h.Messages(t, sub.Code)
		if len(got) != 2 || got[0].Kind != civic.MessageCode || got[1].Kind != civic.MessageCode || len(h.Jobs(t, store.JobCodes)) != 0 {
			t.Errorf("afterwards: %+v", got)
		}
	})
}
