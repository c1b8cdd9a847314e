package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// ruleForm is what a person sends who writes a rule.
func ruleForm(base string, change func(url.Values)) url.Values {
	v := url.Values{
		"base": {base}, "name": {"Chữ ký số"}, "condition": {`any("chữ ký số")`}, "agency": {string(most)}, "valid_from": {"1/11/2026"}, "valid_to": {""},
		"owner": {"Tổ điều phối"}, "note": {"Chắc chắn đúng."},
	}
	if change != nil {
		change(v)
	}
	return v
}

func TestARuleIsWrittenTriedLetGoLiveAndRetired(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.get("/staff/rules").is(http.StatusOK, "Chưa có quy tắc nào", `href="/staff/rules" aria-current="page"`)
	who.get("/staff/rules/new").is(http.StatusOK, `value="Trần Văn Bình"`, "any(", `<code>initiative</code>`)
	who.follow(who.post("/staff/rules/new", ruleForm("0", nil))).
		is(http.StatusOK, "Đã lưu bản nháp", "Bản nháp: phiên bản 1", "Từ 01/11/2026", "Chắc chắn đúng.", `name="days"`).hasNot("Đưa vào áp dụng")
	who.follow(who.post("/staff/rules/new", ruleForm("0", nil))) // a second click
	who.get("/staff/rules").is(http.StatusOK, "Chữ ký số", "chu-ky-so").hasNot("chu-ky-so-2")

	rule := "/staff/rules/chu-ky-so"
	who.follow(who.get(rule+"/dry-run?version=1")).is(http.StatusOK, "Chạy thử trên các hồ sơ đã có")
	who.follow(who.get(rule + "/go-live?version=1")).is(http.StatusOK).hasNot(`action="` + rule + `/go-live"`)
	who.post(rule+"/go-live", url.Values{"version": {"1"}}).is(http.StatusConflict, "Cần chạy thử phiên bản này")
	tried := who.follow(who.post(rule+"/dry-run", url.Values{"version": {"1"}, "days": {"30"}}))
	tried.is(http.StatusOK, "Đã xem 1 hồ sơ", "Chỉ tính hồ sơ tiếp nhận từ 24/10/2026", "1 hồ sơ khớp điều kiện", "1 hồ sơ sẽ đi đến cơ quan khác",
		"Không quy tắc nào quyết định", "Không hồ sơ nào trái với xác nhận", `<option value="30" selected>`)
	who.get(rule+"/go-live?version=1").is(http.StatusOK, "được giao thẳng cho Bộ Khoa học và Công nghệ", `action="`+rule+`/go-live"`)
	live := who.follow(who.post(rule+"/go-live", url.Values{"version": {"1"}}))
	live.is(http.StatusOK, "Quy tắc đã được áp dụng", "Đang áp dụng: phiên bản 1", "Đưa vào áp dụng lúc 09:00, 23/11/2026, Trần Văn Bình")
	who.follow(who.post(rule+"/go-live", url.Values{"version": {"1"}})).is(http.StatusOK, "Quy tắc đã được áp dụng") // a second click
	who.get(rule+"/dry-run?version=1").is(http.StatusOK, "Đã xem 1 hồ sơ").hasNot(`name="days"`)

	who.get(rule+"/retire?version=1").is(http.StatusOK, "không giao hồ sơ nào cho Bộ Khoa học và Công nghệ nữa")
	for range 2 {
		who.follow(who.post(rule+"/retire", url.Values{"version": {"1"}})).is(http.StatusOK, "Quy tắc đã ngừng áp dụng", "Đã ngừng: phiên bản 1", "Ngừng lúc")
	}
	who.get("/staff/rules/none").is(http.StatusNotFound)
	who.get(rule + "/retire?version=7").is(http.StatusNotFound)
	who.get(rule + "/burn?version=1").is(http.StatusNotFound)
	who.get("/staff/rules?lang=en")
	who.get(rule).is(http.StatusOK, "Retired: version 1", "From 01/11/2026")
}

