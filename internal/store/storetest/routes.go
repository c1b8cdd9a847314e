package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var routeTests = []test{
	{"a route is replaced as a whole", testRoute},
	{"confirmed routings are listed newest first, the last word counts", testConfirmed},
	{"a model takes the place of one with the same version", testModel},
	{"one model serves", testActivate},
}

func testRoute(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	stored := func(tx store.Tx) (civic.Route, error) { return tx.Routes().Get(t.Context(), sub.ID) }
	missing(t, s, errs.NotFound, "route.not_found", stored)
	full := civic.Route{
		Submission: sub.ID, DecidedAt: noon, By: civic.RouteByRule, Agency: "most", Score: 1, RuleID: "r1", RuleVersion: 3, ModelVersion: "m1",
		Words:      []string{"chuyển đổi số", `a "b"`},
		Candidates: []civic.RouteCandidate{{Agency: "most", Score: 0.5}, {Agency: "moh", Score: 0.25}},
		RuleErrors: []string{"r7: không có trường"},
	}
	for _, want := range []civic.Route{full, {Submission: sub.ID, DecidedAt: noon.Add(time.Hour), By: civic.RouteByNone}} {
		do(t, s, func(tx store.Tx) error { return tx.Routes().Put(t.Context(), want) })
		equal(t, view(t, s, stored), want)
	}
}

func testConfirmed(t *testing.T, s store.Store) {
	none := view(t, s, func(tx store.Tx) (time.Time, error) {
		_, at, err := tx.Routes().CountConfirmed(t.Context())
		return at, err
	})
	equal(t, none, time.Time{})
	a, b := receive(t, s, nil), receive(t, s, nil)
	confirm := func(sub civic.Submission, agency civic.AgencyCode, after time.Duration) {
		do(t, s, func(tx store.Tx) error { return tx.Routes().Confirm(t.Context(), sub.ID, agency, noon.Add(after)) })
	}
	confirm(a, "moh", 0)
	confirm(b, "most", time.Hour)
	confirm(a, "most", 2*time.Hour)
	list := func(limit int) []store.Confirmed {
		return view(t, s, func(tx store.Tx) ([]store.Confirmed, error) { return tx.Routes().Confirmed(t.Context(), limit) })
	}
	first := store.Confirmed{Submission: a.ID, Text: a.Text(), Topic: "digital", Agency: "most", At: noon.Add(2 * time.Hour)}
	equal(t, list(10), []store.Confirmed{first, {Submission: b.ID, Text: b.Text(), Topic: "digital", Agency: "most", At: noon.Add(time.Hour)}})
	equal(t, list(1), []store.Confirmed{first})
	n := view(t, s, func(tx store.Tx) (int, error) {
		n, newest, err := tx.Routes().CountConfirmed(t.Context())
		equal(t, newest, noon.Add(2*time.Hour))
		return n, err
	})
	equal(t, n, 2)
}

func testModel(t *testing.T, s store.Store) {
	m := store.Model{Version: "m1", Data: []byte{0, 1, 255}, Examples: 12, TrainedAt: noon, Figures: `{"accuracy": 0.9,  "b":1}`}
	do(t, s, func(tx store.Tx) error {
		if err := tx.Models().Add(t.Context(), store.Model{Version: "m1", Data: []byte{7}, TrainedAt: noon.Add(time.Hour)}); err != nil {
			return err
		}
		if err := tx.Models().Activate(t.Context(), "m1", noon, 0); err != nil {
			return err
		}
		return tx.Models().Add(t.Context(), m)
	})
	equal(t, view(t, s, func(tx store.Tx) (store.Model, error) { return tx.Models().Active(t.Context()) }), m)
}

func testActivate(t *testing.T, s store.Store) {
	version := func(tx store.Tx) (string, error) { return tx.Models().ActiveVersion(t.Context()) }
	missing(t, s, errs.NotFound, "model.not_found", version)
	missing(t, s, errs.NotFound, "model.not_found", func(tx store.Tx) (store.Model, error) { return tx.Models().Active(t.Context()) })
	refused(t, s, errs.NotFound, "model.not_found", func(tx store.Tx) error { return tx.Models().Activate(t.Context(), "m1", noon, 0) })
	for _, v := range []string{"m1", "m2"} {
		do(t, s, func(tx store.Tx) error { return tx.Models().Add(t.Context(), store.Model{Version: v, TrainedAt: noon}) })
	}
	for _, v := range []string{"m1", "m2", "m1"} { // the same moment: the last word counts, not the time
		do(t, s, func(tx store.Tx) error { return tx.Models().Activate(t.Context(), v, noon, 0) })
		equal(t, view(t, s, version), v)
	}
}
