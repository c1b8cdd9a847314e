package app_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"hienke/internal/app"
	"hienke/internal/demo"
	"hienke/internal/testkit"
)

// door is a way to a server that a test can shut and open: the server is
// "absent" while it is shut. It is shut at first.
type door struct {
	address string // where clients knock
	to      string

	mu       sync.Mutex
	listener net.Listener
}

func newDoor(t *testing.T, to string) *door {
	t.Helper()
	// A port that nobody else takes meanwhile: it is bound now and given back
	// only while the door is shut.
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	d := &door{address: l.Addr().String(), to: to}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.shut)
	return d
}

func (d *door) open(t *testing.T) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", d.address)
	if err != nil {
		t.Fatal(err)
	}
	d.mu.Lock()
	d.listener = l
	d.mu.Unlock()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return // shut
			}
			go d.pass(t.Context(), in)
		}
	}()
}

func (d *door) pass(ctx context.Context, in net.Conn) {
	defer in.Close() //nolint:errcheck // both ends are the test's
	out, err := new(net.Dialer).DialContext(ctx, "tcp", d.to)
	if err != nil {
		return
	}
	defer out.Close() //nolint:errcheck // both ends are the test's
	go func() { _, _ = io.Copy(out, in) }()
	_, _ = io.Copy(in, out) // either end may go at any time
}

func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.listener != nil {
		_ = d.listener.Close() // shut twice is shut
		d.listener = nil
	}
}

// TestWithoutMeilisearch goes the whole way while the engine is absent: intake
// does not notice, searches are answered from the database and say so, and the
// index catches up by itself.
func TestWithoutMeilisearch(t *testing.T) {
	t.Parallel()
	server, key := testkit.Meili(t)
	u, err := url.Parse(server)
	if err != nil {
		t.Fatal(err)
	}
	way := newDoor(t, u.Host)
	cfg := quiet(t.TempDir())
	cfg.Meili.URL, cfg.Meili.Key, cfg.Meili.Prefix = "http://"+way.address, key, testkit.Name("absent")
	address, _ := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	h := &house{url: "http://" + address, client: &http.Client{Timeout: patience}}

	h.do(t, http.MethodPost, "/api/v1/submissions", proposal(1)).want(t, http.StatusCreated)
	path := "/api/v1/search?q=" + url.QueryEscape("chu ky so mien phi")
	found := h.do(t, http.MethodGet, path, nil).want(t, http.StatusOK).object(t)
	if found["degraded"] != true || found["total"].(float64) < 1 {
		t.Errorf("without the engine the search answered %v", found)
	}
	if page := h.do(t, http.MethodGet, "/vi/search?q=chu+ky+so", nil).want(t, http.StatusOK); !strings.Contains(string(page.body), "Chữ ký số") &&
		!strings.Contains(string(page.body), "chữ ký số") {
		t.Error("without the engine the page found nothing")
	}
	ready := h.do(t, http.MethodGet, "/readyz", nil).want(t, http.StatusOK).object(t)
	if ready["search"] != "away" {
		t.Errorf("/readyz says %v", ready)
	}
	way.open(t)
	eventually(t, "the index to catch up", func() bool {
		found := h.do(t, http.MethodGet, path, nil).want(t, http.StatusOK).object(t)
		return found["degraded"] == false && found["engine"] == "meilisearch" && found["total"].(float64) >= 1
	})
}

// TestWithoutMailServer shows that mail waits for its server and nothing else
// waits for mail.
func TestWithoutMailServer(t *testing.T) {
	t.Parallel()
	smtp := testkit.SMTP(t)
	smtp.Close(t)
	cfg := quiet(t.TempDir())
	cfg.Mail.Host, cfg.Mail.Port = smtp.HostPort()
	cfg.Mail.TLS, cfg.Mail.From = "none", "Hiến Kế <khong-tra-loi@example.test>"
	address, _ := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	h := &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
	sent := h.do(t, http.MethodPost, "/api/v1/submissions", proposal(1)).want(t, http.StatusCreated).object(t)
	code := sent["code"].(string)
	officer := h.signIn(t, demo.Officer)
	eventually(t, "the submission to be routed without mail", func() bool {
		return h.do(t, http.MethodGet, "/api/v1/staff/submissions/"+code, nil, "Authorization", officer).status == http.StatusOK
	})
	smtp.Reopen(t)
	eventually(t, "the receipt to arrive once the server is back", func() bool {
		for _, m := range smtp.Messages() {
			if strings.Contains(m.Header.Get("To"), "thu1@example.test") {
				return strings.Contains(string(m.Raw), code)
			}
		}
		return false
	})
}

// TestNoMailConfigured keeps what cannot be sent, and staff see it.
func TestNoMailConfigured(t *testing.T) {
	t.Parallel()
	h := embedded(t)
	sent := h.do(t, http.MethodPost, "/api/v1/submissions", proposal(1)).want(t, http.StatusCreated).object(t)
	coordinator := h.signIn(t, demo.Coordinator)
	eventually(t, "the receipt to be kept as not sent", func() bool {
		c := h.do(t, http.MethodGet, "/api/v1/staff/submissions/"+sent["code"].(string), nil, "Authorization", coordinator)
		return c.status == http.StatusOK && strings.Contains(string(c.body), `"not_sent"`)
	})
}
