package house

import (
	"testing"

	"hienke/internal/mail"
	"hienke/internal/mail/smtpmail"
	"hienke/internal/testkit"
)

// Site is the address of the site in the letters of tests.
const Site = "https://hienke.example"

// Mail starts a mail server and returns it with a sender that gives it mails as
// an installation does.
func (h *House) Mail(t testing.TB) (mail.Sender, *testkit.SMTPServer) {
	t.Helper()
	server := testkit.SMTP(t)
	host, port := server.HostPort()
	sender, err := smtpmail.New(smtpmail.Config{
		Host: host, Port: port, TLS: smtpmail.TLSNone, FromName: "Hiến Kế", FromAddress: "khong-tra-loi@hienke.example",
	}, h.Clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	return sender, server
}
