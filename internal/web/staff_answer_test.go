package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// inProgress puts a submission before the officers of the ministry.
func (w *world) inProgress(code civic.Code) {
	w.t.Helper()
	w.put(code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = civic.InProgress, most
		return nil
	})
}

func TestAnAnswerWithAllThatBelongsToIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	citizen := w.browser()
	s := citizen.submit(func(v url.Values) {
		v.Set("body", "Khi nào bỏ bản giấy ở xã vùng cao? Xin gọi cho tôi theo số 0912 345 678 để trao đổi.")
	})
	w.inProgress(s.code)
	lead, officer, approver := w.staff(civic.RoleLead, "Đỗ Văn Lâm", most), w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleApprover, "Phạm Minh Đức", most)
	path := "/staff/cases/" + s.code4

	lead.post("/staff/templates", url.Values{"agency": {"bo-y-te"}, "template_name": {"x"}, "template_text": {"y"}}).is(http.StatusForbidden)
	lead.post("/staff/templates", url.Values{"agency": {string(most)}}).is(http.StatusUnprocessableEntity, `href="#template-name"`)
	lead.follow(lead.post("/staff/templates", url.Values{"agency": {string(most)}, "template_name": {"Tiếp thu"}, "template_text": {"Kính gửi,\n{cơ quan} tiếp thu ý kiến {mã hồ sơ} theo {số văn bản}."}})).is(http.StatusOK, "Đã lưu mẫu", "Tiếp thu")
	template := strings.TrimSuffix(officer.get(path).is(http.StatusOK, "Tiếp thu", "Đã trả lời: “Khi nào bỏ bản giấy").find(`href="(`+path+`\?template=\d+)#`), "#")
	officer.get(template).is(http.StatusOK, "Bộ Khoa học và Công nghệ tiếp thu ý kiến "+s.code4, "{số văn bản}")

	// It keeps itself, and an earlier wording comes back.
	officer.post(path+"/saves", url.Values{"text": {"Bản đang viết dở"}}).is(http.StatusOK, "Đã tự lưu")
	approver.get(path).is(http.StatusOK).hasNot("Bản đang viết dở") // somebody else's
	officer.get(path).is(http.StatusOK, "Bản đang viết dở", "được tự lưu nhưng chưa lưu thành dự thảo")
	saves := officer.get(path+"/saves").is(http.StatusOK, "Lê Thị Hoa", "tự lưu", "Bản đang viết dở")
	officer.get(strings.TrimSuffix(saves.find(`href="([^"]*restore=\d+)#`), "#")).is(http.StatusOK, "Đã mở lại bản do Lê Thị Hoa")

	// What was written last stands in the form, also over a draft that was kept.
	officer.follow(officer.act(s, "draft-answer", url.Values{"text": {"Bản đã lưu"}, "outcome": {"explained"}})).is(http.StatusOK, "Đã lưu dự thảo")
	officer.post(path+"/saves", url.Values{"text": {"Bản viết sau"}, "outcome": {"explained"}}).is(http.StatusOK)
	officer.get(path).is(http.StatusOK, "\nBản viết sau</textarea>", `data-outcomes="accepted partly"`).hasNot("\nBản đã lưu</textarea>", `data-outcomes="accepted partly" open`)
	promised := url.Values{"text": {"Bản viết sau"}, "outcome": {"explained"}, "commitments.0.what": {"Ban hành"}, "commitments.0.who": {"Vụ"}, "commitments.0.until": {"2027-03-31"}}
	officer.act(s, "draft-answer", promised).is(http.StatusUnprocessableEntity, "Chỉ ghi cam kết khi tiếp thu", `data-outcomes="accepted partly" open`)

	draft := url.Values{
		"text": {"Bộ sẽ:\n•\tbỏ <b>bản giấy</b>;\n•\tsửa [mẫu 02](https://vanban.vn).\nGọi 0987 654 321."}, "outcome": {"accepted"}, "submit": {"yes"},
		"document_number": {"12/BKHCN"}, "document_date": {"20/11/2026"}, "signatory": {"Vụ trưởng"},
	}
	officer.act(s, "draft-answer", draft).is(http.StatusUnprocessableEntity, `href="#draft-answer-commitments-0-what"`)
	draft.Set("commitments.0.what", "Ban hành Thông tư")
	draft.Set("commitments.0.who", "Vụ Pháp chế")
	draft.Set("commitments.0.until", "2027-03-31")
	officer.act(s, "draft-answer", draft).is(http.StatusUnprocessableEntity, "Còn 1 trong 1 điều", `value="Vụ Pháp chế"`)
	draft.Set("points.0", "yes")
	officer.follow(officer.act(s, "draft-answer", draft)).is(http.StatusOK, "Đã trình duyệt", "<li>bỏ &lt;b&gt;bản giấy&lt;/b&gt;;</li>", "<mark>0987 654 321", "12/BKHCN")

	approver.follow(approver.act(s, "redact", url.Values{"public_title": {"Bỏ bản giấy"}, "public_body": {"Khi nào bỏ bản giấy ở xã vùng cao?"}})).
		is(http.StatusOK, "Đã lưu bản công khai", "Bản gốc", "<mark>0912 345 678")
	how := url.Values{"publish": {"yes"}, "publish_at": {"2026-11-25T08:00"}}
	approver.act(s, "approve", how).is(http.StatusUnprocessableEntity, `href="#approve-personal-checked"`)
	how.Set("personal_checked", "yes")
	approver.follow(approver.act(s, "approve", how)).is(http.StatusOK, "Tự đăng công khai lúc", "Hủy lịch đăng công khai")
	citizen.get("/vi/track/"+s.code4).is(http.StatusOK, "Vụ Pháp chế", "sửa <a href=\"https://vanban.vn\" rel=\"nofollow\">mẫu 02</a>.", "12/BKHCN").hasNot("<b>")
	w.browser().get("/vi/s/" + s.code4).is(http.StatusNotFound)
	w.clock.Advance(3 * 24 * time.Hour)
	w.publishDue(s.code)
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "Khi nào bỏ bản giấy", "2027", "Đang thực hiện").hasNot("0912 345 678", "<b>")

	officer, approver = w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleApprover, "Phạm Minh Đức", most)
	officer.get("/staff/commitments").is(http.StatusOK, "Ban hành Thông tư", s.code4)
	id := officer.get(path).find(`name="commitment" value="(\d+)"`)
	officer.follow(officer.act(s, "settle-commitment", url.Values{"commitment": {id}, "state": {"kept"}, "note": {"Thông tư 21/2027"}})).is(http.StatusOK, "Đã cập nhật cam kết", "Thông tư 21/2027")

	officer.follow(officer.act(s, "correct", url.Values{"text": {"Bộ sẽ bỏ bản giấy và sửa mẫu 03."}, "outcome": {"accepted"}, "correction": {"Mẫu đúng là mẫu 03."}})).is(http.StatusOK, "Đã trình duyệt bản đính chính")
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "mẫu 02").hasNot("mẫu 03")
	approver.follow(approver.act(s, "approve", url.Values{"personal_checked": {"yes"}})).is(http.StatusOK, "Các lần đính chính")
	w.browser().get("/vi/s/"+s.code4).is(http.StatusOK, "mẫu 03", "Sửa ngày", "Mẫu đúng là mẫu 03.", "Thông tư 21/2027").hasNot("sửa mẫu 02")
}

