package search

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"hienke/internal/vitext"
)

// Synonyms are names that stand for the same thing: an abbreviation and what it
// is short for, an old name and the present one.
type Synonyms struct {
	// Names find each other.
	Names []string
	// Capitals find Names, but only when typed in capitals, and are not looked
	// for: "AI" is a name, and "ai" a common word.
	Capitals []string
	// Also is found by Names and Capitals, and does not find them: who asks for
	// a ministry that was merged asks for its successor too, but not the other
	// way about.
	Also []string
}

// maxOthers bounds what one name stands for: each costs every query that has
// the name.
const maxOthers = 24

// Thesaurus knows which names stand for the same. The nil Thesaurus knows none.
// It is read-only and safe for concurrent use.
type Thesaurus struct {
	byFirst map[string][]Name // by the first folded word, the longest first
	names   []Name
}

// Name is a name that the thesaurus knows.
type Name struct {
	Words    []Word
	Others   [][]Word // what stands for the same
	Written  []string // Others as people write them
	capitals bool     // known in capitals alone
}

// Key tells the names of one thesaurus apart.
func (n Name) Key() string { return joinExact(n.Words) }

// Texts are the name and what stands for the same, folded.
func (n Name) Texts() []string {
	out := []string{joinFolded(n.Words)}
	for _, words := range n.Others {
		out = append(out, joinFolded(words))
	}
	return out
}

// NewThesaurus reads the rows, and reports everything that is wrong with them.
// A name that stands in several rows has what all of them say.
func NewThesaurus(rows []Synonyms) (*Thesaurus, []error) {
	t := &Thesaurus{byFirst: map[string][]Name{}}
	at := map[string]int{}
	var problems []error
	for _, row := range rows {
		all := slices.Concat(row.Names, row.Also)
		for i, name := range slices.Concat(row.Names, row.Capitals) {
			n := Name{Words: Words(name), capitals: i >= len(row.Names)}
			if len(n.Words) == 0 || len(n.Words) > MaxTerms {
				problems = append(problems, fmt.Errorf("%q is not of 1 to %d words", name, MaxTerms))
				continue
			}
			k, there := at[n.Key()]
			if !there {
				k = len(t.names)
				at[n.Key()] = k
				t.names = append(t.names, n)
			}
			for _, other := range all {
				t.names[k].add(other)
			}
		}
	}
	for _, n := range t.names {
		if len(n.Others) == 0 || len(n.Others) > maxOthers {
			problems = append(problems, fmt.Errorf("%q stands for %d other names, not for 1 to %d", n.Key(), len(n.Others), maxOthers))
		}
		first := n.Words[0].Folded
		t.byFirst[first] = append(t.byFirst[first], n)
	}
	for _, names := range t.byFirst {
		slices.SortStableFunc(names, func(a, b Name) int { return len(b.Words) - len(a.Words) })
	}
	return t, problems
}

// add notes another name, unless it is the name itself or known by now. Names
// that differ in accents alone are looked for as one.
func (n *Name) add(written string) {
	words := Words(written)
	same := func(other []Word) bool { return joinFolded(other) == joinFolded(words) }
	if len(words) > 0 && !same(n.Words) && !slices.ContainsFunc(n.Others, same) {
		n.Others, n.Written = append(n.Others, words), append(n.Written, written)
	}
}

func joinFolded(words []Word) string {
	return join(words, func(w Word) string { return w.Folded })
}

func joinExact(words []Word) string {
	return join(words, func(w Word) string { return w.Exact })
}

func join(words []Word, form func(Word) string) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = form(w)
	}
	return strings.Join(out, " ")
}

// Names lists every name.
func (t *Thesaurus) Names() []Name {
	if t == nil {
		return nil
	}
	return t.names
}

