package intake_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"testing"
	"time"

	"hienke/internal/intake"
	"hienke/internal/limit/memlimit"
	"hienke/internal/testkit/house"
)

// gate is a service at whose gate people stand one after another.
type gate struct {
	*intake.Service
	t *testing.T
	h *house.House
	n int
}

func newGate(t *testing.T) *gate {
	t.Helper()
	h := house.New(t)
	s, _ := service(h)
	s.Limits, s.LeastTime = memlimit.New(h.Clock.Now, 0), 3*time.Second
	return &gate{s, t, h, 0}
}

// form is somebody who took two minutes to write a text of the own.
func (g *gate) form(address string, proven bool) []string {
	g.n++
	seen := intake.Sighting{Address: address, Form: true, Begun: g.h.Clock.Now().Add(-2 * time.Minute), Proven: proven}
	return g.Signs(g.t.Context(), seen, fmt.Sprintf("Ý kiến %d", g.n), fmt.Sprintf("Nội dung thứ %d của một người.", g.n))
}

func TestNormalUseIsNeverHeld(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		people  int
		every   time.Duration
		address func(n int) string
		proven  bool
	}{
		{"a family with one telephone", 6, 5 * time.Minute, func(int) string { return "203.0.113.7" }, false},
		{"a village office that helps 120 people in a day, without scripts", 120, 4 * time.Minute, func(int) string { return "203.0.113.7" }, false},
		{"a school of 60 at once", 60, 0, func(int) string { return "203.0.113.7" }, true},
		{"300 people behind one mobile address in an hour, with scripts", 300, 12 * time.Second, func(int) string { return "203.0.113.7" }, true},
		{"2,000 people on 200 addresses of one network in an hour", 2000, 1800 * time.Millisecond, func(n int) string {
			return fmt.Sprintf("203.0.113.%d", n%200)
		}, false},
		{"3,000 subscribers of IPv6 in an hour", 3000, 1200 * time.Millisecond, func(n int) string {
			return fmt.Sprintf("2001:db8:%x:%x::/64", n%4, n)
		}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t)
			for n := range tt.people {
				if signs := g.form(tt.address(n), tt.proven); len(signs) > 0 {
					t.Fatalf("person %d is held by %v", n+1, signs)
				}
				g.h.Clock.Advance(tt.every)
			}
		})
	}
}

// TestAMobileAddressWithoutScriptsIsAtWorstHeld: 300 people in an hour behind
// one address that nobody declared as shared, and no browser runs a script.
func TestAMobileAddressWithoutScriptsIsAtWorstHeld(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	held := 0
	for range 300 {
		if len(g.form("203.0.113.7", false)) > 0 {
			held++
		}
		g.h.Clock.Advance(12 * time.Second)
	}
	if held == 0 || held > 180 {
		t.Errorf("%d of 300 are held for a check", held)
	}
	t.Logf("%d of 300 are held for a check, none is refused", held)

	g.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")}
	for n := range 300 {
		if signs := g.form("198.51.100.1", false); len(signs) > 0 {
			t.Fatalf("person %d of a shared network is held by %v", n+1, signs)
		}
		g.h.Clock.Advance(12 * time.Second)
	}
}

func TestSigns(t *testing.T) {
	t.Parallel()
	now := house.New(t).Clock.Now()
	written := intake.Sighting{Form: true, Begun: now.Add(-time.Minute), Address: "192.0.2.1"}
	change := func(f func(*intake.Sighting)) intake.Sighting {
		s := written
		f(&s)
		return s
	}
	tests := []struct {
		name string
		seen intake.Sighting
		want []string
	}{
		{"nothing", written, nil},
		{"the trap", change(func(s *intake.Sighting) { s.Trap = true }), []string{intake.HoldHoneypot}},
		{"too fast", change(func(s *intake.Sighting) { s.Begun = now.Add(-time.Second) }), []string{intake.HoldFast}},
		{"no stamp", change(func(s *intake.Sighting) { s.Begun = time.Time{} }), []string{intake.HoldUnsigned}},
		{"both", change(func(s *intake.Sighting) { s.Trap, s.Begun = true, now }), []string{intake.HoldHoneypot, intake.HoldFast}},
		{"a program over the API has no form", intake.Sighting{Address: "192.0.2.1"}, nil},
		{"an unknown address", change(func(s *intake.Sighting) { s.Address = "" }), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := newGate(t).Signs(t.Context(), tt.seen, "Một", "Hai"); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestAFloodIsHeldWhereverItComesFrom(t *testing.T) {
	t.Parallel()
	flood := func(t *testing.T, people int, address func(int) string, text func(int) string, want string) {
		t.Helper()
		g := newGate(t)
		var last []string
		for n := range people {
			seen := intake.Sighting{Address: address(n), Form: true, Begun: g.h.Clock.Now().Add(-time.Hour), Proven: true}
			last = g.Signs(context.Background(), seen, text(n), "")
		}
		if !slices.Contains(last, want) {
			t.Errorf("after %d the signs are %v, want %s", people, last, want)
		}
	}
	each := func(n int) string { return fmt.Sprint("text ", n) }
	flood(t, 61, func(int) string { return "192.0.2.1" }, each, intake.HoldRate)
	flood(t, 301, func(n int) string { return fmt.Sprintf("192.0.2.%d", n%256) }, each, intake.HoldNetwork)
	flood(t, 301, func(n int) string { return fmt.Sprintf("2001:db8:0:%x::/64", n) }, each, intake.HoldNetwork)
	flood(t, 21, func(int) string { return "192.0.2.1" }, func(n int) string { return []string{"Một  hai!", "một hai", "MOT HAI"}[n%3] }, intake.HoldRepeat)
}

func TestTheStampOfAFormCannotBeMade(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	begun := g.h.Clock.Now().Truncate(time.Second)
	stamp := g.StampForm()
	g.h.Clock.Advance(time.Hour)
	if got := g.FormBegun(stamp); !got.Equal(begun) {
		t.Errorf("got %v, want %v", got, begun)
	}
	for _, forged := range []string{"", "1", "1.", ".", "1700000000.AAAA", stamp + "A", "1" + stamp, stamp[:len(stamp)-1], "-" + stamp} {
		if got := g.FormBegun(forged); !got.IsZero() {
			t.Errorf("%q says %v", forged, got)
		}
	}
}