func TestADryRunNamesTheCasesThatAPersonDecidedOtherwise(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.follow(who.act(s, "assign", url.Values{"agency": {"bo-y-te"}}))
	who.post("/staff/rules/new", ruleForm("0", nil))
	who.follow(who.post("/staff/rules/chu-ky-so/dry-run", url.Values{"version": {"1"}, "days": {"0"}})).
		is(http.StatusOK, "1 hồ sơ bị giao khác", "trong 1 hồ sơ có xác nhận", `href="/staff/cases/`+s.code4+`"`, "Cán bộ xác nhận: <span lang=\"vi\">Bộ Y tế")
}

func TestWhatIsWrongWithARuleIsSaidAtItsFieldAndKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleAdministrator, "Lê Thị Hoa", "")
	who.post("/staff/rules/new", ruleForm("0", func(v url.Values) {
		v.Set("name", "")
		v.Set("condition", "any(")
		v.Set("agency", "bo-khong-co")
		v.Set("valid_from", "32/13/2026")
	})).is(http.StatusUnprocessableEntity, "Lỗi: ", `href="#rule-name"`, `href="#rule-condition"`, `href="#rule-agency"`, `href="#rule-valid-from"`,
		"cần ghi ngày/tháng/năm", `value="32/13/2026"`, "Điều kiện chưa đúng: unexpected token", "any(</textarea>", "Chắc chắn đúng.")
	who.post("/staff/rules/new", ruleForm("0", func(v url.Values) { v.Set("valid_to", "31/10/2026") })).
		is(http.StatusUnprocessableEntity, "Ngày hết hiệu lực phải sau ngày bắt đầu", `value="31/10/2026"`)
	who.follow(who.post("/staff/rules/new", ruleForm("0", func(v url.Values) { v.Set("valid_to", "1-11-2026") }))).
		is(http.StatusOK, "01/11/2026 – hết 01/11/2026", `value="01/11/2026"`) // one day
}

func TestARuleThatSomebodyElseChangedIsNotOverwritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who, other := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleAdministrator, "Lê Thị Hoa", "")
	who.post("/staff/rules/new", ruleForm("0", nil))
	rule := "/staff/rules/chu-ky-so"
	other.follow(other.post(rule, ruleForm("1", func(v url.Values) { v.Set("condition", `has("khác hẳn")`) }))).is(http.StatusOK, "phiên bản 2")
	mine := ruleForm("1", func(v url.Values) { v.Set("note", "Lời của tôi.") })
	back := who.post(rule, mine).is(http.StatusConflict, "vừa được người khác sửa", "Phiên bản 2 do Lê Thị Hoa viết", "Lời của tôi.", "khác hẳn", `name="base" value="2"`)
	mine.Set("base", back.find(`name="base" value="(\d+)"`))
	who.follow(who.post(rule, mine)).is(http.StatusOK, "Bản nháp: phiên bản 3")
}

func TestTheOrderOfRulesIsChangedByTheStepAndOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	for _, name := range []string{"Một", "Hai", "Ba"} {
		who.post("/staff/rules/new", ruleForm("0", func(v url.Values) { v.Set("name", name) }))
	}
	up := url.Values{"from": {"3"}, "to": {"2"}}
	const order = `(?s)>(?:Một|Ba|Hai)</a>.*>(?:Một|Ba|Hai)</a>.*>(Một|Ba|Hai)</a>`
	for range 2 { // a second click changes nothing more
		moved := who.post("/staff/rules/ba/move", up)
		if to := moved.header.Get("Location"); to != "/staff/rules?done=move#ba" {
			t.Errorf("moving leads to %q", to)
		}
		if last := who.get("/staff/rules").find(order); last != "Hai" {
			t.Errorf("%s is last", last)
		}
	}
	stale := who.post("/staff/rules/mot/move", url.Values{"from": {"3"}, "to": {"2"}})
	who.follow(stale).is(http.StatusOK, "vừa được người khác đổi")
	who.post("/staff/rules/mot/move", url.Values{"from": {"x"}}).is(http.StatusSeeOther)
	if last := who.get("/staff/rules").find(order); last != "Hai" {
		t.Errorf("a stale page made %s the last", last)
	}
}

