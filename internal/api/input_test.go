package api_test

import (
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"hienke/internal/store"
)

// vietnamese asks for the language that problems come in anyway; English is
// asked for where a test says so.
var vietnamese = []string{"Accept-Language", "vi"}

func TestBadInputIsToldClearly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const invalid = "input.invalid"
	tests := []scenario{
		{name: "no body", body: " ", status: 400, code: "request.malformed"},
		{name: "an empty object names every field", body: "{}", status: 422, code: invalid, field: "kind", reason: "field.required",
			has: []string{`"title"`, `"body"`, `"submitter.type"`, `"submitter.name"`, `"consent.terms"`}},
		{name: "an array", body: "[]", status: 400, code: "request.malformed"},
		{name: "half a body", body: submission("", nil)[:40], status: 400, code: "request.malformed"},
		{name: "10 MB", body: submission("body", strings.Repeat("x", 10<<20)), status: 413, code: "request.too_large"},
		{name: "UTF-16", body: utf16Text(submission("", nil)), status: 400, code: "request.malformed"},
		{name: "Latin-1 bytes", body: strings.Replace(submission("", nil), "An", "Andr\xe9", 1), status: 400, code: "request.malformed"},
		{name: "an overlong sequence", body: strings.Replace(submission("", nil), "An", "A\xc0\xaf", 1), status: 400, code: "request.malformed"},
		{name: "no type at all", body: submission("", nil), headers: []string{"Content-Type", ""}, status: 415, code: "request.unsupported_type"},
		{name: "plain text", body: submission("", nil), headers: []string{"Content-Type", "text/plain; charset=utf-8"}, status: 415, code: "request.unsupported_type"},
		{name: "a form", body: "a=b", headers: []string{"Content-Type", "application/x-www-form-urlencoded"}, status: 415, code: "request.unsupported_type"},
		{name: "a number for the title", body: submission("title", 7), status: 422, code: invalid, field: "title", reason: "field.wrong_type"},
		{name: "text for the submitter", body: submission("submitter", "An"), status: 422, code: invalid, field: "submitter", reason: "field.wrong_type"},
		{name: "text for a consent", body: submission("consent.terms", "yes"), status: 422, code: invalid, field: "consent.terms", reason: "field.wrong_type"},
		{name: "an unknown kind", body: submission("kind", "complaint"), status: 422, code: invalid, field: "kind", reason: "field.unknown_value"},
		{name: "an unknown topic", body: submission("topic", "khong-co"), status: 422, code: invalid, field: "topic", reason: "field.unknown_value"},
		{name: "an unknown area", body: submission("area", "99"), status: 422, code: invalid, field: "area", reason: "field.unknown_value"},
		{name: "an unknown language", body: submission("language", "'; drop"), status: 422, code: invalid, field: "language", reason: "field.unknown_value"},
		{name: "NUL in the body", body: submission("body", sampleBody+"\x00"), status: 422, code: invalid, field: "body", reason: "field.unreadable_character"},
		{name: "a lone surrogate in the name", body: strings.Replace(submission("", nil), "Nguyễn", `\ud800`, 1),
			status: 422, code: invalid, field: "submitter.name", reason: "field.unreadable_character"},
		{name: "a name of 300 letters", body: submission("submitter.name", strings.Repeat("ễ", 300)),
			status: 422, code: invalid, field: "submitter.name", reason: "field.too_long"},
		{name: "a title of 201 letters", body: submission("title", strings.Repeat("ễ", 201)), status: 422, code: invalid, field: "title", reason: "field.too_long"},
		{name: "a title of spaces", body: submission("title", "        "), status: 422, code: invalid, field: "title", reason: "field.required"},
		{name: "a body of 50,001 letters", body: submission("body", strings.Repeat("x", 50_001)), status: 422, code: invalid, field: "body", reason: "field.too_long"},
		{name: "a short body", body: submission("body", "ngắn"), status: 422, code: invalid, field: "body", reason: "field.too_short"},
		{name: "no consent", body: submission("consent.terms", false), status: 422, code: invalid, field: "consent.terms", reason: "field.consent_required"},
		{name: "an address that is none", body: submission("submitter.email", "an@example"), status: 422, code: invalid, field: "submitter.email", reason: "field.not_an_email"},
		{name: "a second header in the address", body: submission("submitter.email", "an@example.vn\r\nBcc: b@example.vn"),
			status: 422, code: invalid, field: "submitter.email", reason: "field.not_an_email"},
		{name: "an organisation without a name", body: submission("submitter.type", "organisation"),
			status: 422, code: invalid, field: "submitter.organisation", reason: "field.required"},
		{name: "a hundred levels", body: strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100), status: 400, code: "request.malformed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.method, tt.path = "POST", "/submissions"
			tt.headers = append(tt.headers, vietnamese...)
			tt.run(t, w)
		})
	}
}

