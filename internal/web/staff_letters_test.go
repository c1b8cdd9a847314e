package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/web"
)

// send hands out every message that waits.
func (w *world) send() {
	w.t.Helper()
	var jobs []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Outbox().Due(w.t.Context(), store.JobSend, w.clock.Now(), w.clock.Now(), 100)
		return err
	}))
	for _, j := range jobs {
		w.must(w.notices.Send(w.t.Context(), j.ID, j.Subject))
	}
}

func TestALetterIsPrintedAndPostedOnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.pages.Contact = web.Contact{Operator: "Sở Mẫu", Address: "1 Phố Mẫu, Hà Nội", Phone: "024 0000 0000"}
	officer, coordinator := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleCoordinator, "Trần Văn Mẫu", "")
	place := officer.post("/staff/intake", changed(paper(), "do", "store")).header.Get("Location")
	written := regexp.MustCompile(`HK(-[0-9A-Z]{4}){3}`).FindString(place)
	code, err := civic.ParseCode(written)
	w.must(err)
	w.toTriage(code)
	this := sent{code: code, code4: written}
	coordinator.act(this, "assign", url.Values{"agency": {string(most)}}).is(http.StatusSeeOther)
	officer.act(this, "accept", url.Values{}).is(http.StatusSeeOther)
	officer.get("/staff/post").is(http.StatusOK, "Không có thư nào chờ gửi", `aria-current="page">Thư giấy</a>`)
	officer.act(this, "request-information", url.Values{"question": {"Cột đèn số mấy?"}}).is(http.StatusSeeOther)
	w.send()

	list := officer.get("/staff/post").is(http.StatusOK, written, "1 thư chờ gửi", `<span class="hk-count">1</span>`, "Thư hỏi thêm thông tin").hasNot("Thôn Đông", "Nguyễn Thị Mẫu")
	mark := list.find(`name="letter" value="([0-9.]+)"`)
	auditor, protector := w.staff(civic.RoleAuditor, "Kiểm", ""), w.staff(civic.RoleDataProtection, "Bảo", "")
	protector.get("/staff/looks").is(http.StatusOK).hasNot(written)
	auditor.get("/staff/post").is(http.StatusForbidden)
	officer.post("/staff/post/print", url.Values{}).is(http.StatusUnprocessableEntity, "Chưa chọn thư nào")
	sheet := officer.post("/staff/post/print", url.Values{"letter": {mark}}).
		is(http.StatusOK, "Bà Nguyễn Thị Mẫu", "Thôn Đông", "Cột đèn số mấy?", "Sở Mẫu", "trả lời bằng thư về địa chỉ: 1 Phố Mẫu", "024 0000 0000", written).
		hasNot("xin không trả lời thư", "Ngừng nhận thư")
	if sheet.find(`name="letter" value="([0-9.]+)"`) != mark {
		t.Error("the sheets do not say which letters they are")
	}
	protector.get("/staff/looks").is(http.StatusOK, written, "In thư để gửi qua bưu điện", "Lê Thị Hoa")

	first := officer.post("/staff/post/posted", url.Values{"letter": {mark}})
	again := officer.post("/staff/post/posted", url.Values{"letter": {mark}})
	officer.follow(first).is(http.StatusOK, "Đã ghi nhận 1 thư được gửi", "Đã gửi trong 7 ngày qua", "Lê Thị Hoa").hasNot("hk-count")
	officer.follow(again).is(http.StatusOK, "Đã ghi nhận 0 thư")
	posted := officer.get("/staff/post").find(`name="letter" value="([0-9.]+)"`)
	officer.follow(officer.post("/staff/post/undo", url.Values{"letter": {posted}})).is(http.StatusOK, "trở lại danh sách", "1 thư chờ gửi")
	officer.post("/staff/post/posted", url.Values{"letter": {mark}}).is(http.StatusConflict, "vừa được người khác thay đổi", "1 thư chờ gửi")
}
