package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var auditTests = []test{
	{"every log has its lines in the common form", testAuditLines},
	{"what is in the chain is not unsealed, what came late is found when asked", testUnsealed},
	{"a taken place or line is Conflict", testAuditTwice},
	{"the chain is listed by what it is narrowed to", testAuditList},
}

func appendAll(t *testing.T, s store.Store, first int64, lines []store.AuditLine) {
	t.Helper()
	entries := make([]store.AuditEntry, len(lines))
	for i, l := range lines {
		l.Text = ""
		entries[i] = store.AuditEntry{AuditLine: l, Seq: first + int64(i), Hash: [32]byte{byte(i + 1)}, SealedAt: noon}
	}
	do(t, s, func(tx store.Tx) error { return tx.Audit().Append(t.Context(), entries, noon) })
}

func unsealed(t *testing.T, s store.Store, late bool) []store.AuditLine {
	t.Helper()
	return view(t, s, func(tx store.Tx) ([]store.AuditLine, error) { return tx.Audit().Unsealed(t.Context(), 100, late) })
}

func testAuditLines(t *testing.T, s store.Store) {
	sub, u := receive(t, s, nil), user(t, s, "a@example.vn")
	at := noon.Add(time.Minute)
	note := store.AuditLine{At: at, Actor: civic.ActorStaff, User: u.ID, What: store.NoteCaseRead, Submission: sub.ID, Subject: "x", Agency: "most", Detail: "officer"}
	do(t, s, func(tx store.Tx) error {
		if err := tx.Events().Add(t.Context(), civic.Event{Submission: sub.ID, At: at, Type: civic.EventAssigned, Actor: civic.ActorStaff, User: u.ID,
			From: civic.Triage, To: civic.Assigned, Agency: "most", Reason: "Đúng"}); err != nil {
			return err
		}
		if err := tx.Looks().Add(t.Context(), store.Look{Submission: sub.ID, User: u.ID, Role: civic.RoleOfficer, Agency: "most", At: at, Reason: "Hẹn"}); err != nil {
			return err
		}
		if err := tx.AccountChanges().Add(t.Context(), store.AccountChange{User: u.ID, At: at, What: "role_changed", Detail: "a > b"}); err != nil {
			return err
		}
		return tx.Audit().Note(t.Context(), note)
	})
	got := unsealed(t, s, false)
	if len(got) != 5 {
		t.Fatalf("got %d lines, want 5: %+v", len(got), got)
	}
	want := []store.AuditLine{
		{Source: store.AuditEvents, At: noon, Actor: civic.ActorSender, What: "received", Submission: sub.ID, Detail: "received"},
		{Source: store.AuditEvents, At: at, Actor: civic.ActorStaff, User: u.ID, What: "assigned", Submission: sub.ID, Agency: "most", Detail: "triage > assigned", Text: "Đúng"},
		{Source: store.AuditLooks, At: at, Actor: civic.ActorStaff, User: u.ID, What: "contact_looked", Submission: sub.ID, Agency: "most", Detail: "officer", Text: "Hẹn"},
		{Source: store.AuditAccounts, At: at, Actor: civic.ActorSystem, What: "account_role_changed", Subject: got[3].Subject, Detail: "a > b"},
		note,
	}
	want[4].Source = store.AuditNotes
	for i := range want {
		want[i].SourceID = got[i].SourceID
		equal(t, got[i], want[i])
		same := view(t, s, func(tx store.Tx) (map[int64]store.AuditLine, error) {
			return tx.Audit().Lines(t.Context(), got[i].Source, []int64{got[i].SourceID})
		})
		equal(t, same[got[i].SourceID], got[i])
	}
	noted := func(since time.Time) bool {
		return view(t, s, func(tx store.Tx) (bool, error) {
			return tx.Audit().Noted(t.Context(), store.NoteCaseRead, u.ID, sub.ID, since)
		})
	}
	equal(t, noted(at), true)
	equal(t, noted(at.Add(time.Second)), false)
}

