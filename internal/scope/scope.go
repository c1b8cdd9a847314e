// Package scope tells, before any agency is looked for, whether a text is one
// for this system at all: whether it is a complaint or a denunciation that
// another law governs, belongs to another channel, cannot be understood, or is
// junk; whether it accuses a named body or official; and whether it asks for
// several things at once.
//
// The judgement is a plain sum. Phrases found in the text and a few properties
// of its shape each add a weight to a verdict; phrases of proposals add to
// being in scope; the sums become probabilities by softmax. All phrases and
// weights are data that people can read and change. Whatever is not clearly
// out of scope is in scope: a wrong suggestion costs a coordinator a look, but
// it also costs a proposal its agency until then.
//
// Everything is pure, deterministic and safe for concurrent use, and takes
// time proportional to the text, of which no more than vitext.MaxWords words
// are read.
package scope

import (
	"errors"
	"fmt"
	"slices"

	"hienke/internal/civic"
)

// Input is a text to judge. Neither part needs to be normalised.
type Input struct{ Title, Body string }

// Verdict is a suggestion with its reasons.
type Verdict struct {
	Scope civic.Scope
	// Confidence is the probability of Scope, 0 to 1.
	Confidence float64
	// Channel is the code of the channel that the text belongs to, empty where
	// there is none to name.
	Channel string
	// Words told most for Scope, the heaviest first, as the text spells them.
	Words []string
	// Accuses tells that the text says of a named body or official that it
	// broke the law or its duty. It does not depend on Scope.
	Accuses bool
	// Accused are those names as the text spells them.
	Accused []string
	// Several are the beginnings of the separate requests of a text that asks
	// for several things, empty for one request.
	Several []string
}

// Config is everything that a judge knows.
type Config struct {
	Cues     []Cue
	Features []Feature
	// Biases are where each verdict starts; civic.InScope is usually 0.
	Biases map[civic.Scope]float64
	// Least is the probability from which a text is set apart, 0 to 1.
	Least float64
	// TitleFactor multiplies what is found in the title.
	TitleFactor float64
	// Shorthand spells out what people abbreviate in short messages: one word
	// to one or several.
	Shorthand map[string]string
	Accusing  Accusing
	Asking    Asking
}

// Cue is a group of phrases that mean the same for the judgement. The phrases
// of a group found in a text count once, each further one half of the one
// before.
type Cue struct {
	Group  string // names the cue in errors
	Scope  civic.Scope
	Weight float64 // zero: the phrases only hide shorter ones within them
	// Channel is where such a text belongs, for cues that know it.
	Channel string
	// Own says that the cue counts only in texts that are told in the first
	// person or accuse somebody by name: laws speak of complaints, too.
	Own bool
	// Within, if above 0, says that the cue counts only in texts of at most so
	// many words: a long text that mentions a fire is no call for help.
	Within int
	// Accuses marks acts that nobody may be said lightly to have done; Persons
	// those that are misconduct of a person and mere criticism of a body.
	Accuses, Persons bool
	Phrases          []string
	// Near, if there are any, are phrases of which one must stand within seven
	// words of the phrase, in the same sentence: "nhận" near "triệu".
	Near []string
}

// Feature gives the weight of a property of the text's shape; see shape.go for
// the names.
type Feature struct {
	Name   string
	Scope  civic.Scope
	Weight float64
}

// Accusing is what the search for accusations knows.
type Accusing struct {
	// Titles stand before a person's name ("ông"), Offices are posts that a
	// name follows or precedes ("trưởng phòng"), Bodies begin the names of
	// public bodies ("sở", "công an").
	Titles, Offices, Bodies []string
	// Public are other words of public life: where one stands, somebody named
	// with a mere title is taken for an official.
	Public []string
	// Surnames tell names in texts without capitals, and Middles, which follow
	// them, where nothing else says that a name comes.
	Surnames, Middles []string
	// Agencies are full names and aliases of agencies. One of a single word
	// counts only in exactly these letters.
	Agencies []string
	// Hedges before an act say that it is not reported but feared, fought or
	// forbidden. Addressing before a body says that it is asked, not accused.
	Hedges, Addressing []string
	// Negations are hedges that reach no further than the next comma.
	Negations []string
	// Neutral are words that only look like a body or a hedge: "thị trường".
	Neutral []string
	// Charges before a name say that it is accused, whatever stands around it.
	Charges []string
}

// Asking is what the search for several requests knows.
type Asking struct {
	Requests []string // verbs of asking
	Ordinals []string // words that begin a further item
	Common   []string // words that say nothing about the subject
}

