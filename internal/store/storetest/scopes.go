package storetest

import (
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

var scopeTests = []test{
	{"a judgement comes back whole", testScope},
	{"what was suggested stays when a person decides", testScopeDecided},
	{"judgements are listed in the order asked", testScopeList},
	{"decisions of people are counted against the suggestions", testScopeCount},
	{"the queue shows the scopes that are asked for", testQueueByScope},
	{"the restriction and the channel of a refusal are kept", testRestricted},
}

func judged(id civic.SubmissionID, suggested civic.Scope) civic.ScopeDecision {
	return civic.ScopeDecision{
		Submission: id, Suggested: suggested, Confidence: 0.75, Scope: suggested, DecidedBy: civic.ActorSystem, DecidedAt: noon,
	}
}

func putScope(t *testing.T, s store.Store, d civic.ScopeDecision) {
	t.Helper()
	do(t, s, func(tx store.Tx) error { return tx.Scopes().Put(t.Context(), d) })
}

func scopeOf(t *testing.T, s store.Store, id civic.SubmissionID) civic.ScopeDecision {
	t.Helper()
	return view(t, s, func(tx store.Tx) (civic.ScopeDecision, error) { return tx.Scopes().Get(t.Context(), id) })
}

func testScope(t *testing.T, s store.Store) {
	sub := receive(t, s, nil)
	missing(t, s, errs.NotFound, "scope.not_found", func(tx store.Tx) (civic.ScopeDecision, error) {
		return tx.Scopes().Get(t.Context(), sub.ID)
	})
	full := judged(sub.ID, civic.Denunciation)
	full.Channel, full.Words, full.Accused = "denunciation", []string{"nhận hối lộ"}, []string{"ông Nguyễn Văn A"}
	full.Several, full.Lifted = []string{"Một \"việc\"", "Hai"}, true
	for _, want := range []civic.ScopeDecision{full, judged(sub.ID, civic.InScope)} {
		putScope(t, s, want)
		equal(t, scopeOf(t, s, sub.ID), want)
	}
}

func testScopeDecided(t *testing.T, s store.Store) {
	sub, who := receive(t, s, nil), user(t, s, "a@example.vn")
	putScope(t, s, judged(sub.ID, civic.Spam))
	decided := civic.ScopeDecision{
		Submission: sub.ID, Suggested: civic.Complaint, Confidence: 0.1, Scope: civic.InScope, DecidedBy: civic.ActorStaff, User: who.ID, DecidedAt: noon.Add(time.Hour),
	}
	putScope(t, s, decided)
	got := scopeOf(t, s, sub.ID)
	if got.Suggested != civic.Spam || got.Confidence != 0.75 || got.Scope != civic.InScope || got.User != who.ID || got.UserName == "" {
		t.Errorf("stored %+v", got)
	}
	putScope(t, s, judged(sub.ID, civic.Unclear)) // judged anew
	equal(t, scopeOf(t, s, sub.ID), judged(sub.ID, civic.Unclear))
}

func testScopeList(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 3)
	putScope(t, s, judged(ids[0], civic.Spam))
	putScope(t, s, judged(ids[2], civic.InScope))
	got := view(t, s, func(tx store.Tx) ([]civic.ScopeDecision, error) {
		return tx.Scopes().List(t.Context(), []civic.SubmissionID{ids[2], ids[1], ids[0]})
	})
	equal(t, got, []civic.ScopeDecision{judged(ids[2], civic.InScope), judged(ids[0], civic.Spam)})
}

func testScopeCount(t *testing.T, s store.Store) {
	who := user(t, s, "a@example.vn")
	ids := receiveMany(t, s, 5)
	decide := func(id civic.SubmissionID, suggested, decided civic.Scope, after time.Duration) {
		putScope(t, s, judged(id, suggested))
		putScope(t, s, civic.ScopeDecision{Submission: id, Suggested: suggested, Scope: decided, DecidedBy: civic.ActorStaff, User: who.ID, DecidedAt: noon.Add(after)})
	}
	decide(ids[0], civic.Spam, civic.InScope, 0)
	decide(ids[1], civic.Spam, civic.Spam, time.Minute)
	decide(ids[2], civic.Spam, civic.Spam, 2*time.Minute)
	decide(ids[3], civic.Unclear, civic.Spam, 3*time.Minute)
	putScope(t, s, judged(ids[4], civic.Spam)) // nobody has looked at it
	count := func(from, until time.Time) []store.ScopeCount {
		return view(t, s, func(tx store.Tx) ([]store.ScopeCount, error) { return tx.Scopes().Count(t.Context(), from, until) })
	}
	equal(t, count(time.Time{}, time.Time{}), []store.ScopeCount{
		{Suggested: civic.Spam, Decided: civic.Spam, Cases: 2}, {Suggested: civic.Spam, Decided: civic.InScope, Cases: 1},
		{Suggested: civic.Unclear, Decided: civic.Spam, Cases: 1},
	})
	equal(t, count(noon.Add(2*time.Minute), noon.Add(3*time.Minute)), []store.ScopeCount{{Suggested: civic.Spam, Decided: civic.Spam, Cases: 1}})
}

func testQueueByScope(t *testing.T, s store.Store) {
	ids := receiveMany(t, s, 4)
	for i, scope := range []civic.Scope{civic.Spam, civic.InScope, civic.Complaint} {
		putScope(t, s, judged(ids[i], scope))
	}
	queue := func(scopes ...civic.Scope) (found []civic.SubmissionID, as []civic.Scope) {
		page := view(t, s, func(tx store.Tx) (store.QueuePage, error) {
			return tx.Submissions().Queue(t.Context(), store.QueueQuery{ScopedAs: scopes, Sort: store.SortOldest, Page: 1, PerPage: 10})
		})
		for _, item := range page.Items {
			found, as = append(found, item.ID), append(as, item.SetApart)
		}
		if page.Total != len(found) {
			t.Errorf("total %d for %d", page.Total, len(found))
		}
		return found, as
	}
	found, as := queue()
	equal(t, found, ids)
	equal(t, as, []civic.Scope{civic.Spam, civic.InScope, civic.Complaint, ""})
	found, _ = queue(civic.Spam, civic.Complaint)
	equal(t, found, []civic.SubmissionID{ids[0], ids[2]})
}

func testRestricted(t *testing.T, s store.Store) {
	sub := receive(t, s, func(r *store.Receipt) { r.Submission.Restricted = true })
	if !sub.Restricted {
		t.Error("the restriction was not received")
	}
	want := change(t, s, sub, func(sub *civic.Submission) {
		sub.Restricted, sub.Rejection = false, civic.Rejection{Reason: "spam", Message: "Không.", Channel: "bank"}
	})
	equal(t, view(t, s, func(tx store.Tx) (civic.Submission, error) { return tx.Submissions().Get(t.Context(), sub.ID) }), want)
}
