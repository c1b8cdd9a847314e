package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/queue").is(http.StatusOK, "Lê Thị Hoa", "Cán bộ xử lý", "Bộ Khoa học và Công nghệ")

	b := w.browser()
	p := b.get("/staff/queue?status=triage")
	if got := p.header.Get("Location"); p.status != http.StatusSeeOther || got != "/staff/sign-in?next=%2Fstaff%2Fqueue%3Fstatus%3Dtriage" {
		t.Errorf("without sign-in: %d to %q", p.status, got)
	}
	b.follow(p).is(http.StatusOK, `name="next" value="/staff/queue?status=triage"`, `type="password"`)
	b.post("/staff/sign-in", url.Values{}).is(http.StatusUnprocessableEntity, "Hãy điền mục “Thư điện tử”", "Hãy điền mục “Mật khẩu”")
	b.post("/staff/sign-in", url.Values{"email": {"nobody@example.vn"}, "password": {"sai hoàn toàn"}}).
		is(http.StatusUnauthorized, "không đúng", `value="nobody@example.vn"`).hasNot("sai hoàn toàn")
	officer.follow(officer.post("/staff/sign-out", nil)).is(http.StatusOK, "Đã đăng xuất")
	if p := officer.get("/staff/queue"); p.status != http.StatusSeeOther {
		t.Errorf("after signing out the queue answers %d", p.status)
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	for _, next := range []string{
		"https://evil.example/staff/", "//evil.example/staff/", "/\\evil.example", "/vi/", "/staff/../vi/", "javascript:alert(1)", "/staff/sign-out",
	} {
		b.get("/staff/sign-in?next="+url.QueryEscape(next)).is(http.StatusOK, `name="next" value="/staff/queue"`)
	}
}

func TestStaffLanguage(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	p := b.get("/staff/queue?status=triage&lang=en")
	if p.header.Get("Location") != "/staff/queue?status=triage" {
		t.Errorf("choosing a language leads to %q", p.header.Get("Location"))
	}
	b.follow(p).is(http.StatusOK, `<html lang="en"`, "Coordinator", `href="/staff/queue?lang=vi&amp;status=triage"`)
	b.get("/staff/cases/HK-2222-2222-2222").is(http.StatusNotFound, "Page not found")
}

