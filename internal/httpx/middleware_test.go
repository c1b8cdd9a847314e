package httpx_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
)

func request(ctx context.Context, t *testing.T, method, target string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(ctx, method, target, nil)
}

func TestTheLogHasOneEventWithoutPersonalData(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.POST("/vi/track/:code", failWith(errs.Wrap(errs.NotFound, "submission.not_found", errorString("an@example.vn"))))
	form := strings.NewReader("email=an%40example.vn&phone=0912345678")
	s.send(t, "POST", "/vi/track/HK-SECRET?email=an@example.vn", form,
		"Content-Type", "application/x-www-form-urlencoded", "Authorization", "Bearer tok-en", "Cookie", "hienke_staff=coo-kie",
		"User-Agent", "an@example.vn")

	log := s.log.String()
	if n := strings.Count(log, "\n"); n != 1 {
		t.Errorf("%d events: %s", n, log)
	}
	for _, private := range []string{"example.vn", "0912345678", "HK-SECRET", "192.0.2.1", "tok-en", "coo-kie", "email"} {
		if strings.Contains(log, private) {
			t.Errorf("the log holds %q: %s", private, log)
		}
	}
	var event map[string]any
	if err := json.Unmarshal([]byte(log), &event); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"level": "INFO", "msg": "request", "method": "POST", "route": "/vi/track/:code", "status": 404.0, "took": 0.0,
		"error_kind": "not_found", "error_code": "submission.not_found", "client": "p",
	}
	for name, v := range want {
		if diff := cmp.Diff(v, event[name]); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

type errorString string

func (e errorString) Error() string { return string(e) }

func TestOurOwnFaultsAreLoggedWithTheirCause(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/x", failWith(errorString("disk is full")))
	s.get(t, "/api/x")
	if log := s.log.String(); !strings.Contains(log, "disk is full") || !strings.Contains(log, `"level":"ERROR"`) {
		t.Errorf("log %s", log)
	}
}

func TestMetricsSeePatternsOnly(t *testing.T) {
	t.Parallel()
	type seen struct {
		Method, Route string
		Status        int
	}
	var got []seen
	s := newSite(t, func(o *httpx.Options) {
		o.Observe = func(method, route string, status int, _ time.Duration) {
			got = append(got, seen{method, route, status})
		}
	})
	s.GET("/api/x/:id", ok)
	s.Group("/api/y", func(next echo.HandlerFunc) echo.HandlerFunc { return next }).GET("/z", ok)
	s.get(t, "/api/x/7")
	s.send(t, "HEAD", "/api/x/7", nil)
	s.get(t, "/api/never-heard-of")
	s.get(t, "/api/y/never-heard-of")
	want := []seen{{"GET", "/api/x/:id", 200}, {"HEAD", "/api/x/:id", 200}, {"GET", "none", 404}, {"GET", "none", 404}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhatDoesNotExistSaysSo(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) {
		o.RenderPage = func(c echo.Context, p httpx.Problem) error { return c.HTML(p.Status, "page "+p.Code) }
	})
	s.GET("/api/x", ok)
	s.GET("/vi/x", ok)

	if p := problem(t, s.get(t, "/api/nothing")); p.Status != 404 || p.Code != httpx.CodeNoRoute {
		t.Errorf("%+v", p)
	}
	r := s.send(t, "DELETE", "/api/x", nil)
	if allow := r.Header.Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow %q", allow)
	}
	if p := problem(t, r); p.Status != 405 || p.Code != httpx.CodeMethod {
		t.Errorf("%+v", p)
	}
	r = s.get(t, "/vi/nothing")
	wantStatus(t, r, 404)
	if body := text(t, r); body != "page request.no_such_address" {
		t.Errorf("body %q", body)
	}
	r = s.get(t, "/apiary")
	if got := r.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/html") {
		t.Errorf("/apiary is not under /api, yet %q", got)
	}
}

func TestHeadAnswersAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/x", ok)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	for path, status := range map[string]int{"/api/x": 200, "/api/nothing": 404} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodHead, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		wantStatus(t, r, status)
		if body := text(t, r); body != "" || r.ContentLength <= 0 {
			t.Errorf("%s: body %q, length %d", path, body, r.ContentLength)
		}
	}
}

func TestOtherSitesCannotPostToPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) { o.Origins = []string{"https://hienke.example.vn"} })
	s.POST("/staff/x", ok)
	s.POST("/api/x", ok)
	tests := []struct {
		name, path string
		headers    []string
		status     int
	}{
		{"the same origin passes", "/staff/x", []string{"Sec-Fetch-Site", "same-origin"}, 200},
		{"another site is refused", "/staff/x", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"a sibling site is refused", "/staff/x", []string{"Sec-Fetch-Site", "same-site"}, 403},
		{"an old browser elsewhere is refused", "/staff/x", []string{"Origin", "https://evil.test"}, 403},
		{"the public origin behind a proxy passes", "/staff/x", []string{"Origin", "https://hienke.example.vn"}, 200},
		{"the API is not acted on by cookie", "/api/x", []string{"Sec-Fetch-Site", "cross-site", "Cookie", "hienke_staff=t"}, 200},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			wantStatus(t, s.send(t, "POST", tt.path, nil, tt.headers...), tt.status)
		})
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) { o.Secure = true })
	s.GET("/vi/x", ok)
	for _, path := range []string{"/vi/x", "/vi/nothing", "/api/nothing"} {
		h := s.get(t, path).Header
		policy := h.Get("Content-Security-Policy")
		if !strings.HasPrefix(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") || !strings.Contains(policy, "frame-ancestors 'none'") {
			t.Errorf("%s: policy %q", path, policy)
		}
		want := map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
			"Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		}
		for name, v := range want {
			if h.Get(name) != v {
				t.Errorf("%s: %s is %q", path, name, h.Get(name))
			}
		}
	}
	plain := newSite(t, nil)
	if plain.get(t, "/x").Header.Get("Strict-Transport-Security") != "" {
		t.Error("HSTS without https")
	}
}

func TestLongAnswersAreCompressedOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) { o.Precompressed = []string{"/assets/"} })
	long := strings.Repeat("ý kiến ", 1000)
	s.GET("/vi/long", func(c echo.Context) error { return c.String(http.StatusOK, long) })
	s.GET("/vi/short", ok)
	s.GET("/assets/a.css", func(c echo.Context) error {
		c.Response().Header().Set("Content-Encoding", "br")
		return c.String(http.StatusOK, long)
	})
	r := s.get(t, "/vi/long", "Accept-Encoding", "gzip")
	if r.Header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	z, err := gzip.NewReader(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(z); err != nil || string(b) != long {
		t.Errorf("other text after compression, %v", err)
	}
	if got := s.get(t, "/vi/short", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("short text is %q", got)
	}
	if got := s.get(t, "/assets/a.css", "Accept-Encoding", "gzip, br").Header.Get("Content-Encoding"); got != "br" {
		t.Errorf("compressed twice: %q", got)
	}
}

func TestTheServerLogsNoAddresses(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	server := httpx.NewServer(http.NotFoundHandler(), slog.New(slog.NewTextHandler(&log, nil)))
	server.ErrorLog.Print("http: TLS handshake error from 203.0.113.9:4711: EOF")
	server.ErrorLog.Print("http: TLS handshake error from [2001:db8::1]:4711: EOF")
	if got := log.String(); strings.Contains(got, "203.0") || strings.Contains(got, "db8") || !strings.Contains(got, "EOF") {
		t.Errorf("log %s", got)
	}
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 || server.IdleTimeout == 0 {
		t.Error("a timeout is missing")
	}
}

func TestLanguageIsThatOfThePathThenOfTheHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/*", func(c echo.Context) error { return c.String(http.StatusOK, string(httpx.Lang(c))) })
	for target, want := range map[string]string{"/en/x": "en", "/vi/x": "vi", "/staff/x": "en", "/en": "en"} {
		if got := text(t, s.get(t, target, "Accept-Language", "en")); got != want {
			t.Errorf("%s is %q, want %q", target, got, want)
		}
	}
	if got := text(t, s.get(t, "/api/x")); got != "vi" {
		t.Errorf("default %q", got)
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	if _, err := httpx.New(httpx.Options{}); err == nil {
		t.Error("missing options pass")
	}
	o := httpx.Options{Log: slog.New(slog.DiscardHandler), Now: time.Now, Translate: translate, Origins: []string{"nonsense"}}
	if _, err := httpx.New(o); err == nil {
		t.Error("a bad origin passes")
	}
}
