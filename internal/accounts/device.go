package accounts

import (
	"context"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/limit"
	"hienke/internal/store"
)

// Sign-in tries are slowed per account and network together, and per network
// whoever is tried: a stranger elsewhere cannot lock an account's owner out. A
// device that signed in before carries a signed mark and is counted by itself,
// so that not even tries out of the owner's own network slow it.
var (
	perAccount = limit.Rule{Name: "signin-account", Burst: 10, Every: 30 * time.Second}
	perAddress = limit.Rule{Name: "signin-address", Burst: 50, Every: 5 * time.Second}
	perDevice  = limit.Rule{Name: "signin-device", Burst: 10, Every: 30 * time.Second}
)

const (
	// devicesKept is how many accounts a browser remembers.
	devicesKept = 4
	deviceParts = 2
	// maxDevice bounds what a browser calls itself, in bytes.
	maxDevice = 300
)

// limit counts a try.
func (s *Service) limit(ctx context.Context, a Attempt) error {
	tries := []struct {
		rule limit.Rule
		key  string
	}{{perAccount, a.Email + "\x00" + a.Client}, {perAddress, a.Client}}
	if mark := s.knownDevice(a.Email, a.Known); mark != "" {
		tries = tries[:1]
		tries[0].rule, tries[0].key = perDevice, mark
	}
	for _, try := range tries {
		if v := s.Limits.Allow(ctx, try.rule, s.Keys.Pseudonym(try.rule.Name, try.key)); !v.Allowed {
			return &errs.Error{Kind: errs.RateLimited, Code: "signin.too_many_tries", RetryAfter: v.RetryAfter}
		}
	}
	return nil
}

// knownDevice returns the mark by which a browser proves that the account
// signed in on it before, or nothing.
func (s *Service) knownDevice(email, cookie string) string {
	for _, mark := range strings.Split(cookie, "~") {
		parts := strings.SplitN(mark, ".", deviceParts)
		if len(parts) == deviceParts && s.Keys.StampMatches("device", email+"\x00"+parts[0], parts[1]) {
			return mark
		}
	}
	return ""
}

// markDevice returns the cookie with a mark for the account in front.
func (s *Service) markDevice(email, cookie string) (string, error) {
	if s.knownDevice(email, cookie) != "" {
		return cookie, nil
	}
	nonce, err := s.draw()
	if err != nil {
		return "", err
	}
	marks := []string{nonce + "." + s.Keys.Stamp("device", email+"\x00"+nonce)}
	for _, old := range strings.Split(cookie, "~") {
		if old != "" && len(marks) < devicesKept {
			marks = append(marks, old)
		}
	}
	return strings.Join(marks, "~"), nil
}

// tellNewDevice mails the owner of an account that signed in before about a
// sign-in from a device that is not known, once a day for each kind of device.
func (s *Service) tellNewDevice(ctx context.Context, tx store.Tx, u civic.User, device string) error {
	if u.SignedInAt.IsZero() || device == "" {
		return nil
	}
	told, err := tx.AccountMails().Since(ctx, u.ID, MailNewDevice, device, s.Now().Add(-24*time.Hour))
	if err != nil || told > 0 {
		return err
	}
	return s.mail(ctx, tx, u.ID, MailNewDevice, "", device)
}

// DeviceWords names a browser and a system out of what a browser calls itself,
// such as "Firefox, Windows": enough to tell one's own devices apart.
func DeviceWords(agent string) string {
	browser := firstOf(agent, "Edg/ Edge", "OPR/ Opera", "SamsungBrowser/ Samsung Internet", "coc_coc_browser/ Cốc Cốc", "Firefox/ Firefox", "Chrome/ Chrome", "Safari/ Safari")
	system := firstOf(agent, "Android Android", "iPhone iPhone", "iPad iPad", "Windows Windows", "Mac macOS", "CrOS ChromeOS", "Linux Linux")
	switch {
	case browser != "" && system != "":
		return browser + ", " + system
	case browser+system != "":
		return browser + system
	case agent == "":
		return ""
	}
	program, _, _ := strings.Cut(agent, "/")
	return program[:min(len(program), 40)]
}

// firstOf returns the name of the first mark that occurs.
func firstOf(agent string, named ...string) string {
	for _, n := range named {
		mark, name, _ := strings.Cut(n, " ")
		if strings.Contains(agent, mark) {
			return name
		}
	}
	return ""
}
