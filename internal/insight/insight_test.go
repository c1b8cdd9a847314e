package insight_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/insight"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// coordinator may read figures.
var coordinator = civic.Actor{Kind: civic.ActorStaff, User: 1, Role: civic.RoleCoordinator}

// decided stores a case that the machine decided at a time, with what people
// did to it afterwards.
func decided(t *testing.T, h *house.House, n int, at time.Time, event civic.Event, after ...civic.Event) {
	t.Helper()
	sub := civic.Submission{
		Code: civic.Code(fmt.Sprintf("TEST%08d", n)), Kind: civic.Feedback, Title: "Đề nghị", Body: "Đề nghị nộp hồ sơ trực tuyến.",
		Channel: civic.ChannelWeb, Submitter: civic.Person, State: civic.Received, Version: 1, ReceivedAt: at, UpdatedAt: at, Visibility: civic.Private,
	}
	got, err := h.Store.Receive(t.Context(), store.Receipt{Submission: sub})
	if err != nil {
		t.Fatal(err)
	}
	event.Actor, event.From = civic.ActorSystem, civic.Received
	h.Do(t, func(tx store.Tx) error {
		for i, e := range append([]civic.Event{event}, after...) {
			e.Submission, e.At = got.ID, at.Add(time.Duration(i)*time.Hour)
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		if len(after) == 0 || after[0].Type != civic.EventAssigned {
			return nil
		}
		return tx.Routes().Confirm(t.Context(), got.ID, after[0].Agency, at)
	})
}

func TestFiguresByWeekAndAgency(t *testing.T) {
	t.Parallel()
	house.Each(t, func(t *testing.T, h *house.House) {
		monday := house.Morning // Monday 2 March, 09:00
		routed, joined := civic.Event{Type: civic.EventRouted, Agency: "a"}, civic.Event{Type: civic.EventMerged}
		moved := civic.Event{Type: civic.EventAssigned, Actor: civic.ActorStaff, Agency: "b"}
		objected := civic.Event{Type: civic.EventUnmerged, Actor: civic.ActorSender}
		decided(t, h, 1, monday, routed)
		decided(t, h, 2, monday, routed, moved)
		decided(t, h, 3, monday, joined, objected)
		decided(t, h, 4, monday, civic.Event{Type: civic.EventTriaged})
		// Sunday 23:59 in Hanoi belongs to the week before.
		decided(t, h, 5, time.Date(2026, 3, 1, 16, 59, 0, 0, time.UTC), joined)
		decided(t, h, 6, time.Date(2026, 2, 15, 0, 0, 0, 0, time.UTC), joined) // before the two weeks asked for
		h.Do(t, func(tx store.Tx) error {
			sub, err := tx.Submissions().GetByCode(t.Context(), "TEST00000004")
			if err != nil {
				return err
			}
			return tx.Scopes().Put(t.Context(), civic.ScopeDecision{
				Submission: sub.ID, Suggested: civic.Spam, Scope: civic.InScope, DecidedBy: civic.ActorStaff, DecidedAt: monday,
			})
		})
		service := insight.Service{Store: h.Store, Now: h.Clock.Now}
		got, err := service.Figures(t.Context(), coordinator, 2)
		if err != nil {
			t.Fatal(err)
		}
		want := insight.Figures{
			Weeks: []insight.Week{
				{From: time.Date(2026, 3, 2, 0, 0, 0, 0, civic.Zone), Received: 4, Joined: 1, Undone: 1, ByModel: 2, Corrected: 1, ToPerson: 1},
				{From: time.Date(2026, 2, 23, 0, 0, 0, 0, civic.Zone), Received: 1, Joined: 1},
			},
			Agencies: []insight.Agency{{Agency: "a", Alone: 2, Corrected: 1, To: []store.Correction{{From: "a", To: "b", Cases: 1}}}},
			Scopes:   []store.ScopeCount{{Suggested: civic.Spam, Decided: civic.InScope, Cases: 1}},
			Arrivals: []store.Arrivals{{Channel: civic.ChannelWeb, Received: 5}},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if alone := got.Weeks[0].Alone(); alone != 2 {
			t.Errorf("%d assigned alone", alone)
		}
	})
}

func TestFiguresAreForThoseWhoAnswerForThem(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	service := insight.Service{Store: h.Store, Now: h.Clock.Now}
	for _, actor := range []civic.Actor{civic.Public, {Kind: civic.ActorStaff, Role: civic.RoleOfficer, Agency: "a"}} {
		if _, err := service.Figures(t.Context(), actor, 1); errs.KindOf(err) != errs.Forbidden && errs.KindOf(err) != errs.Unauthenticated {
			t.Errorf("%v: %v", actor.Kind, err)
		}
	}
}

func TestHowFarBackOneMayLookIsBounded(t *testing.T) {
	t.Parallel()
	h := house.New(t)
	service := insight.Service{Store: h.Store, Now: h.Clock.Now}
	for weeks, want := range map[int]int{-5: 1, 0: 1, 8: 8, 1_000_000: insight.MaxWeeks} {
		got, err := service.Figures(t.Context(), coordinator, weeks)
		if err != nil || len(got.Weeks) != want {
			t.Errorf("%d weeks: %d shown, %v", weeks, len(got.Weeks), err)
		}
	}
}
