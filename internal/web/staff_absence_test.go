package web_test

import (
	"net/http"
	"net/url"
	"strconv"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

func TestAnOfficerIsAwayAndAnotherTakesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	officer, lead := w.staff(civic.RoleOfficer, "Lê Văn Cường", most), w.staff(civic.RoleLead, "Trần Thị Em", most)
	w.account(civic.RoleOfficer, "Phạm Thu Dung", most)
	ids := map[string]string{}
	var away civic.UserID
	w.must(w.store.View(t.Context(), func(tx store.Tx) error {
		all, err := tx.Users().List(t.Context())
		for _, u := range all {
			ids[u.Name] = strconv.FormatInt(int64(u.ID), 10)
			if u.Name == "Lê Văn Cường" {
				away = u.ID
			}
		}
		return err
	}))
	officer.get("/staff/account").is(http.StatusOK, "/staff/absences", "Ngừng nhận")
	officer.follow(officer.post("/staff/account/digest", url.Values{"on": {"no"}})).is(http.StatusOK, "Nhận thư buổi sáng")
	entry := url.Values{"user": {ids["Lê Văn Cường"]}, "substitute": {ids["Lê Văn Cường"]}, "from": {"23/11/2026"}, "until": {"27/11/2026"}}
	officer.post("/staff/absences", entry).is(http.StatusUnprocessableEntity, "không làm thay được")
	entry.Set("substitute", ids["Phạm Thu Dung"])
	officer.follow(officer.post("/staff/absences", entry)).is(http.StatusOK, "Đã lưu thời gian vắng mặt", "23/11/2026 đến hết 27/11/2026", "Đang vắng mặt")
	officer.post("/staff/absences", entry).is(http.StatusConflict)

	s := w.browser().submit(nil)
	w.put(s.code, func(_ store.Tx, sub *civic.Submission) error {
		sub.State, sub.Agency, sub.Assignee = civic.InProgress, most, away
		return nil
	})
	lead.get("/staff/absences/1").is(http.StatusOK, s.code.String(), "1 hồ sơ đang mở")
	lead.post("/staff/absences/1/give", url.Values{"to": {ids["Phạm Thu Dung"]}}).is(http.StatusUnprocessableEntity)
	lead.post("/staff/absences/1/give", url.Values{"to": {ids["Phạm Thu Dung"]}, "codes": {s.code.String()}}).is(http.StatusOK, "Đã giao 1 hồ sơ", "0 hồ sơ đang mở")
	lead.follow(lead.post("/staff/absences/1/end", nil)).is(http.StatusOK, "Kết thúc sớm lúc")
	w.staff(civic.RoleOfficer, "Người Ngoài", "bo-y-te").get("/staff/absences/1").is(http.StatusNotFound)
}
