package triage_test

import (
	"sync"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
	"hienke/internal/triage"
)

// in returns an edit that puts a case into a state.
func in(state civic.State) func(*civic.Submission) {
	return func(sub *civic.Submission) { sub.State = state }
}

// campaign receives a root and n that follow it, a minute apart.
func (d *desk) campaign(t *testing.T, n int, root func(*civic.Submission)) []civic.Submission {
	t.Helper()
	subs := make([]civic.Submission, n+1)
	for i := range subs {
		edit := root
		if i > 0 {
			edit = nil
		}
		subs[i] = d.Receive(t, edit)
		d.Clock.Advance(time.Minute)
	}
	for _, sub := range subs[1:] {
		d.Follow(t, sub.Code, subs[0].Code)
	}
	for i := range subs {
		subs[i] = d.Case(t, subs[i].Code)
	}
	return subs
}

// merge merges as the coordinator who sees the case as it is.
func (d *desk) merge(t *testing.T, sub, into civic.Submission, reason string) error {
	t.Helper()
	return d.s.Merge(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, into.Code.String(), reason)
}

func TestMergeIntoAnOpenCaseBringsTheFollowersAlong(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		target := d.Receive(t, func(sub *civic.Submission) { sub.State, sub.Agency = civic.InProgress, house.Science })
		own := d.campaign(t, 3, in(civic.Triage))
		if err := d.merge(t, own[0], target, "Cùng một việc."); err != nil {
			t.Fatal(err)
		}
		for _, sub := range own {
			if !follows(t, d, sub, target) {
				t.Errorf("%s does not follow", sub.Code)
			}
		}
		got := d.Case(t, own[0].Code)
		if got.Agency != "" || got.TriageReason != "" || got.Version != own[0].Version+1 || !got.DueAt.Equal(own[0].DueAt) {
			t.Errorf("the merged case is %+v", got)
		}
		events := d.Events(t, own[0].Code)
		if e := events[len(events)-1]; e.Type != civic.EventMerged || e.Reason != "Cùng một việc." || e.User != d.coordinator.User || e.Agency != house.Science {
			t.Errorf("the event is %+v", e)
		}
		if c, err := d.s.Case(t.Context(), d.coordinator, target.Code); err != nil || c.Followers != 4 {
			t.Errorf("the target has %d followers, %v", c.Followers, err)
		}
	})
}

func TestMergeIntoAFollowerJoinsItsRoot(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	group, sub := d.campaign(t, 1, in(civic.Assigned)), d.Receive(t, in(civic.Triage))
	if err := d.merge(t, sub, group[1], ""); err != nil {
		t.Fatal(err)
	}
	if !follows(t, d, sub, group[0]) {
		t.Error("it does not follow the root")
	}
}

func TestMergeIntoAPublishedAnswerTellsEverybodyOnce(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		target := d.answered(t, civic.PublicWithAnswer)
		own := d.campaign(t, 2, in(civic.Triage))
		if err := d.merge(t, own[0], target, ""); err != nil {
			t.Fatal(err)
		}
		if m := d.Messages(t, own[0].Code); len(m) != 1 || m[0].Kind != civic.MessageAnswer {
			t.Errorf("the sender is told %+v", m)
		}
		if jobs := d.Jobs(t, store.JobTell); len(jobs) != 1 || jobs[0].Subject != int64(target.ID) {
			t.Errorf("to be told: %+v", jobs)
		}
		d.View(t, func(tx store.Tx) error {
			answer, err := tx.Answers().Get(t.Context(), target.ID)
			if err != nil {
				return err
			}
			untold, err := tx.Matches().Untold(t.Context(), target.ID, answer.ID, 10)
			if len(untold) != 2 {
				t.Errorf("%d are still to be told, want the two followers", len(untold))
			}
			return err
		})
	})
}