// publishDue does what the queue would do now.
func (w *world) publishDue(code civic.Code) {
	w.t.Helper()
	var jobs []store.Job
	var sub civic.Submission
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().GetByCode(w.t.Context(), code); err != nil {
			return err
		}
		jobs, err = tx.Outbox().Due(w.t.Context(), store.JobPublish, w.clock.Now(), w.clock.Now(), 10)
		return err
	}))
	for _, j := range jobs {
		w.must(w.answers.PublishDue(w.t.Context(), j.ID, sub.ID))
	}
}

// A template comes back as it was, and everybody sees who changed it when.
func TestTheHistoryOfATemplate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	lead, officer := w.staff(civic.RoleLead, "Đỗ Văn Lâm", most), w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	write := func(edit, text string) {
		lead.follow(lead.post("/staff/templates"+edit, url.Values{"agency": {string(most)}, "template_name": {"Tiếp thu"}, "template_text": {text}})).is(http.StatusOK, "Đã lưu mẫu")
	}
	write("", "Kính gửi ông, bà, chữ cũ.")
	list := lead.get("/staff/templates").is(http.StatusOK)
	write(strings.TrimSuffix(strings.TrimPrefix(list.find(`href="(/staff/templates\?edit=\d+)#`), "/staff/templates"), "#"), "Kính gửi ông, bà, chữ mới.")
	history := list.find(`href="(/staff/templates/\d+/history)"`)
	officer.get(history).is(http.StatusForbidden)
	w.staff(civic.RoleLead, "Trần Thị Y", "bo-y-te").get(history).is(http.StatusForbidden)
	page := lead.get(history).is(http.StatusOK, "Đỗ Văn Lâm", "chữ mới", "chữ cũ", "đang dùng")
	old := page.find(`name="version" value="(\d+)"`)
	lead.post(history, url.Values{"version": {"999"}}).is(http.StatusNotFound)
	lead.follow(lead.post(history, url.Values{"version": {old}})).is(http.StatusOK, "Đã khôi phục mẫu", "chữ cũ").hasNot("chữ mới")

	lead.follow(lead.post(strings.TrimSuffix(history, "history")+"retire", nil)).is(http.StatusOK, "Mẫu đã ngừng dùng", history)
	lead.follow(lead.post(history, url.Values{"version": {old}})).is(http.StatusOK, "chữ cũ").hasNot("Mẫu đã ngừng dùng")
}
