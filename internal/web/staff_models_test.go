package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestModelsAreListedTrainedAndRolledBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	who.get("/staff/models").is(http.StatusOK, "Chưa có mô hình nào", "Chưa huấn luyện lần nào", `action="/staff/models/train"`, `aria-current="page"`)
	w.must(w.learn.Learn(t.Context()))
	first := who.get("/staff/models").is(http.StatusOK, "lần đầu", "chưa có bản nào để so sánh", "do hệ thống", "còn quá ít xác nhận").
		find(`Đang dùng phiên bản ([^<]+)\.<`)

	s := w.browser().submit(nil)
	w.toTriage(s.code)
	w.staff(civic.RoleCoordinator, "Trần Văn Bình", "").act(s, "assign", url.Values{"agency": {string(most)}})
	for range 2 { // a second click asks for nothing more
		who.follow(who.post("/staff/models/train", nil)).is(http.StatusOK, "Đã ghi nhận yêu cầu", "đang chờ hoặc đang chạy, yêu cầu lúc").
			hasNot(`action="/staff/models/train"`)
	}
	w.clock.Advance(time.Minute)
	w.must(w.learn.Learn(t.Context()))
	after := who.get("/staff/models").is(http.StatusOK, "theo yêu cầu, Đỗ An", "còn quá ít xác nhận để đo", "1 hồ sơ đã được xác nhận", `action="/staff/models/train"`)
	confirm := after.find(`href="(/staff/models/[^"]+/activate)"`)
	if confirm != "/staff/models/"+first+"/activate" {
		t.Errorf("offered to go back to %s, want %s", confirm, first)
	}
	who.get(confirm).is(http.StatusOK, "Dùng lại mô hình", "quyết định từ hồ sơ kế tiếp", "cũ hơn bản đang dùng")
	for range 2 {
		who.follow(who.post(confirm, nil)).is(http.StatusOK, "Đã đổi phiên bản", "Đang dùng phiên bản "+first, "Được cán bộ chọn lúc", "Đã bị thay bằng bản cũ hơn")
	}
	who.follow(who.get(confirm)).is(http.StatusOK, "Đang dùng phiên bản "+first) // a stale tab
	who.get("/staff/models/none/activate").is(http.StatusNotFound)
	who.post("/staff/models/none/activate", nil).is(http.StatusNotFound)
}

func TestAMeasuredModelShowsItsFiguresAndABrokenOneIsToldOf(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	who := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	w.must(w.learn.Learn(t.Context()))
	good := who.get("/staff/models").find(`Đang dùng phiên bản ([^<]+)\.<`)
	const figures = `{"classes":61,"held_out":40,"own":{"accuracy":0.8374,"macro_f1":0.805,"top3":0.958,"auto_share_at_98":0.451,"rows":40},
		"rival":{"accuracy":0.8},"only_own":5,"only_rival":2,
		"calibration":[{"from":0,"to":0.1,"rows":0},{"from":0.9,"to":1,"rows":24,"mean":0.961,"right":0.958}]}`
	add := func(version, verdict string, data []byte, active bool) {
		w.clock.Advance(time.Minute)
		w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
			m := store.Model{Version: version, Data: data, Examples: 1234, TrainedAt: w.clock.Now(), Figures: figures, Reason: "nightly", Verdict: verdict}
			if err := tx.Models().Add(t.Context(), m); err != nil || !active {
				return err
			}
			return tx.Models().Activate(t.Context(), version, w.clock.Now(), 0)
		}))
	}
	add("kem", "worse", []byte("x"), false)
	who.get("/staff/models").is(http.StatusOK, "Không dùng: kém bản đang dùng", "hằng đêm", "1.234", "83,7%", "80,5%", "95,8%", "45,1%",
		"Trên 40 hồ sơ giữ lại để đo: riêng bản này đúng 5, riêng bản đang dùng khi đó đúng 2", "Phiên bản đang dùng chưa được đo").
		hasNot("90% – 100%") // the one that serves was not measured
	who.post("/staff/models/kem/activate", nil).is(http.StatusConflict, "Không đọc được phiên bản này")
	add("hong", "not_worse", []byte("rác"), true)
	who.get("/staff/models").is(http.StatusOK, "Không đọc được mô hình đang chọn", "Tệp của phiên bản hong bị hỏng", "Phiên bản "+good+" tạm quyết định thay", ">Hỏng<")
	who.get("/staff/models?lang=en")
	who.get("/staff/models").is(http.StatusOK, "83.7%", "The file of version hong is broken")

	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		m, err := tx.Models().Get(t.Context(), good)
		if err != nil {
			return err
		}
		m.Figures = figures
		return tx.Models().Add(t.Context(), m)
	}))
	who.get("/staff/models").is(http.StatusOK, "90% – 100%", "96.1%", "95.8%", ">24<").hasNot("0% – 10%")
}
