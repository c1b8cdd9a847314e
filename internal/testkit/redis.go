package testkit

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// RedisServer is a redis-server process that belongs to one test, because asynq
// uses the same key names everywhere and because tests want to kill it. It keeps
// nothing on disk: stopped and started, it is empty.
type RedisServer struct {
	program string
	dir     string
	port    int
	secret  string
	running *exec.Cmd     // nil while stopped
	ended   chan struct{} // closed once the running process's output ended
}

// redisStart bounds the time until a server accepts connections. It takes some
// 20 ms; a machine under load has needed 1 s.
const redisStart = 20 * time.Second

// errPortTaken reports that another process was quicker to take the port.
var errPortTaken = errors.New("the port is taken")

// Redis starts an empty Redis for this test alone and returns its redis:// URL,
// password included. It ends with the test.
func Redis(t testing.TB) string {
	t.Helper()
	return NewRedis(t).URL()
}

// NewRedis is Redis for tests that stop the server in the middle of work.
func NewRedis(t testing.TB) *RedisServer {
	t.Helper()
	program := os.Getenv(EnvRedisServer)
	if program == "" {
		program = "redis-server"
	}
	program, err := exec.LookPath(program)
	if err != nil {
		absent(t, "redis-server", "apt-get install --no-install-recommends redis-server")
	}
	r := &RedisServer{program: program, dir: t.TempDir(), secret: token()}
	t.Cleanup(func() {
		if r.running != nil {
			r.Stop(t)
		}
	})
	// The port is free when asked for and may be gone a moment later.
	for range 5 {
		r.port = freePort(t)
		if err = r.start(); !errors.Is(err, errPortTaken) {
			break
		}
	}
	if err != nil {
		t.Fatalf("start redis-server: %v", err)
	}
	return r
}

// URL returns the address, which stays the same over Stop and Start. It names the
// user "default" because some clients take an empty name for a name.
func (r *RedisServer) URL() string {
	return fmt.Sprintf("redis://default:%s@127.0.0.1:%d/0", r.secret, r.port)
}

// Stop kills the server as a power cut would. Everything in it is gone.
func (r *RedisServer) Stop(t testing.TB) {
	t.Helper()
	if err := r.stop(); err != nil {
		t.Fatalf("stop redis-server: %v", err)
	}
}

// Start starts the stopped server again, empty, at the same address.
func (r *RedisServer) Start(t testing.TB) {
	t.Helper()
	if err := r.start(); err != nil {
		t.Fatalf("start redis-server again: %v", err)
	}
}

// start runs the server and returns once it accepts connections.
func (r *RedisServer) start() error {
	// The configuration goes through standard input: arguments, and so the
	// password, are there for every user of the machine to read.
	cmd := exec.CommandContext(context.Background(), r.program, "-")
	cmd.Dir = r.dir
	cmd.Stdin = strings.NewReader(fmt.Sprintf(
		"bind 127.0.0.1\nport %d\nrequirepass %s\nsave \"\"\nappendonly no\ndaemonize no\n", r.port, r.secret))
	endWithParent(cmd)
	// A pipe of our own rather than StdoutPipe, which Wait closes under the
	// reader's hands.
	out, in, err := os.Pipe()
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = in, in
	err = cmd.Start()
	if closeErr := in.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return errors.Join(err, out.Close())
	}
	r.running, r.ended = cmd, make(chan struct{})
	ready := make(chan error, 1)
	go r.watch(out, ready)
	select {
	case err = <-ready:
	case <-time.After(redisStart):
		err = fmt.Errorf("not ready after %v", redisStart)
	}
	if err != nil {
		return errors.Join(err, r.stop())
	}
	return nil
}

// watch copies the server's output to its log until the server ends, and says
// once on ready whether it came up.
func (r *RedisServer) watch(out io.ReadCloser, ready chan<- error) {
	defer close(r.ended)
	defer out.Close() //nolint:errcheck // only read
	var log strings.Builder
	told := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if told {
			continue // read on, or the server would block on a full pipe
		}
		line := lines.Text()
		log.WriteString(line + "\n")
		if strings.Contains(line, "Ready to accept connections") {
			ready <- nil
			told = true
		}
	}
	if told {
		return
	}
	if strings.Contains(log.String(), "Address already in use") {
		ready <- errPortTaken
		return
	}
	ready <- fmt.Errorf("it ended at once:\n%s", log.String())
}

// stop kills the process and waits until it is gone.
func (r *RedisServer) stop() error {
	if r.running == nil {
		return errors.New("it is not running")
	}
	killErr := r.running.Process.Kill()
	if errors.Is(killErr, os.ErrProcessDone) {
		killErr = nil
	}
	<-r.ended
	var exit *exec.ExitError
	waitErr := r.running.Wait()
	if errors.As(waitErr, &exit) {
		waitErr = nil // killed: that is what was asked for
	}
	r.running = nil
	return errors.Join(killErr, waitErr)
}

// freePort asks the system for a TCP port that nobody listens on.
func freePort(t testing.TB) int {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("find a free port: %v", err)
	}
	port := listener.Addr().(*net.TCPAddr).Port
	if err := listener.Close(); err != nil {
		t.Fatalf("give the port back: %v", err)
	}
	return port
}
