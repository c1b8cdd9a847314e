package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var countedTests = []test{
	{"each figure finds the cases that it counts", testCounted},
	{"what is counted is counted by state and by agency", testCountParts},
	{"deadlines in a time come in their order", testDueUntil},
	{"what was handed back counts once a case, by who gave it away", testHandedBack},
}

// happened adds an event to a submission some hours after noon.
func happened(t *testing.T, s store.Store, id civic.SubmissionID, hours int, e civic.Event) {
	t.Helper()
	do(t, s, func(tx store.Tx) error {
		e.Submission, e.At = id, noon.Add(time.Duration(hours)*time.Hour)
		return tx.Events().Add(t.Context(), e)
	})
}

func testCounted(t *testing.T, s store.Store) {
	received := func(hours int) func(*store.Receipt) {
		return func(r *store.Receipt) { r.Submission.ReceivedAt = noon.Add(time.Duration(hours) * time.Hour) }
	}
	at := func(hours int, state civic.State, agency civic.AgencyCode) civic.SubmissionID {
		sub := receive(t, s, received(hours))
		return change(t, s, sub, func(s *civic.Submission) { s.State, s.Agency = state, agency }).ID
	}
	settled, back, silent, busy := at(-9, civic.Answered, "a"), at(-9, civic.Triage, ""), at(-9, civic.Assigned, "a"), at(-9, civic.InProgress, "a")
	waits, fresh := at(-9, civic.AwaitingCitizen, "a"), at(1, civic.Assigned, "b")
	staff := func(what civic.EventType, from, to civic.State) civic.Event {
		return civic.Event{Type: what, Actor: civic.ActorStaff, From: from, To: to, Agency: "a"}
	}
	happened(t, s, settled, 2, staff(civic.EventAnswered, civic.InReview, civic.Answered))
	happened(t, s, settled, 3, staff(civic.EventClosed, civic.Answered, civic.Closed)) // settled it was before
	happened(t, s, back, 2, staff(civic.EventUnmerged, civic.Merged, civic.Triage))
	happened(t, s, back, 2, civic.Event{Type: civic.EventReopened, Actor: civic.ActorSender, From: civic.Answered, To: civic.Triage})
	happened(t, s, fresh, 2, staff(civic.EventHandedBack, civic.Assigned, civic.Triage))
	happened(t, s, fresh, 3, staff(civic.EventHandedBack, civic.Assigned, civic.Triage))
	happened(t, s, busy, 2, staff(civic.EventNoted, civic.InProgress, civic.InProgress))
	happened(t, s, silent, 2, civic.Event{Type: civic.EventOverdue, Actor: civic.ActorSystem, From: civic.Assigned, To: civic.Assigned})
	do(t, s, func(tx store.Tx) error {
		if _, err := tx.Answers().Put(t.Context(), civic.Answer{Submission: settled, Text: "Đã làm.", DraftedAt: noon}); err != nil {
			return err
		}
		a, err := tx.Answers().Get(t.Context(), settled)
		if err != nil {
			return err
		}
		return tx.Ratings().Put(t.Context(), civic.Rating{Submission: settled, Answer: a.ID, Helped: civic.HelpedPartly, RatedAt: noon.Add(2 * time.Hour)})
	})
	_ = waits // the clock stands still: not silent
	for figure, want := range map[civic.Figure][]civic.SubmissionID{
		civic.FigureReceived: {fresh}, civic.FigureSettled: {settled}, civic.FigureReturned: {back}, civic.FigureReopened: {back},
		civic.FigureUndone: {back}, civic.FigureHandedBack: {fresh}, civic.FigurePartly: {settled}, civic.FigureHelped: {}, civic.FigureNotHelped: {},
		civic.FigureSilent: {silent},
	} {
		t.Run(string(figure), func(t *testing.T) {
			c := civic.Counted{Figure: figure, From: noon, Until: noon.Add(4 * time.Hour)}
			q := store.QueueQuery{States: civic.States, Counted: c}
			got := queue(t, s, q)
			equal(t, queueIDs(got), want)
			equal(t, got.Total, len(want))
			if c.From, c.Until = noon.Add(5*time.Hour), noon.Add(6*time.Hour); figure != civic.FigureSilent {
				q.Counted = c
				equal(t, queue(t, s, q).Total, 0)
			}
		})
	}
	c := civic.Counted{Figure: civic.FigureHandedBack, By: "b"}
	equal(t, queue(t, s, store.QueueQuery{States: civic.States, Counted: c}).Total, 0)
	c.By = "a"
	equal(t, queue(t, s, store.QueueQuery{States: civic.States, Counted: c, Scope: []civic.AgencyCode{"b"}}).Total, 1)
}

