package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"hienke/internal/demo"
	"hienke/internal/testkit"
)

// signInto signs a browser in, which calls itself agent.
func (h *house) signInto(t *testing.T, agent, email, password string) (v *visitor, page string) {
	t.Helper()
	v = h.visitor(t)
	v.agent = agent
	return v, v.post(t, mailSite+"/staff/sign-in", "email", email, "password", password)
}

// TestAccountsByMail goes the way of a new colleague over a real mail server:
// invitation, password, a forgotten one, a device that is not known.
func TestAccountsByMail(t *testing.T) {
	t.Parallel()
	const (
		first, second    = "cau-vong-sau-mua-7", "mai-ngoi-do-tuoi-9"
		firefox, android = "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0", "Mozilla/5.0 (Linux; Android 15) Chrome/140.0"
	)
	h, smtp := withMail(t)
	box := mailbox{smtp, "moi@example.test"}
	admin, _ := h.signInto(t, firefox, demo.Administrator, password)
	admin.post(t, mailSite+"/staff/users", "email", box.address, "name", "Đặng Thị Thử Mới", "role", "officer", "agency", "bo-khoa-hoc-cong-nghe")

	invitation := box.wait(t, 1)
	link := linkIn(t, invitation, "/staff/link/")
	for range 2 { // a mail program opens links by itself
		if page := h.visitor(t).get(t, link); !strings.Contains(page, box.address) {
			t.Errorf("the link says %s", beginning(page))
		}
	}
	h.visitor(t).post(t, link, "password", first)
	if got := h.status(t, link); got != http.StatusGone {
		t.Errorf("the link answers %d after it was used", got)
	}
	if _, page := h.signInto(t, firefox, box.address, first); !strings.Contains(page, "Đặng Thị Thử Mới") {
		t.Fatalf("the account does not stand: %s", beginning(page))
	}

	h.visitor(t).post(t, mailSite+"/staff/reset", "email", box.address)
	reset := linkIn(t, box.wait(t, 2), "/staff/link/")
	h.visitor(t).post(t, reset, "password", second)
	changed := box.wait(t, 3)
	h.do(t, http.MethodPost, "/api/v1/staff/sessions", map[string]any{"email": box.address, "password": first}).want(t, http.StatusUnauthorized)

	h.signInto(t, android, box.address, second)
	device := box.wait(t, 4)
	if fact(t, device, "Thiết bị") != "Chrome, Android" {
		t.Errorf("of the new device is said:\n%s", text(device))
	}
	for _, m := range []testkit.Message{invitation, changed, device} {
		if m.Header.Get("Content-Language") != "vi, en" || m.Header.Get("Auto-Submitted") != "auto-generated" || m.Header.Get("References")+m.Header.Get("List-Unsubscribe") != "" {
			t.Errorf("%q: %v", m.Subject, m.Header)
		}
		for _, secret := range []string{first, second, demo.Administrator} {
			if strings.Contains(text(m)+m.Text("text/html"), secret) {
				t.Errorf("%q holds %q", m.Subject, secret)
			}
		}
	}
	if n := len(box.all()); n != 4 {
		t.Errorf("%d mails came, want 4", n)
	}
}

// status is what a link answers.
func (h *house) status(t *testing.T, link string) int {
	t.Helper()
	u, err := url.Parse(link)
	if err != nil {
		t.Fatal(err)
	}
	return h.do(t, http.MethodGet, u.Path, nil).status
}
