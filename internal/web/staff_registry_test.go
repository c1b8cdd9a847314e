package web_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// succeed runs what a change of the registry promised.
func (w *world) succeed() {
	w.t.Helper()
	w.clock.Advance(timetable.Settled)
	var due []store.Job
	w.must(w.store.View(w.t.Context(), func(tx store.Tx) (err error) {
		due, err = tx.Outbox().Due(w.t.Context(), store.JobSucceed, w.clock.Now(), w.clock.Now(), 10)
		return err
	}))
	if len(due) != 1 {
		w.t.Fatalf("%d moves are due, want 1", len(due))
	}
	for range 2 { // what runs twice acts once
		w.must(w.sorting.Succeed(w.t.Context(), due[0].ID, due[0].Subject))
	}
}

func TestAnAgencyIsMergedWithItsOpenCasesAndTakenBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	health := "/staff/registry/agency/bo-y-te"
	waiting, accepted, review := w.leftWith("bo-y-te", civic.Assigned), w.leftWith("bo-y-te", civic.InProgress), w.leftWith("bo-y-te", civic.InReview)
	closed := w.leftWith("bo-y-te", civic.Closed)
	admin.get("/staff/agencies").is(http.StatusOK, `href="/staff/registry/agency"`)
	admin.get(health).is(http.StatusOK, "Bộ Y tế", "Đang hiệu lực", `href="`+health+`/merge"`, "Chưa có thay đổi nào")
	lead, officer := w.staff(civic.RoleLead, "Lê Văn Tám", "bo-y-te"), w.staff(civic.RoleOfficer, "Phạm Thị Cúc", "bo-y-te")
	admin.post(health+"/end", url.Values{"reason": {"Hết nhiệm vụ"}}).is(http.StatusConflict, "nên chưa kết thúc được", "Chưa kết thúc được khi còn hồ sơ đang mở", "Phạm Thị Cúc")
	admin.get(health+"/merge").is(http.StatusOK, "Những gì đang phụ thuộc", "Lê Văn Tám", "Hồ sơ đang mở <strong>3</strong>").hasNot(`name="reason"`)
	admin.get(health+"/merge?successor=bo-y-te").is(http.StatusOK, `href="#merge-successor"`).hasNot(`name="reason"`)
	admin.get(health+"/merge?successor="+string(most)).is(http.StatusOK, "Những gì sẽ thay đổi khi sáp nhập vào Bộ Khoa học và Công nghệ", "Không hồ sơ nào đổi thời hạn",
		"1 câu trả lời: nay chờ duyệt tại Bộ Y tế, sau đó tại Bộ Khoa học và Công nghệ", "Lãnh đạo cơ quan", `name="leads_stay"`, `name="reason"`)
	admin.post(health+"/merge", url.Values{"successor": {"bo-y-te"}, "reason": {"Nghị quyết"}}).is(http.StatusUnprocessableEntity, `href="#merge-successor"`)
	admin.post(health+"/merge", url.Values{"successor": {string(most)}, "reason": {""}}).is(http.StatusUnprocessableEntity, `href="#merge-reason"`)
	admin.get(health).is(http.StatusOK, "Đang hiệu lực") // nothing was done so far
	report := admin.follow(admin.post(health+"/merge", url.Values{"successor": {string(most)}, "reason": {"Nghị quyết số 1"}})).
		is(http.StatusOK, "Đã sáp nhập", "Nghị quyết số 1", "Còn 3 hồ sơ", "Lãnh đạo cơ quan → Người duyệt", "Phạm Thị Cúc", "Hoàn tác")
	undo := report.find(`action="(/staff/registry/changes/\d+/undo)"`)
	admin.post(health+"/merge", url.Values{"successor": {string(most)}, "reason": {"Bấm lại"}}).is(http.StatusConflict, "đã kết thúc")
	// The same session sees the new agency's cases, and those that are on their way.
	officer.get("/staff/queue").is(http.StatusOK, waiting.code4)
	lead.get("/staff/account").is(http.StatusOK, "Người duyệt")
	coordinator := w.staff(civic.RoleCoordinator, "Trần Văn Bình", "")
	coordinator.get("/staff/cases/"+closed.code4).is(http.StatusOK, "Bộ Y tế")
	coordinator.get("/staff/queue").is(http.StatusOK).hasNot(`<option value="bo-y-te"`)

	w.succeed()
	for _, s := range []sent{waiting, accepted, review} {
		coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "Bộ Khoa học và Công nghệ", "Nghị quyết số 1")
	}
	coordinator.get("/staff/queue?agency=bo-y-te").is(http.StatusOK, waiting.code4) // an old bookmark
	admin.get(strings.TrimSuffix(undo, "/undo")).is(http.StatusOK, "Đã chuyển 3 hồ sơ").hasNot("Còn 3 hồ sơ")
	w.put(accepted.code, func(_ store.Tx, sub *civic.Submission) error { return sub.Move(civic.InProgress) })

	admin.follow(admin.post(undo, url.Values{})).is(http.StatusOK, "Đã hoàn tác", "Hoàn tác: Bộ Y tế")
	admin.post(undo, url.Values{}).is(http.StatusConflict)
	w.succeed()
	for _, s := range []sent{waiting, review} {
		coordinator.get("/staff/cases/"+s.code4).is(http.StatusOK, "Bộ Y tế", "Hoàn tác thay đổi trước")
	}
	coordinator.get("/staff/cases/"+accepted.code4).is(http.StatusOK, "Bộ Khoa học và Công nghệ").hasNot("Hoàn tác thay đổi trước")
	lead.get("/staff/account").is(http.StatusOK, "Lãnh đạo cơ quan", "Bộ Y tế")
	admin.get(strings.TrimSuffix(undo, "/undo")).is(http.StatusOK, "đã được hoàn tác", "đã trả lại")
	admin.get(health).is(http.StatusOK, "Đang hiệu lực", "Kết quả sáp nhập")
	coordinator.get("/staff/queue").is(http.StatusOK, `<option value="bo-y-te"`)
}

func TestEveryListIsChangedWithItsHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	other := w.browser()
	for _, tt := range []struct {
		kind, code string
		form       url.Values
	}{
		{"agency", "cuc-thu-nghiem", url.Values{"parent": {string(most)}, "receives": {"yes"}, "aliases": {"CTN\r\nCục TN"}}},
		{"topic", "linh-vuc-thu", url.Values{"text_vi": {"Mô tả."}}},
		{"area", "99", nil},
		{"rejection", "ly_do_thu", url.Values{"text_vi": {"Kính gửi."}, "text_en": {"Dear."}}},
	} {
		list := "/staff/registry/" + tt.kind
		form := url.Values{"code": {tt.code}, "name_vi": {"Tên thử"}, "reason": {"Thử"}}
		for name, v := range tt.form {
			form[name] = v
		}
		admin.get(list+"/new").is(http.StatusOK, `name="code"`)
		admin.post(list+"/new", form).is(http.StatusUnprocessableEntity, `href="#name-en"`, "Tên thử")
		form.Set("name_en", "A name to try")
		admin.follow(admin.post(list+"/new", form)).is(http.StatusOK, "Đã thêm", "Tên thử", "Hoàn tác")
		admin.post(list+"/new", form).is(http.StatusUnprocessableEntity, "Mã này đã có")
		form.Set("name_vi", "Tên đã đổi")
		admin.follow(admin.post(list+"/"+tt.code, form)).is(http.StatusOK, "Đã lưu", "<del lang=\"vi\">Tên thử</del> → <ins lang=\"vi\">Tên đã đổi</ins>", "Đỗ An")
		admin.post(list+"/"+tt.code, form).is(http.StatusConflict, "Không có gì thay đổi")
		admin.follow(admin.post(list+"/"+tt.code+"/end", url.Values{"reason": {"Hết"}})).is(http.StatusOK, "Đã kết thúc")
		for _, want := range []string{"Đang hiệu lực", "Tên thử"} { // not ended, and not renamed
			admin.follow(admin.post(admin.get(list).is(http.StatusOK).find(`action="(/staff/registry/changes/\d+/undo)"`), url.Values{}))
			admin.get(list+"/"+tt.code).is(http.StatusOK, want)
		}
	}
	holding := admin.get("/staff/registry/holding").is(http.StatusOK).find(`href="(/staff/registry/holding/[a-z_]+)"`)
	name := admin.get(holding).is(http.StatusOK).hasNot("Kết thúc</button>").find(`name="name_vi"[^>]* value="([^"]+)"`)
	admin.follow(admin.post(holding, url.Values{"name_vi": {name}, "name_en": {"Data"}, "text_vi": {"Mười năm."}, "text_en": {"Ten years."}, "reason": {"Quy định"}})).is(http.StatusOK, "Đã lưu")
	other.get("/vi/privacy/register").is(http.StatusOK, "Mười năm.")
	admin.get("/staff/registry/nonsense").is(http.StatusNotFound)
	admin.get("/staff/registry/agency/khong-co").is(http.StatusNotFound)
	w.staff(civic.RoleOfficer, "Lê Thị Hoa", most).get("/staff/registry/agency").is(http.StatusForbidden)
}

