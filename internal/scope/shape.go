package scope

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The properties of a text's shape that a configuration may weigh.
const (
	featureEmpty       = "empty"       // no word that could be one
	featureTiny        = "tiny"        // 1 to 4 different real words
	featureShort       = "short"       // 5 to 9
	featureLinkOnly    = "link_only"   // a link and hardly anything beside it
	featureLink        = "link"        // it has a link
	featurePhone       = "phone"       // it has a telephone number
	featureNoise       = "noise"       // most words are no words: random letters
	featureRepeated    = "repeated"    // the same few words again and again
	featureSymbols     = "symbols"     // more digits and signs than letters
	featureStretched   = "stretched"   // a sign or letter five times in a row
	featureShouting    = "shouting"    // all in capitals, with a word of ten or more
	featureAccuses     = "accuses"     // a named body or official is accused
	featureImpersonal  = "impersonal"  // not told in the first person
	featureUnproposing = "no_proposal" // no cue speaks for being in scope
)

var featureNames = []string{
	featureEmpty, featureTiny, featureShort, featureLinkOnly, featureLink, featurePhone, featureNoise, featureRepeated,
	featureSymbols, featureStretched, featureShouting, featureAccuses, featureImpersonal, featureUnproposing,
}

// Bounds of the properties. They were chosen on the development set, where the
// shortest real proposals have about twenty words.
const (
	tinyWords     = 4
	shortWords    = 9
	noiseShare    = 0.5 // of words that are none
	repeatedWords = 12  // shorter texts repeat by chance
	repeatedShare = 0.3 // of different words among all
	shoutedWords  = 10
	beside        = 5 // words that may stand beside a link that is the whole text
)

var (
	link  = regexp.MustCompile(`(?i)(https?://|www\.)\S+|\b[a-z0-9-]+\.(com|net|vn|org|top|xyz|vip|club|example|bet|info|cc|io)(/\S*)?\b`)
	phone = regexp.MustCompile(`(\+84|\b0)[ .-]?\d{2,3}[ .-]?\d{3}[ .-]?\d{3,4}\b`)
)

// shape returns the names of the properties that a text has.
func (x *text) shape() []string {
	links := link.FindAllString(x.raw, -1)
	plain := link.ReplaceAllString(x.raw, " ")
	different, real, fake := map[string]bool{}, 0, 0
	for _, w := range readings(plain) {
		if isWord(w.folded) {
			different[w.folded] = true
			real++
		} else {
			fake++
		}
	}
	var has []string
	note := func(name string, holds bool) {
		if holds {
			has = append(has, name)
		}
	}
	n := len(different)
	note(featureEmpty, n == 0)
	noise := fake > 1 && float64(fake) > noiseShare*float64(real+fake)
	note(featureNoise, noise)
	note(featureTiny, n >= 1 && n <= tinyWords && !noise)
	note(featureShort, n > tinyWords && n <= shortWords && !noise)
	note(featureLink, len(links) > 0)
	note(featureLinkOnly, len(links) > 0 && n <= beside)
	note(featurePhone, phone.MatchString(x.raw))
	note(featureRepeated, real >= repeatedWords && float64(n) < repeatedShare*float64(min(real, 40)))
	letterCount, signs := counts(plain)
	note(featureSymbols, signs > letterCount && signs > 10)
	note(featureStretched, stretched(x.raw))
	note(featureShouting, len(x.words) >= shoutedWords && !x.cased && x.words[0].capital)
	note(featureImpersonal, !x.personal)
	return has
}

func counts(s string) (letters, signs int) {
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !unicode.IsSpace(r) && !unicode.IsMark(r):
			signs++
		}
	}
	return letters, signs
}

// letters counts the different letters of a word.
func letters(w string) int {
	seen := map[rune]bool{}
	for _, r := range w {
		seen[r] = true
	}
	return len(seen)
}

// stretched reports whether something stands five times in a row that nobody
// writes five times: not a dot or a dash, with which people leave gaps.
func stretched(s string) bool {
	last, run := rune(0), 0
	for _, r := range s {
		if r != last {
			last, run = r, 0
		}
		if run++; run >= 5 && !unicode.IsSpace(r) && !unicode.IsDigit(r) && !strings.ContainsRune(".…-_=*", r) {
			return true
		}
	}
	return false
}

// keyRows are where fingers run along when nothing is meant.
var keyRows = []string{"qwertyuiop", "asdfghjkl", "zxcvbnm", "poiuytrewq", "lkjhgfdsa", "mnbvcxz"}

const (
	keyRun        = 4 // neighbouring keys in a row
	longestWord   = 22
	consonantsRow = 4 // English has few such words, Vietnamese none
)

// isWord reports whether a folded word could be one, of whatever language:
// short enough, pronounceable, no run of neighbouring keys.
func isWord(w string) bool {
	n := utf8.RuneCountInString(w)
	if n > longestWord || !strings.ContainsFunc(w, unicode.IsLetter) {
		return false
	}
	run, vowels, same := 0, 0, 0
	last := rune(0)
	for _, r := range w {
		if r == last {
			same++
		} else {
			last, same = r, 1
		}
		if same > 2 {
			return false
		}
		if r < utf8.RuneSelf && !strings.ContainsRune("aeiouy", r) {
			if run++; run >= consonantsRow {
				return false
			}
			continue
		}
		run = 0
		vowels++
	}
	if vowels == 0 && n > 4 || n > 5 && letters(w) < 3 { // shorter ones are abbreviations; "hahaha"
		return false
	}
	return !slices.ContainsFunc(keyRows, func(row string) bool {
		for i := 0; i+keyRun <= len(row); i++ {
			if run := row[i : i+keyRun]; run != "erty" && strings.Contains(w, run) { // liberty, property
				return true
			}
		}
		return false
	})
}
