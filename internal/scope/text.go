package scope

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// reading is a word as it is compared.
type reading struct {
	folded  string
	spelled string // lower case, with accents
}

// word is a word of a text in its place.
type word struct {
	reading
	start, end int  // bytes of the text
	sentence   int  // number of the sentence it stands in
	capital    bool // it begins with a capital
	title      bool // it stands in the title
	short      bool // it is spelled out from an abbreviation
	strict     bool // its part of the text is typed with accents, or in English
}

// text is what a judgement reads.
type text struct {
	raw       string
	words     []word
	titleEnds int  // words of the title
	cased     bool // capitals mean something: there are some within sentences, and not on nearly every word
	personal  bool // told in the first person
}

// accentedShare is the share of words with accents from which a text counts as
// typed with accents. Vietnamese has them on four words of five; English names
// in a text do not bring it below this.
const accentedShare = 0.15

// capitalShare is the share of words with capitals from which capitals say
// nothing: shouting.
const capitalShare = 0.7

// read takes a text apart.
func (j *Judge) read(in Input) *text {
	heading := vitext.Bound(vitext.Normalize(in.Title))
	x := &text{raw: vitext.Bound(heading + "\n" + vitext.Normalize(in.Body))}
	sentence, last := 0, 0
	for _, t := range vitext.Tokens(x.raw) {
		if len(x.words) >= vitext.MaxWords {
			break
		}
		if gap := x.raw[last:t.Start]; strings.ContainsAny(gap, "\n;") || endsSentence(gap) {
			sentence++
		}
		last = t.End
		surface := x.raw[t.Start:t.End]
		first, _ := utf8.DecodeRuneInString(surface)
		w := word{
			reading: reading{t.Text, strings.ToLower(surface)}, start: t.Start, end: t.End, sentence: sentence,
			capital: unicode.IsUpper(first), title: t.Start < len(heading),
		}
		x.words = append(x.words, j.spellOut(w)...)
		if w.title {
			x.titleEnds = len(x.words)
		}
	}
	// A title may have accents where the body has none. The other way round it
	// is too short to tell: half of all short words have no accent to lose.
	title, body := x.words[:x.titleEnds], x.words[x.titleEnds:]
	strict := isStrict(body)
	markStrict(body, strict)
	markStrict(title, strict || isStrict(title))
	x.cased = isCased(x.words)
	x.personal = x.isPersonal(j)
	return x
}

// endsSentence reports whether a full stop, question or exclamation mark
// between two words ends a sentence: it is followed by a space.
func endsSentence(gap string) bool {
	i := strings.LastIndexAny(gap, ".?!…")
	return i >= 0 && i < len(gap)-1
}

// spellOut replaces an abbreviation by its words; all stand at its place. Words
// in capitals are names of bodies more often than shorthand.
func (j *Judge) spellOut(w word) []word {
	means := j.short[w.folded]
	if means == nil || w.spelled != w.folded && !strings.HasPrefix(w.spelled, "đ") {
		return []word{w}
	}
	out := make([]word, len(means))
	for i, m := range means {
		out[i] = w
		out[i].reading, out[i].short = m, true
	}
	return out
}

// spells reports whether the words from i on are those of a phrase as spelled:
// each with its accents, or without any in a text that has none.
// exact demands the accents always.
func (x *text) spells(i int, phrase []string, exact bool) bool {
	for n, p := range phrase {
		w := x.words[i+n]
		if w.spelled != p && (w.strict || exact || w.spelled != w.folded) {
			return false
		}
	}
	return true
}

// english are words that stand in nearly every English sentence and are no
// Vietnamese syllables.
var english = []string{"the", "of", "and", "is", "are", "for", "this", "with", "that", "should", "would", "have", "from"}

// englishShare is their share from which a text counts as English, where
// nothing but the accents as they are written may be read into a word.
const englishShare = 0.06

func markStrict(part []word, strict bool) {
	for i := range part {
		part[i].strict = strict
	}
}

// isStrict reports whether a part of a text is typed with accents or is
// English.
func isStrict(part []word) bool {
	accents, englishWords := 0, 0
	for _, w := range part {
		if w.spelled != w.folded && !w.short {
			accents++
		}
		if slices.Contains(english, w.spelled) {
			englishWords++
		}
	}
	n := float64(len(part))
	return float64(accents) > accentedShare*n || float64(englishWords) > englishShare*n
}

func isCased(words []word) bool {
	within, all := 0, 0
	for i, w := range words {
		if !w.capital {
			continue
		}
		all++
		if i > 0 && words[i-1].sentence == w.sentence {
			within++
		}
	}
	return within > 0 && float64(all) < capitalShare*float64(len(words))
}

func (x *text) isPersonal(j *Judge) bool {
	return slices.ContainsFunc(j.self.find(x, true), func(f found[bool]) bool { return f.value })
}

// surface is the text from one word to before another, as it is spelled.
func (x *text) surface(from, until int) string {
	return strings.Join(strings.Fields(x.raw[x.words[from].start:x.words[until-1].end]), " ")
}

// readings takes the words of a phrase or an entry of the configuration.
func readings(s string) []reading {
	s = vitext.Normalize(s)
	var out []reading
	for _, t := range vitext.Tokens(s) {
		out = append(out, reading{t.Text, strings.ToLower(s[t.Start:t.End])})
	}
	return out
}

func fold(s string) string { return strings.Join(vitext.Words(s), " ") }

func foldedSet(list []string) map[string]bool {
	set := map[string]bool{}
	for _, s := range list {
		set[fold(s)] = true
	}
	return set
}

// wordSet holds single words, with accents and without.
type wordSet struct{ spelled, folded map[string]bool }

func newWordSet(list []string) wordSet {
	set := wordSet{map[string]bool{}, foldedSet(list)}
	for _, s := range list {
		for _, w := range readings(s) {
			set.spelled[w.spelled] = true
		}
	}
	return set
}

// has reports whether w is in the set: with its accents where its part of the
// text has them.
func (s wordSet) has(w word) bool {
	if w.strict {
		return s.spelled[w.spelled]
	}
	return s.folded[w.folded]
}
