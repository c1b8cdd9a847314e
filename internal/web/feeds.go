package web

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/search"
)

const (
	// feedPerPage is how many answers one page of a feed holds.
	feedPerPage = 20
	// feedPages is how far back a feed leads; what is older is in the search.
	feedPages = 50
	// feedKept is for how long a feed may be kept by whoever stands between: what
	// is taken down is gone from it within a minute.
	feedKept = "public, max-age=60"
	// feedQuestion is how many letters of the question stand in an entry.
	feedQuestion = 600
)

// feedRoutes are the answers for programs: feeds, and the list that other sites
// put into their pages.
func (w *Web) feedRoutes(g *echo.Group) {
	g.GET("/feeds", w.showFeeds)
	g.GET("/feeds/answers.atom", w.answersFeed)
	g.GET("/embed/answers", w.embedAnswers)
}

// feedPath is the feed of a search, with its filters and without its order.
func (r searchRequest) feedPath(lang i18n.Lang) string {
	feed := searchRequest{path: "/" + string(lang) + "/feeds/answers.atom", values: r.values}
	return feed.without("sort", "page", "status")
}

// answered finds the newest public answers that match an address, and reads
// each from the store: an index may lag behind a take-down, the store does not.
func (w *Web) answered(c echo.Context, asked searchRequest, perPage int) (list []answers.PublicCase, total int, err error) {
	q := asked.query()
	q.Sort, q.PerPage, q.Facets, q.Filters.Statuses = search.Newest, perPage, nil, civic.WithAnswer
	ctx := c.Request().Context()
	result, err := w.Search.Query(ctx, q)
	if err != nil || result.Relaxed { // some of the words are not what was subscribed to
		return nil, 0, err
	}
	for _, hit := range result.Hits {
		found, err := w.Answers.Public(ctx, hit.Code)
		switch kind := errs.KindOf(err); {
		case err != nil && (kind == errs.NotFound || kind == errs.Gone):
			continue
		case err != nil:
			return nil, 0, err
		case found.Answer != nil:
			list = append(list, found)
		}
	}
	return list, result.Total, nil
}

