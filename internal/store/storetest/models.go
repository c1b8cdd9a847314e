package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var modelTests = []test{
	{"models are listed newest first, the active one always, without data", testModelList},
	{"pruning empties all but the newest and the active", testModelPrune},
	{"going back from a model is noted and stays", testModelRollBack},
	{"an activation tells who and when", testActivation},
	{"trainings are asked for, ended once and found by their reason", testTrainings},
	{"a confirmation is forgotten for the agency that gave the case back alone", testUnconfirm},
	{"confirmed routings are counted and listed by agency and topic", testConfirmedGroups},
}

func addModels(t *testing.T, s store.Store, versions ...string) {
	t.Helper()
	for i, v := range versions {
		do(t, s, func(tx store.Tx) error {
			return tx.Models().Add(t.Context(), store.Model{Version: v, Data: []byte{1, 2}, TrainedAt: noon.Add(time.Duration(i) * time.Hour)})
		})
	}
}

func activate(t *testing.T, s store.Store, version string) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Models().Activate(t.Context(), version, noon, 0) })
}

func testModelList(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	addModels(t, s, "m1", "m2", "m3")
	full := store.Model{
		Version: "m4", Data: []byte{9}, Examples: 3, TrainedAt: noon.Add(9 * time.Hour), Figures: "{}", NewestAt: noon, Reason: "asked",
		TrainedBy: u.ID, Verdict: "better",
	}
	do(t, s, func(tx store.Tx) error { return tx.Models().Add(t.Context(), full) })
	activate(t, s, "m1")
	got := view(t, s, func(tx store.Tx) ([]store.ListedModel, error) { return tx.Models().List(t.Context(), 2) })
	equal(t, view(t, s, func(tx store.Tx) (store.Model, error) { return tx.Models().Get(t.Context(), "m4") }), full)
	full.Data = nil
	equal(t, got, []store.ListedModel{
		{Model: full, Trainer: u.Name},
		{Model: store.Model{Version: "m3", TrainedAt: noon.Add(2 * time.Hour)}},
		{Model: store.Model{Version: "m1", TrainedAt: noon}},
	})
	missing(t, s, errs.NotFound, "model.not_found", func(tx store.Tx) (store.Model, error) { return tx.Models().Get(t.Context(), "m9") })
}

func testModelPrune(t *testing.T, s store.Store) {
	addModels(t, s, "m1", "m2", "m3", "m4")
	activate(t, s, "m1")
	prune := func() (n int) {
		do(t, s, func(tx store.Tx) (err error) {
			n, err = tx.Models().Prune(t.Context(), 2)
			return err
		})
		return n
	}
	equal(t, prune(), 1)
	equal(t, prune(), 0)
	pruned := map[string]bool{}
	for _, m := range view(t, s, func(tx store.Tx) ([]store.ListedModel, error) { return tx.Models().List(t.Context(), 9) }) {
		pruned[m.Version] = m.Pruned
	}
	equal(t, pruned, map[string]bool{"m1": false, "m2": true, "m3": false, "m4": false})
}

func testModelRollBack(t *testing.T, s store.Store) {
	addModels(t, s, "m1")
	do(t, s, func(tx store.Tx) error { return tx.Models().RollBack(t.Context(), "m1", noon) })
	addModels(t, s, "m1") // trained again to the same
	m := view(t, s, func(tx store.Tx) (store.Model, error) { return tx.Models().Get(t.Context(), "m1") })
	equal(t, m.RolledBackAt, noon)
	refused(t, s, errs.NotFound, "model.not_found", func(tx store.Tx) error { return tx.Models().RollBack(t.Context(), "m9", noon) })
}

func testActivation(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	get := func(tx store.Tx) (store.Activation, error) { return tx.Models().Activation(t.Context()) }
	missing(t, s, errs.NotFound, "model.not_found", get)
	addModels(t, s, "m1")
	for _, by := range []civic.UserID{u.ID, 0} {
		do(t, s, func(tx store.Tx) error { return tx.Models().Activate(t.Context(), "m1", noon.Add(time.Hour), by) })
		equal(t, view(t, s, get), store.Activation{Version: "m1", At: noon.Add(time.Hour), By: by})
	}
}

