package api_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"hienke/internal/api"
	"hienke/internal/attachments"
	"hienke/internal/civic"
	"hienke/internal/inspect"
	"hienke/internal/seal"
	"hienke/internal/store"
	"hienke/internal/testkit/files"
)

// What all files may hold together, and one request, in bytes.
const (
	filesTotal = 3 << 20
	formTotal  = 8 << 20
)

// cabinet keeps files in memory.
func cabinet(t *testing.T, st store.Store, reg *civic.Registry, keys *seal.Keys, now func() time.Time) *attachments.Service {
	t.Helper()
	bucket, inspector := memblob.OpenBucket(nil), &inspect.Inspector{}
	t.Cleanup(func() { must(t, errors.Join(bucket.Close(), inspector.Close())) })
	return &attachments.Service{
		Store: st, Registry: reg, Keys: keys, Bucket: bucket, Inspect: inspector.Inspect, Now: now, NewRef: rand.Text,
		Limits: attachments.Limits{Count: 3, Size: 2 << 20, Total: filesTotal},
	}
}

func uploads() map[string]int64 {
	out := map[string]int64{}
	for _, route := range api.UploadRoutes() {
		out[route] = formTotal
	}
	return out
}

// sent is a file of a form.
type sent struct {
	name    string
	content []byte
}

// form makes a multipart body, and its type.
func form(list ...sent) (body, kind string) {
	var b bytes.Buffer
	f := multipart.NewWriter(&b)
	for _, s := range list {
		part, _ := f.CreateFormFile("files", s.name)
		_, _ = part.Write(s.content)
	}
	_ = f.Close()
	return b.String(), f.FormDataContentType()
}

// attach sends files by the holder of a token.
func (w *world) attach(t *testing.T, ack api.Acknowledgement, list ...sent) reply {
	t.Helper()
	body, kind := form(list...)
	return w.send(t, http.MethodPost, "/submissions/"+ack.Code+"/attachments", body, "Content-Type", kind, "Authorization", "Bearer "+ack.TrackingToken)
}

// attached are the files that an answer lists.
func (r reply) attached(t *testing.T) []api.Attachment {
	t.Helper()
	var list api.Attachments
	r.into(t, &list)
	return list.Attachments
}

// lookInto does the jobs that look into files.
func (w *world) lookInto(t *testing.T) {
	t.Helper()
	var due []store.Job
	must(t, w.store.View(t.Context(), func(tx store.Tx) (err error) {
		due, err = tx.Outbox().Due(t.Context(), store.JobCheck, w.clock.Now(), w.clock.Now(), 100)
		return err
	}))
	for _, j := range due {
		must(t, w.Attachments.Check(t.Context(), j.ID, civic.AttachmentID(j.Subject)))
	}
}

// change changes a case behind the back of everybody.
func (w *world) change(t *testing.T, written string, do func(*civic.Submission)) {
	t.Helper()
	code, err := civic.ParseCode(written)
	must(t, err)
	must(t, w.store.Do(t.Context(), func(tx store.Tx) error {
		s, err := tx.Submissions().GetByCode(t.Context(), code)
		if err != nil {
			return err
		}
		do(&s)
		s.Version++
		return tx.Submissions().Update(t.Context(), s)
	}))
}

func TestASenderAddsFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	own := []string{"Authorization", "Bearer " + ack.TrackingToken}
	table := []byte("giờ;độ pH\n7;7,1\n8;7,2\n")
	r := w.attach(t, ack, sent{"Ảnh hồ.jpg", files.JPEG()}, sent{"Số đo.csv", table})
	list := r.attached(t)
	if r.status != http.StatusCreated || len(list) != 2 || list[1].Name != "Số đo.csv" || list[1].State != "waiting" || list[1].URL != nil {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	at := "/submissions/" + ack.Code + "/attachments/" + list[1].Ref
	scenario{method: "GET", path: at, headers: own, status: 409, code: "file.not_checked"}.run(t, w)
	w.lookInto(t)
	again := w.attach(t, ack, sent{"Ảnh hồ.jpg", files.JPEG()}, sent{"bản sao.csv", table}).attached(t)
	if len(again) != 2 || again[0].Ref != list[0].Ref || again[1].Ref != list[1].Ref {
		t.Errorf("what was sent twice was taken twice: %+v", again)
	}
	var seen api.SenderSubmission
	w.send(t, "GET", "/submissions/"+ack.Code, "", own...).into(t, &seen)
	if len(seen.Attachments) != 2 || seen.Attachments[1].URL == nil || *seen.Attachments[1].URL != api.Base+at {
		t.Fatalf("the sender sees %+v", seen.Attachments)
	}
	got := w.send(t, "GET", *seen.Attachments[1].URL, "", own...)
	_, params, err := mime.ParseMediaType(got.header.Get("Content-Disposition"))
	if got.body != string(table) || err != nil || params["filename"] != "Số đo.csv" || !strings.HasPrefix(got.header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file comes as %q, %q", got.header.Get("Content-Disposition"), got.body)
	}
	if got.header.Get("Content-Security-Policy") != "default-src 'none'; sandbox" || got.header.Get("X-Content-Type-Options") != "nosniff" ||
		got.header.Get("Cache-Control") != "no-store" || got.header.Get("Content-Type") != "application/octet-stream" {
		t.Errorf("headers: %v", got.header)
	}
	rest := w.send(t, "GET", at, "", append([]string{"Range", "bytes=5-", "If-Range", got.header.Get("ETag"), "Accept-Encoding", "gzip"}, own...)...)
	if rest.status != http.StatusPartialContent || rest.body != string(table[5:]) {
		t.Errorf("from byte 5 on: %d, %q", rest.status, rest.body)
	}
}

func TestFilesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	at, own := "/submissions/"+ack.Code+"/attachments", []string{"Authorization", "Bearer " + ack.TrackingToken}
	text := func(n int, fill string) []byte { return bytes.Repeat([]byte(fill), n) }
	some, kind := form(sent{"a.txt", text(900, "a")})
	none, _ := form()
	tests := []scenario{
		{name: "without a token", headers: []string{"Content-Type", kind}, body: some, status: 401, code: "submission.token_missing"},
		{name: "with a token of nobody", headers: []string{"Content-Type", kind, "Authorization", "Bearer x"}, body: some, status: 404, code: "submission.not_found"},
		{name: "as JSON", headers: own, body: "{}", status: 415, code: "request.unsupported_type"},
		{name: "broken off", headers: append([]string{"Content-Type", kind}, own...), body: some[:len(some)/2], status: 400, code: "request.malformed"},
		{name: "larger than all may be", headers: append([]string{"Content-Type", kind}, own...), body: strings.Repeat("x", formTotal+1), status: 413, code: "request.too_large"},
		{name: "none at all", headers: append([]string{"Content-Type", "multipart/form-data; boundary=" + none[2:]}, own...), body: none, status: 422, code: "input.invalid", field: "files", reason: "file.none_chosen"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { // one after the other: they share the house
			tt.method, tt.path = "POST", at
			tt.headers[len(tt.headers)-1] = strings.TrimRight(tt.headers[len(tt.headers)-1], "-\r\n")
			tt.run(t, w)
		})
	}
	r := w.attach(t, ack, sent{"a.txt", text(9, "a")}, sent{"trang.html", []byte("<!DOCTYPE html><html>")}, sent{"lớn.txt", text(2<<20+1, "b")}, sent{"c.txt", text(2<<20, "c")},
		sent{"d.txt", text(1<<20, "d")}, sent{"e.txt", text(5, "e")}, sent{"f.txt", text(5, "f")})
	p := r.problem(t)
	var wrong []string
	for _, f := range p.Fields {
		wrong = append(wrong, f.Name+" "+f.Code)
		if f.Message == "" || strings.Contains(f.Message, f.Code) {
			t.Errorf("%s says %q", f.Code, f.Message)
		}
	}
	want := "files.1 file.active_content, files.2 file.too_large, files.4 file.total_too_large, files.6 file.too_many"
	if got := strings.Join(wrong, ", "); r.status != 422 || got != want {
		t.Errorf("%d: %s, want %s", r.status, got, want)
	}
	var seen api.SenderSubmission
	w.send(t, "GET", "/submissions/"+ack.Code, "", own...).into(t, &seen)
	kept := 0
	for _, a := range seen.Attachments {
		if a.State == "waiting" {
			kept++
		} else if a.State != "refused" || *a.Reason != "file.active_content" {
			t.Errorf("left behind: %+v", a)
		}
	}
	if kept != 3 {
		t.Errorf("%d of the request are kept: %+v", kept, seen.Attachments)
	}
	if r := w.attach(t, ack, sent{"a.txt", text(9, "a")}, sent{"c.txt", text(2<<20, "c")}, sent{"e.txt", text(5, "e")}); r.status != 201 {
		t.Errorf("sent again when there is no more room: %d %s", r.status, r.body)
	}
	w.change(t, ack.Code, func(s *civic.Submission) { s.State = civic.Withdrawn })
	if r := w.attach(t, ack, sent{"g.txt", text(3, "g")}); r.status != 409 || r.problem(t).Code != "file.case_closed" {
		t.Errorf("to a closed case: %d %s", r.status, r.body)
	}
}

