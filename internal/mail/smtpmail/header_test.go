package smtpmail

import (
	"strings"
	"testing"

	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/testkit"
)

func TestTextAndHTMLTravelTogether(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	m := receipt
	m.HTML = "<!DOCTYPE html>\n<html lang=\"vi\"><p>Kính gửi ông/bà, " + strings.Repeat("chữ ", 500) + "</p></html>\n"
	m.Thread, m.Unsubscribe, m.Bounce = "hk1.case@hienke.test", "https://hienke.test/vi/stop/x_1-a", "17-abc"
	s := sender(t, server.Addr(), func(c *Config) { c.ReturnPath = "bounce+{token}@hienke.test" })
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got := server.Messages()[0]
	if !strings.HasPrefix(got.Header.Get("Content-Type"), "multipart/alternative") || len(got.Parts) != 2 ||
		got.Parts[0].MediaType != "text/plain" || got.Parts[1].MediaType != "text/html" {
		t.Fatalf("%s with %+v", got.Header.Get("Content-Type"), got.Parts)
	}
	if html := strings.ReplaceAll(got.Text("text/html"), "\r\n", "\n"); html != m.HTML {
		t.Errorf("the HTML is %q", html)
	}
	if got.From != "bounce+17-abc@hienke.test" {
		t.Errorf("reports go to %s", got.From)
	}
	for name, want := range map[string]string{
		"References": "<hk1.case@hienke.test>", "In-Reply-To": "<hk1.case@hienke.test>",
		"List-Unsubscribe": "<https://hienke.test/vi/stop/x_1-a>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if have := got.Header.Get(name); have != want {
			t.Errorf("%s: %q, want %q", name, have, want)
		}
	}
	for line := range strings.SplitSeq(string(got.Raw), "\r\n") {
		if len(line) > 998 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line is too long or not ASCII: %q", line)
		}
	}
}

func TestAskingTheServerSendsNothing(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	if err := sender(t, server.Addr(), nil).Ping(t.Context()); err != nil || len(server.Messages()) != 0 {
		t.Errorf("it answers: %v, %d mails", err, len(server.Messages()))
	}
	if err := sender(t, "127.0.0.1:1", nil).Ping(t.Context()); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("nobody listens: %v", err)
	}
}

func TestWhatProgramsActOnIsChecked(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	s := sender(t, server.Addr(), func(c *Config) { c.ReturnPath = "bounce+{token}@hienke.test" })
	for name, change := range map[string]func(*mail.Mail){
		"thread":      func(m *mail.Mail) { m.Thread = "a@b>\r\nBcc: <c@d" },
		"unsubscribe": func(m *mail.Mail) { m.Unsubscribe = "https://a.test/x>, <https://b.test" },
		"no address":  func(m *mail.Mail) { m.Unsubscribe = "/vi/stop" },
		"bounce":      func(m *mail.Mail) { m.Bounce = "1@other.test" },
	} {
		m := receipt
		change(&m)
		if err := s.Send(t.Context(), m); errs.KindOf(err) != errs.Internal {
			t.Errorf("%s: %v", name, err)
		}
	}
	m := receipt
	m.HTML = strings.Repeat("x", maxSize)
	if err := s.Send(t.Context(), m); errs.CodeOf(err) != "mail.too_long" {
		t.Errorf("too long: %v", err)
	}
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d mails went out", n)
	}
	if err := (Config{Host: "h", Port: 25, TLS: TLSNone, FromAddress: "a@b.test", ReturnPath: "bounce@b.test"}).Check(); err == nil {
		t.Error("reports without a token are taken")
	}
}
