package triage_test

import (
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

func TestWhatIsLetThroughGoesOnAsIfItHadJustComeIn(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		held := d.Receive(t, func(sub *civic.Submission) {
			sub.Hold, sub.Body = "hold.rate", pontoon+" cần được sửa chữa sớm"
		})
		d.settle(t)
		before := d.Case(t, held.Code)
		if before.State != civic.Triage || before.TriageReason != triage.ReasonHeld {
			t.Fatalf("it is in %s because of %q", before.State, before.TriageReason)
		}
		if err := d.s.Release(t.Context(), d.coordinator, held.Code, before.Version); err != nil {
			t.Fatal(err)
		}
		d.settle(t)
		after := d.Case(t, held.Code)
		if after.State != civic.Assigned || after.Agency != house.Education || after.Hold != "" || after.TriageReason != "" {
			t.Errorf("it is in %s with %q, held by %q, because of %q", after.State, after.Agency, after.Hold, after.TriageReason)
		}
		fails(t, d.s.Release(t.Context(), d.coordinator, held.Code, after.Version), "submission.not_held")
	})
}

func TestACopyThatIsLetThroughJoinsTheFirst(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		first := d.Receive(t, text(letter))
		copied := d.Receive(t, func(sub *civic.Submission) { text(letter)(sub); sub.Hold = "hold.repeat" })
		d.settle(t)
		if got := d.Case(t, copied.Code); got.State != civic.Triage {
			t.Fatalf("what is held joined by itself: %s", got.State)
		}
		if err := d.s.Release(t.Context(), d.coordinator, copied.Code, d.Case(t, copied.Code).Version); err != nil {
			t.Fatal(err)
		}
		d.settle(t)
		if got := d.Case(t, copied.Code); got.State != civic.Merged || got.Root != first.ID {
			t.Errorf("it is in %s below %d", got.State, got.Root)
		}
	})
}

func TestWhoMayLetThrough(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		held := d.Receive(t, func(sub *civic.Submission) {
			sub.Hold, sub.Agency, sub.State = "hold.rate", house.Education, civic.Triage
		})
		officer := d.Staff(t, civic.RoleOfficer, house.Education)
		fails(t, d.s.Release(t.Context(), officer, held.Code, held.Version), "actor.not_allowed")
		fails(t, d.s.Release(t.Context(), d.coordinator, held.Code, held.Version+1), "submission.version_mismatch")
	})
}

func fails(t *testing.T, err error, code string) {
	t.Helper()
	if errs.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}
