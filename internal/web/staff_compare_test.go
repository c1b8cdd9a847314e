package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
)

func TestComparingTwoCases(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	send := func(word string) sent {
		s := w.browser().submit(func(v url.Values) {
			v.Set("body", "Cầu "+word+" bị hỏng nặng, đề nghị cơ quan sớm sửa chữa cho dân đi lại an toàn hơn.")
		})
		w.toTriage(s.code)
		return s
	}
	left, right := send("Gỗ"), send("Sắt")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	page := "/staff/cases/" + left.code4 + "/compare/" + right.code4
	coordinator.get(page).is(http.StatusOK, "<mark>Gỗ </mark>", "<mark>Sắt </mark>", left.code4, right.code4).
		hasNot("trùng nhau từng chữ", "lan@example.vn")
	coordinator.get("/staff/cases/"+left.code4+"/compare/"+left.code4).is(http.StatusOK, "trùng nhau từng chữ").hasNot("<mark>")
	coordinator.get("/staff/cases/" + left.code4 + "/compare/HK-2222-2222-2222").is(http.StatusNotFound)

	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get(page).is(http.StatusNotFound) // neither is theirs
	coordinator.act(left, "assign", url.Values{"agency": {string(most)}})
	officer.get(page).is(http.StatusNotFound) // the other is private
	coordinator.act(right, "publish", url.Values{"public_title": {"Sửa cầu ở xã Mẫu"}, "public_body": {"Cầu bị hỏng nặng, đề nghị sớm sửa chữa."}})
	officer.get(page).is(http.StatusOK, "Cầu ", "<mark>Gỗ </mark>").hasNot("Sắt", "/staff/cases/"+right.code4+`"`)
	back := strings.Replace(page, left.code4, right.code4, 1)
	officer.get(strings.TrimSuffix(back, right.code4) + left.code4).is(http.StatusNotFound) // from a case that is not theirs
}
