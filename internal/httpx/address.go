package httpx

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"
)

// peer returns the address at the other end of the connection. It is the zero
// Addr where there is none, as in a test.
func peer(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	return ap.Addr().Unmap().WithZone("")
}

func (k *kit) trusts(a netip.Addr) bool {
	return a.IsValid() && slices.ContainsFunc(k.TrustedProxies, func(p netip.Prefix) bool { return p.Contains(a) })
}

// clientIP walks X-Forwarded-For from the nearest hop outwards and returns the
// first address that no trusted proxy vouches for. What lies beyond it is the
// client's own invention.
func (k *kit) clientIP(r *http.Request) string {
	at := peer(r)
	if !at.IsValid() {
		return ""
	}
	hops := strings.Split(strings.Join(r.Header.Values(echo.HeaderXForwardedFor), ","), ",")
	for _, hop := range slices.Backward(hops) {
		if !k.trusts(at) {
			break
		}
		next, err := netip.ParseAddr(strings.TrimSpace(hop))
		if err != nil {
			break
		}
		at = next.Unmap().WithZone("")
	}
	return at.String()
}

// ClientNetwork returns the network that a limit may count this client by, or
// an empty string when its address is unknown. Addresses of IPv6 count per
// /64, which is what one subscriber gets. It is personal data.
func ClientNetwork(c echo.Context) string {
	a, err := netip.ParseAddr(c.RealIP())
	if err != nil {
		return ""
	}
	if a.Is6() {
		p, err := a.Prefix(64)
		if err != nil {
			return ""
		}
		return p.String()
	}
	return a.String()
}

// ClientKey returns ClientNetwork as a pseudonym, or an empty string when
// there is none.
func ClientKey(c echo.Context) string {
	k, ok := c.Get(keyKit).(*kit)
	network := ClientNetwork(c)
	if !ok || k.Pseudonym == nil || network == "" {
		return ""
	}
	return k.Pseudonym(network)
}
