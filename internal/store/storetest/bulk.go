package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var bulkTests = []test{
	{"a work keeps what was asked and its lines in order", testBulkKept},
	{"a work moves once, and only from where it stands", testBulkMoves},
	{"a line keeps what became of it", testBulkSettle},
	{"what took a work back is known only once it runs", testBulkUndone},
}

// bulkWork stores a work of three cases.
func bulkWork(t *testing.T, s store.Store) (civic.BulkWork, []civic.Submission) {
	t.Helper()
	u := user(t, s, "bulk@example.vn")
	w := civic.BulkWork{
		User: u.ID, UserName: u.Name, Act: civic.BulkReject, Input: map[string]string{"message": "Đã trả lời rồi."}, State: civic.BulkChecking,
		Capped: true, MadeAt: noon, Lines: map[civic.LineState]int{civic.LineWaiting: 3},
	}
	var subs []civic.Submission
	var lines []civic.BulkLine
	for i := range 3 {
		sub := receive(t, s, nil)
		subs = append(subs, sub)
		lines = append(lines, civic.BulkLine{Submission: sub.ID, Version: i + 1, State: civic.LineWaiting})
	}
	do(t, s, func(tx store.Tx) (err error) { w.ID, err = tx.BulkWorks().Add(t.Context(), w, lines); return err })
	return w, subs
}

func getWork(t *testing.T, s store.Store, id int64) civic.BulkWork {
	t.Helper()
	return view(t, s, func(tx store.Tx) (civic.BulkWork, error) { return tx.BulkWorks().Get(t.Context(), id) })
}

func testBulkKept(t *testing.T, s store.Store) {
	w, subs := bulkWork(t, s)
	equal(t, getWork(t, s, w.ID), w)
	missing(t, s, errs.NotFound, "bulk.not_found", func(tx store.Tx) (civic.BulkWork, error) { return tx.BulkWorks().Get(t.Context(), w.ID+1) })
	by := view(t, s, func(tx store.Tx) (civic.User, error) { return tx.Users().Get(t.Context(), w.User) })
	for _, tt := range []struct {
		name string
		q    store.WorkQuery
		want []civic.BulkWork
	}{
		{"everybody", store.WorkQuery{}, []civic.BulkWork{w}},
		{"its person", store.WorkQuery{User: w.User}, []civic.BulkWork{w}},
		{"somebody else", store.WorkQuery{User: w.User + 1}, nil},
		{"the agency of its person", store.WorkQuery{Agencies: []civic.AgencyCode{by.Agency, "none"}}, []civic.BulkWork{w}},
		{"another agency", store.WorkQuery{Agencies: []civic.AgencyCode{"none"}}, nil},
		{"no agency", store.WorkQuery{Agencies: []civic.AgencyCode{}}, nil},
		{"what is older than the next", store.WorkQuery{Before: w.ID + 1}, []civic.BulkWork{w}},
		{"what is older than itself", store.WorkQuery{Before: w.ID}, nil},
	} {
		tt.q.Limit = 5
		got := view(t, s, func(tx store.Tx) ([]civic.BulkWork, error) { return tx.BulkWorks().List(t.Context(), tt.q) })
		if len(got) != len(tt.want) {
			t.Errorf("%s: %d works, want %d", tt.name, len(got), len(tt.want))
			continue
		}
		equal(t, got, tt.want)
	}
	got := view(t, s, func(tx store.Tx) ([]civic.BulkLine, error) { return tx.BulkWorks().Lines(t.Context(), w.ID, 1, 5) })
	want := []civic.BulkLine{
		{Work: w.ID, Place: 2, Submission: subs[1].ID, Version: 2, State: civic.LineWaiting, Code: subs[1].Code, Title: subs[1].Title, Language: subs[1].Language},
		{Work: w.ID, Place: 3, Submission: subs[2].ID, Version: 3, State: civic.LineWaiting, Code: subs[2].Code, Title: subs[2].Title, Language: subs[2].Language},
	}
	equal(t, got, want)
}

func testBulkMoves(t *testing.T, s store.Store) {
	w, _ := bulkWork(t, s)
	at := noon
	move := func(from, to civic.BulkState, want bool) {
		t.Helper()
		at = at.Add(time.Minute)
		do(t, s, func(tx store.Tx) error {
			ok, err := tx.BulkWorks().Move(t.Context(), w.ID, from, to, at)
			equal(t, ok, want)
			return err
		})
	}
	move(civic.BulkReady, civic.BulkRunning, false)
	move(civic.BulkChecking, civic.BulkReady, true)
	move(civic.BulkReady, civic.BulkRunning, true)
	move(civic.BulkReady, civic.BulkRunning, false)
	move(civic.BulkRunning, civic.BulkDone, true)
	w.State, w.BegunAt, w.EndedAt = civic.BulkDone, noon.Add(3*time.Minute), noon.Add(5*time.Minute)
	equal(t, getWork(t, s, w.ID), w)
}

func testBulkSettle(t *testing.T, s store.Store) {
	w, subs := bulkWork(t, s)
	line := civic.BulkLine{
		Work: w.ID, Place: 2, Submission: subs[1].ID, Version: 7, State: civic.LineUnfit, Reason: "submission.move_not_allowed", Was: `{"a":1}`, Became: `{"a":2}`,
		SettledAt: noon, Code: subs[1].Code, Title: subs[1].Title, Language: subs[1].Language,
	}
	do(t, s, func(tx store.Tx) error { return tx.BulkWorks().Settle(t.Context(), line) })
	got := view(t, s, func(tx store.Tx) ([]civic.BulkLine, error) {
		return tx.BulkWorks().Lines(t.Context(), w.ID, 0, 5, civic.LineUnfit, civic.LineDone)
	})
	equal(t, got, []civic.BulkLine{line})
	equal(t, getWork(t, s, w.ID).Lines, map[civic.LineState]int{civic.LineWaiting: 2, civic.LineUnfit: 1})
	line.Place = 9
	refused(t, s, errs.NotFound, "bulk.not_found", func(tx store.Tx) error { return tx.BulkWorks().Settle(t.Context(), line) })
}

func testBulkUndone(t *testing.T, s store.Store) {
	w, _ := bulkWork(t, s)
	undo := civic.BulkWork{User: w.User, Act: w.Act, State: civic.BulkReady, UndoOf: w.ID, MadeAt: noon}
	do(t, s, func(tx store.Tx) (err error) { undo.ID, err = tx.BulkWorks().Add(t.Context(), undo, nil); return err })
	equal(t, getWork(t, s, w.ID).UndoneBy, 0)
	do(t, s, func(tx store.Tx) error {
		_, err := tx.BulkWorks().Move(t.Context(), undo.ID, civic.BulkReady, civic.BulkRunning, noon)
		return err
	})
	equal(t, getWork(t, s, w.ID).UndoneBy, undo.ID)
	equal(t, getWork(t, s, undo.ID).UndoOf, w.ID)
}
