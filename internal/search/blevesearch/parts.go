package blevesearch

import (
	"context"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"hienke/internal/search"
)

// part is one part of a query and what the index knows of it.
type part struct {
	word  word   // of a part that is no name
	named bool   //
	typed name   // the name as typed
	names []name // those for the same that are indexed, the typed one among them
}

// name is the words of a name, in their order. A document has it when it has
// each pair of neighbours: the index keeps no positions, and a text with all
// the pairs and without the row is a curiosity.
type name []search.Word

// values are the field that knows the name and the values that it must have.
func (n name) values() (field string, values []string) {
	if len(n) == 1 {
		return fieldText, []string{n[0].Folded}
	}
	return fieldPairs, pairs(n)
}

// query matches the documents that have the name.
func (n name) query() query.Query {
	field, values := n.values()
	all := make([]query.Query, len(values))
	for i, v := range values {
		all[i] = term(field, v, 1)
	}
	if len(all) == 1 {
		return all[0]
	}
	return bleve.NewConjunctionQuery(all...)
}

// head matches the documents that have the words of the name in their title.
func (n name) head() query.Query {
	all := make([]query.Query, len(n))
	for i, w := range n {
		all[i] = term(fieldHead, w.Folded, boostHead)
	}
	return bleve.NewConjunctionQuery(all...)
}

func (p part) known() bool { return len(p.names) > 0 || p.word.known() }

// lookUpPart asks the vocabulary for a part.
func lookUpPart(ctx context.Context, r index.IndexReader, asked search.Part) (part, error) {
	if !asked.Named() {
		w, err := lookUp(ctx, r, asked.Terms[0])
		return part{word: w}, err
	}
	p := part{named: true}
	for _, t := range asked.Terms {
		p.typed = append(p.typed, t.Word)
	}
	for _, n := range append([]name{p.typed}, others(asked)...) {
		known, err := n.indexed(ctx, r)
		if err != nil {
			return p, err
		}
		if known {
			p.names = append(p.names, n)
		}
	}
	return p, nil
}

func others(asked search.Part) []name {
	out := make([]name, len(asked.Name.Others))
	for i, words := range asked.Name.Others {
		out[i] = words
	}
	return out
}

// indexed reports whether any document has each of the values.
func (n name) indexed(ctx context.Context, r index.IndexReader) (bool, error) {
	field, values := n.values()
	for _, v := range values {
		if known, err := indexed(ctx, r, field, v); err != nil || !known {
			return false, err
		}
	}
	return true, nil
}

// query matches the documents that have the part in one of its forms.
func (p part) query(scored bool) query.Query {
	if !p.named {
		return p.word.query(scored)
	}
	forms := make([]query.Query, len(p.names))
	for i, n := range p.names {
		forms[i] = n.query()
	}
	return bleve.NewDisjunctionQuery(forms...)
}

// words are the words of a part as typed.
func (p part) words() []word {
	if !p.named {
		return []word{p.word}
	}
	out := make([]word, len(p.typed))
	for i, w := range p.typed {
		out[i] = word{Term: search.Term{Word: w}}
	}
	return out
}

// partQuery matches the documents that have at least need of the parts.
func (a *question) partQuery(need int, scored bool) query.Query {
	parts := make([]query.Query, len(a.parts))
	for i, p := range a.parts {
		parts[i] = p.query(scored)
	}
	if need == len(parts) {
		return bleve.NewConjunctionQuery(parts...)
	}
	q := bleve.NewDisjunctionQuery(parts...)
	q.SetMin(float64(need))
	return q
}

// better raises the score of what parts matches by the title, by neighbours, by
// accents and by names as typed, and changes nothing about what matches.
func (a *question) better(parts query.Query) query.Query {
	signs, typed := a.signs()
	q := bleve.NewBooleanQuery()
	q.AddMust(parts)
	q.AddShould(signs...)
	if len(typed) == 0 {
		return q
	}
	asTyped := query.NewCustomScoreQueryWithScorer(bleve.NewConjunctionQuery(typed...), lead, nil, nil)
	outer := bleve.NewBooleanQuery()
	outer.AddMust(q)
	outer.AddShould(asTyped)
	return outer
}

// signs are what makes a document better, and what it must have to be as typed.
func (a *question) signs() (signs, typed []query.Query) {
	var before *word
	for _, p := range a.parts {
		for _, w := range p.words() {
			signs = append(signs, term(fieldHead, w.Folded, boostHead))
			if before != nil {
				signs = append(signs, term(fieldPairs, pair(before.Word, w.Word), boostPair))
			}
			if w.Accented() && len(w.typos) == 0 {
				signs = append(signs, w.exact(boostExact))
				typed = append(typed, w.exact(1))
			}
			before = &w
		}
		if p.named {
			typed = append(typed, p.typed.query())
			for _, n := range p.names {
				signs = append(signs, n.head())
			}
		}
	}
	return signs, typed
}