func testUnsealed(t *testing.T, s store.Store) {
	receiveMany(t, s, 3)
	lines := unsealed(t, s, false)
	equal(t, len(lines), 3)
	missing(t, s, errs.NotFound, "audit.empty", func(tx store.Tx) (store.AuditEntry, error) { return tx.Audit().Last(t.Context()) })
	appendAll(t, s, 1, []store.AuditLine{lines[0], lines[2]}) // as if the second had ended late
	equal(t, len(unsealed(t, s, false)), 0)
	equal(t, unsealed(t, s, true), lines[1:2])
	count := func(before time.Time) int {
		return view(t, s, func(tx store.Tx) (int, error) { return tx.Audit().Missing(t.Context(), before) })
	}
	equal(t, count(noon), 0)
	equal(t, count(noon.Add(time.Second)), 1)
	equal(t, view(t, s, func(tx store.Tx) (store.AuditEntry, error) { return tx.Audit().Last(t.Context()) }).Seq, 2)
}

func testAuditTwice(t *testing.T, s store.Store) {
	receiveMany(t, s, 2)
	lines := unsealed(t, s, false)
	appendAll(t, s, 1, lines[:1])
	for _, e := range []store.AuditEntry{{AuditLine: lines[1], Seq: 1}, {AuditLine: lines[0], Seq: 2}} {
		e.SealedAt = noon
		refused(t, s, errs.Conflict, "row.exists", func(tx store.Tx) error { return tx.Audit().Append(t.Context(), []store.AuditEntry{e}, noon) })
	}
}

func testAuditList(t *testing.T, s store.Store) {
	sub, u := receive(t, s, nil), user(t, s, "a@example.vn")
	do(t, s, func(tx store.Tx) error {
		return tx.Audit().Note(t.Context(), store.AuditLine{
			At: noon.Add(time.Hour), Actor: civic.ActorStaff, User: u.ID, What: store.NoteCaseRead, Submission: sub.ID, Agency: "most",
		})
	})
	receive(t, s, nil)
	appendAll(t, s, 1, unsealed(t, s, false))
	tests := []struct {
		q    store.AuditQuery
		want []int64
	}{
		{store.AuditQuery{}, []int64{3, 2, 1}},
		{store.AuditQuery{Upwards: true}, []int64{1, 2, 3}},
		{store.AuditQuery{After: 1, Upwards: true}, []int64{2, 3}},
		{store.AuditQuery{Before: 3}, []int64{2, 1}},
		{store.AuditQuery{User: u.ID}, []int64{3}},
		{store.AuditQuery{Submission: sub.ID}, []int64{3, 1}},
		{store.AuditQuery{What: store.NoteCaseRead}, []int64{3}},
		{store.AuditQuery{Actor: civic.ActorStaff}, []int64{3}},
		{store.AuditQuery{Source: store.AuditEvents}, []int64{2, 1}},
		{store.AuditQuery{Scope: []civic.AgencyCode{"most"}}, []int64{3}},
		{store.AuditQuery{Scope: []civic.AgencyCode{}}, nil},
		{store.AuditQuery{From: noon.Add(time.Hour)}, []int64{3}},
		{store.AuditQuery{Until: noon.Add(time.Hour)}, []int64{2, 1}},
	}
	for _, tt := range tests {
		tt.q.Limit = 10
		var got []int64
		for _, e := range view(t, s, func(tx store.Tx) ([]store.AuditEntry, error) { return tx.Audit().List(t.Context(), tt.q) }) {
			got = append(got, e.Seq)
			if e.Seq == 3 && (e.UserName != u.Name || e.Code != sub.Code) {
				t.Errorf("entry 3 is by %q about %q", e.UserName, e.Code)
			}
		}
		equal(t, got, tt.want)
		equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Audit().Count(t.Context(), tt.q) }), len(tt.want))
	}
	equal(t, view(t, s, func(tx store.Tx) (int, error) { return tx.Audit().Count(t.Context(), store.AuditQuery{Limit: 2}) }), 2)
}
