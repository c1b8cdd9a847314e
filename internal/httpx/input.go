package httpx

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
)

// readable reports whether s is text that every part behind can take:
// PostgreSQL refuses NUL and what is not UTF-8.
func readable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// refuseBadAddress answers 400 to paths and queries that no browser makes.
func refuseBadAddress(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if !readable(u.Path) {
			return errs.New(errs.Invalid, CodeMalformed)
		}
		query, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return errs.Wrap(errs.Invalid, CodeMalformed, err)
		}
		if !readableValues(query) {
			return errs.New(errs.Invalid, CodeMalformed)
		}
		return next(c)
	}
}

func readableValues(values url.Values) bool {
	for name, vs := range values {
		if !readable(name) {
			return false
		}
		for _, v := range vs {
			if !readable(v) {
				return false
			}
		}
	}
	return true
}

// limitBody bounds the body. What is too large is read up to maxDrain before
// the answer goes out: many clients look at the answer only after they have
// sent everything. One that asked first (Expect) sends nothing.
func (k *kit) limitBody(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		whole, most := r.Body, max(MaxBody, k.uploadLimit(c))
		if r.ContentLength > most {
			drain(r, whole)
			return errs.New(errs.Invalid, CodeTooLarge)
		}
		r.Body = http.MaxBytesReader(c.Response().Writer, whole, most)
		err := next(c)
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			drain(r, whole)
		}
		return err
	}
}

func drain(r *http.Request, body io.Reader) {
	if r.Header.Get("Expect") == "" && r.ContentLength <= maxDrain {
		_, _ = io.CopyN(io.Discard, body, maxDrain) // best effort: the answer is decided
	}
}

// readForm parses form bodies of pages before any handler looks at a value, so
// that what cannot be read is a 400 and never an empty field.
func (k *kit) readForm(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if IsAPI(c) || r.Method != http.MethodPost || k.uploadLimit(c) > 0 {
			return next(c)
		}
		kind, _, err := mime.ParseMediaType(r.Header.Get(echo.HeaderContentType))
		if err != nil && r.ContentLength == 0 {
			return next(c) // a button without fields
		}
		switch kind {
		case echo.MIMEApplicationForm:
			err = r.ParseForm()
		case echo.MIMEMultipartForm:
			err = r.ParseMultipartForm(MaxBody)
		default:
			return errs.New(errs.Invalid, CodeUnsupportedType)
		}
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return err
		}
		if err != nil {
			return errs.Wrap(errs.Invalid, CodeMalformed, err)
		}
		if !readableValues(r.PostForm) {
			return errs.New(errs.Invalid, CodeMalformed)
		}
		return next(c)
	}
}

// Page is which part of a list is asked for.
type Page struct {
	Number int // from 1
	Size   int // lines on a page
}

// maxPageNumber keeps offsets in a range that a database answers in time.
const maxPageNumber = 10_000

// ParsePage reads page and per_page from the query. What is absent is page 1
// and size; per_page may be 1 to most. Anything else is Invalid.
func ParsePage(c echo.Context, size, most int) (Page, error) {
	var wrong []errs.Field
	p := Page{
		Number: queryInt(c, "page", 1, maxPageNumber, &wrong),
		Size:   queryInt(c, "per_page", size, most, &wrong),
	}
	return p, errs.InvalidFields(wrong...)
}

// queryInt reads a whole number from 1 to most from the query.
func queryInt(c echo.Context, name string, otherwise, most int, wrong *[]errs.Field) int {
	s := c.QueryParam(name)
	if s == "" {
		return otherwise
	}
	n, err := strconv.Atoi(s)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < 1 || n > most):
		params := map[string]string{"min": "1", "max": strconv.Itoa(most)}
		*wrong = append(*wrong, errs.Field{Name: name, Code: CodeFieldRange, Params: params})
	case err != nil:
		*wrong = append(*wrong, errs.Field{Name: name, Code: CodeFieldNumber})
	}
	return n
}

// maxIdempotencyKey is the longest Idempotency-Key in characters.
const maxIdempotencyKey = 128

// IdempotencyKey returns the key of the request, empty when there is none. A
// key is 1 to 128 visible ASCII characters; anything else is Invalid.
func IdempotencyKey(c echo.Context) (string, error) {
	const header = "Idempotency-Key"
	values := c.Request().Header.Values(header)
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	invisible := strings.ContainsFunc(key, func(r rune) bool { return r <= ' ' || r > '~' })
	if len(values) > 1 || key == "" || len(key) > maxIdempotencyKey || invisible {
		return "", errs.InvalidFields(errs.Field{Name: header, Code: CodeFieldKey})
	}
	return key, nil
}

// IfMatch returns the version that the client saw, from the header If-Match as
// ETag wrote it: "v7". A weak form (W/"v7") counts the same, since proxies
// weaken tags when they compress. No header fails with CodeNoVersion, and so
// does *: the header is demanded to keep people from overwriting what they
// have not seen. Any other tag cannot match and fails with CodeOldVersion.
func IfMatch(c echo.Context) (int, error) {
	v := strings.TrimSpace(c.Request().Header.Get("If-Match"))
	if v == "" || v == "*" {
		return 0, errs.New(errs.Conflict, CodeNoVersion)
	}
	tag, ok := strings.CutPrefix(strings.TrimPrefix(v, "W/"), `"v`)
	tag, closed := strings.CutSuffix(tag, `"`)
	n, err := strconv.Atoi(tag)
	if !ok || !closed || err != nil || n < 1 || tag[0] == '+' {
		return 0, errs.New(errs.Conflict, CodeOldVersion)
	}
	return n, nil
}

// ETag writes a version as IfMatch reads it.
func ETag(version int) string { return `"v` + strconv.Itoa(version) + `"` }
