package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// caseAs reads a case as a person of staff sees it.
func (w *world) caseAs(t *testing.T, who []string, code string) (c api.Case) {
	t.Helper()
	w.send(t, http.MethodGet, "/staff/submissions/"+code, "", who...).into(t, &c)
	return c
}

func TestACoordinatorMergesAndTakesApart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	var acks []api.Acknowledgement
	for range 4 {
		acks = append(acks, w.triaged(t))
		w.clock.Advance(5 * time.Minute)
	}
	root := acks[0].Code
	into := func(code string) string {
		return `{"into":"` + strings.ToLower(code) + `","reason":"Cùng một việc"}`
	}
	steps := []struct {
		name, code, action, body string
		status                   int
		has                      string
	}{
		{"no code", acks[1].Code, "merge", "{}", 422, `"into"`},
		{"an unknown case", acks[1].Code, "merge", into("HK-2222-2222-2222"), 422, "field.unknown_case"},
		{"itself", acks[1].Code, "merge", into(acks[1].Code), 409, "merge.into_itself"},
		{"one follows", acks[1].Code, "merge", into(root), 200, `"relation":"root"`},
		{"another through it", acks[2].Code, "merge", into(acks[1].Code), 200, `"status":"merged"`},
		{"and a third", acks[3].Code, "merge", into(root), 200, `"reason":"Cùng một việc"`},
		{"nobody is no member", root, "split-cluster", `{"members":[]}`, 422, "members"},
		{"two leave together", root, "split-cluster", `{"members":["` + acks[2].Code + `","` + acks[3].Code + `"],"reason":"Khác nơi"}`, 200, `"duplicates_total":1`},
		{"one of them leads", acks[3].Code, "lead", "", 200, `"duplicates_total":1`},
		{"a root does not lead", root, "lead", "", 409, "submission.move_not_allowed"},
		{"a refusal for whom", root, "reject", `{"reason_code":"out_of_scope","message":"Không thuộc phạm vi.","cluster":"some"}`, 422, `"cluster"`},
		{"a refusal for all", root, "reject", `{"reason_code":"out_of_scope","message":"Không thuộc phạm vi.","cluster":"all"}`, 200, `"duplicates_total":1`},
		{"which nobody follows", acks[3].Code, "merge", into(root), 409, "merge.into_refused"},
	}
	for _, s := range steps {
		if r := w.act(t, coordinator, s.code, s.action, s.body); r.status != s.status || !strings.Contains(r.body, s.has) {
			t.Errorf("%s: %d %s", s.name, r.status, r.body)
		}
	}
	got := w.caseAs(t, coordinator, acks[3].Code)
	if got.ClusterFirstAt == nil || got.ClusterLastAt == nil || !got.ClusterLastAt.Equal(got.ReceivedAt) || got.ClusterLastAt.Sub(*got.ClusterFirstAt) != 5*time.Minute {
		t.Errorf("the campaign runs from %v to %v", got.ClusterFirstAt, got.ClusterLastAt)
	}
}

func TestACaseIsSplitIntoParts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	ack := w.triaged(t)
	for body, has := range map[string]string{
		"{}": "parts", `{"parts":[{"title":"x","body":""}]}`: "parts.0.title",
	} {
		if r := w.act(t, coordinator, ack.Code, "split", body); r.status != 422 || !strings.Contains(r.body, has) {
			t.Errorf("%s: %d %s", body, r.status, r.body)
		}
	}
	part := `{"title":"Ký số hồ sơ","body":"Đề nghị cho phép ký số toàn bộ hồ sơ nhiệm vụ."}`
	if r := w.act(t, coordinator, ack.Code, "split", `{"parts":[`+part+`,`+part+`],"reason":"Hai việc"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	whole := w.caseAs(t, coordinator, ack.Code)
	if len(whole.Related) != 2 || whole.Related[0].Relation != "part" || whole.Related[0].Title != "Ký số hồ sơ" || !whole.Related[0].Open {
		t.Fatalf("related: %+v", whole.Related)
	}
	own := w.caseAs(t, coordinator, whole.Related[1].Code)
	if len(own.Related) != 2 || own.Related[1].Relation != "sibling" || own.Related[0].Relation != "origin" || own.Related[0].Code != ack.Code || !own.DueAt.Equal(whole.DueAt) {
		t.Errorf("the part: %+v", own.Related)
	}
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: []string{"Authorization", "Bearer " + ack.TrackingToken}, status: 200,
		has: []string{`"parts":[{"code":"` + whole.Related[0].Code + `","status":"received"}`, `"event":"parts_made"`},
	}.run(t, w)
}

func TestASenderObjectsOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	root, ack := w.triaged(t), w.triaged(t)
	sender := []string{"Authorization", "Bearer " + ack.TrackingToken}
	path, reason := "/submissions/"+ack.Code+"/object", `{"reason":"Tôi hỏi việc khác"}`
	merge := func(status int, body string) {
		t.Helper()
		if r := w.act(t, coordinator, ack.Code, "merge", body); r.status != status {
			t.Fatalf("%d %s", r.status, r.body)
		}
	}
	tests := []scenario{
		{name: "not while it follows nothing", headers: sender, body: reason, status: 409, code: "objection.follows_nothing"},
		{name: "not without a token", body: reason, status: 401, code: "submission.token_missing"},
		{name: "not without a reason", headers: sender, body: "{}", status: 422, has: []string{`"reason"`}},
		{name: "once", headers: sender, body: reason, status: 200, has: []string{`"status":"triage"`, `"event":"objected"`, "Tôi hỏi việc khác", `"follows":null`}, jobs: map[store.JobKind]int{store.JobRoute: 1}},
		{name: "not twice", headers: sender, body: reason, status: 409, code: "objection.used"},
	}
	for i, tt := range tests {
		if i == 1 {
			merge(200, `{"into":"`+root.Code+`"}`)
			scenario{method: "GET", path: "/submissions/" + ack.Code, headers: sender, status: 200, has: []string{`"may_object":true`}}.run(t, w)
		}
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.path = "POST", path
			tt.run(t, w)
		})
	}
	scenario{method: "GET", path: "/staff/submissions/" + ack.Code, headers: coordinator, status: 200, has: []string{`"triage_reason":"triage.objected"`, "Tôi hỏi việc khác"}}.run(t, w)
	merge(422, `{"into":"`+root.Code+`"}`) // who objected is owed a reason
	merge(200, `{"into":"`+root.Code+`","reason":"Đã đọc lại: cùng một việc."}`)
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: sender, status: 200, has: []string{`"may_object":false`, "Đã đọc lại: cùng một việc."},
	}.run(t, w)
}

func TestAnObstacleIsToldWithWhatToDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	root := w.triaged(t)
	w.work(t)
	w.act(t, coordinator, root.Code, "reject", `{"reason_code":"out_of_scope","message":"Không thuộc phạm vi."}`)
	w.clock.Advance(time.Minute)
	ack := w.receive(t)
	w.work(t)
	got := w.caseAs(t, coordinator, ack.Code)
	if len(got.Duplicates) != 1 {
		t.Fatalf("duplicates: %+v", got.Duplicates)
	}
	d := got.Duplicates[0]
	if d.Code != root.Code || d.Relation != "similar" || d.Obstacle == nil || *d.Obstacle != "refused" || d.Advice == nil || *d.Advice != "refuse_same" ||
		d.Jaccard == nil || *d.Jaccard != 1 || d.Rejection == nil || d.Rejection.Message != "Không thuộc phạm vi." || !strings.Contains(d.Reason, "không được thụ lý") {
		t.Errorf("it says %+v", d)
	}
}
