package triage_test

import (
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

func TestLeadTakesTheWorkAlong(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		officer := d.Staff(t, civic.RoleOfficer, house.Science)
		group := d.campaign(t, 3, func(sub *civic.Submission) {
			sub.State, sub.Agency, sub.Assignee, sub.Handovers = civic.InProgress, house.Science, officer.User, 2
		})
		root, heir := group[0], group[2]
		d.Do(t, func(tx store.Tx) error {
			return tx.Routes().Put(t.Context(), civic.Route{Submission: root.ID, DecidedAt: d.Clock.Now(), By: civic.RouteByRule, Agency: house.Science, RuleID: "r"})
		})
		d.Change(t, heir.Code, func(sub *civic.Submission) {
			sub.DueAt, sub.ForwardDueAt = sub.DueAt.Add(time.Hour), sub.ForwardDueAt.Add(-time.Hour)
		})
		if err := d.s.Lead(t.Context(), d.coordinator, heir.Code, heir.Version, "Nói rõ hơn."); err != nil {
			t.Fatal(err)
		}
		got := d.Case(t, heir.Code)
		if got.State != civic.InProgress || got.Agency != house.Science || got.Assignee != officer.User || got.Handovers != 2 || got.Root != 0 {
			t.Errorf("the new lead is %+v", got)
		}
		if !got.DueAt.Equal(root.DueAt) || !got.ForwardDueAt.Equal(heir.ForwardDueAt.Add(-time.Hour)) {
			t.Errorf("due %s and %s: not the earlier of the two", got.DueAt, got.ForwardDueAt)
		}
		for _, sub := range []civic.Submission{root, group[1], group[3]} {
			if !follows(t, d, sub, heir) {
				t.Errorf("%s does not follow", sub.Code)
			}
		}
		if old := d.Case(t, root.Code); old.Agency != "" || old.Assignee != 0 || old.Version != root.Version+1 {
			t.Errorf("the old root is %+v", old)
		}
		for _, sub := range []civic.Submission{root, heir} {
			if d.CountEvents(t, sub.Code, civic.EventLeadMoved) != 1 {
				t.Errorf("%s has no line about it", sub.Code)
			}
		}
		if r := d.route(t, heir); r.RuleID != "r" {
			t.Errorf("the reason did not go along: %+v", r)
		}
		if len(d.Messages(t, root.Code))+len(d.Messages(t, heir.Code)) != 0 {
			t.Error("senders were told")
		}
		if err := d.s.Note(t.Context(), officer, heir.Code, got.Version, "Vẫn xử lý được."); err != nil {
			t.Errorf("the officer lost the work: %v", err)
		}
	})
}

func TestWhenNobodyElseMayLead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	lead := func(sub civic.Submission) error {
		return d.s.Lead(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, "")
	}
	for _, state := range civic.States {
		if state == civic.Merged {
			continue
		}
		group := d.campaign(t, 1, in(state))
		err := lead(group[1])
		if may := cluster.Leadable.Has(state); may != (err == nil) || !may && errs.CodeOf(err) != "lead.not_now" {
			t.Errorf("in place of one %s: %v", state, err)
		}
	}
	group := d.campaign(t, 1, in(civic.InProgress))
	d.Answer(t, group[0].Code, civic.Answer{Text: "Dự thảo.", DraftedAt: d.Clock.Now()})
	if err := lead(group[1]); errs.CodeOf(err) != "lead.answer_drafted" {
		t.Errorf("once an answer is drafted: %v", err)
	}
	if err := lead(d.Receive(t, in(civic.Triage))); errs.CodeOf(err) != "submission.move_not_allowed" {
		t.Errorf("what follows nothing: %v", err)
	}
}

func TestSplitClusterTakesTheNamedOnesOutTogether(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		group := d.campaign(t, 4, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
		root, lead, second := group[0], group[2], group[4]
		codes := []string{second.Code.String(), lead.Code.String(), " " + strings.ToLower(lead.Code.String())}
		if err := d.s.SplitCluster(t.Context(), d.coordinator, root.Code, root.Version, codes, "Việc khác."); err != nil {
			t.Fatal(err)
		}
		got := d.Case(t, lead.Code)
		if got.State != civic.Triage || got.Root != 0 || got.TriageReason != triage.ReasonUnmerged || d.CountEvents(t, lead.Code, civic.EventUnmerged) != 1 {
			t.Errorf("the new lead is %+v", got)
		}
		if !follows(t, d, second, lead) || !follows(t, d, group[1], root) || !follows(t, d, group[3], root) {
			t.Error("the two clusters are mixed up")
		}
		if d.CountEvents(t, second.Code, civic.EventUnmerged) != 0 || d.CountEvents(t, root.Code, civic.EventClusterSplit) != 1 {
			t.Error("the histories are wrong")
		}
		if d.job(t, store.JobRoute, lead.ID).ID == 0 {
			t.Error("the new lead is not routed")
		}
		d.View(t, func(tx store.Tx) error {
			for _, sub := range []civic.Submission{lead, second} {
				if barred, err := tx.Matches().Barred(t.Context(), root.ID, sub.ID); err != nil || !barred {
					t.Errorf("%s is not barred from the old root: %v", sub.Code, err)
				}
			}
			barred, err := tx.Matches().Barred(t.Context(), lead.ID, second.ID)
			if barred {
				t.Error("those who left together are barred from each other")
			}
			return err
		})
	})
}

func TestSplitClusterOfAllMembersLeavesTheRootAlone(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	group := d.campaign(t, 2, in(civic.Rejected))
	codes := []string{group[1].Code.String(), group[2].Code.String()}
	if err := d.s.SplitCluster(t.Context(), d.coordinator, group[0].Code, group[0].Version, codes, ""); err != nil {
		t.Fatal(err)
	}
	if c, err := d.s.Case(t.Context(), d.coordinator, group[0].Code); err != nil || c.Followers != 0 || c.Submission.State != civic.Rejected {
		t.Errorf("the root has %d followers, %v", c.Followers, err)
	}
	stranger := d.Receive(t, nil)
	root := d.Case(t, group[0].Code)
	for name, tt := range map[string]struct {
		members []string
		code    string
	}{
		"nobody": {nil, "field.required"}, "a stranger": {[]string{stranger.Code.String()}, "field.not_a_member"},
		"the root": {[]string{root.Code.String()}, "field.not_a_member"}, "no code": {[]string{"x"}, "field.not_a_code"},
		"an unknown code": {[]string{"HK-2222-2222-2222"}, "field.not_a_member"}, "who left": {codes[:1], "field.not_a_member"},
	} {
		err := d.s.SplitCluster(t.Context(), d.coordinator, root.Code, root.Version, tt.members, "")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "members" || f[0].Code != tt.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
