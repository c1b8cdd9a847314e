package httpx

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/i18n"
)

// APIPrefix is where the JSON face lives. Failures below it are answered as
// application/problem+json, all others as pages.
const APIPrefix = "/api"

// Limits of one request.
const (
	// MaxBody is the size of a JSON or form body in bytes. The largest
	// submission, 50,000 letters of four escaped bytes each beside a contact,
	// stays below a third of it.
	MaxBody = 1 << 20
	// maxDrain is how much of a body that is too large is read and thrown
	// away, in bytes, so that an honest client gets to see the answer instead
	// of a broken connection.
	maxDrain = 16 << 20
	// maxHeader is the size of a request's headers in bytes. Browsers stay
	// below 8 KiB.
	maxHeader = 16 << 10
)

// Spans of one connection. See NewServer.
const (
	headerTimeout = 5 * time.Second  // headers are small; longer is somebody holding the line
	readTimeout   = 60 * time.Second // 1 MiB at 17 KiB/s, a poor mobile network
	writeTimeout  = 60 * time.Second // a page at the same pace
	idleTimeout   = 2 * time.Minute  // a reader's pause between two pages
	// workTimeout is how long a handler may wait for the database or a search
	// before the answer is 503. It leaves time to write that answer.
	workTimeout = 30 * time.Second
	// filesTimeout is how long one request may bring or fetch files: 50 MB at
	// 60 KB/s.
	filesTimeout = 15 * time.Minute
)

// Options configures New. Log, Now and Translate are required.
type Options struct {
	Log *slog.Logger
	Now func() time.Time
	// Translate returns the text of a key, or i18n.Missing(key); it is
	// i18n.Catalogue.Message.
	Translate func(lang i18n.Lang, key string, params map[string]string) string
	// RenderPage answers a failure outside of /api as a page. It decides about
	// redirects, such as 303 to the sign-in for status 401. Nil, or an error
	// before anything was written, gives plain text.
	RenderPage func(c echo.Context, p Problem) error
	// Pseudonym turns an address into what the log may show. Nil: nothing is
	// shown.
	Pseudonym func(address string) string
	// Observe is told of every answered request, for metrics. route is a
	// pattern, or "none". Nil: nobody is told.
	Observe func(method, route string, status int, took time.Duration)
	// NewRequestID draws a request id. Nil: 26 random characters.
	NewRequestID func() string
	// TrustedProxies are the peers whose forwarding headers are believed.
	TrustedProxies []netip.Prefix
	// Secure says that people reach the service by https only: cookies get
	// Secure and the __Host- prefix, answers get HSTS.
	Secure bool
	// Origins are further origins (scheme://host) that may post to the pages,
	// such as the public address when a proxy changes the Host header.
	Origins []string
	// Precompressed are path prefixes that answer with encodings of their own.
	Precompressed []string
	// Uploads are patterns of routes that take files, with the size of their
	// bodies in bytes. Their handlers read the body by themselves, and have
	// filesTimeout for it.
	Uploads map[string]int64
	// Downloads are patterns of routes that send files. They have filesTimeout
	// too.
	Downloads []string
	// Streams are patterns of routes that tell what happens as it happens, for as
	// long as the handler likes, or until the server stops: see Stream.
	Streams []string
	// Jitter returns a number in [0,1) that spreads Retry-After. Nil: random.
	Jitter func() float64
}

// kit is Options with its defaults, shared by all middleware.
type kit struct {
	Options
	cross *http.CrossOriginProtection
}

// New returns an Echo with all middleware and the error handler in place. It
// fails when an option is missing or an origin cannot be read.
func New(o Options) (*echo.Echo, error) {
	if o.Log == nil || o.Now == nil || o.Translate == nil {
		return nil, errors.New("httpx: Log, Now and Translate are required")
	}
	if o.NewRequestID == nil {
		o.NewRequestID = rand.Text
	}
	if o.Jitter == nil {
		o.Jitter = randomShare
	}
	k := &kit{Options: o, cross: http.NewCrossOriginProtection()}
	for _, origin := range o.Origins {
		if err := k.cross.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("httpx: origin %q: %w", origin, err)
		}
	}

	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.Logger.SetOutput(io.Discard) // Echo's own lines know nothing of the rules for logs
	e.IPExtractor = k.clientIP
	e.HTTPErrorHandler = k.errorHandler
	e.Pre(headAsGet)
	// From the outside in: what observes sees every failure of what follows.
	e.Use(
		k.identify,
		k.observe,
		recoverPanics,
		k.deadline,
		k.secureHeaders,
		refuseBadAddress,
		k.refuseCrossOrigin,
		k.limitBody,
		k.readForm,
		k.compress(),
	)
	return e, nil
}

// NewServer returns a server for handler with the timeouts of this package.
// What net/http itself reports goes to log without addresses.
func NewServer(handler http.Handler, log *slog.Logger) *http.Server {
	stopping := make(chan struct{})
	server := &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: headerTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          serverLog(log),
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, stoppingKey{}, (<-chan struct{})(stopping))
		},
	}
	server.RegisterOnShutdown(sync.OnceFunc(func() { close(stopping) }))
	return server
}

// IsAPI reports whether the request is for the JSON face.
func IsAPI(c echo.Context) bool {
	p := c.Request().URL.Path
	return p == APIPrefix || strings.HasPrefix(p, APIPrefix+"/")
}

const (
	keyLang = "httpx.lang"
	keyKit  = "httpx.kit"
	keyHead = "httpx.head"
)

// Lang returns the language to answer in: what SetLang chose, else the first
// part of the path (/vi/…, /en/…), else the Accept-Language header, else
// Vietnamese.
func Lang(c echo.Context) i18n.Lang {
	if l, ok := c.Get(keyLang).(i18n.Lang); ok {
		return l
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(c.Request().URL.Path, "/"), "/")
	if l := i18n.Lang(first); l.Valid() {
		return l
	}
	return i18n.Negotiate(c.Request().Header.Get("Accept-Language"))
}

// SetLang chooses the language to answer in.
func SetLang(c echo.Context, l i18n.Lang) { c.Set(keyLang, l) }

// headAsGet has HEAD routed as GET. It runs before routing; identify gives the
// request its own method back, by which net/http knows to drop the body.
func headAsGet(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if r := c.Request(); r.Method == http.MethodHead {
			r.Method = http.MethodGet
			c.Set(keyHead, true)
		}
		return next(c)
	}
}
