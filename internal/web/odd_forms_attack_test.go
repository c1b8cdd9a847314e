package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/testkit"
	"hienke/internal/testkit/house"
)

// oddTexts are what a form can be sent with and nobody means.
var oddTexts = map[string]string{
	"a zero":          "Một\x00chữ",
	"another coding":  "M\xf4\xb7t ch\xff",
	"unseen letters":  "\u202eđảo\u202c \u200b\u2060\ufeff",
	"one long word":   strings.Repeat("ệ", 3000),
	"marks":           `"><script>alert(1)</script>{{.}}' OR 1=1 --`,
	"a large number":  "99999999999999999999",
	"no day":          "31/02/2026",
	"a negative part": "-1",
	"a line of nulls": "\x00\x00",
}

var (
	formTag   = regexp.MustCompile(`(?s)<form[^>]*action="(/staff/[^"]+)"[^>]*method="post"[^>]*>(.*?)</form>`)
	fieldTags = regexp.MustCompile(`(?s)<input[^>]*>|<textarea[^>]*>|<select[^>]*>.*?</select>|<button[^>]*>`)
	option    = regexp.MustCompile(`<option value="([^"]+)"`)
)

func attribute(tag, name string) string {
	m := regexp.MustCompile(`\s` + name + `="([^"]*)"`).FindStringSubmatch(tag)
	if m == nil {
		return ""
	}
	return html.UnescapeString(m[1])
}

// filled is a form of a page with a text in every field that takes any, and in
// the hidden ones, too, where these are meant.
func filled(fields, text string, hidden bool) url.Values {
	out := url.Values{}
	for _, tag := range fieldTags.FindAllString(fields, -1) {
		name := attribute(tag, "name")
		if name == "" {
			continue
		}
		switch kind := attribute(tag, "type"); {
		case strings.HasPrefix(tag, "<select"):
			if m := option.FindStringSubmatch(tag); m != nil {
				out.Set(name, html.UnescapeString(m[1]))
			}
		case strings.HasPrefix(tag, "<button"), kind == "checkbox", kind == "radio":
			if !out.Has(name) {
				out.Set(name, attribute(tag, "value"))
			}
		case kind == "hidden" && !hidden:
			out.Set(name, attribute(tag, "value"))
		case kind != "file":
			out.Set(name, text)
		}
	}
	return out
}

// TestNoFormOfStaffBreaksOnOddTexts sends every form of the pages with texts that
// no database takes or no person means: each is taken or refused with a page. It
// runs on PostgreSQL, which stores neither zeros nor other codings.
func TestNoFormOfStaffBreaksOnOddTexts(t *testing.T) {
	t.Parallel()
	w := newWorldOn(t, testkit.Postgres(t, house.Migrate))
	triaged, handled := w.browser().submit(nil), w.browser().submit(nil)
	w.toTriage(triaged.code)
	w.put(handled.code, func(_ store.Tx, s *civic.Submission) error {
		s.State, s.Agency = civic.InProgress, most
		return nil
	})
	coordinator, officer := w.staff(civic.RoleCoordinator, "Trần Văn Bình", ""), w.staff(civic.RoleOfficer, "Lê Thị Hoa", most)
	lead, admin := w.staff(civic.RoleLead, "Phạm Văn Nam", most), w.staff(civic.RoleAdministrator, "Vũ Thị Mai", "")
	keeper := w.staff(civic.RoleDataProtection, "Bùi Thị Kín", "")
	met := map[string]bool{}
	for _, at := range []struct {
		who  *browser
		path string
	}{
		{coordinator, "/staff/cases/" + triaged.code4}, {officer, "/staff/cases/" + handled.code4}, {lead, "/staff/cases/" + handled.code4},
		{coordinator, "/staff/bulk?case=" + triaged.code4 + ".2"}, {coordinator, "/staff/views"}, {coordinator, "/staff/queue?status=all"}, {coordinator, "/staff/intake"},
		{coordinator, "/staff/rules/new"}, {coordinator, "/staff/agencies"}, {lead, "/staff/templates"}, {lead, "/staff/absences"}, {admin, "/staff/users"}, {admin, "/staff/users/1"},
		{admin, "/staff/tokens"}, {admin, "/staff/times"}, {admin, "/staff/times/calendar"}, {admin, "/staff/registry/topic/new"}, {admin, "/staff/registry/agency/" + string(health)},
		{admin, "/staff/registry/agency/table"}, {keeper, "/staff/privacy"}, {officer, "/staff/account"}, {w.browser(), "/staff/sign-in"}, {w.browser(), "/staff/reset"},
	} {
		for name, text := range oddTexts {
			for _, hidden := range []bool{false, true} {
				for _, form := range formTag.FindAllStringSubmatch(at.who.get(at.path).is(http.StatusOK).body, -1) {
					action := html.UnescapeString(form[1])
					if strings.HasSuffix(action, "/sign-out") || hidden && !strings.Contains(form[2], `type="hidden"`) || strings.HasSuffix(action, "/close") {
						continue
					}
					p := at.who.post(action, filled(form[2], text, hidden))
					met[action] = true
					if p.status >= http.StatusInternalServerError {
						t.Errorf("%s with %s (hidden %v) answers %d", action, name, hidden, p.status)
					}
					if strings.ContainsRune(p.body, 0) || !utf8.ValidString(p.body) || strings.Contains(p.body, "<script>alert(1)") {
						t.Errorf("%s with %s gives it back raw", action, name)
					}
				}
			}
		}
	}
	if len(met) < 50 {
		t.Errorf("only %d forms were met", len(met))
	}
	w.staff(civic.RoleAuditor, "Kiểm Tra Viên", "").get("/staff/queue?status=all").is(http.StatusOK, handled.code4)
}
