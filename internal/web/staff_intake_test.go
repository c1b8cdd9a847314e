package web_test

import (
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// paper is a form for a letter that nothing is wrong with.
func paper() url.Values {
	return url.Values{
		"key": {"form-1"}, "via": {"letter"}, "received_on": {"2026-11-19"}, "kind": {"unsure"}, "language": {"vi"},
		"title": {"Đèn đường thôn Đông hỏng"}, "body": {"Kính gửi ủy ban. Đèn đường ở thôn Đông hỏng đã ba tháng, đề nghị sửa trước Tết."},
		"submitter.type": {"person"}, "submitter.name": {"Bà Nguyễn Thị Mẫu"}, "submitter.address": {"Thôn Đông"}, "keyed_consent": {"written"},
	}
}

func changed(form url.Values, name string, values ...string) url.Values {
	out := maps.Clone(form)
	out[name] = values
	return out
}

func TestALetterIsKeyedInCheckedStoredAndPrinted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/queue").is(http.StatusOK, `href="/staff/intake"`)
	officer.get("/staff/intake").is(http.StatusOK, "Lời của người gửi", "Thư giấy", "ví dụ 29/11/2026", `name="key"`)
	officer.post("/staff/intake", paper()).is(http.StatusOK, "Chưa có gì được lưu", "19 tháng 11 năm 2026", "Bà Nguyễn Thị Mẫu", "Chưa rõ, nhờ cán bộ", "Không ghi").
		hasNot("Có thể đã được nhập")
	officer.post("/staff/intake", changed(paper(), "do", "edit")).is(http.StatusOK, "Đèn đường ở thôn Đông", `value="form-1"`)

	stored := changed(paper(), "do", "store")
	first, second := officer.post("/staff/intake", stored), officer.post("/staff/intake", stored)
	place := first.header.Get("Location")
	if first.status != http.StatusSeeOther || place != second.header.Get("Location") {
		t.Fatalf("two clicks lead to %q and %q with %d", place, second.header.Get("Location"), first.status)
	}
	slip := officer.get(place).is(http.StatusOK, "Giấy báo tiếp nhận", "qua thư, ngày 19 tháng 11 năm 2026", "10 tháng 12 năm 2026", "https://hienke.example.vn/vi/track", "<svg")
	code := regexp.MustCompile(`HK(-[0-9A-Z]{4}){3}`).FindString(slip.body)
	secret := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}</span>`).FindAllString(slip.body, -1)
	w.staff(civic.RoleCoordinator, "Người khác", "").get(place).is(http.StatusNotFound)

	sender := w.browser()
	sender.follow(sender.post("/vi/track", url.Values{"code": {code}, "secret": {strings.TrimSuffix(secret[len(secret)-1], "</span>")}})).
		is(http.StatusOK, "Đèn đường thôn Đông hỏng", "Cán bộ đã nhập ý kiến của ông/bà vào hệ thống", "Thư giấy").hasNot("Lê Thị Hoa")

	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Mẫu", "")
	coordinator.get("/staff/queue?via=letter").is(http.StatusOK, code, "Thư giấy")
	coordinator.get("/staff/queue?via=phone").is(http.StatusOK).hasNot(code)
	coordinator.get("/staff/cases/"+code).is(http.StatusOK, "Thư giấy", "Có, ghi trong thư", "Lê Thị Hoa", "Người gửi chưa rõ loại ý kiến", "Xác định loại ý kiến")
	parsed, err := civic.ParseCode(code)
	w.must(err)
	coordinator.follow(coordinator.act(sent{code: parsed, code4: code}, "set-kind", url.Values{"kind": {"recommendation"}})).is(http.StatusOK, "Đã lưu loại ý kiến").hasNot("Người gửi chưa rõ loại")
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), parsed)
		if sub.Kind != civic.Recommendation || sub.KindOpen {
			t.Errorf("it is %s, open: %v", sub.Kind, sub.KindOpen)
		}
		return err
	}))
}

func TestALetterThatIsThereAlreadyIsShownBeforeItIsStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.follow(officer.post("/staff/intake", changed(paper(), "do", "store"))).is(http.StatusOK)
	w.matchAll()
	again := changed(paper(), "key", "form-2")
	officer.post("/staff/intake", again).is(http.StatusOK, "Có thể đã được nhập", "Một hồ sơ của cơ quan khác").hasNot("Đèn đường thôn Đông hỏng</a>")
	w.staff(civic.RoleCoordinator, "Trần Văn Mẫu", "").post("/staff/intake", again).is(http.StatusOK, "Có thể đã được nhập", "Đèn đường thôn Đông hỏng</a>", "Thư giấy")
}

func TestWhatTheFormForLettersSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	for name, tt := range map[string]struct {
		form url.Values
		want []string
	}{
		"nothing":       {url.Values{}, []string{"Chọn cách nhận", "Nhập ngày nhận", "Chọn sự đồng ý"}},
		"tomorrow":      {changed(paper(), "received_on", "2026-11-24"), []string{"không được ở tương lai", "Đèn đường ở thôn Đông"}},
		"no day at all": {changed(paper(), "received_on", "hôm qua"), []string{"Nhập ngày nhận"}},
		"as on paper":   {changed(paper(), "received_on", "19/11/2026"), []string{"19 tháng 11 năm 2026"}},
		"a telephone number in the text": {changed(paper(), "body", paper().Get("body")+" Gọi 0912 345 678."),
			[]string{"Có thông tin riêng trong nội dung", "<mark>0912 345 678</mark>"}},
		"a name without consent": {changed(changed(paper(), "keyed_consent", "none"), "consent.publish_name", "yes"), []string{"chưa đồng ý"}},
		"HTML":                   {changed(paper(), "title", `<script>alert(1)</script>`), []string{"&lt;script&gt;"}},
	} {
		t.Run(name, func(t *testing.T) {
			p := officer.post("/staff/intake", tt.form)
			for _, want := range tt.want {
				if !strings.Contains(p.body, want) {
					t.Errorf("the page has no %q", want)
				}
			}
		})
	}
}

func TestWhoMayNotKeyIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Quản trị", "")
	admin.get("/staff/intake").is(http.StatusForbidden)
	admin.post("/staff/intake", changed(paper(), "do", "store")).is(http.StatusForbidden)
	if p := w.browser().get("/staff/intake"); p.status != http.StatusSeeOther {
		t.Errorf("the public gets %d", p.status)
	}
}

// TestASessionThatEndsTakesNothingOfALetter: what was typed comes back after the
// sign-in, and nothing was stored.
func TestASessionThatEndsTakesNothingOfALetter(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	email := w.account(civic.RoleOfficer, "Lê Thị Hoa", most)
	b := w.browser()
	p := b.post("/staff/intake", changed(paper(), "do", "store")).is(http.StatusUnauthorized, "kept.body", "Đèn đường ở thôn Đông")
	form := url.Values{"email": {email}, "password": {password}}
	for _, m := range regexp.MustCompile(`name="(kept[^"]*)" value="([^"]*)"`).FindAllStringSubmatch(p.body, -1) {
		form.Set(m[1], m[2])
	}
	if !slices.Contains(slices.Collect(maps.Keys(form)), "kept.title") {
		t.Fatal("the sign-in carries nothing")
	}
	b.post("/staff/sign-in", form).is(http.StatusOK, "Đèn đường ở thôn Đông", `value="form-1"`, "Kiểm tra")
}

// matchAll does the matching that waits.
func (w *world) matchAll() {
	w.t.Helper()
	var jobs []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Outbox().Due(w.t.Context(), store.JobMatch, w.clock.Now(), w.clock.Now(), 100)
		return err
	}))
	for _, j := range jobs {
		w.must(w.pages.Triage.Match(w.t.Context(), j.ID, civic.SubmissionID(j.Subject)))
	}
}
