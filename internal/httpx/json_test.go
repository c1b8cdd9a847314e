package httpx_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
)

type sample struct {
	Title  string `json:"title"`
	Days   int    `json:"days"`
	Sender *struct {
		Name string `json:"name"`
	} `json:"sender"`
	Tags []string `json:"tags"`
	Yes  bool     `json:"yes"`
}

// read runs ReadJSON on a body without a router around it.
func read(contentType string, body []byte, v any) error {
	r := httptest.NewRequest(http.MethodPost, "/api/x", bytes.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	_, err := httpx.ReadJSON(echo.New().NewContext(r, httptest.NewRecorder()), v)
	return err
}

func TestReadJSON(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name  string
		body  string
		code  string // empty: it is read
		field string
	}{
		{name: "reads one object", body: ` {"title":"Đường","sender":{"name":"An"},"tags":["a"],"yes":true} `},
		{name: "ignores unknown fields", body: `{"tittle":"x"}`},
		{name: "takes whole surrogate pairs", body: `{"title":"\ud83d\ude00"}`},
		{name: "takes escaped backslashes before u0000", body: `{"title":"\\u0000 \\ud800"}`},
		{name: "takes null for any field", body: `{"title":null,"sender":null}`},
		{name: "takes 32 levels", body: strings.Repeat(`{"a":`, 32) + `1` + strings.Repeat(`}`, 32)},

		{name: "refuses no body", body: ``, code: httpx.CodeMalformed},
		{name: "refuses null", body: `null`, code: httpx.CodeMalformed},
		{name: "refuses an array", body: `[{}]`, code: httpx.CodeMalformed},
		{name: "refuses a second object", body: `{}{}`, code: httpx.CodeMalformed},
		{name: "refuses half an object", body: `{"title":"a`, code: httpx.CodeMalformed},
		{name: "refuses a raw line break", body: "{\"title\":\"a\nb\"}", code: httpx.CodeMalformed},
		{name: "refuses a raw NUL", body: "{\"title\":\"a\x00b\"}", code: httpx.CodeMalformed},
		{name: "refuses what is not UTF-8", body: "{\"title\":\"\xff\"}", code: httpx.CodeMalformed},
		{name: "refuses 33 levels", body: strings.Repeat(`{"a":`, 33) + `1` + strings.Repeat(`}`, 33), code: httpx.CodeMalformed},
		{name: "refuses a million brackets", body: `{"a":` + strings.Repeat(`[`, 1e6), code: httpx.CodeMalformed},

		{name: "names a number for text", body: `{"title":7}`, code: httpx.CodeFieldType, field: "title"},
		{name: "names text for a number", body: `{"days":"7"}`, code: httpx.CodeFieldType, field: "days"},
		{name: "names a fraction", body: `{"days":1.5}`, code: httpx.CodeFieldType, field: "days"},
		{name: "names a number too large", body: `{"days":1e400}`, code: httpx.CodeFieldType, field: "days"},
		{name: "names text for an object", body: `{"sender":"An"}`, code: httpx.CodeFieldType, field: "sender"},
		{name: "names a nested field", body: `{"sender":{"name":[]}}`, code: httpx.CodeFieldType, field: "sender.name"},
		{name: "names text for truth", body: `{"yes":"true"}`, code: httpx.CodeFieldType, field: "yes"},

		{name: "names NUL", body: `{"title":"a\u0000"}`, code: httpx.CodeFieldCharacter, field: "title"},
		{name: "names a lone high surrogate", body: `{"a":1,"sender":{"name":"\ud800"}}`, code: httpx.CodeFieldCharacter, field: "sender.name"},
		{name: "names a lone low surrogate", body: `{"days":1,"title":"\udc00x"}`, code: httpx.CodeFieldCharacter, field: "title"},
		{name: "names a surrogate before text", body: `{"title":"\ud800x"}`, code: httpx.CodeFieldCharacter, field: "title"},
		{name: "names two high surrogates", body: `{"title":"\ud800\ud800"}`, code: httpx.CodeFieldCharacter, field: "title"},
		{name: "names a surrogate before an escape", body: `{"title":"\ud800\n"}`, code: httpx.CodeFieldCharacter, field: "title"},
		{name: "names the list of a bad word", body: `{"tags":["a","\u0000"]}`, code: httpx.CodeFieldCharacter, field: "tags"},
		{name: "finds NUL in unknown fields", body: `{"x":{"y":"\u0000"}}`, code: httpx.CodeFieldCharacter, field: "x.y"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var v sample
			err := read("application/json; charset=utf-8", []byte(tt.body), &v)
			if tt.code == "" {
				if err != nil {
					t.Fatalf("refused: %v", err)
				}
				return
			}
			if err == nil || errs.KindOf(err) != errs.Invalid {
				t.Fatalf("got %v, want Invalid", err)
			}
			code, field := errs.CodeOf(err), ""
			if fields := errs.FieldsOf(err); len(fields) == 1 {
				code, field = fields[0].Code, fields[0].Name
			}
			if diff := cmp.Diff([]string{tt.code, tt.field}, []string{code, field}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadJSONWantsJSON(t *testing.T) {
	t.Parallel()
	for kind, code := range map[string]string{
		"application/json": "", "application/merge-patch+json": "", "APPLICATION/JSON": "",
		"": httpx.CodeUnsupportedType, "text/plain": httpx.CodeUnsupportedType, "application/x-www-form-urlencoded": httpx.CodeUnsupportedType,
	} {
		err := read(kind, []byte(`{}`), &sample{})
		if (code == "") != (err == nil) || err != nil && errs.CodeOf(err) != code {
			t.Errorf("%q: %v", kind, err)
		}
	}
}

func TestReadOptionalJSONTakesNoBody(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		kind, body string
		good       bool
	}{
		{"", "", true}, {"", " \n", true}, {"application/json", `{"days":3}`, true},
		{"", "{}", false}, {"application/json", "[]", false}, {"application/json", `{"days":"3"}`, false},
	} {
		s := newSite(t, nil)
		s.POST("/api/x", func(c echo.Context) error {
			if err := httpx.ReadOptionalJSON(c, &sample{}); err != nil {
				return err
			}
			return c.NoContent(http.StatusNoContent)
		})
		r := s.send(t, "POST", "/api/x", strings.NewReader(tt.body), "Content-Type", tt.kind)
		if good := r.StatusCode == http.StatusNoContent; good != tt.good {
			t.Errorf("%q %q: status %d", tt.kind, tt.body, r.StatusCode)
		}
	}
}

// FuzzReadJSON holds that no body whatever is our fault: it is read, or it is
// Invalid, and what was read is text that a database takes.
func FuzzReadJSON(f *testing.F) {
	for _, seed := range []string{
		`{"title":"a\u0000"}`, `{"title":"\ud800"}`, `{"sender":{"name":"\ud83d\ude00"}}`, `{"tags":["`, `[[[[`, `{"a":{"b":[{"c":1}]}}`, `"\`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var v sample
		err := read("application/json", body, &v)
		if err != nil {
			if errs.KindOf(err) != errs.Invalid {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if strings.ContainsRune(v.Title, 0) {
			t.Fatalf("%q let NUL through", body)
		}
		if strings.Contains(v.Title, "\uFFFD") && !bytes.Contains(body, []byte("\uFFFD")) && !bytes.Contains(bytes.ToLower(body), []byte(`\ufffd`)) {
			t.Fatalf("%q changed in silence to %q", body, v.Title)
		}
	})
}