func TestATableSaysLineByLineWhatItWouldDo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	address := "/staff/registry/agency/table"
	table := "code,parent,name_vi,name_en,area\nubnd-thu,chinh-phu,UBND tỉnh Thử,People's Committee,01\nso-y-te-thu,ubnd-thu,Sở Y tế Thử,Health Department,01\n" +
		"bo-y-te,,,,\nbo-noi-vu,,Bộ Nội vụ mới,,\n"
	admin.get(address).is(http.StatusOK, "name_vi")
	admin.post(address, url.Values{"table": {""}}).is(http.StatusUnprocessableEntity, "không có dòng nào")
	admin.post(address, url.Values{"table": {"code,nonsense\nx,y\n"}}).is(http.StatusUnprocessableEntity, "nonsense")
	admin.post(address, url.Values{"table": {table + "Sai Mã,chinh-phu,A,B,77\n"}}).is(http.StatusOK, "Thêm 2, sửa 1, giữ nguyên 1, sai 1", "Mã chưa đúng dạng").
		hasNot(`name="go"`)
	seen := admin.post(address, url.Values{"table": {table}}).is(http.StatusOK, "Thêm 2, sửa 1, giữ nguyên 1, sai 0", `name="go"`, "Sở Y tế Thử").
		find(`name="seen" value="([0-9a-f]+)"`)
	admin.get("/staff/registry/agency?q=thu").is(http.StatusOK).hasNot("Sở Y tế Thử") // nothing was written
	admin.post(address, url.Values{"table": {table}, "go": {"yes"}, "seen": {seen}, "reason": {""}}).is(http.StatusUnprocessableEntity, `href="#reason"`)
	admin.post(address, url.Values{"table": {table + "xa-la,ubnd-thu,Xã Lạ,Strange,\n"}, "go": {"yes"}, "seen": {seen}, "reason": {"Quyết định"}}).
		is(http.StatusConflict, "đã thay đổi sau lần xem trước", "Xã Lạ")
	admin.follow(admin.post(address, url.Values{"table": {table}, "go": {"yes"}, "seen": {seen}, "reason": {"Quyết định"}})).is(http.StatusOK, "Đã nhập bảng", "và 2 mục khác")
	admin.get("/staff/registry/agency?q=so+y+te+thu").is(http.StatusOK, "Sở Y tế Thử", "thuộc ubnd-thu")

	lead := w.staff(civic.RoleLead, "Lê Văn Tám", "ubnd-thu")
	lead.get("/staff/registry/agency").is(http.StatusOK, "Sở Y tế Thử").hasNot("Bộ Nội vụ", "/staff/registry/topic")
	lead.get("/staff/registry/agency/bo-noi-vu").is(http.StatusNotFound)
	lead.get("/staff/registry/agency/ubnd-thu").is(http.StatusNotFound)
	lead.post(address, url.Values{"table": {"code,parent,name_vi,name_en\nphong-a,so-y-te-thu,Phòng A,Office A\nphong-b,bo-noi-vu,Phòng B,Office B\n"}}).
		is(http.StatusOK, "Thêm 1", "sai 1")
	lead.post("/staff/registry/agency/bo-noi-vu", url.Values{"name_vi": {"Chiếm"}, "name_en": {"Taken"}, "reason": {"x"}}).is(http.StatusNotFound)
	lead.post("/staff/registry/topic/new", url.Values{"code": {"x"}, "name_vi": {"Chiếm"}, "name_en": {"Taken"}, "text_vi": {"x"}, "reason": {"x"}}).is(http.StatusUnprocessableEntity)

	undo := admin.get("/staff/registry/agency").is(http.StatusOK).find(`action="(/staff/registry/changes/\d+/undo)"`)
	admin.post(undo, url.Values{}).is(http.StatusConflict, "không hoàn tác được") // an account belongs to one of them
}

func TestALongTableIsTakenInAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	var table strings.Builder
	table.WriteString("code;parent;name_vi;name_en\n")
	for i := range 3321 {
		n := strconv.Itoa(i)
		table.WriteString("xa-" + n + ";chinh-phu;Xã số " + n + ";Commune " + n + "\n")
	}
	form := url.Values{"table": {table.String()}, "go": {"yes"}, "reason": {"Nghị quyết"}}
	form.Set("seen", admin.post("/staff/registry/agency/table", form).is(http.StatusConflict).find(`name="seen" value="([0-9a-f]+)"`))
	began := time.Now()
	p := admin.post("/staff/registry/agency/table", form)
	p.is(http.StatusSeeOther)
	t.Logf("3,321 communes in %s", time.Since(began).Round(time.Millisecond))
	admin.get("/staff/registry/agency").is(http.StatusOK, "và 3.320 mục khác")
}

// upload sends a form with one file.
func (b *browser) upload(path, field, name, content string) page {
	b.w.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, err := form.CreateFormFile(field, name)
	b.w.must(err)
	_, err = io.WriteString(part, content)
	b.w.must(err)
	b.w.must(form.Close())
	return b.do(http.MethodPost, path, body.String(), "Content-Type", form.FormDataContentType())
}

func TestATableComesAsAFile(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	admin := w.staff(civic.RoleAdministrator, "Đỗ An", "")
	const address = "/staff/registry/agency/table"
	head := "code;parent;name_vi;name_en\r\n"
	for name, tt := range map[string]struct {
		file   string
		status int
		says   string
	}{
		"UTF-8 with the mark, as Excel writes it": {"\ufeff" + head + "xa-thu;chinh-phu;Xã Thử;Commune\r\n", http.StatusOK, "Thêm 1, sửa 0, giữ nguyên 0, sai 0"},
		"without the mark, with commas":           {"code,parent,name_vi,name_en\nxa-thu,chinh-phu,\"Xã Thử, mới\",Commune\n", http.StatusOK, "Xã Thử, mới"},
		"Windows-1258":                            {head + "xa-thu;chinh-phu;X\xe3 Th\xd2;Commune\r\n", http.StatusUnprocessableEntity, "Windows-1258"},
		"UTF-16":                                  {"\xff\xfec\x00o\x00d\x00e\x00", http.StatusUnprocessableEntity, "UTF-16"},
		"a workbook":                              {"PK\x03\x04", http.StatusUnprocessableEntity, "tệp Excel"},
		"nothing":                                 {"", http.StatusUnprocessableEntity, "không có dòng nào"},
		"a code twice":                            {head + "xa-thu;chinh-phu;Xã A;A\r\nxa-thu;chinh-phu;Xã B;B\r\n", http.StatusOK, "sai 1"},
		"a very long name":                        {head + "xa-thu;chinh-phu;" + strings.Repeat("Xã ", 90) + ";A\r\n", http.StatusOK, "200"},
		"a formula":                               {head + "xa-thu;chinh-phu;=HYPERLINK(1);A\r\n", http.StatusOK, "là công thức"},
	} {
		p := admin.upload(address, "file", "bang.csv", tt.file)
		if p.is(tt.status, tt.says); t.Failed() {
			t.Fatal(name)
		}
	}
	exported := admin.get(address+".csv").is(http.StatusOK, "bo-y-te").body
	admin.upload(address, "file", "co-quan.csv", exported).is(http.StatusOK, "Thêm 0, sửa 0", "sai 0").hasNot(`name="go"`)
}
