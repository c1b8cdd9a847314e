// Package smtpmail sends mail through an SMTP server.
package smtpmail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"hienke/internal/errs"
	"hienke/internal/mail"
)

// timeout bounds one Send from the connection to the server's last word. Mail
// servers of agencies are slow now and then; the job of a mail has a minute.
const timeout = 10 * time.Second

// TLSMode says how the connection to the server is encrypted.
type TLSMode string

// The modes.
const (
	TLSNone     TLSMode = "none"     // not at all: for a server on this machine
	TLSStartTLS TLSMode = "starttls" // asked for after greeting, and insisted on; mostly port 587
	TLSDirect   TLSMode = "tls"      // from the first byte; mostly port 465
)

// Config says which server takes the mail and whom it comes from.
type Config struct {
	Host string
	Port int // 1 to 65535
	TLS  TLSMode
	// RootCAs are the authorities that the server's certificate must come
	// from; nil means those of this machine.
	RootCAs *x509.CertPool
	// User and Password sign in; without User there is no sign-in.
	User, Password string
	// FromName is shown to the reader, in any script; FromAddress takes
	// answers and bounces.
	FromName, FromAddress string
	// ReturnPath takes reports of mails that could not be delivered, with
	// BounceMark in place of the mail's token. Empty means FromAddress.
	ReturnPath string
}

// BounceMark stands in ReturnPath for the token of a mail.
const BounceMark = "{token}"

// Check returns everything that is wrong with the configuration, joined, or
// nil.
func (c Config) Check() error {
	var problems []error
	if c.Host == "" {
		problems = append(problems, errors.New("the mail server has no host"))
	}
	if c.Port < 1 || c.Port > 65535 {
		problems = append(problems, fmt.Errorf("the mail server's port %d is not between 1 and 65535", c.Port))
	}
	switch c.TLS {
	case TLSStartTLS, TLSDirect:
	case TLSNone:
		if c.User != "" {
			problems = append(problems, errors.New("a password would reach the mail server unencrypted: choose starttls or tls"))
		}
	default:
		problems = append(problems, fmt.Errorf("the mail server's TLS mode %q is none of none, starttls, tls", c.TLS))
	}
	if _, err := parseAddress(c.FromAddress); err != nil {
		problems = append(problems, fmt.Errorf("%q is no address to send mail from", c.FromAddress))
	}
	if p := c.ReturnPath; p != "" {
		if _, err := parseAddress(strings.Replace(p, BounceMark, "1-a", 1)); err != nil || !strings.Contains(p, BounceMark) {
			problems = append(problems, fmt.Errorf("%q is no address with %s in it for failure reports to return to", p, BounceMark))
		}
	}
	return errors.Join(problems...)
}

// Sender sends mail. It implements mail.Sender, and is safe for use by several
// goroutines: each Send has a connection of its own.
type Sender struct {
	config Config
	now    func() time.Time
	limit  time.Duration // timeout, shorter in tests
}

var _ mail.Sender = (*Sender)(nil)

// New returns a sender, or everything that Config.Check says. It does not
// connect.
func New(c Config, now func() time.Time) (*Sender, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	return &Sender{config: c, now: now, limit: timeout}, nil
}

// Send implements mail.Sender. An address that is none is Invalid with code
// mail.address_invalid, a refusal for good is Invalid with code mail.refused.
// A server that does not let us sign in is Unavailable in spite of its 5xx:
// that is for the operator to mend, and no fault of the mail.
//
// No error repeats the address or the words of the server, which often does:
// errors are logged, and logs hold no personal data.
func (s *Sender) Send(ctx context.Context, m mail.Mail) error {
	message, err := s.compose(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return fmt.Errorf("set up mail client: %w", err)
	}
	err = client.DialAndSendWithContext(ctx, message)
	if message.IsDelivered() {
		return nil // what failed after the server took the mail is not worth sending it twice
	}
	return classify(err)
}

// Ping connects and signs in as Send does, and sends nothing.
func (s *Sender) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, s.limit)
	defer cancel()
	client, err := s.client(ctx)
	if err != nil {
		return fmt.Errorf("set up mail client: %w", err)
	}
	if err := client.DialWithContext(ctx); err != nil {
		return classify(err)
	}
	if err := client.Close(); err != nil {
		return classify(err)
	}
	return nil
}

