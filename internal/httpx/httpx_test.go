package httpx_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// site is a router under test together with what it logged.
type site struct {
	*echo.Echo
	log bytes.Buffer
}

// texts is the catalogue of these tests.
var texts = map[string]string{
	"problem.kind.internal":                "Hệ thống gặp lỗi.",
	"problem.kind.conflict":                "Hồ sơ đã thay đổi.",
	"problem.request.malformed":            "Không đọc được.",
	"problem.field.required":               "Hãy điền {label}",
	"problem.at.title.required":            "Nhập tiêu đề",
	"problem.field.too_long":               "{label} dài nhất {max}",
	"problem.at.submitter.name.required":   "Nhập họ và tên",
	"en problem.request.no_such_address":   "Nothing lives at this address.",
	"problem.request.no_such_address":      "Không có địa chỉ này.",
	"problem.field.wrong_type":             "{label} phải là {expected}",
	"problem.request.method_not_allowed":   "Không nhận kiểu yêu cầu này.",
	"problem.submission.move_not_allowed":  "Trạng thái không cho phép.",
	"problem.submission.version_missing":   "Thiếu If-Match.",
	"problem.field.unreadable_character":   "{label} có ký tự không đọc được",
	"problem.field.not_an_idempotency_key": "{label} sai",
	"problem.request.unsupported_type":     "Cần JSON.",
	"problem.request.too_large":            "Quá lớn.",
	"problem.request.cross_origin":         "Yêu cầu đến từ trang khác.",
	"problem.actor.not_signed_in":          "Cần đăng nhập.",
	"problem.field.out_of_range":           "{label} từ {min} đến {max}",
	"problem.field.not_a_number":           "{label} phải là số",
	"problem.submission.version_mismatch":  "Bản đã cũ.",
	"problem.kind.rate_limited":            "Quá nhiều.",
	"problem.kind.unavailable":             "Gián đoạn.",
	"problem.request.bad_credentials":      "Sai.",
	"problem.submission.not_found":         "Không tìm thấy.",
	"problem.actor.not_allowed":            "Không được phép.",
	"problem.request.refused":              "Bị từ chối.",
}

func translate(lang i18n.Lang, key string, params map[string]string) string {
	s, ok := texts[string(lang)+" "+key]
	if !ok {
		s, ok = texts[key]
	}
	if !ok {
		return i18n.Missing(key)
	}
	for name, v := range params {
		s = strings.ReplaceAll(s, "{"+name+"}", v)
	}
	return s
}

// newSite returns a router with the middleware of the kit. change may alter
// the options.
func newSite(t *testing.T, change func(*httpx.Options)) *site {
	t.Helper()
	s := &site{}
	o := httpx.Options{
		Log:       slog.New(slog.NewJSONHandler(&s.log, nil)),
		Now:       func() time.Time { return time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC) },
		Translate: translate,
		Pseudonym: func(address string) string { return "p" + strings.Repeat("x", len(address)%3) },
		Jitter:    func() float64 { return 0 },
	}
	if change != nil {
		change(&o)
	}
	e, err := httpx.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.Echo = e
	return s
}

// get sends a request without a body.
func (s *site) get(t *testing.T, target string, headers ...string) *http.Response {
	t.Helper()
	return s.send(t, http.MethodGet, target, nil, headers...)
}

// send sends a request through the router; headers alternate names and values.
func (s *site) send(t *testing.T, method, target string, body io.Reader, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, body)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return s.do(r)
}

func (s *site) do(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Result()
}

// text returns the body of an answer.
func text(t *testing.T, r *http.Response) string {
	t.Helper()
	defer func() { _ = r.Body.Close() }()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// problem returns the answer as a problem, and fails when it is none.
func problem(t *testing.T, r *http.Response) httpx.Problem {
	t.Helper()
	if got := r.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("Content-Type %q", got)
	}
	var p httpx.Problem
	if err := json.Unmarshal([]byte(text(t, r)), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != r.StatusCode {
		t.Errorf("status in the body %d, on the line %d", p.Status, r.StatusCode)
	}
	if p.Title == "" || p.Code == "" || p.RequestID == "" || p.Fields == nil {
		t.Errorf("incomplete problem %+v", p)
	}
	if p.RequestID != r.Header.Get("X-Request-Id") {
		t.Errorf("request id in the body %q, in the header %q", p.RequestID, r.Header.Get("X-Request-Id"))
	}
	return p
}

func wantStatus(t *testing.T, r *http.Response, want int) {
	t.Helper()
	if r.StatusCode != want {
		t.Errorf("status %d, want %d", r.StatusCode, want)
	}
}

func ok(c echo.Context) error { return c.String(http.StatusOK, "ok") }

// testPeer holds the peer of requests that httptest makes.
var testPeer = netip.MustParsePrefix("192.0.2.0/24")