func TestARuleThatDoesNotWorkIsMarkedLoudly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const ended = "bo-lao-dong-thuong-binh-xa-hoi" // three bodies took it over
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		for i, agency := range []civic.AgencyCode{ended, most} {
			err := tx.Rules().Add(t.Context(), store.RuleVersion{
				ID: string(agency), Version: 1, Position: i + 1, Name: "Quy tắc", Condition: `has("a b")`, Agency: agency, Owner: "o", State: store.RuleLive,
				WrittenAt: w.clock.Now(), LiveAt: w.clock.Now(), ValidTo: w.clock.Now().Add(time.Hour),
			})
			if err != nil {
				return err
			}
		}
		return nil
	}))
	w.rules.Report(t.Context(), []routing.RuleError{{RuleID: string(most), Version: 1, Err: errors.New("out of memory\n at 1:1")}})
	told := []string{"hiện không tiếp nhận hồ sơ nên quy tắc này không quyết định gì", "Cơ quan kế tục: Bộ Nội vụ"}
	who.get("/staff/rules").is(http.StatusOK, "2 quy tắc đang áp dụng bị lỗi", "Đã lỗi trên 1 hồ sơ, lần cuối 09:00, 23/11/2026: out of memory</span>", told[0], told[1])
	who.get("/staff/rules/"+ended).is(http.StatusOK, told...)
	w.clock.Advance(2 * time.Hour)
	w.staff(civic.RoleCoordinator, "Lê Thị Hoa", "").get("/staff/rules/"+string(most)).is(http.StatusOK, "Hiện không trong thời hạn hiệu lực", "Đã lỗi trên 1 hồ sơ")
}

func TestWhatWasWrittenForARuleOutlivesTheSession(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.post("/staff/rules/new", ruleForm("0", nil))
	for path, heading := range map[string]string{"/staff/rules/new": "Quy tắc mới", "/staff/rules/chu-ky-so": "Viết phiên bản mới"} {
		asked := w.browser().post(path, ruleForm("1", func(v url.Values) { v.Set("note", "Lời đã viết.") }))
		asked.is(http.StatusUnauthorized, "Phiên làm việc đã hết", `name="kept.note" value="Lời đã viết."`, `name="next" value="`+path+`"`)
		form := url.Values{"kept": {asked.find(`name="kept" value="([^"]*)"`)}, "kept.note": {"Lời đã viết."}, "kept.base": {"1"}}
		again := w.signIn(civic.RoleAdministrator, form).is(http.StatusOK, heading, "Lời đã viết.", `name="base" value="1"`)
		again.hasNot("kept.note")
		w.signIn(civic.RoleOfficer, form).is(http.StatusSeeOther)
	}
}

func TestOfficersGovernNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, coordinator, admin := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleAdministrator, "Đỗ An", "")
	pages := map[string][]*browser{
		"/staff/rules": {officer}, "/staff/rules/new": {officer}, "/staff/rules/x": {officer}, "/staff/rules/x/dry-run": {officer}, "/staff/rules/x/go-live": {officer},
		"/staff/models": {officer, coordinator}, "/staff/models/x/activate": {officer, coordinator}, "/staff/agencies": {officer}, "/staff/agencies/examples": {officer},
	}
	for path, refused := range pages {
		for _, who := range refused {
			who.get(path).is(http.StatusForbidden)
		}
	}
	for path, refused := range map[string][]*browser{
		"/staff/rules/new": {officer}, "/staff/rules/x": {officer}, "/staff/rules/x/move": {officer}, "/staff/rules/x/dry-run": {officer}, "/staff/rules/x/retire": {officer},
		"/staff/models/train": {officer, coordinator}, "/staff/models/x/activate": {officer, coordinator},
		"/staff/agencies/move": {officer, admin}, "/staff/agencies/examples": {officer},
	} {
		for _, who := range refused {
			who.post(path, url.Values{}).is(http.StatusForbidden)
		}
	}
	officer.get("/staff/queue").hasNot(`href="/staff/rules"`, `href="/staff/models"`, `href="/staff/agencies"`)
	coordinator.get("/staff/queue").is(http.StatusOK, `href="/staff/rules"`, `href="/staff/agencies"`).hasNot(`href="/staff/models"`)
	admin.get("/staff/queue").is(http.StatusOK, `href="/staff/rules"`, `href="/staff/agencies"`, `href="/staff/models"`)
}
