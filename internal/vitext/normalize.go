package vitext

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	zeroWidthJoiner = '\u200d'

	// maxMarks is how many combining marks in a row are kept. Vietnamese needs
	// two when decomposed, the most ornate living scripts about five; towers of
	// dozens are a prank that breaks pages. It also stays far below the 30 at
	// which the norm package would insert marks of its own.
	maxMarks = 8
)

// Normalize returns s in the form in which texts are stored and compared:
//
//   - invalid UTF-8 becomes U+FFFD;
//   - CRLF, CR, NEL and the Unicode line and paragraph separators become LF;
//   - control, zero-width, bidirectional-control and other invisible
//     characters are removed, except LF, TAB, and a zero-width joiner between
//     two emoji;
//   - letters are composed (NFC);
//   - the tone mark of a Vietnamese syllable stands where official papers put
//     it: Thanh Hóa, Khánh Hòa, khỏe, thúy, but quý, giá, toàn, thuế. See
//     placeTone for the rule.
//
// Spaces are left alone. Normalize(Normalize(s)) == Normalize(s).
func Normalize(s string) string {
	s = clean(s)
	if isASCII(s) {
		return s
	}
	return placeTones(limitMarks(norm.NFC.String(s)))
}

// clean applies everything that is decided rune by rune. It returns s itself
// when nothing has to change, which is the usual case.
func clean(s string) string {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if (c < ' ' && c != '\n' && c != '\t') || c == 0x7f {
				return cleanFrom(s, i)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if !latinLetter(r) {
			return cleanFrom(s, i)
		}
		i += size
	}
	return s
}

// latinLetter reports whether r is an accented Latin letter as Vietnamese and
// its neighbours use; a quick way past the tables of package unicode for
// nearly every rune there is to look at.
func latinLetter(r rune) bool {
	return (r >= 0xC0 && r < 0x250 && r != '×' && r != '÷') || (r >= 0x1E00 && r < 0x1F00)
}

// cleanFrom is clean for a text whose first from bytes are known to be good.
func cleanFrom(s string, from int) string {
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:from])
	afterCR, marks := false, 0
	last, _ := utf8.DecodeLastRuneInString(s[:from]) // last rune kept
	for i := from; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case r >= ' ' && r < 0x7f || latinLetter(r):
			afterCR = false
		case r == '\n' && afterCR:
			afterCR = false
			continue
		case lineBreak(r):
			afterCR = r == '\r'
			r = '\n'
		case r == zeroWidthJoiner:
			next, _ := utf8.DecodeRuneInString(s[i:])
			if !emoji(last) || !emoji(next) {
				continue
			}
		case invisible(r):
			continue
		default:
			afterCR = false
		}
		if marks = countMarks(marks, r); marks > maxMarks {
			continue
		}
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

// limitMarks cuts the runs of combining marks that composing made longer; some
// characters decompose into a letter and marks and never compose again.
func limitMarks(s string) string {
	marks := 0
	for i, r := range s {
		if marks = countMarks(marks, r); marks > maxMarks {
			return s[:i] + limitTail(s[i:], marks)
		}
	}
	return s
}

// limitTail continues limitMarks at a mark that is one too many.
func limitTail(s string, marks int) string {
	var b strings.Builder
	b.Grow(len(s))
	marks--
	for _, r := range s {
		if marks = countMarks(marks, r); marks <= maxMarks {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// countMarks returns the length of the run of combining marks that ends with
// r, given the run before it.
func countMarks(before int, r rune) int {
	if r < 0x300 || latinLetter(r) || !unicode.Is(unicode.M, r) {
		return 0
	}
	return before + 1
}

// lineBreak reports whether r ends a line in some system.
func lineBreak(r rune) bool {
	return r == '\n' || r == '\r' || r == '\u0085' || r == '\u2028' || r == '\u2029'
}

// invisible reports whether r has no shape of its own and is therefore dropped
// both from stored texts and when comparing: two texts that look alike must
// not differ in what nobody can see.
func invisible(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < ' ' || (r >= 0x7f && r < 0xa0):
		return !lineBreak(r)
	case r < 0xad:
		return false
	case r == utf8.RuneError:
		return false
	}
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point, unicode.Noncharacter_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

// emoji reports roughly whether r may be part of a joined emoji such as a
// family or a profession. It errs towards false: the parts then stand side by
// side.
func emoji(r rune) bool {
	return (r >= 0x1F000 && r <= 0x1FAFF) || (r >= 0x2600 && r <= 0x27BF) || r == '\ufe0f' || r == '\u2b1b'
}

// isASCII reports whether s holds only ASCII.
func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Line is what is kept of a text that stands on one line: normalized, and with
// one blank wherever there was white space.
func Line(s string) string { return strings.Join(strings.Fields(Normalize(s)), " ") }
