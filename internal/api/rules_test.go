package api_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// ruleBody is a draft as a program sends it.
func ruleBody(id string, base int, condition string) string {
	body, err := json.Marshal(map[string]any{
		"id": id, "base": base, "name": "Chữ ký số", "condition": condition, "agency": most, "owner": "Phòng Tổng hợp", "note": "thử",
	})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func TestARuleIsWrittenTriedAndLetGoLive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.triaged(t)
	who := w.staff(t, civic.RoleCoordinator, "")
	post := func(path, body string, status int, has ...string) {
		t.Helper()
		scenario{method: "POST", path: path, body: body, headers: who, status: status, has: has}.run(t, w)
	}
	post("/staff/rules", ruleBody("chu-ky-so", 0, `any("chữ ký số")`), 201, `"id":"chu-ky-so"`, `"version":1`, `"state":"draft"`, `"impact":null`)
	scenario{
		method: "POST", path: "/staff/rules/chu-ky-so/go-live", body: `{"version":1}`, headers: who, status: 409, code: "rule.no_dry_run",
	}.run(t, w)
	post("/staff/rules/dry-run", `{"rule":`+ruleBody("", 0, `any("chữ ký số")`)+`}`, 200, `"looked":1`, `"matched":1`, `"changed":1`, `"agency":"`+most+`","come":1`)
	post("/staff/rules/chu-ky-so/dry-run", `{"version":1,"since":"2020-01-01T00:00:00Z"}`, 200, `"looked":1`, `"since":"2020-01-01T00:00:00Z"`)
	post("/staff/rules/chu-ky-so/go-live", `{"version":1}`, 200, `"state":"live"`, `"dry_run_stale":false`, `"decided":1`)
	post("/staff/rules", ruleBody("khac", 0, `any("khác")`), 201)
	post("/staff/rules/khac/move", `{"position":1}`, 200, `"id":"khac","last":null,"live":null,"position":1`, `"position":2`)
	scenario{method: "GET", path: "/staff/rules", headers: who, status: 200, has: []string{`"agency_ended":false`, `"writer":"`}}.run(t, w)
	post("/staff/rules/chu-ky-so/retire", `{"version":1}`, 200, `"state":"retired"`)
	scenario{method: "GET", path: "/staff/rules/khac", headers: who, status: 200, has: []string{`"versions":[{`, `"id":"khac"`}}.run(t, w)
	scenario{method: "GET", path: "/staff/rules/none", headers: who, status: 404, code: "rule.not_found"}.run(t, w)
}

func TestWhatIsWrongWithARuleIsSaidAtTheField(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(t, civic.RoleAdministrator, "")
	scenario{
		method: "POST", path: "/staff/rules", body: ruleBody("r", 0, `any(`), headers: who, status: 422, code: "input.invalid",
		has: []string{`"name":"condition"`, `"code":"rule.condition_wrong"`, "Điều kiện chưa đúng: unexpected token"},
	}.run(t, w)
	scenario{
		method: "POST", path: "/staff/rules", body: ruleBody("r", 0, `Topic == "khong-co"`), headers: append([]string{"Accept-Language", "en"}, who...),
		status: 422, code: "input.invalid", has: []string{"The condition compares Topic with “khong-co”"},
	}.run(t, w)
	scenario{
		method: "POST", path: "/staff/rules", body: ruleBody("r", 3, `has("a")`), headers: who, status: 409, code: "rule.version_mismatch",
	}.run(t, w)
}

func TestModelsAreListedAskedForAndActivated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(t, civic.RoleAdministrator, "")
	get := func() (m api.Models) {
		t.Helper()
		w.send(t, "GET", "/staff/models", "", who...).into(t, &m)
		return m
	}
	if m := get(); m.Active != nil || len(m.Versions) != 0 {
		t.Errorf("before any training: %+v", m)
	}
	must(t, w.Learning.Learn(t.Context()))
	first := *get().Active
	ack := w.triaged(t)
	w.act(t, w.staff(t, civic.RoleCoordinator, ""), ack.Code, "assign", `{"agency":"`+most+`"}`)
	scenario{method: "POST", path: "/staff/models/train", headers: who, status: 202, has: []string{`"reason":"asked"`, `"ended_at":null`}}.run(t, w)
	w.clock.Advance(time.Minute)
	must(t, w.Learning.Learn(t.Context()))
	m := get()
	if *m.Active == first || len(m.Versions) != 2 || m.Versions[0].Reason != "asked" || !m.Versions[0].Active || m.Trainings[0].Outcome != "unmeasured" || m.Confirmed != 1 {
		t.Fatalf("after the training: %+v", m)
	}
	scenario{method: "POST", path: "/staff/models/" + first + "/activate", headers: who, status: 200, has: []string{`"active":"` + first + `"`}}.run(t, w)
	scenario{method: "POST", path: "/staff/models/none/activate", headers: who, status: 404, code: "model.not_found"}.run(t, w)
}

func TestWhatFollowsAnAgencyThatEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	who := w.staff(t, civic.RoleCoordinator, "")
	const ended = "bo-lao-dong-thuong-binh-xa-hoi" // three bodies took it over
	code, err := civic.ParseCode(ack.Code)
	must(t, err)
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), code)
		must(t, err)
		sub.State, sub.Agency = civic.InProgress, ended
		must(t, tx.Routes().Confirm(t.Context(), sub.ID, ended, w.clock.Now()))
		return tx.Submissions().Update(t.Context(), sub)
	}))
	scenario{
		method: "GET", path: "/staff/examples/waiting", headers: who, status: 200,
		has: []string{`"total":1`, ack.Code, `"successors":["bo-noi-vu","bo-giao-duc-dao-tao","bo-y-te"]`},
	}.run(t, w)
	relabel := "/staff/examples/" + ack.Code + "/relabel"
	scenario{method: "POST", path: relabel, body: `{"agency":"` + ended + `"}`, headers: who, status: 422, code: "input.invalid"}.run(t, w)
	scenario{method: "POST", path: relabel, body: `{"agency":"bo-y-te"}`, headers: who, status: 204}.run(t, w)
	scenario{method: "GET", path: "/staff/examples/waiting", headers: who, status: 200, has: []string{`"total":0`, `"items":[]`}}.run(t, w)

	scenario{
		method: "GET", path: "/staff/agencies/stranded", headers: who, status: 200, has: []string{`"total":1`, `"successor":null`, `"movable":true`},
	}.run(t, w)
	move := func(code, agency string) string {
		return fmt.Sprintf(`{"cases":[{"code":%q,"agency":%q}],"reason":"Hợp nhất"}`, code, agency)
	}
	scenario{
		method: "POST", path: "/staff/agencies/stranded", body: move("HK-2222-2222-2222", most), headers: who, status: 200,
		has: []string{`"moved":false`, `"problem":"submission.not_found"`},
	}.run(t, w)
	scenario{method: "POST", path: "/staff/agencies/stranded", body: move("x", most), headers: who, status: 422, code: "input.invalid"}.run(t, w)
	scenario{
		method: "POST", path: "/staff/agencies/stranded", body: move(ack.Code, "bo-y-te"), headers: who, status: 200,
		has: []string{`"moved":true`, `"problem":null`},
	}.run(t, w)
	scenario{method: "GET", path: "/staff/agencies/stranded", headers: who, status: 200, has: []string{`"total":0`}}.run(t, w)
}

func TestAgencyFlagsAreListed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(t, civic.RoleCoordinator, "")
	for range 5 {
		w.act(t, who, w.triaged(t).Code, "assign", `{"agency":"`+most+`"}`)
	}
	scenario{method: "GET", path: "/staff/agencies/flags", headers: who, status: 200, has: []string{`"agencies":[]`}}.run(t, w)
	w.clock.Advance(14 * 24 * time.Hour)
	who = w.staff(t, civic.RoleAdministrator, "")
	scenario{
		method: "GET", path: "/staff/agencies/flags", headers: who, status: 200, has: []string{`"agency":"` + most, `"flags":["silent"]`, `"due":5`},
	}.run(t, w)
}

func TestRulesAndModelsAreForThoseWhoMay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, coordinator, admin := w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleAdministrator, "")
	refused := func(who []string, calls ...[2]string) {
		t.Helper()
		for _, call := range calls {
			scenario{method: call[0], path: call[1], body: "{}", headers: who, status: 403, code: "actor.not_allowed"}.run(t, w)
		}
	}
	models := [][2]string{{"GET", "/staff/models"}, {"POST", "/staff/models/train"}, {"POST", "/staff/models/x/activate"}}
	stranded := [][2]string{{"GET", "/staff/agencies/stranded"}, {"POST", "/staff/agencies/stranded"}}
	refused(officer, slices.Concat([][2]string{
		{"GET", "/staff/rules"}, {"POST", "/staff/rules"}, {"POST", "/staff/rules/dry-run"}, {"GET", "/staff/rules/x"}, {"POST", "/staff/rules/x/dry-run"},
		{"POST", "/staff/rules/x/go-live"}, {"POST", "/staff/rules/x/retire"}, {"POST", "/staff/rules/x/move"},
		{"GET", "/staff/agencies/flags"}, {"GET", "/staff/examples/waiting"}, {"POST", "/staff/examples/HK-2222-2222-2222/relabel"},
	}, models, stranded)...)
	refused(coordinator, models...)
	refused(admin, stranded...)
}
