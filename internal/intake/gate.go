package intake

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/limit"
	"hienke/internal/proof"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// The gate looks at how something came in. Whatever it notices, the submission
// is received: it waits for a coordinator's look before anything else, with the
// signs written into its history.

// Why a submission is checked first. They are stable codes.
const (
	HoldHoneypot = "hold.honeypot" // a field that people do not see was filled in
	HoldFast     = "hold.fast"     // quicker than anybody writes
	HoldUnsigned = "hold.unsigned" // the form's first page was never fetched
	HoldRate     = "hold.rate"     // many from one address
	HoldNetwork  = "hold.network"  // many from one network
	HoldRepeat   = "hold.repeat"   // the same text again and again from one address
)

// Sighting is how a submission came in, as far as a face can tell.
type Sighting struct {
	// Address is the sender's network address, an IPv6 one as its /64; empty
	// where nobody knows.
	Address string
	// Trap tells that the honeypot was filled in.
	Trap bool
	// Form tells that it came through a form, which Begun and Proven are of.
	Form bool
	// Begun is when the form's first page was fetched; zero without its stamp.
	Begun time.Time
	// Proven tells that the browser did the proof of work. Without scripts
	// nobody can, so it only widens a limit.
	Proven bool
}

// The limits by where a submission comes from. An office, a school or a village
// behind one address sends sixty at once and six a minute after that.
var (
	perAddress = limit.Rule{Name: "submit", Burst: 60, Every: 10 * time.Second}
	// Without a proof of work: two a minute, which is five hundred people in a
	// working day on telephones that run no script.
	perBareAddress = limit.Rule{Name: "submit.bare", Burst: 30, Every: 30 * time.Second}
	// An address that is known to stand for many people of a mobile network.
	perSharedAddress = limit.Rule{Name: "submit.shared", Burst: 600, Every: time.Second}
	// The network around an address: 256 addresses of IPv4, a /48 of IPv6, which
	// is what one customer of a data centre gets.
	perNetwork = limit.Rule{Name: "submit.network", Burst: 300, Every: 2 * time.Second}
	// The same words from one address: a class or an office that sends one letter
	// is joined by matching and needs no check; a program that sends it all day
	// does.
	perText = limit.Rule{Name: "submit.text", Burst: 20, Every: 10 * time.Minute}
)

// Bits of the network around an address.
const (
	networkBits4 = 24
	networkBits6 = 48
)

// Signs counts one submission and returns why it must be checked first, the
// strongest sign first, or nothing. Nobody is ever refused by it.
func (s *Service) Signs(ctx context.Context, seen Sighting, title, body string) []string {
	var signs []string
	if seen.Trap {
		signs = append(signs, HoldHoneypot)
	}
	if seen.Form && s.LeastTime > 0 {
		switch {
		case seen.Begun.IsZero():
			signs = append(signs, HoldUnsigned)
		case s.Now().Sub(seen.Begun) < s.LeastTime:
			signs = append(signs, HoldFast)
		}
	}
	if seen.Address == "" {
		return signs
	}
	over := func(rule limit.Rule, of string) bool {
		return !s.Limits.Allow(ctx, rule, s.Keys.Pseudonym(rule.Name, of)).Allowed
	}
	rule, network, shared := perAddress, "", false
	if at, err := netip.ParsePrefix(prefixOf(seen.Address)); err == nil {
		shared = slices.ContainsFunc(s.SharedNetworks, func(p netip.Prefix) bool { return p.Contains(at.Addr()) })
		network = around(at.Addr())
	}
	switch {
	case shared:
		rule = perSharedAddress
	case seen.Form && !seen.Proven:
		rule = perBareAddress
	}
	if over(rule, seen.Address) {
		signs = append(signs, HoldRate)
	}
	if network != "" && !shared && over(perNetwork, network) {
		signs = append(signs, HoldNetwork)
	}
	text := sha256.Sum256([]byte(strings.Join(vitext.Words(title+"\n"+body), " ")))
	if over(perText, seen.Address+"\x00"+base64.RawURLEncoding.EncodeToString(text[:])) {
		signs = append(signs, HoldRepeat)
	}
	return signs
}

// prefixOf writes an address as the prefix of itself.
func prefixOf(address string) string {
	if a, err := netip.ParseAddr(address); err == nil {
		return netip.PrefixFrom(a, a.BitLen()).String()
	}
	return address
}

// around is the network that an address lies in.
func around(a netip.Addr) string {
	bits := networkBits4
	if a.Is6() {
		bits = networkBits6
	}
	p, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return p.String()
}

// formPurpose is what the stamp of a form's first page is for.
const formPurpose = "form"

// StampForm writes down, unforgeably, that a form was fetched now.
func (s *Service) StampForm() string {
	at := strconv.FormatInt(s.Now().Unix(), 10)
	return at + "." + s.Keys.Stamp(formPurpose, at)
}

// FormBegun reads a stamp of StampForm; what is none is the zero time.
func (s *Service) FormBegun(stamp string) time.Time {
	at, mac, _ := strings.Cut(stamp, ".")
	seconds, err := strconv.ParseInt(at, 10, 64)
	if err != nil || !s.Keys.StampMatches(formPurpose, at, mac) {
		return time.Time{}
	}
	return time.Unix(seconds, 0).UTC()
}

func (s *Service) proofs() proof.Issuer { return proof.Issuer{Key: s.Keys.StampKey("proof")} }

// Challenge makes a task for a browser, see package proof.
func (s *Service) Challenge() (proof.Challenge, error) { return s.proofs().Issue(s.Random, s.Now()) }

// Prove reports whether a browser did a task of ours, for the first time. What
// is wrong with a proof matters to nobody: without one a limit is stricter.
func (s *Service) Prove(ctx context.Context, payload string) bool {
	found, err := s.proofs().Check(payload, s.Now())
	if err != nil {
		return false
	}
	first := false
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		first, err = tx.Proofs().Spend(ctx, store.Nonce(found.Nonce), found.ExpiresAt)
		return err
	})
	return err == nil && first
}
