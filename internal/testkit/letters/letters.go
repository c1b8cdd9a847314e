// Package letters writes letters to authorities that nobody sent, as many as a
// measurement needs: real ones are not public in such numbers. What matters for
// finding similar ones is as in real text. Words come by Zipf's law; a letter
// mixes one or two of several hundred subjects with the words that all letters
// have; most words are rare ones; 5 in 100 letters are near copies of an
// earlier one, and 10 in 100 the same campaign letter.
package letters

import (
	"math"
	"math/rand/v2"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Letter is one letter.
type Letter struct {
	Title, Body string // a title of 6 to 12 words and a body of 150 to 250
}

// Shares of what is not written anew.
const (
	CampaignShare = 0.10
	CopyShare     = 0.05
)

// Sizes of the vocabulary.
const (
	subjectCount = 400     // neighbourhoods of words
	subjectWords = 150     // words in each
	compounds    = 8_000   // words of two syllables that subjects draw from
	rareWords    = 300_000 // names, places, slips: what occurs in a few letters
)

// Writer writes letters. It is read-only after New and safe for concurrent use.
type Writer struct {
	seed     uint64
	subjects [][]string
	rare     []string
	official ranks
	linking  ranks
	subject  ranks
	tail     ranks
}

// New prepares a writer. The same seed gives the same letters.
func New(seed uint64) *Writer {
	r := rand.New(rand.NewPCG(seed, 1))
	pair := func() string { return syllable(r) + " " + syllable(r) }
	pool := make([]string, compounds)
	for i := range pool {
		pool[i] = pair()
	}
	w := &Writer{
		seed: seed, rare: make([]string, rareWords), subjects: make([][]string, subjectCount),
		official: zipf(len(official), 0.8), linking: zipf(len(connecting), 1), subject: zipf(subjectWords, 0.9), tail: zipf(rareWords, 0.6),
	}
	for i := range w.rare {
		w.rare[i] = pair()
	}
	for i := range w.subjects {
		words := append([]string(nil), subjects[i%len(subjects)]...)
		r.Shuffle(len(words), func(a, b int) { words[a], words[b] = words[b], words[a] })
		for len(words) < subjectWords {
			words = append(words, pool[r.IntN(len(pool))])
		}
		w.subjects[i] = words
	}
	return w
}

// ranks are the cumulated chances of the words of a list.
type ranks []float64

// zipf gives the n-th word a chance of 1/n^s.
func zipf(n int, s float64) ranks {
	out, sum := make(ranks, n), 0.0
	for i := range out {
		sum += math.Pow(float64(i+1), -s)
		out[i] = sum
	}
	return out
}

func (k ranks) pick(r *rand.Rand) int {
	return min(sort.SearchFloat64s(k, r.Float64()*k[len(k)-1]), len(k)-1)
}

// Letter returns letter n of all, counting from 0.
func (w *Writer) Letter(n int) Letter {
	r := rand.New(rand.NewPCG(w.seed, uint64(n)<<1|1<<63))
	switch u := r.Float64(); {
	case u < CampaignShare:
		return w.Campaign()
	case u < CampaignShare+CopyShare && n > 0:
		return w.Copy(r.IntN(n), uint64(n))
	}
	return w.Fresh(n)
}

// Campaign returns the letter that a campaign sends.
func (w *Writer) Campaign() Letter { return w.Fresh(-1) }

// Copy returns a fresh letter with one word in thirty replaced, differently for
// each variant.
func (w *Writer) Copy(n int, variant uint64) Letter {
	l := w.Fresh(n)
	r := rand.New(rand.NewPCG(w.seed^variant, 2))
	words := strings.Fields(l.Body)
	for range max(1, len(words)/60) {
		words[r.IntN(len(words))] = syllable(r)
	}
	l.Body = strings.Join(words, " ")
	return l
}

// Fresh returns letter n as if it were neither copy nor campaign.
func (w *Writer) Fresh(n int) Letter {
	r := rand.New(rand.NewPCG(w.seed, uint64(int64(n))<<1))
	first, second := w.subjects[r.IntN(len(w.subjects))], w.subjects[r.IntN(len(w.subjects))]
	about := func() string {
		if r.Float64() < 0.25 {
			return second[w.subject.pick(r)]
		}
		return first[w.subject.pick(r)]
	}
	var title []string
	for words := 6 + r.IntN(5); words > 0; {
		word := about()
		if r.Float64() < 0.3 {
			word = connecting[w.linking.pick(r)]
		}
		title = append(title, word)
		words -= 1 + strings.Count(word, " ")
	}
	var b strings.Builder
	begin := true
	for words := 150 + r.IntN(101); words > 0; {
		word := ""
		switch u := r.Float64(); {
		case u < 0.50:
			word = connecting[w.linking.pick(r)]
		case u < 0.68:
			word = official[w.official.pick(r)]
		case u < 0.91:
			word = about()
		default:
			word = w.rare[w.tail.pick(r)]
		}
		if begin {
			word = upperFirst(word)
		}
		b.WriteString(word)
		words -= 1 + strings.Count(word, " ")
		begin = r.IntN(14) == 0 || words <= 0
		if begin {
			b.WriteString(".")
		}
		if words > 0 {
			b.WriteString(" ")
		}
	}
	return Letter{Title: upperFirst(strings.Join(title, " ")), Body: b.String()}
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}
