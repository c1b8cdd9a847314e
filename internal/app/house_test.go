package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/config"
	"hienke/internal/queue/asynqqueue"
	"hienke/internal/store/sqlstore"
	"hienke/internal/testkit"
)

// patience bounds how long a test waits for background work. What a lost queue
// forgot is sent again after a minute, and the race detector makes two thousand
// submissions slow.
const patience = 5 * time.Minute

// password of all demo staff in tests.
const password = "mot-mat-khau-de-thu"

// house is a running installation, in one process or in two.
type house struct {
	url    string
	client *http.Client
}

// quiet is the configuration of every test: no limits, a free port.
func quiet(dir string) config.Config {
	cfg := config.Default()
	cfg.HTTP.Listen, cfg.Data.Dir, cfg.Rate.Limits, cfg.Demo.Password = "127.0.0.1:0", dir, "off", password
	return cfg
}

// start runs one App until the test ends or stop is called, which waits for
// its end and reports how it ended.
func start(t *testing.T, cfg config.Config, o app.Options) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	o.Log = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ready := make(chan string, 1)
	o.Ready = func(address string) { ready <- address }
	a, err := app.New(ctx, cfg, o)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx, nil) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("it ended with %v", err)
		}
	}
	t.Cleanup(stop)
	select {
	case address = <-ready:
	case err := <-ended:
		t.Fatalf("it ended before it was ready: %v", err)
	case <-time.After(patience):
		t.Fatal("it was not ready in time")
	}
	return address, stop
}

// testWriter shows the log of a test that failed.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(p []byte) (int, error) {
	if w.t.Context().Err() == nil { // no line after the test's end
		w.t.Log(strings.TrimSpace(string(p)))
	}
	return len(p), nil
}

// embedded starts everything in one process with nothing else.
func embedded(t *testing.T) *house {
	t.Helper()
	address, _ := start(t, quiet(t.TempDir()), app.Options{Role: app.Everything, Demo: true})
	return &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
}

// outside is PostgreSQL and Redis, fresh for this test.
func outside(t *testing.T) (config.Config, *testkit.RedisServer) {
	t.Helper()
	cfg := quiet(t.TempDir())
	redis := testkit.NewRedis(t)
	cfg.Redis.URL = redis.URL()
	cfg.Database.URL = testkit.Postgres(t, migrate)
	return cfg, redis
}

// migrate fills the template database.
func migrate(ctx context.Context, dsn string) error {
	s, err := sqlstore.Open(ctx, dsn, sqlstore.Options{})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.Close()
}

// halfOut starts one process on PostgreSQL and Redis, with its own search.
func halfOut(t *testing.T) *house {
	t.Helper()
	cfg, _ := outside(t)
	address, _ := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	return &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
}

// scaledOut starts api and worker as two processes would run, on real servers.
func scaledOut(t *testing.T) *house {
	t.Helper()
	cfg, _ := outside(t)
	cfg.Meili.URL, cfg.Meili.Key = testkit.Meili(t)
	cfg.Meili.Prefix = testkit.Name("app")
	// Demo staff and cases are added by a first process that does everything.
	_, stop := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	stop()
	cfg.Keys.File = cfg.Data.Dir + "/keys"
	cfg.Blob.URL = "file://" + cfg.Data.Dir + "/files"
	address, _ := start(t, cfg, app.Options{Role: app.API})
	start(t, cfg, app.Options{Role: app.Worker})
	return &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
}

// answer is a response, read whole.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// object is the body as a JSON object.
func (a answer) object(t *testing.T) map[string]any {
	t.Helper()
	var o map[string]any
	if err := json.Unmarshal(a.body, &o); err != nil {
		t.Fatalf("not an object: %v\n%s", err, a.body)
	}
	return o
}

// do sends one request; headers alternate names and values.
func (h *house) do(t *testing.T, method, path string, body any, headers ...string) answer {
	t.Helper()
	a, err := h.try(t.Context(), method, path, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return a
}

func (h *house) try(ctx context.Context, method, path string, body any, headers ...string) (answer, error) {
	var r io.Reader
	if body != nil {
		data, err := json.Marshal(body)
		if err != nil {
			return answer{}, err
		}
		r = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, h.url+path, r)
	if err != nil {
		return answer{}, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := h.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() //nolint:errcheck // read whole
	data, err := io.ReadAll(resp.Body)
	return answer{resp.StatusCode, resp.Header, data}, err
}

// want fails unless the status is the one wanted.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("got status %d, want %d\n%s", a.status, status, a.body)
	}
	return a
}

// signIn returns the header of a demo staff member.
func (h *house) signIn(t *testing.T, email string) string {
	t.Helper()
	o := h.do(t, http.MethodPost, "/api/v1/staff/sessions", map[string]any{"email": email, "password": password}).
		want(t, http.StatusCreated).object(t)
	return "Bearer " + o["token"].(string)
}

// eventually asks again and again until done reports true. It is for work in
// the background that nobody announces to a client.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(patience)
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-deadline:
			t.Fatalf("waited %s for %s", patience, what)
		}
	}
}

// syllables make texts that are not nearly the same.
var syllables = strings.Fields(`đường sông núi rừng biển đảo làng xã thôn bản trường lớp sách bút máy điện nước gió nắng mưa lúa ngô khoai sắn
chè cà phê tiêu điều cam bưởi tôm cá gà vịt trâu bò lợn thuyền bè cầu cống đê kè trạm kho bãi chợ quán nhà cửa sân vườn giếng ao hồ đập`)

// proposal is a submission that the rules of the registry route.
func proposal(n int) map[string]any {
	var words []string
	for i := range 40 {
		words = append(words, syllables[(n*n*31+n*17+i*(n%7+3)+i*i*(n%11+1))%len(syllables)])
	}
	return map[string]any{
		"kind": "initiative", "topic": "so-huu-tri-tue",
		"title": fmt.Sprintf("Hướng dẫn đơn đăng ký sáng chế bằng giọng nói, phương án %d", n),
		"body": fmt.Sprintf("Phương án số %d: %s. Trợ lý ảo giúp nộp đơn đăng ký sáng chế, đọc cho người khiếm thị.",
			n, strings.Join(words, " ")),
		"submitter": map[string]any{"type": "person", "name": "Nguyễn Thị Thử Nghiệm", "email": fmt.Sprintf("thu%d@example.test", n)},
		"consent":   map[string]any{"terms": true, "publish_name": false},
	}
}

// buildDir is where program builds.
var buildDir string

func TestMain(m *testing.M) {
	asynqqueue.LogRedis(slog.New(slog.DiscardHandler)) // it complains of every try while Redis is away
	var err error
	if buildDir, err = os.MkdirTemp("", "hienke-app"); err != nil {
		panic(err)
	}
	code := m.Run()
	_ = os.RemoveAll(buildDir) // a temporary folder
	os.Exit(code)
}
