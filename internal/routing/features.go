package routing

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"hienke/internal/vitext"
)

// maxFeatures is how many different words and phrases are read of a text, the
// first ones.
const maxFeatures = 16_384

// titleWeight is how often the first line, the title, counts besides its place
// in the text.
const titleWeight = 2

// longestPhrase bounds phrases, in words.
const longestPhrase = 3

// phraseWords returns how many words in a row are read as a phrase: two, and
// three where words are syllables as in Vietnamese, so that a phrase reaches
// beyond one word there too. Syllables have 3.2 letters on average, English
// words 4.8. Three words of English only made room for chance; four gained
// nothing in either language.
func phraseWords(examples []Example) int {
	const syllable = 4.0 // letters
	var words, letters int
	for _, e := range examples {
		for _, w := range vitext.Words(vitext.Bound(e.Text)) {
			words++
			letters += min(len(w), vitext.MaxWordLength)
		}
	}
	if float64(letters) < syllable*float64(words) {
		return 3
	}
	return 2
}

// feature is a word or a phrase of one text.
type feature struct {
	hash       uint32
	phrase     bool                  // several words in a row
	of         [longestPhrase]uint32 // the hashes of a phrase's words
	count      float64
	start, end int // where the text has it first, in bytes
}

// readFeatures takes a text apart into stemmed folded words and phrases of up to
// longest words, in ascending order of hash. Places are exact on request only, since training
// has no use for them.
func readFeatures(text string, longest int, places bool) []feature {
	title, _, _ := strings.Cut(text, "\n")
	index := make(map[uint32]int, 512)
	var features []feature
	add := func(f feature) {
		i, seen := index[f.hash]
		if !seen {
			if len(features) == maxFeatures {
				return
			}
			i = len(features)
			index[f.hash] = i
			features = append(features, f)
			return
		}
		features[i].count += f.count
	}
	var before [longestPhrase - 1]feature // the last words, the nearest first
	for n, tok := range tokens(text, places) {
		if n == vitext.MaxWords {
			break
		}
		weight := 1.0
		if tok.Start < len(title) {
			weight += titleWeight
		}
		word := feature{hash: hashWord(stem(tok.Text)), count: weight, start: tok.Start, end: tok.End}
		add(word)
		phrase := word
		phrase.phrase, phrase.of[0] = true, word.hash
		for back := range min(n, longest-1) {
			phrase.hash = hashPair(before[back].hash, phrase.hash)
			phrase.of[back+1], phrase.start = before[back].hash, before[back].start
			add(phrase)
		}
		copy(before[1:], before[:])
		before[0] = word
	}
	slices.SortFunc(features, func(a, b feature) int { return cmp.Compare(a.hash, b.hash) })
	return features
}

// tokens returns the words of a text. Without offsets it is cheaper and only
// tells title from body.
func tokens(text string, offsets bool) []vitext.Token {
	if offsets {
		return vitext.Tokens(text)
	}
	title, body, _ := strings.Cut(text, "\n")
	first, rest := vitext.Words(title), vitext.Words(body)
	out := make([]vitext.Token, 0, len(first)+len(rest))
	for _, w := range first {
		out = append(out, vitext.Token{Text: w})
	}
	for _, w := range rest {
		out = append(out, vitext.Token{Text: w, Start: len(title)})
	}
	return out
}

// stem cuts endless words and takes the English plural off. Vietnamese
// syllables never end in s, so it need not know the language.
func stem(w string) string {
	if len(w) > vitext.MaxWordLength {
		w = w[:vitext.MaxWordLength]
	}
	switch n := len(w); {
	case n > 4 && strings.HasSuffix(w, "ies"):
		return w[:n-3] + "y"
	case n > 3 && w[n-1] == 's' && w[n-2] != 's':
		return w[:n-1]
	}
	return w
}

// hashWord is 32-bit FNV-1a. The hashes are part of stored models.
func hashWord(w string) uint32 {
	h := uint32(2166136261)
	for i := range len(w) {
		h ^= uint32(w[i])
		h *= 16777619
	}
	return h
}

// hashPair hashes a word and what follows it.
func hashPair(a, b uint32) uint32 {
	x := uint64(a)<<32 | uint64(b)
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return uint32(x >> 32)
}

// vector is a text as the model sees it: indexes of known features in the
// order of their hashes, with weights of length 1 together.
type vector struct {
	features []int32
	values   []float32
	// wordScale stretches the weights of the words so that they alone, times
	// emphasis, have length 1.
	wordScale float32
}

// vocabulary is the features a model knows: first the words, then the phrases.
type vocabulary struct {
	hashes []uint32 // ascending in each part
	idf    []float32
	words  int // how many of them are words
	phrase int // words of the longest phrase that is read
	index  map[uint32]int32
}

// vector weighs the known features of a text: the logarithm of how often it
// has them by a power of how few texts do (idf). The power is 1.5, and 2 among
// words alone; see emphasis. Higher than the usual 1, it sets what a text is
// about so far above how people write that a few hundred examples suffice.
// places[i] is the feature of the text that is the i-th of the vector.
func (v *vocabulary) vector(features []feature) (x vector, places []feature) {
	var all, words float64
	for _, f := range features {
		i, known := v.index[f.hash]
		if !known {
			continue
		}
		idf := float64(v.idf[i])
		w := (1 + math.Log(f.count)) * idf * math.Sqrt(idf)
		all += w * w
		if int(i) < v.words {
			words += w * w * idf
		}
		x.features = append(x.features, i)
		x.values = append(x.values, float32(w))
		places = append(places, f)
	}
	scale := float32(1 / math.Sqrt(max(all, 1e-12)))
	for i := range x.values {
		x.values[i] *= scale
	}
	x.wordScale = float32(math.Sqrt(all / max(words, 1e-12)))
	if words == 0 {
		x.wordScale = 0
	}
	return x, places
}

// emphasis is how much more a word weighs where words stand alone.
func (v *vocabulary) emphasis(word int) float32 { return float32(math.Sqrt(float64(v.idf[word]))) }

func (v *vocabulary) buildIndex() {
	v.index = make(map[uint32]int32, len(v.hashes))
	for i, h := range v.hashes {
		v.index[h] = int32(i)
	}
}
