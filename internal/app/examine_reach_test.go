package app_test

import (
	"bytes"
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/testkit"
)

// tool opens an installation as commands do.
func tool(t *testing.T, cfg config.Config) *app.App {
	t.Helper()
	a, err := app.New(context.WithoutCancel(t.Context()), cfg, app.Options{Role: app.Tool})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// said is what the doctor says of one thing.
func said(t *testing.T, a *app.App, name string) app.Check {
	t.Helper()
	for _, c := range a.Examine(t.Context(), false) {
		if c.Name == name {
			return c
		}
	}
	t.Fatalf("the doctor says nothing of %s", name)
	return app.Check{}
}

// wantCheck fails unless the doctor says so. mark is ok, note or FAIL.
func wantCheck(t *testing.T, c app.Check, mark, words string) {
	t.Helper()
	got := "ok"
	if c.Warning {
		got = "note"
	}
	text := c.Finding + " " + c.Advice
	if c.Err != nil {
		got, text = "FAIL", text+" "+c.Err.Error()
	}
	if got != mark || !strings.Contains(text, words) {
		t.Errorf("%s: got %s %q, want %s with %q", c.Name, got, text, mark, words)
	}
}

func TestTheDoctorLooksAtTheWaysToSenders(t *testing.T) {
	t.Parallel()
	a := tool(t, quiet(t.TempDir()))
	wantCheck(t, said(t, a, "mail"), "note", "no server is configured")
	wantCheck(t, said(t, a, "bounces"), "ok", "no mail is sent")
	wantCheck(t, said(t, a, "sms"), "ok", "no gateway is configured")

	post, gateway := testkit.SMTP(t), testkit.SMS(t)
	host, port, err := net.SplitHostPort(post.Addr())
	if err != nil {
		t.Fatal(err)
	}
	a.Config.Mail.Host, a.Config.Mail.TLS, a.Config.Mail.From = host, "none", "hienke@example.test"
	if a.Config.Mail.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	wantCheck(t, said(t, a, "mail"), "ok", host)
	wantCheck(t, said(t, a, "bounces"), "note", "set mail.return_path")
	a.Config.Mail.ReturnPath = "hienke-bounce+{token}@example.test"
	wantCheck(t, said(t, a, "bounces"), "ok", "0 reports noted")
	if n := len(post.Messages()); n != 0 {
		t.Errorf("the doctor sent %d mails", n)
	}
	a.Config.Mail.Port = 1 // nobody listens there
	wantCheck(t, said(t, a, "mail"), "FAIL", "Until the server answers mails wait")

	a.Config.SMS.URL = gateway.URL
	wantCheck(t, said(t, a, "sms"), "note", "No secret is set")
	a.Config.SMS.Secret = "s3cret"
	wantCheck(t, said(t, a, "sms"), "ok", "http://127.0.0.1")
	if c := said(t, a, "sms"); strings.Contains(c.Finding, "/send") {
		t.Errorf("the address is told whole, with what may be secret in it: %s", c.Finding)
	}
	gateway.Answer(http.StatusUnauthorized)
	wantCheck(t, said(t, a, "sms"), "FAIL", "Check sms.secret")
	gateway.Answer(http.StatusMovedPermanently)
	wantCheck(t, said(t, a, "sms"), "FAIL", "Set sms.url to where it is now")
	a.Config.SMS.URL = "http://127.0.0.1:1/send"
	wantCheck(t, said(t, a, "sms"), "FAIL", "does not answer")
	if n := len(gateway.Requests()); n != 0 {
		t.Errorf("the doctor sent %d texts", n)
	}
}

func TestTheDoctorLooksAtTheLedgerOfErasures(t *testing.T) {
	t.Parallel()
	cfg := quiet(t.TempDir())
	a := tool(t, cfg)
	wantCheck(t, said(t, a, "erasures"), "ok", "keep a copy apart, or set keys.erasures")
	path := filepath.Join(cfg.Data.Dir, "erasures")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code := withContact(t, a)
	write("\n2026-03-01T08:00:00Z HK\n\n2026-03-01T08:00:01Z " + string(code))
	c := said(t, a, "erasures")
	wantCheck(t, c, "FAIL", "what was erased is there again: the contacts of "+code.String())
	if !strings.Contains(c.Advice, "Lines 2 cannot be read") {
		t.Errorf("a damaged line is not named: %s", c.Advice)
	}
	if n, err := a.Reach.Replay(t.Context()); n != 1 || err != nil {
		t.Errorf("Replay: %d, %v", n, err)
	}
	wantCheck(t, said(t, a, "erasures"), "note", "1 lines")
	write("\n2026-03-01T08:00:01Z " + string(code) + " text\n")
	wantCheck(t, said(t, a, "erasures"), "FAIL", "the texts of "+code.String())
	write("")

	a.Config.Database.URL = "postgres://elsewhere" // the store stays open
	wantCheck(t, said(t, a, "erasures"), "note", "other processes do not see it")
	a.Config.Keys.Erasures = filepath.Join(cfg.Data.Dir, "nowhere", "erasures")
	wantCheck(t, said(t, a, "erasures"), "FAIL", "check keys.erasures and its permissions")
	a.Config.Keys.Erasures = filepath.Join(cfg.Data.Dir, "apart")
	if c := said(t, a, "erasures"); c.Err != nil || c.Warning || c.Advice != "" {
		t.Errorf("a ledger in its place: %+v", c)
	}
	a.Config.Keys.Erasures, a.Config.Keys.File, a.Config.Meili.URL, a.Config.Blob.URL = "", "/keys", "http://elsewhere", "s3://elsewhere"
	wantCheck(t, said(t, a, "erasures"), "FAIL", "keys.erasures is not set")
}

// withContact is a case with a contact.
func withContact(t *testing.T, a *app.App) civic.Code {
	t.Helper()
	ack, err := a.Intake.Submit(t.Context(), civic.Public, letter())
	if err != nil {
		t.Fatal(err)
	}
	return ack.Code
}

// An answer that waits for somebody's digest wakes the loop that begins it.
func TestANotedAnswerWakesTheDigests(t *testing.T) {
	t.Parallel()
	a, err := app.New(t.Context(), quiet(t.TempDir()), app.Options{Role: app.Everything})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	a.Following.Noted()
	for _, l := range a.Loops() {
		if l.Name != "digests" {
			continue
		}
		select {
		case <-l.Wake:
		default:
			t.Error("it sleeps on")
		}
		return
	}
	t.Error("there is no such loop")
}

func TestAServerThatScalesOutWithoutALedgerSaysSo(t *testing.T) {
	t.Parallel()
	cfg, _ := outside(t)
	var log bytes.Buffer
	opened := func(role app.Role) string {
		t.Helper()
		log.Reset()
		a, err := app.New(t.Context(), cfg, app.Options{Role: role, Log: slog.New(slog.NewTextHandler(&log, nil))})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		return log.String()
	}
	const loud = "KEYS.ERASURES IS NOT SET"
	if said := opened(app.Everything); !strings.Contains(said, loud) {
		t.Errorf("nothing is said at the start:\n%s", said)
	}
	if said := opened(app.Tool); strings.Contains(said, loud) {
		t.Errorf("every command says it again:\n%s", said)
	}
	cfg.Keys.Erasures = filepath.Join(cfg.Data.Dir, "nowhere", "erasures")
	if said := opened(app.Everything); strings.Contains(said, loud) || !strings.Contains(said, "cannot be written") {
		t.Errorf("a ledger without a place:\n%s", said)
	}
	cfg.Keys.Erasures = filepath.Join(cfg.Data.Dir, "apart")
	if said := opened(app.Everything); strings.Contains(said, "erasures") {
		t.Errorf("a ledger in its place:\n%s", said)
	}
}
