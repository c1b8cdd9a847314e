package finding

import (
	"context"
	"fmt"
	"unicode/utf8"

	"hienke/internal/civic"
	"hienke/internal/search"
	"hienke/internal/store"
)

// Plain answers public searches from the store alone, for as long as the
// engine is away. It knows no ranking, no facets, no beginnings of words and no
// typing slips.
type Plain struct {
	Store store.Store
	// Thesaurus says which names stand for the same.
	Thesaurus *search.Thesaurus
}

// EnginePlain is the name of Plain in results.
const EnginePlain = "store"

// plainParts bounds how many words and names of a query are looked for: each is
// a scan.
const plainParts = 8

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
	agencies := q.Filters.Agencies
	if scope, limited := q.Scope.Agencies(); limited && len(agencies) == 0 {
		agencies = scope
	}
	pq := store.PublicQuery{
		Kinds: q.Filters.Kinds, Topics: q.Filters.Topics, Agencies: agencies,
		Areas: q.Filters.Areas, States: q.Filters.Statuses, Outcomes: q.Filters.Outcomes, Years: q.Filters.Years,
		From: q.Answered.From, Until: q.Answered.Until, Oldest: q.Sort == search.Oldest, Page: q.Page, PerPage: q.PerPage,
	}
	page, err := p.page(ctx, pq, q.Text)
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

// page asks for the text with its names and, where nothing has those, word by
// word.
func (p Plain) page(ctx context.Context, q store.PublicQuery, text string) (page store.PublicPage, err error) {
	parts := p.Thesaurus.Parse(text)
	parts = parts[:min(len(parts), plainParts)]
	ways := [][]search.Part{parts}
	if search.HasNames(parts) {
		ways = append(ways, search.Plain(parts))
	}
	err = p.Store.View(ctx, func(tx store.Tx) error {
		for _, parts := range ways {
			q.Words, q.Names = wordsAndNames(parts)
			if page, err = tx.Submissions().Public(ctx, q); err != nil || page.Total > 0 {
				return err
			}
		}
		return nil
	})
	return page, err
}

func wordsAndNames(parts []search.Part) (words []string, names [][]string) {
	for _, p := range parts {
		if !p.Named() {
			words = append(words, p.Terms[0].Folded)
			continue
		}
		names = append(names, p.Name.Texts())
	}
	return words, names
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
