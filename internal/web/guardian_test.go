package web_test

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hienke/frontend"
	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/store"
)

// What a child and a guardian agree to has a version, which is kept with each
// case. Whoever changes a text raises civic.ChildTermsVersion or
// civic.GuardianTermsVersion and puts the new sum here.
func TestTheTextsForAChildHaveAVersion(t *testing.T) {
	t.Parallel()
	c, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	sum := func(version string, keys ...string) string {
		h := sha256.New()
		for _, key := range keys {
			h.Write([]byte(c.T(i18n.Vietnamese, key)))
		}
		return version + " " + hex.EncodeToString(h.Sum(nil)[:4])
	}
	if got := sum(civic.ChildTermsVersion, "form.child_consent.terms", "form.child_consent.publish_name"); got != "child-2026-1 73a6cdf7" {
		t.Errorf("the child's text is %s", got)
	}
	if got := sum(civic.GuardianTermsVersion, "guardian.handling", "guardian.law", "form.guardian.publish.label", "form.guardian.publish_name.label"); got != "guardian-2026-1 efd17f47" {
		t.Errorf("the guardian's text is %s", got)
	}
}

// childsForm is what a child types.
func childsForm() url.Values {
	form := rightForm()
	form.Set("submitter.name", "Đinh Thị Bảo Ngân")
	form.Set("submitter.email", "ngan.dinh@example.vn")
	form.Set("child", "yes")
	form.Set("guardian.name", "Đinh Văn Quảng")
	form.Set("guardian.email", "quang.dinh@example.vn")
	form.Set("consent.publish_name", "yes")
	return form
}

// sendAsChild walks the whole form and reads the receipt.
func (b *browser) sendAsChild(form url.Values) sent {
	b.w.t.Helper()
	b.stamp(form)
	draft := b.begin(form)
	for _, step := range []string{"text", "topic", "sender", "guardian"} {
		if p := b.post(draft+"/"+step, form); p.status != http.StatusSeeOther {
			b.w.t.Fatalf("step %s answers %d: %.900s", step, p.status, p.body)
		}
	}
	return b.receipt(b.follow(b.post(draft+"/review", form)))
}

// guardianPath is the page that the message to the guardian leads to.
func (w *world) guardianPath(s sent) (path string) {
	w.t.Helper()
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(w.t.Context(), s.code)
		if err != nil {
			return err
		}
		g, err := tx.Guardians().Get(w.t.Context(), sub.ID)
		path = "/guardian/" + casework.GuardianToken(w.keys, g.Nonce)
		return err
	}))
	return path
}

func TestTheFormOfAChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	form := childsForm()
	b.stamp(form)
	draft := b.begin(form)
	b.post(draft+"/text", form)
	b.post(draft+"/topic", form)
	b.get(draft+"/sender").is(http.StatusOK, "Tôi chưa đủ 16 tuổi", "chưa đủ 7 tuổi").hasNot("guardian.name", "checked", `type="date"`, "ngày sinh")
	b.get("/en"+strings.TrimPrefix(draft, "/vi")+"/sender").is(http.StatusOK, "I am under 16", "under 7").hasNot("date of birth")

	adult := url.Values{"submitter.type": {"person"}, "submitter.name": {"Nguyễn Thị Lan"}, "submitter.email": {"ngan.dinh@example.vn"}}
	if p := b.post(draft+"/sender", adult); p.header.Get("Location") != draft+"/review" {
		t.Fatalf("an adult goes to %s", p.header.Get("Location"))
	}
	b.get(draft+"/review").is(http.StatusOK, "Tôi xác nhận nội dung").hasNot("16 tuổi", "giám hộ")
	if p := b.get(draft + "/guardian"); p.header.Get("Location") != draft+"/review" {
		t.Errorf("an adult who asks for the guardian's page goes to %s", p.header.Get("Location"))
	}

	if p := b.post(draft+"/sender", form); p.header.Get("Location") != draft+"/guardian" {
		t.Fatalf("a child goes to %s", p.header.Get("Location"))
	}
	if p := b.get(draft + "/review"); p.header.Get("Location") != draft+"/guardian" {
		t.Errorf("a child without a guardian goes to %s", p.header.Get("Location"))
	}
	b.get(draft+"/guardian").is(http.StatusOK, "Cha, mẹ hoặc người giám hộ", "chỉ gửi được lời nhắn bằng thư điện tử", draft+"/sender")
	b.post(draft+"/guardian", url.Values{"guardian.name": {"Đinh Văn Quảng"}, "guardian.phone": {"x1"}}).
		is(http.StatusUnprocessableEntity, "error-summary", `value="Đinh Văn Quảng"`, `value="x1"`)
	b.post(draft+"/guardian", url.Values{"guardian.email": {"Ngan.Dinh@example.vn"}}).
		is(http.StatusUnprocessableEntity, "Nhập họ và tên cha, mẹ", "thư điện tử em ghi cho mình", `value="Ngan.Dinh@example.vn"`)
	if p := b.get(draft); p.header.Get("Location") != draft+"/guardian" {
		t.Errorf("who goes on later comes to %s", p.header.Get("Location"))
	}
	if p := b.post(draft+"/guardian", form); p.header.Get("Location") != draft+"/review" {
		t.Fatalf("a whole guardian leads to %s", p.header.Get("Location"))
	}
	b.get(draft+"/review").is(http.StatusOK, "Chưa đủ 16 tuổi", "Đinh Văn Quảng", "Em xác nhận", draft+"/guardian?back=review#guardian-name")
	b.post(draft+"/review", url.Values{}).is(http.StatusUnprocessableEntity, "Em xác nhận", "error-summary")
	s := b.receipt(b.follow(b.post(draft+"/review", form)))
	got := w.stored(s.code)
	if got.Guardian != civic.GuardianWaiting || got.PublishName {
		t.Errorf("stored %s, named %v", got.Guardian, got.PublishName)
	}
	b.get("/vi/submit/sent").is(http.StatusOK, "Chúng tôi hỏi ý kiến cha, mẹ", "vẫn được xử lý")
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Sự đồng ý của cha, mẹ", "Chúng tôi hỏi ý kiến", "Lời nhắn cho cha, mẹ hoặc người giám hộ: đang chờ gửi").hasNot("Quảng", "quang.dinh")
}

func TestThePageOfAGuardian(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	form := childsForm()
	form.Set("title", "Số 0912345678 gọi trêu em trên đường đi học")
	b := w.browser()
	s := b.sendAsChild(form)
	path, guardian := w.guardianPath(s), w.browser()
	for range 3 {
		p := guardian.get("/vi"+path).is(http.StatusOK, "Đ. T. B. Ngân", "gọi trêu em trên đường đi học", "Kiến nghị", "Đây không phải là con tôi", `name="guardian.publish"`, `name="guardian.publish_name"`).
			hasNot("0912345678", "ngan.dinh", "Đinh Thị", "chữ ký số", s.code4, s.secret, "checked")
		if p.header.Get("Cache-Control") != "no-store" || !strings.Contains(p.body, "noindex") {
			t.Error("it may be kept or indexed")
		}
	}
	guardian.do(http.MethodHead, "/vi"+path, "")
	guardian.post("/vi"+path, nil).is(http.StatusSeeOther) // a program, and none of the buttons
	if got := w.stored(s.code); got.Guardian != civic.GuardianWaiting {
		t.Fatalf("looking at the page made it %s", got.Guardian)
	}
	guardian.get("/en"+path+"x").is(http.StatusNotFound, "The link is not right")
	guardian.post("/en"+path+"x", url.Values{"do": {"agree"}}).is(http.StatusNotFound, "The link is not right")
	guardian.post("/vi"+path, url.Values{"do": {"agree"}, "guardian.publish": {"yes"}}).is(http.StatusOK, "Đã ghi nhận", "cho đăng nội dung, không nêu tên", "/vi/privacy/request")
	guardian.post("/vi"+path, url.Values{"do": {"refuse"}}).is(http.StatusConflict, "chỉ dùng được một lần", "cho đăng nội dung, không nêu tên").hasNot("Ngân", "trêu em")
	guardian.get("/en"+path).is(http.StatusOK, "This link works once", "the text is published")
	if got := w.stored(s.code); got.Guardian != civic.GuardianConfirmed || got.PublishName {
		t.Errorf("stored %s, named %v", got.Guardian, got.PublishName)
	}
	b.get("/vi/track/"+s.code4).is(http.StatusOK, "Cha, mẹ hoặc người giám hộ của em đã đồng ý")

	late := w.browser().sendAsChild(childsForm())
	w.clock.Advance(30 * 24 * time.Hour)
	guardian.get("/vi"+w.guardianPath(late)).is(http.StatusOK, "Thời hạn trả lời đã hết").hasNot("Ngân", `name="do"`)
	guardian.post("/vi"+w.guardianPath(late), url.Values{"do": {"agree"}}).is(http.StatusGone, "Thời hạn trả lời đã hết")
}