// away is a bucket that stores nothing.
func away(t *testing.T) *blob.Bucket {
	t.Helper()
	b := memblob.OpenBucket(nil)
	must(t, b.Close())
	return b
}

func TestFilesWhileNothingCanBeStored(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	w.Attachments.Bucket = away(t)
	r := w.attach(t, ack, sent{"a.txt", []byte("a")})
	if p := r.problem(t); r.status != 503 || p.Code != "file.store_away" || p.Title == "" || r.header.Get("Retry-After") == "" {
		t.Errorf("%d, %s", r.status, r.body)
	}
}

func TestStaffChooseWhichFilesArePublished(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.triaged(t)
	list := w.attach(t, ack, sent{"công khai.txt", []byte("công khai")}, sent{"riêng.txt", []byte("riêng")}).attached(t)
	other := w.attach(t, w.receive(t), sent{"x.txt", []byte("x")}).attached(t)[0]
	w.lookInto(t)
	shown, kept := list[0].Ref, list[1].Ref
	coordinator, officer := w.staff(t, civic.RoleCoordinator, ""), w.staff(t, civic.RoleOfficer, most)
	at := "/submissions/" + ack.Code + "/attachments/"
	status := func(path string, want int, who ...string) {
		t.Helper()
		if r := w.send(t, "GET", path, "", who...); r.status != want {
			t.Errorf("%s is %d, want %d: %s", path, r.status, want, r.body)
		}
	}
	status("/staff"+at+kept, 200, coordinator...)
	status("/staff"+at+kept, 404, officer...)
	status("/staff"+at+other.Ref, 404, coordinator...)
	status(at+shown, 404)
	publish := func(body string) (public []string) {
		t.Helper()
		r := w.act(t, coordinator, ack.Code, "publish", body)
		var seen api.Case
		if r.into(t, &seen); r.status != 200 {
			t.Fatalf("publish %s: %d %s", body, r.status, r.body)
		}
		for _, a := range seen.Attachments {
			if a.Public {
				public = append(public, a.Ref)
			}
		}
		return public
	}
	if got := publish(`{"attachments": ["` + shown + `"]}`); len(got) != 1 || got[0] != shown {
		t.Errorf("published %v", got)
	}
	var public api.PublicSubmission
	w.send(t, "GET", "/submissions/"+ack.Code, "").into(t, &public)
	if len(public.Attachments) != 1 || public.Attachments[0].Ref != shown || *public.Attachments[0].URL != api.Base+at+shown {
		t.Errorf("the public sees %+v", public.Attachments)
	}
	status(at+shown, 200)
	status(at+kept, 404)
	if got := publish(`{"public_title": "Một tiêu đề mới"}`); len(got) != 1 {
		t.Errorf("a new title hides the file: %v", got)
	}
	r := w.act(t, coordinator, ack.Code, "publish", `{"attachments": ["`+other.Ref+`"]}`)
	if p := r.problem(t); r.status != 422 || p.Fields[0].Name != "attachments" {
		t.Errorf("a file of another case: %d %s", r.status, r.body)
	}
	status(at+shown, 200) // nothing of that was done
	w.change(t, ack.Code, func(s *civic.Submission) { s.Visibility = civic.TakenDown })
	status(at+shown, 410)
	w.change(t, ack.Code, func(s *civic.Submission) { s.Visibility = civic.PublicOpen })
	if got := publish(`{"attachments": []}`); len(got) != 0 {
		t.Errorf("still published: %v", got)
	}
	status(at+shown, 404)
}