func testTrainings(t *testing.T, s store.Store) {
	u := user(t, s, "a@example.vn")
	a := store.Training{Reason: "nightly", AskedAt: noon}
	b := store.Training{Reason: "asked", AskedAt: noon, AskedBy: u.ID}
	for _, v := range []*store.Training{&a, &b} {
		do(t, s, func(tx store.Tx) (err error) {
			v.ID, err = tx.Trainings().Add(t.Context(), *v)
			return err
		})
	}
	open := func(tx store.Tx) ([]store.Training, error) { return tx.Trainings().Open(t.Context()) }
	last := func(tx store.Tx) (store.Training, error) { return tx.Trainings().Last(t.Context(), "nightly") }
	equal(t, view(t, s, open), []store.Training{a, b})
	missing(t, s, errs.NotFound, "training.not_found", last)
	for _, outcome := range []string{"promoted", "too late"} {
		do(t, s, func(tx store.Tx) error {
			return tx.Trainings().End(t.Context(), a.ID, outcome, "m1", noon.Add(time.Minute))
		})
	}
	a.EndedAt, a.Outcome, a.Version = noon.Add(time.Minute), "promoted", "m1"
	equal(t, view(t, s, open), []store.Training{b})
	equal(t, view(t, s, last), a)
	equal(t, view(t, s, func(tx store.Tx) ([]store.Training, error) { return tx.Trainings().List(t.Context(), 9) }), []store.Training{b, a})
	equal(t, view(t, s, func(tx store.Tx) ([]store.Training, error) { return tx.Trainings().List(t.Context(), 1) }), []store.Training{b})
}

func testUnconfirm(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	agency := func(tx store.Tx) (civic.AgencyCode, error) { return tx.Routes().ConfirmedAgency(t.Context(), sub.ID) }
	do(t, s, func(tx store.Tx) error { return tx.Routes().Confirm(t.Context(), sub.ID, "most", noon) })
	do(t, s, func(tx store.Tx) error { return tx.Routes().Unconfirm(t.Context(), sub.ID, "moh") })
	equal(t, view(t, s, agency), "most")
	do(t, s, func(tx store.Tx) error { return tx.Routes().Unconfirm(t.Context(), sub.ID, "most") })
	missing(t, s, errs.NotFound, "example.not_found", agency)
}

func testConfirmedGroups(t *testing.T, s store.Store) {
	var subs []civic.Submission
	for i, c := range []struct {
		agency civic.AgencyCode
		topic  civic.TopicCode
	}{{"old", "digital"}, {"old", ""}, {"old", "digital"}, {"most", "digital"}} {
		sub := receive(t, s, func(r *store.Receipt) { r.Submission.Topic = c.topic })
		do(t, s, func(tx store.Tx) error {
			return tx.Routes().Confirm(t.Context(), sub.ID, c.agency, noon.Add(time.Duration(i)*time.Hour))
		})
		subs = append(subs, sub)
	}
	groups := func(except ...civic.AgencyCode) []store.ConfirmedGroup {
		return view(t, s, func(tx store.Tx) ([]store.ConfirmedGroup, error) {
			return tx.Routes().ConfirmedGroups(t.Context(), except)
		})
	}
	old := []store.ConfirmedGroup{{Agency: "old", Count: 1}, {Agency: "old", Topic: "digital", Count: 2}}
	equal(t, groups("most"), old)
	equal(t, groups(), append([]store.ConfirmedGroup{{Agency: "most", Topic: "digital", Count: 1}}, old...))
	page := func(of []store.ConfirmedGroup, limit, offset int) []store.ConfirmedCase {
		return view(t, s, func(tx store.Tx) ([]store.ConfirmedCase, error) {
			return tx.Routes().ConfirmedOf(t.Context(), of, limit, offset)
		})
	}
	line := func(i int) store.ConfirmedCase {
		return store.ConfirmedCase{Code: subs[i].Code, Title: subs[i].Title, Topic: subs[i].Topic, Agency: "old", At: noon.Add(time.Duration(i) * time.Hour)}
	}
	equal(t, page(old, 2, 0), []store.ConfirmedCase{line(2), line(1)})
	equal(t, page(old, 2, 2), []store.ConfirmedCase{line(0)})
	equal(t, page(old[:1], 9, 0), []store.ConfirmedCase{line(1)})
	equal(t, page(nil, 9, 0), []store.ConfirmedCase(nil))
}

