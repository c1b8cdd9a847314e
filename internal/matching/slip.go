package matching

import (
	"strings"

	"hienke/internal/vitext"
)

// borrowed are words in Vietnamese texts that no syllable rule allows, that do
// not look foreign either, and that are yet no misspellings: a "bot" is no
// "bột" without its accents.
var borrowed = vocabulary("app bit bot chat chip cm coin dump gym gpu hit hot key kg kiot kit km lag map mm net pitch pop set tag team tip top spa bug cpu")

// isWord reports whether a token is a word as it stands.
func isWord(t token) bool {
	if t.bare {
		return vitext.IsFoldedSyllable(t.folded)
	}
	return vitext.IsSyllable(t.exact)
}

// slip reports whether two tokens are a word and a misspelling of it: one can
// be a Vietnamese word, the other cannot, and they look alike but for accents
// or one stroke of the keyboard. Two words that both exist, such as "sáng" and
// "sang", are never a slip, nor is anything that may be a name.
func (p pair) slip(a, b token) bool {
	if a.number || b.number || p.x.isName(a) || p.y.isName(b) || !isASCII(a.folded) || !isASCII(b.folded) {
		return false
	}
	if !p.vietnamese {
		return longSlip(a.folded, b.folded)
	}
	if isWord(b) {
		a, b = b, a
	}
	if !isWord(a) || isWord(b) || borrowed.folded[b.folded] {
		return false
	}
	return swapped(a.folded, b.folded) || !foreign(b.folded) && (a.folded == b.folded || oneStroke(a.folded, b.folded))
}

// foreign reports whether a folded word looks borrowed or like a name from
// another language, which differ by one letter as easily as by many: it begins
// with consonants that no syllable begins with, has others after its vowel than
// a syllable can, or has more than one syllable.
func foreign(w string) bool {
	vowel := func(i int) bool { return strings.IndexByte("aeiouy", w[i]) >= 0 }
	onset := []byte{}
	i := 0
	for ; i < len(w) && !vowel(i); i++ {
		if i == 0 || w[i] != w[i-1] { // a letter hit twice is a slip
			onset = append(onset, w[i])
		}
	}
	if !vitext.IsFoldedSyllable(string(onset)+"ua") || strings.ContainsAny(w[i:], "bdfjklqrsvwxz") {
		return true
	}
	syllables := 0
	for ; i < len(w); i++ {
		if vowel(i) && (i == 0 || !vowel(i-1)) {
			syllables++
		}
	}
	return syllables > 1
}

// shortestSlip is the length in letters from which a word is looked at for slips;
// of "ga" and "gas" nobody can say.
const shortestSlip = 3

// swapped reports whether two words differ in two neighbouring letters that
// changed places, other than the first.
func swapped(a, b string) bool {
	if len(a) != len(b) || len(a) < shortestSlip {
		return false
	}
	at := commonPrefix(a, b)
	return at > 0 && at+1 < len(a) && a[at] == b[at+1] && a[at+1] == b[at] && a[at+2:] == b[at+2:]
}

// oneStroke reports whether two words that begin alike differ by one letter too
// many or by one letter hit beside the right key.
func oneStroke(a, b string) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	at := commonPrefix(a, b)
	switch {
	case len(b) < shortestSlip || at == 0 || at == len(a):
		return false
	case len(a) == len(b):
		return a[at+1:] == b[at+1:] && neighbours(a[at], b[at])
	default:
		return len(a) == len(b)+1 && a[at+1:] == b[at:]
	}
}

func commonPrefix(a, b string) int {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	return n
}

// rows of a keyboard, for what lies side by side.
const rows = "qwertyuiop asdfghjkl zxcvbnm"

func neighbours(a, b byte) bool {
	i, j := strings.IndexByte(rows, a), strings.IndexByte(rows, b)
	return i >= 0 && j >= 0 && (i-j == 1 || j-i == 1)
}

// longWord is the length from which two words in other languages that differ
// by a swap or a doubled letter are taken for one: shorter ones are too often
// both words (trial and trail, planed and planned). Nothing here knows their
// vocabulary.
const longWord = 8

// twins are words as long that a swap turns into one another.
var twins = vocabulary("complaint compliant complaints compliants") //nolint:misspell // both are words

func longSlip(a, b string) bool {
	if min(len(a), len(b)) < longWord || a[0] != b[0] || twins.exact[a] || twins.exact[b] {
		return false
	}
	if inflected(a) || inflected(b) { // scraping and scrapping are both words
		return false
	}
	if len(a) < len(b) {
		a, b = b, a
	}
	at := commonPrefix(a, b)
	doubled := len(a) == len(b)+1 && a[at] == a[at-1] && a[at+1:] == b[at:]
	return doubled || swapped(a, b)
}

func inflected(w string) bool { return strings.HasSuffix(w, "ing") || strings.HasSuffix(w, "ed") }

// runTogether reports whether one token is two words with the space between
// them missing.
func runTogether(one, first, second token) bool {
	if first.number || second.number || !isWord(first) || !isWord(second) || isWord(one) || borrowed.folded[one.folded] {
		return false
	}
	return one.exact == first.exact+second.exact || (one.bare || first.bare || second.bare) && one.folded == first.folded+second.folded
}
