package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/triage"
)

// setApart puts a submission before the coordinators as one that is not for
// this system.
func (w *world) setApart(code civic.Code, scope civic.Scope, channel string, accused ...string) {
	w.t.Helper()
	w.put(code, func(tx store.Tx, s *civic.Submission) error {
		s.TriageReason, s.Restricted = triage.ReasonOtherChannel, len(accused) > 0
		err := tx.Scopes().Put(w.t.Context(), civic.ScopeDecision{
			Submission: s.ID, Suggested: scope, Confidence: 0.83, Scope: scope, Channel: channel, Words: []string{"nhà cái"}, Accused: accused,
			Several: []string{"Đề nghị sửa đường", "Hỏi về học phí"}, DecidedBy: civic.ActorSystem, DecidedAt: w.clock.Now(),
		})
		if err != nil {
			return err
		}
		return s.Move(civic.Triage)
	})
}

func TestTheCaseTellsWhatItIsTakenForAndSuggestsTheRefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	s := citizen.submit(nil)
	w.setApart(s.code, civic.Elsewhere, "emergency")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "Máy đề xuất: Thuộc kênh khác, độ chắc chắn 83%", "nhà cái", "113 (Công an)", "Có thể nêu nhiều việc",
		"Hỏi về học phí", `<option value="emergency" selected>`, "Hệ thống này không trực tiếp ứng cứu", "có thể thuộc kênh tiếp nhận khác")
	coordinator.follow(coordinator.act(s, "decide-scope", url.Values{"verdict": {"spam"}})).is(http.StatusOK, "Đã xác định phạm vi", "Trần Văn Bình đã xác định: Nội dung rác")
	coordinator.act(s, "decide-scope", url.Values{"verdict": {""}}).is(http.StatusUnprocessableEntity, `href="#decide-scope-verdict"`)
	coordinator.follow(coordinator.act(s, "reject", url.Values{"reason_code": {"emergency"}, "channel": {"emergency"}, "message": {"Gọi ngay."}})).
		is(http.StatusOK, "Đã ghi nhận không thụ lý", "113 (Công an)")
	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "Gọi ngay.", "Việc khẩn cấp", "113 (Công an)").hasNot("Trần Văn Bình", "nhà cái")
}

func TestAnAccusingCaseHidesItsSenderFromCoordinators(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.setApart(s.code, civic.Denunciation, "denunciation", "ông Ví Dụ")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "Nêu đích danh: ông Ví Dụ", "được ẩn với mọi người").hasNot("lan@example.vn", "Nguyễn Thị Lan")
	coordinator.act(s, "unrestrict", url.Values{"reason": {""}}).is(http.StatusUnprocessableEntity, `href="#unrestrict-reason"`)
	coordinator.follow(coordinator.act(s, "unrestrict", url.Values{"reason": {"Nhân vật giả định"}})).
		is(http.StatusOK, "Đã bỏ hạn chế", "Nhân vật giả định", `action="/staff/cases/`+s.code4+`/contact"`).hasNot("lan@example.vn", "được ẩn với mọi người", `action="/staff/cases/`+s.code4+`/unrestrict"`)
	look := "/staff/cases/" + s.code4 + "/contact"
	coordinator.post(look, url.Values{"reason": {"x"}}).is(http.StatusUnprocessableEntity, `href="#look-reason"`).hasNot("lan@example.vn")
	coordinator.post(look, url.Values{"reason": {"Gọi điện hẹn ngày"}}).is(http.StatusOK, "lan@example.vn", "Nguyễn Thị Lan", "đã được ghi lại")
	coordinator.get("/staff/cases/" + s.code4).is(http.StatusOK).hasNot("lan@example.vn")
	auditor := w.staff(civic.RoleAuditor, "Kiểm Tra Viên", "")
	auditor.get("/staff/looks?code="+s.code4).is(http.StatusOK, "1 lượt xem", "Trần Văn Bình", "Gọi điện hẹn ngày", s.code4)
	auditor.get("/staff/looks?code=HK-2222-2222-2222").is(http.StatusOK, "0 lượt xem")
	auditor.get("/staff/looks?code=abc").is(http.StatusUnprocessableEntity, "Mã hồ sơ")
	auditor.post(look, url.Values{"reason": {"Gọi điện hẹn ngày"}}).is(http.StatusForbidden).hasNot("lan@example.vn")
}

