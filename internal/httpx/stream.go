package httpx

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// eventStream is the media type of server-sent events.
const eventStream = "text/event-stream"

// eventTimeout is how long one event may take on the line. A client that takes
// longer has gone to sleep; it comes again when it wakes.
const eventTimeout = 10 * time.Second

// stoppingKey finds the channel in the context of a connection that is closed
// once the server stops: what is open for as long as somebody stays would hold
// the stop up.
type stoppingKey struct{}

// untilStopping ends with ctx or when the server stops.
func untilStopping(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if stopping, ok := ctx.Value(stoppingKey{}).(<-chan struct{}); ok {
		go func() {
			select {
			case <-stopping:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

// wantsStream reports whether the client asks for events as they happen. One
// that does not gets what is so now.
func wantsStream(c echo.Context) bool {
	return strings.Contains(c.Request().Header.Get(echo.HeaderAccept), eventStream)
}

// Stream is an answer of server-sent events.
type Stream struct {
	c    echo.Context
	line *http.ResponseController
}

// OpenStream begins an answer of events on a route of Options.Streams. It is
// nil where the client did not ask for events.
func OpenStream(c echo.Context) (*Stream, error) {
	if !wantsStream(c) {
		return nil, nil //nolint:nilnil // said above
	}
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, eventStream)
	h.Set("X-Accel-Buffering", "no") // proxies of the nginx kind pass each event on at once
	s := &Stream{c, http.NewResponseController(c.Response())}
	_ = s.line.SetReadDeadline(time.Time{}) // a recorder in a test has none
	_ = s.line.SetWriteDeadline(time.Time{})
	c.Response().WriteHeader(http.StatusOK)
	return s, s.Quiet()
}

// Tell sends an event: one line of text.
func (s *Stream) Tell(text string) error {
	return s.write("data: " + strings.NewReplacer("\r", " ", "\n", " ").Replace(text) + "\n\n")
}

// Quiet sends a sign of life, by which either side learns of a broken line.
func (s *Stream) Quiet() error { return s.write(":\n\n") }

func (s *Stream) write(text string) error {
	late := time.AfterFunc(eventTimeout, func() { _ = s.line.SetWriteDeadline(time.Unix(1, 0)) })
	defer late.Stop()
	if _, err := s.c.Response().Write([]byte(text)); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	if err := s.line.Flush(); err != nil {
		return fmt.Errorf("send an event: %w", err)
	}
	return nil
}
