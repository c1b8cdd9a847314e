package search

import (
	"strings"
	"unicode/utf8"

	"hienke/internal/vitext"
)

// Limits of what is read as words.
const (
	// MaxTerms is how many words of a query count. Meilisearch looks at no
	// more than ten, so neither does any other engine.
	MaxTerms = 10
	// maxQueryBytes is how much of a query's text is read at all: about a
	// thousand Vietnamese letters.
	maxQueryBytes = 2000
	// maxWordBytes cuts overlong words, in documents and queries alike. The
	// longest Vietnamese syllable has seven letters; this leaves room for
	// chemistry and for web addresses run together.
	maxWordBytes = 64
	// minPrefix is the number of letters from which the last word of a query
	// matches as the beginning of a word; one letter begins nearly everything.
	minPrefix = 2
)

// Word is one word of a text in the two forms that are indexed beside each
// other.
type Word struct {
	Folded string // lower case, no accents: "duong"
	Exact  string // lower case, accents as written, tone mark in its modern place: "đường"
}

// Accented reports whether the word carries accents, so that its exact form
// says more than the folded one.
func (w Word) Accented() bool { return w.Exact != w.Folded }

// Words returns the words of a text in order. It is what engines must index,
// so that both cut and fold alike and as queries are cut.
func Words(text string) []Word {
	lower := strings.ToLower(vitext.Normalize(text))
	tokens := vitext.Tokens(lower)
	words := make([]Word, len(tokens))
	for i, t := range tokens {
		words[i] = Word{Folded: cutWord(t.Text), Exact: cutWord(lower[t.Start:t.End])}
	}
	return words
}

// cutWord bounds the length of a word without cutting through a letter.
func cutWord(word string) string {
	if len(word) <= maxWordBytes {
		return word
	}
	end := maxWordBytes
	for !utf8.RuneStart(word[end]) {
		end--
	}
	return word[:end]
}

// Term is one word of a query.
type Term struct {
	Word
	// Prefix tells that words which begin like this one match too. Only the
	// last term may have it.
	Prefix bool
}

// Letters is the length of the folded word, by which typo help is decided.
func (t Term) Letters() int { return utf8.RuneCountInString(t.Folded) }

// ParseText reads what a person typed, knowing no names. See Thesaurus.Parse.
func ParseText(text string) []Term {
	var none *Thesaurus
	return Terms(none.Parse(text))
}

// endsInWord reports whether the last sign of text belongs to a word, so that
// the writer may still be at it.
func endsInWord(text string) bool {
	text = vitext.Normalize(text)
	_, size := utf8.DecodeLastRuneInString(text)
	return len(vitext.Words(text[len(text)-size:])) > 0
}

// formWords are words that hold sentences together and say little about a
// subject, with their accents and, for those who type none, without. A word
// with other accents is another word: đến is one, đèn is not. Even so some
// stand for others too (cho: for, market), which is why they are left out only
// where something has to be.
var formWords = func() map[string]bool {
	const list = `và của là các những một cho để được trong với về có không này đó khi thì mà ở từ đến tại bởi
		theo như nếu do đã đang sẽ cũng rất hay hoặc nhưng vì nên ra vào lên xuống bị phải cần tôi em anh chị chúng
		xin hỏi kính thưa gửi nào gì sao thế ai đâu việc người sự cái con đề nghị the of and to in for a an is are on`
	set := make(map[string]bool)
	for _, w := range Words(list) {
		set[w.Exact], set[w.Folded] = true, true
	}
	return set
}()
