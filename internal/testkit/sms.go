package testkit

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// SMSGateway is a gateway for short messages on a free loopback port. It keeps
// what it receives and can refuse.
type SMSGateway struct {
	URL string

	mu       sync.Mutex
	requests []SMSRequest
	status   int
}

// SMSRequest is what a client sent.
type SMSRequest struct {
	Authorization, ContentType string
	Body                       []byte
}

// SMS starts a gateway for this test. It ends with the test.
func SMS(t testing.TB) *SMSGateway {
	t.Helper()
	g := &SMSGateway{status: http.StatusOK}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	g.URL = server.URL + "/send"
	return g
}

// ServeHTTP takes one text, or says that it is there.
func (g *SMSGateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil || (r.Method != http.MethodPost && r.Method != http.MethodHead) || r.URL.Path != "/send" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	if g.status < 300 && r.Method == http.MethodPost {
		g.requests = append(g.requests, SMSRequest{r.Header.Get("Authorization"), r.Header.Get("Content-Type"), body})
	}
	w.WriteHeader(g.status)
}

// Answer lets the gateway answer with a status from now on.
func (g *SMSGateway) Answer(status int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.status = status
}

// Requests returns what was taken so far, the oldest first.
func (g *SMSGateway) Requests() []SMSRequest {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.Clone(g.requests)
}
