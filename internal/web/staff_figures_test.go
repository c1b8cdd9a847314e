package web_test

import (
	"net/http"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestTheFiguresPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/figures/machine").is(http.StatusOK, "Chưa có số liệu", `href="/staff/figures" aria-current="page"`)
	s := w.browser().submit(nil)
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		return tx.Events().Add(t.Context(), civic.Event{
			Submission: sub.ID, At: w.clock.Now(), Type: civic.EventTriaged, Actor: civic.ActorSystem, From: civic.Received, To: civic.Triage,
		})
	})
	coordinator.get("/staff/figures/machine").is(http.StatusOK).hasNot("Cán bộ quyết định")
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		return tx.Scopes().Put(t.Context(), civic.ScopeDecision{
			Submission: sub.ID, Suggested: civic.Spam, Scope: civic.InScope, DecidedBy: civic.ActorStaff, DecidedAt: w.clock.Now(),
		})
	})
	coordinator.get("/staff/figures/machine").is(http.StatusOK, "Cán bộ quyết định", "Nội dung rác", "Thuộc phạm vi")
	coordinator.get("/staff/figures/machine?weeks=13").is(http.StatusOK, "Chờ điều phối", "đang tính", `href="/staff/figures/machine?weeks=13" aria-current="true"`).
		hasNot("Chưa có số liệu")
	coordinator.get("/staff/figures/machine?weeks=nonsense").is(http.StatusOK, `weeks=8" aria-current="true"`)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/figures/machine").is(http.StatusForbidden)
	officer.get("/staff/queue").is(http.StatusOK).hasNot("/staff/figures")
}

func TestAnUnlikelyAgencyIsNotChosenBeforehand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	chosen := `<option value="` + string(most) + `" selected>`
	coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, chosen)
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		return tx.Routes().Put(t.Context(), civic.Route{
			Submission: sub.ID, DecidedAt: w.clock.Now(), By: civic.RouteByNone, Agency: most, Score: 0.39,
			Candidates: []civic.RouteCandidate{{Agency: most, Score: 0.39}},
		})
	})
	coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "39%").hasNot(chosen)
}
