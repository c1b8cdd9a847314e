package api_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/accounts"
	"hienke/internal/api"
	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestStaffSignInAndOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.Accounts.Add(t.Context(), civic.System, accounts.NewUser{
		Email: "officer@demo.test", Name: "Lê Thị Bình", Role: civic.RoleOfficer, Agency: most, Password: "correct horse battery",
	})
	must(t, err)
	scenario{
		method: "POST", path: "/staff/sessions", body: `{"email":"officer@demo.test","password":"wrong"}`,
		status: 401, code: "signin.no_match", hasNot: []string{"token"},
	}.run(t, w)
	// An old token in the header must not stand in the way of a new sign-in.
	r := w.send(t, "POST", "/staff/sessions", `{"email":"Officer@demo.test","password":"correct horse battery"}`, "Authorization", "Bearer old")
	if r.status != 201 || strings.Contains(r.body, "argon") || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %v %s", r.status, r.header, r.body)
	}
	var s api.Session
	r.into(t, &s)
	if s.User.Role != "officer" || *s.User.Agency != most || s.User.Name != "Lê Thị Bình" {
		t.Errorf("%+v", s)
	}
	who := []string{"Authorization", "Bearer " + s.Token}
	scenario{method: "GET", path: "/staff/queue", headers: who, status: 200, has: []string{`"total":0`}}.run(t, w)
	scenario{method: "DELETE", path: "/staff/sessions/current", headers: who, status: 204}.run(t, w)
	scenario{method: "GET", path: "/staff/queue", headers: who, status: 401, code: "actor.not_signed_in"}.run(t, w)
	scenario{method: "DELETE", path: "/staff/sessions/current", status: 401, code: "actor.not_signed_in"}.run(t, w)
}

func TestTheQueueEndsAtThePersonsScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	officer, stranger := w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleOfficer, "bo-y-te")
	total := func(who []string, query string) int {
		t.Helper()
		r := w.send(t, "GET", "/staff/queue"+query, "", who...)
		if r.status != 200 {
			t.Fatalf("%d %s", r.status, r.body)
		}
		var q api.Queue
		r.into(t, &q)
		return q.Total
	}
	if n := total(coordinator, ""); n != 1 {
		t.Errorf("the coordinator sees %d", n)
	}
	if n := total(officer, ""); n != 0 {
		t.Errorf("the officer sees %d before it is assigned", n)
	}
	if r := w.act(t, coordinator, ack.Code, "assign", `{"agency":"`+most+`","reason":"Đúng thẩm quyền"}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	w.drain(t)
	for query, want := range map[string]int{
		"": 1, "?status=assigned": 1, "?status=triage": 0, "?agency=" + most: 1, "?agency=bo-y-te": 0, "?topic=khoa-hoc-cong-nghe": 1,
		"?due=on_track": 1, "?due=overdue": 0, "?q=chu+ky+so": 1, "?q=" + ack.Code: 1, "?q=khongcogi": 0, "?sort=newest&per_page=5": 1,
	} {
		if n := total(officer, query); n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
	}
	if n := total(stranger, ""); n != 0 {
		t.Errorf("another agency sees %d", n)
	}
	w.clock.Advance(20 * time.Minute)
	scenario{
		method: "GET", path: "/staff/queue", headers: officer, status: 200,
		has:    []string{ack.Code, `"due_state":"on_track"`, `"assignee":null`, `"duplicates":0`, `"by":"person"`, `"agency":"` + most},
		hasNot: []string{"example.vn", "Văn An"},
	}.run(t, w)
	scenario{method: "GET", path: "/staff/submissions/" + ack.Code, headers: stranger, status: 404, code: "submission.not_found"}.run(t, w)
}

func TestContactsAreForThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most)
	scenario{
		method: "GET", path: "/staff/submissions/" + ack.Code, headers: coordinator, status: 200,
		has: []string{`"email":"an@example.vn"`, `"has_contact":true`, `"triage_reason":"triage.unsure"`},
	}.run(t, w)
	w.act(t, coordinator, ack.Code, "assign", `{"agency":"`+most+`"}`)
	scenario{
		method: "GET", path: "/staff/submissions/" + ack.Code, headers: officer, status: 200,
		has: []string{`"contact":null`, `"has_contact":true`}, hasNot: []string{"example.vn", "Văn An"},
	}.run(t, w)
}

func TestVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	path, body := "/staff/submissions/"+ack.Code+"/assign", `{"agency":"`+most+`"}`
	with := func(tag string) []string { return append([]string{"If-Match", tag}, coordinator...) }
	tests := []scenario{
		{name: "none is 428", headers: coordinator, status: 428, code: "submission.version_missing"},
		{name: "any is 428", headers: with("*"), status: 428, code: "submission.version_missing"},
		{name: "an old one is 412", headers: with(`"v1"`), status: 412, code: "submission.version_mismatch"},
		{name: "nonsense is 412", headers: with(`"x"`), status: 412, code: "submission.version_mismatch"},
		{name: "the current one acts", headers: with(`"v2"`), status: 200, has: []string{`"version":3`, `"status":"assigned"`}},
		{name: "and is old after it", headers: with(`"v2"`), status: 412, code: "submission.version_mismatch"},
		{name: "a weakened tag counts", headers: with(`W/"v3"`), status: 200, has: []string{`"version":4`}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.path, tt.body = "POST", path, body
			tt.run(t, w)
		})
	}
	if got := w.send(t, "GET", "/staff/submissions/"+ack.Code, "", coordinator...).header.Get("ETag"); got != `"v4"` {
		t.Errorf("ETag %s", got)
	}
}

// TestTheJourney walks a case through every action.
func TestTheJourney(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	officer, approver := w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleApprover, most)
	assign := `{"agency":"` + most + `"}`
	draft := `{"text":"Bộ tiếp thu; từ ngày 01/01/2027 hồ sơ được ký số.","outcome":"accepted","submit":true}`
	send := map[store.JobKind]int{store.JobSend: 1}
	steps := []struct {
		name         string
		who          []string
		action, body string
		status       int
		has          string
		jobs         map[store.JobKind]int
	}{
		{"an officer does not triage", approver, "assign", assign, 403, "actor.not_allowed", nil},
		{"an unknown agency is told", coordinator, "assign", `{"agency":"khong-co"}`, 422, `"agency"`, nil},
		{"nothing to approve yet", coordinator, "approve", "", 403, "actor.not_allowed", nil},
		{"nothing is merged", coordinator, "unmerge", "", 409, "submission.move_not_allowed", nil},
		{"a coordinator assigns", coordinator, "assign", assign, 200, `"status":"assigned"`, nil},
		{"an officer hands back", officer, "hand-back", `{"reason":"Không đúng thẩm quyền"}`, 200, `"status":"triage"`, nil},
		{"and is assigned again", coordinator, "assign", assign, 200, `"handovers":1`, nil},
		{"an officer does not mark as urgent", officer, "urgent", `{"reason":"Nguy cơ cháy nổ"}`, 403, "actor.not_allowed", nil},
		{"urgent needs a reason", coordinator, "urgent", `{}`, 422, `"reason"`, nil},
		{"a coordinator marks as urgent", coordinator, "urgent", `{"reason":"Nguy cơ cháy nổ"}`, 200, `"urgent":true`, nil},
		{"not twice", coordinator, "urgent", `{"reason":"Nguy cơ cháy nổ"}`, 409, "submission.move_not_allowed", nil},
		{"and takes the mark back", coordinator, "not-urgent", `{"reason":"Đã khắc phục"}`, 200, `"urgent":false`, nil},
		{"a draft needs acceptance", officer, "draft-answer", draft, 409, "answer.not_in_progress", nil},
		{"an officer accepts", officer, "accept", `{}`, 200, `"status":"in_progress"`, nil},
		{"an officer accepts once", officer, "accept", "", 409, "submission.move_not_allowed", nil},
		{"a note", officer, "note", `{"text":"Đã hỏi Vụ Pháp chế"}`, 200, "Vụ Pháp chế", nil},
		{"an empty note", officer, "note", "", 422, `"text"`, nil},
		{"an unknown outcome", officer, "draft-answer", `{"text":"Bộ trả lời như sau, đầy đủ.","outcome":"maybe"}`, 422, `"outcome"`, nil},
		{"a draft is kept", officer, "draft-answer", `{"text":"Nháp","outcome":"explained"}`, 200, `"status":"in_progress"`, nil},
		{"and submitted", officer, "draft-answer", draft, 200, `"status":"in_review"`, nil},
		{"an approver returns it", approver, "return", `{"remarks":"Ghi rõ căn cứ"}`, 200, `"remarks":"Ghi rõ căn cứ"`, nil},
		{"an officer submits again", officer, "draft-answer", draft, 200, `"status":"in_review"`, nil},
		{"an officer does not approve", officer, "approve", "", 403, "actor.not_allowed", nil},
		{"an approver approves", approver, "approve", `{"publish":false}`, 200, `"visibility":"private"`, send},
		{"a coordinator publishes", coordinator, "publish", `{"public_title":"Ký số hồ sơ nhiệm vụ"}`, 200, `"public_title":"Ký số hồ sơ nhiệm vụ"`, map[store.JobKind]int{store.JobFollowMatch: 1}},
		{"an answered case is not refused", coordinator, "reject", `{"reason_code":"out_of_scope","message":"Không thuộc phạm vi."}`, 409, "move_not_allowed", nil},
	}
	for _, s := range steps {
		etag := w.send(t, "GET", "/staff/submissions/"+ack.Code, "", coordinator...).header.Get("ETag")
		t.Run(s.name, func(t *testing.T) {
			scenario{
				method: "POST", path: "/staff/submissions/" + ack.Code + "/" + s.action, body: s.body,
				headers: append([]string{"If-Match", etag}, s.who...), status: s.status, has: []string{s.has}, jobs: s.jobs,
			}.run(t, w)
		})
	}
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, status: 200,
		has: []string{"Ký số hồ sơ nhiệm vụ", sampleBody, "Bộ tiếp thu"}, hasNot: []string{sampleTitle, "Vụ Pháp chế", "Ghi rõ căn cứ"},
	}.run(t, w)
}

func TestWhoDraftedDoesNotApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	approver := w.staff(t, civic.RoleApprover, most)
	w.act(t, w.staff(t, civic.RoleCoordinator, ""), ack.Code, "assign", `{"agency":"`+most+`"}`)
	w.act(t, approver, ack.Code, "accept", "")
	w.act(t, approver, ack.Code, "draft-answer", `{"text":"Bộ trả lời như sau, đầy đủ.","outcome":"explained","submit":true}`)
	if r := w.act(t, approver, ack.Code, "approve", ""); r.status != 403 || r.problem(t).Code != "answer.own_draft" {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestARefusalTellsTheSenderWhy(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	if r := w.act(t, coordinator, ack.Code, "reject", `{"reason_code":"nonsense","message":"Không"}`); r.status != 422 {
		t.Errorf("%d %s", r.status, r.body)
	}
	if r := w.act(t, coordinator, ack.Code, "reject", `{"reason_code":"out_of_scope","message":"Đề nghị gửi đến toà án."}`); r.status != 200 {
		t.Fatalf("%d %s", r.status, r.body)
	}
	scenario{
		method: "GET", path: "/submissions/" + ack.Code, headers: []string{"Authorization", "Bearer " + ack.TrackingToken}, status: 200,
		has: []string{`"status":"rejected"`, `"reason_code":"out_of_scope"`, "tòa án"}, // the tone mark in its modern place,
	}.run(t, w)
}

func TestWhatAHandBackShowsAfterItLeft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	officer := w.staff(t, civic.RoleOfficer, most)
	w.act(t, w.staff(t, civic.RoleCoordinator, ""), ack.Code, "assign", `{"agency":"`+most+`"}`)
	r := w.act(t, officer, ack.Code, "hand-back", `{"reason":"Thuộc Bộ Y tế","suggested_agency":"bo-y-te"}`)
	if r.status != 200 || strings.Contains(r.body, "example.vn") || !strings.Contains(r.body, `"agency":"bo-y-te"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
	scenario{method: "GET", path: "/staff/submissions/" + ack.Code, headers: officer, status: 404, code: "submission.not_found"}.run(t, w)
}

func TestActionsThatAreNotOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	for _, action := range []string{"fly", "explode"} {
		scenario{
			method: "POST", path: "/staff/submissions/" + ack.Code + "/" + action, headers: coordinator, body: "{}",
			status: 404, code: "action.not_available",
		}.run(t, w)
	}
}

// TestWhatTheMachineDidIsExplained lets the engines compare and route.
func TestWhatTheMachineDidIsExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	body := submission("body", "Hồ sơ khoa học phải in mười bản giấy. "+sampleBody)
	var root, copied api.Acknowledgement
	w.send(t, "POST", "/submissions", body).into(t, &root)
	w.work(t)
	w.clock.Advance(time.Minute)
	w.send(t, "POST", "/submissions", body).into(t, &copied)
	w.work(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	scenario{
		method: "GET", path: "/staff/submissions/" + root.Code, headers: coordinator, status: 200,
		has: []string{
			`"status":"assigned"`, `"by":"rule"`, `"rule":"ho-so-khoa-hoc@3"`, `"reason":"Theo quy tắc`, `"duplicates_total":1`,
			copied.Code, `"relation":"member"`,
		},
	}.run(t, w)
	scenario{
		method: "GET", path: "/staff/queue", headers: coordinator, status: 200,
		has: []string{`"total":1`, `"duplicates":1`, `"rule":"ho-so-khoa-hoc@3"`}, hasNot: []string{copied.Code},
	}.run(t, w)
	scenario{
		method: "GET", path: "/submissions/" + copied.Code, headers: []string{"Authorization", "Bearer " + copied.TrackingToken},
		status: 200, has: []string{`"status":"merged"`, `"follows":{"agency":"` + most + `"`}, hasNot: []string{root.Code},
	}.run(t, w)
	r := w.act(t, coordinator, copied.Code, "unmerge", `{"reason":"Hai việc khác nhau"}`)
	if r.status != 200 || !strings.Contains(r.body, `"status":"triage"`) || strings.Contains(r.body, `"relation":"root"`) {
		t.Errorf("%d %s", r.status, r.body)
	}
}

func TestThePermissionStandsInTheRouteLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, coordinator := w.staff(t, civic.RoleOfficer, most), w.staff(t, civic.RoleCoordinator, "")
	// There is no such case: only the route can tell that the role may not.
	const nowhere = "/staff/submissions/HK-2222-2222-2222/"
	for _, action := range []string{"assign", "unmerge", "reject", "approve", "return", "publish"} {
		scenario{method: "POST", path: nowhere + action, headers: officer, status: 403, code: "actor.not_allowed"}.run(t, w)
	}
	for _, action := range []string{"accept", "hand-back", "draft-answer", "approve", "return"} {
		scenario{method: "POST", path: nowhere + action, headers: coordinator, status: 403, code: "actor.not_allowed"}.run(t, w)
	}
}

func TestASimilarCaseOfOthersIsKnownAsThePublicKnowsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	theirs, private := w.answered(t, ""), w.triaged(t)
	coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, "bo-y-te")
	w.act(t, coordinator, theirs.Code, "publish", `{"public_title":"Ký số hồ sơ"}`)
	own := w.triaged(t)
	w.act(t, coordinator, own.Code, "assign", `{"agency":"bo-y-te"}`)
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		id := func(ack api.Acknowledgement) civic.SubmissionID {
			code, err := civic.ParseCode(ack.Code)
			must(t, err)
			s, err := tx.Submissions().GetByCode(t.Context(), code)
			must(t, err)
			return s.ID
		}
		return tx.Matches().PutSimilar(t.Context(), id(own), []civic.Similar{
			{Submission: id(own), Other: id(theirs), Rank: 1, Score: 0.8, Terms: []string{"hồ sơ", "chữ ký"}},
			{Submission: id(own), Other: id(private), Rank: 2, Score: 0.7, Terms: []string{"hồ sơ"}},
		})
	}))
	var got api.Case
	w.send(t, "GET", "/staff/submissions/"+own.Code, "", officer...).into(t, &got)
	score := 0.8
	want := []api.Duplicate{{
		Code: theirs.Code, Title: "Ký số hồ sơ", Status: "answered", Relation: "similar", Score: &score,
		Reason: "cùng nói về: hồ sơ", Open: false, ClusterSize: 1,
	}}
	if diff := cmp.Diff(want, got.Duplicates); diff != "" {
		t.Error(diff)
	}
}
