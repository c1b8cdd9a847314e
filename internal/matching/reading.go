package matching

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// token is a word, a run of digits within a word, or a sign that counts.
type token struct {
	folded string // without accents
	exact  string // in lower case with accents
	// capital: it begins with one. starts: a sentence begins with it.
	capital, starts bool
	number          bool // digits, or a sign between digits
	bare            bool // stands where its writer typed no accents
	closing         bool // a complimentary close stood before it
}

// reading is a text read for differences that matter.
type reading struct {
	words    []string // folded, digits apart from letters, for shingles
	tokens   []token  // what counts: without courtesies, with signs
	readable bool     // capitals tell names from other words
}

// bareRun is how many words in a row without any accent show that their writer
// typed none. Accented Vietnamese hardly ever has so many by chance, and a
// title typed in haste above a careful body has them.
const bareRun = 8

func read(text string) *reading {
	text = vitext.Normalize(text) // one place for the tone mark, so that exact forms compare
	r := &reading{}
	capitals, end := 0, 0
	var tokens []token
	for i, tok := range vitext.Tokens(text) {
		gap := text[end:tok.Start]
		tokens = appendSigns(tokens, gap, text[:end], text[tok.Start:])
		exact := text[tok.Start:tok.End]
		first, _ := utf8.DecodeRuneInString(exact)
		t := token{
			folded: tok.Text, exact: strings.ToLower(exact),
			capital: unicode.IsUpper(first), starts: i == 0 || strings.ContainsAny(gap, ".!?:;\n"),
		}
		if t.capital {
			capitals++
		}
		if strings.ContainsFunc(exact, strikes) {
			tokens = append(tokens, sign("\u0336"))
		}
		from := len(tokens)
		tokens = appendSplit(tokens, t)
		for _, part := range tokens[from:] {
			r.words = append(r.words, part.folded)
		}
		end = tok.End
	}
	tokens = appendSigns(tokens, text[end:], text[:end], "")
	r.readable = capitals > 0 && capitals*2 <= len(r.words)
	markBare(tokens)
	for i := range tokens { // after markBare, which compares the two
		tokens[i].folded, tokens[i].exact = vitext.Respell(tokens[i].folded), vitext.Respell(tokens[i].exact)
	}
	r.tokens = withoutCourtesies(tokens)
	return r
}

// appendSplit parts digits from letters, so that "5km" is "5 km".
func appendSplit(tokens []token, t token) []token {
	digit := func(r rune) bool { return unicode.IsDigit(r) }
	if !strings.ContainsFunc(t.folded, digit) {
		return append(tokens, t)
	}
	add := func(s string) []token {
		first, _ := utf8.DecodeRuneInString(s)
		return append(tokens, token{folded: s, exact: s, capital: t.capital, starts: t.starts, number: digit(first)})
	}
	start := 0
	for i, r := range t.folded {
		before, _ := utf8.DecodeLastRuneInString(t.folded[:i])
		if i > 0 && digit(before) != digit(r) {
			tokens = add(t.folded[start:i])
			start = i
		}
	}
	return add(t.folded[start:])
}

// Between words everything counts that is no punctuation: numbers in circles,
// Roman ones, fractions and powers, letters in boxes, arrows, currencies, and
// pictures, for a crossed arm says no and a car is no bicycle. Of punctuation
// these count, too.
const countedPunctuation = "%‰#@′″"

// ornaments mark the points of a list or show a feeling. They come and go when
// a text is copied, and carry no request.
const ornaments = "■□▪▫●○◦◆◇►▶▸▷★☆✦✧❖➢➤|" +
	"🙏🌹🌷🌺🌸💐✨🎉❤♥💕💖💗💙💚💛😀😁😃😄😅😊☺🙂🥰😍🤗😇😢😭😥😔😞😟☹🙁😩😫😰😱😡😠"

// counts reports whether a sign between two words counts.
func counts(r rune) bool {
	switch {
	case unicode.IsSpace(r), unicode.In(r, unicode.Cc, unicode.Cf, unicode.Sk, unicode.Mn):
		return strikes(r)
	case unicode.IsPunct(r):
		return strings.ContainsRune(countedPunctuation, r)
	}
	return !strings.ContainsRune(ornaments, r)
}

// strikes reports whether a mark is drawn through the letter before it, as who
// strikes a word out does.
func strikes(r rune) bool {
	return '\u0334' <= r && r <= '\u0338' || '\u20d0' <= r && r <= '\u20f0' && r != '\u20d6' && r != '\u20d7'
}

// dashes are written for one another.
const dashes = "-–—−‐‑"

// appendSigns appends what counts of the signs between two words: 1,5 is not
// 1-5, 5 % is not 5, and > 5 is not < 5. Other punctuation does not count.
func appendSigns(tokens []token, gap, before, after string) []token {
	if gap == " " || gap == "" {
		return tokens
	}
	last, _ := utf8.DecodeLastRuneInString(before)
	next, _ := utf8.DecodeRuneInString(after)
	between := unicode.IsDigit(last) && unicode.IsDigit(next)
	if trimmed := strings.TrimSpace(gap); between && (trimmed == gap || strings.Contains(dashes+"/×", trimmed)) && trimmed != "" {
		return append(tokens, sign(trimmed))
	}
	for i, r := range gap {
		dash := strings.ContainsRune(dashes, r)
		minus := dash && unicode.IsDigit(next) && i+utf8.RuneLen(r) == len(gap) && (i == 0 && before == "" || i > 0 && gap[i-1] == ' ')
		if minus || !dash && counts(r) {
			tokens = append(tokens, sign(string(r)))
		}
	}
	return tokens
}

func sign(s string) token {
	for _, d := range dashes {
		s = strings.ReplaceAll(s, string(d), "-")
	}
	return token{folded: s, exact: s, number: true}
}

// markBare marks the words that stand in a run of words without accents.
func markBare(tokens []token) {
	words, start := 0, 0
	mark := func(end int) {
		if words >= bareRun || start == 0 && end == len(tokens) {
			for i := range tokens[start:end] {
				tokens[start+i].bare = true
			}
		}
		words, start = 0, end+1
	}
	for i, t := range tokens {
		switch {
		case t.exact != t.folded:
			mark(i)
		case !t.number:
			words++
		}
	}
	if start <= len(tokens) {
		mark(len(tokens))
	}
}

// isName reports whether a word looks like part of a name: it has a capital
// that does not come from beginning a sentence.
func (r *reading) isName(t token) bool { return r.readable && t.capital && !t.starts }

// wordSet is a set of words, with accents and without.
type wordSet struct{ exact, folded map[string]bool }

// vocabulary makes a set of the words in s.
func vocabulary(s string) wordSet {
	set := wordSet{exact: map[string]bool{}, folded: map[string]bool{}}
	for w := range strings.FieldsSeq(s) {
		set.exact[vitext.Respell(w)] = true
		set.folded[vitext.Respell(vitext.Fold(w))] = true
	}
	return set
}

// has reports whether t is in the set. A word typed without accents is when
// any word that looks like it without accents is.
func (s wordSet) has(t token) bool { return s.exact[t.exact] || t.bare && s.folded[t.folded] }
