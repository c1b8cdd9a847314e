package intake_test

import (
	"strings"
	"sync"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/intake"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// pair submits two, the second of which follows the first.
func pair(t *testing.T, h *house.House, s *intake.Service) (root, follower intake.Acknowledgement) {
	t.Helper()
	root, follower = submit(t, s, request()), submit(t, s, request())
	h.Follow(t, follower.Code, root.Code)
	return root, follower
}

func TestAnObjectionGoesBeforeAPersonOnce(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, committed := service(h)
		root, follower := pair(t, h, s)
		me, before, told := sender(t, s, follower), h.Case(t, follower.Code), *committed
		view, err := s.Case(t.Context(), me, follower.Code)
		if err != nil || !view.MayObject {
			t.Fatalf("may object: %v, %v", view.MayObject, err)
		}
		if err := s.Object(t.Context(), me, follower.Code, "  Tôi hỏi về nước ngầm,\x00 không phải nước mặt. "); err != nil {
			t.Fatal(err)
		}
		got := h.Case(t, follower.Code)
		if got.State != civic.Triage || got.Root != 0 || got.TriageReason != cluster.ReasonObjected || got.Version != before.Version+1 || !got.DueAt.Equal(before.DueAt) {
			t.Errorf("the case is %+v", got)
		}
		events := h.Events(t, follower.Code)
		e := events[len(events)-1]
		if e.Type != civic.EventObjected || e.Actor != civic.ActorSender || e.Reason != "Tôi hỏi về nước ngầm, không phải nước mặt." || e.From != civic.Merged || e.To != civic.Triage {
			t.Errorf("the event is %+v", e)
		}
		h.View(t, func(tx store.Tx) error {
			barred, err := tx.Matches().Barred(t.Context(), h.Case(t, root.Code).ID, got.ID)
			if !barred {
				t.Error("the machine may put them together again")
			}
			return err
		})
		if jobs := h.Jobs(t, store.JobRoute); len(jobs) != 1 || jobs[0].Subject != int64(got.ID) || *committed != told+1 {
			t.Errorf("to be routed: %+v", jobs)
		}

		h.Follow(t, follower.Code, root.Code) // a person judged that it is the same
		if view, err = s.Case(t.Context(), me, follower.Code); err != nil || view.MayObject {
			t.Errorf("after it may object: %v, %v", view.MayObject, err)
		}
		if err := s.Object(t.Context(), me, follower.Code, "Vẫn khác."); errs.KindOf(err) != errs.Conflict || errs.CodeOf(err) != "objection.used" {
			t.Errorf("a second one: %v", err)
		}
	})
}

func TestWhoMayObject(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	root, follower := pair(t, h, s)
	me := sender(t, s, follower)
	if err := s.Object(t.Context(), sender(t, s, root), root.Code, "Khác."); errs.CodeOf(err) != "objection.follows_nothing" {
		t.Errorf("who follows nothing: %v", err)
	}
	for name, actor := range map[string]civic.Actor{"another sender": sender(t, s, root), "staff": h.Staff(t, civic.RoleCoordinator, ""), "nobody": civic.Public} {
		if err := s.Object(t.Context(), actor, follower.Code, "Khác."); errs.KindOf(err) != errs.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, reason := range []string{"", " \u200b ", strings.Repeat("ệ", civic.MaxReason+1)} {
		if f := errs.FieldsOf(s.Object(t.Context(), me, follower.Code, reason)); len(f) != 1 || f[0].Name != "reason" {
			t.Errorf("for %.5q: %+v", reason, f)
		}
	}
}

func TestAnObjectionToAnAnsweredClusterSaysThatTheAnswerWasTheClusters(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	root, follower := pair(t, h, s)
	answer(t, h, root.Code, "Bộ đã công bố số liệu quan trắc theo giờ.")
	me := sender(t, s, follower)
	if err := s.Object(t.Context(), me, follower.Code, "Tôi hỏi việc khác."); err != nil {
		t.Fatal(err)
	}
	view, err := s.Case(t.Context(), me, follower.Code)
	if err != nil || view.Answer != nil || view.Root != nil {
		t.Fatalf("the answer is still shown: %+v, %v", view.Answer, err)
	}
	last := view.Timeline[len(view.Timeline)-2:]
	if last[0].Type != civic.EventObjected || last[1].Type != civic.EventAnswerSetAside {
		t.Errorf("the timeline ends with %+v", last)
	}
}

func TestOfManyObjectionsAtTheSameMomentOneCounts(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		s, _ := service(h)
		_, follower := pair(t, h, s)
		me := sender(t, s, follower)
		failures := make([]error, 6)
		var all sync.WaitGroup
		for i := range failures {
			all.Go(func() { failures[i] = s.Object(t.Context(), me, follower.Code, "Khác.") })
		}
		all.Wait()
		done := 0
		for _, err := range failures {
			if err == nil {
				done++
			} else if errs.CodeOf(err) != "objection.used" {
				t.Errorf("the slower one is told %v", err)
			}
		}
		if n := h.CountEvents(t, follower.Code, civic.EventObjected); done != 1 || n != 1 {
			t.Errorf("%d succeeded, %d are in the history", done, n)
		}
	})
}

