package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var opinionTests = []test{
	{"an agency is asked once at a time about a case", testAskedOnce},
	{"an opinion is settled once", testSettledOnce},
	{"what waits is found by agency while its case is open", testWaitingOpinions},
	{"what was given or declined is found since a time", testSettledOpinions},
	{"a late opinion is noted once", testLateOpinions},
	{"another agency is asked in place of one, unless it is asked already", testPassedOpinion},
	{"erasing a case empties its opinions", testErasedOpinions},
}

// opinion asks an agency about a submission, due so many hours after noon.
func opinion(t *testing.T, s store.Store, sub civic.Submission, agency civic.AgencyCode, by civic.User, hours int) civic.Opinion {
	t.Helper()
	o := civic.Opinion{
		Submission: sub.ID, Asker: "owner", Agency: agency, Question: "Quy chuẩn nào áp dụng?", AskedBy: by.ID, AskedAt: noon,
		DueAt: noon.Add(time.Duration(hours) * time.Hour), State: civic.OpinionAsked, AskedByName: by.Name,
	}
	do(t, s, func(tx store.Tx) (err error) {
		o.ID, err = tx.Opinions().Add(t.Context(), o)
		return err
	})
	return o
}

func settleOpinion(t *testing.T, s store.Store, o civic.Opinion, state civic.OpinionState, by civic.User, at time.Time) civic.Opinion {
	t.Helper()
	o.State, o.Text, o.SettledBy, o.SettledAt, o.SettledByName = state, "Áp dụng quy chuẩn hiện hành.", by.ID, at, by.Name
	do(t, s, func(tx store.Tx) error { return tx.Opinions().Settle(t.Context(), o) })
	return o
}

func ofCase(t *testing.T, s store.Store, sub civic.Submission) []civic.Opinion {
	t.Helper()
	return view(t, s, func(tx store.Tx) ([]civic.Opinion, error) { return tx.Opinions().List(t.Context(), sub.ID) })
}

// idsOf are the requests of a list in its order.
func requestIDs(list []store.OpinionRequest) []int64 {
	var out []int64
	for _, r := range list {
		out = append(out, r.ID)
	}
	return out
}

func testAskedOnce(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	first := opinion(t, s, sub, "a", u, 1)
	refused(t, s, errs.Conflict, "opinion.asked", func(tx store.Tx) error {
		_, err := tx.Opinions().Add(t.Context(), first)
		return err
	})
	other := opinion(t, s, sub, "b", u, 1)
	first = settleOpinion(t, s, first, civic.OpinionDeclined, u, noon)
	again := opinion(t, s, sub, "a", u, 1)
	equal(t, ofCase(t, s, sub), []civic.Opinion{first, other, again})
	equal(t, view(t, s, func(tx store.Tx) (civic.Opinion, error) { return tx.Opinions().Get(t.Context(), other.ID) }), other)
	missing(t, s, errs.NotFound, "opinion.not_found", func(tx store.Tx) (civic.Opinion, error) { return tx.Opinions().Get(t.Context(), again.ID+9) })
}

func testSettledOnce(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	o := settleOpinion(t, s, opinion(t, s, sub, "a", u, 1), civic.OpinionGiven, u, noon)
	late := o
	late.State, late.Text = civic.OpinionWithdrawn, ""
	refused(t, s, errs.Conflict, "opinion.settled", func(tx store.Tx) error { return tx.Opinions().Settle(t.Context(), late) })
	equal(t, ofCase(t, s, sub), []civic.Opinion{o})
}

func testWaitingOpinions(t *testing.T, s store.Store) {
	u, sub, closed := user(t, s, "a@staff.test"), receive(t, s, nil), receive(t, s, nil)
	later, sooner := opinion(t, s, sub, "a", u, 3), opinion(t, s, sub, "b", u, 1)
	opinion(t, s, closed, "a", u, 1)
	change(t, s, closed, func(sub *civic.Submission) { sub.State = civic.Answered })
	settleOpinion(t, s, opinion(t, s, sub, "c", u, 1), civic.OpinionGiven, u, noon)
	waiting := func(limit int, agencies ...civic.AgencyCode) ([]int64, int) {
		found := view(t, s, func(tx store.Tx) ([]store.OpinionRequest, error) {
			return tx.Opinions().Waiting(t.Context(), agencies, limit)
		})
		for _, r := range found {
			equal(t, r.Case.Code, sub.Code)
		}
		return requestIDs(found), view(t, s, func(tx store.Tx) (int, error) { return tx.Opinions().CountWaiting(t.Context(), agencies) })
	}
	for _, tt := range []struct {
		agencies []civic.AgencyCode
		want     []int64
	}{
		{nil, []int64{sooner.ID, later.ID}},
		{[]civic.AgencyCode{"a"}, []int64{later.ID}},
		{[]civic.AgencyCode{"a", "b", "c"}, []int64{sooner.ID, later.ID}},
		{[]civic.AgencyCode{}, nil},
	} {
		got, n := waiting(10, tt.agencies...)
		equal(t, got, tt.want)
		equal(t, n, len(tt.want))
	}
	got, n := waiting(1)
	equal(t, got, []int64{sooner.ID})
	equal(t, n, 2)
}

