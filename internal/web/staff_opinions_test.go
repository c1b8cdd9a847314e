package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

const health civic.AgencyCode = "bo-y-te"

// noisy is a case that the ministry works on, with a telephone number in it.
func (w *world) noisy() sent {
	w.t.Helper()
	s := w.browser().submit(func(form url.Values) {
		form.Set("body", "Tôi tên là Nguyễn Thị Lan, số điện thoại 0912 345 678. Đề nghị đo tiếng ồn ở cổng bệnh viện mỗi đêm.")
	})
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
	return s
}

// asked is the number of the request that a page asks to answer.
func (p page) asked() url.Values {
	p.t.Helper()
	return url.Values{"opinion": {p.find(`name="opinion" value="(\d+)"`)}}
}

func TestAnotherAgencyIsAskedAnswersAndReadsNoSender(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.noisy()
	at := "/staff/cases/" + s.code4
	owner, adviser := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleOfficer, "Ngô Thị Ích", health)
	stranger := w.staff(civic.RoleOfficer, "Đỗ Thị Lan", "bo-giao-duc-dao-tao")
	adviser.get(at).is(http.StatusNotFound)

	// What is wrong is said at its field, and what was typed stays.
	ask := url.Values{"agency": {string(most)}, "question": {"Quy chuẩn nào áp dụng cho bệnh viện?"}, "days": {"5"}}
	owner.act(s, "ask-opinion", ask).is(http.StatusUnprocessableEntity, "Chọn cơ quan khác", "Quy chuẩn nào áp dụng cho bệnh viện?")
	ask.Set("agency", string(health))
	ask.Set("days", "16")
	owner.act(s, "ask-opinion", ask).is(http.StatusUnprocessableEntity, "Quy chuẩn nào áp dụng cho bệnh viện?")
	ask.Set("days", "2")
	owner.follow(owner.act(s, "ask-opinion", ask)).is(http.StatusOK, "Đã gửi câu hỏi", "Chờ ý kiến", "Bộ Y tế")
	owner.act(s, "ask-opinion", ask).is(http.StatusConflict, "Cơ quan này đang được hỏi", "Quy chuẩn nào áp dụng cho bệnh viện?")
	if sub := w.stored(s.code); sub.State != civic.InProgress || sub.Agency != most {
		t.Errorf("asking moved the case: %s, %s", sub.State, sub.Agency)
	}

	// The asked agency reads the text and no sender; everybody else nothing.
	adviser.get("/staff/queue").is(http.StatusOK, `Ý kiến chờ trả lời <span class="hk-tally">1</span>`)
	adviser.get("/staff/opinions").is(http.StatusOK, s.code4, "còn 2 ngày làm việc").hasNot("Nguyễn Thị Lan", "0912")
	p := adviser.get(at).is(http.StatusOK, "đo tiếng ồn", "Quy chuẩn nào áp dụng", "[…]", "Lê Thị Hoa hỏi lúc").hasNot("0912", "lan@example.vn", "Nguyễn Thị Lan", `action="`+at+`/note"`, `action="`+at+`/accept"`)
	for _, beside := range []string{"/print", "/saves", "/present", "/compare/" + s.code4, "/files/x"} {
		adviser.get(at + beside).is(http.StatusNotFound)
	}
	adviser.post(at+"/contact", url.Values{"reason": {"Hỏi thêm người gửi"}}).is(http.StatusNotFound)
	adviser.post(at+"/note", url.Values{"version": {"3"}, "text": {"Ghi chú"}}).is(http.StatusNotFound)
	stranger.get(at).is(http.StatusNotFound)
	stranger.get("/staff/opinions").is(http.StatusOK, "Không có yêu cầu nào đang chờ").hasNot(s.code4)
	form := p.asked()
	form.Set("text", "Áp dụng quy chuẩn tiếng ồn cho khu vực đặc biệt.")
	form.Set("reason", "Không thuộc lĩnh vực")
	for _, b := range []*browser{stranger, owner, w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")} {
		for _, act := range []string{"give-opinion", "decline-opinion"} {
			if p := b.post(at+"/"+act, form); p.status != http.StatusNotFound && p.status != http.StatusForbidden {
				t.Errorf("somebody else's %s answers %d", act, p.status)
			}
		}
	}
	if owner.get(at).is(http.StatusOK).hasNot("khu vực đặc biệt"); t.Failed() {
		return
	}

	// The session ends while the opinion is being written; it goes on after the
	// sign-in.
	email := w.account(civic.RoleOfficer, "Ngô Thị Ích", health)
	late := w.browser().post(at+"/give-opinion", form).is(http.StatusUnauthorized, "Áp dụng quy chuẩn tiếng ồn", `name="kept"`)
	again := url.Values{"email": {email}, "password": {password}}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="(kept[^"]*)" value="([^"]*)"`).FindAllStringSubmatch(late.body, -1) {
		again.Set(m[1], html.UnescapeString(m[2]))
	}
	w.browser().post("/staff/sign-in", again).is(http.StatusOK, "Áp dụng quy chuẩn tiếng ồn cho khu vực đặc biệt.</textarea>")
	if w.browser().post("/staff/sign-in", url.Values{"email": {w.account(civic.RoleOfficer, "Đỗ Thị Lan", "bo-giao-duc-dao-tao")}, "password": {password}, "kept": again["kept"], "kept.text": {"x"}}).is(http.StatusSeeOther); t.Failed() {
		return
	}

	// Late, and then given, once.
	w.clock.Advance(4 * 24 * time.Hour)
	adviser = w.staff(civic.RoleOfficer, "Ngô Thị Ích", health) // the sessions are over
	owner = w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	adviser.get("/staff/opinions").is(http.StatusOK, s.code4, "quá 2 ngày làm việc")
	empty := adviser.get(at).is(http.StatusOK).asked()
	adviser.post(at+"/give-opinion", empty).is(http.StatusUnprocessableEntity, `href="#give-opinion-`)
	adviser.follow(adviser.post(at+"/give-opinion", form)).is(http.StatusOK, "Đã gửi ý kiến", "khu vực đặc biệt").hasNot(`name="opinion"`)
	form.Set("text", "Ý kiến thứ hai, viết ở cửa sổ cũ.")
	adviser.post(at+"/give-opinion", form).is(http.StatusConflict, "Ý kiến thứ hai, viết ở cửa sổ cũ.", "đã có ý kiến")
	owner.get(at).is(http.StatusOK, "khu vực đặc biệt", "Ngô Thị Ích", "Đã có ý kiến").hasNot("Ý kiến thứ hai")
	tracked := w.browser()
	tracked.follow(tracked.post("/vi/track", url.Values{"code": {s.code4}, "secret": {s.secret}})).is(http.StatusOK, s.code4).hasNot("Bộ Y tế", "khu vực đặc biệt")
}

func TestARequestForAnOpinionIsDeclinedOrWithdrawnOnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.noisy()
	at := "/staff/cases/" + s.code4
	owner, adviser := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleOfficer, "Ngô Thị Ích", health)
	ask := func() url.Values {
		t.Helper()
		owner.follow(owner.act(s, "ask-opinion", url.Values{"agency": {string(health)}, "question": {"Quy chuẩn nào áp dụng?"}, "days": {"5"}})).is(http.StatusOK)
		return adviser.get(at).is(http.StatusOK).asked()
	}
	form := ask()
	adviser.post(at+"/decline-opinion", form).is(http.StatusUnprocessableEntity, `href="#decline-opinion-`)
	form.Set("reason", "Việc này do Bộ Xây dựng quản lý.")
	adviser.follow(adviser.post(at+"/decline-opinion", form)).is(http.StatusOK, "Đã gửi lý do từ chối")
	owner.get(at).is(http.StatusOK, "Từ chối cho ý kiến", "Việc này do Bộ Xây dựng quản lý.")

	// A request is taken back while its answer is being written, and the answer
	// is not lost.
	form = ask()
	owner.follow(owner.act(s, "withdraw-opinion", url.Values{"opinion": form["opinion"]})).is(http.StatusOK, "Đã rút lại")
	form.Set("text", "Ba trang ý kiến viết cả buổi sáng.")
	adviser.post(at+"/give-opinion", form).is(http.StatusConflict, "Ba trang ý kiến viết cả buổi sáng.", "đã rút lại")
	owner.act(s, "withdraw-opinion", url.Values{"opinion": form["opinion"]}).is(http.StatusConflict)

	// The only request of another agency is taken back.
	stranger := w.staff(civic.RoleOfficer, "Đỗ Thị Lan", "bo-giao-duc-dao-tao")
	owner.follow(owner.act(s, "ask-opinion", url.Values{"agency": {"bo-giao-duc-dao-tao"}, "question": {"Trường có đo không?"}, "days": {"5"}})).is(http.StatusOK)
	form = stranger.get(at).is(http.StatusOK, "Trường có đo không?").asked()
	owner.act(s, "withdraw-opinion", url.Values{"opinion": form["opinion"]}).is(http.StatusSeeOther)
	form.Set("text", "Trường đo hằng tháng, số liệu kèm theo.")
	stranger.post(at+"/give-opinion", form).is(http.StatusConflict, "Trường đo hằng tháng, số liệu kèm theo.", "đã rút lại")
	if p := stranger.get(at).is(http.StatusGone, "rút lại yêu cầu"); strings.Contains(p.body, "đo tiếng ồn") {
		t.Error("the text of the case is shown after the request was taken back")
	}
	stranger.get("/staff/opinions").is(http.StatusOK).hasNot(s.code4)
}
