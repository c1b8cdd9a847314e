package api_test

import (
	"net/http"
	"strings"
	"testing"

	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/store"
)

// A program that sends for a child names a guardian, and nothing of it is
// published over the API before that person agreed.
func TestASubmissionOfAChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	guardian := func(fields map[string]any) string { return submission("guardian", fields) }
	for _, s := range []scenario{
		{body: guardian(map[string]any{"name": "", "email": "bo@example.vn"}), field: "guardian.name", reason: "field.required"},
		{body: guardian(map[string]any{"name": "Nguyễn Văn Bố"}), field: "guardian.email", reason: "field.required"},
		{body: guardian(map[string]any{"name": "Nguyễn Văn Bố", "email": "AN@example.vn"}), field: "guardian.email", reason: "field.same_as_sender"},
	} {
		s.method, s.path, s.status, s.code = "POST", "/submissions", 422, "input.invalid"
		s.run(t, w)
	}
	r := w.send(t, http.MethodPost, "/submissions", guardian(map[string]any{"name": "Nguyễn Văn Bố", "email": "bo@example.vn"}))
	var ack api.Acknowledgement
	r.into(t, &ack)
	if r.status != http.StatusCreated || ack.Status != "received" || w.jobs(t)[store.JobSend] != 2 {
		t.Fatalf("status %d, jobs %v: %s", r.status, w.jobs(t), r.body)
	}
	own := []string{"Authorization", "Bearer " + ack.TrackingToken}
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: own, status: 200,
		has: []string{`"guardian":{`, `"state":"waiting"`}, hasNot: []string{"Văn Bố", "bo@example.vn"},
	}.run(t, w)
	code, err := civic.ParseCode(ack.Code)
	must(t, err)
	w.change(t, ack.Code, func(s *civic.Submission) { s.State, s.TriageReason = civic.Triage, "" })
	coordinator, officer, approver := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleApprover, most)
	for _, step := range []struct {
		who          []string
		action, body string
		want         int
	}{
		{coordinator, "assign", `{"agency":"` + most + `"}`, 200},
		{coordinator, "publish", `{}`, 409},
		{officer, "accept", "", 200},
		{officer, "draft-answer", `{"text":"Bộ tiếp thu; từ ngày 01/01/2027 hồ sơ được ký số.","outcome":"accepted","submit":true}`, 200},
		{approver, "approve", "", 409}, // it publishes unless told otherwise
		{approver, "approve", `{"publish":false}`, 200},
		{coordinator, "publish", `{}`, 409},
	} {
		r := w.act(t, step.who, ack.Code, step.action, step.body)
		if r.status != step.want || step.want == 409 && r.problem(t).Code != "submission.guardian_waiting" {
			t.Errorf("%s %s: %d %s", step.action, step.body, r.status, r.body)
		}
		if step.want == 200 && !strings.Contains(r.body, `"state":"waiting"`) {
			t.Errorf("%s does not say where the consent stands", step.action)
		}
	}
	scenario{method: "GET", path: "/submissions/" + ack.Code, status: 404, code: "submission.not_found"}.run(t, w)
	must(t, w.store.View(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), code)
		if sub.TermsVersion != civic.ChildTermsVersion {
			t.Errorf("the child agreed to %q", sub.TermsVersion)
		}
		return err
	}))
	scenario{method: "GET", path: "/submissions/" + w.receive(t).Code, status: 404}.run(t, w)
}
