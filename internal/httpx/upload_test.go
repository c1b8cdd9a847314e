package httpx_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
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
	server := httptest.NewUnstartedServer(nil)
	server.Config = httpx.NewServer(s, slog.New(slog.DiscardHandler))
	server.Start()
	defer server.Close()
	// What cut the connection off came a moment late, when the machine was busy.
	var all sync.WaitGroup
	defer all.Wait()
	for range 32 {
		all.Go(func() { useConnection(t, server) })
	}
}

// useConnection brings files and then asks for something else, many times.
func useConnection(t *testing.T, server *httptest.Server) {
	client := &http.Client{Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	for n := range 100 {
		for _, path := range []string{"/files", "/after"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+path, strings.NewReader("name=value"))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.GetBody = nil // so that the client does not hide a broken connection by sending anew
			answer, err := client.Do(r)
			if err != nil {
				t.Errorf("round %d, %s: %v", n, path, err)
				return
			}
			if _ = answer.Body.Close(); answer.StatusCode != http.StatusNoContent {
				t.Errorf("round %d, %s: status %d", n, path, answer.StatusCode)
				return
			}
		}
	}
}
