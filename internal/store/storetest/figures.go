package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var figureTests = []test{
	{"decisions are counted with what people put right", testDecisions},
	{"corrections are counted by pair of agencies", testCorrections},
	{"candidates are compared with where people sent the cases", testOffered},
	{"arrivals are counted by channel, with what was held", testArrivals},
	{"what happened outside the time is left out", testFigureBounds},
}

func testArrivals(t *testing.T, s store.Store) {
	by := func(c civic.Channel) civic.Submission {
		return put(t, s, func(s *civic.Submission) { s.Channel = c })
	}
	by(civic.ChannelLetter)
	held, free := by(civic.ChannelWeb), by(civic.ChannelWeb)
	history(t, s, held.ID, civic.Event{Type: civic.EventHeld, Actor: civic.ActorSystem}, civic.Event{Type: civic.EventReleased, Actor: civic.ActorStaff})
	history(t, s, free.ID, civic.Event{Type: civic.EventMatched, Actor: civic.ActorSystem})
	count := func(from, until time.Time) []store.Arrivals {
		return view(t, s, func(tx store.Tx) ([]store.Arrivals, error) { return tx.Figures().Arrivals(t.Context(), from, until) })
	}
	at := held.ReceivedAt
	from, until := at.Add(-24*time.Hour), at.Add(24*time.Hour)
	if noon.Before(from) {
		from = noon
	}
	if noon.Add(time.Hour).After(until) {
		until = noon.Add(time.Hour)
	}
	equal(t, count(from, until), []store.Arrivals{
		{Channel: civic.ChannelWeb, Received: 2, Held: 1, Released: 1}, {Channel: civic.ChannelLetter, Received: 1},
	})
	equal(t, len(count(until.Add(time.Hour), until.Add(2*time.Hour))), 0)
}

// history adds events to a submission, a minute apart.
func history(t *testing.T, s store.Store, id civic.SubmissionID, events ...civic.Event) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		for i, e := range events {
			e.Submission, e.At = id, noon.Add(time.Duration(i)*time.Minute)
			if err := tx.Events().Add(t.Context(), e); err != nil {
				return err
			}
		}
		return nil
	})
}

// Events as the machine and people write them.
func byMachine(what civic.EventType, agency civic.AgencyCode) civic.Event {
	return civic.Event{Type: what, Actor: civic.ActorSystem, From: civic.Received, Agency: agency}
}

func byStaff(what civic.EventType, agency civic.AgencyCode) civic.Event {
	return civic.Event{Type: what, Actor: civic.ActorStaff, From: civic.Assigned, Agency: agency}
}

// decideAll makes a history with one case of each kind.
func decideAll(t *testing.T, s store.Store) {
	t.Helper()
	ids := receiveMany(t, s, 9)
	do(t, s, func(tx store.Tx) error {
		routes := []civic.Route{
			{Submission: ids[0], By: civic.RouteByRule, RuleID: "r", RuleVersion: 1, Agency: "a"},
			{Submission: ids[6], By: civic.RouteByPerson, Agency: "b", Candidates: []civic.RouteCandidate{{Agency: "b"}, {Agency: "a"}}},
			{Submission: ids[7], By: civic.RouteByPerson, Agency: "a", Candidates: []civic.RouteCandidate{{Agency: "b"}, {Agency: "a"}}},
			{Submission: ids[8], By: civic.RouteByPerson, Agency: "c", Candidates: []civic.RouteCandidate{{Agency: "b"}, {Agency: "a"}}},
		}
		for _, r := range routes {
			r.DecidedAt = noon
			if err := tx.Routes().Put(t.Context(), r); err != nil {
				return err
			}
		}
		for at, agency := range map[int]civic.AgencyCode{0: "a", 1: "b", 2: "b", 6: "b", 7: "a", 8: "c"} {
			if err := tx.Routes().Confirm(t.Context(), ids[at], agency, noon); err != nil {
				return err
			}
		}
		return nil
	})
	history(t, s, ids[0], byMachine(civic.EventRouted, "a"), byStaff(civic.EventAccepted, "a"))
	history(t, s, ids[1], byMachine(civic.EventRouted, "a"), byStaff(civic.EventAssigned, "b"))
	history(t, s, ids[2], byMachine(civic.EventRouted, "a"), byStaff(civic.EventHandedBack, "a"), byStaff(civic.EventAssigned, "b"))
	history(t, s, ids[3], byMachine(civic.EventMerged, "a"))
	history(t, s, ids[4], byMachine(civic.EventMerged, "a"), civic.Event{Type: civic.EventUnmerged, Actor: civic.ActorStaff, From: civic.Merged})
	history(t, s, ids[5], byMachine(civic.EventMerged, "a"), civic.Event{Type: civic.EventUnmerged, Actor: civic.ActorSystem, From: civic.Merged})
	history(t, s, ids[6], byMachine(civic.EventTriaged, ""))
	history(t, s, ids[7], byMachine(civic.EventTriaged, ""))
	history(t, s, ids[8], byMachine(civic.EventTriaged, ""))
}

func testDecisions(t *testing.T, s store.Store) {
	decideAll(t, s)
	got := view(t, s, func(tx store.Tx) ([]store.DecisionCount, error) {
		return tx.Figures().Decisions(t.Context(), noon, noon.Add(time.Hour))
	})
	equal(t, got, []store.DecisionCount{
		{Decision: store.DecisionJoined, Cases: 3, Undone: 1},
		{Decision: store.DecisionByModel, Agency: "a", Cases: 2, Undone: 2},
		{Decision: store.DecisionByRule, Agency: "a", Cases: 1},
		{Decision: store.DecisionPerson, Cases: 3},
	})
}

func testCorrections(t *testing.T, s store.Store) {
	decideAll(t, s)
	got := view(t, s, func(tx store.Tx) ([]store.Correction, error) {
		return tx.Figures().Corrections(t.Context(), noon, noon.Add(time.Hour))
	})
	equal(t, got, []store.Correction{{From: "a", To: "b", Cases: 2}})
}

func testOffered(t *testing.T, s store.Store) {
	decideAll(t, s)
	got := view(t, s, func(tx store.Tx) (store.Offered, error) {
		return tx.Figures().Offered(t.Context(), noon, noon.Add(time.Hour))
	})
	equal(t, got, store.Offered{Decided: 3, First: 1, AmongThree: 2})
}

func testFigureBounds(t *testing.T, s store.Store) {
	decideAll(t, s)
	for _, bounds := range [][2]time.Time{{noon.Add(-time.Hour), noon}, {noon.Add(time.Microsecond), noon.Add(time.Hour)}} {
		got := view(t, s, func(tx store.Tx) ([]store.DecisionCount, error) {
			return tx.Figures().Decisions(t.Context(), bounds[0], bounds[1])
		})
		equal(t, got, nil)
		offered := view(t, s, func(tx store.Tx) (store.Offered, error) {
			return tx.Figures().Offered(t.Context(), bounds[0], bounds[1])
		})
		equal(t, offered, store.Offered{})
	}
}
