package httpx

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"regexp"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"hienke/internal/errs"
)

const keyRequestID = "httpx.request_id"

// saneID is what a trusted proxy may call a request: nothing that could break
// a log line or a header.
var saneID = regexp.MustCompile(`^[A-Za-z0-9._-]{8,64}$`)

// RequestID returns the id of the request, which is in the log, in the header
// X-Request-Id and in every Problem.
func RequestID(c echo.Context) string {
	id, _ := c.Get(keyRequestID).(string)
	return id
}

// identify gives the request its id, its kit and, after routing, its method.
func (k *kit) identify(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if c.Get(keyHead) != nil {
			c.Request().Method = http.MethodHead
		}
		id := c.Request().Header.Get(echo.HeaderXRequestID)
		if !saneID.MatchString(id) || !k.trusts(peer(c.Request())) {
			id = k.NewRequestID()
		}
		c.Set(keyRequestID, id)
		c.Set(keyKit, k)
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		return next(c)
	}
}

// observe answers failures, writes the one log event of the request and tells
// the metrics.
func (k *kit) observe(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start := k.Now()
		err := next(c)
		gone := err != nil && clientGone(c, err)
		if err != nil {
			k.errorHandler(err, c)
		}
		took := k.Now().Sub(start)
		status := c.Response().Status
		if gone {
			status = statusClientGone
		}
		k.logRequest(c, err, status, took)
		if k.Observe != nil && (!slices.Contains(k.Streams, c.Path()) || !wantsStream(c)) { // it took as long as somebody stayed
			k.Observe(method(c), route(c), status, took)
		}
		return nil // the failure is answered
	}
}

// logRequest writes what happened without saying to whom: no path, no query,
// no body, no address in clear.
func (k *kit) logRequest(c echo.Context, err error, status int, took time.Duration) {
	level := slog.LevelInfo
	attrs := []slog.Attr{
		slog.String("request_id", RequestID(c)),
		slog.String("method", method(c)),
		slog.String("route", route(c)),
		slog.Int("status", status),
		slog.Duration("took", took),
		slog.Int64("bytes", c.Response().Size), // of the body before compression
	}
	if right, ok := c.Get(keyRight).(string); ok {
		attrs = append(attrs, slog.String("right", right))
	}
	if k.Pseudonym != nil {
		attrs = append(attrs, slog.String("client", k.Pseudonym(c.RealIP())))
	}
	if err != nil && status != statusClientGone {
		err = classify(err)
		kind := errs.KindOf(err)
		level = outcomes[kind].level
		attrs = append(attrs, slog.String("error_kind", kind.String()), slog.String("error_code", errs.CodeOf(err)))
		// Only our own faults need their cause to be understood; the cause of
		// a refusal can hold what the sender wrote.
		if kind == errs.Internal || kind == errs.Unavailable {
			attrs = append(attrs, slog.String("error", err.Error()))
		}
	}
	k.Log.LogAttrs(c.Request().Context(), level, "request", attrs...)
}

// methods are those that clients have a use for.
var methods = map[string]bool{
	http.MethodGet: true, http.MethodHead: true, http.MethodPost: true, http.MethodPut: true, http.MethodPatch: true,
	http.MethodDelete: true, http.MethodOptions: true,
}

// method returns the method of the request, "other" where it is invented: each
// name that a stranger makes up would be kept by the metrics for ever.
func method(c echo.Context) string {
	if m := c.Request().Method; methods[m] {
		return m
	}
	return "other"
}

// route returns the pattern of the route, "none" where nothing matched.
func route(c echo.Context) string {
	if p := c.Path(); p != "" && !strings.HasSuffix(p, "/*") {
		return p
	}
	return "none"
}

// maxStack bounds a logged stack in bytes: the frames next to the panic are
// what counts.
const maxStack = 4 << 10

// recoverPanics turns a panic into an Internal error with its stack as cause.
// http.ErrAbortHandler passes: it is how a handler drops a connection.
func recoverPanics(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint // net/http compares it the same way
				panic(v)
			}
			stack := debug.Stack()
			err = errs.Wrap(errs.Internal, "internal", fmt.Errorf("panic: %v\n%s", v, stack[:min(len(stack), maxStack)]))
		}()
		return next(c)
	}
}

