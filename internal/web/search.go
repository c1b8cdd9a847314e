package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/search"
)

const (
	searchPerPage = 10
	// facetShown is how many values of a facet are offered; more would push
	// the next facet out of sight.
	facetShown = 12
	// maxChosen is how many values of one filter an address may name. Each
	// link of the page repeats them all, so that the page grows with their
	// square; a person chooses a handful.
	maxChosen = 20
)

// searchFacets are shown in this order.
var searchFacets = []search.Facet{
	search.FacetTopic, search.FacetAgency, search.FacetKind, search.FacetArea, search.FacetYear, search.FacetStatus,
	search.FacetOutcome,
}

// searchRoutes are the pages on which everybody finds what was answered.
func (w *Web) searchRoutes(g *echo.Group) {
	g.GET("/search", w.showSearch)
}

// showSearch shows the public cases that match. The whole question stands in
// the address, so it can be kept, sent on and gone back to.
func (w *Web) showSearch(c echo.Context) error {
	words, asked := w.words(c), readSearch(c)
	title := words.t("search.title")
	if asked.text() != "" {
		title = words.t("search.title_for", "q", asked.text())
	}
	page := &SearchPage{Frame: w.frame(c, "search", title), Q: asked.text(), Kept: asked.kept()}
	page.Chips = w.chips(words, asked)
	page.ClearURL = asked.without(append(filterNames(), dayNames...)...)
	page.Narrowed = asked.text() != "" || len(page.Chips) > 0
	page.Description = words.t("search.title")
	page.NoIndex = page.Narrowed
	page.Feed, page.FeedsURL = asked.feedPath(words.lang), searchRequest{path: "/" + string(words.lang) + "/feeds", values: asked.values}.without("sort", "page")
	page.Scripts = append(page.Scripts, "search")
	if saved := asked.saved(); saved != "" {
		page.FollowURL = "/" + string(words.lang) + "/follow?" + saved
	}
	page.Days = asked.days(words)

	result, err := w.Search.Query(c.Request().Context(), asked.query())
	if err != nil {
		if errs.KindOf(err) != errs.Unavailable {
			return err
		}
		page.Down = true
		page.Notice = &Notice{Tone: "stop", Text: words.t("search.down"), Alert: true}
		return w.showFailed(c, err, page)
	}
	switch {
	case result.Degraded:
		page.Notice = &Notice{Tone: "care", Text: words.t("search.degraded")}
	case result.Relaxed:
		page.Notice = &Notice{Text: words.t("search.relaxed")}
	}
	page.Total, page.Hits = result.Total, w.hits(words, result.Hits)
	if result.Total == 0 && page.Narrowed {
		page.Help = w.searchHelp(c, words, asked)
	}
	page.Sorts = asked.sorts(words)
	page.Facets = w.facets(words, asked, result.Facets)
	page.Pager = pager(asked.page(), min(result.Total, search.MaxWindow), searchPerPage, asked.atPage)
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// searchRequest is what the address of a search says.
type searchRequest struct {
	path   string
	values url.Values // only the parameters that mean something
}

func filterNames() []string {
	names := make([]string, len(searchFacets))
	for i, f := range searchFacets {
		names[i] = string(f)
	}
	return names
}

// readSearch keeps what the address says and forgets what it should not say:
// an address typed by hand must not fail.
func readSearch(c echo.Context) searchRequest {
	return readValues("/"+string(httpx.Lang(c))+"/search", c.QueryParams())
}

// readValues is readSearch for parameters from elsewhere.
func readValues(path string, given url.Values) searchRequest {
	r := searchRequest{path: path, values: url.Values{}}
	for _, name := range filterNames() {
		for _, v := range given[name] {
			if v != "" && len(r.values[name]) < maxChosen && !slices.Contains(r.values[name], v) {
				r.values.Add(name, v)
			}
		}
	}
	if q := strings.TrimSpace(given.Get("q")); q != "" {
		r.values.Set("q", q)
	}
	for _, name := range dayNames {
		if _, ok := readDay(given.Get(name)); ok {
			r.values.Set(name, given.Get(name))
		}
	}
	if s := search.Sort(given.Get("sort")); s == search.Newest || s == search.Oldest {
		r.values.Set("sort", string(s))
	}
	if n, err := strconv.Atoi(given.Get("page")); err == nil && n > 1 && n <= search.MaxWindow/searchPerPage {
		r.values.Set("page", strconv.Itoa(n))
	}
	return r
}

func (r searchRequest) text() string { return r.values.Get("q") }

func (r searchRequest) page() int {
	n, err := strconv.Atoi(r.values.Get("page"))
	if err != nil {
		return 1
	}
	return n
}

func (r searchRequest) query() search.Query {
	q := search.Query{
		Text: r.text(), Sort: search.Sort(r.values.Get("sort")), Page: r.page(), PerPage: searchPerPage, Facets: searchFacets,
		Filters: search.Filters{
			Kinds: typed[civic.Kind](r.values["kind"]), Topics: typed[civic.TopicCode](r.values["topic"]),
			Agencies: typed[civic.AgencyCode](r.values["agency"]), Areas: typed[civic.AreaCode](r.values["area"]),
			Statuses: typed[civic.State](r.values["status"]), Outcomes: typed[civic.Outcome](r.values["outcome"]),
		},
	}
	if from, ok := readDay(r.values.Get(dayFrom)); ok {
		q.Answered.From = from.Start()
	}
	if to, ok := readDay(r.values.Get(dayTo)); ok { // the day itself included
		q.Answered.Until = to.Start().AddDate(0, 0, 1)
	}
	if q.Sort == "" && q.Text == "" {
		q.Sort = search.Newest
	}
	for _, y := range r.values["year"] {
		if n, err := strconv.Atoi(y); err == nil {
			q.Filters.Years = append(q.Filters.Years, n)
		}
	}
	return q
}

func typed[S ~string](values []string) []S {
	var out []S
	for _, v := range values {
		out = append(out, S(v))
	}
	return out
}

// with returns the address with a change made to its parameters. Every change
// but to the page itself leads back to the first page.
func (r searchRequest) with(change func(url.Values)) string {
	v := url.Values{}
	for name, values := range r.values {
		v[name] = slices.Clone(values)
	}
	v.Del("page")
	change(v)
	if len(v) == 0 {
		return r.path
	}
	return r.path + "?" + v.Encode()
}

func (r searchRequest) without(names ...string) string {
	return r.with(func(v url.Values) {
		for _, name := range names {
			v.Del(name)
		}
	})
}

func (r searchRequest) atPage(n int) string {
	return r.with(func(v url.Values) {
		if n > 1 {
			v.Set("page", strconv.Itoa(n))
		}
	})
}

// toggled returns the address with a filter's value put in or taken out.
func (r searchRequest) toggled(name, value string) string {
	return r.with(func(v url.Values) {
		if i := slices.Index(v[name], value); i >= 0 {
			v[name] = slices.Delete(v[name], i, i+1)
		} else {
			v.Add(name, value)
		}
		if len(v[name]) == 0 {
			v.Del(name)
		}
	})
}

// kept are the parameters that a new query in the search box keeps.
func (r searchRequest) kept() []Hidden {
	var out []Hidden
	for _, name := range append(filterNames(), dayFrom, dayTo, "sort") {
		for _, v := range r.values[name] {
			out = append(out, Hidden{Name: name, Value: v})
		}
	}
	return out
}

// sorts offers the orders. Without words nothing fits better than another, so
// the best match is not offered.
func (r searchRequest) sorts(words words) []Link {
	current := r.query().Sort
	var out []Link
	for _, s := range []search.Sort{search.Relevance, search.Newest, search.Oldest} {
		if s == search.Relevance && r.text() == "" {
			continue
		}
		out = append(out, Link{
			Label: words.t("search.sort_" + string(s)), Current: s == current || s == search.Relevance && current == "",
			URL: r.with(func(v url.Values) {
				v.Set("sort", string(s))
				if s == search.Relevance {
					v.Del("sort")
				}
			}),
		})
	}
	return out
}

// chips are the chosen filters.
func (w *Web) chips(words words, r searchRequest) []Chip {
	var out []Chip
	for _, f := range searchFacets {
		for _, v := range r.values[string(f)] {
			n := w.facetLabel(words, f, v)
			out = append(out, Chip{Label: n.Text, Lang: optionLang(n, words.lang), URL: r.toggled(string(f), v)})
		}
	}
	for _, name := range dayNames {
		if day, ok := readDay(r.values.Get(name)); ok {
			out = append(out, Chip{Label: words.t("search."+name, "date", i18n.ShortDate(words.lang, day.Start(), civic.Zone)), URL: r.without(name)})
		}
	}
	return out
}

// facets offers the values that would leave something, the chosen ones always.
func (w *Web) facets(words words, r searchRequest, counted map[search.Facet][]search.FacetValue) []Facet {
	var out []Facet
	for _, f := range searchFacets {
		facet := Facet{Name: string(f)}
		for _, v := range counted[f] {
			chosen := slices.Contains(r.values[string(f)], v.Value)
			if !chosen && (v.Count == 0 || len(facet.Values) >= facetShown) {
				continue
			}
			n := w.facetLabel(words, f, v.Value)
			facet.Values = append(facet.Values, FacetValue{
				Label: n.Text, Lang: optionLang(n, words.lang), Count: v.Count, Current: chosen, URL: r.toggled(string(f), v.Value),
			})
		}
		if len(facet.Values) > 0 {
			out = append(out, facet)
		}
	}
	return out
}

// facetLabel names a value. One that nobody knows is shown as it is.
func (w *Web) facetLabel(words words, f search.Facet, value string) Name {
	var n Name
	switch f {
	case search.FacetTopic:
		n = w.topic(words.lang, civic.TopicCode(value))
	case search.FacetAgency:
		n = w.agency(words.lang, civic.AgencyCode(value))
	case search.FacetArea:
		n = w.area(words.lang, civic.AreaCode(value))
	case search.FacetKind:
		n.Text = words.optional("kind." + value)
	case search.FacetStatus:
		n.Text = words.optional("state." + value)
	case search.FacetOutcome:
		n.Text = words.optional("outcome." + value)
	}
	if n.Text == "" {
		n.Text = value
	}
	if n.Lang == "" {
		n.Lang = civic.Language(words.lang)
	}
	return n
}

// hits turns what an engine found into lines of a list.
func (w *Web) hits(words words, found []search.Hit) []Hit {
	out := make([]Hit, 0, len(found))
	for _, h := range found {
		hit := Hit{
			URL: publicPath(words.lang, h.Code), Title: h.Title, Language: civic.Vietnamese, Kind: h.Kind,
			Agency: w.agency(words.lang, h.Agency), Topic: w.topic(words.lang, h.Topic), AnsweredAt: h.AnsweredAt,
		}
		for _, p := range h.Snippet {
			hit.Snippet = append(hit.Snippet, Span{Text: p.Text, Marked: p.Match})
		}
		out = append(out, hit)
	}
	return out
}

// pager links the pages around the current one, the first and the last.
func pager(current, total, perPage int, address func(int) string) Pager {
	last := (total + perPage - 1) / perPage
	var p Pager
	if last < 2 {
		return p
	}
	if current > 1 {
		p.Previous = address(min(current-1, last))
	}
	if current < last {
		p.Next = address(current + 1)
	}
	for n := 1; n <= last; n++ {
		near := n >= current-1 && n <= current+1
		if n == 1 || n == last || near {
			p.Pages = append(p.Pages, PagerItem{Number: n, URL: address(n), Current: n == current})
		} else if last := len(p.Pages) - 1; !p.Pages[last].Gap {
			p.Pages = append(p.Pages, PagerItem{Gap: true})
		}
	}
	return p
}
