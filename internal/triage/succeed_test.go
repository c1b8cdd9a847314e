package triage_test

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// merged ends bo-cu in favour of Science, as the registry's page does, and gives
// back the version.
func (d *desk) merged(t *testing.T) (job, change int64) {
	t.Helper()
	d.Registry.Agencies = append(d.Registry.Agencies, civic.Agency{
		Code: ended, Parent: house.Science, Names: civic.Names{civic.Vietnamese: "Bộ Cũ"}, Receives: true,
		Valid: civic.Period{Until: d.Clock.Now()}, Successors: []civic.AgencyCode{house.Science},
	})
	d.Do(t, func(tx store.Tx) (err error) {
		change, err = tx.Directory().Add(t.Context(), civic.EntryChange{
			Act: civic.EntryMerged, Kind: civic.AgencyEntry, Code: string(ended), Reason: "Nghị quyết", WrittenAt: d.Clock.Now(),
			Entry: civic.Entry{Kind: civic.AgencyEntry, Code: string(ended), Successors: []string{string(house.Science)}},
		})
		if err != nil {
			return err
		}
		job, err = tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobSucceed, Subject: change, CreatedAt: d.Clock.Now()})
		return err
	})
	return job, change
}

func TestWhoeverHandlesACaseGoesOnAtTheSuccessor(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		along, left := d.Staff(t, civic.RoleOfficer, house.Science), d.Staff(t, civic.RoleOfficer, house.Education)
		give := func(state civic.State, by civic.UserID) civic.Submission {
			return d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency, sub.Assignee = state, ended, by })
		}
		for name, tt := range map[string]struct {
			was  civic.State
			by   civic.UserID
			want civic.State
			who  civic.UserID
		}{
			"handled by who moved along":   {civic.InProgress, along.User, civic.InProgress, along.User},
			"handled by who did not":       {civic.InProgress, left.User, civic.Assigned, 0},
			"waiting for the sender":       {civic.AwaitingCitizen, along.User, civic.AwaitingCitizen, along.User},
			"waiting, of who did not move": {civic.AwaitingCitizen, left.User, civic.AwaitingCitizen, 0},
			"waiting for a second person":  {civic.InReview, along.User, civic.InReview, along.User},
			"accepted by nobody":           {civic.Assigned, 0, civic.Assigned, 0},
		} {
			sub := give(tt.was, tt.by)
			defer func() {
				got := d.Case(t, sub.Code)
				if got.State != tt.want || got.Assignee != tt.who || got.Agency != house.Science || !got.DueAt.Equal(sub.DueAt) || got.Handovers != 0 {
					t.Errorf("%s: %s by %d at %s", name, got.State, got.Assignee, got.Agency)
				}
				events := d.Events(t, sub.Code)
				if last := events[len(events)-1]; last.Type != civic.EventAssigned || last.Reason != "Nghị quyết" || last.Agency != house.Science {
					t.Errorf("%s: its history ends with %+v", name, last)
				}
			}()
		}
		job, change := d.merged(t)
		for range 2 { // what runs twice acts once
			if err := d.s.Succeed(t.Context(), job, change); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(d.Jobs(t, store.JobNotify)); n != 0 {
			t.Errorf("the successor got %d mails, one for each case", n)
		}
	})
}

func TestARuleThatNamesAnAgencyWhichEndedLeadsToItsSuccessor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	for i := range d.Registry.Agencies {
		if a := &d.Registry.Agencies[i]; a.Code == house.Education {
			a.Valid.Until, a.Successors = d.Clock.Now(), []civic.AgencyCode{house.Science}
		}
	}
	d.Clock.Advance(time.Minute)
	sub := d.Receive(t, func(sub *civic.Submission) { sub.Body = "Xin làm " + pontoon + " qua sông cho học sinh." })
	d.settle(t)
	got, r := d.Case(t, sub.Code), d.route(t, sub)
	if got.State != civic.Assigned || got.Agency != house.Science || r.Agency != house.Science || r.RuleID != "test-pontoon" || len(r.RuleErrors) != 0 {
		t.Errorf("it is %s at %q by %+v", got.State, got.Agency, r)
	}
}
