package web_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestAnAdministratorChangesLimitsAndCalendar(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin, coordinator := w.staff(civic.RoleAdministrator, "Trần Văn Bình", ""), w.staff(civic.RoleCoordinator, "Lê Thị Hoa", "")
	limit := url.Values{"use": {"answer"}, "agency": {"bo-khoa-hoc-cong-nghe"}, "amount": {"10"}, "clock": {"working_days"}, "from": {"1/12/2026"}, "source": {"Quyết định 12"}}
	coordinator.get("/staff/times").is(http.StatusOK, "15 ngày làm việc").hasNot(`action="/staff/times/try"`)
	admin.post("/staff/times/try", url.Values{"amount": {"x"}}).is(http.StatusUnprocessableEntity)
	admin.post("/staff/times/try", limit).is(http.StatusOK, "Trả lời người gửi", "10 ngày làm việc", `action="/staff/times/apply"`, `value="1/12/2026"`)
	admin.follow(admin.post("/staff/times/apply", limit)).is(http.StatusOK, "Thời hạn đã được đặt")
	admin.get("/staff/times").is(http.StatusOK, "10 ngày làm việc", "01/12/2026", "Sắp có hiệu lực", "Quyết định 12")

	day := url.Values{"date": {"25/12/2026"}, "kind": {"holiday"}, "name_vi": {"Nghỉ bão"}, "certainty": {"provisional"}, "source": {"Công điện 5"}}
	admin.post("/staff/times/calendar", url.Values{"date": {"26/12/2026"}, "kind": {"none"}, "source": {"x"}}).is(http.StatusUnprocessableEntity)
	admin.follow(admin.post("/staff/times/calendar?year=2026", day))
	admin.get("/staff/times/calendar?year=2026").is(http.StatusOK, "Đề xuất chờ áp dụng", "25/12/2026", "thứ sáu", "Dự kiến", "Quốc khánh")
	admin.get("/staff/times/calendar?year=2026&date=02%2F09%2F2026").is(http.StatusOK, `value="holiday" checked`, "Bộ luật Lao động")
	admin.get("/staff/times/calendar/try").is(http.StatusOK, "hồ sơ đang mở")
	admin.follow(admin.post("/staff/times/calendar/apply", nil))
	admin.get("/staff/times/recounts").is(http.StatusOK, "Đang tính", "/staff/times/recounts/1")
	coordinator.get("/staff/times/recounts/1").is(http.StatusOK, "Báo cáo tính lại")
	admin.post("/staff/times/calendar/apply", nil).is(http.StatusConflict)
	admin.follow(admin.post("/staff/times/calendar/drop", url.Values{"date": {"2026-12-25"}}))
	jobs := 0
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		due, err := tx.Outbox().Due(t.Context(), store.JobRecount, w.clock.Now().Add(time.Minute), w.clock.Now(), 10)
		jobs = len(due)
		return err
	}))
	if jobs != 1 {
		t.Errorf("%d jobs", jobs)
	}
}