func TestAChildNamesTheGuardianAgainOnThePageOfTheCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.sendAsChild(childsForm())
	old, track := w.guardianPath(s), "/vi/track/"+s.code4
	b.get(track).is(http.StatusOK, "Nêu lại cha, mẹ hoặc người giám hộ").hasNot("quang.dinh@", "Đinh Văn Quảng")
	b.post(track+"/guardian", url.Values{"guardian.name": {"Đinh Thị Quế"}, "guardian.email": {"ngan.dinh@example.vn"}}).
		is(http.StatusUnprocessableEntity, "Đây là thư điện tử em ghi cho mình", `value="Đinh Thị Quế"`)
	b.follow(b.post(track+"/guardian", url.Values{"guardian.name": {"Đinh Thị Quế"}, "guardian.email": {"que.dinh@example.vn"}})).
		is(http.StatusOK, "Chúng tôi hỏi ý kiến người này", "Em nêu lại cha, mẹ hoặc người giám hộ")
	guardian := w.browser()
	guardian.get("/vi"+old).is(http.StatusNotFound, "Liên kết không đúng")
	guardian.post("/vi"+w.guardianPath(s), url.Values{"do": {"agree"}}).is(http.StatusOK, "Đã ghi nhận")
	b.get(track).is(http.StatusOK).hasNot("Nêu lại cha, mẹ")
	b.post(track+"/guardian", url.Values{"guardian.name": {"Đinh Thị Quế"}, "guardian.email": {"khac@example.vn"}}).is(http.StatusConflict, "đã trả lời rồi")
}

func TestStaffSeeWhereTheConsentForAChildStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().sendAsChild(childsForm())
	w.inProgress(s.code)
	officer, coordinator, dpo := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleCoordinator, "Trần Văn Mẫu", ""), w.staff(civic.RoleDataProtection, "Hồ Thị Mẫu", "")
	path := "/staff/cases/" + s.code4
	officer.get(path).is(http.StatusOK, "Người gửi là trẻ em", "Ghi nhận giấy đồng ý").hasNot("Đinh Văn", "quang.dinh", "Đinh Thị")
	coordinator.get(path).is(http.StatusOK, "Người gửi là trẻ em").hasNot(path + "/publish")
	version := coordinator.get(path).find(`name="version" value="(\d+)"`)
	coordinator.post(path+"/publish", url.Values{"version": {version}, "public_title": {"Tiêu đề đủ dài"}, "public_body": {"Nội dung đủ dài để đăng công khai."}}).
		is(http.StatusConflict, "người giám hộ chưa đồng ý")
	coordinator.post(path+"/contact", url.Values{"reason": {"Gọi hỏi người giám hộ"}}).is(http.StatusOK, "Người giám hộ", "quang.dinh@example.vn", "ngan.dinh@example.vn")
	w.staff(civic.RoleAuditor, "Vũ Thị Mẫu", "").get("/staff/looks").is(http.StatusOK, "Gọi hỏi người giám hộ")
	dpo.get("/staff/privacy").is(http.StatusOK, "Hồ sơ của trẻ em", s.code4, "Chờ đồng ý").hasNot("Đinh Văn", "Đinh Thị")
	officer.get("/staff/privacy").is(http.StatusForbidden)

	officer.post(path+"/guardian-signed", url.Values{"version": {version}, "guardian.signed_publish": {"yes"}}).is(http.StatusSeeOther)
	officer.get(path).is(http.StatusOK, "cho đăng nội dung, không nêu tên", "Người giám hộ của trẻ đã đồng ý").hasNot("guardian-signed")
	dpo.get("/staff/privacy").is(http.StatusOK, "Không có hồ sơ nào như vậy").hasNot(s.code4)
	coordinator.get(path).is(http.StatusOK, path+"/publish")
}

