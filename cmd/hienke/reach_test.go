package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// serve runs a server on dir until the test ends or stop is called, and returns
// its address.
func serve(t *testing.T, dir string, environ ...string) (url string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var log lockedBuffer
	ended := make(chan int, 1)
	server := process{
		args: []string{"--data", dir, "serve", "--listen", "127.0.0.1:0"}, environ: append(environ, "HIENKE_RATE_LIMITS=off"),
		in: strings.NewReader(""), out: io.Discard, err: &log,
	}
	go func() { ended <- server.run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if code := <-ended; code != 0 {
			t.Errorf("the server ended with %d\n%s", code, log.String())
		}
	}
	t.Cleanup(stop)
	deadline, again := time.After(time.Minute), time.NewTicker(20*time.Millisecond)
	defer again.Stop()
	for !strings.Contains(log.String(), "msg=ready") {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("the server was not ready\n%s", log.String())
		}
	}
	return "http://" + regexp.MustCompile(`msg=listening address=(\S+)`).FindStringSubmatch(log.String())[1], stop
}

// mailing are the settings of a server that sends its mail to post.
func mailing(t *testing.T, post *testkit.SMTPServer) []string {
	t.Helper()
	host, port, err := net.SplitHostPort(post.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return []string{"HIENKE_MAIL_HOST=" + host, "HIENKE_MAIL_PORT=" + port, "HIENKE_MAIL_TLS=none", "HIENKE_MAIL_FROM=hienke@example.test"}
}

// open opens the data of dir as commands do.
func open(t *testing.T, dir string) *app.App {
	t.Helper()
	cfg := config.Default()
	cfg.Data.Dir = dir
	a, err := app.New(t.Context(), cfg, app.Options{Role: app.Tool})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// submitted is a submission over the API, from an address.
func submitted(t *testing.T, url, email, title string) civic.Code {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"kind": "recommendation", "title": title, "body": "Đề nghị xem xét việc này sớm, bà con trong thôn đã chờ lâu.",
		"submitter": map[string]any{"type": "person", "name": "Người Gửi Thử", "email": email},
		"consent":   map[string]any{"terms": true, "publish_name": false},
	})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/v1/submissions", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // read only
	var got struct {
		Code string `json:"code"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&got); err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	code, err := civic.ParseCode(got.Code)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// report is what a mail server says of a mail, addressed to where it came from.
func report(m testkit.Message, action string) string {
	return fmt.Sprintf(`From: Mail Delivery Subsystem <mailer-daemon@mx.example.test>
To: %s
Subject: Delivery report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The mail could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.test

Final-Recipient: rfc822; %s
Action: %s
Status: 5.1.1
--b--
`, m.From, m.To[0], action)
}

func TestAReportOnStandardInputIsNotedAtTheRightContact(t *testing.T) {
	t.Parallel()
	dir, post := shortTempDir(t), testkit.SMTP(t)
	url, stop := serve(t, dir, append(mailing(t, post), "HIENKE_MAIL_RETURN_PATH=hienke-bounce+{token}@example.test")...)
	dead := submitted(t, url, "hong@example.test", "Sửa cầu treo vào bản")
	living := submitted(t, url, "song@example.test", "Kéo điện lưới quốc gia lên xóm núi")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	mails, err := post.Wait(ctx, 2)
	if err != nil {
		t.Fatal(err)
	}
	var came testkit.Message
	for _, m := range mails {
		if m.To[0] == "hong@example.test" {
			came = m
		}
	}
	if !strings.HasPrefix(came.From, "hienke-bounce+") {
		t.Fatalf("reports would return to %q", came.From)
	}
	refused := func(what, stdin string) {
		t.Helper()
		out, errOut, code := run(t, stdin, "--data", dir, "bounce")
		if code != exitFailure || out != "" || !strings.Contains(errOut, "no report that a mail of this installation could not be delivered") {
			t.Errorf("%s: exit %d\n%s%s", what, code, out, errOut)
		}
	}
	foreign := came
	foreign.From = regexp.MustCompile(`-[0-9a-f]{20}@`).ReplaceAllString(came.From, "-00000000000000000000@")
	everything := func() {
		t.Helper()
		refused("nothing", "")
		refused("garbage", "\x00\xff rác rưởi\n\n\n")
		refused("a letter of somebody", "To: "+came.From+"\n\nXin chào, tôi vắng mặt tuần này.\n")
		refused("a mail that is only late", report(came, "delayed"))
		refused("a report that somebody made up", report(foreign, "failed"))
	}
	everything()
	must(t, report(came, "failed"), "noted; later mails to this address are kept", "--data", dir, "bounce")
	must(t, report(came, "failed"), "this was noted before", "--data", dir, "bounce")
	stop()
	everything() // with nobody who has the data in use
	must(t, report(came, "failed"), "this was noted before", "--data", dir, "bounce")

	a := open(t, dir)
	err = a.Store.View(t.Context(), func(tx store.Tx) error {
		for code, want := range map[civic.Code]bool{dead: true, living: false} {
			sub, err := tx.Submissions().GetByCode(t.Context(), code)
			if err != nil {
				return err
			}
			r, err := tx.Reaches().Get(t.Context(), sub.ID)
			if err != nil {
				return err
			}
			if r.FailingAt.IsZero() == want {
				t.Errorf("%s fails since %v, want %v", code, r.FailingAt, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}

// The database of yesterday is put in the place of today's; the ledger is not.
func TestWhatWasErasedStaysErasedAfterABackupWasRestored(t *testing.T) {
	t.Parallel()
	dir := shortTempDir(t)
	database := func() string { return filepath.Join(dir, "hienke.db") }
	url, stop := serve(t, dir)
	erased := submitted(t, url, "xoa@example.test", "Sửa cầu treo vào bản")
	kept := submitted(t, url, "giu@example.test", "Kéo điện lưới quốc gia lên xóm núi")
	stop() // a clean end leaves everything in the one file
	backup, err := os.ReadFile(database())
	if err != nil {
		t.Fatal(err)
	}
	contact := func(a *app.App, code civic.Code) (id civic.SubmissionID, err error) {
		err = a.Store.View(t.Context(), func(tx store.Tx) error {
			sub, err := tx.Submissions().GetByCode(t.Context(), code)
			if err != nil {
				return err
			}
			id = sub.ID
			_, err = tx.Contacts().Get(t.Context(), sub.ID)
			return err
		})
		return id, err
	}
	a := open(t, dir)
	id, err := contact(a, erased)
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Reach.Erase(t.Context(), civic.SenderOf(id), erased); err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	for _, rest := range []string{"-wal", "-shm"} {
		if err := os.Remove(database() + rest); err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(database(), backup, 0o600); err != nil {
		t.Fatal(err)
	}

	out, errOut, code := run(t, "", "--data", dir, "doctor")
	if code != 0 || !strings.Contains(errOut, `"erased contacts that a restored database had brought back" count=1`) ||
		!strings.Contains(out, "erasures   "+filepath.Join(dir, "erasures")+", 1 lines") {
		t.Errorf("exit %d\n%s%s", code, out, errOut)
	}
	if _, errOut, _ := run(t, "", "--data", dir, "doctor"); strings.Contains(errOut, "brought back") {
		t.Errorf("it is erased again and again:\n%s", errOut)
	}
	a = open(t, dir)
	if _, err := contact(a, erased); errs.KindOf(err) != errs.Gone {
		t.Errorf("the erased contact: %v", err)
	}
	if _, err := contact(a, kept); err != nil {
		t.Errorf("the other contact: %v", err)
	}
	if err := a.Close(); err != nil {
		t.Error(err)
	}
}
