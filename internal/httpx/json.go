package httpx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
)

// ReadJSON reads the body, one JSON object, into v and returns the bytes as
// they came.
//
// It is strict where a mistake would be stored and lenient where a newer
// client would be turned away:
//   - Another Content-Type than JSON is 415: nothing else is guessed.
//   - What is not one object, not UTF-8 or nested beyond maxDepth is 400.
//   - A value of the wrong type is 422 and names the field.
//   - NUL and half a surrogate pair are 422 and name the field: silently
//     changed text would be worse than a clear refusal.
//   - Unknown fields are ignored. The contract grows by fields, and a citizen
//     must not be refused because a client is ahead of this server. What a
//     misspelled name costs is caught by the required fields.
func ReadJSON(c echo.Context, v any) ([]byte, error) {
	if !isJSON(c.Request().Header.Get(echo.HeaderContentType)) {
		return nil, errs.New(errs.Invalid, CodeUnsupportedType)
	}
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return nil, unreadable(err)
	}
	return body, decode(body, v)
}

// ReadOptionalJSON is ReadJSON for calls whose fields are all optional: no
// body at all leaves v as it is.
func ReadOptionalJSON(c echo.Context, v any) error {
	body, err := io.ReadAll(c.Request().Body)
	if err != nil {
		return unreadable(err)
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if !isJSON(c.Request().Header.Get(echo.HeaderContentType)) {
		return errs.New(errs.Invalid, CodeUnsupportedType)
	}
	return decode(body, v)
}

// unreadable classifies a body that ended early. One that is too large or
// whose time ran out keeps its own classification.
func unreadable(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errs.Wrap(errs.Invalid, CodeMalformed, err)
	}
	return fmt.Errorf("read the body: %w", err)
}

func isJSON(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	return err == nil && (kind == echo.MIMEApplicationJSON || strings.HasSuffix(kind, "+json"))
}

func decode(body []byte, v any) error {
	if !utf8.Valid(body) || !bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) {
		return errs.New(errs.Invalid, CodeMalformed)
	}
	if err := scan(body); err != nil {
		return err
	}
	err := json.Unmarshal(body, v)
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
		return errs.InvalidFields(errs.Field{
			Name: wrong.Field, Code: CodeFieldType, Params: map[string]string{"expected": jsonType(wrong.Type)},
		})
	}
	if err != nil {
		return errs.Wrap(errs.Invalid, CodeMalformed, err)
	}
	return nil
}

// jsonType names the JSON type that a Go type is read from.
func jsonType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Pointer:
		return jsonType(t.Elem())
	default:
		return "number"
	}
}
