package blevesearch

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/blevesearch/bleve/v2"
	blevesearch "github.com/blevesearch/bleve/v2/search"
	"github.com/blevesearch/bleve/v2/search/query"
	index "github.com/blevesearch/bleve_index_api"

	"hienke/internal/search"
)

// How much each sign of a good match counts beside a word in the text, which
// is 1. The figures were tried on 4,793 Vietnamese legal texts and questions,
// looking for a text by its title, by words of its body in a row and by
// scattered ones. Neighbours weigh most because they make one word of two
// syllables; a heavier title finds more by title and less by body.
const (
	boostTypo  = 0.5 // the word is one edit away
	boostHead  = 2
	boostPair  = 8
	boostExact = 4 // one word with its accents
)

// maxTypos bounds the words that one slip is taken for.
const maxTypos = 50

// word is a term and the indexed words that stand for it.
type word struct {
	search.Term
	itself bool     // the folded word is indexed
	begins bool     // some longer word begins like it, and may
	typos  []string // words one edit away, when it neither is nor begins anything
}

func (w word) known() bool { return w.itself || w.begins || len(w.typos) > 0 }

// lookUp asks the vocabulary. Typo help is only for words that stand in no
// document: one edit away from a syllable of everyday use lies half of the
// corpus.
func lookUp(ctx context.Context, r index.IndexReader, t search.Term) (word, error) {
	w := word{Term: t}
	var err error
	if w.itself, err = indexed(ctx, r, fieldText, t.Folded); err != nil {
		return w, err
	}
	if t.Prefix {
		if w.begins, err = beginsAnything(r, t.Folded); err != nil {
			return w, err
		}
	}
	if !w.known() && t.Letters() >= typoLetters {
		w.typos, err = near(r, t.Folded)
	}
	return w, err
}

// indexed reports whether any document has the value in a field.
func indexed(ctx context.Context, r index.IndexReader, field, value string) (bool, error) {
	reader, err := r.TermFieldReader(ctx, []byte(value), field, false, false, false)
	if err != nil {
		return false, fmt.Errorf("look up a word: %w", err)
	}
	n := reader.Count()
	return n > 0, reader.Close()
}

// beginsAnything reports whether any indexed word begins with the letters.
func beginsAnything(r index.IndexReader, letters string) (bool, error) {
	dict, err := r.FieldDictPrefix(fieldText, []byte(letters))
	if err != nil {
		return false, fmt.Errorf("look up a beginning: %w", err)
	}
	entry, err := dict.Next()
	return entry != nil, errors.Join(err, dict.Close())
}

// near lists the indexed words that are one edit away.
func near(r index.IndexReader, folded string) ([]string, error) {
	fuzzy, ok := r.(index.IndexReaderFuzzy)
	if !ok {
		return nil, errors.New("the index cannot look up near words")
	}
	_, first := utf8.DecodeRuneInString(folded)
	dict, err := fuzzy.FieldDictFuzzy(fieldText, folded, 1, folded[:first])
	if err != nil {
		return nil, fmt.Errorf("look up near words: %w", err)
	}
	var words []string
	for len(words) < maxTypos {
		entry, err := dict.Next()
		if err != nil || entry == nil {
			return words, errors.Join(err, dict.Close())
		}
		if search.OneEdit(entry.Term, folded) {
			words = append(words, entry.Term)
		}
	}
	return words, dict.Close()
}

// query matches the documents that have the word in one of its forms.
func (w word) query(scored bool) query.Query {
	var forms []query.Query
	if w.itself {
		forms = append(forms, term(fieldText, w.Folded, 1))
	}
	if w.begins {
		forms = append(forms, beginning(fieldText, w.Folded, scored))
	}
	for _, typo := range w.typos {
		forms = append(forms, term(fieldText, typo, boostTypo))
	}
	if len(forms) == 1 {
		return forms[0]
	}
	return bleve.NewDisjunctionQuery(forms...)
}

// exact matches the documents that have the word with its accents.
func (w word) exact(boost float64) query.Query {
	if w.Prefix {
		return beginning(fieldExact, w.Exact, true)
	}
	return term(fieldExact, w.Exact, boost)
}

// lead is the score of having all accents as typed. It lies above anything
// that the other signs add up to, so that these decide only within the two
// classes.
func lead(context.Context, *blevesearch.DocumentMatch) (float64, error) { return 1e6, nil }

// beginning matches the words that begin so, all with the same score: two
// letters begin hundreds of words, and weighing each of them takes about three
// times as long. Without scores Bleve is quick by itself.
func beginning(field, letters string, scored bool) query.Query {
	q := bleve.NewPrefixQuery(letters)
	q.SetField(field)
	if !scored {
		return q
	}
	unweighed := bleve.NewBooleanQuery()
	unweighed.AddFilter(q)
	return unweighed
}
