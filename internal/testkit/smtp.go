package testkit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// maxMessageBytes is more than any mail of the product, and a bound for a test
// that loops.
const maxMessageBytes = 8 << 20

// smtpIdle bounds how long the server waits for a silent client.
const smtpIdle = 30 * time.Second

// SMTPServer is a mail server on a free loopback port. It keeps what it
// receives and can refuse, or be away. It is safe for use by several goroutines.
type SMTPServer struct {
	addr string

	mu       sync.Mutex
	server   *smtp.Server // nil while closed
	listener net.Listener
	served   chan error // what Serve returned
	messages []Message
	changed  chan struct{}   // closed, and replaced, when a message arrives
	refusal  *smtp.SMTPError // nil while accepting
	refused  int
}

// SMTP starts a mail server for this test. It ends with the test.
func SMTP(t testing.TB) *SMTPServer {
	t.Helper()
	s := &SMTPServer{addr: "127.0.0.1:0", changed: make(chan struct{})}
	s.Reopen(t)
	t.Cleanup(func() {
		if s.isOpen() {
			s.Close(t)
		}
	})
	return s
}

// Addr returns host:port, which stays the same over Close and Reopen.
func (s *SMTPServer) Addr() string { return s.addr }

// HostPort is Addr in two parts, as settings of a mail server want it.
func (s *SMTPServer) HostPort() (host string, port int) {
	at := netip.MustParseAddrPort(s.addr)
	return at.Addr().String(), int(at.Port())
}

// Close ends the server and cuts its connections; from then on a client's
// connection is refused. What was received stays.
func (s *SMTPServer) Close(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	server, listener, served := s.server, s.listener, s.served
	s.server = nil
	s.mu.Unlock()
	if server == nil {
		t.Fatal("close the mail server: it is closed")
	}
	closeErr := server.Close()
	// The server knows its listener only once Serve runs, which may be later.
	listenErr := listener.Close()
	if errors.Is(listenErr, net.ErrClosed) {
		listenErr = nil
	}
	if err := errors.Join(closeErr, listenErr, <-served); err != nil {
		t.Errorf("close the mail server: %v", err)
	}
}

// Reopen listens again at the same address.
func (s *SMTPServer) Reopen(t testing.TB) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server != nil {
		t.Fatal("reopen the mail server: it is open")
	}
	// Not the test's context: the listener lives on in its cleanup.
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", s.addr)
	if err != nil {
		t.Fatalf("listen for mail: %v", err)
	}
	s.addr = listener.Addr().String()
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) {
		return &session{server: s}, nil
	}))
	server.Domain = "mail.test"
	server.MaxMessageBytes = maxMessageBytes
	server.ReadTimeout, server.WriteTimeout = smtpIdle, smtpIdle
	server.EnableSMTPUTF8 = true
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s.server, s.listener, s.served = server, listener, served
}

// Refuse answers every recipient from now on with code, until Accept: 4xx is
// "try again later", 5xx is "never".
func (s *SMTPServer) Refuse(code int, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: message}
}

// Accept ends Refuse.
func (s *SMTPServer) Accept() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refusal = nil
}

// Refused counts the recipients that were refused.
func (s *SMTPServer) Refused() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refused
}

// Messages returns what was received so far, oldest first.
func (s *SMTPServer) Messages() []Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.messages)
}

// Wait returns once n messages or more were received since the start, with all
// of them, oldest first. It fails when ctx ends before that.
func (s *SMTPServer) Wait(ctx context.Context, n int) ([]Message, error) {
	for {
		s.mu.Lock()
		got, changed := slices.Clone(s.messages), s.changed
		s.mu.Unlock()
		if len(got) >= n {
			return got, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return got, fmt.Errorf("wait for mail: %d of %d came: %w", len(got), n, context.Cause(ctx))
		}
	}
}

// isOpen reports whether the server listens.
func (s *SMTPServer) isOpen() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.server != nil
}

// recipient answers one RCPT command: nil, or the refusal in force.
func (s *SMTPServer) recipient() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refusal == nil {
		return nil // a nil *SMTPError in an error would not be nil
	}
	s.refused++
	return s.refusal
}

// keep stores a message and wakes everyone in Wait.
func (s *SMTPServer) keep(m Message) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.messages = append(s.messages, m)
	close(s.changed)
	s.changed = make(chan struct{})
}

// session is one client's conversation; go-smtp calls its methods in turn.
type session struct {
	server *SMTPServer
	from   string
	to     []string
}

// Mail begins a message.
func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	c.from = from
	return nil
}

// Rcpt adds a recipient, unless recipients are refused.
func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := c.server.recipient(); err != nil {
		return err
	}
	c.to = append(c.to, to)
	return nil
}

// Data receives the message. A message that cannot be parsed is refused for
// good: no mail of ours may be one, and the test then sees it.
func (c *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m, err := parseMessage(c.from, slices.Clone(c.to), raw)
	if err != nil {
		return &smtp.SMTPError{Code: 554, EnhancedCode: smtp.EnhancedCode{5, 6, 0}, Message: err.Error()}
	}
	c.server.keep(m)
	return nil
}

// Reset forgets the message begun.
func (c *session) Reset() { c.from, c.to = "", nil }

// Logout ends the conversation; there is nothing to free.
func (c *session) Logout() error { return nil }
