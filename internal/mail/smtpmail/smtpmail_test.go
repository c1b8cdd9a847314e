package smtpmail

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"hienke/internal/errs"
	"hienke/internal/mail"
	"hienke/internal/testkit"
)

// sentAt is when the tests' mails are sent.
var sentAt = time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)

// receipt is a mail as the product sends it.
var receipt = mail.Mail{
	To:        "nguyen.an@example.test",
	Subject:   "Đã nhận hiến kế của ông/bà: chiếu sáng công viên bằng năng lượng mặt trời",
	Text:      "Kính gửi ông/bà,\n\nHệ thống đã nhận được hiến kế.\n.\nTrân trọng.\n",
	MessageID: "message-17@hienke.test",
	Languages: []string{"vi", "en"},
}

// sender returns a sender to host:port address, changed by change.
func sender(t *testing.T, address string, change func(*Config)) *Sender {
	t.Helper()
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	c := Config{Host: host, Port: number, TLS: TLSNone, FromName: "Hiến Kế", FromAddress: "khong-tra-loi@hienke.test"}
	if change != nil {
		change(&c)
	}
	s, err := New(c, testkit.NewClock(sentAt).Now)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAMailArrivesAsItWasWritten(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	if err := sender(t, server.Addr(), nil).Send(t.Context(), receipt); err != nil {
		t.Fatal(err)
	}
	got, err := server.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	m := got[0]
	if m.From != "khong-tra-loi@hienke.test" || len(m.To) != 1 || m.To[0] != receipt.To {
		t.Errorf("the envelope says from %s to %v", m.From, m.To)
	}
	if m.Subject != receipt.Subject {
		t.Errorf("subject %q", m.Subject)
	}
	if text := strings.ReplaceAll(m.Text("text/plain"), "\r\n", "\n"); text != receipt.Text {
		t.Errorf("text %q, want %q", text, receipt.Text)
	}
	if charset := strings.ToLower(m.Parts[0].Params["charset"]); charset != "utf-8" {
		t.Errorf("charset %q", charset)
	}
	for name, want := range map[string]string{
		"Message-Id": "<message-17@hienke.test>", "Date": "Mon, 02 Mar 2026 01:30:00 +0000",
		"Content-Language": "vi, en", "Auto-Submitted": "auto-generated", "To": "<nguyen.an@example.test>",
		"From": "=?utf-8?q?Hi=E1=BA=BFn_K=E1=BA=BF?= <khong-tra-loi@hienke.test>", "User-Agent": "", "X-Mailer": "",
	} {
		if got := m.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for line := range strings.SplitSeq(string(m.Raw), "\r\n") {
		if len(line) > 78 || strings.ContainsFunc(line, func(r rune) bool { return r > 126 }) {
			t.Errorf("a line is longer than 78 or not ASCII: %q", line)
		}
	}
}

func TestNoTextBecomesAHeader(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	m := receipt
	m.Subject = "Một\r\nBcc: other@example.test\r\n\r\nhai\x00\u2028ba"
	s := sender(t, server.Addr(), func(c *Config) { c.FromName = "Hiến Kế\r\nBcc: other@example.test" })
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := server.Wait(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if got[0].Header.Get("Bcc") != "" || len(got[0].To) != 1 {
		t.Errorf("a subject or name became a header: %s", got[0].Raw)
	}
	if want := "Một Bcc: other@example.test hai ba"; got[0].Subject != want {
		t.Errorf("subject %q, want %q", got[0].Subject, want)
	}
}

func TestWhatIsNoAddressIsInvalidAndNeverSent(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	for _, to := range []string{
		"", "an", "an@", "an@example.test\r\nBcc: other@example.test", "an@example.test, other@example.test",
		"An <an@example.test>", "an@example.test>\r\nRCPT TO:<other@example.test", strings.Repeat("a", 250) + "@example.test",
	} {
		m := receipt
		m.To = to
		err := sender(t, server.Addr(), nil).Send(t.Context(), m)
		if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "mail.address_invalid" {
			t.Errorf("to %q: %v, want Invalid (mail.address_invalid)", to, err)
		}
	}
	if n := len(server.Messages()); n != 0 {
		t.Errorf("%d mails were sent", n)
	}
}

func TestAHeaderOfOurOwnMakingIsChecked(t *testing.T) {
	t.Parallel()
	s := sender(t, testkit.SMTP(t).Addr(), nil)
	for _, change := range []func(*mail.Mail){
		func(m *mail.Mail) { m.MessageID = "" },
		func(m *mail.Mail) { m.MessageID = "no-domain" },
		func(m *mail.Mail) { m.MessageID = "a@b>\r\nBcc: <c@d" },
		func(m *mail.Mail) { m.Languages = nil },
		func(m *mail.Mail) { m.Languages = []string{"vi", ""} },
		func(m *mail.Mail) { m.Languages = []string{"vi\r\nBcc: other@example.test"} },
	} {
		m := receipt
		change(&m)
		if err := s.Send(t.Context(), m); errs.KindOf(err) != errs.Internal || errs.CodeOf(err) != "mail.header_invalid" {
			t.Errorf("%q %q: %v, want Internal (mail.header_invalid)", m.MessageID, m.Languages, err)
		}
	}
}

func TestRefusalsAreToldApart(t *testing.T) {
	t.Parallel()
	tests := []struct {
		answer int
		kind   errs.Kind
		code   string
	}{
		{550, errs.Invalid, "mail.refused"},
		{501, errs.Invalid, "mail.refused"},
		{552, errs.Invalid, "mail.refused"},
		{421, errs.Unavailable, "mail.unavailable"},
		{451, errs.Unavailable, "mail.unavailable"},
		{530, errs.Unavailable, "mail.unavailable"}, // asks us to sign in
	}
	for _, tt := range tests {
		t.Run(strconv.Itoa(tt.answer), func(t *testing.T) {
			t.Parallel()
			server := testkit.SMTP(t)
			server.Refuse(tt.answer, "no such mailbox: "+receipt.To)
			err := sender(t, server.Addr(), nil).Send(t.Context(), receipt)
			if errs.KindOf(err) != tt.kind || errs.CodeOf(err) != tt.code {
				t.Fatalf("got %v, want %v (%s)", err, tt.kind, tt.code)
			}
			if strings.Contains(err.Error(), "example.test") || !strings.Contains(err.Error(), strconv.Itoa(tt.answer)) {
				t.Errorf("the error must have the code and not the address: %v", err)
			}
		})
	}
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t)
	s := sender(t, server.Addr(), nil)
	server.Close(t)
	if err := s.Send(t.Context(), receipt); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
	server.Reopen(t)
	if err := s.Send(t.Context(), receipt); err != nil {
		t.Errorf("after it came back: %v", err)
	}
}

func TestASilentServerIsUnavailableInTime(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the test is over
	s := sender(t, listener.Addr().String(), nil)
	s.limit = 50 * time.Millisecond
	if err := s.Send(t.Context(), receipt); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("got %v, want Unavailable", err)
	}
}

func TestSendStopsWithItsContextInTheMiddleOfAMail(t *testing.T) {
	t.Parallel()
	inData := make(chan struct{})
	b := &backend{data: func(io.Reader) error { close(inData); <-t.Context().Done(); return errors.New("over") }}
	s := sender(t, serve(t, b, nil, false), nil)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Send(ctx, receipt) }()
	<-inData
	cancel()
	select {
	case err := <-ended:
		if errs.KindOf(err) != errs.Unavailable {
			t.Errorf("got %v, want Unavailable", err)
		}
	case <-time.After(timeout / 2):
		t.Error("Send waits for its own limit")
	}
}

