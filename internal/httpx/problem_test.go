package httpx_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"

	"hienke/frontend"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// secretCause stands for what must never reach a client.
const secretCause = "pq: duplicate key (email)=(an@example.vn)"

func failWith(err error) echo.HandlerFunc { return func(echo.Context) error { return err } }

func TestEveryKindHasItsStatus(t *testing.T) {
	t.Parallel()
	want := map[errs.Kind]int{
		errs.Internal: 500, errs.Invalid: 422, errs.Unauthenticated: 401, errs.Forbidden: 403, errs.NotFound: 404,
		errs.Gone: 410, errs.Conflict: 409, errs.RateLimited: 429, errs.Unavailable: 503,
	}
	for _, kind := range errs.Kinds {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil)
			s.GET("/api/x", failWith(fmt.Errorf("do x: %w", errs.Wrap(kind, "thing.went_wrong", errors.New(secretCause)))))
			r := s.get(t, "/api/x")
			p := problem(t, r)
			wantStatus(t, r, want[kind])
			wantCode := "thing.went_wrong"
			if kind == errs.Internal {
				wantCode = "internal"
			}
			if p.Code != wantCode {
				t.Errorf("code %q, want %q", p.Code, wantCode)
			}
			if all := fmt.Sprint(p, r.Header); strings.Contains(all, "example.vn") || strings.Contains(all, "pq:") {
				t.Errorf("the cause leaks: %s", all)
			}
			if got := r.Header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control %q", got)
			}
		})
	}
}

func TestFailuresThatHaveTheirOwnStatus(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"an old version is 412", errs.New(errs.Conflict, "submission.version_mismatch"), 412, "submission.version_mismatch"},
		{"a missing version is 428", errs.New(errs.Conflict, "submission.version_missing"), 428, "submission.version_missing"},
		{"nobody's error is 500", errors.New(secretCause), 500, "internal"},
		{"a deadline is 503", fmt.Errorf("ask: %w", context.DeadlineExceeded), 503, "unavailable"},
		{"the framework's 404 is 404", echo.ErrNotFound, 404, httpx.CodeNoRoute},
		{"the framework's 413 is 413", echo.ErrStatusRequestEntityTooLarge, 413, httpx.CodeTooLarge},
		{"the framework's 415 is 415", echo.ErrUnsupportedMediaType, 415, httpx.CodeUnsupportedType},
		{"a failed bind is 400", echo.NewHTTPError(400, secretCause), 400, httpx.CodeRefused},
		{"another refusal is 400", echo.NewHTTPError(418, secretCause), 400, httpx.CodeRefused},
		{"a body past its limit is 413", fmt.Errorf("read: %w", &http.MaxBytesError{Limit: 1}), 413, httpx.CodeTooLarge},
		{"a cancelled part is 500 while the client waits", context.Canceled, 500, "internal"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil)
			s.GET("/api/x", failWith(tt.err))
			r := s.get(t, "/api/x")
			p := problem(t, r)
			wantStatus(t, r, tt.status)
			if p.Code != tt.code {
				t.Errorf("code %q, want %q", p.Code, tt.code)
			}
			if strings.Contains(fmt.Sprint(p), "example.vn") {
				t.Errorf("the cause leaks: %+v", p)
			}
		})
	}
}

func TestFieldsAreExplainedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.POST("/api/x", failWith(errs.InvalidFields(
		errs.Field{Name: "title", Code: "field.required"},
		errs.Field{Name: "submitter.name", Code: "field.required"},
		errs.Field{Name: "topic", Code: "field.required"},
		errs.Field{Name: "body", Code: "field.too_long", Params: map[string]string{"max": "50000"}},
		errs.Field{Name: "odd", Code: "field.nobody_wrote_a_text"},
	)))
	p := problem(t, s.send(t, "POST", "/api/x", nil))
	want := []httpx.FieldProblem{
		{Name: "title", Code: "field.required", Message: "Nhập tiêu đề"},
		{Name: "submitter.name", Code: "field.required", Message: "Nhập họ và tên"},
		{Name: "topic", Code: "field.required", Message: "Hãy điền topic"},
		{Name: "body", Code: "field.too_long", Message: "body dài nhất 50000"},
		{Name: "odd", Code: "field.nobody_wrote_a_text", Message: "field.nobody_wrote_a_text"},
	}
	if diff := cmp.Diff(want, p.Fields); diff != "" {
		t.Error(diff)
	}

	vi := problem(t, s.get(t, "/api/nothing"))
	en := problem(t, s.get(t, "/api/nothing", "Accept-Language", "en-GB,vi;q=0.5"))
	if vi.Title != "Không có địa chỉ này." || en.Title != "Nothing lives at this address." {
		t.Errorf("titles %q and %q", vi.Title, en.Title)
	}
}

