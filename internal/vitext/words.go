package vitext

import (
	"unicode"
	"unicode/utf8"
)

// Token is one word of a text.
type Token struct {
	// Text is the folded word.
	Text string
	// Start and End are byte offsets into the text as it was given, so that
	// text[Start:End] is the word with its accents and capitals.
	Start, End int
}

// Words returns the folded words of s in order. A word is a run of letters
// and digits; everything else, hyphen, apostrophe and full stop included,
// separates. Vietnamese writes its syllables apart, so a "word" here is a
// syllable: "công nghệ" gives "cong", "nghe". The result is nil for a text
// without words.
func Words(s string) []string { return AppendWords(nil, s) }

// AppendWords appends the words of s to dst, as Words gives them. It spares
// who reads many texts in a row a slice for each.
func AppendWords(dst []string, s string) []string {
	folded := Fold(s)
	words := dst
	start := -1
	for i, r := range folded {
		if wordRune(r) {
			if start < 0 {
				if words == nil {
					words = make([]string, 0, len(folded)/5+1)
				}
				start = i
			}
			continue
		}
		if start >= 0 {
			words = append(words, folded[start:i])
			start = -1
		}
	}
	if start >= 0 {
		words = append(words, folded[start:])
	}
	return words
}

// Tokens returns the words of s as Words does, each with its place in s.
func Tokens(s string) []Token {
	var tokens []Token
	var folded []byte
	start, end := -1, 0
	flush := func() {
		if start >= 0 {
			tokens = append(tokens, Token{Text: string(folded), Start: start, End: end})
		}
		start, folded = -1, folded[:0]
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		before := len(folded)
		folded = foldRune(folded, r)
		switch added := folded[before:]; {
		case len(added) == 0:
			// A mark or an invisible character belongs to the word around it.
			if start >= 0 && unicode.Is(unicode.Mn, r) {
				end = i + size
			}
		case inWord(added):
			if start < 0 {
				start = i
			}
			end = i + size
		default:
			folded = folded[:before]
			flush()
		}
		i += size
	}
	flush()
	return tokens
}

// inWord reports whether the folded form of one rune is part of a word.
func inWord(folded []byte) bool {
	r, _ := utf8.DecodeRune(folded)
	return wordRune(r)
}

// wordRune reports whether a folded rune is part of a word. Spacing marks
// (category Mc) carry the vowels of Indic scripts and do not separate.
func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || '0' <= r && r <= '9' || 'A' <= r && r <= 'Z'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mc, r)
}
