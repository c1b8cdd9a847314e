package blevesearch

import (
	"strings"
	"time"

	"github.com/blevesearch/bleve/v2/analysis"
	"github.com/blevesearch/bleve/v2/document"
	index "github.com/blevesearch/bleve_index_api"

	"hienke/internal/search"
)

// The fields of a document. Beside them each search.Facet is a field of its
// name.
//
// Words are indexed four times: folded (what matches), folded in the title,
// with accents where there are any, and folded in neighbouring pairs. Pairs do
// what positions and phrase queries would do in a language whose words are
// mostly two syllables, for a fraction of the query time.
const (
	fieldText  = "text"        // folded words of title, body and answer
	fieldHead  = "head"        // folded words of the title
	fieldExact = "exact"       // words with their accents, those that have any
	fieldPairs = "pairs"       // neighbouring folded words
	fieldTitle = "title"       // stored only, as are the next two
	fieldBody  = "body"        //
	fieldReply = "answer"      //
	fieldWhen  = "sorted_at"   // Unix microseconds, for sorting
	fieldDone  = "answered_at" // Unix microseconds, absent while open
	// fieldFingerprint is a column for drift checks.
	fieldFingerprint = "fingerprint"
)

// Indexing options by use.
const (
	optWords  = index.IndexField
	optColumn = index.IndexField | index.DocValues | index.SkipFreqNorm
)

// analyzer makes the tokens of a field. Documents are analysed on Bleve's own
// goroutines, one document by one goroutine.
type analyzer func() analysis.TokenStream

// Analyze ignores the bytes: what a field indexes is taken from the words of
// the whole document, which are cut once.
func (a analyzer) Analyze([]byte) analysis.TokenStream { return a() }

// newDocument makes Bleve's form of d by hand, past the mapping: the fields
// differ in what they index and what they store, which a mapping can only say
// by repeating the texts.
func newDocument(d *search.Document) *document.Document {
	n := d.Normalized()
	doc := document.NewDocument(string(d.Code))
	addTexts(doc, &n)
	for _, f := range search.Facets {
		if v := n.Value(f); v != "" {
			doc.AddField(text(string(f), v, optColumn|index.StoreField))
		}
	}
	doc.AddField(text(fieldFingerprint, d.Fingerprint(), optColumn))
	doc.AddField(number(fieldWhen, n.SortedAt(), optColumn))
	if !n.AnsweredAt.IsZero() {
		doc.AddField(number(fieldDone, n.AnsweredAt, index.IndexField|index.StoreField))
	}
	return doc
}

// addTexts adds the stored texts and the fields of words.
func addTexts(doc *document.Document, d *search.Document) {
	doc.AddField(text(fieldTitle, d.Title, index.StoreField))
	doc.AddField(text(fieldBody, d.Body, index.StoreField))
	doc.AddField(text(fieldReply, d.Answer, index.StoreField))

	var head, all []search.Word // cut when the first field is analysed
	cut := func() {
		if head == nil {
			head = search.Words(d.Title)
			all = append(append(all, head...), search.Words(d.Body)...)
			all = append(all, search.Words(d.Answer)...)
		}
	}
	words := func(name string, tokens func() []string) {
		a := analyzer(func() analysis.TokenStream { cut(); return stream(tokens()) })
		doc.AddField(document.NewTextFieldCustom(name, nil, nil, optWords, a))
	}
	words(fieldText, func() []string { return folded(all) })
	words(fieldHead, func() []string { return folded(head) })
	words(fieldExact, func() []string { return accented(all) })
	words(fieldPairs, func() []string { return pairs(all) })
}

func text(name, value string, options index.FieldIndexingOptions) document.Field {
	return document.NewTextFieldCustom(name, nil, []byte(value), options, nil)
}

// number keeps a time as a float64, which holds microseconds exactly until the
// year 2255.
func number(name string, at time.Time, options index.FieldIndexingOptions) document.Field {
	return document.NewNumericFieldWithIndexingOptions(name, nil, float64(at.UnixMicro()), options)
}

func folded(words []search.Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Folded
	}
	return out
}

func accented(words []search.Word) []string {
	var out []string
	for _, w := range words {
		if w.Accented() {
			out = append(out, w.Exact)
		}
	}
	return out
}

func pairs(words []search.Word) []string {
	var out []string
	for i := 1; i < len(words); i++ {
		out = append(out, pair(words[i-1], words[i]))
	}
	return out
}

// pair joins two neighbours by a space, which no word contains.
func pair(a, b search.Word) string {
	return strings.Join([]string{a.Folded, b.Folded}, " ")
}

// stream gives words the form that Bleve counts. Positions and offsets are not
// kept by any field.
func stream(words []string) analysis.TokenStream {
	tokens := make([]analysis.Token, len(words)) // one allocation for all
	out := make(analysis.TokenStream, len(words))
	for i, w := range words {
		tokens[i] = analysis.Token{Term: []byte(w), Position: i + 1}
		out[i] = &tokens[i]
	}
	return out
}
