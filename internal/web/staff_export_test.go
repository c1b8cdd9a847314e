package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"hienke/internal/civic"
)

func TestTheQueueAsAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := w.browser().submit(func(f url.Values) { f.Set("title", `=HYPERLINK("http://x";"Bấm")`) })
	other := w.browser().submit(nil)
	w.toTriage(other.code)
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/queue?status=triage").is(http.StatusOK, `href="/staff/queue/export?format=xlsx&amp;status=triage"`)

	csv := coordinator.get("/staff/queue/export?format=csv").is(http.StatusOK, "Mã hồ sơ,Loại,Tiêu đề", evil.code4, other.code4, `"'=HYPERLINK(`).
		hasNot("lan@example.vn", "Nguyễn Thị Lan")
	if !strings.HasPrefix(csv.body, "\ufeff") || csv.header.Get("Content-Disposition") != `attachment; filename="ho-so-2026-11-23.csv"` {
		t.Errorf("a spreadsheet would misread it: %v", csv.header)
	}
	coordinator.get("/staff/queue/export?format=csv&status=triage").is(http.StatusOK, other.code4).hasNot(evil.code4)

	book, err := excelize.OpenReader(strings.NewReader(coordinator.get("/staff/queue/export?format=xlsx").is(http.StatusOK).body))
	w.must(err)
	rows, err := book.GetRows(book.GetSheetName(0))
	w.must(err)
	if len(rows) != 3 || rows[0][0] != "Mã hồ sơ" || rows[1][0] != evil.code4 || !strings.HasPrefix(rows[1][2], "'=HYPERLINK") {
		t.Errorf("the workbook: %q", rows)
	}
	if formula, err := book.GetCellFormula(book.GetSheetName(0), "C2"); err != nil || formula != "" {
		t.Errorf("a title became the formula %q", formula)
	}

	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	officer.get("/staff/queue/export?format=csv").is(http.StatusOK, "Mã hồ sơ").hasNot(evil.code4)
	coordinator.get("/staff/queue/export?format=pdf").is(http.StatusNotFound)
	w.sealAudit()
	w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "").get("/staff/audit").is(http.StatusOK, "Tải danh sách hồ sơ về")

	coordinator.get("/staff/cases/"+other.code4).is(http.StatusOK, "/staff/cases/"+other.code4+"/print")
	coordinator.get("/staff/cases/"+other.code4+"/print").is(http.StatusOK, "hồ sơ điện tử có chữ ký số", "Đã tiếp nhận", "In lúc").
		hasNot("lan@example.vn", `name="version"`, "Nguyễn Thị Lan")
}