// Judge judges texts. A nil Judge takes everything for in scope.
type Judge struct {
	config   Config
	biases   map[civic.Scope]float64
	cues     *trie[int]  // index of the cue
	near     *trie[int]  // what must stand near, by the same index
	self     *trie[bool] // words that speak of the writer; false: only look like it
	marks    *trie[mark] // what is looked for beside the cues
	features map[string][]Feature
	short    map[string][]reading
	common   map[string]bool
	surnames wordSet
	middles  wordSet
	acronyms map[string]bool // agency names of one word, in exactly these letters
}

// mark is a role that a phrase plays in accusations and requests.
type mark uint8

const (
	markTitle mark = iota
	markOffice
	markBody
	markAgency
	markHedge
	markAddressing
	markCharge
	markRequest
	markOrdinal
	markPublic
	markNeutral
	markNegation
)

// self are the words by which people speak of themselves.
var self = []string{
	"tôi", "em", "cháu", "nhà mình", "cho mình", "bên mình", "mình là", "mình bị", "mình muốn", "mình xin", "mình hỏi", "mình có", "mình đã", "mình đang",
	"mình nộp", "mình thấy", "mình mới", "mình mua", "mình không", "e bị", "e hỏi", "e muốn", "e xin", "e đang", "e là", "cho e",
	"của e", "e mới", "e có", "e làm", "e phải", "e nộp", "e vay", "e khiếu nại", "e mua", "e không", "nhờ e", "giúp e",
	"I", "my", "me", "we", "our",
}

// notSelf are words that only hold one of self.
var notSelf = []string{
	"trẻ em", "anh em", "chị em", "anh chị em", "các em", "đàn em", "em ruột", "con cháu", "cháu ruột", "cháu nội", "cháu ngoại", "các cháu", "bầy tôi",
}

// ErrConfig is wrapped by every error about a bad configuration.
var ErrConfig = errors.New("bad scope configuration")

// New checks and compiles a configuration. The error names everything that is
// wrong with it.
func New(c Config) (*Judge, error) {
	j := &Judge{
		config: c, biases: c.Biases, cues: newTrie[int](), near: newTrie[int](), self: newTrie[bool](), marks: newTrie[mark](), features: map[string][]Feature{},
		short: map[string][]reading{}, common: foldedSet(c.Asking.Common), surnames: newWordSet(c.Accusing.Surnames),
		middles: newWordSet(c.Accusing.Middles), acronyms: map[string]bool{},
	}
	var problems []error
	bad := func(format string, args ...any) {
		problems = append(problems, fmt.Errorf("%w: %s", ErrConfig, fmt.Sprintf(format, args...)))
	}
	j.cues.exact = true
	for i, cue := range c.Cues {
		if !cue.Scope.Valid() {
			bad("cue %s: the verdict %q is unknown", cue.Group, cue.Scope)
		}
		for _, p := range cue.Phrases {
			if err := j.cues.add(p, i); err != nil {
				bad("cue %s: %v", cue.Group, err)
			}
		}
		for _, p := range cue.Near {
			if err := j.near.add(p, i); err != nil {
				bad("cue %s: %v", cue.Group, err)
			}
		}
	}
	for _, f := range c.Features {
		if !slices.Contains(featureNames, f.Name) || !f.Scope.Valid() {
			bad("feature %s for %q is unknown", f.Name, f.Scope)
		}
		j.features[f.Name] = append(j.features[f.Name], f)
	}
	if c.Least <= 0 || c.Least >= 1 || c.TitleFactor <= 0 {
		bad("the least probability or the title's factor is out of range")
	}
	for word, means := range c.Shorthand {
		j.short[fold(word)] = readings(means)
	}
	if err := j.addMarks(); err != nil {
		bad("%v", err)
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return j, nil
}

func (j *Judge) addMarks() error {
	a, q := j.config.Accusing, j.config.Asking
	var several []string
	for _, name := range a.Agencies {
		if len(readings(name)) == 1 {
			j.acronyms[name] = true
			continue
		}
		several = append(several, name)
	}
	var problems []error
	for own, phrases := range map[bool][]string{true: self, false: notSelf} {
		for _, p := range phrases {
			problems = append(problems, j.self.add(p, own))
		}
	}
	for m, phrases := range [][]string{
		markTitle: a.Titles, markOffice: a.Offices, markBody: a.Bodies, markAgency: several, markHedge: a.Hedges,
		markAddressing: a.Addressing, markCharge: a.Charges, markRequest: q.Requests, markOrdinal: q.Ordinals,
		markPublic: a.Public, markNeutral: a.Neutral, markNegation: a.Negations,
	} {
		for _, p := range phrases {
			if err := j.marks.add(p, mark(m)); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return errors.Join(problems...)
}
