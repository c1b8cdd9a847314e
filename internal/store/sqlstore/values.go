package sqlstore

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"hienke/internal/errs"
	"hienke/internal/vitext"
)

// Times are stored in UTC with microseconds, which is what PostgreSQL keeps;
// SQLite holds them as integers. A zero time is NULL where the column allows
// it, and a zero id is NULL in every reference.

// storable cuts a time to what both databases give back.
func storable(at time.Time) time.Time { return time.UnixMicro(at.UnixMicro()).UTC() }

// opt is the argument for a time that may be missing.
func opt(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at
}

// ref is the argument for an id that may be missing.
func ref[T ~int64](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}

// timeDest scans either database's time; NULL becomes the zero time.
type timeDest struct{ at *time.Time }

// at makes a destination for Scan.
func at(dest *time.Time) timeDest { return timeDest{dest} }

// Scan implements sql.Scanner.
func (d timeDest) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d.at = time.Time{}
	case int64:
		*d.at = time.UnixMicro(v).UTC()
	case time.Time:
		*d.at = v.UTC()
	default:
		return fmt.Errorf("scan a time from %T", v)
	}
	return nil
}

// refDest scans an id; NULL becomes zero.
type refDest[T ~int64] struct{ id *T }

// id makes a destination for Scan.
func id[T ~int64](dest *T) refDest[T] { return refDest[T]{dest} }

// Scan implements sql.Scanner.
func (d refDest[T]) Scan(v any) error {
	switch v := v.(type) {
	case nil:
		*d.id = 0
	case int64:
		*d.id = T(v)
	default:
		return fmt.Errorf("scan an id from %T", v)
	}
	return nil
}

// jsonList is the argument for a list that is kept as JSON.
func jsonList[T any](list []T) string {
	if len(list) == 0 {
		return "[]"
	}
	b, err := json.Marshal(list)
	if err != nil {
		panic(err) // lists of strings, numbers and plain structs always encode
	}
	return string(b)
}

// listDest scans a JSON list; an empty one becomes nil.
type listDest[T any] struct{ list *[]T }

// jsonInto makes a destination for Scan.
func jsonInto[T any](dest *[]T) listDest[T] { return listDest[T]{dest} }

// Scan implements sql.Scanner.
func (d listDest[T]) Scan(v any) error {
	var raw []byte
	switch v := v.(type) {
	case nil:
		raw = []byte("[]")
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("scan a list from %T", v)
	}
	*d.list = nil
	if err := json.Unmarshal(raw, d.list); err != nil {
		return fmt.Errorf("scan a list: %w", err)
	}
	if len(*d.list) == 0 {
		*d.list = nil
	}
	return nil
}

// checkText refuses text that PostgreSQL cannot hold, on both databases: what
// one takes must be able to move to the other.
func checkText(args []any) error {
	for _, arg := range args {
		switch v := arg.(type) {
		case string:
			if !utf8.ValidString(v) || strings.IndexByte(v, 0) >= 0 {
				return errs.New(errs.Invalid, textNotStorable)
			}
		case []any: // a column of rows
			if err := checkText(v); err != nil {
				return err
			}
		}
	}
	return nil
}

// texts turns a list of codes into plain strings for IN LIST(?).
func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// ints turns a list of ids into plain integers for IN LIST(?).
func ints[T ~int64](list []T) []int64 {
	out := make([]int64, len(list))
	for i, v := range list {
		out[i] = int64(v)
	}
	return out
}

// words folds texts for the plain search: each word with a space on both
// sides, so that LIKE '% word %' finds whole words only. Vietnamese syllables
// are so short that pieces of words would match nearly everything.
func words(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		for _, w := range vitext.Words(part) {
			b.WriteByte(' ')
			b.WriteString(w)
		}
	}
	if b.Len() > 0 {
		b.WriteByte(' ')
	}
	return b.String()
}
