package vitext

import (
	"cmp"
	"slices"
	"strings"
)

// expansion is a sequence of folded words and what is read in its place.
type expansion struct{ words, reads []string }

// expansions are the rows of the table by their first word, longest first.
var expansions = readExpansions(expansionTable)

func readExpansions(table string) map[string][]expansion {
	byFirst := map[string][]expansion{}
	for line := range strings.Lines(table) {
		keys, reads, found := strings.Cut(line, "=")
		if !found {
			continue
		}
		// A plus keeps what was written and adds to it.
		added, keeps := strings.CutPrefix(strings.TrimSpace(reads), "+")
		for key := range strings.SplitSeq(keys, ",") {
			e := expansion{words: Words(key), reads: Words(added)}
			if keeps {
				e.reads = slices.Concat(e.words, e.reads)
			}
			byFirst[e.words[0]] = append(byFirst[e.words[0]], e)
		}
	}
	for _, list := range byFirst {
		slices.SortStableFunc(list, func(a, b expansion) int { return cmp.Compare(len(b.words), len(a.words)) })
	}
	return byFirst
}

// Expand returns the words of a Vietnamese text with abbreviations, chat
// spellings and former names read out, the longest match first: "bo kh cn"
// becomes "bo khoa hoc va cong nghe", "ko dc" becomes "khong duoc", and a
// former name is followed by the present one, "ha giang" by "tuyen quang". The
// words are folded, as Words returns them. It is meant for comparing: what
// different people write for the same thing gets words in common. A text that
// is not Vietnamese must not be expanded, since "vs" and "k" are words of other
// languages; IsVietnamese tells, best from title and body together. When
// nothing is to be expanded the result is words itself.
func Expand(words []string) []string {
	return expand(words, func(w string) string { return w }, func(read string, _, _ string) string { return read })
}

// ExpandTokens is Expand for tokens. What is read in place of some tokens
// spans all of them, so that the surface of every word is still to be found.
func ExpandTokens(tokens []Token) []Token {
	return expand(tokens, func(t Token) string { return t.Text }, func(read string, first, last Token) Token {
		return Token{Text: read, Start: first.Start, End: last.End}
	})
}

func expand[T any](in []T, word func(T) string, made func(read string, first, last T) T) []T {
	var out []T
	copied := 0
	for i := 0; i < len(in); {
		e, found := expansionAt(in[i:], word)
		if !found {
			i++
			continue
		}
		if out == nil {
			out = make([]T, 0, len(in)+len(in)/4+8)
		}
		out = append(out, in[copied:i]...)
		last := in[i+len(e.words)-1]
		for _, w := range e.reads {
			out = append(out, made(w, in[i], last))
		}
		i += len(e.words)
		copied = i
	}
	if copied == 0 {
		return in
	}
	return append(out, in[copied:]...)
}

// expansionAt returns the longest row of the table at the head of in.
func expansionAt[T any](in []T, word func(T) string) (expansion, bool) {
	for _, e := range expansions[word(in[0])] {
		if len(e.words) > len(in) {
			continue
		}
		matches := true
		for j, w := range e.words {
			if word(in[j]) != w {
				matches = false
				break
			}
		}
		if matches {
			return e, true
		}
	}
	return expansion{}, false
}
