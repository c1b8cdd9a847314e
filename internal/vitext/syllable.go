package vitext

import (
	"strings"
	"unicode/utf8"
)

// foldedRhymes are the rhymes as they look without accents.
var foldedRhymes = func() map[string]bool {
	set := map[string]bool{}
	for rhyme := range rhymeSet {
		set[Fold(rhyme)] = true
	}
	return set
}()

// The tones that vowels lists: a closed syllable takes only these two.
const (
	acuteTone = 2
	dotTone   = 5
)

// IsSyllable reports whether a word in lower case, NFC, can be a Vietnamese
// syllable exactly as it is written: "được" and "nha" can, "đuợc", "duoc" and
// "khogn" cannot. It knows the rules and not the vocabulary, so many syllables
// that nobody uses pass; what fails is misspelt, foreign or typed without
// accents.
func IsSyllable(word string) bool {
	var plain [maxSyllable]rune
	n, tones, tone := 0, 0, int8(0)
	for _, r := range word {
		if n == maxSyllable || r >= latinLimit {
			return false
		}
		if v := toneOf[r]; v.plain != 0 {
			if v.tone > 0 {
				tones, tone = tones+1, v.tone
			}
			r = v.plain
		}
		plain[n] = r
		n++
	}
	begin, ok := splitSyllable(plain[:n])
	if !ok || tones > 1 || !spelled(plain[:n], begin) {
		return false
	}
	return !closed(plain[begin:n]) || tone == acuteTone || tone == dotTone
}

// spelled applies the rule that k, gh and ngh stand before e, ê, i and y alone,
// and c, g and ng before the other vowels.
func spelled(s []rune, begin int) bool {
	front := strings.ContainsRune("eêiy", s[begin])
	switch string(s[:begin]) {
	case "k":
		return front || s[begin] == 'a' || s[begin] == 'o' // in names: Kạn, Kon
	case "gh", "ngh":
		return front
	case "c", "ng":
		return !front
	case "g":
		return !front || s[begin] == 'i'
	}
	return true
}

// closed reports whether a rhyme ends in c, ch, p or t.
func closed(rhyme []rune) bool {
	last := rhyme[len(rhyme)-1]
	return last == 'c' || last == 'p' || last == 't' || last == 'h' && len(rhyme) > 1 && rhyme[len(rhyme)-2] == 'c'
}

// IsFoldedSyllable reports whether a folded word can be a Vietnamese syllable
// typed without accents.
func IsFoldedSyllable(word string) bool {
	if len(word) > maxSyllable {
		return false
	}
	begin := 0
	for begin < len(word) && !strings.ContainsRune("aeiouy", rune(word[begin])) {
		begin++
	}
	switch onset := word[:begin]; {
	case onset == "q" && strings.HasPrefix(word[begin:], "u"), onset == "g" && strings.HasPrefix(word[begin:], "i") && len(word) > 2 && foldedRhymes[word[2:]]:
		begin++
	case !onsetSet[onset]:
		return false
	}
	return begin < len(word) && foldedRhymes[word[begin:]]
}

// IsVietnamese reports whether folded words look like Vietnamese: at least
// seven of ten can be syllables. English words can in about three of ten.
// Numbers, abbreviations and chat spellings that Expand knows do not count.
func IsVietnamese(words []string) bool {
	letters, syllables := 0, 0
	for _, w := range words {
		if r, _ := utf8.DecodeRuneInString(w); '0' <= r && r <= '9' {
			continue
		}
		if list := expansions[w]; list != nil && len(list[len(list)-1].words) == 1 && !IsFoldedSyllable(w) {
			continue
		}
		letters++
		if IsFoldedSyllable(w) {
			syllables++
		}
	}
	return letters > 0 && syllables*10 >= letters*7
}

// finalY are the y with each tone, and finalI the i in the same order.
const (
	finalY = "yỳýỷỹỵ"
	finalI = "iìíỉĩị"
)

// Respell writes i for y where both are in use and mean the same: at the end
// of a syllable after h, k, l, m, s, t or qu, as in kỹ and kĩ, lý and lí, quý
// and quí. The word is in lower case, with accents or folded; other words are
// returned as they are.
func Respell(word string) string {
	last, size := utf8.DecodeLastRuneInString(word)
	onset := word[:len(word)-size]
	switch onset {
	case "h", "k", "l", "m", "s", "t", "qu":
	default:
		return word
	}
	place := 0
	for _, y := range finalY {
		if y == last {
			return onset + string([]rune(finalI)[place])
		}
		place++
	}
	return word
}
