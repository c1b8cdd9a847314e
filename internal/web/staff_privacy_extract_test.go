package web_test

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit/files"
)

// checkFiles looks into every file that waits.
func (w *world) checkFiles() {
	w.t.Helper()
	var jobs []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		jobs, err = tx.Outbox().Due(w.t.Context(), store.JobCheck, w.clock.Now(), w.clock.Now(), 10)
		return err
	}))
	for _, j := range jobs {
		w.must(w.pages.Attachments.Check(w.t.Context(), j.ID, civic.AttachmentID(j.Subject)))
	}
}

// The extract names each file and tells whether it is there; what is there is
// handed over, and each opening noted.
func TestAnExtractHandsTheFilesOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	s := b.submit(nil)
	b.post("/vi/track", url.Values{"code": {s.code4}, "secret": {s.secret}}).is(http.StatusSeeOther)
	at := "/vi/track/" + s.code4
	b.attach(at+"/files", nil, map[string][]byte{"Đơn gửi xã.docx": files.DOCX([]string{"Nội dung đơn"})}).is(http.StatusSeeOther)
	w.checkFiles()
	b.attach(at+"/files", nil, map[string][]byte{"Ảnh.jpg": files.JPEG()}).is(http.StatusSeeOther) // nobody looked into it yet
	b.follow(b.post(at+"/privacy", url.Values{"privacy_kind": {"see"}, "request": {"Cho tôi xem dữ liệu."}}))

	dpo := w.staff(civic.RoleDataProtection, "Đỗ Thị Giữ", "")
	request := dpo.get("/staff/privacy").is(http.StatusOK).find(`href="(/staff/privacy/[A-Z0-9]+)"`)
	dpo.post(request+"/extract", nil).is(http.StatusOK, "Đơn gửi xã.docx", "Ảnh.jpg", "đang kiểm tra, chưa giao được", "Tải bản trích kèm tệp")
	p := dpo.post(request+"/extract", url.Values{"format": {"zip"}}).is(http.StatusOK)
	z, err := zip.NewReader(strings.NewReader(p.body), int64(len(p.body)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range z.File {
		names = append(names, f.Name)
	}
	ref := strings.TrimPrefix(request, "/staff/privacy/")
	if got := strings.Join(names, ", "); got != ref+".json, 01-Đơn gửi xã.docx" {
		t.Fatalf("the archive holds %s", got)
	}
	r, err := z.File[1].Open()
	w.must(err)
	content, err := io.ReadAll(r)
	w.must(err)
	if !bytes.Contains(content, []byte("word/document.xml")) {
		t.Error("the file in the archive is another")
	}
	w.sealAudit()
	w.staff(civic.RoleAuditor, "Vũ Văn Kiểm", "").get("/staff/audit?code="+s.code4).is(http.StatusOK, "Mở tệp của hồ sơ", "Lập bản trích dữ liệu cá nhân")

	// The sender erases contact and files: what is gone is said.
	w.must(w.store.Do(t.Context(), func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(t.Context(), s.code)
		if err != nil {
			return err
		}
		_, err = tx.Attachments().Unkey(t.Context(), store.FileSet{Sender: sub.ID}, "file.removed", w.clock.Now())
		return err
	}))
	dpo.post(request+"/extract", nil).is(http.StatusOK, "Tệp không có tên", "đã xóa, không còn giữ").hasNot("Đơn gửi xã.docx", "Tải bản trích kèm tệp")
}
