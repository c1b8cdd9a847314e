package vitext

import (
	"cmp"
	"slices"
	"strings"
)

// Limits of what an engine reads of a text, so that no text costs more than a
// long honest one: the longest body taken in, 50,000 letters, has about 11,000
// words.
const (
	MaxWords      = 12_000
	MaxWordLength = 40 // bytes; longer are addresses and noise, to be cut
)

// Bound cuts a text to the bytes that MaxWords honest words can fill, at a
// place where no letter is broken.
func Bound(text string) string {
	const limit = MaxWords * 16 // bytes; a Vietnamese syllable and its space have about 7
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}

// Surface makes of a piece of text what a person is shown of it: one line, in
// lower case, with its accents.
func Surface(s string) string {
	if len(s) > 3*MaxWordLength {
		s = strings.ToValidUTF8(s[:3*MaxWordLength], "")
	}
	return strings.Join(strings.Fields(strings.ToLower(s)), " ")
}

// Weighted is a word or a pair of words as Surface leaves it, with how much it
// counted.
type Weighted struct {
	Surface string
	Weight  float64
}

// Telling returns up to n of the words and pairs that counted most, heaviest
// first, as a reason for people to read. It reorders parts. Nothing is said
// twice: a word that pairs shown already have is left out, and a word gives way
// to a pair that it is part of, since "không khí" says what "khí" does not.
func Telling(parts []Weighted, n int) []string {
	slices.SortFunc(parts, func(a, b Weighted) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Surface, b.Surface))
	})
	var shown []string
	for _, p := range parts {
		if shown = tell(shown, p.Surface); len(shown) == n {
			break
		}
	}
	return shown
}

// tell adds a word or pair to those shown.
func tell(shown []string, surface string) []string {
	words := strings.Fields(surface)
	var told []string
	for _, s := range shown {
		if s == surface || strings.Contains(s, " ") {
			told = append(told, strings.Fields(s)...)
		}
	}
	if !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(told, w) }) {
		return shown
	}
	shown = slices.DeleteFunc(shown, func(s string) bool { return slices.Contains(words, s) })
	return append(shown, surface)
}
