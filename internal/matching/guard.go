package matching

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// Reason says why two texts must not be joined without a person.
type Reason string

// The reasons. They are stable codes; None means that the pair may be joined.
const (
	None          Reason = ""
	TooDifferent  Reason = "too_different"  // below NearThreshold
	TooShort      Reason = "too_short"      // one or two words that are not equal
	OtherNumber   Reason = "other_number"   // a number, date or amount differs
	OtherNegation Reason = "other_negation" // one says yes where the other says no
	OtherWish     Reason = "other_wish"     // more or less, allow or forbid, for or against
	OtherName     Reason = "other_name"     // a person, place or agency differs
	OtherWord     Reason = "other_word"     // words differ where names cannot be told from words
)

// Comparison is the outcome of Compare.
type Comparison struct {
	// Jaccard is the similarity of the shingles, 0 to 1.
	Jaccard float64
	// Reason is None exactly when the pair may be joined without a person.
	Reason Reason
}

// Joinable reports whether the two may be joined without a person.
func (c Comparison) Joinable() bool { return c.Reason == None }

// Compare says whether two texts are the same request in nearly the same
// words. Copies of a form letter differ in little: a place, a person, a number,
// a date, an agency, or a single "không". Such a difference makes another
// request however similar the rest is, so all words that can carry it must be
// the same and in the same order. The doubt goes to a person: Compare refuses
// many pairs that a person would join, in particular where one text adds a
// sentence that begins with a word it capitalises nowhere else.
//
// It is symmetric and takes time proportional to the texts.
func Compare(a, b string) Comparison {
	x, y := readGuarded(a), readGuarded(b)
	c := Comparison{Jaccard: Jaccard(shingles(x.words()), shingles(y.words()))}
	switch {
	case min(len(x.tokens), len(y.tokens)) < shingleWords && c.Jaccard < 1:
		c.Reason = TooShort
	case c.Jaccard < NearThreshold:
		c.Reason = TooDifferent
	default:
		c.Reason = difference(x, y)
	}
	return c
}

// guarded is a text read for differences that matter.
type guarded struct {
	tokens  []guardToken
	names   map[string]bool // folded words with a capital letter
	lowered map[string]bool // folded words that occur without one
	proper  map[string]bool // folded words with a capital beside another one
	plain   bool            // typed without any accent
}

// guardToken is a word or a run of digits within a word.
type guardToken struct {
	folded, exact string // exact is in lower case with accents
	capital       bool
}

// Words that turn a request round, folded. Folding makes some of them equal to
// harmless ones (chua is "not yet", but also "pagoda"); that only makes Compare
// more careful.
var (
	negations = wordSet("khong chua chang dung ngung chong not no never none neither nor without cannot don doesn didn isn won")
	wishes    = wordSet("tang giam them bot cam phep duoc dong mo ung phan doi buoc nguyen bo giu huy nam nu truoc sau tren duoi " +
		"toi da thieu increase decrease reduce raise lower more less fewer ban allow legalise legalize permit prohibit stop start keep " +
		"remove abolish introduce end extend shorten open close support oppose mandatory compulsory voluntary optional before after minimum maximum men women")
	numerals = wordSet("mot hai ba bon nam sau bay tam chin muoi tram nghin ngan trieu ty ti ruoi " +
		"one two three four five six seven eight nine ten hundred thousand million billion half double")
)

func wordSet(s string) map[string]bool {
	set := map[string]bool{}
	for w := range strings.FieldsSeq(s) {
		set[w] = true
	}
	return set
}

func readGuarded(text string) guarded {
	g := guarded{names: map[string]bool{}, lowered: map[string]bool{}, proper: map[string]bool{}, plain: true}
	text = vitext.Normalize(text) // one place for the tone mark, so that exact forms compare
	before, beforeCapital := "", false
	for _, tok := range vitext.Tokens(text) {
		exact := text[tok.Start:tok.End]
		first, _ := utf8.DecodeRuneInString(exact)
		capital := unicode.IsUpper(first)
		if capital {
			g.names[tok.Text] = true
		} else {
			g.lowered[tok.Text] = true
		}
		if capital && beforeCapital {
			g.proper[before], g.proper[tok.Text] = true, true
		}
		before, beforeCapital = tok.Text, capital
		lower := strings.ToLower(exact)
		g.plain = g.plain && lower == tok.Text
		g.tokens = append(g.tokens, split(guardToken{tok.Text, lower, capital})...)
	}
	return g
}

