package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"testing"

	"hienke/frontend"
	"hienke/internal/civic"
	"hienke/internal/i18n"
)

// The text that senders agree to has a version, which is kept with each case.
// Whoever changes the text raises civic.TermsVersion and puts the new sum here.
func TestTheTermsHaveAVersion(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256([]byte(c.T(i18n.Vietnamese, "form.consent.terms.label") + c.T(i18n.Vietnamese, "form.consent.publish_name.label")))
	if got := civic.TermsVersion + " " + hex.EncodeToString(sum[:4]); got != "2026-1 fe102adb" {
		t.Errorf("the terms are %s", got)
	}
}

func TestRequestsAboutPersonalData(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	b.get("/vi/privacy").is(http.StatusOK, `href="/vi/privacy/request"`, `href="/vi/privacy/register"`)
	b.get("/vi/privacy/register").is(http.StatusOK, "Thông tin liên hệ của người gửi", "Giữ bao lâu")
	b.get("/open-data/personal-data.json").is(http.StatusOK, `"code": "contact"`)
	b.get("/en/privacy/request").is(http.StatusOK, "What do you ask for?")
	b.post("/vi/privacy/request", url.Values{"request": {"Sửa tên"}}).is(http.StatusUnprocessableEntity, "Sửa tên", "error-summary")
	asked := b.post("/vi/privacy/request", url.Values{
		"privacy_kind": {"see"}, "request": {"Cho tôi xem <b>dữ liệu</b> về mình."}, "reach": {"lan@example.vn"}, "case": {s.code4},
	}).is(http.StatusOK, "Đã nhận yêu cầu", "25 tháng 11 năm 2026")
	ref := asked.find(`<span class="hk-code">([A-Z0-9-]+)</span>`)

	// Who holds the codes asks on the page of the case.
	b.post("/vi/track", url.Values{"code": {s.code4}, "secret": {s.secret}}).is(http.StatusSeeOther)
	b.follow(b.post("/vi/track/"+s.code4+"/privacy", url.Values{"privacy_kind": {"erase"}, "request": {"Xóa hết giúp tôi."}})).
		is(http.StatusOK, "Xóa dữ liệu", "Đã nhận, đang xem xét.")

	w.staff(civic.RoleCoordinator, "Trần Văn Bình", "").get("/staff/privacy").is(http.StatusForbidden)
	dpo := w.staff(civic.RoleDataProtection, "Đỗ Thị Giữ", "")
	dpo.get("/staff/privacy").is(http.StatusOK, ref, "Xóa dữ liệu", "Chưa xác định người yêu cầu", "Chờ quyết định")
	at := "/staff/privacy/" + ref
	dpo.get(at).is(http.StatusOK, "&lt;b&gt;dữ liệu&lt;/b&gt;", "lan@example.vn", "Xác định người yêu cầu").hasNot("Chấp nhận, chờ")
	// The receipt waits for the mail server; the rest somebody must tell, as long as no mail can go.
	dpo.get(at).is(http.StatusOK, "Giấy báo đã nhận yêu cầu: Đang chờ gửi", "chưa cấu hình kênh gửi thư. Hãy báo theo liên hệ người yêu cầu để lại")
	dpo.follow(dpo.post(at+"/reply", url.Values{"reply": {"Xin cho biết số đã để lại."}})).
		is(http.StatusOK, "Phản hồi lần đầu: ", "Không gửi được", "chưa xác định người yêu cầu, hộp thư có thể của người khác")
	dpo.post(at+"/identify", url.Values{"code": {"HK-2222"}, "identified": {"Gọi lại"}}).is(http.StatusUnprocessableEntity, "error-summary")
	dpo.follow(dpo.post(at+"/identify", url.Values{"code": {s.code4}, "identified": {"Gọi lại đúng số"}})).is(http.StatusOK, s.code4, "Sự đồng ý đã ghi nhận", "bản 2026-1")
	dpo.get(at).is(http.StatusOK, "In thư", at+"/letter")
	dpo.post(at+"/letter", url.Values{"message": {"reply"}}).is(http.StatusConflict, "Không có địa chỉ bưu điện trong hồ sơ")
	dpo.follow(dpo.post(at+"/partly", url.Values{"reason": {"Trừ dữ liệu của người khác"}})).is(http.StatusOK, "Đã chấp nhận một phần", "chờ thực hiện")
	dpo.post(at+"/tell", url.Values{"told": {"Gửi thư"}}).is(http.StatusConflict, "không làm được ở tình trạng hiện nay")
	dpo.get(at).is(http.StatusOK, "Lập bản trích")
	dpo.post(at+"/extract", nil).is(http.StatusOK, "Bản trích dữ liệu cá nhân", "Nguyễn", s.code4, "Sự đồng ý", "Không có.")
	dpo.post(at+"/extract", url.Values{"format": {"json"}}).is(http.StatusOK, `"sections"`, s.code4)
	dpo.follow(dpo.post(at+"/fulfil", nil)).is(http.StatusOK, "chờ báo", "Báo kết quả: Đang chờ gửi", "Hãy tự báo kết quả, kèm nơi có thể khiếu nại")
	dpo.follow(dpo.post(at+"/tell", url.Values{"told": {"Gửi thư điện tử"}})).is(http.StatusOK, "Đã đóng")
	dpo.get("/staff/privacy?closed=1").is(http.StatusOK, ref)
	dpo.get("/staff/privacy/none").is(http.StatusNotFound)

	// The text itself is put right: typed text is kept, and never lost where somebody else changed the case.
	b.follow(b.post("/vi/track/"+s.code4+"/privacy", url.Values{"privacy_kind": {"correct"}, "request": {"Sửa tên tôi trong nội dung."}}))
	fix := dpo.get("/staff/privacy").is(http.StatusOK).find(`href="(/staff/privacy/[A-Z0-9]+)">[A-Z0-9]+</a></th>\n?<td>Sửa`)
	form := dpo.follow(dpo.post(fix+"/grant", url.Values{"reason": {"Đúng giấy tờ"}})).is(http.StatusOK, "Sửa nội dung hồ sơ", "Sửa thông tin liên hệ").hasNot("Nội dung công khai")
	version := form.find(`name="version" value="([0-9]+)"`)
	text := url.Values{"version": {version}, "title": {"Tiêu đề đã sửa tên"}, "body": {"Nội dung đã sửa, tên tôi là Lan chứ không phải Lam."}, "reason": {"Sai tên"}}
	short := url.Values{"version": {version}, "title": {"x"}, "body": {"Tên tôi là Lan."}, "reason": {"Sai tên"}}
	dpo.post(fix+"/correct_text", short).is(http.StatusUnprocessableEntity, "error-summary", "Tên tôi là Lan.</textarea>", "Sai tên</textarea>")
	text.Set("version", "0")
	dpo.post(fix+"/correct_text", text).is(http.StatusPreconditionFailed, "Hai phiên bản", "Hồ sơ đã được người khác cập nhật", "tên tôi là Lan chứ không phải Lam.</textarea>", `name="version" value="`+version+`"`)
	text.Set("version", version)
	dpo.follow(dpo.post(fix+"/correct_text", text)).is(http.StatusOK, "Đã sửa nội dung hồ sơ.", "Tiêu đề đã sửa tên")
	w.staff(civic.RoleCoordinator, "Trần Văn Bình", "").get("/staff/cases/"+s.code4).is(http.StatusOK, "Đã sửa theo yêu cầu ngày", "Nội dung trước khi sửa", "tên tôi là Lan chứ không phải Lam.", "Đã sửa dữ liệu cá nhân trong nội dung", "Sai tên")
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Đã sửa dữ liệu cá nhân trong nội dung theo yêu cầu của ông/bà")
	dpo.post(fix+"/extract", nil).is(http.StatusOK, "Nội dung trước khi sửa")

	erase := dpo.get("/staff/privacy").is(http.StatusOK).find(`href="(/staff/privacy/[A-Z0-9]+)">[A-Z0-9]+</a></th>\n?<td>Xóa`)
	dpo.follow(dpo.post(erase+"/grant", url.Values{"reason": {"Đúng quy định"}})).is(http.StatusOK, "Không khôi phục được")
	dpo.follow(dpo.post(erase+"/fulfil", nil)).is(http.StatusOK)
	b.get("/vi/track/"+s.code4).is(http.StatusOK, civic.ErasedBody, "Đúng quy định").hasNot("hồ sơ điện tử có chữ ký số")
	w.sealAudit()
	w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "").get("/staff/audit?code="+s.code4).is(http.StatusOK, "Thực hiện yêu cầu", "Xem yêu cầu về dữ liệu cá nhân")
}
