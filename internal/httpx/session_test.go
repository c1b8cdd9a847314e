package httpx_test

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// tokens is who holds which session in these tests.
func tokens(_ context.Context, token string) (civic.Actor, error) {
	switch token {
	case "officer":
		return civic.Actor{Kind: civic.ActorStaff, Name: "officer", Role: civic.RoleOfficer, Agency: "most"}, nil
	case "broken":
		return civic.Actor{}, errors.New("database away")
	}
	return civic.Actor{}, errs.New(errs.Unauthenticated, "session.unknown")
}

func staffSite(t *testing.T, secure bool) *site {
	t.Helper()
	s := newSite(t, func(o *httpx.Options) { o.Secure = secure })
	who := func(c echo.Context) error {
		return c.String(http.StatusOK, httpx.ActorFrom(c).Name+" "+httpx.SessionFrom(c))
	}
	for _, prefix := range []string{"/api/staff", "/staff"} {
		g := s.Group(prefix, httpx.Staff(tokens))
		g.GET("/queue", who, httpx.Require(civic.SeeQueue))
		g.GET("/users", who, httpx.Require(civic.ManageUsers))
		g.GET("/me", who, httpx.RequireStaff)
		g.GET("/anyone", who)
	}
	s.POST("/staff/sign-in", func(c echo.Context) error {
		httpx.SetSession(c, "officer", 12*time.Hour)
		return c.NoContent(http.StatusNoContent)
	})
	return s
}

func TestStaffRoutes(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, path string
		headers    []string
		status     int
		body       string
	}{
		{"a bearer token opens the API", "/api/staff/queue", []string{"Authorization", "Bearer officer"}, 200, "officer officer"},
		{"the scheme has no case", "/api/staff/me", []string{"Authorization", "bearer officer"}, 200, "officer officer"},
		{"a cookie does not open the API", "/api/staff/queue", []string{"Cookie", "hienke_staff=officer"}, 401, "actor.not_signed_in"},
		{"a cookie opens pages", "/staff/queue", []string{"Cookie", "hienke_staff=officer"}, 200, "officer officer"},
		{"a bearer token does not open pages", "/staff/queue", []string{"Authorization", "Bearer officer"}, 401, ""},
		{"nobody is refused", "/api/staff/queue", nil, 401, "actor.not_signed_in"},
		{"nobody is refused where any account will do", "/api/staff/me", nil, 401, "actor.not_signed_in"},
		{"a missing permission is refused", "/api/staff/users", []string{"Authorization", "Bearer officer"}, 403, "actor.not_allowed"},
		{"an unknown token is refused", "/api/staff/anyone", []string{"Authorization", "Bearer guessed"}, 401, "session.unknown"},
		{"another scheme is refused", "/api/staff/anyone", []string{"Authorization", "Basic b2ZmaWNlcg=="}, 401, httpx.CodeCredentials},
		{"an empty token is refused", "/api/staff/anyone", []string{"Authorization", "Bearer "}, 401, httpx.CodeCredentials},
		{"two tokens are refused", "/api/staff/anyone", []string{"Authorization", "Bearer officer", "Authorization", "Bearer a"}, 401, httpx.CodeCredentials},
		{"an old cookie makes a stranger", "/staff/anyone", []string{"Cookie", "hienke_staff=old"}, 200, " "},
		{"a broken look-up is our fault", "/staff/anyone", []string{"Cookie", "hienke_staff=broken"}, 500, ""},
	}
	s := staffSite(t, false)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := s.get(t, tt.path, tt.headers...)
			wantStatus(t, r, tt.status)
			if r.StatusCode == 401 && strings.HasPrefix(tt.path, "/api") && r.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Error("no WWW-Authenticate")
			}
			if body := text(t, r); !strings.Contains(body, tt.body) {
				t.Errorf("body %q", body)
			}
		})
	}
	if got := s.get(t, "/staff/anyone", "Cookie", "hienke_staff=old").Header.Get("Set-Cookie"); !strings.Contains(got, "Max-Age=0") {
		t.Errorf("the old cookie stays: %q", got)
	}
}

