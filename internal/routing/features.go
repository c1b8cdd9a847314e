package routing

import (
	"math"
	"slices"
	"strings"

	"hienke/internal/vitext"
)

// maxFeatures is how many different words and pairs are read of a text, the
// first ones.
const maxFeatures = 8_192

// titleWeight is how often the first line, the title, counts besides its place
// in the text.
const titleWeight = 1

// feature is a word or a pair of words of one text.
type feature struct {
	hash    uint32
	count   float64
	surface string // as the text has it first, in lower case with accents
}

// readFeatures takes a text apart into stemmed folded words and pairs of them,
// in ascending order of hash. Surfaces are filled in on request, since training
// has no use for them.
func readFeatures(text string, surfaces bool) []feature {
	text = vitext.Bound(text)
	title, _, _ := strings.Cut(text, "\n")
	index := make(map[uint32]int, 256)
	var features []feature
	add := func(hash uint32, weight float64, from, to int) {
		i, seen := index[hash]
		if !seen {
			if len(features) == maxFeatures {
				return
			}
			i = len(features)
			index[hash] = i
			features = append(features, feature{hash: hash})
			if surfaces {
				features[i].surface = vitext.Surface(text[from:to])
			}
		}
		features[i].count += weight
	}
	var before uint32
	start := 0 // of the word before
	for n, tok := range tokens(text, surfaces) {
		if n == vitext.MaxWords {
			break
		}
		weight := 1.0
		if tok.Start < len(title) {
			weight += titleWeight
		}
		h := hashWord(stem(tok.Text))
		add(h, weight, tok.Start, tok.End)
		if n > 0 {
			add(hashPair(before, h), weight, start, tok.End)
		}
		before, start = h, tok.Start
	}
	slices.SortFunc(features, func(a, b feature) int { return int(int64(a.hash) - int64(b.hash)) })
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

// hashPair hashes an ordered pair of words.
func hashPair(a, b uint32) uint32 {
	x := uint64(a)<<32 | uint64(b)
	x ^= x >> 30
	x *= 0xbf58476d1ce4e5b9
	x ^= x >> 27
	x *= 0x94d049bb133111eb
	return uint32(x >> 32)
}

// vector is a text as the model sees it: indexes of known features, ascending,
// with sublinear TF-IDF weights of length 1 together.
type vector struct {
	features []int32
	values   []float32
}

// vocabulary is the features a model knows.
type vocabulary struct {
	hashes []uint32 // ascending
	idf    []float32
	index  map[uint32]int32
}

// vector weighs the known features of a text; surfaces[i], if asked for with
// readFeatures, belongs to the i-th feature of the vector.
func (v *vocabulary) vector(features []feature) (x vector, surfaces []string) {
	norm := 0.0
	for _, f := range features {
		i, known := v.index[f.hash]
		if !known {
			continue
		}
		w := (1 + math.Log(f.count)) * float64(v.idf[i])
		norm += w * w
		x.features = append(x.features, i)
		x.values = append(x.values, float32(w))
		surfaces = append(surfaces, f.surface)
	}
	scale := float32(1 / math.Sqrt(max(norm, 1e-12)))
	for i := range x.values {
		x.values[i] *= scale
	}
	return x, surfaces
}