// The elements of RFC 4287 that we use. What encoding/xml writes is text,
// whatever a citizen wrote: it escapes, and replaces what XML cannot hold.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle,omitempty"`
	Updated  string      `xml:"updated"`
	Author   atomAuthor  `xml:"author"`
	Rights   string      `xml:"rights,omitempty"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomAuthor struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr,omitempty"`
	Lang string `xml:"hreflang,attr,omitempty"`
	Href string `xml:"href,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

type atomCategory struct {
	Term  string `xml:"term,attr"`
	Label string `xml:"label,attr,omitempty"`
}

type atomEntry struct {
	Lang       string         `xml:"xml:lang,attr"`
	ID         string         `xml:"id"`
	Title      atomText       `xml:"title"`
	Published  string         `xml:"published"`
	Updated    string         `xml:"updated"`
	Author     *atomAuthor    `xml:"author"`
	Categories []atomCategory `xml:"category"`
	Link       atomLink       `xml:"link"`
	Summary    atomText       `xml:"summary"`
	Content    atomText       `xml:"content"`
}

// answersFeed is the newest answers that match, as Atom.
func (w *Web) answersFeed(c echo.Context) error {
	asked := readSearch(c)
	list, total, err := w.answered(c, asked, feedPerPage)
	if err != nil {
		return err
	}
	words := w.words(c)
	address := func(n int) string {
		return w.PublicURL + searchRequest{path: asked.feedPath(words.lang), values: url.Values{}}.numbered(n)
	}
	feed := atomFeed{
		Lang: string(words.lang), ID: address(1), Title: words.t("feed.title"), Author: atomAuthor{words.t("site.name")},
		Rights: words.t("feed.rights"), Updated: time.Unix(0, 0).UTC().Format(time.RFC3339),
		Links: []atomLink{
			{Rel: "self", Type: "application/atom+xml", Href: address(asked.page())},
			{Rel: "alternate", Type: "text/html", Lang: string(words.lang), Href: w.PublicURL + asked.without("page", "sort")},
		},
	}
	if said := w.sayFilters(words, asked); said != "" {
		feed.Title = words.t("feed.title_for", "what", said)
	}
	if n := asked.page(); n > 1 {
		feed.Links = append(feed.Links, atomLink{Rel: "previous", Href: address(n - 1)})
	}
	if n := asked.page(); n*feedPerPage < total && n < feedPages {
		feed.Links = append(feed.Links, atomLink{Rel: "next", Href: address(n + 1)})
	}
	var latest time.Time
	for _, found := range list {
		entry, at := w.feedEntry(words, found)
		feed.Entries = append(feed.Entries, entry)
		if at.After(latest) {
			latest, feed.Updated = at, entry.Updated
		}
	}
	return w.sendFeed(c, feed, latest)
}

// numbered is the address at a page.
func (r searchRequest) numbered(n int) string {
	switch {
	case n < 2:
		return r.path
	case strings.Contains(r.path, "?"):
		return r.path + "&page=" + strconv.Itoa(n)
	}
	return r.path + "?page=" + strconv.Itoa(n)
}

// sendFeed writes a feed, or that it has not changed. Only If-None-Match is
// answered with 304: an entry that was taken away leaves no time behind by
// which If-Modified-Since would notice it.
func (w *Web) sendFeed(c echo.Context, feed atomFeed, latest time.Time) error {
	body, err := xml.MarshalIndent(feed, "", " ")
	if err != nil {
		return errs.Wrap(errs.Internal, "internal", err)
	}
	body = append([]byte(xml.Header), body...)
	sum := sha256.Sum256(body)
	tag := `W/"` + hex.EncodeToString(sum[:12]) + `"` // weak: compression follows
	h := c.Response().Header()
	h.Set("ETag", tag)
	h.Set(echo.HeaderCacheControl, feedKept)
	h.Set("Access-Control-Allow-Origin", "*") // data for everybody's programs
	if !latest.IsZero() {
		h.Set(echo.HeaderLastModified, latest.UTC().Format(http.TimeFormat))
	}
	for given := range strings.SplitSeq(c.Request().Header.Get("If-None-Match"), ",") {
		if given = strings.TrimSpace(given); given == "*" || given != "" && strings.TrimPrefix(given, "W/") == strings.TrimPrefix(tag, "W/") {
			return c.NoContent(http.StatusNotModified)
		}
	}
	return c.Blob(http.StatusOK, "application/atom+xml; charset=utf-8", body)
}

// feedEntry is one answer, and when it was last changed. Its id has no language
// and no path, so that it outlives a change of either.
func (w *Web) feedEntry(words words, found answers.PublicCase) (atomEntry, time.Time) {
	sub := found.Submission
	updated := found.Answer.ApprovedAt
	if sub.PublishedAt.After(updated) {
		updated = sub.PublishedAt
	}
	e := atomEntry{
		Lang: string(sub.Language), ID: "tag:" + w.host() + ",2026:case/" + sub.Code.String(),
		Title: atomText{"text", sub.PublicTitle}, Published: stampOf(updated), Updated: stampOf(updated),
		Link:    atomLink{Rel: "alternate", Type: "text/html", Lang: string(words.lang), Href: w.PublicURL + publicPath(words.lang, sub.Code)},
		Summary: atomText{"text", firstLetters(sub.PublicBody, feedQuestion)}, Content: atomText{"text", found.Answer.Text},
	}
	if agency := w.agency(words.lang, sub.Agency); agency.Text != "" {
		e.Author = &atomAuthor{agency.Text}
	}
	if topic := w.topic(words.lang, sub.Topic); topic.Text != "" {
		e.Categories = append(e.Categories, atomCategory{string(sub.Topic), topic.Text})
	}
	e.Categories = append(e.Categories, atomCategory{string(sub.Kind), words.t("kind." + string(sub.Kind))})
	return e, updated
}

func stampOf(at time.Time) string { return at.UTC().Format(time.RFC3339) }

// host is the name under which the service is reached, without a port.
func (w *Web) host() string {
	if u, err := url.Parse(w.PublicURL); err == nil && u.Hostname() != "" {
		return u.Hostname()
	}
	return "localhost"
}

// sayFilters says in a few words what a search is about: its words, then its
// filters.
func (w *Web) sayFilters(words words, asked searchRequest) string {
	var said []string
	if q := asked.text(); q != "" {
		said = append(said, words.t("feed.quoted", "q", q))
	}
	for _, chip := range w.chips(words, asked) {
		said = append(said, chip.Label)
	}
	return strings.Join(said, " · ")
}

// FeedsPage explains how to take answers over into other programs and pages.
type FeedsPage struct {
	Frame
	Form                []Field
	Said                string // what the addresses below are narrowed to; empty: everything
	Feed, JSON, Snippet string
	Embed               string // path of the list itself
}

func (*FeedsPage) template() string { return "feeds" }

// showFeeds offers the addresses of feed, JSON and list for what was chosen.
func (w *Web) showFeeds(c echo.Context) error {
	words, asked := w.words(c), readSearch(c)
	page := &FeedsPage{Frame: w.frame(c, "search", words.t("feed.page_title")), Said: w.sayFilters(words, asked)}
	page.Description = words.t("feed.page_lead")
	lang := words.lang
	page.Feed = w.PublicURL + asked.feedPath(lang)
	page.JSON = w.PublicURL + searchRequest{path: "/api/v1/search", values: asked.values}.with(func(v url.Values) {
		v.Set("sort", string(search.Newest))
		v["status"] = []string{string(civic.Answered), string(civic.Closed)}
	})
	page.Embed = searchRequest{path: "/" + string(lang) + "/embed/answers", values: asked.values}.with(func(v url.Values) {
		v.Del("sort")
		v.Del("status")
		v.Set("n", strconv.Itoa(embedShown))
	})
	page.Snippet = `<iframe src="` + w.PublicURL + strings.ReplaceAll(page.Embed, "&", "&amp;") + `" title="` + words.t("feed.title") +
		`" width="100%" height="480" loading="lazy"></iframe>`
	page.Form = []Field{
		{Name: "q", Label: words.t("form.q.label"), Value: asked.text(), Type: "search"},
		{Name: "agency", Widget: "select", Label: words.t("search.facet.agency"), Value: asked.values.Get("agency"), Options: w.feedAgencies(words)},
		{Name: "topic", Widget: "select", Label: words.t("search.facet.topic"), Value: asked.values.Get("topic"),
			Options: append([]Option{{Label: words.t("feed.any")}}, topicOptions(w.Registry, lang, w.Now())...)},
		{Name: "area", Widget: "select", Label: words.t("search.facet.area"), Value: asked.values.Get("area"),
			Options: append([]Option{{Label: words.t("feed.any")}}, areaOptions(w.Registry, lang, w.Now())...)},
	}
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// feedAgencies are all that may have answered, those that ended too.
func (w *Web) feedAgencies(words words) []Option {
	out := []Option{{Label: words.t("feed.any")}}
	for _, a := range w.Registry.Lists().Agencies {
		out = append(out, registryOption(string(a.Code), a.Names, words.lang))
	}
	return out
}