func TestTheQueueIsNarrowedByScopeAndDecidedTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	one, two, other := citizen.submit(nil), w.browser().submit(nil), w.browser().submit(nil)
	w.setApart(one.code, civic.Spam, "")
	w.setApart(two.code, civic.Spam, "")
	w.setApart(other.code, civic.Elsewhere, "bank")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	queue := coordinator.get("/staff/queue?scope=spam").is(http.StatusOK, "2 hồ sơ", one.code4, two.code4, `name="case" value="`+one.code4+`.2" form="chosen"`, "Xử lý hồ sơ đã chọn").hasNot(other.code4)
	queue.is(http.StatusOK, `<option value="spam" selected>`)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/bulk?case="+one.code4+".2").hasNot("Không thụ lý", "Giao cơ quan", "/staff/cases/"+one.code4)
	officer.post("/staff/bulk/reject", url.Values{"case": {one.code4 + ".2"}, "reason_code": {"spam"}, "message": {"Rác"}}).is(http.StatusForbidden)

	coordinator.get("/staff/bulk").is(http.StatusOK, "Chưa chọn hồ sơ nào").hasNot("<form action=\"/staff/bulk/reject\"")
	ask := "/staff/bulk?case=" + one.code4 + ".2&case=" + two.code4 + ".2&case=" + one.code4 + ".2&case=rubbish"
	coordinator.get(ask).is(http.StatusOK, "Hồ sơ đã chọn: 2", `<option value="spam" selected>`, "hàng loạt").hasNot("đề xuất khác nhau")
	coordinator.get(ask+"&case="+other.code4+".2").is(http.StatusOK, "đề xuất khác nhau")

	form := url.Values{"case": {one.code4 + ".2", two.code4 + ".2"}, "reason_code": {"spam"}, "message": {""}}
	coordinator.post("/staff/bulk/reject", form).is(http.StatusUnprocessableEntity, `href="#reject-message"`, "Hồ sơ đã chọn: 2")
	form.Set("message", "Nội dung rác.")
	w.put(two.code, func(store.Tx, *civic.Submission) error { return nil }) // somebody was quicker
	coordinator.inBulk("reject", form).is(http.StatusOK, "1 hồ sơ đã xong", "1 hồ sơ không làm được", "đã được người khác cập nhật").hasNot("/undo")
	citizen.get("/vi/track/"+one.code4).is(http.StatusOK, "Nội dung rác.")

	form = url.Values{"case": {two.code4 + ".3", other.code4 + ".2"}, "verdict": {"in_scope"}}
	coordinator.inBulk("decide-scope", form).is(http.StatusOK, "2 hồ sơ đã xong").hasNot("không làm được")
	coordinator.get("/staff/queue?scope=in_scope").is(http.StatusOK, "2 hồ sơ", two.code4, other.code4)
	coordinator.post("/staff/bulk/approve", form).is(http.StatusNotFound)
}

func TestUrgentCasesAreMarkedTogetherAndFound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two, other := w.browser().submit(nil), w.browser().submit(nil), w.browser().submit(nil)
	for _, s := range []sent{one, two, other} {
		w.toTriage(s.code)
	}
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/queue?urgent=yes").is(http.StatusOK, "0 hồ sơ", "Mức độ: Chỉ hồ sơ khẩn")
	form := url.Values{"case": {one.code4 + ".2", two.code4 + ".2"}, "reason": {""}}
	coordinator.post("/staff/bulk/urgent", form).is(http.StatusUnprocessableEntity, `href="#urgent-reason"`)
	form.Set("reason", "Nguy cơ cháy nổ")
	p := coordinator.inBulk("urgent", form).is(http.StatusOK, "2 hồ sơ đã xong", "Nguy cơ cháy nổ")
	coordinator.get("/staff/queue?urgent=yes").is(http.StatusOK, "2 hồ sơ", one.code4, two.code4, `<strong class="hk-urgent">Khẩn</strong>`).hasNot(other.code4)
	coordinator.get("/staff/cases/"+one.code4).is(http.StatusOK, ">Khẩn</span>", "Bỏ dấu khẩn")

	undo := coordinator.post(p.find(`action="([^"]+/undo)"`), url.Values{})
	work := undo.header.Get("Location")
	coordinator.follow(coordinator.post(work+"/go", url.Values{})).is(http.StatusOK, "2 hồ sơ đã xong")
	coordinator.get("/staff/queue?urgent=yes").is(http.StatusOK, "0 hồ sơ")
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.post("/staff/bulk/urgent", form).is(http.StatusForbidden)
}
