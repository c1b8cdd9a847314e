// Package errs is the one error model of the house. An Error says what an
// edge must decide (its Kind), what a person or a program is told (its Code
// and Fields) and what only the log may see (its cause).
//
// Code that knows the reason of a failure makes an Error; everyone else wraps
// with fmt.Errorf and a verb phrase. The faces map kinds once to HTTP and once
// to the queue.
package errs

import (
	"context"
	"errors"
	"strings"
	"time"
)

// Kind is what any edge needs to know of a failure. The set is closed.
type Kind uint8

// The kinds. Internal is the zero value on purpose: what nobody classified is
// our fault and is not explained to the outside.
const (
	Internal        Kind = iota // a defect or a broken part of ours
	Invalid                     // the input breaks a rule; Fields says which
	Unauthenticated             // nobody is signed in
	Forbidden                   // the actor may not do this
	NotFound                    // there is no such thing, or it is private
	Gone                        // it was there and was taken down
	Conflict                    // the state or version does not allow it
	RateLimited                 // too many in too short a time
	Unavailable                 // a part outside this process is away; try later
)

// Kinds lists every kind, for tests that walk them all.
var Kinds = []Kind{
	Internal, Invalid, Unauthenticated, Forbidden, NotFound, Gone, Conflict, RateLimited, Unavailable,
}

var kindNames = map[Kind]string{
	Internal: "internal", Invalid: "invalid", Unauthenticated: "unauthenticated", Forbidden: "forbidden",
	NotFound: "not_found", Gone: "gone", Conflict: "conflict", RateLimited: "rate_limited", Unavailable: "unavailable",
}

// String returns the lower snake name, as logs and metrics show it.
func (k Kind) String() string { return kindNames[k] }

// Field names one wrong input. Name is the public field name as the API and
// the form spell it (submitter.email); Code is the key of the translated
// message (field.required); Params fill its placeholders.
type Field struct {
	Name   string
	Code   string
	Params map[string]string
}

// Error is a classified failure.
type Error struct {
	Kind Kind
	// Code is stable, public and lower snake: noun.reason.
	Code string
	// Fields holds every wrong input at once; only for Invalid.
	Fields []Field
	// RetryAfter tells when another try makes sense; zero means unknown.
	RetryAfter time.Duration
	// Err is the cause. It goes to the log and never to a response.
	Err error
}

// New returns a classified failure without a cause.
func New(kind Kind, code string) *Error { return &Error{Kind: kind, Code: code} }

// Wrap classifies err. A nil err gives an Error without a cause.
func Wrap(kind Kind, code string, err error) *Error { return &Error{Kind: kind, Code: code, Err: err} }

// InvalidFields returns an Invalid error that names every wrong field, or nil
// when there is none, so that a check can end with it.
func InvalidFields(fields ...Field) error {
	if len(fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Code: "input.invalid", Fields: fields}
}

// Error joins code, fields and cause for the log.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Kind.String())
	if e.Code != "" {
		b.WriteString(" (" + e.Code + ")")
	}
	for _, f := range e.Fields {
		b.WriteString(" " + f.Name + "=" + f.Code)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf reports the kind of the outermost Error in err's chain, so a layer
// may reclassify what it wraps. A deadline counts as Unavailable. It reports
// Internal for anything else, nil included.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return Unavailable
	}
	return Internal
}

// CodeOf returns the public code of the outermost Error, or "internal" when
// nobody gave one.
func CodeOf(err error) string {
	if e, ok := errors.AsType[*Error](err); ok && e.Code != "" {
		return e.Code
	}
	if KindOf(err) == Unavailable {
		return "unavailable"
	}
	return "internal"
}

// FieldsOf returns the wrong inputs that the outermost Error names.
func FieldsOf(err error) []Field {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Fields
	}
	return nil
}

// RetryAfterOf returns when another try makes sense, or zero.
func RetryAfterOf(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