// split parts digits from letters, so that "5km" is "5 km".
func split(t guardToken) []guardToken {
	digit := func(r rune) bool { return unicode.IsDigit(r) }
	if !strings.ContainsFunc(t.folded, digit) {
		return []guardToken{t}
	}
	var parts []guardToken
	start := 0
	for i, r := range t.folded {
		before, _ := utf8.DecodeLastRuneInString(t.folded[:i])
		if i > 0 && digit(before) != digit(r) {
			parts = append(parts, guardToken{folded: t.folded[start:i], exact: t.folded[start:i], capital: t.capital})
			start = i
		}
	}
	return append(parts, guardToken{folded: t.folded[start:], exact: t.folded[start:], capital: t.capital})
}

func (g guarded) words() []string {
	words := make([]string, len(g.tokens))
	for i, t := range g.tokens {
		words[i] = t.folded
	}
	return words
}

// difference returns the first reason why two near texts are not one request.
func difference(x, y guarded) Reason {
	number := func(w string) bool { return numerals[w] || isNumber(w) }
	if !sameWithNext(x, y, number) {
		return OtherNumber
	}
	if !sameWithNext(x, y, func(w string) bool { return negations[w] }) {
		return OtherNegation
	}
	if !slices.Equal(pick(x, func(w string) bool { return wishes[w] }), pick(y, func(w string) bool { return wishes[w] })) {
		return OtherWish
	}
	if (x.unreadable() || y.unreadable()) && !sameBag(x, y) {
		return OtherWord
	}
	name := func(w string) bool { return x.isName(w, y) || y.isName(w, x) }
	if !sameNames(x, y, name) {
		return OtherName
	}
	return None
}

func isNumber(w string) bool {
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsDigit(r)
}

// unreadable reports whether capitals cannot tell names from other words: the
// text has none, or hardly anything else.
func (g guarded) unreadable() bool {
	capitals := 0
	for _, t := range g.tokens {
		if t.capital {
			capitals++
		}
	}
	return capitals == 0 || capitals*2 > len(g.tokens)
}

// isName reports whether a word may be part of a name. It has a capital here,
// and either it never occurs in small letters, here or in the other text, as a
// word that merely begins a sentence does, or it stands beside another capital,
// as the syllables of Vietnamese names do.
func (g guarded) isName(w string, other guarded) bool {
	return g.proper[w] || g.names[w] && !g.lowered[w] && !other.lowered[w]
}

// pick returns the words that keep selects, in order.
func pick(g guarded, keep func(string) bool) []string {
	var words []string
	for _, t := range g.tokens {
		if keep(t.folded) {
			words = append(words, t.folded)
		}
	}
	return words
}

// sameWithNext reports whether both texts have the same selected words in the
// same order, each followed by the same word: what is negated or counted
// matters as much as that it is.
func sameWithNext(x, y guarded, keep func(string) bool) bool {
	pairs := func(g guarded) []string {
		var out []string
		for i, t := range g.tokens {
			if keep(t.folded) {
				next := ""
				if i+1 < len(g.tokens) {
					next = g.tokens[i+1].folded
				}
				out = append(out, t.folded, next)
			}
		}
		return out
	}
	return slices.Equal(pairs(x), pairs(y))
}

// sameBag reports whether both texts have the same words equally often.
func sameBag(x, y guarded) bool {
	a, b := x.words(), y.words()
	slices.Sort(a)
	slices.Sort(b)
	return slices.Equal(a, b)
}

// sameNames reports whether both texts have the same names in the same order.
// Accents count unless one text was typed without any: Ân is not An.
func sameNames(x, y guarded, name func(string) bool) bool {
	names := func(g guarded) []guardToken {
		return slices.DeleteFunc(slices.Clone(g.tokens), func(t guardToken) bool { return !name(t.folded) })
	}
	return slices.EqualFunc(names(x), names(y), func(a, b guardToken) bool {
		return a.folded == b.folded && (a.exact == b.exact || x.plain || y.plain)
	})
}
