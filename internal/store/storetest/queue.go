package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var queueTests = []test{
	{"the queue shows open cases, what will be late first", testQueueDefault},
	{"each filter narrows", testQueueFilters},
	{"a scope limits, and an empty one matches nothing", testQueueScope},
	{"orders are stable and complete", testQueueOrders},
	{"pages part the whole", testQueuePages},
	{"a line tells assignee, duplicates and route", testQueueItem},
}

// queue reads a page of the queue, the first 100 unless q says otherwise.
func queue(t *testing.T, s store.Store, q store.QueueQuery) store.QueuePage {
	t.Helper()
	if q.PerPage == 0 {
		q.Page, q.PerPage = 1, 100
	}
	return view(t, s, func(tx store.Tx) (store.QueuePage, error) { return tx.Submissions().Queue(t.Context(), q) })
}

func queueIDs(p store.QueuePage) []civic.SubmissionID {
	ids := []civic.SubmissionID{}
	for _, item := range p.Items {
		ids = append(ids, item.ID)
	}
	return ids
}

// put receives a submission and changes it.
func put(t *testing.T, s store.Store, edit func(*civic.Submission)) civic.Submission {
	t.Helper()
	return change(t, s, receive(t, s, nil), edit)
}

func testQueueDefault(t *testing.T, s store.Store) {
	late := put(t, s, func(s *civic.Submission) { s.DueAt = noon.AddDate(0, 0, 9) })
	none := put(t, s, func(s *civic.Submission) { s.DueAt = time.Time{} })
	var want []civic.SubmissionID
	for i, state := range civic.States {
		sub := put(t, s, func(s *civic.Submission) { s.State, s.DueAt = state, noon.AddDate(0, 0, 1).Add(time.Duration(i)) })
		if civic.Open.Has(state) {
			want = append(want, sub.ID)
		}
	}
	want = append(want, late.ID, none.ID)
	got := queue(t, s, store.QueueQuery{})
	equal(t, queueIDs(got), want)
	equal(t, got.Total, len(want))
}

func testQueueFilters(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	plain := put(t, s, func(*civic.Submission) {})
	chosen := put(t, s, func(s *civic.Submission) {
		s.State, s.Agency, s.Topic, s.Assignee, s.DueAt = civic.Assigned, "most", "health", u.ID, noon
		s.Channel, s.Hold, s.Consent, s.KindOpen = civic.ChannelLetter, "hold.rate", civic.ConsentOral, true
	})
	settled := put(t, s, func(s *civic.Submission) { s.State, s.Agency = civic.Answered, "moh" })
	for name, tt := range map[string]struct {
		q    store.QueueQuery
		want []civic.SubmissionID
	}{
		"state":           {store.QueueQuery{States: []civic.State{civic.Assigned, civic.Triage}}, []civic.SubmissionID{chosen.ID}},
		"settled state":   {store.QueueQuery{States: []civic.State{civic.Answered}}, []civic.SubmissionID{settled.ID}},
		"open or settled": {store.QueueQuery{States: []civic.State{civic.Answered, civic.Assigned}}, []civic.SubmissionID{chosen.ID, settled.ID}},
		"agency":          {store.QueueQuery{Agencies: []civic.AgencyCode{"most", "moh"}}, []civic.SubmissionID{chosen.ID}},
		"topic":           {store.QueueQuery{Topics: []civic.TopicCode{"health"}}, []civic.SubmissionID{chosen.ID}},
		"channel":         {store.QueueQuery{Channels: []civic.Channel{civic.ChannelLetter, civic.ChannelVisit}}, []civic.SubmissionID{chosen.ID}},
		"held":            {store.QueueQuery{Held: true}, []civic.SubmissionID{chosen.ID}},
		"assignee":        {store.QueueQuery{Assignees: []civic.UserID{u.ID}}, []civic.SubmissionID{chosen.ID}},
		"due from":        {store.QueueQuery{DueFrom: noon.Add(time.Microsecond)}, []civic.SubmissionID{plain.ID}},
		"due from, at it": {store.QueueQuery{DueFrom: noon, DueUntil: noon.Add(1)}, []civic.SubmissionID{}},
		"due until":       {store.QueueQuery{DueUntil: noon.Add(time.Microsecond)}, []civic.SubmissionID{chosen.ID}},
		"ids":             {store.QueueQuery{IDs: []civic.SubmissionID{plain.ID, settled.ID}}, []civic.SubmissionID{plain.ID}},
		"no ids":          {store.QueueQuery{IDs: []civic.SubmissionID{}}, []civic.SubmissionID{}},
		"all together": {store.QueueQuery{
			Scope: []civic.AgencyCode{"most"}, States: []civic.State{civic.Assigned}, Agencies: []civic.AgencyCode{"most"},
			Topics: []civic.TopicCode{"health"}, Assignees: []civic.UserID{u.ID}, DueFrom: noon, DueUntil: noon.Add(time.Hour), IDs: []civic.SubmissionID{chosen.ID},
		}, []civic.SubmissionID{chosen.ID}},
	} {
		t.Run(name, func(t *testing.T) {
			got := queue(t, s, tt.q)
			equal(t, queueIDs(got), tt.want)
			equal(t, got.Total, len(tt.want))
		})
	}
}

