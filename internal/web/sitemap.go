package web

import (
	"bufio"
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/store"
)

const (
	// sitemapCases is how many cases one file lists. Each has an address per
	// language with its alternates, some 700 bytes: 14 MB, and 40,000 addresses,
	// of the 50 MB and 50,000 that the protocol allows.
	sitemapCases = 20_000
	// sitemapBatch is how many cases are read at once: what a file costs in memory.
	sitemapBatch = 1000
	sitemapKept  = "public, max-age=3600"
)

// crawlerRoutes are for search engines; they speak no language.
func (w *Web) crawlerRoutes(g *echo.Group) {
	g.GET("/robots.txt", w.robots)
	g.GET("/sitemap.xml", w.sitemapIndex)
	g.GET("/sitemap/:file", w.sitemap)
}

// unlisted are the beginnings of addresses that no robot should ask for: they
// are somebody's own, or only lead to what other addresses show already.
var unlisted = []string{"submit", "track", "receipt", "drafts", "following", "embed"}

func (w *Web) robots(c echo.Context) error {
	var b strings.Builder
	b.WriteString("User-agent: *\nDisallow: /staff\nDisallow: /api/\nDisallow: /challenge\n")
	for _, lang := range i18n.Langs {
		for _, part := range unlisted {
			fmt.Fprintf(&b, "Disallow: /%s/%s\n", lang, part)
		}
		fmt.Fprintf(&b, "Disallow: /%s/search?\n", lang) // the cases are in the site map
	}
	b.WriteString("\nSitemap: " + w.PublicURL + "/sitemap.xml\n")
	c.Response().Header().Set(echo.HeaderCacheControl, sitemapKept)
	return c.String(http.StatusOK, b.String())
}

// sitemapIndex lists the files: one for the pages that are always there, and
// as many as there are cases.
func (w *Web) sitemapIndex(c echo.Context) error {
	total, err := w.Answers.CountPublished(c.Request().Context())
	if err != nil {
		return err
	}
	out := sitemapHead(c)
	fmt.Fprint(out, `<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`+"\n")
	fmt.Fprintf(out, "<sitemap><loc>%s</loc></sitemap>\n", escaped(w.PublicURL+"/sitemap/pages.xml"))
	for n := 0; n*sitemapCases < total; n++ {
		fmt.Fprintf(out, "<sitemap><loc>%s</loc></sitemap>\n", escaped(w.PublicURL+"/sitemap/cases-"+strconv.Itoa(n+1)+".xml"))
	}
	fmt.Fprint(out, "</sitemapindex>\n")
	return out.Flush()
}

// sitemap is one file of the site map.
func (w *Web) sitemap(c echo.Context) error {
	name, ok := strings.CutSuffix(c.Param("file"), ".xml")
	if ok && name == "pages" {
		out := sitemapHead(c)
		fmt.Fprint(out, sitemapOpen)
		for _, path := range append([]string{"/", "/search", "/stats", "/feeds"}, slashed(PlainPages)...) {
			w.sitemapURLs(out, path, time.Time{})
		}
		fmt.Fprint(out, "</urlset>\n")
		return out.Flush()
	}
	number, isCases := strings.CutPrefix(name, "cases-")
	n, err := strconv.Atoi(number)
	if !ok || !isCases || err != nil || n < 1 || n > 1_000_000 {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	return w.sitemapOfCases(c, (n-1)*sitemapCases)
}

func slashed(slugs []string) []string {
	out := make([]string, len(slugs))
	for i, s := range slugs {
		out[i] = "/" + s
	}
	return out
}

// sitemapOfCases writes one file as it reads, a batch at a time. After its
// first batch a failure can only cut it off, which leaves XML that no reader
// takes for whole.
func (w *Web) sitemapOfCases(c echo.Context, offset int) error {
	ctx := c.Request().Context()
	batch, err := w.Answers.Published(ctx, offset, 0, sitemapBatch)
	if err != nil {
		return err
	}
	if len(batch) == 0 && offset > 0 {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	out := sitemapHead(c)
	fmt.Fprint(out, sitemapOpen)
	for written := 0; len(batch) > 0 && written < sitemapCases; {
		for _, p := range batch {
			w.sitemapURLs(out, "/s/"+p.Code.String(), p.ChangedAt)
		}
		written += len(batch)
		if batch, err = w.nextBatch(c, batch); err != nil {
			return err
		}
	}
	fmt.Fprint(out, "</urlset>\n")
	return out.Flush()
}

func (w *Web) nextBatch(c echo.Context, last []store.Published) ([]store.Published, error) {
	if len(last) < sitemapBatch {
		return nil, nil
	}
	return w.Answers.Published(c.Request().Context(), 0, last[len(last)-1].ID, sitemapBatch)
}

const sitemapOpen = `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml">` + "\n"

func sitemapHead(c echo.Context) *bufio.Writer {
	h := c.Response().Header()
	h.Set(echo.HeaderContentType, "application/xml; charset=utf-8")
	h.Set(echo.HeaderCacheControl, sitemapKept)
	c.Response().WriteHeader(http.StatusOK)
	out := bufio.NewWriter(c.Response())
	fmt.Fprint(out, xml.Header)
	return out
}

// sitemapURLs lists a page in every language, each with its alternates.
func (w *Web) sitemapURLs(out *bufio.Writer, path string, changed time.Time) {
	for _, lang := range i18n.Langs {
		fmt.Fprintf(out, "<url><loc>%s</loc>", escaped(w.PublicURL+"/"+string(lang)+path))
		if !changed.IsZero() {
			fmt.Fprintf(out, "<lastmod>%s</lastmod>", stampOf(changed))
		}
		for _, other := range i18n.Langs {
			fmt.Fprintf(out, `<xhtml:link rel="alternate" hreflang="%s" href="%s"/>`, other, escaped(w.PublicURL+"/"+string(other)+path))
		}
		fmt.Fprint(out, "</url>\n")
	}
}

// escaped makes text safe inside of XML.
func escaped(s string) string {
	var b strings.Builder
	xml.EscapeText(&b, []byte(s)) //nolint:errcheck // a Builder never fails
	return b.String()
}
