package httpx_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hienke/internal/httpx"
)

// A connection that brought files has more time than others. When they have
// come it must serve what follows like any other: a browser asks for the next
// page on it at once.
func TestAConnectionServesOnAfterFiles(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *httpx.Options) { o.Uploads = map[string]int64{"/files": 1 << 20} })
	s.POST("/files", func(c echo.Context) error {
		if _, err := io.Copy(io.Discard, c.Request().Body); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
	s.POST("/after", func(c echo.Context) error { return c.NoContent(http.StatusNoContent) })
	server := httptest.NewServer(s)
	defer server.Close()
	for n := range 200 { // what cut the connection off came a moment later, and not each time
		for _, path := range []string{"/files", "/after"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader("name=value"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.GetBody = nil // so that the client does not hide a broken connection by sending anew
			answer, err := server.Client().Do(r)
			if err != nil {
				t.Fatalf("round %d, %s: %v", n, path, err)
			}
			if _ = answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
				t.Fatalf("round %d, %s: status %d", n, path, answer.StatusCode)
			}
		}
	}
}
