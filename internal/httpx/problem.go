package httpx

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/i18n"
)

// Problem is what the outside is told of a failure: the body of
// application/problem+json (RFC 9457) and the content of an error page.
type Problem struct {
	Title  string         `json:"title"`  // one sentence in the reader's language
	Status int            `json:"status"` // the HTTP status
	Code   string         `json:"code"`   // stable; for programs
	Fields []FieldProblem `json:"fields"` // every wrong input at once, never null
	// RequestID finds the request in the log.
	RequestID string `json:"request_id"`
	// RetryAfter is what the header of that name says, for pages; zero when
	// another try is not promised anything.
	RetryAfter time.Duration `json:"-"`
}

// FieldProblem is one wrong input.
type FieldProblem struct {
	Name    string `json:"name"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// outcome is how a kind of failure looks from outside and how loud it is
// inside.
type outcome struct {
	status int
	level  slog.Level
	// retry is the Retry-After where the error does not know better; zero
	// sends none.
	retry time.Duration
}

// outcomes is the one table from failures to HTTP. The test walks errs.Kinds.
var outcomes = map[errs.Kind]outcome{
	errs.Invalid:         {status: http.StatusUnprocessableEntity, level: slog.LevelInfo},
	errs.Unauthenticated: {status: http.StatusUnauthorized, level: slog.LevelInfo},
	errs.Forbidden:       {status: http.StatusForbidden, level: slog.LevelInfo},
	errs.NotFound:        {status: http.StatusNotFound, level: slog.LevelInfo},
	errs.Gone:            {status: http.StatusGone, level: slog.LevelInfo},
	errs.Conflict:        {status: http.StatusConflict, level: slog.LevelInfo},
	errs.RateLimited:     {status: http.StatusTooManyRequests, level: slog.LevelWarn, retry: 10 * time.Second},
	errs.Unavailable:     {status: http.StatusServiceUnavailable, level: slog.LevelError, retry: 5 * time.Second},
	errs.Internal:        {status: http.StatusInternalServerError, level: slog.LevelError},
}

// The codes that this package makes, and those whose status HTTP names more
// closely than their kind does.
const (
	CodeMalformed       = "request.malformed"            // not JSON, not a form, not an address
	CodeTooLarge        = "request.too_large"            // the body is larger than MaxBody
	CodeUnsupportedType = "request.unsupported_type"     // another Content-Type is expected
	CodeMethod          = "request.method_not_allowed"   // the address exists, the method does not
	CodeNoRoute         = "request.no_such_address"      // nothing lives at this address
	CodeCrossOrigin     = "request.cross_origin"         // another site made the browser send this
	CodeCredentials     = "request.bad_credentials"      // Authorization is not "Bearer token"
	CodeRefused         = "request.refused"              // any other refusal by the framework
	CodeNoVersion       = "submission.version_missing"   // If-Match is missing
	CodeOldVersion      = "submission.version_mismatch"  // If-Match is not the current version
	CodeFieldType       = "field.wrong_type"             // {expected}: string, number, boolean, object, array
	CodeFieldCharacter  = "field.unreadable_character"   // NUL or half of a surrogate pair
	CodeFieldNumber     = "field.not_a_number"           // a whole number is expected
	CodeFieldRange      = "field.out_of_range"           // {min} to {max}
	CodeFieldKey        = "field.not_an_idempotency_key" // 1 to 128 visible ASCII characters
)

// Codes lists every code that this package makes by itself, for the test that
// the catalogue has a text for each.
var Codes = []string{
	CodeMalformed, CodeTooLarge, CodeUnsupportedType, CodeMethod, CodeNoRoute, CodeCrossOrigin, CodeCredentials,
	CodeRefused, CodeNoVersion, CodeOldVersion, CodeFieldType, CodeFieldCharacter, CodeFieldNumber, CodeFieldRange,
	CodeFieldKey,
}

// statusOf refines the kind's status for codes that HTTP has a status for.
var statusOf = map[string]int{
	CodeMalformed:       http.StatusBadRequest,
	CodeRefused:         http.StatusBadRequest,
	CodeTooLarge:        http.StatusRequestEntityTooLarge,
	CodeUnsupportedType: http.StatusUnsupportedMediaType,
	CodeMethod:          http.StatusMethodNotAllowed,
	CodeNoVersion:       http.StatusPreconditionRequired,
	CodeOldVersion:      http.StatusPreconditionFailed,
}

// statusClientGone is logged, never sent: the client did not wait for the
// answer. The number is the customary one of reverse proxies.
const statusClientGone = 499

// classify turns what the framework and net/http report into the house's
// errors, so that the table above is the only one.
func classify(err error) error {
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return errs.Wrap(errs.Invalid, CodeTooLarge, err)
	}
	he, ok := errors.AsType[*echo.HTTPError](err)
	if !ok {
		return err
	}
	switch he.Code {
	case http.StatusNotFound:
		return errs.Wrap(errs.NotFound, CodeNoRoute, err)
	case http.StatusMethodNotAllowed:
		return errs.Wrap(errs.Invalid, CodeMethod, err)
	case http.StatusRequestEntityTooLarge:
		return errs.Wrap(errs.Invalid, CodeTooLarge, err)
	case http.StatusUnsupportedMediaType:
		return errs.Wrap(errs.Invalid, CodeUnsupportedType, err)
	case http.StatusUnauthorized:
		return errs.Wrap(errs.Unauthenticated, CodeCredentials, err)
	case http.StatusForbidden:
		return errs.Wrap(errs.Forbidden, CodeRefused, err)
	case http.StatusServiceUnavailable:
		return errs.Wrap(errs.Unavailable, "unavailable", err)
	}
	if he.Code >= 400 && he.Code < 500 {
		return errs.Wrap(errs.Invalid, CodeRefused, err)
	}
	return errs.Wrap(errs.Internal, "internal", err)
}

// ProblemOf tells how a failure looks from outside, in the language of the
// request. It is for faces that show a failure inside a page of their own.
func ProblemOf(c echo.Context, err error) Problem {
	k, ok := c.Get(keyKit).(*kit)
	if !ok {
		k = &kit{Options: Options{Translate: missing, Jitter: func() float64 { return 0 }}}
	}
	return k.problem(c, classify(err))
}

func missing(_ i18n.Lang, key string, _ map[string]string) string { return i18n.Missing(key) }

func (k *kit) problem(c echo.Context, err error) Problem {
	kind, code := errs.KindOf(err), errs.CodeOf(err)
	o := outcomes[kind]
	p := Problem{Status: o.status, Code: code, Fields: []FieldProblem{}, RequestID: RequestID(c)}
	if s, ok := statusOf[code]; ok && kind != errs.Internal {
		p.Status = s
	}
	if kind == errs.Internal {
		p.Code = "internal" // what nobody classified for the outside is not explained to it
	}
	lang := Lang(c)
	p.Title = k.words(lang, nil, http.StatusText(p.Status), "problem."+p.Code, "problem.kind."+kind.String())
	for _, f := range errs.FieldsOf(err) {
		p.Fields = append(p.Fields, FieldProblem{Name: f.Name, Code: f.Code, Message: k.fieldWords(lang, f)})
	}
	if o.retry > 0 {
		p.RetryAfter = k.spread(max(errs.RetryAfterOf(err), 0), o.retry)
	}
	return p
}

// spread adds up to a quarter to the wait, so that those who were turned away
// together do not come back together. It never shortens it.
func (k *kit) spread(known, otherwise time.Duration) time.Duration {
	if known == 0 {
		known = otherwise
	}
	return known + time.Duration(k.Jitter()*float64(known)/4)
}

func randomShare() float64 { return rand.Float64() } //nolint:gosec // spreads retries, guards nothing

// words returns the text of the first key that the catalogue has.
func (k *kit) words(lang i18n.Lang, params map[string]string, otherwise string, keys ...string) string {
	for _, key := range keys {
		if s := k.Translate(lang, key, params); !i18n.IsMissing(s) {
			return s
		}
	}
	return otherwise
}

func (k *kit) fieldWords(lang i18n.Lang, f errs.Field) string {
	params := map[string]string{"label": f.Name}
	for name, v := range f.Params {
		params[name] = v
	}
	reason := strings.TrimPrefix(f.Code, "field.")
	return k.words(lang, params, f.Code, "problem.at."+f.Name+"."+reason, "problem."+f.Code)
}

// errorHandler answers every failure, whoever reports it.
func (k *kit) errorHandler(err error, c echo.Context) {
	if c.Response().Committed || clientGone(c, err) {
		return
	}
	p := k.problem(c, classify(err))
	h := c.Response().Header()
	h.Set("Cache-Control", "no-store")
	h.Del("ETag")
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(p.RetryAfter.Seconds()))))
	}
	if IsAPI(c) {
		if p.Status == http.StatusUnauthorized {
			h.Set("WWW-Authenticate", "Bearer")
		}
		k.writeProblem(c, p)
		return
	}
	if !k.renderPage(c, p) {
		h.Set("Content-Type", "text/plain; charset=utf-8")
		c.Response().WriteHeader(p.Status)
		k.lost(c, write(c, []byte(p.Title+"\n\n"+p.RequestID+"\n")))
	}
}

// writeProblem answers with problem+json. Marshalling strings and numbers
// cannot fail.
func (k *kit) writeProblem(c echo.Context, p Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		body = []byte(`{"code":"internal"}`)
	}
	c.Response().Header().Set("Content-Type", "application/problem+json")
	c.Response().WriteHeader(p.Status)
	k.lost(c, write(c, append(body, '\n')))
}

func write(c echo.Context, b []byte) error {
	_, err := c.Response().Write(b)
	return err
}

// lost notes that the answer to a failure could not be delivered.
func (k *kit) lost(c echo.Context, err error) {
	if err != nil {
		k.Log.LogAttrs(c.Request().Context(), slog.LevelInfo, "answer not delivered", slog.String("request_id", RequestID(c)))
	}
}

// renderPage reports whether the page hook answered. A page that fails or
// panics must not leave the reader with nothing.
func (k *kit) renderPage(c echo.Context, p Problem) (done bool) {
	if k.RenderPage == nil {
		return false
	}
	defer func() {
		if v := recover(); v != nil {
			k.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error page panicked",
				slog.String("request_id", RequestID(c)), slog.Any("panic", v))
			done = c.Response().Committed
		}
	}()
	if err := k.RenderPage(c, p); err != nil {
		k.Log.LogAttrs(c.Request().Context(), slog.LevelError, "error page failed",
			slog.String("request_id", RequestID(c)), slog.String("error", err.Error()))
	}
	return c.Response().Committed
}

// clientGone reports whether the request failed because nobody waits for the
// answer any more.
func clientGone(c echo.Context, err error) bool {
	return errors.Is(err, context.Canceled) && errors.Is(c.Request().Context().Err(), context.Canceled)
}