// An agency that worked on a campaign's first letter keeps the work when its
// sender takes the letter back.
func TestTheHeirOfAWithdrawnRootKeepsTheAgency(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		officer := h.Staff(t, civic.RoleOfficer, house.Science)
		s, _ := service(h)
		for state, want := range map[civic.State]civic.State{
			civic.Assigned: civic.Assigned, civic.InProgress: civic.InProgress, civic.InReview: civic.InProgress, civic.Triage: civic.Triage,
		} {
			root, follower := pair(t, h, s)
			h.Change(t, root.Code, func(sub *civic.Submission) { sub.State, sub.Agency, sub.Assignee = state, house.Science, officer.User })
			if state == civic.InReview {
				h.Answer(t, root.Code, civic.Answer{Text: "Dự thảo.", DraftedBy: officer.User, DraftedAt: h.Clock.Now(), SubmittedAt: h.Clock.Now()})
			}
			if err := s.Withdraw(t.Context(), sender(t, s, root), root.Code); err != nil {
				t.Fatal(err)
			}
			heir := h.Case(t, follower.Code)
			if heir.State != want || heir.Root != 0 {
				t.Errorf("of one %s the heir is %s", state, heir.State)
			}
			if want == civic.Triage {
				continue
			}
			if heir.Agency != house.Science || heir.Assignee != officer.User || h.CountEvents(t, follower.Code, civic.EventLeadMoved) != 1 {
				t.Errorf("of one %s the heir is with %q, %d", state, heir.Agency, heir.Assignee)
			}
			if state != civic.InReview {
				continue
			}
			h.View(t, func(tx store.Tx) error {
				draft, err := tx.Answers().Get(t.Context(), heir.ID)
				if draft.Text != "Dự thảo." || !draft.SubmittedAt.IsZero() || draft.DraftedBy != officer.User {
					t.Errorf("the draft is %+v", draft)
				}
				return err
			})
		}
	})
}

func TestTheSenderSeesThePartsOfTheSubmission(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	s, _ := service(h)
	whole, part := submit(t, s, request()), submit(t, s, request())
	h.Do(t, func(tx store.Tx) error {
		return tx.Parts().Add(t.Context(), h.Case(t, whole.Code).ID, h.Case(t, part.Code).ID, h.Clock.Now())
	})
	view, err := s.Case(t.Context(), sender(t, s, whole), whole.Code)
	if err != nil || len(view.Parts) != 1 || view.Parts[0].Code != part.Code || view.Parts[0].State != civic.Received || view.Parts[0].Title != "" {
		t.Errorf("parts: %+v, %v", view.Parts, err)
	}
}
