package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"hienke/internal/app"
	"hienke/internal/civic"
	"hienke/internal/config"
	"hienke/internal/demo"
	"hienke/internal/intake"
	"hienke/internal/store"
)

// program builds the real program once. It is not built with the race
// detector, so that it is as quick as it is in service, and as "make build"
// does, whose compiled packages it can use.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "hienke")
	build := exec.Command("go", "build", "-o", path, "hienke/cmd/hienke")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

// crashing is a server process that a test can kill and start again.
type crashing struct {
	t    *testing.T
	path string
	cfg  config.Config
	cmd  *exec.Cmd
	// url is where it listens now, empty while it is down.
	url atomic.Pointer[string]
}

// command is the program on the test's data, with its settings.
func (c *crashing) command(args ...string) *exec.Cmd {
	cmd := exec.CommandContext(c.t.Context(), c.path, append([]string{"--data", c.cfg.Data.Dir}, args...)...)
	cmd.Env = append(os.Environ(), "HIENKE_RATE_LIMITS=off", "HIENKE_LOG_LEVEL=info",
		"HIENKE_DATABASE_URL="+c.cfg.Database.URL, "HIENKE_REDIS_URL="+c.cfg.Redis.URL)
	return cmd
}

// start returns when the server is ready.
func (c *crashing) start() {
	c.t.Helper()
	c.cmd = c.command("serve", "--listen", "127.0.0.1:0")
	log, err := c.cmd.StderrPipe()
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	lines := bufio.NewScanner(log)
	var said strings.Builder
	for address := ""; lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if _, rest, ok := strings.Cut(lines.Text(), "msg=listening address="); ok {
			address, _, _ = strings.Cut(rest, " ")
		}
		if strings.Contains(lines.Text(), "msg=ready") {
			url := "http://" + address
			c.url.Store(&url)
			go func() { _, _ = io.Copy(io.Discard, log) }() // so that it never waits for us
			return
		}
	}
	c.t.Fatalf("the server did not start:\n%s", said.String())
}

// kill ends the process as a power cut would.
func (c *crashing) kill() {
	c.t.Helper()
	none := ""
	c.url.Store(&none)
	if err := c.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		c.t.Fatal(err)
	}
	_ = c.cmd.Wait() // it was killed
}

func TestKilledServerLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	for name, configure := range map[string]func(t *testing.T) config.Config{
		"on SQLite": func(t *testing.T) config.Config { return quiet(t.TempDir()) },
		"on PostgreSQL and Redis": func(t *testing.T) config.Config {
			cfg, _ := outside(t)
			return cfg
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			survive(t, configure(t))
		})
	}
}

// Enough that each kill meets several group commits on their way and work half
// done, and few enough that the whole takes seconds, not minutes.
const (
	posts   = 400 // submissions sent in all
	senders = 16  // at the same time
	kills   = 4   // one after every posts/(kills+1) acknowledgements
)

// survive posts while the server is killed again and again. Every post is
// repeated with its key until it is acknowledged, as a careful client would.
func survive(t *testing.T, cfg config.Config) {
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	server := &crashing{t: t, cfg: cfg, path: path}
	add := server.command("user", "add", demo.Coordinator, "--name", "Điều phối viên", "--role", "coordinator")
	add.Stdin = strings.NewReader(password + "\n")
	if out, err := add.CombinedOutput(); err != nil {
		t.Fatalf("add a coordinator: %v\n%s", err, out)
	}
	server.start()
	var acknowledged atomic.Int64
	var mu sync.Mutex
	codes := map[string]int{} // code → which post
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	var wg sync.WaitGroup
	for s := range senders {
		wg.Go(func() {
			for n := s; n < posts; n += senders {
				code, err := postUntilAcknowledged(ctx, server, n)
				if err != nil {
					t.Errorf("post %d: %v", n, err)
					return
				}
				acknowledged.Add(1)
				mu.Lock()
				if other, taken := codes[code]; taken {
					t.Errorf("posts %d and %d have one code", other, n)
				}
				codes[code] = n
				mu.Unlock()
			}
		})
	}
	for k := range kills {
		eventually(t, "the next kill", func() bool { return acknowledged.Load() >= int64((k+1)*posts/(kills+1)) || t.Failed() })
		server.kill()
		server.start()
	}
	wg.Wait()
	if len(codes) != posts {
		t.Fatalf("%d posts were acknowledged, want %d", len(codes), posts)
	}
	h := &house{url: *server.url.Load(), client: &http.Client{Timeout: patience}}
	coordinator := h.signIn(t, demo.Coordinator)
	eventually(t, "all to be matched and routed", func() bool {
		got := h.do(t, http.MethodGet, "/api/v1/staff/queue?status=received", nil, "Authorization", coordinator).want(t, http.StatusOK).object(t)
		return got["total"].(float64) == 0
	})
	server.kill()
	settled(t, cfg, codes)
}

func postUntilAcknowledged(ctx context.Context, server *crashing, n int) (string, error) {
	client := &http.Client{Timeout: 5 * time.Second}
	for ctx.Err() == nil {
		url := *server.url.Load()
		if url == "" {
			select {
			case <-time.After(10 * time.Millisecond): // it is being started again
			case <-ctx.Done():
			}
			continue
		}
		h := &house{url: url, client: client}
		a, err := h.try(ctx, http.MethodPost, "/api/v1/submissions", proposal(n), "Idempotency-Key", fmt.Sprintf("post-%d", n))
		if err != nil || a.status >= http.StatusInternalServerError {
			continue
		}
		if a.status != http.StatusCreated {
			return "", fmt.Errorf("status %d: %s", a.status, a.body)
		}
		code, _, _ := strings.Cut(string(a.body[strings.Index(string(a.body), "HK-"):]), `"`)
		return code, nil
	}
	return "", errors.Join(ctx.Err(), errors.New("never acknowledged"))
}

