package search

import (
	"maps"
	"slices"
	"strings"
)

// Reading is one document read for being asked many questions: which of a
// hundred thousand saved searches it answers costs one reading and as many
// lookups, and no engine.
type Reading struct {
	doc     Document
	words   []string         // folded, in their order
	places  map[string][]int // of each word
	ordered []string         // each word once in order, for beginnings
}

// Read reads a document.
func Read(d Document) *Reading {
	r := &Reading{doc: d, places: map[string][]int{}}
	for _, text := range []string{d.Title, d.Body, d.Answer} {
		for _, w := range Words(text) {
			r.places[w.Folded] = append(r.places[w.Folded], len(r.words))
			r.words = append(r.words, w.Folded)
		}
	}
	r.ordered = slices.Sorted(maps.Keys(r.places))
	return r
}

// Answers reports whether the document matches q as Query says, unrelaxed and
// without typing slips: all words and names, the last word as a beginning, and
// every filter.
func (r *Reading) Answers(q *Query, t *Thesaurus) bool {
	if q.Impossible() {
		return false
	}
	for _, f := range Facets {
		if values := q.Filters.Values(f); len(values) > 0 && !slices.Contains(values, r.doc.Value(f)) {
			return false
		}
	}
	if p := q.Answered; (!p.From.IsZero() || !p.Until.IsZero()) && (r.doc.AnsweredAt.IsZero() || !p.Holds(r.doc.AnsweredAt)) {
		return false
	}
	if agencies, limited := q.Scope.Agencies(); limited && !slices.Contains(agencies, r.doc.Agency) {
		return false
	}
	return !slices.ContainsFunc(t.Parse(q.Text), func(p Part) bool { return !r.has(p) })
}

// has reports whether the document has a word, or a name or what stands for it.
func (r *Reading) has(p Part) bool {
	if !p.Named() {
		t := p.Terms[0]
		return len(r.places[t.Folded]) > 0 || t.Prefix && r.begins(t.Folded)
	}
	return r.inRow(p.Name.Words) || slices.ContainsFunc(p.Name.Others, r.inRow)
}

// inRow reports whether the words stand beside each other.
func (r *Reading) inRow(words []Word) bool {
	return slices.ContainsFunc(r.places[words[0].Folded], func(at int) bool {
		if at+len(words) > len(r.words) {
			return false
		}
		for i, w := range words {
			if r.words[at+i] != w.Folded {
				return false
			}
		}
		return true
	})
}

// begins reports whether a word of the document begins so.
func (r *Reading) begins(prefix string) bool {
	i, _ := slices.BinarySearch(r.ordered, prefix)
	return i < len(r.ordered) && strings.HasPrefix(r.ordered[i], prefix)
}
