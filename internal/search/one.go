package search

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Reading is one document read for being asked many questions, without an
// engine.
type Reading struct {
	doc     Document
	words   []string         // folded, in their order; an empty one between two texts
	places  map[string][]int // of each word
	ordered []string         // each word once in order, for beginnings
}

// Read reads a document.
func Read(d Document) *Reading {
	r := &Reading{doc: d, places: map[string][]int{}}
	for _, text := range []string{d.Title, d.Body, d.Answer} {
		r.words = append(r.words, "")
		for _, w := range Words(text) {
			r.places[w.Folded] = append(r.places[w.Folded], len(r.words))
			r.words = append(r.words, w.Folded)
		}
	}
	r.ordered = slices.Sorted(maps.Keys(r.places))
	return r
}

// Condition is one thing that a query asks of a document. Many queries share
// the same few.
type Condition struct {
	// Key tells conditions apart that one thesaurus made.
	Key   string
	holds func(r *Reading) bool
}

// Holds reports whether a document meets the condition.
func (c Condition) Holds(r *Reading) bool { return c.holds(r) }

// Conditions are what q asks of a document, unrelaxed and without typing slips:
// all words and names, the last word as a beginning, and every filter. The
// document matches when it meets all of them.
func (q *Query) Conditions(t *Thesaurus) []Condition {
	if q.Impossible() {
		return []Condition{{"never", func(*Reading) bool { return false }}}
	}
	var out []Condition
	for _, f := range Facets {
		if values := q.Filters.Values(f); len(values) > 0 {
			out = append(out, Condition{
				"facet " + string(f) + "=" + strings.Join(values, ","),
				func(r *Reading) bool { return slices.Contains(values, r.doc.Value(f)) },
			})
		}
	}
	if p := q.Answered; !p.From.IsZero() || !p.Until.IsZero() {
		out = append(out, Condition{
			fmt.Sprintf("answered %d-%d", p.From.UnixMicro(), p.Until.UnixMicro()),
			func(r *Reading) bool { return !r.doc.AnsweredAt.IsZero() && p.Holds(r.doc.AnsweredAt) },
		})
	}
	if agencies, limited := q.Scope.Agencies(); limited {
		out = append(out, Condition{
			fmt.Sprintf("scope %q", agencies),
			func(r *Reading) bool { return slices.Contains(agencies, r.doc.Agency) },
		})
	}
	for _, p := range t.Parse(q.Text) {
		key := "word " + p.folded()
		switch {
		case p.Named():
			key = "name " + p.Name.Key()
		case p.Terms[0].Prefix:
			key = "beginning " + p.folded()
		}
		out = append(out, Condition{key, func(r *Reading) bool { return r.has(p) }})
	}
	return out
}

// Answers reports whether the document meets every condition of q.
func (r *Reading) Answers(q *Query, t *Thesaurus) bool {
	return !slices.ContainsFunc(q.Conditions(t), func(c Condition) bool { return !c.Holds(r) })
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
