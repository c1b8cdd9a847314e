package api_test

import (
	"fmt"
	"strings"
	"testing"

	"hienke/internal/api"
	"hienke/internal/civic"
)

func TestAgenciesAskEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most)
	adviser, stranger := w.staff(t, civic.RoleOfficer, "bo-y-te"), w.staff(t, civic.RoleOfficer, "bo-giao-duc-dao-tao")
	w.act(t, coordinator, ack.Code, "assign", `{"agency":"`+most+`"}`)
	if r := w.act(t, officer, ack.Code, "ask-opinion", `{"agency":"bo-y-te","message":"Áp dụng quy chuẩn nào?"}`); r.status != 409 || !strings.Contains(r.body, "opinion.not_now") {
		t.Errorf("before the case was accepted: %d %s", r.status, r.body)
	}
	w.act(t, officer, ack.Code, "accept", `{}`)
	if r := w.act(t, officer, ack.Code, "ask-opinion", `{"agency":"bo-y-te","message":" ","days":16}`); r.status != 422 || !strings.Contains(r.body, `"message"`) || !strings.Contains(r.body, `"days"`) {
		t.Errorf("an empty question: %d %s", r.status, r.body)
	}
	if r := w.act(t, officer, ack.Code, "ask-opinion", `{"agency":"bo-y-te","message":"Áp dụng quy chuẩn nào?"}`); r.status != 200 {
		t.Fatalf("ask: %d %s", r.status, r.body)
	}
	waiting := func(who []string) (list api.OpinionRequests) {
		r := w.send(t, "GET", "/staff/opinions", "", who...)
		if r.status != 200 {
			t.Fatalf("list: %d %s", r.status, r.body)
		}
		r.into(t, &list)
		return list
	}
	if n := waiting(stranger).Total; n != 0 {
		t.Errorf("a stranger finds %d requests", n)
	}
	list := waiting(adviser)
	if list.Total != 1 || list.Items[0].Code != ack.Code || list.Items[0].Opinion.State != "asked" {
		t.Fatalf("the asked agency finds %+v", list)
	}
	scenario{method: "GET", path: "/staff/submissions/" + ack.Code, headers: adviser, status: 404}.run(t, w)
	settle := func(who []string, act, body string) scenario {
		return scenario{method: "POST", path: fmt.Sprintf("/staff/opinions/%d/%s", list.Items[0].Opinion.ID, act), headers: who, body: body}
	}
	for _, tt := range []struct {
		scenario
		status int
		code   string
	}{
		{settle(stranger, "give", `{"text":"Ý kiến"}`), 404, "opinion.not_found"},
		{settle(officer, "decline", `{"reason":"Lý do"}`), 404, "opinion.not_found"},
		{settle(adviser, "give", `{"text":""}`), 422, "input.invalid"},
		{settle(adviser, "give", `{"text":"Áp dụng quy chuẩn tiếng ồn."}`), 204, ""},
		{settle(adviser, "decline", `{"reason":"Lý do"}`), 409, "opinion.settled"},
	} {
		tt.scenario.status, tt.scenario.code = tt.status, tt.code
		tt.run(t, w)
	}
	if got := w.caseOf(t, officer, ack.Code); len(got.Opinions) != 1 || got.Opinions[0].Text != "Áp dụng quy chuẩn tiếng ồn." || got.Opinions[0].State != "given" {
		t.Errorf("the owner reads %+v", got.Opinions)
	}
	r := w.send(t, "GET", "/submissions/"+ack.Code, "", "Authorization", "Bearer "+ack.TrackingToken)
	if r.status != 200 || strings.Contains(r.body, "opinion") || strings.Contains(r.body, "quy chuẩn") {
		t.Errorf("the sender reads %d %s", r.status, r.body)
	}
	if r := w.act(t, officer, ack.Code, "withdraw-opinion", fmt.Sprintf(`{"opinion":%d}`, list.Items[0].Opinion.ID)); r.status != 409 {
		t.Errorf("withdraw what was given: %d %s", r.status, r.body)
	}
}