// at returns the longest name that words begin with. A word typed with accents
// must have those of the name; raw are the words as they were typed.
func (t *Thesaurus) at(words []Word, raw []string) (Name, bool) {
	if t == nil {
		return Name{}, false
	}
	for _, n := range t.byFirst[words[0].Folded] {
		if len(n.Words) <= len(words) && n.is(words, raw) {
			return n, true
		}
	}
	return Name{}, false
}

func (n Name) is(words []Word, raw []string) bool {
	for i, w := range n.Words {
		typed := words[i]
		if typed.Folded != w.Folded || typed.Accented() && typed.Exact != w.Exact {
			return false
		}
		if n.capitals && (i >= len(raw) || strings.ContainsFunc(raw[i], unicode.IsLower)) {
			return false
		}
	}
	return true
}

// Part is what a query asks for as one: a word, or a name that has others.
type Part struct {
	// Terms are the words as typed. Those of a name belong beside each other.
	Terms []Term
	// Name is what the thesaurus knows of them; without Others it is no name.
	Name Name
}

// Named reports whether the part is a name that others stand for.
func (p Part) Named() bool { return len(p.Name.Others) > 0 }

// Parse reads what a person typed: at most MaxTerms terms in their order, each
// once, names in one part. Of more words those that say little are left out and
// then, if there are still too many, the last ones.
func (t *Thesaurus) Parse(text string) []Part {
	if len(text) > maxQueryBytes {
		text = strings.ToValidUTF8(text[:maxQueryBytes], "")
	}
	words, raw := Words(text), rawWords(text)
	seen := map[string]bool{}
	var parts []Part
	for i := 0; i < len(words); {
		part := Part{Terms: []Term{{Word: words[i]}}}
		if name, known := t.at(words[i:], raw[min(i, len(raw)):]); known {
			part.Name = name
			for _, w := range words[i+1 : i+len(name.Words)] {
				part.Terms = append(part.Terms, Term{Word: w})
			}
		} else if i == len(words)-1 && endsInWord(text) && part.Terms[0].Letters() >= minPrefix {
			part.Terms[0].Prefix = true
		}
		i += len(part.Terms)
		if key := part.folded(); !seen[key] {
			seen[key] = true
			parts = append(parts, part)
		}
	}
	return mostTelling(parts)
}

// rawWords are the words of a text with their capitals.
func rawWords(text string) []string {
	text = vitext.Normalize(text)
	tokens := vitext.Tokens(text)
	out := make([]string, len(tokens))
	for i, tok := range tokens {
		out[i] = text[tok.Start:tok.End]
	}
	return out
}

func (p Part) folded() string {
	words := make([]string, len(p.Terms))
	for i, t := range p.Terms {
		words[i] = t.Folded
	}
	return strings.Join(words, " ")
}

// Plain returns the words of the parts one by one, each once, as if no name
// were known.
func Plain(parts []Part) []Part {
	var out []Part
	seen := map[string]bool{}
	for _, t := range Terms(parts) {
		if !seen[t.Folded] {
			seen[t.Folded] = true
			out = append(out, Part{Terms: []Term{t}})
		}
	}
	return out
}

// HasNames reports whether any part is a name.
func HasNames(parts []Part) bool { return slices.ContainsFunc(parts, Part.Named) }

// Terms returns the words of the parts, in order.
func Terms(parts []Part) []Term {
	var out []Term
	for _, p := range parts {
		out = append(out, p.Terms...)
	}
	return out
}

// mostTelling cuts parts down to MaxTerms terms.
func mostTelling(parts []Part) []Part {
	if len(Terms(parts)) <= MaxTerms {
		return parts
	}
	telling := slices.DeleteFunc(slices.Clone(parts), func(p Part) bool { return !p.Named() && formWords[p.Terms[0].Exact] })
	if len(telling) == 0 {
		telling = parts
	}
	n := 0
	for i, p := range telling {
		if n += len(p.Terms); n > MaxTerms {
			return telling[:i]
		}
	}
	return telling
}
