package search

import (
	"slices"
	"strings"
)

// Reading is one document read for being asked many questions: which of a
// hundred thousand saved searches it answers costs one reading and as many
// lookups, and no engine.
type Reading struct {
	doc     Document
	folded  map[string]bool
	ordered []string // the same words in order, for beginnings
}

// Read reads a document.
func Read(d Document) *Reading {
	r := &Reading{doc: d, folded: map[string]bool{}}
	for _, text := range []string{d.Title, d.Body, d.Answer} {
		for _, w := range Words(text) {
			r.folded[w.Folded] = true
		}
	}
	for w := range r.folded {
		r.ordered = append(r.ordered, w)
	}
	slices.Sort(r.ordered)
	return r
}

// Answers reports whether the document matches q as Query says, unrelaxed:
// all words, the last one as a beginning, and every filter.
func (r *Reading) Answers(q *Query) bool {
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
	for _, t := range ParseText(q.Text) {
		if found := r.folded[t.Folded] || t.Prefix && r.begins(t.Folded); !found {
			return false
		}
	}
	return true
}

// begins reports whether a word of the document begins so.
func (r *Reading) begins(prefix string) bool {
	i, _ := slices.BinarySearch(r.ordered, prefix)
	return i < len(r.ordered) && strings.HasPrefix(r.ordered[i], prefix)
}