// answered receives a case with an approved answer.
func (d *desk) answered(t *testing.T, v civic.Visibility) civic.Submission {
	t.Helper()
	sub := d.Receive(t, nil)
	now := d.Clock.Now()
	d.Answer(t, sub.Code, civic.Answer{
		Text: "Bộ đã công bố số liệu quan trắc theo giờ.", Outcome: civic.OutcomeAccepted, Agency: house.Science, DraftedAt: now, ApprovedAt: now,
	})
	d.Change(t, sub.Code, func(sub *civic.Submission) {
		sub.State, sub.AnsweredAt, sub.Agency, sub.Visibility, sub.PublicTitle = civic.Answered, now, house.Science, v, "Đã trả lời"
	})
	return d.Case(t, sub.Code)
}

func TestMergeSaysWhatToDoInstead(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	group := d.campaign(t, 1, in(civic.Triage))
	tests := []struct {
		name      string
		sub, into civic.Submission
		want      string
	}{
		{"into an answer in private", d.Receive(t, in(civic.Triage)), d.answered(t, civic.Private), "merge.into_private_answer"},
		{"into an answer taken down", d.Receive(t, in(civic.Triage)), d.answered(t, civic.TakenDown), "merge.into_private_answer"},
		{"into a refused one", d.Receive(t, in(civic.Triage)), d.Receive(t, in(civic.Rejected)), "merge.into_refused"},
		{"into a withdrawn one", d.Receive(t, in(civic.Triage)), d.Receive(t, in(civic.Withdrawn)), "merge.into_withdrawn"},
		{"into itself", group[0], group[0], "merge.into_itself"},
		{"into its own follower", group[0], group[1], "merge.into_itself"},
		{"a follower", group[1], d.Receive(t, in(civic.Triage)), "merge.follows_already"},
		{"one in review", d.Receive(t, in(civic.InReview)), d.Receive(t, in(civic.Triage)), "merge.in_review"},
		{"one answered", d.answered(t, civic.Private), d.Receive(t, in(civic.Triage)), "submission.move_not_allowed"},
	}
	for _, tt := range tests {
		before := d.Case(t, tt.sub.Code)
		err := d.merge(t, tt.sub, tt.into, "")
		if errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if got := d.Case(t, tt.sub.Code); got.State != before.State || got.Version != before.Version {
			t.Errorf("%s: it left a trace: %s, version %d", tt.name, got.State, got.Version)
		}
	}
	for into, code := range map[string]string{"HK-2222-2222-2222": "field.unknown_case", "không phải mã": "field.not_a_code", "": "field.not_a_code"} {
		err := d.s.Merge(t.Context(), d.coordinator, group[0].Code, group[0].Version, into, "")
		if f := errs.FieldsOf(err); len(f) != 1 || f[0].Name != "into" || f[0].Code != code {
			t.Errorf("into %q: %v", into, err)
		}
	}
}

func TestOnlyCoordinatorsChangeClusters(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	target := d.assigned(t, house.Science)
	group := d.campaign(t, 1, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
	officer := d.Staff(t, civic.RoleOfficer, house.Science)
	for name, err := range map[string]error{
		"merge":         d.s.Merge(t.Context(), officer, group[0].Code, group[0].Version, target.Code.String(), ""),
		"split-cluster": d.s.SplitCluster(t.Context(), officer, group[0].Code, group[0].Version, []string{group[1].Code.String()}, ""),
		"split":         d.s.Split(t.Context(), officer, group[0].Code, group[0].Version, parts(1), ""),
	} {
		if errs.KindOf(err) != errs.Forbidden {
			t.Errorf("an officer may %s: %v", name, err)
		}
	}
	if err := d.s.Lead(t.Context(), officer, group[1].Code, group[1].Version, ""); errs.KindOf(err) != errs.NotFound {
		t.Errorf("an officer may lead: %v", err)
	}
	for name, err := range map[string]error{
		"merge":         d.s.Merge(t.Context(), d.coordinator, group[0].Code, 99, target.Code.String(), ""),
		"lead":          d.s.Lead(t.Context(), d.coordinator, group[1].Code, 99, ""),
		"split-cluster": d.s.SplitCluster(t.Context(), d.coordinator, group[0].Code, 99, []string{group[1].Code.String()}, ""),
		"split":         d.s.Split(t.Context(), d.coordinator, group[0].Code, 99, parts(1), ""),
	} {
		if errs.CodeOf(err) != "submission.version_mismatch" {
			t.Errorf("%s on another version: %v", name, err)
		}
	}
}

func TestAPersonMayPutABarredPairTogetherAgain(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root, later := d.Receive(t, text(letter)), d.Receive(t, text(letter))
		d.settle(t)
		if err := d.s.Unmerge(t.Context(), d.coordinator, later.Code, d.Case(t, later.Code).Version, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.merge(t, later, root, "Đã đọc lại."); err != nil {
			t.Fatal(err)
		}
		if !follows(t, d, later, root) {
			t.Error("it does not follow")
		}
		d.View(t, func(tx store.Tx) error {
			barred, err := tx.Matches().Barred(t.Context(), root.ID, later.ID)
			if barred {
				t.Error("the bar outlives the decision")
			}
			return err
		})
	})
}

