package api

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/httpx"
	"hienke/internal/limit"
	"hienke/internal/search"
)

// comparing bounds how often one network may have a text compared with every
// public case: each comparison costs the work of some hundred searches. Sixty
// at once are a training room; one a second after that.
var comparing = limit.Rule{Name: "similar", Burst: 60, Every: time.Second}

// maxQuery is the longest search in letters.
const maxQuery = 1000

func (a *API) similar(c echo.Context) error {
	var in Text
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	ctx := c.Request().Context()
	if v := a.Limits.Allow(ctx, comparing, httpx.ClientKey(c)); !v.Allowed {
		return &errs.Error{Kind: errs.RateLimited, Code: "similar.too_many", RetryAfter: v.RetryAfter}
	}
	found, err := a.Triage.Similar(ctx, in.Title, in.Body)
	if err != nil {
		return err
	}
	out := Matches{Matches: make([]Match, len(found))}
	for i, m := range found {
		out.Matches[i] = Match{
			Code: m.Case.Code.String(), Title: m.Case.PublicTitle, Status: string(m.Case.State), Score: m.Score,
			Reason: a.sharedTerms(c, m.Terms),
		}
	}
	return c.JSON(http.StatusOK, out)
}

// sharedTerms says which words two texts have in common.
func (a *API) sharedTerms(c echo.Context, terms []string) string {
	if len(terms) == 0 {
		return ""
	}
	return a.text(c, "desk.similar_terms", "terms", strings.Join(terms, ", "))
}

func (a *API) search(c echo.Context) error {
	q, err := searchQuery(c)
	if err != nil {
		return err
	}
	r, err := a.Finding.Search(c.Request().Context(), q)
	if err != nil {
		return err
	}
	out := SearchResult{
		Total: r.Total, Page: q.Page, PerPage: q.PerPage, Hits: make([]Hit, len(r.Hits)),
		Facets: a.facets(c, r.Facets), Engine: r.Engine, Degraded: r.Degraded, Relaxed: r.Relaxed,
	}
	for i, h := range r.Hits {
		out.Hits[i] = Hit{
			Code: h.Code.String(), Title: h.Title, Snippet: plain(h.Snippet), Kind: string(h.Kind), Topic: maybe(h.Topic),
			Agency: maybe(h.Agency), AnsweredAt: maybeTime(h.AnsweredAt),
		}
	}
	return c.JSON(http.StatusOK, out)
}

// plain joins a snippet: what matches is for pages to show.
func plain(pieces []search.Piece) string {
	var b strings.Builder
	for _, p := range pieces {
		b.WriteString(p.Text)
	}
	return b.String()
}

// searchQuery reads the parameters and names every wrong one.
func searchQuery(c echo.Context) (search.Query, error) {
	p := params{c: c}
	page, err := pageOf(c)
	p.add(err)
	q := search.Query{
		Text: c.QueryParam("q"),
		Filters: search.Filters{
			Kinds: oneOf(&p, "kind", civic.Kinds), Topics: values[civic.TopicCode](&p, "topic"),
			Agencies: values[civic.AgencyCode](&p, "agency"), Areas: values[civic.AreaCode](&p, "area"),
			Statuses: oneOf(&p, "status", civic.States), Outcomes: oneOf(&p, "outcome", civic.Outcomes), Years: p.years("year"),
		},
		Answered: civic.Period{From: p.day("from", 0), Until: p.day("to", 1)}, // the last day counts whole
		Sort:     search.Sort(c.QueryParam("sort")), Page: page.Number, PerPage: page.Size, Facets: search.Facets,
	}
	p.add(civic.CheckLength("q", q.Text, 0, maxQuery))
	if err == nil {
		p.add(q.Check())
	}
	return q, errs.InvalidFields(p.wrong...)
}

// params reads the query and collects what is wrong with it.
type params struct {
	c     echo.Context
	wrong []errs.Field
}

// add collects the fields of a check that was made elsewhere.
func (p *params) add(err error) { p.wrong = append(p.wrong, errs.FieldsOf(err)...) }

// unknown notes a value outside of its closed set.
func (p *params) unknown(name string) {
	p.wrong = append(p.wrong, errs.Field{Name: name, Code: "field.unknown_value"})
}

