package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/blevesearch/bleve/v2"
	blevesearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/search"
)

// queryTimeout bounds a whole query. The slowest one measured on 100,000
// documents is well below a second; what takes longer is better refused than
// allowed to pile up.
const queryTimeout = 5 * time.Second

// Query answers with as few Bleve searches as it can: one, plus one for each
// facet that is both filtered and counted, plus those that relax a question to
// which nothing answers.
func (x *Index) Query(ctx context.Context, q search.Query) (search.Result, error) {
	if err := q.Check(); err != nil {
		return search.Result{}, err
	}
	if q.Impossible() {
		return search.Nothing(&q, search.EngineBleve), nil
	}
	g, release, err := x.use()
	if err != nil {
		return search.Result{}, err
	}
	defer release()
	limited, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	asked := question{generation: g, query: &q, asked: x.thesaurus.Parse(q.Text)}
	result, err := asked.answer(limited)
	if err != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
		return search.Result{}, errs.Wrap(errs.Unavailable, "search.too_slow", err)
	}
	return result, err
}

// question is one query on one generation.
type question struct {
	generation *generation
	query      *search.Query
	asked      []search.Part // as the person typed it
	reading                  // how it is taken at the moment
}

// reading is one way to take what was asked.
type reading struct {
	parts   []part // those that the index knows
	dropped bool   // whether there were others
}

// answer finds the hits and counts: of everything that was asked, first with
// its names and then word by word, or else of some of it.
func (a *question) answer(ctx context.Context) (search.Result, error) {
	readings, err := a.readings(ctx)
	if err != nil {
		return search.Result{}, fmt.Errorf("look up words: %w", err)
	}
	for _, a.reading = range readings {
		if a.dropped {
			continue
		}
		found, err := a.search(ctx, len(a.parts))
		if err != nil || found.Total > 0 || len(a.asked) == 0 {
			return a.result(ctx, found, len(a.parts), err)
		}
	}
	for _, a.reading = range readings {
		need := len(a.parts)
		if !a.dropped { // all of them were tried
			need--
		}
		for ; need > 0; need-- {
			found, err := a.search(ctx, need)
			if err != nil || found.Total > 0 {
				return a.result(ctx, found, need, err)
			}
		}
	}
	return a.nothing(ctx, readings[0])
}

// nothing says that no document matches, and what other values of the filters
// would bring.
func (a *question) nothing(ctx context.Context, asked reading) (search.Result, error) {
	if len(asked.parts) == 0 {
		return search.Nothing(a.query, search.EngineBleve), nil
	}
	a.reading = asked
	found, err := a.search(ctx, len(a.parts))
	return a.result(ctx, found, len(a.parts), err)
}

// result gives what was found by at least need of the parts the form of the
// port.
func (a *question) result(ctx context.Context, found *bleve.SearchResult, need int, err error) (search.Result, error) {
	if err != nil {
		return search.Result{}, fmt.Errorf("search: %w", err)
	}
	facets, err := a.count(ctx, found, need)
	if err != nil {
		return search.Result{}, fmt.Errorf("count facets: %w", err)
	}
	return search.Result{
		Total:   int(found.Total),
		Hits:    a.hits(found),
		Facets:  facets,
		Relaxed: found.Total > 0 && (a.dropped || need < len(a.parts)),
		Engine:  search.EngineBleve,
	}, nil
}

// search finds one page of documents that have at least need of the parts.
func (a *question) search(ctx context.Context, need int) (*bleve.SearchResult, error) {
	q := a.query
	byScore := len(a.parts) > 0 && (q.Sort == search.Relevance || q.Sort == "")
	req := bleve.NewSearchRequestOptions(a.matching(need, byScore, ""), q.PerPage, q.Offset(), false)
	req.Fields = []string{
		fieldTitle, fieldBody, fieldReply, fieldDone,
		string(search.FacetKind), string(search.FacetTopic), string(search.FacetAgency),
	}
	when := &blevesearch.SortField{Field: fieldWhen, Type: blevesearch.SortFieldAsNumber, Desc: q.Sort != search.Oldest}
	req.Sort = blevesearch.SortOrder{when, &blevesearch.SortDocID{}}
	if byScore {
		req.Sort = slices.Insert(req.Sort, 0, blevesearch.SearchSort(&blevesearch.SortScore{Desc: true}))
	} else {
		req.Score = bleve.ScoreNone
	}
	for _, f := range q.Facets {
		if len(q.Filters.Values(f)) == 0 {
			req.AddFacet(string(f), bleve.NewFacetRequest(string(f), search.MaxFacetValues))
		}
	}
	return a.generation.index.SearchInContext(ctx, req)
}

