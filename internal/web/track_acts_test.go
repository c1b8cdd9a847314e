package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// handled gives a submission to an agency that works on it.
func (w *world) handled(s sent) {
	w.t.Helper()
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
}

func TestAgencyAsksAndSenderReplies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	w.handled(s)
	officer := w.staff(civic.RoleOfficer, "Phạm Văn Cường", most)
	officer.act(s, "request-information", url.Values{"question": {""}}).is(http.StatusUnprocessableEntity, "Nhập câu hỏi")
	officer.follow(officer.act(s, "request-information", url.Values{"question": {"Việc này ở <b>xã</b> nào?"}})).is(http.StatusOK, "Đã gửi câu hỏi", "Chờ trả lời đến ngày")

	track := "/vi/track/" + s.code4
	b.get(track).is(http.StatusOK, "Việc này ở &lt;b&gt;xã&lt;/b&gt; nào?", "Xin trả lời trước ngày", "Trả lời câu hỏi của cơ quan")
	w.browser().post(track+"/information", url.Values{"reply": {"Người lạ"}}).is(http.StatusUnauthorized, "chưa được gửi").hasNot("Ở xã", "nào?")
	b.post(track+"/information", url.Values{"reply": {" "}}).is(http.StatusUnprocessableEntity, "Nhập nội dung trả lời", `href="#information-reply"`)
	b.follow(b.post(track+"/information", url.Values{"reply": {"Ở xã Mường Lống."}})).is(http.StatusOK, "Cơ quan tiếp tục xử lý", "Ở xã Mường Lống.")
	// The back button brings the form, and what is sent with it is not lost.
	b.post(track+"/information", url.Values{"reply": {"Viết thêm một câu."}}).is(http.StatusConflict, "không có câu hỏi nào đang chờ", "Viết thêm một câu.")
	officer.get("/staff/cases/"+s.code4).is(http.StatusOK, "Ở xã Mường Lống.")

	officer.act(s, "extend", url.Values{"days": {"năm"}, "reason": {"Lý do"}}).is(http.StatusUnprocessableEntity, "phải là số nguyên")
	officer.follow(officer.act(s, "extend", url.Values{"days": {"5"}, "reason": {"Chờ ý kiến của bộ khác."}})).is(http.StatusOK, "Đã gia hạn")
	b.get(track).is(http.StatusOK, "Chờ ý kiến của bộ khác.", "đã được gia hạn một lần")
}

func TestWhatASenderWritesOutlivesTheVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	w.handled(s)
	officer := w.staff(civic.RoleOfficer, "Phạm Văn Cường", most)
	officer.act(s, "request-information", url.Values{"question": {"Việc này ở xã nào?"}})
	track := "/vi/track/" + s.code4
	later := w.browser() // the same person, two hours on
	later.post(track+"/information", url.Values{"reply": {"Ở xã <Mường Lống>."}}).
		is(http.StatusUnauthorized, "chưa được gửi", `name="kept.reply" value="Ở xã &lt;Mường Lống&gt;."`, `value="`+s.code4+`"`).hasNot(`hreflang="en"`)
	codes := func(secret string) url.Values {
		return url.Values{"code": {s.code4}, "secret": {secret}, "kept": {s.code4 + "/information"}, "kept.reply": {"Ở xã <Mường Lống>."}}
	}
	later.post("/vi/track", codes("2222-2222")).is(http.StatusNotFound, `name="kept.reply" value="Ở xã &lt;Mường Lống&gt;."`)
	later.post("/vi/track", codes(s.secret)).is(http.StatusOK, "vẫn còn và chưa được gửi", `Ở xã &lt;Mường Lống&gt;.</textarea>`)
	officer.get("/staff/cases/" + s.code4).hasNot("Mường Lống")
	later.follow(later.post(track+"/information", url.Values{"reply": {"Ở xã Mường Lống."}})).is(http.StatusOK, "Cơ quan tiếp tục xử lý")
	// Where it cannot be done any more it is there to be copied.
	later.post("/vi/track", codes(s.secret)).is(http.StatusOK, "Ở xã &lt;Mường Lống&gt;.")
	// It is for its own case alone.
	other := codes(s.secret)
	other.Set("kept", "HK-2222-2222-2222/information")
	if p := later.post("/vi/track", other); p.status != http.StatusSeeOther {
		t.Errorf("what was written about another case comes back: %d", p.status)
	}
}

func TestSenderJudgesAndAsksForAnotherLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	w.publish(s)
	track := "/vi/track/" + s.code4
	b.get(track).is(http.StatusOK, "có giúp được ông/bà không?", "Đề nghị xem xét lại").hasNot("Rút ý kiến")
	b.post(track+"/rating", url.Values{}).is(http.StatusUnprocessableEntity, "Chọn một trong ba mức", `href="#rating-helped"`)
	b.follow(b.post(track+"/rating", url.Values{"helped": {"no"}, "reason": {"Chưa nói khi nào."}})).
		is(http.StatusOK, "Đã ghi nhận đánh giá", "Chưa nói khi nào.", `value="no" checked`)
	b.follow(b.post(track+"/reopen", url.Values{"reason": {"Câu hỏi chính chưa được trả lời."}})).
		is(http.StatusOK, "Ông/bà đã đề nghị xem xét lại", "Cán bộ điều phối đang xem xét").hasNot("/reopen\"")
	b.post(track+"/reopen", url.Values{"reason": {"Lần nữa."}}).is(http.StatusConflict, "đã đề nghị xem xét lại một lần", "Lần nữa.")
	// What was answered stays to be read, here and in public.
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "Trả lời")
	w.staff(civic.RoleCoordinator, "Điều phối", "").get("/staff/cases/"+s.code4).is(http.StatusOK, "chưa đồng ý với câu trả lời", "Không giúp được")
}

func TestSenderTakesItBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	track := "/vi/track/" + s.code4
	b.post(track+"/withdraw", url.Values{}).is(http.StatusUnprocessableEntity, "Đánh dấu để xác nhận")
	b.get(track + "/withdraw").is(http.StatusMethodNotAllowed)
	b.follow(b.post(track+"/withdraw", url.Values{"sure": {"yes"}})).is(http.StatusOK, "Ông/bà đã rút ý kiến này")
	b.post(track+"/fly", nil).is(http.StatusNotFound)
	w.clock.Advance(time.Hour)
	b.post(track+"/withdraw", url.Values{"sure": {"yes"}}).is(http.StatusConflict)
}
