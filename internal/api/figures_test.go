package api_test

import (
	"testing"

	"hienke/internal/civic"
)

func TestFigures(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.send(t, "POST", "/submissions", submission("title", "Đề xuất cho nộp hồ sơ trực tuyến"))
	w.work(t)
	coordinator := w.staff(t, civic.RoleCoordinator, "")
	for _, s := range []scenario{
		{name: "of two months", path: "/staff/figures", headers: coordinator, status: 200, has: []string{`"to_person":1`, `"from":"2026-11-22T17:00:00Z"`, `"agencies":[]`}},
		{name: "of one week", path: "/staff/figures?weeks=1", headers: coordinator, status: 200, has: []string{`"received":1`}},
		{name: "of too many", path: "/staff/figures?weeks=27", headers: coordinator, status: 422, code: "input.invalid", has: []string{`"weeks"`}},
		{name: "for an officer", path: "/staff/figures", headers: w.staff(t, civic.RoleOfficer, most), status: 403, code: "actor.not_allowed"},
	} {
		t.Run(s.name, func(t *testing.T) {
			s.method = "GET"
			s.run(t, w)
		})
	}
}
