package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"time"
)

// Streams are where a command reads and writes.
type Streams struct {
	In  io.Reader
	Out io.Writer
	// Terminal tells whether a person watches: bars instead of lines.
	Terminal bool
}

// Command runs one command line inside a process that has the App.
type Command func(ctx context.Context, a *App, args []string, s Streams) error

// The embedded size allows one process per data folder. A command beside a
// running server therefore goes through it, over a socket in the folder that
// only the folder's owner can open.
const (
	controlSocket  = "control.sock"
	controlTrailer = "Hienke-Error"
	// socketLimit is what Unix allows for the path of a socket, in bytes.
	socketLimit = 104
)

// listenControl opens the socket, so that commands reach a server that says it
// is ready. It returns nil where the folder's path leaves no room for one.
func (a *App) listenControl(ctx context.Context) (net.Listener, error) {
	path := filepath.Join(a.Config.Data.Dir, controlSocket)
	if len(path) >= socketLimit {
		a.Log.Warn("the data folder's path is too long for a socket: commands cannot run beside this server", "path", path)
		return nil, nil //nolint:nilnil // no socket is a state of its own, and work knows it
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("remove the old control socket: %w", err)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("open the control socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("close the control socket to others: %w", err), listener.Close())
	}
	return listener, nil
}

// serveControl answers commands until ctx ends.
func (a *App) serveControl(ctx context.Context, listener net.Listener, run Command) error {
	server := &http.Server{
		Handler:           a.controlHandler(run),
		ReadHeaderTimeout: 5 * time.Second, // a local command writes its header at once
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	context.AfterFunc(ctx, func() { _ = server.Close() }) // ends Serve; commands see ctx end
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the control socket: %w", err)
	}
	return nil
}

func (a *App) controlHandler(run Command) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		w.Header().Set("Trailer", controlTrailer)
		// Commands answer while they still read.
		rc := http.NewResponseController(w)
		_ = rc.EnableFullDuplex() // HTTP/1 over a socket of ours supports it
		s := Streams{In: r.Body, Out: &flusher{w: w, rc: rc}, Terminal: q.Get("terminal") != ""}
		if err := run(r.Context(), a, q["arg"], s); err != nil {
			w.Header().Set(controlTrailer, url.QueryEscape(err.Error()))
		}
	})
}

// flusher sends each write on at once.
type flusher struct {
	w  io.Writer
	rc *http.ResponseController
}

func (f *flusher) Write(p []byte) (int, error) {
	n, err := f.w.Write(p)
	return n, errors.Join(err, f.rc.Flush())
}

// Forward runs a command line in the process that uses the data folder.
func Forward(ctx context.Context, dir string, args []string, s Streams) error {
	client := &http.Client{Transport: &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", filepath.Join(dir, controlSocket))
		},
	}}
	q := url.Values{"arg": args}
	if s.Terminal {
		q.Set("terminal", "1")
	}
	var in io.Reader
	if s.In != nil {
		in = io.NopCloser(s.In) // the caller closes what it opened
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://hienke/run?"+q.Encode(), in)
	if err != nil {
		return fmt.Errorf("prepare the command: %w", err)
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("reach the process that uses %s: %w", dir, err)
	}
	_, err = io.Copy(s.Out, resp.Body)
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return fmt.Errorf("read what the command says: %w", err)
	}
	if text := resp.Trailer.Get(controlTrailer); text != "" {
		if plain, err := url.QueryUnescape(text); err == nil {
			text = plain
		}
		return errors.New(text)
	}
	return nil
}
