package vitext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// latinLimit is the end of the range that foldTable covers: all Latin letters
// with diacritics that Vietnamese and its neighbours use lie below it.
const latinLimit = 0x1F00

// foldTable holds, for each rune below latinLimit that folds to exactly one
// rune, that rune; 0 for one that is dropped; -1 for one that takes the slow
// way.
var foldTable = buildFoldTable()

func buildFoldTable() []int32 {
	table := make([]int32, latinLimit)
	for r := range rune(latinLimit) {
		table[r] = -1
		switch out := appendFolded(nil, r); {
		case len(out) == 0:
			table[r] = 0
		case r == 0:
		default:
			if f, size := utf8.DecodeRune(out); size == len(out) {
				table[r] = f
			}
		}
	}
	return table
}

// Fold returns s in lower case without any diacritics and with đ as d, for
// comparing: Fold("Thủ Đức") is "thu duc". Letters and digits in fancy forms
// (full width, mathematical) become plain ones. Invisible characters vanish;
// spaces and punctuation stay, so that the words of Fold(s) are the words of
// s, one for one. The result does not depend on whether s is composed.
// Fold(Fold(s)) == Fold(s).
func Fold(s string) string {
	var b strings.Builder // hands over what it wrote without a copy
	b.Grow(len(s))
	var one [utf8.UTFMax]byte
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf && c >= ' ' && c != 0x7f {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b.WriteByte(c)
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		b.Write(foldRune(one[:0], r))
		i += size
	}
	return b.String()
}

// foldRune appends the folded form of one rune by the quickest way.
func foldRune(dst []byte, r rune) []byte {
	if r < latinLimit {
		switch f := foldTable[r]; f {
		case -1:
		case 0:
			return dst
		default:
			return utf8.AppendRune(dst, f)
		}
	}
	return appendFolded(dst, r)
}

// appendFolded appends the folded form of one rune: nothing, one rune or, for
// ligatures, several. It defines Fold; foldTable only remembers its results.
func appendFolded(dst []byte, r rune) []byte {
	switch {
	case unicode.Is(unicode.Mn, r) || invisible(r):
		return dst
	case !unicode.IsLetter(r) && !unicode.IsDigit(r):
		return utf8.AppendRune(dst, r)
	}
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	for _, d := range string(norm.NFKD.Append(nil, buf[:n]...)) {
		if !unicode.IsLetter(d) && !unicode.IsDigit(d) {
			continue
		}
		dst = utf8.AppendRune(dst, foldLetter(unicode.ToLower(d)))
	}
	return dst
}

// foldLetter maps the letters whose stroke is not a combining mark. Eth and
// the African D stand in for đ in texts from old Vietnamese fonts.
func foldLetter(r rune) rune {
	switch r {
	case 'đ', 'ð', 'ɖ':
		return 'd'
	case 'ı':
		return 'i'
	case 'ø':
		return 'o'
	case 'ł':
		return 'l'
	case 'ħ':
		return 'h'
	default:
		return r
	}
}
