package web_test

import (
	"crypto/rand"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"hienke/internal/civic"
	"hienke/internal/exports"
	"hienke/internal/store"
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

// more stores n cases like one that was sent, all at once.
func (w *world) more(like sent, n int) {
	w.must(w.store.Do(w.t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(w.t.Context(), like.code)
		if err != nil {
			return err
		}
		for range n {
			sub.ID = 0
			if sub.Code, err = civic.NewCode(rand.Reader); err != nil {
				return err
			}
			if _, err := tx.Submissions().Add(w.t.Context(), store.Receipt{Submission: sub}); err != nil {
				return err
			}
		}
		return nil
	}))
}

// writeExport does what the queue would, one job each time, and reports
// whether there was one.
func (w *world) writeExport() bool {
	var due []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		due, err = tx.Outbox().Due(w.t.Context(), store.JobExport, w.clock.Now(), w.clock.Now(), 1)
		return err
	}))
	for _, j := range due {
		w.must(w.exports.Work(w.t.Context(), j.ID, j.Subject))
	}
	return len(due) > 0
}

func TestALongListIsMadeIntoAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	evil := w.browser().submit(func(f url.Values) { f.Set("title", `=HYPERLINK("http://x";"Bấm")`) })
	w.more(evil, exports.AtOnce-1)
	email, coordinator := w.account(civic.RoleCoordinator, "Trần Văn Bình", ""), w.browser()
	signIn := func() {
		coordinator.post("/staff/sign-in", url.Values{"email": {email}, "password": {password}}).is(http.StatusSeeOther)
	}
	signIn()
	if p := coordinator.get("/staff/queue/export?format=csv"); p.header.Get("Content-Disposition") == "" {
		t.Errorf("%d cases are no file at once: %.300s", exports.AtOnce, p.body)
	}
	w.more(evil, 1)
	offer := coordinator.get("/staff/queue/export?format=csv&status=received&after=1.x").is(http.StatusOK, "2.001 hồ sơ", "Trạng thái: Đã tiếp nhận", `name="status" value="received"`).
		hasNot(`name="after"`)
	if h := offer.header.Get("Content-Disposition"); h != "" {
		t.Errorf("the offer is a download: %s", h)
	}
	coordinator.get("/staff/exports").is(http.StatusOK, "chưa yêu cầu tệp nào")

	asked := coordinator.post("/staff/exports", url.Values{"format": {"csv"}, "status": {"received"}})
	at := asked.header.Get("Location")
	const refresh = `<noscript><meta http-equiv="refresh" content="5"></noscript>`
	coordinator.follow(asked).is(http.StatusOK, "Đang chờ", refresh, "data-refresh", "0 trên 2.001")
	coordinator.get(at+"/file").is(http.StatusConflict, "Tệp chưa lập xong", "Đang chờ").hasNot(refresh, "data-refresh", "lâu hơn")
	coordinator.post(at+"/retry", nil).is(http.StatusConflict, "không còn chờ lập tiếp")
	w.writeExport()
	coordinator.get(at).is(http.StatusOK, "Đang lập", refresh, "1.000 trên 2.001")
	w.clock.Advance(time.Hour)
	coordinator.get(at).is(http.StatusOK, "lâu hơn thường lệ").hasNot(refresh, "data-refresh")
	for w.writeExport() {
	}
	coordinator.get(at).is(http.StatusOK, "Đã xong", at+"/file", "10:00", "24/11/2026").hasNot(refresh, "data-refresh")
	coordinator.get("/staff/exports").is(http.StatusOK, at, ">Trạng thái: Đã tiếp nhận<", "2.001 trên 2.001")
	file := coordinator.get(at+"/file").is(http.StatusOK, "Mã hồ sơ,Loại,Tiêu đề", evil.code4, `"'=HYPERLINK(`).hasNot("lan@example.vn", "Nguyễn Thị Lan")
	if n := strings.Count(file.body, "HYPERLINK"); n != 2001 || file.header.Get("Content-Disposition") != `attachment; filename="ho-so-2026-11-23.csv"` {
		t.Errorf("%d cases under %v", n, file.header)
	}

	w.staff(civic.RoleCoordinator, "Đỗ Văn Nam", "").get(at + "/file").is(http.StatusNotFound)
	w.browser().get(at + "/file").is(http.StatusSeeOther)
	w.sealAudit()
	w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "").get("/staff/audit").is(http.StatusOK, "Yêu cầu lập tệp danh sách hồ sơ", "Tải tệp danh sách hồ sơ về", "Tệp danh sách số 1")
	w.clock.Advance(exports.Kept)
	signIn() // a day later
	coordinator.get(at).is(http.StatusOK, "Đã xóa", "/staff/queue/export?format=csv&amp;status=received")
	coordinator.get(at+"/file").is(http.StatusGone, "quá 24 giờ", "/staff/queue/export?format=csv&amp;status=received")
}