func TestTheSessionCookieIsHeldToThisHost(t *testing.T) {
	t.Parallel()
	got := staffSite(t, true).send(t, "POST", "/staff/sign-in", nil).Header.Get("Set-Cookie")
	want := "__Host-hienke_staff=officer; Path=/; Max-Age=43200; HttpOnly; Secure; SameSite=Lax"
	if got != want {
		t.Errorf("cookie %q\nwant   %q", got, want)
	}
	got = staffSite(t, false).send(t, "POST", "/staff/sign-in", nil).Header.Get("Set-Cookie")
	if !strings.HasPrefix(got, "hienke_staff=officer;") || strings.Contains(got, "Secure") {
		t.Errorf("cookie without https %q", got)
	}
}

func TestSetActor(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/x", func(c echo.Context) error {
		httpx.SetActor(c, civic.SenderOf(7))
		return c.String(http.StatusOK, strconv.FormatInt(int64(httpx.ActorFrom(c).Submission), 10))
	})
	if got := text(t, s.get(t, "/api/x")); got != "7" {
		t.Errorf("got %q", got)
	}
}

func TestConditionalHeaders(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/if", func(c echo.Context) error {
		v, err := httpx.IfMatch(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, strconv.Itoa(v))
	})
	for header, want := range map[string]string{
		`"v7"`: "7", `W/"v7"`: "7", ` "v12" `: "12",
		"": "428", "*": "428",
		"v7": "412", `"7"`: "412", `"v0"`: "412", `"v-1"`: "412", `"v+1"`: "412", `"v1", "v2"`: "412", `"v`: "412", `"v99999999999999999999"`: "412", `"v"`: "412",
	} {
		r := s.get(t, "/api/if", "If-Match", header)
		got := text(t, r)
		if r.StatusCode != 200 {
			got = strconv.Itoa(r.StatusCode)
		}
		if got != want {
			t.Errorf("If-Match %s gives %s, want %s", header, got, want)
		}
	}
	if got := httpx.ETag(7); got != `"v7"` {
		t.Errorf("ETag %s", got)
	}
}

func TestIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.POST("/api/key", func(c echo.Context) error {
		key, err := httpx.IdempotencyKey(c)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, key)
	})
	long := strings.Repeat("k", 128)
	for key, good := range map[string]bool{
		"a": true, long: true, `"quoted-{}~!"`: true, long + "k": false, "two words": false, "đ": false, "": false, "tab\t": false,
	} {
		r := s.send(t, "POST", "/api/key", nil, "Idempotency-Key", key)
		if good {
			wantStatus(t, r, 200)
			if got := text(t, r); got != key {
				t.Errorf("key %q read as %q", key, got)
			}
			continue
		}
		if p := problem(t, r); p.Status != 422 || p.Fields[0].Name != "Idempotency-Key" {
			t.Errorf("key %q: %+v", key, p)
		}
	}
	wantStatus(t, s.send(t, "POST", "/api/key", nil, "Idempotency-Key", "a", "Idempotency-Key", "b"), 422)
	if got := text(t, s.send(t, "POST", "/api/key", nil)); got != "" {
		t.Errorf("no key read as %q", got)
	}
}

func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/list", func(c echo.Context) error {
		p, err := httpx.ParsePage(c, 20, 100)
		if err != nil {
			return err
		}
		return c.String(http.StatusOK, strconv.Itoa(p.Number)+" "+strconv.Itoa(p.Size))
	})
	for query, want := range map[string]string{"": "1 20", "page=3&per_page=100": "3 100", "page=&per_page=": "1 20"} {
		if got := text(t, s.get(t, "/api/list?"+query)); got != want {
			t.Errorf("%q is %q, want %q", query, got, want)
		}
	}
	p := problem(t, s.get(t, "/api/list?page=x&per_page=101"))
	if p.Status != 422 || len(p.Fields) != 2 || p.Fields[0].Code != httpx.CodeFieldNumber || p.Fields[1].Message != "per_page từ 1 đến 100" {
		t.Errorf("%+v", p)
	}
	for _, query := range []string{"page=0", "page=-1", "page=99999999999999999999", "page=10001"} {
		if p := problem(t, s.get(t, "/api/list?"+query)); p.Status != 422 || p.Fields[0].Code != httpx.CodeFieldRange {
			t.Errorf("%s: %+v", query, p)
		}
	}
}