func TestAMailThatWasTakenIsSentWhateverFollows(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close() //nolint:errcheck // the test is over
	go func() {            // a server that hangs up as soon as it took the mail
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // hanging up is the point
		answerUntilTaken(conn)
	}()
	if err := sender(t, listener.Addr().String(), nil).Send(t.Context(), receipt); err != nil {
		t.Errorf("the server said 250 to the mail, and Send says %v", err)
	}
}

// answerUntilTaken speaks just enough SMTP to take one mail.
func answerUntilTaken(conn net.Conn) {
	say := func(line string) { _, _ = io.WriteString(conn, line+"\r\n") }
	say("220 mail.test")
	buffer, seen := make([]byte, 4096), ""
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return
		}
		seen += string(buffer[:n])
		switch {
		case strings.HasSuffix(seen, "\r\n.\r\n"):
			say("250 taken")
			return
		case strings.HasSuffix(seen, "DATA\r\n"):
			say("354 go on")
		case strings.HasSuffix(seen, "\r\n") && !strings.Contains(seen, "DATA\r\n"):
			say("250 ok")
		}
	}
}

// backend is a mail server that can do what testkit's cannot: sign-in, and a
// Data of the test's own.
type backend struct {
	password string
	data     func(io.Reader) error
}

func (b *backend) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &session{b, b.password == ""}, nil
}