func testQueueScope(t *testing.T, s store.Store) {
	put(t, s, func(*civic.Submission) {})
	mine := put(t, s, func(s *civic.Submission) { s.Agency = "most" })
	below := put(t, s, func(s *civic.Submission) { s.Agency = "most-ip" })
	put(t, s, func(s *civic.Submission) { s.Agency = "moh" })
	scope := []civic.AgencyCode{"most", "most-ip"}
	equal(t, queueIDs(queue(t, s, store.QueueQuery{Scope: scope})), []civic.SubmissionID{mine.ID, below.ID})
	equal(t, queue(t, s, store.QueueQuery{Scope: nil}).Total, 4)
	equal(t, queue(t, s, store.QueueQuery{Scope: []civic.AgencyCode{}}), store.QueuePage{})
	equal(t, queue(t, s, store.QueueQuery{Scope: scope, Agencies: []civic.AgencyCode{"moh"}}).Total, 0)
}

func testQueueOrders(t *testing.T, s store.Store) {
	at := func(received, due time.Duration) civic.SubmissionID {
		return receive(t, s, func(r *store.Receipt) {
			r.Submission.ReceivedAt, r.Submission.DueAt = noon.Add(received), noon.Add(due)
		}).ID
	}
	a, b, c := at(2, 3), at(2, 3), at(1000*2, 1000*1) // nanoseconds below one microsecond are the same moment
	for sort, want := range map[store.QueueSort][]civic.SubmissionID{
		"": {a, b, c}, store.SortDue: {a, b, c}, store.SortNewest: {c, b, a}, store.SortOldest: {a, b, c},
	} {
		equal(t, queueIDs(queue(t, s, store.QueueQuery{Sort: sort})), want)
	}
}

func testQueuePages(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 5)
	var got []civic.SubmissionID
	for page := 1; page <= 4; page++ {
		p := queue(t, s, store.QueueQuery{Page: page, PerPage: 2})
		equal(t, p.Total, len(ids))
		got = append(got, queueIDs(p)...)
	}
	equal(t, got, ids)
}

func testQueueItem(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	ids := receiveMany(t, s, 2)
	sub := put(t, s, func(s *civic.Submission) { s.State, s.Assignee = civic.InProgress, u.ID })
	route := civic.Route{
		Submission: sub.ID, DecidedAt: noon, By: civic.RouteByModel, Agency: "most", Score: 0.75, ModelVersion: "m1",
		Words: []string{"số hóa"}, Candidates: []civic.RouteCandidate{{Agency: "most", Score: 0.75}},
	}
	do(t, s, func(tx store.Tx) error {
		for _, id := range ids {
			if err := tx.Matches().Join(t.Context(), civic.Membership{Submission: id, Root: sub.ID, JoinedAt: noon, By: civic.ActorSystem}); err != nil {
				return err
			}
		}
		return tx.Routes().Put(t.Context(), route)
	})
	items := queue(t, s, store.QueueQuery{}).Items
	want := store.QueueItem{Submission: sub, AssigneeName: u.Name, Duplicates: 2, Route: route, HasRoute: true}
	equal(t, items[2], want)
	if items[0].HasRoute || items[0].Duplicates != 0 || items[0].AssigneeName != "" {
		t.Errorf("got %+v, want a line without assignee, duplicates and route", items[0])
	}
}
