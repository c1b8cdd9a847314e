package meilisearch

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/civic"
	"hienke/internal/search"
)

// exactWeight is by how much a hit with the accents as typed counts more than
// one without. Ranking scores of documents that have all the words lie between
// about 0.5 and 1, so a factor of 3 lets no folded hit pass an exact one.
const exactWeight = 3

// Query answers with one request where it can: all counts and, unless accents
// were typed, the hits. A question to which nothing answers needs up to two
// more to relax it.
func (x *Index) Query(ctx context.Context, q search.Query) (search.Result, error) {
	if err := q.Check(); err != nil {
		return search.Result{}, err
	}
	ctx, cancel, err := x.begin(ctx, queryTimeout)
	if err != nil {
		return search.Result{}, err
	}
	defer cancel()
	if q.Impossible() {
		return search.Nothing(&q, search.EngineMeilisearch), nil
	}
	result, err := x.answer(ctx, &q)
	if err != nil && !x.prepared.Load() { // the server lost the index or its settings
		if err = x.prepare(ctx); err == nil {
			result, err = x.answer(ctx, &q)
		}
	}
	if err != nil {
		return search.Result{}, fmt.Errorf("search: %w", err)
	}
	result.Engine = search.EngineMeilisearch
	return result, nil
}

// answer puts the question to a server that is prepared for it.
func (x *Index) answer(ctx context.Context, q *search.Query) (search.Result, error) {
	parts := x.thesaurus.Parse(q.Text)
	a := question{index: x, query: q, asked: parts, parts: parts, strategy: client.All}
	return a.answer(ctx)
}

// question is one query and how it is put to the server at the moment.
type question struct {
	index    *Index
	query    *search.Query
	asked    []search.Part // what the person typed
	parts    []search.Part // what is looked for
	strategy client.MatchingStrategy
}

// answer asks for all that was typed, first with its names and then word by
// word, and then for some of it.
func (a *question) answer(ctx context.Context) (search.Result, error) {
	result, err := a.ask(ctx)
	if err != nil || result.Total > 0 {
		return result, err
	}
	ways := [][]search.Part{a.asked}
	if search.HasNames(a.asked) {
		ways = append(ways, search.Plain(a.asked))
		a.parts = ways[1]
		if plain, err := a.ask(ctx); err != nil || plain.Total > 0 {
			return plain, err
		}
	}
	for _, parts := range ways {
		some, err := a.relax(ctx, parts)
		if err != nil || some.Total > 0 {
			return some, err
		}
		if some.Facets != nil { // what other values of the filters would bring
			result = some
		}
	}
	return result, nil
}

// relax asks for all parts that are known, then for some.
func (a *question) relax(ctx context.Context, asked []search.Part) (result search.Result, err error) {
	if len(asked) < 2 {
		return result, nil
	}
	a.strategy = client.All
	if a.parts, err = a.known(ctx, asked); err != nil || len(a.parts) == 0 {
		return result, err
	}
	if len(a.parts) < len(asked) {
		result, err = a.ask(ctx)
	}
	if err == nil && result.Total == 0 {
		a.strategy = client.Frequency // leaves out the most frequent words first
		result, err = a.ask(ctx)
	}
	result.Relaxed = result.Total > 0
	return result, err
}

// ask puts the question once.
func (a *question) ask(ctx context.Context) (search.Result, error) {
	exact := a.wantsExact()
	main := a.counting("")
	if !exact {
		perPage := int64(a.query.PerPage)
		main.HitsPerPage, main.Page = &perPage, int64(a.query.Page)
		a.showing(main)
	}
	queries := []*client.SearchRequest{main}
	for _, f := range a.query.Facets {
		if len(a.query.Filters.Values(f)) == 0 {
			main.Facets = append(main.Facets, string(f))
			continue
		}
		own := a.counting(f) // without the facet's own filter
		own.Facets = []string{string(f)}
		queries = append(queries, own)
	}
	answers, err := a.multiSearch(ctx, &client.MultiSearchRequest{Queries: queries})
	if err != nil {
		return search.Result{}, err
	}
	facets, err := a.facets(answers.Results)
	if err != nil {
		return search.Result{}, err
	}
	result := search.Result{Total: int(answers.Results[0].TotalHits), Facets: facets, Hits: []search.Hit{}}
	hits := answers.Results[0].Hits
	if exact && a.query.Offset() < result.Total {
		if hits, err = a.exactFirst(ctx); err != nil {
			return search.Result{}, err
		}
	}
	records, err := decode(hits)
	for _, r := range records {
		result.Hits = append(result.Hits, r.hit(a.asked))
	}
	return result, err
}

// wantsExact reports whether accents, or names as typed, have a say in the order.
func (a *question) wantsExact() bool {
	if a.query.Sort != search.Relevance && a.query.Sort != "" || a.strategy != client.All {
		return false
	}
	return search.HasNames(a.parts) || slices.ContainsFunc(search.Terms(a.parts), func(t search.Term) bool { return t.Accented() })
}

// exactFirst fetches the page from two searches that the server merges: for
// the words as typed, and for the words without accents. What both find counts
// once, by the better score.
func (a *question) exactFirst(ctx context.Context) (client.Hits, error) {
	folded, exact := a.matching(""), a.matching("")
	exact.Query = a.text(asTyped)
	exact.AttributesToSearchOn = nil // all of them
	exact.FederationOptions = &client.SearchFederationOptions{Weight: exactWeight}
	a.showing(folded)
	a.showing(exact)
	answer, err := a.multiSearch(ctx, &client.MultiSearchRequest{
		Federation: &client.MultiSearchFederation{Offset: int64(a.query.Offset()), Limit: int64(a.query.PerPage)},
		Queries:    []*client.SearchRequest{exact, folded},
	})
	if err != nil {
		return nil, err
	}
	return answer.Hits, nil
}