const (
	// embedShown is how many answers the list on other sites has unless it asks
	// for another number, embedMost how many at most.
	embedShown = 5
	embedMost  = 20
)

// EmbedPage is the list that other sites put into their pages. It needs no
// script and sets no cookie.
type EmbedPage struct {
	Frame
	Hits []Hit
	All  string // the whole search
	Said string
}

func (*EmbedPage) template() string { return "embed_answers" }

// embedAnswers shows the newest answers that match, for a frame on another site.
func (w *Web) embedAnswers(c echo.Context) error {
	words, asked := w.words(c), readSearch(c)
	asked.values.Del("page")
	n, err := strconv.Atoi(c.QueryParam("n"))
	if err != nil || n < 1 {
		n = embedShown
	}
	list, _, err := w.answered(c, asked, min(n, embedMost))
	if err != nil {
		return err
	}
	page := &EmbedPage{Frame: w.frame(c, "", words.t("feed.title")), All: asked.without("sort", "page"), Said: w.sayFilters(words, asked)}
	page.NoIndex = true
	for _, found := range list {
		sub := found.Submission
		page.Hits = append(page.Hits, Hit{
			URL: publicPath(words.lang, sub.Code), Title: sub.PublicTitle, Language: sub.Language, Kind: sub.Kind,
			Agency: w.agency(words.lang, sub.Agency), Topic: w.topic(words.lang, sub.Topic), AnsweredAt: sub.AnsweredAt,
		})
	}
	ancestors := "*"
	if len(w.Embedders) > 0 {
		ancestors = strings.Join(w.Embedders, " ")
	}
	httpx.AllowFraming(c, ancestors)
	c.Response().Header().Set(echo.HeaderCacheControl, feedKept)
	return w.show(c, http.StatusOK, page)
}
