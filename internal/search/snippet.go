package search

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// snippetRunes is the length of a snippet in letters: two to three lines on a
// phone.
const snippetRunes = 200

// Piece is a part of a snippet.
type Piece struct {
	Text  string
	Match bool // one of the words looked for
}

// Snippet cuts a passage out of the first of the texts that has the most of
// the parts, or the beginning of the first text when none has any. A word
// counts as found when it has the accents of the term; if no word of the text
// has, accents aside; if none has either, when it is one edit away from a term
// of at least typoLetters letters (0: never). Other names for a name count as
// the name where the text does not have that. Left-out text is marked by an
// ellipsis. Line breaks and runs of spaces become one space.
//
// It works from the words alone, so that it gives the same for any engine.
func Snippet(parts []Part, typoLetters int, texts ...string) []Piece {
	var best passage
	for _, text := range texts {
		text = strings.Join(strings.Fields(text), " ")
		if p := findPassage(text, parts, typoLetters); best.text == "" || p.distinct > best.distinct {
			best = p
		}
	}
	if best.text == "" {
		return nil
	}
	return best.pieces()
}

// mark is a word of a text that matches a term.
type mark struct {
	start, end int // bytes
	part       int // index of the part
}

// passage is a stretch of a text and what matches in it.
type passage struct {
	text       string
	start, end int // bytes
	marks      []mark
	distinct   int // parts that match within the stretch
}

// findPassage returns the stretch of at most snippetRunes letters that has the
// most distinct parts, the first of equals.
func findPassage(text string, parts []Part, typoLetters int) passage {
	marks := findMarks(text, parts, typoLetters)
	best := passage{text: text, marks: marks}
	// A window in bytes is a good enough measure for comparing windows.
	const window = snippetRunes
	first := 0
	for i := range marks {
		seen := map[int]bool{}
		for _, m := range marks[i:] {
			if m.end-marks[i].start > window {
				break
			}
			seen[m.part] = true
		}
		if len(seen) > best.distinct {
			best.distinct, first = len(seen), marks[i].start
		}
		if best.distinct == len(parts) {
			break
		}
	}
	best.start, best.end = stretch(text, first)
	return best
}

// findMarks lists the words of text that match a part, each word of it at the
// strictest level at which anything matches it.
func findMarks(text string, parts []Part, typoLetters int) []mark {
	if len(parts) == 0 {
		return nil
	}
	tokens := vitext.Tokens(text)
	var marks []mark
	for i, p := range parts {
		var found []mark
		if p.Named() {
			found = inRow(tokens, slices.Concat([][]Word{p.Name.Words}, p.Name.Others))
		}
		if len(found) == 0 {
			for _, t := range p.Terms {
				found = append(found, oneByOne(text, tokens, t, typoLetters)...)
			}
		}
		for _, m := range found {
			marks = append(marks, mark{m.start, m.end, i})
		}
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Or(a.start-b.start, b.end-a.end) })
	return slices.CompactFunc(marks, func(a, b mark) bool { return a.start == b.start })
}

// inRow lists where the first of the names that the text has stands in it.
func inRow(tokens []vitext.Token, names [][]Word) []mark {
	var marks []mark
	for _, words := range names {
		for i := 0; i+len(words) <= len(tokens); i++ {
			same := func(w Word, tok vitext.Token) bool { return w.Folded == cutWord(tok.Text) }
			if slices.EqualFunc(words, tokens[i:i+len(words)], same) {
				marks = append(marks, mark{start: tokens[i].Start, end: tokens[i+len(words)-1].End})
			}
		}
		if len(marks) > 0 {
			break
		}
	}
	return marks
}

// oneByOne lists the words that match a term.
func oneByOne(text string, tokens []vitext.Token, t Term, typoLetters int) []mark {
	var marks []mark
	for _, matches := range levels(text, t, typoLetters) {
		for _, tok := range tokens {
			if matches(tok) {
				marks = append(marks, mark{start: tok.Start, end: tok.End})
			}
		}
		if len(marks) > 0 {
			break
		}
	}
	return marks
}

// levels are the ways in which a word can match a term, the strictest first.
func levels(text string, t Term, typoLetters int) []func(vitext.Token) bool {
	folded := func(tok vitext.Token) bool {
		return cutWord(tok.Text) == t.Folded || t.Prefix && strings.HasPrefix(tok.Text, t.Folded)
	}
	var out []func(vitext.Token) bool
	if t.Accented() {
		out = append(out, func(tok vitext.Token) bool {
			if !folded(tok) {
				return false
			}
			exact := cutWord(strings.ToLower(vitext.Normalize(text[tok.Start:tok.End])))
			return exact == t.Exact || t.Prefix && strings.HasPrefix(exact, t.Exact)
		})
	}
	out = append(out, folded)
	if typoLetters > 0 && t.Letters() >= typoLetters {
		out = append(out, func(tok vitext.Token) bool { return OneEdit(tok.Text, t.Folded) })
	}
	return out
}

// stretch returns the bounds of a passage of about snippetRunes letters that
// has at in its first third and begins and ends between words.
func stretch(text string, at int) (start, end int) {
	start = at
	for n := 0; n < snippetRunes/4 && start > 0; n++ {
		_, size := utf8.DecodeLastRuneInString(text[:start])
		start -= size
	}
	if start > 0 { // drop the word that was cut through
		if i := strings.IndexByte(text[start:at], ' '); i >= 0 {
			start += i + 1
		}
	}
	end = start
	for n := 0; n < snippetRunes && end < len(text); n++ {
		_, size := utf8.DecodeRuneInString(text[end:])
		end += size
	}
	if end < len(text) {
		if i := strings.LastIndexByte(text[start:end], ' '); i > 0 {
			end = start + i
		}
	}
	return start, end
}

const ellipsis = "…"

// pieces cuts the passage at its marks.
func (p passage) pieces() []Piece {
	var out []Piece
	add := func(text string, match bool) {
		if text != "" {
			out = append(out, Piece{Text: text, Match: match})
		}
	}
	from, lead := p.start, ""
	if p.start > 0 {
		lead = ellipsis
	}
	for _, m := range p.marks {
		if m.start < from || m.end > p.end {
			continue
		}
		add(lead+p.text[from:m.start], false)
		add(p.text[m.start:m.end], true)
		from, lead = m.end, ""
	}
	tail := ""
	if p.end < len(p.text) {
		tail = ellipsis
	}
	add(lead+p.text[from:p.end]+tail, false)
	return out
}

// OneEdit reports whether a becomes b by one letter changed, left out or put
// in, or two neighbours swapped, the first letter aside, which must agree.
// Equal words are not one edit apart.
func OneEdit(a, b string) bool {
	x, y := []rune(a), []rune(b)
	if len(x) > len(y) {
		x, y = y, x
	}
	if len(x) == 0 || x[0] != y[0] || len(y)-len(x) > 1 {
		return false
	}
	i := 0
	for i < len(x) && x[i] == y[i] {
		i++
	}
	if len(x) < len(y) {
		return slices.Equal(x[i:], y[i+1:])
	}
	if i == len(x) {
		return false
	}
	return slices.Equal(x[i+1:], y[i+1:]) ||
		i+1 < len(x) && x[i] == y[i+1] && x[i+1] == y[i] && slices.Equal(x[i+2:], y[i+2:])
}