// settled starts the server once more and checks that every acknowledged
// submission is there exactly once, and was matched and routed exactly once.
func settled(t *testing.T, cfg config.Config, codes map[string]int) {
	ctx := t.Context()
	a, err := app.New(ctx, cfg, app.Options{Role: app.Everything})
	if err != nil {
		t.Fatal(err)
	}
	run, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- a.Run(run, nil) }()
	defer func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	}()
	eventually(t, "all work to be done", func() bool {
		waiting := 0
		err := a.Store.View(ctx, func(tx store.Tx) error {
			pending, err := tx.Outbox().Pending(ctx)
			waiting = pending[store.JobMatch].Count + pending[store.JobRoute].Count + pending[store.JobSend].Count
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return waiting == 0
	})
	if n, err := a.Count(ctx); err != nil || n != posts {
		t.Errorf("%d submissions are stored, want %d; %v", n, posts, err)
	}
	for typed := range codes {
		code, err := civic.ParseCode(typed)
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		err = a.Store.View(ctx, func(tx store.Tx) error {
			sub, err := tx.Submissions().GetByCode(ctx, code)
			if err != nil {
				return err
			}
			events, err := tx.Events().List(ctx, sub.ID)
			counts := map[civic.EventType]int{}
			for _, e := range events {
				counts[e.Type]++
			}
			decided := counts[civic.EventRouted] + counts[civic.EventTriaged] + counts[civic.EventMerged]
			if counts[civic.EventReceived] != 1 || counts[civic.EventMatched] != 1 || decided != 1 {
				t.Errorf("%s in state %s: events %v", code, sub.State, counts)
			}
			messages, err2 := tx.Messages().List(ctx, sub.ID)
			if len(messages) != 1 {
				t.Errorf("%s has %d messages, want the one receipt", code, len(messages))
			}
			return errors.Join(err, err2)
		})
		if err != nil {
			t.Errorf("%s was acknowledged and is not there: %v", code, err)
		}
	}
}

// TestRedisEmptiedInTheMiddle loses the whole queue while it works, twice, and
// keeps it away for a while.
func TestRedisEmptiedInTheMiddle(t *testing.T) {
	t.Parallel()
	cfg, redis := outside(t)
	address, stop := start(t, cfg, app.Options{Role: app.Everything, Demo: true})
	h := &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
	codes := map[string]int{}
	for n := range 300 {
		switch n {
		case 100:
			redis.Stop(t)
		case 200:
			redis.Start(t)
		}
		// Intake does not notice.
		o := h.do(t, http.MethodPost, "/api/v1/submissions", proposal(n)).want(t, http.StatusCreated).object(t)
		codes[o["code"].(string)] = n
	}
	redis.Stop(t)
	redis.Start(t)
	coordinator := h.signIn(t, demo.Coordinator)
	eventually(t, "all to be routed in spite of the losses", func() bool {
		got := h.do(t, http.MethodGet, "/api/v1/staff/queue?status=received", nil, "Authorization", coordinator).want(t, http.StatusOK).object(t)
		return got["total"].(float64) == 0
	})
	stop()
}

// TestTheEmbeddedQueueBeginsEmpty: what was in the queue of the process before
// is sent again at once. The clock stands still, so that nothing is sent again
// for having waited too long.
func TestTheEmbeddedQueueBeginsEmpty(t *testing.T) {
	t.Parallel()
	cfg, now := quiet(t.TempDir()), time.Now().UTC()
	still := func() time.Time { return now }
	a, err := app.New(t.Context(), cfg, app.Options{Role: app.Tool, Now: still})
	if err != nil {
		t.Fatal(err)
	}
	ack, err := a.Intake.Submit(t.Context(), civic.Public, letter())
	if err != nil {
		t.Fatal(err)
	}
	err = a.Store.Do(t.Context(), func(tx store.Tx) error {
		jobs, err := tx.Outbox().Due(t.Context(), store.JobMatch, now, now, 10)
		if err != nil || len(jobs) != 1 {
			return fmt.Errorf("%d jobs wait: %w", len(jobs), err)
		}
		return tx.Outbox().Sent(t.Context(), []int64{jobs[0].ID}, now) // by a process that died
	})
	if err := errors.Join(err, a.Close()); err != nil {
		t.Fatal(err)
	}
	address, _ := start(t, cfg, app.Options{Role: app.Everything, Now: still})
	h := &house{url: "http://" + address, client: &http.Client{Timeout: patience}}
	eventually(t, "the submission to be routed", func() bool {
		own := h.do(t, http.MethodGet, "/api/v1/submissions/"+ack.Code.String(), nil, "Authorization", "Bearer "+ack.Token).want(t, http.StatusOK)
		return own.object(t)["status"] != "received"
	})
}

// letter is a submission as a face hands it over.
func letter() intake.Request {
	return intake.Request{Draft: civic.Draft{
		Kind: civic.Initiative, Title: "Nộp đơn đăng ký sáng chế qua mạng", Body: "Đề nghị cho nộp đơn đăng ký sáng chế qua mạng, không phải in giấy.",
		Channel: civic.ChannelAPI, Submitter: civic.Person, Contact: civic.Contact{Name: "Người Gửi Thử"}, AcceptTerms: true,
	}}
}
