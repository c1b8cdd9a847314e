package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// asker asks over HTTP, on one connection that is kept.
func asker(tb testing.TB, address string) func() {
	client := &http.Client{}
	tb.Cleanup(client.CloseIdleConnections)
	return func() {
		r, err := http.NewRequestWithContext(tb.Context(), http.MethodGet, address, nil)
		if err != nil {
			tb.Fatal(err)
		}
		res, err := client.Do(r)
		if err != nil {
			tb.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			tb.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != http.StatusOK {
			tb.Fatalf("%s answers %d, %v", address, res.StatusCode, err)
		}
	}
}

// BenchmarkPages measures whole pages over HTTP, the database among them, and
// beside them a handler of Echo that writes three bytes: "x-bare" is how many
// times as long a page takes in the same run. Sixty cases are public; the search
// is the one in the database.
func BenchmarkPages(b *testing.B) {
	w := newWorld(b)
	var shown sent
	for range 60 {
		shown = w.browser().submit(nil)
		w.publish(shown)
		w.put(shown.code, func(tx store.Tx, sub *civic.Submission) error {
			sub.PublicBody = strings.Repeat("Đề nghị chấp nhận hồ sơ điện tử có chữ ký số và bỏ bản giấy ở xã vùng cao. ", 6)
			text := matching.Analyze(matching.Document{Title: sub.PublicTitle, Body: sub.PublicBody})
			return tx.Shelf().Put(b.Context(), []store.Shelved{{Submission: sub.ID, Fingerprint: 1, Terms: text.Salient(matching.Frequencies{})}})
		})
	}
	step := w.browser().begin(rightForm()) + "/text"
	plain := echo.New()
	plain.GET("/", func(c echo.Context) error { return c.String(http.StatusOK, "ok\n") })
	server := httptest.NewServer(plain)
	b.Cleanup(server.Close)

	var bare float64
	run := func(name, address string) {
		b.Run(name, func(b *testing.B) {
			ask := asker(b, address)
			ask()
			for b.Loop() {
				ask()
			}
			each := float64(b.Elapsed().Nanoseconds()) / float64(b.N)
			if name == "bare" {
				bare = each
			}
			b.ReportMetric(each/bare, "x-bare")
		})
	}
	run("bare", server.URL+"/")
	for _, page := range []struct{ name, path string }{
		{"home", "/vi/"}, {"search", "/vi/search?q=" + url.QueryEscape("hồ sơ điện tử")}, {"case", "/vi/s/" + shown.code4},
		{"stats", "/vi/stats"}, {"form", "/vi/submit"}, {"step", step}, {"privacy", "/vi/privacy"}, {"data", "/open-data/figures.csv"},
	} {
		run(page.name, w.server.URL+page.path)
	}
}