func testCountParts(t *testing.T, s store.Store) {
	for _, c := range []struct {
		state  civic.State
		agency civic.AgencyCode
	}{{civic.Triage, ""}, {civic.Assigned, "a"}, {civic.Assigned, "b"}, {civic.Answered, "a"}} {
		put(t, s, func(s *civic.Submission) { s.State, s.Agency = c.state, c.agency })
	}
	parts := func(q store.QueueQuery) (map[civic.State]int, map[civic.AgencyCode]int) {
		return view(t, s, func(tx store.Tx) (map[civic.State]int, error) { return tx.Submissions().CountStates(t.Context(), q) }),
			view(t, s, func(tx store.Tx) (map[civic.AgencyCode]int, error) {
				return tx.Submissions().CountAgencies(t.Context(), q)
			})
	}
	states, agencies := parts(store.QueueQuery{})
	equal(t, states, map[civic.State]int{civic.Triage: 1, civic.Assigned: 2})
	equal(t, agencies, map[civic.AgencyCode]int{"": 1, "a": 1, "b": 1})
	states, agencies = parts(store.QueueQuery{States: civic.States, Scope: []civic.AgencyCode{"a"}})
	equal(t, states, map[civic.State]int{civic.Assigned: 1, civic.Answered: 1})
	equal(t, agencies, map[civic.AgencyCode]int{"a": 2})
	states, agencies = parts(store.QueueQuery{Scope: []civic.AgencyCode{}})
	equal(t, len(states)+len(agencies), 0)
}

func testDueUntil(t *testing.T, s store.Store) {
	due := func(hours int, state civic.State, agency civic.AgencyCode) civic.SubmissionID {
		return put(t, s, func(s *civic.Submission) {
			s.State, s.Agency, s.DueAt = state, agency, noon.Add(time.Duration(hours)*time.Hour)
		}).ID
	}
	late, soon := due(3, civic.InProgress, "a"), due(1, civic.Assigned, "b")
	due(1, civic.Triage, "")
	due(1, civic.AwaitingCitizen, "a")
	due(1, civic.Answered, "a")
	due(-1, civic.Assigned, "a")
	due(9, civic.Assigned, "a")
	read := func(scope []civic.AgencyCode) []store.Due {
		return view(t, s, func(tx store.Tx) ([]store.Due, error) {
			return tx.Submissions().DueUntil(t.Context(), scope, noon, noon.Add(9*time.Hour))
		})
	}
	equal(t, read(nil), []store.Due{{ID: soon, Agency: "b", DueAt: noon.Add(time.Hour)}, {ID: late, Agency: "a", DueAt: noon.Add(3 * time.Hour)}})
	equal(t, len(read([]civic.AgencyCode{"b"})), 1)
	equal(t, len(read([]civic.AgencyCode{})), 0)
}

func testHandedBack(t *testing.T, s store.Store) {
	one := put(t, s, func(s *civic.Submission) { s.Agency = "b" }).ID
	two := put(t, s, func(*civic.Submission) {}).ID
	for _, e := range []struct {
		id civic.SubmissionID
		by civic.AgencyCode
	}{{one, "a"}, {one, "a"}, {one, "c"}, {two, "a"}} {
		happened(t, s, e.id, 1, civic.Event{Type: civic.EventHandedBack, Actor: civic.ActorStaff, From: civic.Assigned, To: civic.Triage, Agency: e.by})
	}
	count := func(scope []civic.AgencyCode, until int) map[civic.AgencyCode]int {
		return view(t, s, func(tx store.Tx) (map[civic.AgencyCode]int, error) {
			return tx.Figures().HandedBack(t.Context(), scope, noon, noon.Add(time.Duration(until)*time.Hour))
		})
	}
	equal(t, count(nil, 2), map[civic.AgencyCode]int{"a": 2, "c": 1})
	equal(t, count([]civic.AgencyCode{"b"}, 2), map[civic.AgencyCode]int{"a": 1, "c": 1})
	equal(t, count(nil, 1), map[civic.AgencyCode]int{})
}