func TestTheWayOfACase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	s := citizen.submit(nil)
	w.toTriage(s.code)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	approver := w.staff(civic.RoleApprover, "Phạm Minh Đức", most)

	coordinator.get("/staff/queue").is(http.StatusOK, "1 hồ sơ", s.code4, "Đề xuất:", "còn 15 ngày làm việc", "chưa đủ chắc chắn về cơ quan")
	officer.get("/staff/queue").is(http.StatusOK, "0 hồ sơ").hasNot(s.code4)
	officer.get("/staff/cases/" + s.code4).is(http.StatusNotFound)
	coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "Giao cơ quan", "61%", "Xem thông tin liên hệ",
		`<option value="bo-khoa-hoc-cong-nghe" selected>`).hasNot("Soạn trả lời", "lan@example.vn")

	coordinator.follow(coordinator.act(s, "assign", url.Values{"agency": {string(most)}})).is(http.StatusOK, "Đã giao hồ sơ", "Đã chuyển cơ quan")
	officer.get("/staff/cases/"+s.code4).is(http.StatusOK, "Nhận xử lý", "không do ông/bà xử lý").hasNot("Xem thông tin liên hệ", "lan@example.vn", "Nguyễn Thị Lan", "Giao cơ quan")
	officer.follow(officer.act(s, "accept", url.Values{})).is(http.StatusOK, "Đã nhận xử lý hồ sơ", "Soạn trả lời")
	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "Đang xử lý", "Bộ Khoa học và Công nghệ").hasNot("Lê Thị Hoa", "Trần Văn Bình")

	officer.act(s, "draft-answer", url.Values{"text": {"Quá ngắn"}, "outcome": {""}, "submit": {"yes"}}).
		is(http.StatusUnprocessableEntity, "cần ít nhất 20 ký tự", "Quá ngắn", `href="#draft-answer-text"`, `href="#draft-answer-outcome"`)
	draft := url.Values{"text": {"Bộ tiếp thu đề nghị, từ năm 2027 chấp nhận hồ sơ điện tử."}, "outcome": {"accepted"},
		"commitments.0.what": {"Sửa Thông tư"}, "commitments.0.who": {"Vụ Pháp chế"}, "commitments.0.until": {"2027-01-31"}}
	officer.follow(officer.act(s, "draft-answer", draft)).is(http.StatusOK, "Đã lưu dự thảo", "Dự thảo trả lời", "từ năm 2027")
	draft.Set("submit", "yes")
	officer.follow(officer.act(s, "draft-answer", draft)).is(http.StatusOK, "Đã trình duyệt", "Đang duyệt trả lời")
	approver.follow(approver.act(s, "return", url.Values{"remarks": {"Nêu căn cứ."}})).is(http.StatusOK, "Đã trả lại dự thảo")
	officer.get("/staff/cases/"+s.code4).is(http.StatusOK, "Nêu căn cứ.")
	officer.follow(officer.act(s, "draft-answer", draft)).is(http.StatusOK)
	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "Đang duyệt trả lời").hasNot("từ năm 2027")
	approver.get("/staff/cases/"+s.code4).is(http.StatusOK, `id="approve-publish" name="publish" type="checkbox" value="yes" checked`)
	approver.follow(approver.act(s, "approve", url.Values{"publish": {"yes"}})).is(http.StatusOK, "Đã duyệt và gửi trả lời", "Đã trả lời", "Duyệt bởi Phạm Minh Đức")

	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "từ năm 2027", "Xem trang công khai").hasNot("Lê Thị Hoa", "Phạm Minh Đức", "Nêu căn cứ")
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "từ năm 2027").hasNot("Lê Thị Hoa", "Nguyễn Thị Lan")
}

func TestWhoDraftedDoesNotApprove(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
	approver := w.staff(civic.RoleApprover, "Phạm Minh Đức", most)
	approver.follow(approver.act(s, "draft-answer", url.Values{
		"text": {"Bộ tiếp thu đề nghị này của người dân."}, "outcome": {"explained"}, "submit": {"yes"},
	})).is(http.StatusOK).hasNot("Duyệt và gửi")
	approver.act(s, "approve", url.Values{}).is(http.StatusForbidden, "Người soạn không được tự duyệt")
}

func TestAnOldVersionIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	old := officer.get("/staff/cases/" + s.code4).find(`name="version" value="(\d+)"`)
	officer.follow(officer.act(s, "note", url.Values{"text": {"Đã gọi cho Vụ."}})).is(http.StatusOK, "Đã gọi cho Vụ.")

	typed := url.Values{"version": {old}, "text": {"Một câu trả lời dài đã viết cả buổi sáng."}, "outcome": {"partly"}}
	p := officer.post("/staff/cases/"+s.code4+"/draft-answer", typed).
		is(http.StatusPreconditionFailed, "Hồ sơ vừa được người khác cập nhật", "đã viết cả buổi sáng", "Đã gọi cho Vụ.", `<option value="partly" selected>`)
	fresh := p.find(`name="version" value="(\d+)"`)
	if fresh == old {
		t.Error("the form still has the old version")
	}
	typed.Set("version", fresh)
	officer.follow(officer.post("/staff/cases/"+s.code4+"/draft-answer", typed)).is(http.StatusOK, "Đã lưu dự thảo")
	officer.post("/staff/cases/"+s.code4+"/note", url.Values{"text": {"x"}}).is(http.StatusPreconditionRequired)

	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error { return sub.Move(civic.Rejected) })
	officer.post("/staff/cases/"+s.code4+"/draft-answer", typed).
		is(http.StatusPreconditionFailed, "Việc này không còn thực hiện được", "đã viết cả buổi sáng")
}