var noticeTests = []test{
	{"a notice is queued with its job and settled once", testAgencyNotice},
	{"refused notices are counted by agency", testRefusedNotices},
}

func addNotice(t *testing.T, s store.Store, agency civic.AgencyCode, after time.Duration) store.AgencyNotice {
	t.Helper()
	n := store.AgencyNotice{Submission: receive(t, s, nil).ID, Agency: agency, State: civic.MessageQueued, CreatedAt: noon.Add(after)}
	do(t, s, func(tx store.Tx) (err error) {
		n.ID, err = tx.AgencyNotices().Add(t.Context(), n)
		return err
	})
	return n
}

func settleNotice(t *testing.T, s store.Store, id int64, state civic.MessageState, reason string) (first bool) {
	t.Helper()
	do(t, s, func(tx store.Tx) (err error) {
		first, err = tx.AgencyNotices().Settle(t.Context(), id, state, reason, noon.Add(time.Hour))
		return err
	})
	return first
}

func testAgencyNotice(t *testing.T, s store.Store) {
	n := addNotice(t, s, "moh", 0)
	stored := func(tx store.Tx) (store.AgencyNotice, error) { return tx.AgencyNotices().Get(t.Context(), n.ID) }
	equal(t, view(t, s, stored), n)
	jobs := view(t, s, func(tx store.Tx) ([]store.Job, error) {
		return tx.Outbox().Due(t.Context(), store.JobNotify, noon, noon, 10)
	})
	if len(jobs) != 1 || jobs[0].Subject != n.ID {
		t.Errorf("jobs: %+v", jobs)
	}
	equal(t, settleNotice(t, s, n.ID, civic.MessageNotSent, "refused"), true)
	equal(t, settleNotice(t, s, n.ID, civic.MessageSent, ""), false)
	n.State, n.Reason, n.SettledAt = civic.MessageNotSent, "refused", noon.Add(time.Hour)
	equal(t, view(t, s, stored), n)
	refused(t, s, errs.NotFound, "notice.not_found", func(tx store.Tx) error {
		_, err := tx.AgencyNotices().Settle(t.Context(), n.ID+1, civic.MessageSent, "", noon)
		return err
	})
	refused(t, s, errs.Internal, "message.not_settled", func(tx store.Tx) error {
		_, err := tx.AgencyNotices().Settle(t.Context(), n.ID, civic.MessageQueued, "", noon)
		return err
	})
}

func testRefusedNotices(t *testing.T, s store.Store) {
	for _, n := range []struct {
		agency civic.AgencyCode
		after  time.Duration
		reason string
	}{{"moh", 0, "refused"}, {"moh", time.Minute, "refused"}, {"most", time.Minute, "refused"}, {"moh", time.Minute, "outdated"}} {
		settleNotice(t, s, addNotice(t, s, n.agency, n.after).ID, civic.MessageNotSent, n.reason)
	}
	addNotice(t, s, "moh", time.Minute)
	got := view(t, s, func(tx store.Tx) (map[civic.AgencyCode]int, error) {
		return tx.AgencyNotices().Refused(t.Context(), "refused", noon.Add(time.Minute))
	})
	equal(t, got, map[civic.AgencyCode]int{"moh": 1, "most": 1})
}
