package meilisearch

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"slices"

	client "github.com/meilisearch/meilisearch-go"

	"hienke/internal/search"
)

const (
	// typoLetters is the length from which Meilisearch forgives one letter.
	// Unlike Bleve it cannot be told to do so only for words that nobody uses.
	// No Vietnamese syllable has eight letters, so that near syllables never
	// pass for one another.
	typoLetters = 8
	// noTwoTypos is a length that no word reaches (search.Words cuts before).
	noTwoTypos = 255
	// maxTotal lifts the 1,000 hits to which Meilisearch limits totals and
	// pages, to more than a country's letters of ten years.
	maxTotal = 10_000_000
	// cutoffMilliseconds is when the server gives up ranking, within
	// queryTimeout.
	cutoffMilliseconds = 2500
)

// settings are how an index on the server works.
func settings(thesaurus *search.Thesaurus) *client.Settings {
	filterable := []string{attrAnsweredAt}
	for _, f := range search.Facets {
		filterable = append(filterable, string(f))
	}
	return &client.Settings{
		SearchableAttributes: []string{attrHead, attrHeadExact, attrText, attrTextExact}, // in order of weight
		FilterableAttributes: filterable,
		SortableAttributes:   []string{attrSortedAt, attrCode},
		// sort first: an order by time is not a matter of taste. The last two
		// settle what is equal.
		RankingRules: []string{
			"sort", "words", "typo", "proximity", "attribute", "exactness",
			attrSortedAt + ":desc", attrCode + ":asc",
		},
		TypoTolerance: &client.TypoTolerance{
			Enabled:             true,
			MinWordSizeForTypos: client.MinWordSizeForTypos{OneTypo: typoLetters, TwoTypos: noTwoTypos},
			DisableOnWords:      []string{},
			DisableOnAttributes: []string{attrHeadExact, attrTextExact},
			DisableOnNumbers:    true,
		},
		Pagination: &client.Pagination{MaxTotalHits: maxTotal},
		Faceting: &client.Faceting{
			MaxValuesPerFacet: search.MaxFacetValues,
			SortFacetValuesBy: map[string]client.SortFacetType{"*": client.SortFacetTypeCount},
		},
		SearchCutoffMs: cutoffMilliseconds,
		Synonyms:       synonyms(thesaurus),
	}
}

// synonyms tell the server what each name stands for. The server's own way to
// find names in a query ends at three words; so a query has a stand-in for the
// name, a word of no text, whose synonyms are the name and the others. It takes
// a synonym of several words as a phrase.
func synonyms(thesaurus *search.Thesaurus) map[string][]string {
	out := map[string][]string{}
	for _, n := range thesaurus.Names() {
		out[standIn(n)] = n.Texts()
	}
	return out
}

// standIn is the word by which a query asks for a name. It depends on what the
// name stands for, so that a server with older synonyms finds nothing by it,
// rather than something else.
func standIn(n search.Name) string {
	h := fnv.New64a()
	for _, words := range append([][]search.Word{n.Words}, n.Others...) {
		for _, w := range words {
			h.Write([]byte(w.Exact + " "))
		}
		h.Write([]byte{'\n'})
	}
	const letters = 13 // of 26 hold 61 bits
	out := []byte("zq")
	for sum := h.Sum64(); len(out) < len("zq")+letters; sum /= 26 {
		out = append(out, byte('a'+sum%26))
	}
	return string(out)
}

// same reports whether the server's settings are those wanted, as far as they
// are ours. Asking before telling spares a needless task, which would wait
// behind all others.
func same(got, want *client.Settings) bool {
	ours := func(s *client.Settings) []byte {
		text, err := json.Marshal([]any{
			s.SearchableAttributes, sorted(s.FilterableAttributes), sorted(s.SortableAttributes),
			s.RankingRules, s.TypoTolerance, s.Pagination, s.Faceting, s.SearchCutoffMs, s.Synonyms,
		})
		if err != nil {
			return nil // cannot happen: all plain data
		}
		return text
	}
	return bytes.Equal(ours(got), ours(want))
}

func sorted(s []string) []string {
	s = slices.Clone(s)
	slices.Sort(s)
	return s
}

// prepare makes sure that the index exists and has its settings. After the
// first success it costs nothing.
func (x *Index) prepare(ctx context.Context) error {
	if x.prepared.Load() {
		return nil
	}
	select {
	case x.preparing <- struct{}{}:
		defer func() { <-x.preparing }()
	case <-ctx.Done():
		return ended(ctx, "wait for the settings")
	}
	if ctx.Err() != nil {
		return ended(ctx, "prepare the index")
	}
	if x.prepared.Load() { // by who was before us
		return nil
	}
	if err := x.settle(ctx, x.uid); err != nil {
		return err
	}
	x.prepared.Store(true)
	return nil
}

// settle creates an index on the server if it is missing and gives it its
// settings if they differ.
func (x *Index) settle(ctx context.Context, uid string) error {
	want := settings(x.thesaurus)
	got, err := x.server.Index(uid).GetSettingsWithContext(ctx)
	var answer *client.Error
	switch {
	case err == nil && same(got, want):
		return nil
	case err == nil:
	case errors.As(err, &answer) && answer.MeilisearchApiError.Code == codeIndexNotFound:
		task, err := x.server.CreateIndexWithContext(ctx, &client.IndexConfig{Uid: uid, PrimaryKey: attrCode})
		if err != nil {
			return x.failure("create the index", err)
		}
		if err := x.await(ctx, "create the index", task); err != nil {
			return err
		}
	default:
		return x.failure("read the settings", err)
	}
	task, err := x.server.Index(uid).UpdateSettingsWithContext(ctx, want)
	if err != nil {
		return x.failure("change the settings", err)
	}
	return x.await(ctx, "change the settings", task)
}
