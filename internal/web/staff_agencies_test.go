package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// endedMinistry is an agency whose work three others took over.
const endedMinistry civic.AgencyCode = "bo-lao-dong-thuong-binh-xa-hoi"

// leftWith puts a submission into the hands of an agency, confirmed.
func (w *world) leftWith(agency civic.AgencyCode, state civic.State) sent {
	w.t.Helper()
	s := w.browser().submit(nil)
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency = state, agency
		return tx.Routes().Confirm(w.t.Context(), sub.ID, agency, w.clock.Now())
	})
	return s
}

func TestAgenciesThatAcceptNothingAreFlagged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.get("/staff/agencies").is(http.StatusOK, "Không có cơ quan nào cần liên hệ", "Không có hồ sơ nào như vậy", "Không có mẫu học nào cần gán lại", `aria-current="page"`)
	for range 5 {
		s := w.browser().submit(nil)
		w.toTriage(s.code)
		who.act(s, "assign", url.Values{"agency": {string(most)}})
	}
	w.clock.Advance(14 * 24 * time.Hour)
	w.staff(civic.RoleAdministrator, "Đỗ An", "").get("/staff/agencies").
		is(http.StatusOK, "Bộ Khoa học và Công nghệ", "Chưa tiếp nhận hồ sơ nào", "5 hồ sơ đến hạn tiếp nhận: 0 đúng hạn, 0 trễ, 5 đang chờ", "giao từ 23/11/2026").
		hasNot("Hồ sơ còn ở cơ quan đã ngừng") // moving is the coordinators'
}

func TestCasesOfAnAgencyThatEndedAreMovedTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two, review := w.leftWith(endedMinistry, civic.InProgress), w.leftWith(endedMinistry, civic.Assigned), w.leftWith(endedMinistry, civic.InReview)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.get("/staff/agencies").is(http.StatusOK, "3 hồ sơ đang mở", `value="`+one.code4+`"`, `name="to.`+two.code4+`"`, `value="bo-noi-vu"`, "Trả lời đang chờ duyệt").
		hasNot(`value="` + review.code4 + `"`)

	who.post("/staff/agencies/move", url.Values{}).is(http.StatusUnprocessableEntity, "Hãy đánh dấu ít nhất một hồ sơ")
	form := url.Values{"case": {one.code4, two.code4, one.code4, "rubbish"}, "to." + one.code4: {"bo-y-te"}, "reason": {"Bộ đã hợp nhất."}, "page": {"1"}}
	who.post("/staff/agencies/move", form).is(http.StatusUnprocessableEntity, "Chọn cơ quan nhận hồ sơ "+two.code4, `href="#move-agency"`,
		`value="`+one.code4+`" aria-label="Chọn hồ sơ `+one.code4+`" checked`, `<option value="bo-y-te" selected`, "Bộ đã hợp nhất.</textarea>")
	form.Set("to."+two.code4, "bo-noi-vu")
	who.post("/staff/agencies/move", form).is(http.StatusOK, "Đã xong 2 hồ sơ", `href="/staff/agencies"`).hasNot("chưa làm được")
	who.get("/staff/cases/"+one.code4).is(http.StatusOK, "Bộ Y tế", "Bộ đã hợp nhất.")
	who.get("/staff/cases/"+two.code4).is(http.StatusOK, "Bộ Nội vụ")
	form.Set("agency", string(most)) // a stale tab; and one target for all
	form.Add("case", review.code4)
	form.Add("case", "HK-2222-2222-2222")
	who.post("/staff/agencies/move", form).is(http.StatusOK, "4 hồ sơ chưa làm được", "vẫn tiếp nhận bình thường", "không cho phép làm việc này", "Không thấy hồ sơ này nữa")
	form = url.Values{"case": {review.code4}, "agency": {string(endedMinistry)}}
	who.post("/staff/agencies/move", form).is(http.StatusOK, "1 hồ sơ chưa làm được", "Chọn cơ quan")
}

func TestAnExampleIsRelabelledInOneStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.leftWith(endedMinistry, civic.InProgress)
	who := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	who.get("/staff/agencies").is(http.StatusOK, "1 xác nhận thuộc cơ quan đã ngừng", `href="/staff/agencies/examples"`)
	who.get("/staff/agencies/examples?page=7").is(http.StatusOK, "1 mẫu học", s.code4, "Bộ Lao động", `value="bo-giao-duc-dao-tao"`) // beyond the end
	form := url.Values{"code": {s.code4}, "page": {"1"}, "agency": {""}}
	who.post("/staff/agencies/examples", form).is(http.StatusUnprocessableEntity, `href="#`+s.code4+`-agency"`, "Chọn cơ quan", `aria-invalid="true"`)
	form.Set("agency", "bo-y-te")
	for range 2 { // a second click says the same again
		who.follow(who.post("/staff/agencies/examples", form)).is(http.StatusOK, "Đã gán lại mẫu học", "Không còn mẫu học nào")
	}
	who.get("/staff/cases/"+s.code4).is(http.StatusOK, "Bộ Lao động") // the case itself stays
	form.Set("code", "x")
	who.post("/staff/agencies/examples", form).is(http.StatusNotFound)
}

func TestTheCaseNamesTheRunnerUpAndLinksTheComparison(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.toTriage(s.code)
	who := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	who.get("/staff/cases/" + s.code4).is(http.StatusOK).hasNot("Đứng thứ hai")
	w.put(s.code, func(tx store.Tx, sub *civic.Submission) error {
		return tx.Routes().Put(t.Context(), civic.Route{
			Submission: sub.ID, DecidedAt: w.clock.Now(), By: civic.RouteByNone, Agency: most, Score: 0.61,
			Candidates: []civic.RouteCandidate{{Agency: most, Score: 0.61}, {Agency: "bo-y-te", Score: 0.27, Words: []string{"chữ ký", "hồ sơ"}}, {Agency: "bo-noi-vu", Score: 0.001}},
		})
	})
	who.get("/staff/cases/"+s.code4).is(http.StatusOK, `Đứng thứ hai: <span lang="vi">Bộ Y tế</span>, kém cơ quan đứng đầu 34 điểm phần trăm. Từ ngữ nghiêng về cơ quan này: chữ ký, hồ sơ.`)

	copied := w.browser().submit(nil)
	w.toTriage(copied.code)
	who.follow(who.act(copied, "merge", url.Values{"into": {s.code4}}))
	compare := `href="/staff/cases/` + copied.code4 + `/compare/` + s.code4 + `"`
	who.get("/staff/cases/"+copied.code4).is(http.StatusOK, compare, "So sánh")
	who.get("/staff/cases/"+s.code4).is(http.StatusOK, `/compare/`+copied.code4)
	who.get("/staff/cases/"+copied.code4+"/compare/"+s.code4).is(http.StatusOK, "trùng nhau từng chữ")
}
