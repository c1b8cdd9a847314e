package triage_test

import (
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

func TestACaseSaysWhoStandsInAndWhereItIsApproved(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	only, above := d.Staff(t, civic.RoleApprover, house.Science), d.Staff(t, civic.RoleLead, house.Government)
	sub := d.Receive(t, func(s *civic.Submission) { s.State, s.Agency, s.Assignee = civic.InReview, house.Science, only.User })
	d.Answer(t, sub.Code, civic.Answer{Text: "Bộ tiếp thu ý kiến.", DraftedBy: only.User, DraftedAt: d.Clock.Now(), SubmittedAt: d.Clock.Now()})
	look := func() (string, civic.AgencyCode, bool) {
		c, err := d.s.Case(t.Context(), above, sub.Code)
		if err != nil {
			t.Fatal(err)
		}
		return c.StandsIn, c.ApprovalAt, c.Unapprovable
	}
	if in, at, none := look(); in != "" || at != house.Government || none {
		t.Errorf("stands in %q, approved at %q, nobody %v", in, at, none)
	}
	d.Do(t, func(tx store.Tx) error {
		now := d.Clock.Now()
		_, err := tx.Absences().Add(t.Context(), civic.Absence{User: only.User, Substitute: above.User, From: now, Until: now.AddDate(0, 0, 1), WrittenAt: now})
		return err
	})
	if in, _, _ := look(); in != above.Name {
		t.Errorf("stands in %q", in)
	}
}
