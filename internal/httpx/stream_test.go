package httpx_test

import (
	"bufio"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// streamServer serves events at /events, each when something comes out of the
// channel, with the spans of a connection cut to short.
func streamServer(t *testing.T, short time.Duration, events <-chan string, ended chan<- error) (*http.Server, string) {
	t.Helper()
	e, err := httpx.New(httpx.Options{
		Log: slog.New(slog.DiscardHandler), Now: time.Now, Streams: []string{"/events"},
		Translate: func(i18n.Lang, string, map[string]string) string { return "" },
	})
	if err != nil {
		t.Fatal(err)
	}
	e.GET("/events", func(c echo.Context) error {
		stream, err := httpx.OpenStream(c)
		if stream == nil && err == nil {
			return c.String(http.StatusOK, "now")
		}
		for {
			select {
			case <-c.Request().Context().Done():
				ended <- c.Request().Context().Err()
				return nil
			case text := <-events:
				if err := stream.Tell(text); err != nil {
					return nil //nolint:nilerr // the client reads what is wrong
				}
			}
		}
	})
	server := httpx.NewServer(e, slog.New(slog.DiscardHandler))
	server.ReadTimeout, server.WriteTimeout = short, short
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return server, "http://" + listener.Addr().String() + "/events"
}

// listen asks for events.
func listen(t *testing.T, ctx context.Context, address string) (*http.Response, *bufio.Scanner) {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Accept-Encoding", "gzip")
	answer, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer, bufio.NewScanner(answer.Body)
}

// wantEvent reads lines up to the next event.
func wantEvent(t *testing.T, lines *bufio.Scanner, want string) {
	t.Helper()
	for lines.Scan() {
		if got, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if got != want {
				t.Errorf("event %q, want %q", got, want)
			}
			return
		}
	}
	t.Fatalf("the stream ended before %q: %v", want, lines.Err())
}

func TestAStreamOutlivesTheTimesOfAPage(t *testing.T) {
	t.Parallel()
	const short = 50 * time.Millisecond
	events, ended := make(chan string), make(chan error, 1)
	_, address := streamServer(t, short, events, ended)
	answer, lines := listen(t, t.Context(), address)
	if got := answer.Header.Get("Content-Encoding"); got != "" {
		t.Errorf("the stream is encoded as %s: events would wait for each other", got)
	}
	for _, text := range []string{"one", "two\nlines", "three"} {
		<-time.After(2 * short) // both times of the server run out
		events <- text
		wantEvent(t, lines, strings.ReplaceAll(text, "\n", " "))
	}
}

func TestAStreamEndsWithTheServer(t *testing.T) {
	t.Parallel()
	events, ended := make(chan string), make(chan error, 1)
	server, address := streamServer(t, time.Minute, events, ended)
	_, lines := listen(t, t.Context(), address)
	events <- "here"
	wantEvent(t, lines, "here")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		t.Fatalf("the server does not stop while a stream is open: %v", err)
	}
	if lines.Scan() && lines.Text() != "" || lines.Err() != nil {
		t.Errorf("the answer is broken off: %q, %v", lines.Text(), lines.Err())
	}
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler ended with %v", err)
	}
}

func TestAStreamEndsWithItsClient(t *testing.T) {
	t.Parallel()
	events, ended := make(chan string), make(chan error, 1)
	_, address := streamServer(t, time.Minute, events, ended)
	ctx, cancel := context.WithCancel(t.Context())
	_, lines := listen(t, ctx, address)
	events <- "here"
	wantEvent(t, lines, "here")
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the handler ended with %v", err)
	}
}

func TestWhoAsksForNoEventsGetsWhatIsSoNow(t *testing.T) {
	t.Parallel()
	_, address := streamServer(t, time.Minute, nil, nil)
	answer, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if got := answer.Header.Get("Content-Type"); !strings.HasPrefix(got, "text/plain") {
		t.Errorf("answered as %s", got)
	}
}