// count gathers the facets: those without a filter came with the hits, each
// other one needs a search without its own filter.
func (a *question) count(ctx context.Context, found *bleve.SearchResult, need int) (map[search.Facet][]search.FacetValue, error) {
	counts := make(map[search.Facet]map[string]int)
	for _, f := range a.query.Facets {
		from := found
		if len(a.query.Filters.Values(f)) > 0 {
			req := bleve.NewSearchRequestOptions(a.matching(need, false, f), 0, 0, false)
			req.Score = bleve.ScoreNone
			req.AddFacet(string(f), bleve.NewFacetRequest(string(f), search.MaxFacetValues))
			var err error
			if from, err = a.generation.index.SearchInContext(ctx, req); err != nil {
				return nil, err
			}
		}
		counts[f] = make(map[string]int)
		if facet := from.Facets[string(f)]; facet != nil && facet.Terms != nil {
			for _, term := range facet.Terms.Terms() {
				counts[f][term.Term] = term.Count
			}
		}
	}
	return search.SortedFacets(a.query, counts), nil
}

// matching is the Bleve query for documents that have at least need of the
// parts and pass every condition, except the filter of one facet. With scored
// it also says what makes a document better.
//
// The conditions stand in a conjunction around everything else. A boolean
// query would not do: it forgets a part that matches nothing.
func (a *question) matching(need int, scored bool, except search.Facet) query.Query {
	all := a.conditions(except)
	if len(a.parts) > 0 {
		parts := a.partQuery(need, scored)
		if scored {
			parts = a.better(parts)
		}
		all = append(all, parts)
	}
	if len(all) == 0 {
		return bleve.NewMatchAllQuery()
	}
	return bleve.NewConjunctionQuery(all...)
}

// conditions are the scope, the filters and the period. They add nothing to
// the score.
func (a *question) conditions(except search.Facet) []query.Query {
	q := a.query
	var all []query.Query
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
	if p := q.Answered; !p.From.IsZero() || !p.Until.IsZero() {
		all = append(all, answeredWithin(p))
	}
	return all
}

// anyOf matches documents that have one of the values.
func anyOf(f search.Facet, values []string) query.Query {
	terms := make([]query.Query, len(values))
	for i, v := range values {
		terms[i] = term(string(f), v, 0)
	}
	if len(terms) == 1 {
		return terms[0]
	}
	q := bleve.NewDisjunctionQuery(terms...)
	q.SetBoost(0)
	return q
}

// answeredWithin matches documents answered in the period.
func answeredWithin(p civic.Period) query.Query {
	bound := func(t time.Time) *float64 {
		if t.IsZero() {
			return nil
		}
		f := float64(t.UnixMicro())
		return &f
	}
	yes, no := true, false
	q := bleve.NewNumericRangeInclusiveQuery(bound(p.From), bound(p.Until), &yes, &no)
	q.SetField(fieldDone)
	q.SetBoost(0)
	return q
}

// term matches one indexed value, exactly as it is: nothing in it is syntax.
func term(field, value string, boost float64) query.Query {
	q := bleve.NewTermQuery(value)
	q.SetField(field)
	q.SetBoost(boost)
	return q
}

// hits gives Bleve's matches the form of the port.
func (a *question) hits(found *bleve.SearchResult) []search.Hit {
	hits := make([]search.Hit, 0, len(found.Hits))
	for _, m := range found.Hits {
		str := func(field string) string { s, _ := m.Fields[field].(string); return s }
		h := search.Hit{
			Code:    civic.Code(m.ID),
			Title:   str(fieldTitle),
			Snippet: search.Snippet(a.asked, typoLetters, str(fieldBody), str(fieldReply)),
			Kind:    civic.Kind(str(string(search.FacetKind))),
			Topic:   civic.TopicCode(str(string(search.FacetTopic))),
			Agency:  civic.AgencyCode(str(string(search.FacetAgency))),
		}
		if at, ok := m.Fields[fieldDone].(float64); ok {
			h.AnsweredAt = time.UnixMicro(int64(at)).UTC()
		}
		hits = append(hits, h)
	}
	return hits
}

// readings are the ways to take what was asked: as it is and, where that has
// names, word by word.
func (a *question) readings(ctx context.Context) ([]reading, error) {
	ways := [][]search.Part{a.asked}
	if search.HasNames(a.asked) {
		ways = append(ways, search.Plain(a.asked))
	}
	out := make([]reading, len(ways))
	err := a.generation.read(func(r index.IndexReader) error {
		for i, parts := range ways {
			for _, asked := range parts {
				p, err := lookUpPart(ctx, r, asked)
				if err != nil {
					return err
				}
				if p.known() {
					out[i].parts = append(out[i].parts, p)
				} else {
					out[i].dropped = true
				}
			}
		}
		return nil
	})
	return out, err
}
