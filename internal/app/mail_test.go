package app_test

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hienke/internal/app"
	"hienke/internal/testkit"
)

// mailSite is the address in the mails of tests. Nothing answers there; a
// citizen's browser is led to the house.
const mailSite = "https://hienke.example"

// withMail starts everything in one process, with a mail server beside it.
func withMail(t *testing.T) (*house, *testkit.SMTPServer) {
	t.Helper()
	smtp := testkit.SMTP(t)
	cfg := quiet(t.TempDir())
	cfg.HTTP.PublicURL = mailSite
	cfg.Mail.Host, cfg.Mail.Port = smtp.HostPort()
	cfg.Mail.TLS, cfg.Mail.From, cfg.Mail.ReturnPath = "none", "Hiến Kế <khong-tra-loi@hienke.example>", "tra-ve+{token}@hienke.example"
	address, _ := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	return &house{url: "http://" + address, client: &http.Client{Timeout: patience}}, smtp
}

// towards leads requests to an address, whatever site they name, so that links
// of mails are opened as they are, and cookies are kept as for https.
type towards string

// RoundTrip implements http.RoundTripper.
func (to towards) RoundTrip(r *http.Request) (*http.Response, error) {
	led := r.Clone(r.Context())
	led.Host, led.URL.Scheme, led.URL.Host = r.URL.Host, "http", strings.TrimPrefix(string(to), "http://")
	return http.DefaultTransport.RoundTrip(led)
}

// visitor opens links and sends forms as a browser does.
type visitor struct {
	client *http.Client
	agent  string // what the browser calls itself
}

// visitor returns a browser that was never here.
func (h *house) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{client: &http.Client{Timeout: patience, Jar: jar, Transport: towards(h.url)}, agent: "Mozilla/5.0"}
}

// get opens a page.
func (v *visitor) get(t *testing.T, address string) string {
	t.Helper()
	return v.do(t, http.MethodGet, address, nil)
}

// post sends a form; values alternate names and values.
func (v *visitor) post(t *testing.T, address string, values ...string) string {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(values); i += 2 {
		form.Set(values[i], values[i+1])
	}
	return v.do(t, http.MethodPost, address, strings.NewReader(form.Encode()))
}

// do returns the page that the browser shows in the end.
func (v *visitor) do(t *testing.T, method, address string, form io.Reader) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, form)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("User-Agent", v.agent)
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := v.client.Do(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, address, err)
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %d, %v\n%s", method, address, resp.StatusCode, err, body)
	}
	return string(body)
}

// mailbox is what came to one address.
type mailbox struct {
	*testkit.SMTPServer
	address string
}

// wait returns the nth mail of the mailbox, the first being 1.
func (b mailbox) wait(t *testing.T, n int) testkit.Message {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for seen := 1; ; seen++ {
		all, err := b.Wait(ctx, seen)
		if err != nil {
			t.Fatalf("mail %d to %s: %v", n, b.address, err)
		}
		if mine := b.of(all); len(mine) >= n {
			return mine[n-1]
		}
		seen = len(all)
	}
}

// all returns what came so far.
func (b mailbox) all() []testkit.Message { return b.of(b.Messages()) }

func (b mailbox) of(all []testkit.Message) []testkit.Message {
	return slices.DeleteFunc(slices.Clone(all), func(m testkit.Message) bool { return !slices.Contains(m.To, b.address) })
}

// text is the plain part with the line ends of a page.
func text(m testkit.Message) string { return strings.ReplaceAll(m.Text("text/plain"), "\r\n", "\n") }

// linkIn returns the one address in a mail that goes on so below the language.
func linkIn(t *testing.T, m testkit.Message, path string) string {
	t.Helper()
	found := regexp.MustCompile(regexp.QuoteMeta(mailSite+path)+`\S*`).FindAllString(text(m), -1)
	if len(found) != 1 {
		t.Fatalf("%d links to %s in\n%s", len(found), path, text(m))
	}
	if !strings.Contains(m.Text("text/html"), `href="`+found[0]+`"`) {
		t.Errorf("the HTML of %q has no link to %s", m.Subject, found[0])
	}
	return found[0]
}
