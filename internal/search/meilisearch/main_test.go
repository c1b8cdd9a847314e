package meilisearch_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"hienke/internal/testkit"
)

// TestMain starts one server for all tests when none is named and one is
// installed.
func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	if os.Getenv(testkit.EnvMeili) == "" {
		if program, err := exec.LookPath("meilisearch"); err == nil {
			stop, err := start(program)
			if err != nil {
				fmt.Fprintln(os.Stderr, "start meilisearch:", err)
				return 1
			}
			defer stop()
		}
	}
	if os.Getenv(testkit.EnvMeili) == "" {
		fmt.Fprintln(os.Stderr, "NOT RUN: the search suite on Meilisearch; no server named and none on PATH")
	}
	return m.Run()
}

// start runs a server on a free port of the loopback interface and names it in
// the environment.
func start(program string) (stop func(), err error) {
	dir, err := os.MkdirTemp("", "meilisearch-*")
	if err != nil {
		return nil, err
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	const key = "a-key-for-tests-only" // at least 16 bytes
	// By default the indexer lays out two thirds of the machine's memory for
	// every task, which takes a second on a large machine.
	const memory = "256MiB"
	cmd := exec.Command(program, "--no-analytics", "--max-indexing-memory", memory, "--http-addr", address, "--master-key", key,
		"--db-path", filepath.Join(dir, "db"), "--dump-dir", filepath.Join(dir, "dumps"), "--snapshot-dir", filepath.Join(dir, "snapshots"))
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	stop = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = os.RemoveAll(dir)
	}
	url := "http://" + address
	if err := healthy(url); err != nil {
		stop()
		return nil, err
	}
	_ = os.Setenv(testkit.EnvMeili, url)
	_ = os.Setenv(testkit.EnvMeiliKey, key)
	return stop, nil
}

// healthy waits until the server answers.
func healthy(url string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/health", nil)
		if err != nil {
			return err
		}
		if resp, err := http.DefaultClient.Do(req); err == nil {
			return resp.Body.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}