func TestRetryAfterIsNeverShorterThanPromised(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		jitter float64
		want   string
	}{
		{"keeps what the error knows", &errs.Error{Kind: errs.RateLimited, Code: "a.b", RetryAfter: 40 * time.Second}, 0, "40"},
		{"spreads by up to a quarter", &errs.Error{Kind: errs.RateLimited, Code: "a.b", RetryAfter: 40 * time.Second}, 0.9999, "50"},
		{"rounds up", &errs.Error{Kind: errs.Unavailable, Code: "a.b", RetryAfter: 1500 * time.Millisecond}, 0, "2"},
		{"has a default", errs.New(errs.Unavailable, "a.b"), 0, "5"},
		{"is absent where waiting does not help", errs.New(errs.Conflict, "a.b"), 0, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *httpx.Options) { o.Jitter = func() float64 { return tt.jitter } })
			s.GET("/api/x", failWith(tt.err))
			if got := s.get(t, "/api/x").Header.Get("Retry-After"); got != tt.want {
				t.Errorf("Retry-After %q, want %q", got, tt.want)
			}
		})
	}
	t.Run("differs between clients by default", func(t *testing.T) {
		t.Parallel()
		s := newSite(t, func(o *httpx.Options) { o.Jitter = nil })
		s.GET("/api/x", failWith(&errs.Error{Kind: errs.Unavailable, Code: "a.b", RetryAfter: time.Hour}))
		seen := map[string]bool{}
		for range 20 {
			after := s.get(t, "/api/x").Header.Get("Retry-After")
			if n, err := strconv.Atoi(after); err != nil || n < 3600 || n > 4500 {
				t.Fatalf("Retry-After %q", after)
			}
			seen[after] = true
		}
		if len(seen) < 2 {
			t.Error("twenty clients were told the same second")
		}
	})
}

func TestPagesFailAsPages(t *testing.T) {
	t.Parallel()
	render := func(c echo.Context, p httpx.Problem) error {
		if p.Status == http.StatusUnauthorized {
			return c.Redirect(http.StatusSeeOther, "/staff/sign-in")
		}
		return c.HTML(p.Status, "<h1>"+p.Title+"</h1>"+p.RequestID)
	}
	tests := []struct {
		name   string
		render func(echo.Context, httpx.Problem) error
		err    error
		status int
		has    string
	}{
		{"with the page hook", render, errs.New(errs.Conflict, "a.b"), 409, "<h1>Hồ sơ đã thay đổi.</h1>"},
		{"with a redirect of the hook", render, errs.New(errs.Unauthenticated, "a.b"), 303, ""},
		{"in plain text without a hook", nil, errs.New(errs.Conflict, "a.b"), 409, "Hồ sơ đã thay đổi.\n"},
		{"in plain text when the hook fails", func(echo.Context, httpx.Problem) error { return errors.New(secretCause) },
			errs.New(errs.Conflict, "a.b"), 409, "Hồ sơ đã thay đổi.\n"},
		{"in plain text when the hook panics", func(echo.Context, httpx.Problem) error { panic(secretCause) },
			errors.New("x"), 500, "Hệ thống gặp lỗi.\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, func(o *httpx.Options) { o.RenderPage = tt.render })
			s.GET("/vi/x", failWith(tt.err))
			r := s.get(t, "/vi/x")
			wantStatus(t, r, tt.status)
			body := text(t, r)
			if !strings.Contains(body, tt.has) || strings.Contains(body, "example.vn") {
				t.Errorf("body %q", body)
			}
		})
	}
}

func TestAPanicIsAnsweredAndLoggedWithItsStack(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/x", func(echo.Context) error { panic("an@example.vn") })
	r := s.get(t, "/api/x")
	wantStatus(t, r, 500)
	p := problem(t, r)
	if strings.Contains(fmt.Sprint(p), "example.vn") {
		t.Errorf("the panic leaks: %+v", p)
	}
	if log := s.log.String(); !strings.Contains(log, "problem_test.go") || !strings.Contains(log, p.RequestID) {
		t.Errorf("log without stack or request id: %s", log)
	}
}

func TestAClientThatLeftGetsNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	ctx, leave := context.WithCancel(t.Context())
	s.GET("/api/x", func(c echo.Context) error {
		leave()
		return fmt.Errorf("ask: %w", c.Request().Context().Err())
	})
	r := request(ctx, t, http.MethodGet, "/api/x")
	if body := text(t, s.do(r)); body != "" {
		t.Errorf("body %q", body)
	}
	if log := s.log.String(); !strings.Contains(log, `"status":499`) || strings.Contains(log, "error") {
		t.Errorf("log %s", log)
	}
}

func TestEveryCodeOfTheKitHasItsText(t *testing.T) {
	t.Parallel()
	catalogue, err := i18n.Load(frontend.Locales())
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range httpx.Codes {
		if !catalogue.Has("problem." + code) {
			t.Errorf("the catalogue has no problem.%s", code)
		}
	}
	for _, kind := range errs.Kinds {
		if !catalogue.Has("problem.kind." + kind.String()) {
			t.Errorf("the catalogue has no problem.kind.%s", kind)
		}
	}
}

func TestProblemOfWorksInsidePages(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/vi/x", func(c echo.Context) error {
		p := httpx.ProblemOf(c, errs.New(errs.Conflict, "submission.move_not_allowed"))
		return c.String(http.StatusOK, fmt.Sprint(p.Status, " ", p.Title))
	})
	if got := text(t, s.get(t, "/vi/x")); got != "409 Trạng thái không cho phép." {
		t.Errorf("got %q", got)
	}
}
