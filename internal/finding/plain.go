package finding

import (
	"context"
	"fmt"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/search"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Plain answers public searches from the store alone, for as long as the
// engine is away. It knows no ranking, no facets and no typing slips.
type Plain struct{ Store store.Store }

// EnginePlain is the name of Plain in results.
const EnginePlain = "store"

// plainWords bounds how many words of a query are looked for: each is a scan.
const plainWords = 8

// snippetLetters is the length of a plain snippet.
const snippetLetters = 200

// Audience is the public: staff texts are never searched this way.
func (p Plain) Audience() search.Audience { return search.Public }

// Query finds public submissions that have every word, newest first.
func (p Plain) Query(ctx context.Context, q search.Query) (search.Result, error) {
	if err := q.Check(); err != nil {
		return search.Result{}, err
	}
	if q.Impossible() {
		return search.Nothing(&q, EnginePlain), nil
	}
	words := vitext.Words(q.Text)
	agencies := q.Filters.Agencies
	if scope, limited := q.Scope.Agencies(); limited && len(agencies) == 0 {
		agencies = scope
	}
	pq := store.PublicQuery{
		Words: words[:min(len(words), plainWords)], Kinds: q.Filters.Kinds, Topics: q.Filters.Topics, Agencies: agencies,
		Areas: q.Filters.Areas, States: q.Filters.Statuses, Outcomes: q.Filters.Outcomes, Years: q.Filters.Years,
		From: q.Answered.From, Until: q.Answered.Until, Oldest: q.Sort == search.Oldest, Page: q.Page, PerPage: q.PerPage,
	}
	var page store.PublicPage
	err := p.Store.View(ctx, func(tx store.Tx) error {
		var err error
		page, err = tx.Submissions().Public(ctx, pq)
		return err
	})
	if err != nil {
		return search.Result{}, fmt.Errorf("search the store: %w", err)
	}
	result := search.Nothing(&q, EnginePlain)
	result.Total = page.Total
	for _, sub := range page.Items {
		result.Hits = append(result.Hits, search.Hit{
			Code: sub.Code, Title: sub.PublicTitle, Snippet: []search.Piece{{Text: beginning(sub.PublicBody)}},
			Kind: sub.Kind, Topic: sub.Topic, Agency: sub.Agency, AnsweredAt: sub.AnsweredAt,
		})
	}
	return result, nil
}

// beginning cuts a text at a letter, not inside of one.
func beginning(s string) string {
	if utf8.RuneCountInString(s) <= snippetLetters {
		return s
	}
	n := 0
	for i := range s {
		if n == snippetLetters {
			return s[:i] + "…"
		}
		n++
	}
	return s
}

var _ search.Searcher = Plain{}

// Registered returns the name of an agency, topic or area value.
func Registered(reg *civic.Registry, f search.Facet, value string, lang civic.Language) (string, bool) {
	switch f {
	case search.FacetAgency:
		a, ok := reg.Agency(civic.AgencyCode(value))
		return a.Names.In(lang), ok
	case search.FacetTopic:
		t, ok := reg.Topic(civic.TopicCode(value))
		return t.Names.In(lang), ok
	case search.FacetArea:
		a, ok := reg.Area(civic.AreaCode(value))
		return a.Names.In(lang), ok
	}
	return "", false
}