// known returns the parts that at least one document within the scope has.
func (a *question) known(ctx context.Context, asked []search.Part) ([]search.Part, error) {
	queries := make([]*client.SearchRequest, len(asked))
	for i, p := range asked {
		one := question{index: a.index, parts: []search.Part{p}, strategy: client.All}
		one.query = &search.Query{Scope: a.query.Scope}
		queries[i] = one.counting("")
	}
	answers, err := a.multiSearch(ctx, &client.MultiSearchRequest{Queries: queries})
	if err != nil {
		return nil, err
	}
	var known []search.Part
	for i, p := range asked {
		if answers.Results[i].TotalHits > 0 {
			known = append(known, p)
		}
	}
	return known, nil
}

// multiSearch sends several searches as one request.
func (a *question) multiSearch(ctx context.Context, req *client.MultiSearchRequest) (*client.MultiSearchResponse, error) {
	answer, err := a.index.server.MultiSearchWithContext(ctx, req)
	if err != nil {
		return nil, a.index.failure("search", err)
	}
	if req.Federation == nil && len(answer.Results) != len(req.Queries) {
		return nil, fmt.Errorf("%d answers to %d questions", len(answer.Results), len(req.Queries))
	}
	return answer, nil
}

// matching is the search for the terms under every condition but the filter of
// one facet.
func (a *question) matching(except search.Facet) *client.SearchRequest {
	r := &client.SearchRequest{
		IndexUID:             a.index.uid,
		Query:                a.text(anyway),
		AttributesToSearchOn: []string{attrHead, attrText},
		MatchingStrategy:     a.strategy,
	}
	if conditions := a.conditions(except); len(conditions) > 0 {
		r.Filter = conditions
	}
	return r
}

// counting is matching that returns no hits but an exact total.
func (a *question) counting(except search.Facet) *client.SearchRequest {
	r := a.matching(except)
	none := int64(0)
	r.HitsPerPage, r.Page = &none, 1
	return r
}

// showing asks for the attributes that hits are made of, in the order wanted.
func (a *question) showing(r *client.SearchRequest) {
	r.AttributesToRetrieve = []string{
		attrCode, attrTitle, attrBody, attrAnswer, attrAnsweredAt,
		string(search.FacetKind), string(search.FacetTopic), string(search.FacetAgency),
	}
	switch a.query.Sort {
	case search.Newest:
		r.Sort = []string{attrSortedAt + ":desc", attrCode + ":asc"}
	case search.Oldest:
		r.Sort = []string{attrSortedAt + ":asc", attrCode + ":asc"}
	}
}

// anyway asks for a part with or without accents, and for a name by any of those
// for the same.
func anyway(p search.Part) string {
	if p.Named() {
		return standIn(p.Name)
	}
	return p.Terms[0].Folded
}

// asTyped asks for a part with its accents, and for a name as a phrase.
func asTyped(p search.Part) string {
	words := make([]string, len(p.Terms))
	for i, t := range p.Terms {
		words[i] = t.Folded
		if t.Accented() {
			words[i] = spell(t.Exact)
		}
	}
	if p.Named() {
		return `"` + strings.Join(words, " ") + `"`
	}
	return words[0]
}

// text joins the parts. They consist of letters and digits, so nothing that was
// typed is an operator. The space at the end tells the server that the last word
// is not a beginning.
func (a *question) text(form func(search.Part) string) string {
	words := make([]string, len(a.parts))
	prefix := false
	for i, p := range a.parts {
		words[i] = form(p)
		prefix = p.Terms[len(p.Terms)-1].Prefix
	}
	text := strings.Join(words, " ")
	if !prefix && text != "" {
		text += " "
	}
	return text
}

// conditions are the scope, the filters and the period; all must hold.
func (a *question) conditions(except search.Facet) []string {
	q := a.query
	var all []string
	if agencies, limited := q.Scope.Agencies(); limited {
		values := make([]string, len(agencies))
		for i, code := range agencies {
			values[i] = string(code)
		}
		all = append(all, anyOf(search.FacetAgency, values))
	}
	for _, f := range search.Facets {
		if values := q.Filters.Values(f); f != except && len(values) > 0 {
			all = append(all, anyOf(f, values))
		}
	}
	return append(all, answeredWithin(q.Answered)...)
}

// quote makes a value of the filter language.
var quote = strings.NewReplacer(`\`, `\\`, `"`, `\"`)

func anyOf(f search.Facet, values []string) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = `"` + quote.Replace(v) + `"`
	}
	return fmt.Sprintf("%s IN [%s]", f, strings.Join(quoted, ", "))
}

func answeredWithin(p civic.Period) []string {
	var all []string
	bound := func(operator string, at time.Time) {
		if !at.IsZero() {
			all = append(all, fmt.Sprintf("%s %s %d", attrAnsweredAt, operator, at.UnixMicro()))
		}
	}
	bound(">=", p.From)
	bound("<", p.Until)
	return all
}

// facets gathers the counts of all answers.
func (a *question) facets(answers []client.SearchResponse) (map[search.Facet][]search.FacetValue, error) {
	counts := make(map[search.Facet]map[string]int)
	for _, answer := range answers {
		if len(answer.FacetDistribution) == 0 {
			continue
		}
		var some map[search.Facet]map[string]int
		if err := json.Unmarshal(answer.FacetDistribution, &some); err != nil {
			return nil, fmt.Errorf("decode facets: %w", err)
		}
		for f, values := range some {
			counts[f] = values
		}
	}
	return search.SortedFacets(a.query, counts), nil
}
