package api_test

import (
	"testing"

	"hienke/internal/civic"
)

func TestAgencyAndSenderTalk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, "bo-khoa-hoc-cong-nghe")
	w.act(t, coordinator, ack.Code, "assign", `{"agency":"bo-khoa-hoc-cong-nghe"}`)
	w.act(t, officer, ack.Code, "accept", `{}`)
	sender := []string{"Authorization", "Bearer " + ack.TrackingToken}
	say := func(what string) string { return "/submissions/" + ack.Code + "/" + what }

	if r := w.act(t, officer, ack.Code, "request-information", `{"message":""}`); r.status != 422 {
		t.Errorf("an empty question: %d %s", r.status, r.body)
	}
	scenario{method: "POST", path: say("information"), headers: sender, body: `{"text":"Sớm quá"}`, status: 409, code: "inquiry.none_open"}.run(t, w)
	if r := w.act(t, officer, ack.Code, "request-information", `{"message":"Ở xã nào?"}`); r.status != 200 {
		t.Fatalf("a question: %d %s", r.status, r.body)
	}
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: sender, status: 200,
		has: []string{`"status":"awaiting_citizen"`, `"question":"Ở xã nào?"`, `"ended_at":null`, `"rating":null`},
	}.run(t, w)
	scenario{method: "POST", path: say("information"), body: `{"text":"Người lạ"}`, status: 401, code: "submission.token_missing"}.run(t, w)
	scenario{method: "POST", path: say("information"), headers: sender, body: `{"text":""}`, status: 422, code: "input.invalid", field: "text", reason: "field.required"}.run(t, w)
	scenario{
		method: "POST", path: say("information"), headers: sender, body: `{"text":"Ở xã Mường Lống"}`, status: 200,
		has: []string{`"status":"in_progress"`, `"reply":"Ở xã Mường Lống"`},
	}.run(t, w)
	scenario{
		method: "GET", path: "/staff/submissions/" + ack.Code, headers: officer, status: 200,
		has: []string{`"inquiries":[{`, `"reply":"Ở xã Mường Lống"`},
	}.run(t, w)
	if r := w.act(t, officer, ack.Code, "extend", `{"days":16,"reason":"Chờ"}`); r.status != 422 {
		t.Errorf("too many days: %d %s", r.status, r.body)
	}
	if r := w.act(t, officer, ack.Code, "extend", `{"days":3,"reason":"Chờ ý kiến"}`); r.status != 200 {
		t.Errorf("a later deadline: %d %s", r.status, r.body)
	}
	if r := w.act(t, officer, ack.Code, "record-information", `{"text":"Gọi điện"}`); r.status != 409 {
		t.Errorf("a reply to nothing: %d %s", r.status, r.body)
	}
}

func TestSenderJudgesAnAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.answered(t, `{"publish":true}`)
	sender := []string{"Authorization", "Bearer " + ack.TrackingToken}
	path := "/submissions/" + ack.Code
	for _, tt := range []scenario{
		{name: "not by anything else", path: path + "/rating", body: `{"helped":"maybe"}`, status: 422, code: "input.invalid", field: "helped", reason: "field.required"},
		{name: "no", path: path + "/rating", body: `{"helped":"no","reason":"Chưa nói khi nào"}`, status: 200, has: []string{`"helped":"no"`, `"status":"closed"`}},
		{name: "another look", path: path + "/reopen", body: `{"reason":"Còn thiếu"}`, status: 200, has: []string{`"status":"triage"`, `"event":"reopened"`, `"answer":{`}},
		{name: "not twice", path: path + "/reopen", body: `{"reason":"Còn thiếu"}`, status: 409, code: "reopening.used"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.headers = "POST", sender
			tt.run(t, w)
		})
	}
	scenario{method: "GET", path: path, status: 200, has: []string{`"answer":{`}}.run(t, w) // the public keeps it
}

func TestAnybodyMayCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.answered(t, `{"publish":true}`)
	scenario{method: "GET", path: "/stats?year=x", status: 422, code: "input.invalid", field: "year", reason: "field.not_a_number"}.run(t, w)
	scenario{
		method: "GET", path: "/stats", status: 200,
		has: []string{`"submissions":1`, `"in_time":1`, `"in_time_share":1`, `"median_days":0`, `"code":"bo-khoa-hoc-cong-nghe"`},
	}.run(t, w)
}