// flag reads a parameter that is true, false or missing, which is false.
func (p *params) flag(name string) bool {
	switch p.c.QueryParam(name) {
	case "true":
		return true
	case "", "false":
	default:
		p.unknown(name)
	}
	return false
}

// values returns the values of a parameter that may be repeated.
func values[S ~string](p *params, name string) []S {
	var out []S
	for _, v := range p.c.QueryParams()[name] {
		if v != "" {
			out = append(out, S(v))
		}
	}
	return out
}

// oneOf is values for a closed set: a slip is told, where an open set would
// just find nothing.
func oneOf[S ~string](p *params, name string, set []S) []S {
	found := values[S](p, name)
	if slices.ContainsFunc(found, func(v S) bool { return !slices.Contains(set, v) }) {
		p.unknown(name)
	}
	return found
}

// lastYear bounds what counts as a year.
const lastYear = 9999

func (p *params) years(name string) []int {
	var out []int
	for _, v := range values[string](p, name) {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > lastYear {
			p.wrong = append(p.wrong, errs.Field{
				Name: name, Code: httpx.CodeFieldRange, Params: map[string]string{"min": "1", "max": strconv.Itoa(lastYear)},
			})
			return nil
		}
		out = append(out, n)
	}
	return out
}

// day reads a date as the first moment of the day, or of the day that many
// days later.
func (p *params) day(name string, later int) time.Time {
	s := p.c.QueryParam(name)
	if s == "" {
		return time.Time{}
	}
	at, err := time.ParseInLocation(time.DateOnly, s, civic.Zone)
	if err != nil {
		p.wrong = append(p.wrong, errs.Field{
			Name: name, Code: httpx.CodeFieldType, Params: map[string]string{"expected": "YYYY-MM-DD"},
		})
		return time.Time{}
	}
	return at.AddDate(0, 0, later)
}

func (a *API) facets(c echo.Context, counted map[search.Facet][]search.FacetValue) map[string][]FacetValue {
	out := make(map[string][]FacetValue, len(counted))
	for f, found := range counted {
		out[string(f)] = make([]FacetValue, len(found))
		for i, v := range found {
			out[string(f)][i] = FacetValue{Value: v.Value, Label: a.label(c, f, v.Value), Count: v.Count}
		}
	}
	return out
}

// labelKeys are the catalogue's branches for closed sets.
var labelKeys = map[search.Facet]string{
	search.FacetKind: "kind.", search.FacetStatus: "state.", search.FacetOutcome: "outcome.",
}

// label names a facet value for people.
func (a *API) label(c echo.Context, f search.Facet, value string) string {
	if branch, ok := labelKeys[f]; ok {
		return a.text(c, branch+value)
	}
	if name, ok := finding.Registered(a.Registry, f, value, language(c)); ok {
		return name
	}
	return value
}

// registryCache lets the registry be kept for five minutes: it changes with a
// release or a restart, a few times a year.
const registryCache = "public, max-age=300"

// answerRegistry answers with names in the language of the request.
func answerRegistry(c echo.Context, v any) error {
	h := c.Response().Header()
	h.Add(echo.HeaderVary, "Accept-Language")
	h.Set("Content-Language", string(httpx.Lang(c)))
	h.Set("Cache-Control", registryCache)
	return c.JSON(http.StatusOK, v)
}

func (a *API) listAgencies(c echo.Context) error {
	out := []Agency{}
	for _, g := range a.Registry.AgenciesAt(a.Now()) {
		out = append(out, Agency{
			Code: string(g.Code), Name: g.Names.In(language(c)), Parent: maybe(g.Parent), Area: maybe(g.Area), Receives: g.Receives,
		})
	}
	return answerRegistry(c, map[string][]Agency{"agencies": out})
}

func (a *API) listTopics(c echo.Context) error {
	out := []Topic{}
	for _, t := range a.Registry.TopicsAt(a.Now()) {
		out = append(out, Topic{
			Code: string(t.Code), Name: t.Names.In(language(c)), Parent: maybe(t.Parent), Description: t.Description,
		})
	}
	return answerRegistry(c, map[string][]Topic{"topics": out})
}

func (a *API) listAreas(c echo.Context) error {
	out := []Area{}
	for _, r := range a.Registry.AreasAt(a.Now()) {
		out = append(out, Area{Code: string(r.Code), Name: r.Names.In(language(c))})
	}
	return answerRegistry(c, map[string][]Area{"areas": out})
}