func TestTwoWhoMergeIntoEachOtherMakeOneCluster(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		for range 5 {
			a, b := d.Receive(t, in(civic.Triage)), d.Receive(t, in(civic.Triage))
			var failures [2]error
			var both sync.WaitGroup
			both.Go(func() { failures[0] = d.merge(t, a, b, "") })
			both.Go(func() { failures[1] = d.merge(t, b, a, "") })
			both.Wait()
			done := 0
			for _, err := range failures {
				switch {
				case err == nil:
					done++
				case errs.KindOf(err) != errs.Conflict:
					t.Errorf("the slower one is told %v", err)
				}
			}
			if done != 1 || follows(t, d, a, b) == follows(t, d, b, a) {
				t.Fatalf("%d succeeded: %v", done, failures)
			}
		}
	})
}

// What was taken out of a cluster stays out of it, whoever leads it and
// whichever of its copies is met first.
func TestTheBarIsAgainstTheCluster(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		var subs []civic.Submission
		for range 4 {
			subs = append(subs, d.Receive(t, text(letter)))
			d.Clock.Advance(time.Minute)
		}
		d.settle(t)
		out := subs[3]
		if err := d.s.Unmerge(t.Context(), d.coordinator, out.Code, d.Case(t, out.Code).Version, ""); err != nil {
			t.Fatal(err)
		}
		if err := d.s.Lead(t.Context(), d.coordinator, subs[1].Code, d.Case(t, subs[1].Code).Version, ""); err != nil {
			t.Fatal(err)
		}
		// A later act of a coordinator, so that nobody has it in hand any more.
		d.Change(t, out.Code, func(sub *civic.Submission) { sub.State, sub.TriageReason = civic.Assigned, "" })
		d.Do(t, func(tx store.Tx) error {
			_, err := tx.Outbox().Put(t.Context(), store.Job{Kind: store.JobMatch, Subject: int64(out.ID), CreatedAt: d.Clock.Now()})
			return err
		})
		d.settle(t)
		if got := d.Case(t, out.Code); got.State == civic.Merged {
			t.Error("it was joined again")
		}
		c, err := d.s.Case(t.Context(), d.coordinator, out.Code)
		if err != nil || len(c.Similar) != 1 || c.Similar[0].Case.ID != subs[1].ID || c.Similar[0].Obstacle != triage.ObstacleApart || c.Similar[0].Followers != 2 {
			t.Errorf("beside it stands %+v, %v", c.Similar, err)
		}
	})
}

