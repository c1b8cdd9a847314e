package api_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"hienke/internal/api"
	"hienke/internal/civic"
)

// came sends a text and lets the machine do all it does.
func (w *world) came(t *testing.T, title, body string) api.Acknowledgement {
	t.Helper()
	var in map[string]any
	must(t, json.Unmarshal([]byte(submission("title", title)), &in))
	in["body"] = body
	whole, err := json.Marshal(in)
	must(t, err)
	r := w.send(t, "POST", "/submissions", string(whole))
	if r.status != 201 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	var ack api.Acknowledgement
	r.into(t, &ack)
	w.work(t)
	return ack
}

func (w *world) caseOf(t *testing.T, who []string, code string) (c api.Case) {
	t.Helper()
	r := w.send(t, "GET", "/staff/submissions/"+code, "", who...)
	if r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	r.into(t, &c)
	return c
}

const (
	junk     = "Nhà cái uy tín, nạp rút siêu tốc, tài xỉu, nổ hũ, đăng ký nhận ngay thưởng nạp đầu."
	accusing = "Ông Nguyễn Văn Ví Dụ, trưởng phòng ở huyện Mẫu, nhận hối lộ của doanh nghiệp. Tôi tố cáo và đề nghị xử lý nghiêm."
)

func TestACaseTellsWhatItIsTakenForAndIsDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.came(t, "Nạp rút nhanh", junk)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	c := w.caseOf(t, coordinator, ack.Code)
	if c.Status != "triage" || *c.TriageReason != "triage.scope_spam" || c.Scope == nil || c.Scope.Verdict != "spam" || c.Scope.Suggested != "spam" || len(c.Scope.Words) == 0 || c.Restricted || c.Contact == nil {
		t.Errorf("%+v, %+v", c, c.Scope)
	}
	queue := func(scope string, want int) {
		t.Helper()
		var q api.Queue
		w.send(t, "GET", "/staff/queue?scope="+scope, "", coordinator...).into(t, &q)
		if q.Total != want || want == 1 && *q.Items[0].Scope != scope {
			t.Errorf("the queue of %s: %+v", scope, q)
		}
	}
	queue("spam", 1)
	queue("complaint", 0)
	scenario{method: "GET", path: "/staff/queue?scope=junk", headers: coordinator, status: 422, has: []string{`"scope"`}}.run(t, w)

	officer := w.staff(t, civic.RoleOfficer, most)
	scenario{method: "POST", path: "/staff/submissions/" + ack.Code + "/decide-scope", body: `{"verdict":"spam"}`, headers: append([]string{"If-Match", `"v2"`}, officer...), status: 403}.run(t, w)
	if r := w.act(t, coordinator, ack.Code, "decide-scope", `{"verdict":"other_channel","channel":"bank","reason":"Việc với ngân hàng"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	c = w.caseOf(t, coordinator, ack.Code)
	if c.Scope.Verdict != "other_channel" || c.Scope.Suggested != "spam" || c.Scope.DecidedBy != "staff" || c.Scope.Person == "" || c.Scope.Channel == nil || c.Scope.Channel.Address == "" {
		t.Errorf("%+v", c.Scope)
	}
	if r := w.act(t, coordinator, ack.Code, "reject", `{"channel":"bank"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	sender := w.send(t, "GET", "/submissions/"+ack.Code, "", "Authorization", "Bearer "+ack.TrackingToken)
	var seen api.SenderSubmission
	sender.into(t, &seen)
	if seen.Rejection == nil || seen.Rejection.Channel == nil || seen.Rejection.Channel.Code != "bank" || seen.Rejection.Message == "" {
		t.Errorf("the sender sees %s", sender.body)
	}
}

func TestAnAccusingCaseIsRestrictedUntilACoordinatorLiftsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.came(t, "Phản ánh việc nhận tiền", accusing)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	if c := w.caseOf(t, coordinator, ack.Code); !c.Restricted || !c.Scope.Accuses || len(c.Scope.Accused) == 0 || c.Contact != nil || !c.HasContact || *c.TriageReason != "triage.accusation" {
		t.Errorf("%+v, %+v", c, c.Scope)
	}
	if r := w.act(t, coordinator, ack.Code, "unrestrict", `{"reason":""}`); r.status != 422 {
		t.Errorf("without a reason: %d %s", r.status, r.body)
	}
	r := w.act(t, coordinator, ack.Code, "unrestrict", `{"reason":"Nhân vật giả định"}`)
	if r.status != 200 || !strings.Contains(r.body, "an@example.vn") || !strings.Contains(r.body, "Nhân vật giả định") {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := w.act(t, coordinator, ack.Code, "unrestrict", `{"reason":"Lần nữa"}`); r.status != 409 || r.problem(t).Code != "submission.not_restricted" {
		t.Errorf("twice: %d %s", r.status, r.body)
	}
}

func TestBulkDecidesEachCaseByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two, three := w.came(t, "Nạp rút nhanh", junk), w.came(t, "Tài xỉu online", junk+" Hoàn cược."), w.came(t, "Soi cầu miễn phí", junk+" Soi cầu.")
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	version := func(code string) int { return w.caseOf(t, coordinator, code).Version }
	items := func(of ...string) string { return `"items":[` + strings.Join(of, ",") + `]` }
	item := func(code string, v int) string { return fmt.Sprintf(`{"code":%q,"version":%d}`, code, v) }
	post := func(action, body string) (out api.BulkResult) {
		t.Helper()
		r := w.send(t, "POST", "/staff/bulk/"+action, body, coordinator...)
		if r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		r.into(t, &out)
		return out
	}
	out := post("reject", `{`+items(item(one.Code, version(one.Code)), item(two.Code, 99), item("HK-2222-2222-2222", 1))+`,"reason_code":"spam","message":"Nội dung rác."}`)
	if out.Done != 1 || out.Failed != 2 || out.Items[0].Status != "rejected" || out.Items[0].Problem != nil ||
		out.Items[1].Problem.Code != "submission.version_mismatch" || out.Items[2].Problem.Code != "submission.not_found" {
		t.Errorf("%+v", out)
	}
	out = post("decide-scope", `{`+items(item(two.Code, version(two.Code)), item(three.Code, version(three.Code)))+`,"verdict":"in_scope"}`)
	if out.Done != 2 || out.Items[1].Status != "triage" {
		t.Errorf("%+v", out)
	}
	if c := w.caseOf(t, coordinator, two.Code); c.Scope.Verdict != "in_scope" || *c.TriageReason != "triage.unsure" {
		t.Errorf("%+v", c.Scope)
	}
	scenario{method: "POST", path: "/staff/bulk/reject", body: `{"items":[],"reason_code":"spam","message":"x"}`, headers: coordinator, status: 422, has: []string{`"items"`}}.run(t, w)
	many := make([]string, 101)
	for i := range many {
		many[i] = item(one.Code, 1)
	}
	scenario{method: "POST", path: "/staff/bulk/reject", body: `{` + items(many...) + `}`, headers: coordinator, status: 422, has: []string{`"items"`}}.run(t, w)
	officer := w.staff(t, civic.RoleOfficer, most)
	scenario{method: "POST", path: "/staff/bulk/reject", body: `{` + items(item(two.Code, 1)) + `}`, headers: officer, status: 403}.run(t, w)
	scenario{method: "POST", path: "/staff/bulk/reject", body: `{` + items(item(two.Code, 1)) + `}`, status: 401}.run(t, w)
}
