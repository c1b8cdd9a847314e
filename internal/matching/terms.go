package matching

import (
	"slices"
	"strings"

	"hienke/internal/vitext"
)

// maxTerms is how many different terms are read of a document, the first ones.
const maxTerms = 4096

// titleWeight is how many times a word in the title counts as if it stood in
// the body. A title of ten words is then as heavy as a body of thirty, which
// ranked better than 1 and 2 on petitions, and no worse than 4.
const titleWeight = 3

// Analysis is a document taken apart into terms. It is read-only and may be
// shared.
type Analysis struct {
	id     int64
	terms  []termUse
	length float64 // sum of the weighted word counts
}

// termUse is one term of a document.
type termUse struct {
	hash    int64
	count   float64 // occurrences, those in the title titleWeight times
	pair    bool    // two words in a row
	written string  // as the text has it first
}

// Analyze takes a document apart. A body that begins with the title is read
// without it.
func Analyze(d Document) *Analysis {
	a := &Analysis{id: d.ID}
	index := make(map[int64]int, 256)
	add := func(hash int64, weight float64, pair bool, text string, from, to int) {
		i, seen := index[hash]
		if !seen {
			if len(a.terms) == maxTerms {
				return
			}
			i = len(a.terms)
			index[hash] = i
			a.terms = append(a.terms, termUse{hash: hash, pair: pair, written: text[from:to]})
		}
		a.terms[i].count += weight
	}
	title, body := d.parts()
	titleTokens, bodyTokens := vitext.Tokens(title), vitext.Tokens(body)
	word := func(t vitext.Token) string { return t.Text }
	vietnamese := inVietnamese(titleTokens, bodyTokens, word)
	read := func(text string, tokens []vitext.Token, weight float64) {
		if vietnamese {
			tokens = vitext.ExpandTokens(tokens)
		}
		var before vitext.Token
		var beforeHash uint64
		for n, tok := range tokens[:min(len(tokens), vitext.MaxWords)] {
			h := hashTerm(tok.Text)
			a.length += weight
			add(wordTerm(h), weight, false, text, tok.Start, tok.End)
			if n > 0 {
				add(pairTerm(beforeHash, h), weight, true, text, before.Start, tok.End)
			}
			before, beforeHash = tok, h
		}
	}
	read(title, titleTokens, titleWeight)
	read(body, bodyTokens, 1)
	return a
}

// reader holds what reading documents one after the other uses again.
type reader struct {
	title, body []string
	counts      []float64 // by place in the terms looked for; all 0 between documents
	touched     []int     // places
}

// parts returns title and body as they are read: bounded, and the body without
// the title where it begins with it.
func (d Document) parts() (title, body string) {
	return vitext.Bound(d.Title), vitext.Bound(strings.TrimPrefix(d.Body, d.Title))
}

// words returns the folded words of title and body as they are compared. They
// are valid until r is used again.
func (r *reader) words(d Document) (title, body []string) {
	first, second := d.parts()
	r.title, r.body = vitext.AppendWords(r.title[:0], first), vitext.AppendWords(r.body[:0], second)
	title, body = r.title, r.body
	if inVietnamese(title, body, func(w string) string { return w }) {
		title, body = vitext.Expand(title), vitext.Expand(body)
	}
	return title[:min(len(title), vitext.MaxWords)], body[:min(len(body), vitext.MaxWords)]
}

// languageSample is how many words of title and body tell the language: a
// sentence or two, so that looking costs little beside reading.
const languageSample = 40

// inVietnamese reports whether abbreviations and chat spellings are to be read
// as Vietnamese ones. Both readers of a document decide by the same words.
func inVietnamese[T any](title, body []T, word func(T) string) bool {
	sample := make([]string, 0, 2*languageSample)
	for _, part := range [][]T{title, body} {
		for _, t := range part[:min(len(part), languageSample)] {
			sample = append(sample, word(t))
		}
	}
	return vitext.IsVietnamese(sample)
}

// Terms returns the hashes to ask Candidates.Frequencies for, EveryDocument
// among them, in ascending order.
func (a *Analysis) Terms() []int64 {
	hashes := make([]int64, 0, len(a.terms)+1)
	hashes = append(hashes, EveryDocument)
	for _, t := range a.terms {
		hashes = append(hashes, t.hash)
	}
	slices.Sort(hashes)
	return hashes
}

// wordTerm and pairTerm turn hashes into terms that never equal EveryDocument.
func wordTerm(h uint64) int64    { return int64(h | 1) }
func pairTerm(a, b uint64) int64 { return int64(join(a, b) | 1) }

// hashTerm hashes a folded word by its stem.
func hashTerm(word string) uint64 {
	if len(word) > vitext.MaxWordLength {
		word = word[:vitext.MaxWordLength]
	}
	return hashWord(stem(word))
}

// stem takes the commonest English endings off a folded word. It needs no
// knowledge of the language of the text: no Vietnamese syllable ends in s, d
// or ing, and none of five letters or more ends in e.
func stem(w string) string {
	if len(w) < 4 {
		return w
	}
	w = stemPlural(w)
	switch {
	case len(w) > 5 && strings.HasSuffix(w, "ing") && hasVowel(w[:len(w)-3]):
		w = w[:len(w)-3]
	case len(w) > 4 && strings.HasSuffix(w, "ed") && hasVowel(w[:len(w)-2]):
		w = w[:len(w)-2]
	}
	if n := len(w); n >= 4 && w[n-1] == w[n-2] && !strings.ContainsRune("aeioulsz", rune(w[n-1])) {
		w = w[:n-1] // stopp(ed)
	}
	if n := len(w); n >= 5 && w[n-1] == 'e' {
		w = w[:n-1]
	}
	if n := len(w); n >= 5 && w[n-1] == 'y' {
		w = w[:n-1] + "i"
	}
	return w
}

// stemPlural takes a plural s off.
func stemPlural(w string) string {
	n := len(w)
	switch {
	case strings.HasSuffix(w, "sses"):
		return w[:n-2]
	case strings.HasSuffix(w, "ies") && n > 4:
		return w[:n-3] + "y"
	case strings.HasSuffix(w, "ss"), strings.HasSuffix(w, "us"), strings.HasSuffix(w, "is"):
		return w
	case strings.HasSuffix(w, "s"):
		return w[:n-1]
	}
	return w
}

func hasVowel(s string) bool { return strings.ContainsAny(s, "aeiouy") }
