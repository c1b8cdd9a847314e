package web_test

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// opened returns the hidden fields with which the forms of a page are sent.
func (b *browser) opened(at string) url.Values {
	p := b.get(at).is(http.StatusOK)
	return url.Values{"version": {p.find(`name="version" value="(\d+)"`)}, "seen": {p.find(`name="seen" value="(\d+)"`)}}
}

// with adds fields to a form.
func with(form url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for name, v := range form {
		out[name] = v
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Set(pairs[i], pairs[i+1])
	}
	return out
}

func TestTwoVersionsStandBesideEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.browser().submit(nil).code
	w.inProgress(code)
	at := "/staff/cases/" + code.String()
	hoa, binh := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most), w.staff(civic.RoleOfficer, "Trần Văn Bình", most)
	before := hoa.opened(at)
	theirs, mine := "Cơ quan sẽ khảo sát bến phà trong quý này và trả lời.", "Cơ quan đã khảo sát bến phà trong quý trước và trả lời."
	binh.post(at+"/draft-answer", with(binh.opened(at), "text", theirs, "outcome", "explained")).is(http.StatusSeeOther)
	binh.post(at+"/note", with(binh.opened(at), "text", "Đã gọi cho bến phà")).is(http.StatusSeeOther)

	p := hoa.post(at+"/draft-answer", with(before, "text", mine, "outcome", "accepted"))
	p.is(http.StatusPreconditionFailed, "Hai phiên bản", "Trần Văn Bình", "<mark>đã", "<mark>sẽ", mine+"</textarea>", `value="accepted" selected`, "Viết tiếp từ nội dung hiện có")
	carried := url.Values{"take": {"theirs"}, "version": {"0"}, "text": {mine}, "outcome": {"accepted"}, "mine.text": {mine}, "seen": before["seen"]}
	for _, name := range []string{"text", "outcome", "mine.text", "seen"} {
		p.is(http.StatusPreconditionFailed, `<input type="hidden" name="`+name+`" value="`+carried.Get(name)+`">`)
	}
	p = hoa.post(at+"/draft-answer", carried)
	p.is(http.StatusPreconditionFailed, theirs+"</textarea>", "Viết tiếp từ nội dung của ông/bà", `name="mine.text" value="`+mine+`"`, "<mark>đã")
	carried.Set("take", "mine")
	p = hoa.post(at+"/draft-answer", carried).is(http.StatusPreconditionFailed, mine+"</textarea>", "Viết tiếp từ nội dung hiện có")

	version := p.find(`(?s)action="[^"]+/draft-answer" method="post" novalidate>\s*<input type="hidden" name="version" value="(\d+)"`)
	hoa.post(at+"/draft-answer", url.Values{"version": {version}, "text": {mine}, "outcome": {"accepted"}}).is(http.StatusSeeOther)
	hoa.get(at).is(http.StatusOK, mine+"</textarea>").hasNot("Hai phiên bản")
}

func TestNoFormOfACaseLosesAText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, form := range []struct {
		act, field string
		role       civic.Role
		state      civic.State
	}{
		{"draft-answer", "text", civic.RoleOfficer, civic.InProgress},
		{"request-information", "question", civic.RoleOfficer, civic.InProgress},
		{"extend", "reason", civic.RoleOfficer, civic.InProgress},
		{"hand-back", "reason", civic.RoleOfficer, civic.Assigned},
		{"note", "text", civic.RoleOfficer, civic.Assigned},
		{"record-information", "reply", civic.RoleOfficer, civic.AwaitingCitizen},
		{"urgent", "reason", civic.RoleCoordinator, civic.InProgress},
		{"assign", "reason", civic.RoleCoordinator, civic.Triage},
		{"decide-scope", "reason", civic.RoleCoordinator, civic.Triage},
		{"merge", "reason", civic.RoleCoordinator, civic.Triage},
		{"reject", "message", civic.RoleCoordinator, civic.Triage},
		{"split", "reason", civic.RoleCoordinator, civic.Triage},
		{"split", "parts.0.body", civic.RoleCoordinator, civic.Triage},
		{"publish", "public_title", civic.RoleCoordinator, civic.InProgress},
		{"publish", "public_body", civic.RoleCoordinator, civic.InProgress},
		// Acts that are not possible any more keep the text for copying.
		{"return", "remarks", civic.RoleApprover, civic.InProgress},
		{"take-down", "reason", civic.RoleCoordinator, civic.InProgress},
		{"correct", "correction", civic.RoleOfficer, civic.InProgress},
		{"settle-commitment", "note", civic.RoleOfficer, civic.InProgress},
	} {
		code := w.browser().submit(nil).code
		w.put(code, func(_ store.Tx, s *civic.Submission) error {
			if s.State = form.state; form.state != civic.Triage {
				s.Agency = most
			}
			return nil
		})
		agency := most
		if form.role == civic.RoleCoordinator {
			agency = ""
		}
		at := "/staff/cases/" + code.String()
		b := w.staff(form.role, "Người Viết", agency)
		before := b.opened(at)
		w.put(code, func(_ store.Tx, s *civic.Submission) error { return nil })
		text := "Điều đã viết cho " + form.act + " & " + form.field
		sent := with(before, form.field, text, "days", "5", "verdict", "in_scope", "into", code.String(), "reason_code", "out_of_scope",
			"outcome", "explained", "agency", string(most), "commitment", "1", "state", "kept",
			"parts.0.title", "Việc thứ nhất cần làm", "parts.1.title", "Việc thứ hai cần làm", "parts.1.body", "Nội dung đủ dài của việc thứ hai.")
		if form.act == "split" && form.field == "reason" {
			sent.Set("parts.0.body", "Nội dung đủ dài của việc thứ nhất.")
		}
		if form.act == "correct" {
			sent.Set("text", "Nội dung trả lời đã sửa, đủ dài để đọc.")
		}
		p := b.post(at+"/"+form.act, sent)
		if p.status != http.StatusPreconditionFailed {
			t.Errorf("%s: status %d, want 412", form.act, p.status)
		}
		if n := strings.Count(p.body, html.EscapeString(text)); n == 0 {
			t.Errorf("%s loses %s", form.act, form.field)
		}
		if form.field != "parts.0.body" {
			p.is(http.StatusPreconditionFailed, "Hai phiên bản")
		}
	}
}

// TestATextIsNotLostWithItsCase: what was written while the case went to another
// agency stands on the page that says so.
func TestATextIsNotLostWithItsCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.browser().submit(nil).code
	w.inProgress(code)
	at := "/staff/cases/" + code.String()
	hoa := w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	before := hoa.opened(at)
	w.put(code, func(_ store.Tx, s *civic.Submission) error { s.Agency = "bo-y-te"; return nil })
	const mine = "Một câu trả lời <viết> cả buổi sáng."
	p := hoa.post(at+"/draft-answer", with(before, "text", mine, "outcome", "explained"))
	p.is(http.StatusNotFound, "Một câu trả lời &lt;viết&gt; cả buổi sáng.").hasNot(code.String() + "</")

	// A form that cannot be gone on with after the sign-in.
	binh := w.staff(civic.RoleOfficer, "Trần Văn Bình", most)
	binh.post("/staff/sign-out", nil)
	binh.post("/staff/absences/1/give", url.Values{"note": {"Ghi chú dài về việc bàn giao"}, "current_password": {"bí mật của tôi"}}).
		is(http.StatusUnauthorized, "Ghi chú dài về việc bàn giao").hasNot("bí mật của tôi")
	binh.post("/staff/account/password", url.Values{"current_password": {"bí mật của tôi"}}).is(http.StatusSeeOther)
}