type session struct {
	*backend
	signedIn bool
}

func (*session) AuthMechanisms() []string { return []string{sasl.Plain} }
func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != "hienke" || password != s.password {
			return &smtp.SMTPError{Code: 535, EnhancedCode: smtp.EnhancedCode{5, 7, 8}, Message: "no"}
		}
		s.signedIn = true
		return nil
	}), nil
}

func (s *session) Mail(string, *smtp.MailOptions) error {
	if !s.signedIn {
		return &smtp.SMTPError{Code: 530, EnhancedCode: smtp.EnhancedCode{5, 7, 0}, Message: "sign in"}
	}
	return nil
}
func (*session) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (s *session) Data(r io.Reader) error {
	if s.data != nil {
		return s.data(r)
	}
	_, err := io.Copy(io.Discard, r)
	return err
}
func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// serve runs b, with TLS from the first byte when direct, and returns its
// address.
func serve(t *testing.T, b *backend, config *tls.Config, direct bool) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	if direct {
		listener = tls.NewListener(listener, config)
	}
	server := smtp.NewServer(b)
	server.Domain, server.TLSConfig = "mail.test", config
	go server.Serve(listener) //nolint:errcheck // ended by Close below
	t.Cleanup(func() { _ = server.Close() })
	return address
}

// certificate returns a server's certificate for 127.0.0.1 and the pool that
// trusts it.
func certificate(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, pool
}

func TestSignInOverBothKindsOfTLS(t *testing.T) {
	t.Parallel()
	config, pool := certificate(t)
	for _, mode := range []TLSMode{TLSStartTLS, TLSDirect} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			address := serve(t, &backend{password: "right"}, config, mode == TLSDirect)
			with := func(password string, roots *x509.CertPool) error {
				return sender(t, address, func(c *Config) {
					c.TLS, c.RootCAs, c.User, c.Password = mode, roots, "hienke", password
				}).Send(t.Context(), receipt)
			}
			if err := with("right", pool); err != nil {
				t.Errorf("with the right password: %v", err)
			}
			if err := with("wrong", pool); errs.KindOf(err) != errs.Unavailable || strings.Contains(err.Error(), "wrong") {
				t.Errorf("with a wrong password: %v, want Unavailable without the password", err)
			}
			if err := with("right", x509.NewCertPool()); errs.KindOf(err) != errs.Unavailable {
				t.Errorf("with a server nobody vouches for: %v, want Unavailable", err)
			}
		})
	}
}

func TestStartTLSIsInsistedOn(t *testing.T) {
	t.Parallel()
	server := testkit.SMTP(t) // offers no TLS
	s := sender(t, server.Addr(), func(c *Config) { c.TLS = TLSStartTLS })
	if err := s.Send(t.Context(), receipt); errs.KindOf(err) != errs.Unavailable || len(server.Messages()) != 0 {
		t.Errorf("got %v and %d mails, want Unavailable and none", err, len(server.Messages()))
	}
}

func TestAWrongConfigurationIsToldWhole(t *testing.T) {
	t.Parallel()
	_, err := New(Config{TLS: "ssl", FromAddress: "Hiến Kế"}, time.Now)
	if err == nil || len(strings.Split(err.Error(), "\n")) != 4 {
		t.Errorf("want four problems, got: %v", err)
	}
	c := Config{Host: "mail.test", Port: 25, TLS: TLSNone, User: "hienke", FromAddress: "a@b.test"}
	if err := c.Check(); err == nil {
		t.Error("a password may go unencrypted")
	}
}