// utf16Text is a text as some programs write it, with a mark in front.
func utf16Text(s string) string {
	out := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, unit)
	}
	return string(out)
}

// harmless are texts that some other program would take for more than text.
var harmless = []string{
	`<script>alert(1)</script> <img src=x onerror=alert(1)>`, `=HYPERLINK("http://evil.test","click")`, `+cmd|' /C calc'!A0`,
	`'; DROP TABLE submissions; --`, `{{.}} ${7*7} %s %n`, `title:* AND body:(a OR "`, `a b` + "\u202e" + `txt.exe`, `😀 👩‍👩‍👧 ˆ`,
}

func TestTextIsText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i, text := range harmless {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			scenario{
				method: "POST", path: "/submissions", body: submission("body", text+" "+sampleBody), status: 201,
				jobs: map[store.JobKind]int{store.JobMatch: 1, store.JobSend: 1},
			}.run(t, w)
			scenario{method: "POST", path: "/similar", body: submission("body", text), status: 200}.run(t, w)
		})
	}
}

func TestHTMLComesBackAsItWasWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := w.send(t, "POST", "/submissions", submission("title", `<b>Đậm</b> & "ngoặc"`))
	var ack struct {
		Code  string `json:"code"`
		Token string `json:"tracking_token"`
	}
	r.into(t, &ack)
	r = w.send(t, "GET", "/submissions/"+ack.Code, "", "Authorization", "Bearer "+ack.Token)
	var got struct {
		Title string `json:"title"`
	}
	r.into(t, &got)
	if got.Title != `<b>Đậm</b> & "ngoặc"` || strings.Contains(r.body, "<b>") {
		t.Errorf("title %q in %s", got.Title, r.body)
	}
}

func TestProblemsSpeakEnglishWhenAsked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	vi := w.send(t, "POST", "/submissions", "{}").problem(t)
	en := w.send(t, "POST", "/submissions", "{}", "Accept-Language", "en").problem(t)
	if vi.Title == en.Title || vi.Fields[0].Message == en.Fields[0].Message {
		t.Errorf("the same words: %q and %q", vi.Title, en.Title)
	}
	if vi.Code != en.Code || vi.Fields[0].Code != en.Fields[0].Code {
		t.Error("codes depend on the language")
	}
}

func TestQueriesAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	staff := w.staff(t, "coordinator", "")
	tests := []struct{ path, field, reason string }{
		{"/search?per_page=101", "per_page", "field.out_of_range"},
		{"/search?page=0", "page", "field.out_of_range"},
		{"/search?page=two", "page", "field.not_a_number"},
		{"/search?page=600", "page", "field.out_of_range"},
		{"/search?sort=random", "sort", "field.unknown_value"},
		{"/search?kind=complaint", "kind", "field.unknown_value"},
		{"/search?status=open", "status", "field.unknown_value"},
		{"/search?outcome=yes", "outcome", "field.unknown_value"},
		{"/search?year=MMXX", "year", "field.out_of_range"},
		{"/search?from=22/11/2026", "from", "field.wrong_type"},
		{"/search?to=2026-02-30", "to", "field.wrong_type"},
		{"/search?q=" + strings.Repeat("a", 1001), "q", "field.too_long"},
		{"/staff/queue?due=never", "due", "field.unknown_value"},
		{"/staff/queue?sort=random", "sort", "field.unknown_value"},
		{"/staff/queue?status=open", "status", "field.unknown_value"},
		{"/staff/queue?per_page=1000", "per_page", "field.out_of_range"},
	}
	for _, tt := range tests {
		t.Run(tt.path[:min(len(tt.path), 30)], func(t *testing.T) {
			scenario{
				method: "GET", path: tt.path, headers: staff, status: 422, code: "input.invalid", field: tt.field, reason: tt.reason,
			}.run(t, w)
		})
	}
	scenario{method: "GET", path: "/search?q=%00", status: 400, code: "request.malformed"}.run(t, w)
	scenario{method: "GET", path: "/submissions/%ff", status: 400, code: "request.malformed"}.run(t, w)
}
