package errs_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"hienke/internal/errs"
)

func TestKindOf(t *testing.T) {
	t.Parallel()
	missing := errs.New(errs.NotFound, "submission.not_found")
	tests := []struct {
		name string
		err  error
		want errs.Kind
	}{
		{"nothing is Internal", nil, errs.Internal},
		{"what nobody classified is Internal", io.ErrUnexpectedEOF, errs.Internal},
		{"a classified error keeps its kind", missing, errs.NotFound},
		{"wrapping with words keeps it", fmt.Errorf("show case: %w", fmt.Errorf("read: %w", missing)), errs.NotFound},
		{"the outermost kind wins", errs.Wrap(errs.Internal, "store.orphan", missing), errs.Internal},
		{"the outermost kind wins behind words", fmt.Errorf("show: %w", errs.Wrap(errs.Conflict, "x.y", missing)), errs.Conflict},
		{"a deadline is Unavailable", context.DeadlineExceeded, errs.Unavailable},
		{"a wrapped deadline is Unavailable", fmt.Errorf("ask: %w", context.DeadlineExceeded), errs.Unavailable},
		{"a classified deadline keeps its kind", errs.Wrap(errs.Internal, "x.y", context.DeadlineExceeded), errs.Internal},
		{"a client that went away is Internal", context.Canceled, errs.Internal},
		{"one of several joined counts", errors.Join(io.EOF, missing), errs.NotFound},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := errs.KindOf(tt.err); got != tt.want {
				t.Errorf("KindOf = %v, want %v", got, tt.want)
			}
		})
	}
}

func TestCodeOf(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		err  error
		want string
	}{
		{"nothing is internal", nil, "internal"},
		{"what nobody classified is internal", io.EOF, "internal"},
		{"the outermost code wins", errs.Wrap(errs.Conflict, "a.b", errs.New(errs.NotFound, "c.d")), "a.b"},
		{"a code survives words", fmt.Errorf("x: %w", errs.New(errs.Gone, "case.taken_down")), "case.taken_down"},
		{"a deadline is unavailable", context.DeadlineExceeded, "unavailable"},
		{"an unavailable part without a code is unavailable", errs.Wrap(errs.Unavailable, "", io.EOF), "unavailable"},
		{"another kind without a code is internal", errs.Wrap(errs.Conflict, "", io.EOF), "internal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := errs.CodeOf(tt.err); got != tt.want {
				t.Errorf("CodeOf = %q, want %q", got, tt.want)
			}
		})
	}
}

func TestInvalidFields(t *testing.T) {
	t.Parallel()
	if err := errs.InvalidFields(); err != nil {
		t.Errorf("no field gives %v, want nil", err)
	}
	err := fmt.Errorf("submit: %w", errs.InvalidFields(errs.Field{Name: "title", Code: "field.required"}, errs.Field{Name: "body", Code: "field.too_short"}))
	if errs.KindOf(err) != errs.Invalid || errs.CodeOf(err) != "input.invalid" {
		t.Errorf("kind %v, code %q", errs.KindOf(err), errs.CodeOf(err))
	}
	if got := errs.FieldsOf(err); len(got) != 2 || got[0].Name != "title" || got[1].Code != "field.too_short" {
		t.Errorf("FieldsOf = %+v", got)
	}
	if got := errs.FieldsOf(io.EOF); got != nil {
		t.Errorf("FieldsOf an unclassified error = %+v", got)
	}
	if got := errs.FieldsOf(nil); got != nil {
		t.Errorf("FieldsOf nil = %+v", got)
	}
}

func TestRetryAfterOf(t *testing.T) {
	t.Parallel()
	limited := &errs.Error{Kind: errs.RateLimited, Code: "rate.limited", RetryAfter: 30 * time.Second}
	if got := errs.RetryAfterOf(fmt.Errorf("submit: %w", limited)); got != 30*time.Second {
		t.Errorf("RetryAfterOf = %v", got)
	}
	if got := errs.RetryAfterOf(io.EOF); got != 0 {
		t.Errorf("RetryAfterOf an unclassified error = %v", got)
	}
}

func TestErrorKeepsItsCause(t *testing.T) {
	t.Parallel()
	err := errs.Wrap(errs.Unavailable, "search.down", io.ErrClosedPipe)
	if !errors.Is(err, io.ErrClosedPipe) {
		t.Error("the cause is lost")
	}
	invalid := &errs.Error{Kind: errs.Invalid, Code: "input.invalid", Fields: []errs.Field{{Name: "title", Code: "field.required"}}, Err: io.EOF}
	if got := invalid.Error(); got != "invalid (input.invalid) title=field.required: EOF" {
		t.Errorf("Error = %q", got)
	}
	if got := errs.New(errs.Gone, "").Error(); got != "gone" {
		t.Errorf("Error = %q", got)
	}
}

func TestEveryKindHasAName(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"": true}
	for i, k := range errs.Kinds {
		if int(k) != i {
			t.Errorf("kind %d stands at place %d of Kinds", k, i)
		}
		name := k.String()
		if seen[name] || name != strings.ToLower(name) {
			t.Errorf("kind %d has the name %q, empty or taken or not in lower case", k, name)
		}
		seen[name] = true
	}
	if next := errs.Kind(len(errs.Kinds)); next.String() != "" {
		t.Errorf("the kind %s is missing in Kinds", next)
	}
}
