package vitext

import (
	"strings"
	"unicode"
)

// vowels lists each vowel letter without a tone and then with the five tones,
// always in the same order: grave, acute, hook, tilde, dot below.
var vowels = [...]string{
	"aàáảãạ", "ăằắẳẵặ", "âầấẩẫậ", "eèéẻẽẹ", "êềếểễệ", "iìíỉĩị",
	"oòóỏõọ", "ôồốổỗộ", "ơờớởỡợ", "uùúủũụ", "ưừứửữự", "yỳýỷỹỵ",
	"AÀÁẢÃẠ", "ĂẰẮẲẴẶ", "ÂẦẤẨẪẬ", "EÈÉẺẼẸ", "ÊỀẾỂỄỆ", "IÌÍỈĨỊ",
	"OÒÓỎÕỌ", "ÔỒỐỔỖỘ", "ƠỜỚỞỠỢ", "UÙÚỦŨỤ", "ƯỪỨỬỮỰ", "YỲÝỶỸỴ",
}

// onsets are the consonants a syllable may begin with. "gi" and "qu" are
// handled in splitSyllable since their second letter looks like a vowel.
const onsets = " b c ch d đ g gh h k kh l m n ng ngh nh p ph r s t th tr v x "

// rhymes are the endings a syllable may have, without tone. Some occur only
// after qu (ynh, yt) or gi (êng).
const rhymes = " a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây " +
	"e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu " +
	"o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oem oen oeo oet oong ooc " +
	"ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uc ui um un ung up ut uân uâng uât uây uê uêch uên uênh uêt uêu uơ uơn uơt " +
	"uôc uôi uôm uôn uông uôp uôt uy uya uych uyn uynh uyt uyu uyên uyêt ư ưa ưc ưi ưm ưn ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu " +
	"y yt yn ych ynh yêm yên yêng yêt yêu "

// maxSyllable is the length of the longest syllable, nghiêng, in letters.
const maxSyllable = 7

var (
	onsetSet = fieldSet(onsets)
	rhymeSet = fieldSet(rhymes)
	toneOf   = toneTable()
)

// toned says what a vowel letter is made of.
type toned struct {
	plain rune // the letter without its tone, in the same case
	row   int8 // index into vowels
	tone  int8 // 0 is no tone
}

func fieldSet(s string) map[string]bool {
	set := map[string]bool{"": true}
	for f := range strings.FieldsSeq(s) {
		set[f] = true
	}
	return set
}

// toneTable indexes vowels by rune; plain is 0 for what is no vowel.
func toneTable() []toned {
	table := make([]toned, latinLimit)
	for row, letters := range vowels {
		rs := []rune(letters)
		for tone, r := range rs {
			table[r] = toned{plain: rs[0], row: int8(row), tone: int8(tone)}
		}
	}
	return table
}

// placeTones moves the tone mark of every plausible Vietnamese syllable in s,
// which must be NFC. It returns s itself when all marks are in place.
func placeTones(s string) string {
	var b strings.Builder
	copied := 0 // bytes of s already in b
	var word [maxSyllable]rune
	n, start, tones, nuclei := 0, 0, 0, 0
	flush := func(end int) {
		if tones == 1 && nuclei >= 2 && n <= maxSyllable && placeTone(word[:n]) {
			b.WriteString(s[copied:start])
			b.WriteString(string(word[:n]))
			copied = end
		}
		n, tones, nuclei = 0, 0, 0
	}
	for i, r := range s {
		if !toneWordRune(r) {
			if n > 0 {
				flush(i)
			}
			continue
		}
		if n == 0 {
			start = i
		}
		if n < maxSyllable {
			word[n] = r
			if r < latinLimit && toneOf[r].plain != 0 {
				nuclei++ // a single vowel has no choice, so most words end here
				tones += int(min(toneOf[r].tone, 1))
			}
		}
		n++
	}
	flush(len(s))
	if copied == 0 {
		return s
	}
	b.WriteString(s[copied:])
	return b.String()
}

// toneWordRune reports whether r belongs to a word for the placing of tones:
// a letter or a mark, since a mark that did not compose makes the word foreign.
func toneWordRune(r rune) bool {
	if r < 0x80 {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	return latinLetter(r) || unicode.IsLetter(r) || unicode.Is(unicode.M, r)
}

// placeTone moves the one tone in word to the vowel that carries it and
// reports whether anything moved. The rule, where the rhyme is what follows
// the onset:
//
//  1. ê and ơ carry the tone when there is one (thuế, người, quyển);
//  2. else ă, â, ô, ư do (quấy, muốn, cứu);
//  3. else, before a final consonant, the last vowel does (toàn, huỳnh);
//  4. else the middle one of three vowels (ngoài, khuỷu), the first of two
//     (hòa, khỏe, thúy, mía, cửa), the only one of one (quý, già).
//
// A word that is not a plausible syllable is left alone. A few foreign words
// look like syllables (Noé) and are moved as well; nothing is lost but a
// convention of their own language.
func placeTone(word []rune) bool {
	var plain, lower [maxSyllable]rune
	at, tone := -1, int8(0)
	for i, r := range word {
		plain[i] = r
		if r >= latinLimit {
			return false
		}
		if v := toneOf[r]; v.plain != 0 {
			plain[i] = v.plain
			if v.tone > 0 {
				at, tone = i, v.tone
			}
		}
		lower[i] = unicode.ToLower(plain[i])
	}
	begin, ok := splitSyllable(lower[:len(word)])
	if !ok {
		return false
	}
	to := begin + carrier(lower[begin:len(word)])
	if to == at {
		return false
	}
	row := toneOf[plain[to]].row
	word[at] = plain[at] //nolint:gosec // at is an index of word, and plain is as long
	word[to] = []rune(vowels[row])[tone]
	return true
}

// splitSyllable returns where the rhyme of a lower-case syllable without tone
// begins, and whether onset and rhyme both exist in Vietnamese.
func splitSyllable(s []rune) (begin int, ok bool) {
	for begin < len(s) && !isVowel(s[begin]) {
		begin++
	}
	onset := string(s[:begin])
	switch {
	case onset == "q" && begin+1 < len(s) && s[begin] == 'u':
		begin++
	case onset == "g" && begin+1 < len(s) && s[begin] == 'i' && isVowel(s[begin+1]):
		begin++
	case !onsetSet[onset]:
		return 0, false
	}
	return begin, begin < len(s) && rhymeSet[string(s[begin:])]
}

// carrier returns the index of the vowel in rhyme that carries the tone.
func carrier(rhyme []rune) int {
	vowelCount, strong, weak := 0, -1, -1
	for i, r := range rhyme {
		if !isVowel(r) {
			break
		}
		vowelCount++
		switch r {
		case 'ê', 'ơ':
			strong = i
		case 'ă', 'â', 'ô', 'ư':
			weak = i
		}
	}
	switch {
	case strong >= 0:
		return strong
	case weak >= 0:
		return weak
	case vowelCount < len(rhyme):
		return vowelCount - 1
	case vowelCount == 3:
		return 1
	default:
		return 0
	}
}

// isVowel reports whether r is a lower-case Vietnamese vowel without tone.
func isVowel(r rune) bool { return strings.ContainsRune("aăâeêioôơuưy", r) }