func TestWhoLeavesAnAnsweredClusterIsToldThatTheAnswerWasTheClusters(t *testing.T) {
	t.Parallel()
	d := newDesk(t, house.New(t))
	target, sub := d.answered(t, civic.PublicWithAnswer), d.Receive(t, in(civic.Triage))
	if err := d.merge(t, sub, target, ""); err != nil {
		t.Fatal(err)
	}
	if err := d.s.Unmerge(t.Context(), d.coordinator, sub.Code, d.Case(t, sub.Code).Version, "Hỏi việc khác."); err != nil {
		t.Fatal(err)
	}
	events := d.Events(t, sub.Code)
	last := events[len(events)-2:]
	if last[0].Type != civic.EventUnmerged || last[0].Reason != "Hỏi việc khác." || last[0].From != civic.Merged ||
		last[1].Type != civic.EventAnswerSetAside || last[1].From != civic.Triage {
		t.Errorf("the history ends with %+v", last)
	}
}

func TestARefusalIsForTheCaseAloneUnlessAllAreMeant(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		why := civic.Rejection{Reason: "out_of_scope", Message: "Không thuộc phạm vi tiếp nhận."}
		for _, whom := range []string{"", triage.RefuseThis, triage.RefuseAll} {
			group := d.campaign(t, 2, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Science })
			if err := d.s.Refuse(t.Context(), d.coordinator, group[0].Code, group[0].Version, why, whom); err != nil {
				t.Fatal(err)
			}
			heir := d.Case(t, group[1].Code)
			if whom == triage.RefuseAll {
				if !follows(t, d, group[1], group[0]) || !follows(t, d, group[2], group[0]) {
					t.Error("who is refused with it does not follow any more")
				}
				continue
			}
			if heir.State != civic.Triage || heir.TriageReason != cluster.ReasonLeadRefused || heir.Agency != "" || !follows(t, d, group[2], heir) {
				t.Errorf("the heir is %+v", heir)
			}
			if err := d.s.Route(t.Context(), d.job(t, store.JobRoute, heir.ID).ID, heir.ID); err != nil {
				t.Fatal(err)
			}
			if got := d.Case(t, heir.Code); got.State != civic.Triage || got.TriageReason != cluster.ReasonLeadRefused {
				t.Errorf("routing took it from the coordinator: %+v", got)
			}
		}
		sub := d.Receive(t, in(civic.Triage))
		if f := errs.FieldsOf(d.s.Refuse(t.Context(), d.coordinator, sub.Code, 1, why, "some")); len(f) != 1 || f[0].Name != "cluster" {
			t.Errorf("for some: %+v", f)
		}
	})
}

// Campaigns are counted; who is in them is nobody's business but the sealed
// contact's.
func TestTheRootCountsTheCampaignAndKnowsNobody(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, d *desk) {
		root := d.ReceiveFrom(t, civic.Contact{Name: "Người Gốc"}, in(civic.Triage))
		var first, last civic.Submission
		for i := range 3 {
			d.Clock.Advance(time.Hour)
			sub := d.Receive(t, in(civic.Triage))
			if i == 0 {
				first = sub
			}
			last = sub
			if err := d.merge(t, sub, root, ""); err != nil {
				t.Fatal(err)
			}
		}
		c, err := d.s.Case(t.Context(), d.coordinator, root.Code)
		if err != nil {
			t.Fatal(err)
		}
		if c.Followers != 3 || !c.First.Equal(root.ReceivedAt) || !c.Last.Equal(last.ReceivedAt) {
			t.Errorf("%d from %s to %s", c.Followers, c.First, c.Last)
		}
		contact, err := d.s.Look(t.Context(), d.coordinator, root.Code, "đối chiếu người gửi")
		if err != nil || contact.Name != "Người Gốc" || c.Submission.PublishName {
			t.Errorf("the root's contact is %+v, %v", contact, err)
		}
		d.View(t, func(tx store.Tx) error {
			sealed, err := tx.Contacts().Get(t.Context(), first.ID)
			if err != nil {
				return err
			}
			contact, err := d.Keys.OpenContact(first.Code, sealed.WrappedKey, sealed.Sealed)
			if contact != house.Sender {
				t.Errorf("the follower's contact moved: %+v", contact)
			}
			return err
		})
	})
}