func TestASessionThatEndedTakesNoText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
	stranger := w.browser()
	typed := url.Values{"version": {"1"}, "text": {"Một câu trả lời <dài>."}, "outcome": {"partly"}}
	p := stranger.post("/staff/cases/"+s.code4+"/draft-answer", typed).
		is(http.StatusUnauthorized, "Phiên làm việc đã hết", `name="kept.text" value="Một câu trả lời &lt;dài&gt;."`, `name="kept" value="`+s.code4+`/draft-answer"`).
		hasNot("lang=en")
	stranger.post("/staff/sign-in", url.Values{
		"email": {"ai@example.vn"}, "password": {"sai"}, "next": {p.find(`name="next" value="([^"]+)"`)},
		"kept": {s.code4 + "/draft-answer"}, "kept.text": {"Một câu trả lời."},
	}).is(http.StatusUnauthorized, `name="kept.text" value="Một câu trả lời."`)
	stranger.get("/staff/cases/" + s.code4).is(http.StatusSeeOther) // nothing to keep: straight to the sign-in
}

func TestACaseHandedOnLeavesTheQueue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.Assigned, most
		return nil
	})
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.act(s, "hand-back", url.Values{}).is(http.StatusUnprocessableEntity, "Ghi lý do", `href="#hand-back-reason"`)
	officer.follow(officer.act(s, "hand-back", url.Values{"reason": {"Thuộc Bộ Tư pháp."}, "suggested_agency": {"bo-tu-phap"}})).
		is(http.StatusOK, "Đã chuyển trả hồ sơ", "0 hồ sơ")
	w.staff(civic.RoleOfficer, "Vũ Thị Mai", "bo-tu-phap").get("/staff/queue").is(http.StatusOK, s.code4, "do cán bộ chọn")
}

func TestReject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	s := citizen.submit(nil)
	w.toTriage(s.code)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.act(s, "reject", url.Values{"reason_code": {"made_up"}, "message": {"Không"}}).is(http.StatusUnprocessableEntity, "Chọn lý do không thụ lý", `href="#reject-reason-code"`)
	coordinator.follow(coordinator.act(s, "reject", url.Values{"reason_code": {"out_of_scope"}, "message": {"Đề nghị gửi Ủy ban nhân dân xã."}})).
		is(http.StatusOK, "Không thụ lý", "Đề nghị gửi Ủy ban")
	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "Không thuộc phạm vi tiếp nhận", "Đề nghị gửi Ủy ban")
}

func TestPublishWhileHandled(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.follow(coordinator.act(s, "publish", url.Values{"public_title": {"Bỏ bản giấy"}, "public_body": {"Bản đã lược bỏ."}})).
		is(http.StatusOK, "Đã đăng công khai", "Xem trang công khai")
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "Bản đã lược bỏ.", "chưa có trả lời").hasNot("chữ ký số")
}

func TestQueueFilters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	b := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	for query, found := range map[string]bool{
		"": true, "?status=triage": true, "?status=all": true, "?status=answered": false, "?status=nonsense": true, "?due=overdue": false,
		"?due=on_track": true, "?agency=bo-y-te": false, "?topic=x": false, "?q=" + s.code4: true, "?sort=newest&page=0": true, "?page=9": true,
	} {
		p := b.get("/staff/queue" + query).is(http.StatusOK)
		if got := strings.Contains(p.body, "/staff/cases/"+s.code4); got != found {
			t.Errorf("%q shows the case: %v, want %v", query, got, found)
		}
	}
	b.get("/staff/queue?status=triage&due=on_track").is(http.StatusOK, `<option value="triage" selected>`, "Bỏ lọc")
	b.post("/staff/cases/"+s.code4+"/explode", url.Values{"version": {"1"}}).is(http.StatusNotFound)
}
