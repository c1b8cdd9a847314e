package web

import (
	"context"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/search"
)

const (
	// helpWait bounds all that is looked up for a search that found nothing.
	helpWait = time.Second
	// helpDrops is how many filters are tried: each is a search.
	helpDrops = 4
	// helpNames is how many other names are told: enough to see that they were
	// thought of.
	helpNames = 6
)

// SearchHelp is what a search that found nothing offers instead.
type SearchHelp struct {
	// Drops are the filters without which something is found, each with how
	// much.
	Drops []Drop
	// Names stand for the same as names in the query, and were looked for too.
	Names []string
	// Similar are cases that ask for the same in other words.
	Similar []SimilarCase
	// SubmitURL is the form with what was looked for as its title.
	SubmitURL string
}

// Drop is a search with less filters than before.
type Drop struct {
	Label string // of what is dropped; empty: all filters
	Lang  civic.Language
	URL   string
	Total int
}

// searchHelp looks for ways on where nothing was found. What is away or slow is
// not offered.
func (w *Web) searchHelp(c echo.Context, words words, asked searchRequest) *SearchHelp {
	ctx, cancel := context.WithTimeout(c.Request().Context(), helpWait)
	defer cancel()
	help := &SearchHelp{SubmitURL: "/" + string(words.lang) + "/submit"}
	help.Drops = w.drops(ctx, words, asked)
	q := asked.text()
	if q == "" {
		return help
	}
	for _, part := range w.Thesaurus.Parse(q) {
		help.Names = append(help.Names, part.Name.Written...)
	}
	help.Names = help.Names[:min(len(help.Names), helpNames)]
	if n := utf8.RuneCountInString(q); n >= civic.MinTitle && n <= civic.MaxTitle {
		help.SubmitURL += "?" + url.Values{"title": {q}}.Encode()
	}
	if found, err := w.Triage.Similar(ctx, q, ""); err == nil {
		for _, match := range found[:min(len(found), similarOffered)] {
			sub := match.Case
			help.Similar = append(help.Similar, SimilarCase{
				URL: publicPath(words.lang, sub.Code), Title: sub.PublicTitle, Language: sub.Language, Why: strings.Join(match.Terms, ", "),
			})
		}
	}
	return help
}

// drops tries the search without each of its filters, and without all of them
// where there are several.
func (w *Web) drops(ctx context.Context, words words, asked searchRequest) []Drop {
	var ways []Drop
	for _, f := range searchFacets {
		values := asked.values[string(f)]
		if len(values) == 0 {
			continue
		}
		way := Drop{Label: words.t("search.facet." + string(f)), URL: asked.without(string(f))}
		if len(values) == 1 {
			n := w.facetLabel(words, f, values[0])
			way.Label, way.Lang = n.Text, optionLang(n, words.lang)
		}
		ways = append(ways, way)
	}
	if asked.values.Has(dayFrom) || asked.values.Has(dayTo) {
		ways = append(ways, Drop{Label: words.t("search.days"), URL: asked.without(dayNames...)})
	}
	ways = ways[:min(len(ways), helpDrops)]
	if len(ways) > 1 {
		ways = append(ways, Drop{URL: asked.without(append(filterNames(), dayNames...)...)})
	}
	var out []Drop
	for _, way := range ways {
		if way.Total = w.countOf(ctx, way.URL); way.Total > 0 {
			out = append(out, way)
		}
	}
	return out
}

// countOf is how many cases the search of an address finds that have all of its
// words.
func (w *Web) countOf(ctx context.Context, address string) int {
	u, err := url.Parse(address)
	if err != nil {
		return 0
	}
	q := readValues(u.Path, u.Query()).query()
	q.PerPage, q.Facets, q.Sort = 1, nil, search.Newest
	result, err := w.Search.Query(ctx, q)
	if err != nil || result.Relaxed {
		return 0
	}
	return result.Total
}
