package testkit_test

import (
	"context"
	"errors"
	"net/smtp"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/testkit"
)

// patience is how long a message may take on the loopback of a busy machine.
const patience = 30 * time.Second

// letter is a mail as our templates make them: both alternatives, one file, and
// Vietnamese in subject, body and file name.
var letter = strings.ReplaceAll(`From: =?utf-8?q?Hi=E1=BA=BFn_K=E1=BA=BF?= <hienke@example.test>
To: lan@example.test
Subject: =?utf-8?b?xJDDoyBuaOG6rW4=?=
Message-ID: <1@example.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=out

--out
Content-Type: multipart/alternative; boundary=in

--in
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Ch=C3=A0o b=E1=BA=A1n
--in
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: base64

PHA+Q2jDoG8gYuG6oW48L3A+
--in--
--out
Content-Type: application/pdf
Content-Disposition: attachment; filename*=utf-8''th%C6%B0.pdf

%PDF
--out--
`, "\n", "\r\n")

// send delivers letter to recipients.
func send(server *testkit.SMTPServer, to ...string) error {
	return smtp.SendMail(server.Addr(), nil, "hienke@example.test", to, []byte(letter))
}

// wait is Wait with a bound.
func wait(t *testing.T, server *testkit.SMTPServer, n int) []testkit.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	got, err := server.Wait(ctx, n)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSMTPKeepsWhatItReceivesRawAndParsed(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	sent := make(chan error, 1)
	go func() { sent <- send(server, "lan@example.test", "minh@example.test") }()

	got := wait(t, server, 1)[0]
	if err := <-sent; err != nil {
		t.Fatal(err)
	}
	if got.From != "hienke@example.test" || !cmp.Equal(got.To, []string{"lan@example.test", "minh@example.test"}) {
		t.Errorf("envelope from %s to %v", got.From, got.To)
	}
	if diff := cmp.Diff(letter, string(got.Raw)); diff != "" {
		t.Errorf("raw message (-sent +kept):\n%s", diff)
	}
	if got.Subject != "Đã nhận" || got.Header.Get("Message-ID") != "<1@example.test>" {
		t.Errorf("subject %q, header %v", got.Subject, got.Header)
	}
	if text, html := got.Text("text/plain"), got.Text("text/html"); text != "Chào bạn" || html != "<p>Chào bạn</p>" {
		t.Errorf("text %q, html %q", text, html)
	}
	if last := got.Parts[len(got.Parts)-1]; len(got.Parts) != 3 || last.FileName != "thư.pdf" || string(last.Body) != "%PDF" {
		t.Errorf("%d parts, the last %+v", len(got.Parts), last)
	}
}

func TestSMTPRefusesAsTold(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	for _, code := range []int{451, 550} {
		server.Refuse(code, "not now")
		var answer *textproto.Error
		if err := send(server, "lan@example.test"); !errors.As(err, &answer) || answer.Code != code {
			t.Errorf("told to refuse with %d it answered %v", code, err)
		}
	}
	if n, refused := len(server.Messages()), server.Refused(); n != 0 || refused != 2 {
		t.Errorf("%d messages kept and %d refused, want 0 and 2", n, refused)
	}
	server.Accept()
	if err := send(server, "lan@example.test"); err != nil {
		t.Error(err)
	}
	wait(t, server, 1)
}

func TestSMTPIsAwayWhileClosed(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	if err := send(server, "lan@example.test"); err != nil {
		t.Fatal(err)
	}
	server.Close(t)
	if err := send(server, "lan@example.test"); err == nil {
		t.Error("closed it took a message")
	}
	server.Reopen(t)
	if err := send(server, "lan@example.test"); err != nil {
		t.Errorf("open again it is not at the same address: %v", err)
	}
	if got := wait(t, server, 2); len(got) != 2 {
		t.Errorf("%d messages, want the two sent while open", len(got))
	}
}

func TestSMTPWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := server.Wait(ctx, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the context's end", err)
	}
}

func TestSMTPRefusesWhatIsNoMail(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	err := smtp.SendMail(server.Addr(), nil, "hienke@example.test", []string{"lan@example.test"}, []byte("Content-Type: multipart/mixed\r\n\r\nx"))
	if err == nil || len(server.Messages()) != 0 {
		t.Errorf("a broken message was answered %v and %d kept", err, len(server.Messages()))
	}
}
