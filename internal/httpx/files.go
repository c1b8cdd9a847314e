package httpx

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
)

// maxFormFields bounds what stands beside files in one form, in bytes: a form
// may hold the whole text of an answer.
const maxFormFields = 1 << 19

// ReadFiles reads a multipart form as it comes: it calls take for each file of
// the field and returns the other fields. What take returns ends the reading.
func ReadFiles(c echo.Context, field string, take func(name string, content io.Reader) error) (url.Values, error) {
	fields, left := url.Values{}, int64(maxFormFields)
	form, err := c.Request().MultipartReader()
	if err != nil {
		return fields, errs.Wrap(errs.Invalid, CodeUnsupportedType, err)
	}
	for {
		part, err := form.NextPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return fields, brokenForm(err)
		}
		switch {
		case part.FormName() != field:
			value, err := io.ReadAll(io.LimitReader(part, left+1))
			if err != nil {
				return fields, brokenForm(err)
			}
			if left -= int64(len(value)); left < 0 { // never cut what somebody wrote
				return fields, errs.New(errs.Invalid, "file.total_too_large")
			}
			fields.Set(part.FormName(), strings.ToValidUTF8(string(value), ""))
		case part.FileName() != "": // else nothing was chosen
			if err := take(part.FileName(), part); err != nil {
				return fields, brokenForm(err)
			}
		}
	}
}

// brokenForm classifies a form that could not be read to its end. What is
// classified, is too large or took too long stays what it is.
func brokenForm(err error) error {
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok || errs.KindOf(err) != errs.Internal {
		return err
	}
	if _, ok := errors.AsType[*errs.Error](err); ok {
		return err
	}
	return errs.Wrap(errs.Invalid, CodeMalformed, err)
}

// File is what SendFile sends.
type File struct {
	Name, Type string
	// Tag names the content, which never changes.
	Tag     string
	Content io.ReadSeeker
}

// SendFile answers with a file that the browser saves and never shows: nothing
// in it may act as part of this site. A download that was broken off goes on
// from there.
func SendFile(c echo.Context, f File) error {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, f.Type)
	if f.Type == echo.MIMETextPlain {
		h.Set(echo.HeaderContentType, echo.MIMEOctetStream) // its encoding is unknown, and nobody may guess
	}
	h.Set(echo.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set(echo.HeaderContentSecurityPolicy, "default-src 'none'; sandbox")
	h.Set("ETag", `"`+f.Tag+`"`)
	content := &watched{ReadSeeker: f.Content}
	http.ServeContent(c.Response(), c.Request(), "", time.Time{}, content)
	return content.err
}

// watched remembers why reading failed; http.ServeContent does not tell.
type watched struct {
	io.ReadSeeker
	err error
}

// Read implements io.Reader.
func (w *watched) Read(b []byte) (int, error) {
	n, err := w.ReadSeeker.Read(b)
	if err != nil && !errors.Is(err, io.EOF) {
		w.err = err
	}
	return n, err
}