func testSettledOpinions(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	early := settleOpinion(t, s, opinion(t, s, sub, "a", u, 1), civic.OpinionGiven, u, noon)
	late := settleOpinion(t, s, opinion(t, s, sub, "b", u, 1), civic.OpinionDeclined, u, noon.Add(time.Hour))
	settleOpinion(t, s, opinion(t, s, sub, "c", u, 1), civic.OpinionWithdrawn, u, noon.Add(time.Hour))
	opinion(t, s, sub, "d", u, 1)
	since := func(at time.Time, limit int) []int64 {
		return requestIDs(view(t, s, func(tx store.Tx) ([]store.OpinionRequest, error) {
			return tx.Opinions().Settled(t.Context(), at, limit)
		}))
	}
	equal(t, since(noon, 10), []int64{late.ID, early.ID})
	equal(t, since(noon.Add(time.Second), 10), []int64{late.ID})
	equal(t, since(noon, 1), []int64{late.ID})
	change(t, s, sub, func(sub *civic.Submission) { sub.State = civic.Answered })
	equal(t, len(since(noon, 10)), 0)
}

func testLateOpinions(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	second, first := opinion(t, s, sub, "a", u, 2), opinion(t, s, sub, "b", u, 1)
	settleOpinion(t, s, opinion(t, s, sub, "c", u, 1), civic.OpinionGiven, u, noon)
	late := func(hours, limit int) []int64 {
		return requestIDs(view(t, s, func(tx store.Tx) ([]store.OpinionRequest, error) {
			return tx.Opinions().NewlyLate(t.Context(), noon.Add(time.Duration(hours)*time.Hour), limit)
		}))
	}
	equal(t, len(late(1, 10)), 0)
	equal(t, late(2, 10), []int64{first.ID})
	equal(t, late(3, 1), []int64{first.ID})
	equal(t, late(3, 10), []int64{first.ID, second.ID})
	equal(t, race(t, s, func(tx store.Tx) (bool, error) { return tx.Opinions().NoteLate(t.Context(), first.ID) }), 1)
	equal(t, late(3, 10), []int64{second.ID})
}

func testErasedOpinions(t *testing.T, s store.Store) {
	u, sub := user(t, s, "a@staff.test"), receive(t, s, nil)
	o := settleOpinion(t, s, opinion(t, s, sub, "a", u, 1), civic.OpinionGiven, u, noon)
	do(t, s, func(tx store.Tx) error {
		_, err := tx.Submissions().Erase(t.Context(), sub.ID)
		return err
	})
	o.Question, o.Text = "", ""
	equal(t, ofCase(t, s, sub), []civic.Opinion{o})
}

func testPassedOpinion(t *testing.T, s store.Store) {
	u, sub, second := user(t, s, "a@staff.test"), receive(t, s, nil), receive(t, s, nil)
	first, twice, gone := opinion(t, s, sub, "a", u, 1), opinion(t, s, second, "a", u, 1), opinion(t, s, sub, "c", u, 1)
	there := opinion(t, s, second, "b", u, 2)
	settleOpinion(t, s, gone, civic.OpinionGiven, u, noon)
	for _, tt := range []struct {
		id   int64
		want bool
	}{{first.ID, true}, {twice.ID, false}, {gone.ID, false}} {
		do(t, s, func(tx store.Tx) error {
			got, err := tx.Opinions().Pass(t.Context(), tt.id, "b")
			equal(t, got, tt.want)
			return err
		})
	}
	first.Agency = "b"
	equal(t, ofCase(t, s, sub)[0], first)
	equal(t, ofCase(t, s, second), []civic.Opinion{twice, there})
}