// client returns a client for one mail. go-mail heeds ctx while it connects
// only, so the connection is cut from outside when ctx ends.
func (s *Sender) client(ctx context.Context) (*gomail.Client, error) {
	tlsConfig := &tls.Config{ServerName: s.config.Host, RootCAs: s.config.RootCAs, MinVersion: tls.VersionTLS12}
	dial := func(_ context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		context.AfterFunc(ctx, func() { _ = conn.Close() }) // closed already when all went well
		if s.config.TLS == TLSDirect {
			return tls.Client(conn, tlsConfig), nil
		}
		return conn, nil
	}
	options := []gomail.Option{
		gomail.WithPort(s.config.Port), gomail.WithTimeout(s.limit),
		gomail.WithTLSConfig(tlsConfig), gomail.WithDialContextFunc(dial),
	}
	switch s.config.TLS {
	case TLSStartTLS:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	case TLSDirect:
		options = append(options, gomail.WithSSL())
	case TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if s.config.User != "" {
		options = append(options, gomail.WithUsername(s.config.User), gomail.WithPassword(s.config.Password),
			gomail.WithOpportunisticSMTPAuth(gomail.SMTPAuthSCRAMSHA256, gomail.SMTPAuthPlain, gomail.SMTPAuthLogin))
	}
	return gomail.NewClient(s.config.Host, options...)
}

// compose builds the message. Whatever goes into its header is one line.
func (s *Sender) compose(m mail.Mail) (*gomail.Msg, error) {
	to, err := parseAddress(m.To)
	if err != nil {
		return nil, errs.New(errs.Invalid, "mail.address_invalid")
	}
	if !isToken(m.MessageID, "@.-_") || strings.Count(m.MessageID, "@") != 1 || !areTokens(m.Languages) {
		return nil, errs.New(errs.Internal, "mail.header_invalid") // both are made by ourselves
	}
	if len(m.Text)+len(m.HTML) > maxSize {
		return nil, errs.New(errs.Invalid, "mail.too_long")
	}
	message := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	message.FromMailAddress(&netmail.Address{Name: oneLine(s.config.FromName), Address: s.config.FromAddress})
	message.ToMailAddress(&netmail.Address{Address: to})
	message.Subject(oneLine(m.Subject))
	message.SetMessageIDWithValue(m.MessageID)
	message.SetDateWithValue(s.now())
	message.SetGenHeader("Content-Language", strings.Join(m.Languages, ", "))
	// So that no holiday notice answers a receipt (RFC 3834, 5).
	message.SetGenHeader("Auto-Submitted", "auto-generated")
	message.SetBodyString(gomail.TypeTextPlain, strings.ToValidUTF8(m.Text, "\uFFFD"))
	if m.HTML != "" {
		message.AddAlternativeString(gomail.TypeTextHTML, strings.ToValidUTF8(m.HTML, "\uFFFD"))
	}
	return message, s.address(message, m)
}

// maxSize is the most of text and HTML together, in bytes before they are
// encoded. The longest answer makes about a third of it.
const maxSize = 1 << 20

// address adds what other programs act on: which conversation the mail belongs
// to, how to end mails of its sort and where a failure is reported.
func (s *Sender) address(message *gomail.Msg, m mail.Mail) error {
	if m.Thread != "" {
		if !isToken(m.Thread, "@.-_") {
			return errs.New(errs.Internal, "mail.header_invalid")
		}
		message.SetGenHeader(gomail.HeaderInReplyTo, "<"+m.Thread+">")
		message.SetGenHeader(gomail.HeaderReferences, "<"+m.Thread+">")
	}
	if m.Unsubscribe != "" {
		if u, err := url.Parse(m.Unsubscribe); err != nil || u.Host == "" || strings.ContainsAny(m.Unsubscribe, "<>, \r\n") {
			return errs.New(errs.Internal, "mail.header_invalid")
		}
		message.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+m.Unsubscribe+">")
		if strings.HasPrefix(m.Unsubscribe, "https://") { // RFC 8058 knows no other
			message.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
		}
	}
	if s.config.ReturnPath == "" || m.Bounce == "" {
		return nil
	}
	if !isToken(m.Bounce, "-") {
		return errs.New(errs.Internal, "mail.header_invalid")
	}
	message.EnvelopeFromMailAddress(&netmail.Address{Address: strings.Replace(s.config.ReturnPath, BounceMark, m.Bounce, 1)})
	return nil
}

// maxAddress is the most that SMTP carries (RFC 5321, 4.5.3.1.3, less the
// angle brackets).
const maxAddress = 254

// parseAddress returns the address alone, or an error when s is more or less
// than one address.
func parseAddress(s string) (string, error) {
	a, err := netmail.ParseAddress(s)
	if err != nil {
		return "", err
	}
	if a.Name != "" || a.Address != s || len(s) > maxAddress {
		return "", errors.New("not a bare address")
	}
	return a.Address, nil
}

// oneLine replaces what could begin another header line, or hide in one.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// isToken reports whether s is not empty and has ASCII letters, digits and the
// characters of more only.
func isToken(s, more string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune(more, r) {
			return false
		}
	}
	return s != ""
}

// areTokens reports whether there is a language, and each is a plain tag.
func areTokens(languages []string) bool {
	for _, l := range languages {
		if !isToken(l, "-") {
			return false
		}
	}
	return len(languages) > 0
}

// classify turns a failed try into Invalid or Unavailable.
func classify(err error) error {
	refused, ok := errors.AsType[*gomail.SendError](err)
	if !ok {
		// Connection, TLS or sign-in: nothing of the mail was said yet.
		return errs.Wrap(errs.Unavailable, "mail.unavailable", err)
	}
	code := refused.ErrorCode()
	cause := errors.New("mail server failed at " + refused.Reason.String())
	if code != 0 {
		cause = errors.New("mail server answered " + strconv.Itoa(code) + " " + refused.EnhancedStatusCode() + " to " + refused.Reason.String())
	}
	if code >= 500 && !signIn[code] {
		return errs.Wrap(errs.Invalid, "mail.refused", cause)
	}
	return errs.Wrap(errs.Unavailable, "mail.unavailable", cause)
}

// signIn are the answers that ask us to sign in, or differently (RFC 4954, 6).
var signIn = map[int]bool{530: true, 534: true, 535: true, 538: true}
