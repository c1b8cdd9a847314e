package triage_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
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
	states := []civic.State{civic.InReview}
	for name, r := range map[string]triage.QueueRequest{"mine": {View: civic.ViewMine, States: states}, "own work": {Mine: true, States: states}} {
		if got := d.queue(t, above, r); len(got) != 1 || got[0] != sub.Code {
			t.Errorf("%s of who stands in is %v", name, got)
		}
	}
}

func TestUrgencyMovesTheDeadlineButMakesNothingLate(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	lead := d.Staff(t, civic.RoleLead, house.Science)
	limit := civic.LimitVersion{LimitKey: civic.LimitKey{Use: civic.ForAnswer, Urgent: true}, Limit: civic.Limit{Clock: civic.WorkingDays, Amount: 5}, Source: "test", WrittenAt: d.Clock.Now()}
	d.Do(t, func(tx store.Tx) error {
		if err := tx.Timetable().Change(t.Context()); err != nil {
			return err
		}
		for _, v := range append(d.Registry.Limits.Versions(), limit) {
			v.WrittenAt = d.Clock.Now()
			if err := tx.Timetable().AddLimit(t.Context(), v); err != nil {
				return err
			}
		}
		return nil
	})
	if err := d.Times.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	sub := d.Receive(t, func(s *civic.Submission) { s.State, s.Agency = civic.InProgress, house.Science })
	mark := func(urgent bool) civic.Submission {
		if err := d.s.SetUrgent(t.Context(), lead, sub.Code, d.Case(t, sub.Code).Version, urgent, "Có nguy cơ cháy nổ"); err != nil {
			t.Fatal(err)
		}
		return d.Case(t, sub.Code)
	}
	if got, want := mark(true).DueAt, d.Calendar.Due(sub.ReceivedAt, limit.Limit); !got.Equal(want) {
		t.Errorf("urgent: due %s, want %s", got, want)
	}
	if got := mark(false).DueAt; !got.Equal(sub.DueAt) {
		t.Errorf("not urgent any more: due %s, want %s", got, sub.DueAt)
	}
	d.Clock.Advance(14 * 24 * time.Hour)
	if got := mark(true).DueAt; !got.Equal(sub.DueAt) {
		t.Errorf("urgent after five days have passed: due %s, want %s", got, sub.DueAt)
	}
	if n := d.CountEvents(t, sub.Code, civic.EventUrgent); n != 2 {
		t.Errorf("%d lines of history", n)
	}
}
