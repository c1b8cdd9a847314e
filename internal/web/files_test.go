package web_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/url"
	"testing"

	"gocloud.dev/blob/memblob"

	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/inspect"
	"hienke/internal/seal"
	"hienke/internal/testkit/files"
	"hienke/internal/web"
)

const filesTotal = 3 << 20

// attachments keeps files in memory.
func (w *world) attachments(t testing.TB, reg *civic.Registry, keys *seal.Keys) *attachments.Service {
	t.Helper()
	bucket, inspector := memblob.OpenBucket(nil), &inspect.Inspector{}
	t.Cleanup(func() {
		if err := errors.Join(bucket.Close(), inspector.Close()); err != nil {
			t.Error(err)
		}
	})
	return &attachments.Service{
		Store: w.store, Registry: reg, Keys: keys, Bucket: bucket, Inspect: inspector.Inspect, Now: w.clock.Now, NewRef: rand.Text,
		Limits: attachments.Limits{Count: 3, Size: 2 << 20, Total: filesTotal},
	}
}

func uploads() map[string]int64 {
	out := map[string]int64{}
	for _, route := range web.UploadRoutes() {
		out[route] = filesTotal + 1<<20
	}
	return out
}

// attach sends a form with files, and its other fields.
func (b *browser) attach(path string, fields url.Values, list map[string][]byte) page {
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for name, content := range list {
		part, _ := form.CreateFormFile("files", name)
		_, _ = part.Write(content)
	}
	for name := range fields {
		_ = form.WriteField(name, fields.Get(name))
	}
	_ = form.Close()
	return b.do(http.MethodPost, path, body.String(), "Content-Type", form.FormDataContentType())
}

func TestFilesGoWithoutAScript(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.begin(rightForm())
	b.post(draft+"/text", rightForm())
	b.get(draft+"/files").is(http.StatusOK, "Tối đa 3 tệp, mỗi tệp 2 MB, tất cả 3 MB.", `enctype="multipart/form-data"`, `accept=".pdf`)
	b.attach(draft+"/files", url.Values{"go": {"stay"}}, nil).is(http.StatusUnprocessableEntity, "Chưa chọn tệp nào.")
	b.attach(draft+"/files", url.Values{"go": {"next"}}, map[string][]byte{"trang.html": []byte("<!DOCTYPE html><html>")}).is(
		http.StatusUnprocessableEntity, "<title>Lỗi: ", "trang.html: ", "có mã lệnh", `href="#files"`)
	b.attach(draft+"/files", url.Values{"go": {"next"}}, map[string][]byte{"lớn.txt": bytes.Repeat([]byte("a"), 2<<20+1)}).is(
		http.StatusUnprocessableEntity, "Tệp quá lớn")
	p := b.attach(draft+"/files", url.Values{"go": {"next"}}, map[string][]byte{"Ảnh.jpg": files.JPEG(), "Đơn.docx": files.DOCX([]string{"Nội dung"})})
	if to := p.header.Get("Location"); p.status != http.StatusSeeOther || to != draft+"/topic" {
		t.Fatalf("%d leads to %q", p.status, to)
	}
	shown := b.get(draft+"/files").is(http.StatusOK, "Ảnh.jpg", "Đơn.docx", "đang kiểm tra")
	ref := shown.find(`data-ref="([A-Z0-9]{26})"`)
	other := w.browser().begin(rightForm())
	w.browser().post(other+"/files/uploads/"+ref+"/remove", url.Values{}).is(http.StatusSeeOther)
	b.post(draft+"/sender", rightForm())
	b.get(draft+"/review").is(http.StatusOK, "Ảnh.jpg", "Đơn.docx", "Tệp kèm theo")
	b.post(draft+"/files/uploads/"+ref+"/remove", url.Values{}).is(http.StatusSeeOther)
}

func TestPiecesGoOnWhereALineBroke(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	draft := b.begin(rightForm())
	b.post(draft+"/text", rightForm())
	begin := url.Values{"name": {"a.txt"}, "size": {"10"}, "mark": {"m"}}
	ref := b.post(draft+"/files/uploads", begin).is(http.StatusOK, `"offset":0`).find(`"ref":"([A-Z0-9]{26})"`)
	piece := func(offset int, text string) page {
		return b.do(http.MethodPatch, draft+"/files/uploads/"+ref, text, "Content-Type", "application/octet-stream", "Upload-Offset", fmt.Sprint(offset))
	}
	piece(0, "01234").is(http.StatusOK, `"offset":5`)
	piece(0, "01234").is(http.StatusConflict, "file.wrong_offset")
	piece(9, "9").is(http.StatusConflict)
	piece(-1, "9").is(http.StatusConflict)
	piece(5, "").is(http.StatusOK, `"offset":5`)
	piece(5, "567890").is(http.StatusUnprocessableEntity, "file.too_large")
	b.get(draft+"/files/uploads/"+ref).is(http.StatusOK, `"offset":5`, `"state":"uploading"`)
	b.post(draft+"/files/uploads", begin).is(http.StatusOK, ref, `"offset":5`)
	b.get(draft+"/files").is(http.StatusOK, "Chưa tải xong")
	piece(5, "56789").is(http.StatusOK, `"state":"waiting"`, `"size":"10 B"`, `"remove":"`+draft+"/files/uploads/"+ref+`/remove"`)
	b.post(draft+"/files/uploads", url.Values{"name": {"a"}, "size": {"0"}}).is(http.StatusUnprocessableEntity, "file.empty")
	w.browser().get(draft[:len(draft)-1] + "x/files/uploads/" + ref).is(http.StatusNotFound)
}
