package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/testkit/files"
)

// To attach the signed paper takes nothing of what stands in the form of the
// answer, however long it is, and saves nothing.
func TestAttachingAPaperKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.browser().submit(nil)
	w.inProgress(s.code)
	officer := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	at := "/staff/cases/" + s.code4
	form := officer.get(at).is(http.StatusOK, `formaction="`+at+`/paper"`).hasNot(`form="paper"`)
	long := strings.Repeat("Câu trả lời dài. ", 1000) + "HẾT"
	typed := url.Values{
		"version": {form.find(`name="version" value="([0-9]+)"`)}, "text": {long}, "outcome": {"partly"}, "document_number": {"15/BKHCN"}, "note": {""},
	}
	paper := map[string][]byte{"Công văn.pdf": files.PDF("Cong van", "")}
	p := officer.attach(at+"/paper", typed, paper).is(http.StatusOK, "Đã tải văn bản lên.", "hãy lưu dự thảo", "HẾT</textarea>", `value="15/BKHCN"`, `value="partly" selected`, "Công văn.pdf")
	typed.Set("version", p.find(`name="version" value="([0-9]+)"`))
	officer.attach(at+"/paper", typed, nil).is(http.StatusUnprocessableEntity, "error-summary", "HẾT</textarea>", `value="15/BKHCN"`)
	officer.follow(officer.post(at+"/draft-answer", typed)).is(http.StatusOK, "HẾT")

	// Somebody saved another text meanwhile: both are shown.
	p = officer.attach(at+"/paper", url.Values{"version": {"1"}, "text": {"Chữ của tôi."}, "outcome": {"partly"}}, paper).
		is(http.StatusPreconditionFailed, "Hai phiên bản", "Chữ của tôi.")
	p.is(http.StatusPreconditionFailed, "Công văn.pdf")

	// From outside of the form there is nothing to keep.
	officer.attach(at+"/paper", nil, paper).is(http.StatusSeeOther)
}