// deadline bounds how long a handler waits for other parts.
func (k *kit) deadline(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		whole, span := c.Request().Context(), workTimeout
		if slices.Contains(k.Streams, c.Path()) && wantsStream(c) {
			ctx, cancel := untilStopping(whole)
			defer func() {
				cancel()
				c.SetRequest(c.Request().WithContext(whole))
			}()
			c.SetRequest(c.Request().WithContext(ctx))
			return next(c)
		}
		brings, fetches := k.uploadLimit(c) > 0, slices.Contains(k.Downloads, c.Path())
		if brings || fetches {
			span = filesTimeout
		}
		ctx, cancel := context.WithTimeout(whole, span)
		hurry, line := func() {}, http.NewResponseController(c.Response())
		switch {
		case brings:
			hurry = patient(ctx, line, line.SetReadDeadline)
		case fetches:
			hurry = patient(ctx, line, line.SetWriteDeadline)
		}
		defer func() {
			hurry() // before cancel, which would break off a connection that has come to its end well
			cancel()
			// What is outside must not take our cancel for a client that left.
			c.SetRequest(c.Request().WithContext(whole))
		}()
		c.SetRequest(c.Request().WithContext(ctx))
		return next(c)
	}
}

// uploadLimit is how many bytes a request may bring to a route that takes
// files, 0 for all others.
func (k *kit) uploadLimit(c echo.Context) int64 {
	if c.Request().Method != http.MethodPost {
		return 0
	}
	return k.Uploads[c.Path()]
}

// patient lets the connection live for as long as ctx, when expire breaks it
// off, and returns what ends that. The next request of the connection has the
// server's times again.
func patient(ctx context.Context, line *http.ResponseController, expire func(time.Time) error) (end func()) {
	_ = line.SetReadDeadline(time.Time{}) // a recorder in a test has none
	_ = line.SetWriteDeadline(time.Time{})
	stop := context.AfterFunc(ctx, func() { _ = expire(time.Unix(1, 0)) })
	return func() { stop() }
}

// Policies of what a page may do. Scripts, styles and images come from here
// alone and nothing is inline; the API answers data and may do nothing.
const (
	pagePolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; " +
		"connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
	apiPolicy = "default-src 'none'; frame-ancestors 'none'"
	// hstsPolicy holds for a year, the least that browsers' lists ask for.
	hstsPolicy = "max-age=31536000; includeSubDomains"
)

// secureHeaders sets what browsers must know. Nothing is cached unless a
// handler says so: most answers are somebody's own.
func (k *kit) secureHeaders(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		h := c.Response().Header()
		policy := pagePolicy
		if IsAPI(c) {
			policy = apiPolicy
		}
		h.Set("Content-Security-Policy", policy)
		h.Set("Referrer-Policy", "same-origin")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()")
		h.Set("Cache-Control", "no-store")
		if k.Secure {
			h.Set("Strict-Transport-Security", hstsPolicy)
		}
		return next(c)
	}
}

// AllowFraming lets other sites show the answer of this request in a frame:
// those of ancestors, in the words of CSP's frame-ancestors. Such an answer
// runs no script and sends no form.
func AllowFraming(c echo.Context, ancestors string) {
	c.Response().Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors "+ancestors)
}

// refuseCrossOrigin guards what acts by cookie. The API acts by Authorization
// alone, which no foreign site can make a browser send.
func (k *kit) refuseCrossOrigin(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !IsAPI(c) {
			if err := k.cross.Check(c.Request()); err != nil {
				return errs.Wrap(errs.Forbidden, CodeCrossOrigin, err)
			}
		}
		return next(c)
	}
}

// minCompressed is the least size in bytes that is worth compressing: below it
// the answer fits one packet anyway.
const minCompressed = 1400

// compress compresses everything but what is compressed already, and files, of
// which somebody may want a part.
func (k *kit) compress() echo.MiddlewareFunc {
	return middleware.GzipWithConfig(middleware.GzipConfig{
		MinLength: minCompressed,
		Skipper: func(c echo.Context) bool {
			for _, prefix := range k.Precompressed {
				if strings.HasPrefix(c.Request().URL.Path, prefix) {
					return true
				}
			}
			return slices.Contains(k.Downloads, c.Path()) || slices.Contains(k.Streams, c.Path())
		},
	})
}

// peerAddress finds the addresses that net/http puts into its own messages.
var peerAddress = regexp.MustCompile(`\[[0-9A-Fa-f:.%a-z]+\]:\d+|\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`)

type serverLogWriter struct{ log *slog.Logger }

// Write logs one message of net/http without the peer's address.
func (w serverLogWriter) Write(b []byte) (int, error) {
	w.log.Warn("http server", slog.String("message", peerAddress.ReplaceAllString(strings.TrimSpace(string(b)), "<address>")))
	return len(b), nil
}

func serverLog(l *slog.Logger) *log.Logger {
	if l == nil {
		l = slog.New(slog.DiscardHandler)
	}
	return log.New(serverLogWriter{l}, "", 0)
}