func TestTheExtractHasTheConsentsForAChild(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.sendAsChild(childsForm())
	w.browser().post("/vi"+w.guardianPath(s), url.Values{"do": {"agree"}, "guardian.publish": {"yes"}}).is(http.StatusOK)
	b.post("/vi/track/"+s.code4+"/privacy", url.Values{"privacy_kind": {"withdraw"}, "request": {"Bố em rút lại sự đồng ý."}}).is(http.StatusSeeOther)
	dpo := w.staff(civic.RoleDataProtection, "Hồ Thị Mẫu", "")
	page := "/staff/privacy/" + dpo.get("/staff/privacy").find(`href="/staff/privacy/([0-9A-Z]+)"`)
	dpo.get(page).is(http.StatusOK, "Trẻ em – Xử lý ý kiến", "Người giám hộ – Đăng nội dung", "child-2026-1", "guardian-2026-1", "trả lời trên trang")
	dpo.post(page+"/extract", nil).is(http.StatusOK, "Người giám hộ mà trẻ đã ghi", "quang.dinh@example.vn", "Trẻ em – Đăng tên", "guardian-2026-1")
	dpo.post(page+"/grant", url.Values{"reason": {"Người giám hộ có quyền rút."}}).is(http.StatusSeeOther)
	dpo.get(page).is(http.StatusOK, "Sự đồng ý của người giám hộ chấm dứt")
	dpo.post(page+"/fulfil", nil).is(http.StatusSeeOther)
	if got := w.stored(s.code); got.Guardian != civic.GuardianWithdrawn {
		t.Errorf("it is %s", got.Guardian)
	}
	dpo.get("/staff/privacy").is(http.StatusOK, s.code4, "Đã rút lại")
	b.get("/vi/privacy/register").is(http.StatusOK, "Cha, mẹ hoặc người giám hộ mà người gửi chưa đủ 16 tuổi ghi")
}

func TestAChildsLetterIsKeyedIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/intake").is(http.StatusOK, "Người gửi chưa đủ 16 tuổi", "đã ký đồng ý")
	form := changed(changed(paper(), "child", "yes"), "consent.publish_name", "yes")
	officer.post("/staff/intake", form).is(http.StatusUnprocessableEntity, "Nhập họ và tên cha, mẹ")
	form = changed(changed(form, "guardian.name", "Đinh Văn Quảng"), "do", "store")
	store := func(key string, signed ...string) civic.Submission {
		t.Helper()
		f := changed(form, "key", key)
		for _, name := range signed {
			f = changed(f, name, "yes")
		}
		p := officer.follow(officer.post("/staff/intake", f)).is(http.StatusOK)
		code, err := civic.ParseCode(p.find(`(HK(?:-[0-9A-Z]{4}){3})`))
		w.must(err)
		return w.stored(code)
	}
	if got := store("a"); got.Guardian != civic.GuardianWaiting || got.PublishName {
		t.Errorf("without a signature it is %s, named %v", got.Guardian, got.PublishName)
	}
	if got := store("b", "guardian.signed"); got.Guardian != civic.GuardianPrivate || got.PublishName {
		t.Errorf("signed for handling it is %s, named %v", got.Guardian, got.PublishName)
	}
	if got := store("c", "guardian.signed", "guardian.signed_publish"); got.Guardian != civic.GuardianConfirmed || !got.PublishName {
		t.Errorf("signed for everything it is %s, named %v", got.Guardian, got.PublishName)
	}
	if got := store("d", "guardian.signed_publish"); got.Guardian != civic.GuardianWaiting {
		t.Errorf("a half signature makes it %s", got.Guardian)
	}
}
