package intake_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// Whoever sends a campaign's text first and takes it back would otherwise take
// everybody's submission with the own one: what follows a root is in no queue.
func TestFollowersOutliveTheirWithdrawnRoot(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, committed := service(h)
		acks := make([]intake.Acknowledgement, 4)
		for i := range acks {
			acks[i] = submit(t, s, request())
			h.Clock.Advance(time.Minute)
		}
		root, heir, others := acks[0], acks[1], acks[2:]
		for _, follower := range acks[1:] {
			h.Follow(t, follower.Code, root.Code)
			h.Clock.Advance(time.Minute)
		}
		before, told := h.Case(t, heir.Code).Version, *committed
		if err := s.Withdraw(t.Context(), sender(t, s, root), root.Code); err != nil {
			t.Fatalf("withdraw: %v", err)
		}

		got := h.Case(t, heir.Code)
		if got.State != civic.Triage || got.Root != 0 || got.Agency != "" || got.TriageReason != "triage.lead_withdrawn" || got.Version != before+1 {
			t.Errorf("the heir is %+v", got)
		}
		if n := h.CountEvents(t, heir.Code, civic.EventUnmerged); n != 1 {
			t.Errorf("the heir was taken out %d times", n)
		}
		routed := 0
		for _, j := range h.Jobs(t, store.JobRoute) {
			if civic.SubmissionID(j.Subject) == got.ID {
				routed++
			}
		}
		if routed != 1 || *committed != told+1 {
			t.Errorf("the heir has %d routing jobs, announced %d times", routed, *committed-told)
		}
		for _, other := range others {
			sub := h.Case(t, other.Code)
			h.View(t, func(tx store.Tx) error {
				m, err := tx.Matches().Membership(t.Context(), sub.ID)
				if sub.State != civic.Merged || sub.Root != got.ID || m.Root != got.ID {
					t.Errorf("a follower is %s and follows %d and %d, want %d", sub.State, sub.Root, m.Root, got.ID)
				}
				return err
			})
		}
		h.View(t, func(tx store.Tx) error {
			_, left, err := tx.Matches().Members(t.Context(), h.Case(t, root.Code).ID, 10)
			if left != 0 {
				t.Errorf("%d still follow what was withdrawn", left)
			}
			return err
		})
	})
}
