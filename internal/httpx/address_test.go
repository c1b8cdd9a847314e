package httpx_test

import (
	"net/http"
	"net/netip"
	"testing"

	"github.com/labstack/echo/v4"

	"hienke/internal/httpx"
)

func TestForwardingHeadersAreBelievedFromProxiesOnly(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{testPeer, netip.MustParsePrefix("10.0.0.0/8")}
	tests := []struct {
		name    string
		trusted []netip.Prefix
		headers []string
		want    string
	}{
		{"no proxy, no belief", nil, []string{"X-Forwarded-For", "203.0.113.9"}, "192.0.2.1"},
		{"the last stranger counts", proxies, []string{"X-Forwarded-For", "1.1.1.1, 203.0.113.9, 10.0.0.2"}, "203.0.113.9"},
		{"several headers are one list", proxies, []string{"X-Forwarded-For", "1.1.1.1", "X-Forwarded-For", "203.0.113.9"}, "203.0.113.9"},
		{"nonsense ends the walk", proxies, []string{"X-Forwarded-For", "203.0.113.9, what, 10.0.0.2"}, "10.0.0.2"},
		{"no header", proxies, nil, "192.0.2.1"},
		{"a mapped address is plain", proxies, []string{"X-Forwarded-For", "::ffff:203.0.113.9"}, "203.0.113.9"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *httpx.Options) { o.TrustedProxies = tt.trusted })
			s.GET("/api/ip", func(c echo.Context) error { return c.String(http.StatusOK, c.RealIP()) })
			if got := text(t, s.get(t, "/api/ip", tt.headers...)); got != tt.want {
				t.Errorf("client %s, want %s", got, tt.want)
			}
		})
	}
}

func TestRequestIDsComeFromProxiesOnly(t *testing.T) {
	t.Parallel()
	id := func(trusted []netip.Prefix, sent string) string {
		s := newSite(t, func(o *httpx.Options) {
			o.TrustedProxies = trusted
			o.NewRequestID = func() string { return "own" }
		})
		return s.get(t, "/api/x", "X-Request-Id", sent).Header.Get("X-Request-Id")
	}
	if got := id([]netip.Prefix{testPeer}, "proxy-id-1"); got != "proxy-id-1" {
		t.Errorf("got %q", got)
	}
	if got := id([]netip.Prefix{testPeer}, "bad id\"}"); got != "own" {
		t.Errorf("an insane id was taken: %q", got)
	}
	if got := id(nil, "proxy-id-1"); got != "own" {
		t.Errorf("a stranger's id was taken: %q", got)
	}
}

func TestClientsOfOneIPv6NetworkShareAKey(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) {
		o.TrustedProxies = []netip.Prefix{testPeer}
		o.Pseudonym = func(address string) string { return "<" + address + ">" }
	})
	s.GET("/api/key", func(c echo.Context) error { return c.String(http.StatusOK, httpx.ClientKey(c)) })
	if got := text(t, s.get(t, "/api/key", "X-Forwarded-For", "2001:db8:1:2:3:4:5:6")); got != "<2001:db8:1:2::/64>" {
		t.Errorf("got %q", got)
	}
}
