package httpx_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hienke/internal/httpx"
)

func TestBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.POST("/api/x", func(c echo.Context) error {
		var v struct{}
		if _, err := httpx.ReadJSON(c, &v); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	s.POST("/vi/x", ok)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)

	big := `{"a":"` + strings.Repeat("x", 10<<20) + `"}`
	tests := []struct {
		name, path, kind string
		body             io.Reader
		status           int
	}{
		{"10 MB of JSON with a length", "/api/x", "application/json", strings.NewReader(big), 413},
		{"10 MB of JSON in chunks", "/api/x", "application/json", io.MultiReader(strings.NewReader(big)), 413},
		{"10 MB of form", "/vi/x", "application/x-www-form-urlencoded", strings.NewReader(big), 413},
		{"10 MB of form in chunks", "/vi/x", "application/x-www-form-urlencoded", io.MultiReader(strings.NewReader(big)), 413},
		{"exactly the limit", "/api/x", "application/json",
			strings.NewReader(`{"a":"` + strings.Repeat("x", httpx.MaxBody-8) + `"}`), 204},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+tt.path, tt.body)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tt.kind)
			r, err := server.Client().Do(req)
			if err != nil {
				t.Fatal(err) // a broken connection instead of an answer
			}
			wantStatus(t, r, tt.status)
			if tt.status == 413 && tt.path == "/api/x" && problem(t, r).Code != httpx.CodeTooLarge {
				t.Error("another code")
			}
			_ = r.Body.Close()
		})
	}
}

func TestBadAddressesAndFormsAre400(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.GET("/api/x/:id", ok)
	s.GET("/api/x", ok)
	s.POST("/vi/x", ok)
	for _, target := range []string{
		"/api/x/%00", "/api/x/%ff", "/api/x?q=%00", "/api/x?q=%c3%28", "/api/x?q=%zz", "/api/x?%00=1", "/api/x?a;b",
	} {
		if p := problem(t, s.get(t, target)); p.Status != 400 || p.Code != httpx.CodeMalformed || p.Title != "Không đọc được." {
			t.Errorf("%s: %+v", target, p)
		}
	}
	wantStatus(t, s.get(t, "/api/x?q=%C4%91%C6%B0%E1%BB%9Dng"), 200)

	const form = "application/x-www-form-urlencoded"
	multipart := "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\x00\r\n--b--\r\n"
	tests := []struct {
		name, kind, body string
		status           int
	}{
		{"good text passes", form, "a=%C4%91", 200},
		{"an empty button passes", "", "", 200},
		{"NUL", form, "a=%00", 400},
		{"half a letter", form, "a=%c3", 400},
		{"a broken escape", form, "a=%z", 400},
		{"NUL in multipart", "multipart/form-data; boundary=b", multipart, 400},
		{"multipart that breaks off", "multipart/form-data; boundary=b", "--b\r\nContent-Disp", 400},
		{"multipart without boundary", "multipart/form-data", multipart, 400},
		{"JSON where a form belongs", "application/json", "{}", 415},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if tt.kind != "" {
				headers = []string{"Content-Type", tt.kind}
			}
			wantStatus(t, s.send(t, "POST", "/vi/x", strings.NewReader(tt.body), headers...), tt.status)
		})
	}
}

func TestABodyThatEndsEarlyIs400(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.POST("/api/x", func(c echo.Context) error {
		var v struct{}
		_, err := httpx.ReadJSON(c, &v)
		return err
	})
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	const short = "POST /api/x HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"a\""
	if _, err := io.WriteString(conn, short); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, r, 400)
}

// TestAClientThatSendsEverythingFirstSeesTheAnswer stands for the many that
// look at the answer only after the last byte has gone out.
func TestAClientThatSendsEverythingFirstSeesTheAnswer(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(server.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	const size = "10485760"
	head := "POST /api/x HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: " + size + "\r\n\r\n"
	if _, err := io.WriteString(conn, head+strings.Repeat(" ", 10<<20)); err != nil {
		t.Fatalf("the connection broke: %v", err)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	wantStatus(t, r, 413)
}
