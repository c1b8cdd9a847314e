package routing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"runtime"
	"slices"

	"hienke/internal/vitext"
)

// Example is a text with the agency that was right for it.
type Example struct {
	Text  string
	Label string
	// Weight is how much the example counts; 0 stands for 1.
	Weight float64
	// Seed marks what was not a submission but a description of the agency. It
	// is learned from, but says nothing about how sure the model may be.
	Seed bool
}

// Options adjust training. The zero value is the usual choice.
type Options struct {
	// Workers is how many classes are trained at a time; 0 means one per
	// processor. The model is the same with any number.
	Workers int
}

// Settings of training, chosen on three sets of real texts with 600 to 21,000
// examples. The figures move by less than a point when the cost is halved or
// doubled.
const (
	cost          = 1.0     // of an example on the wrong side, C of a support vector machine
	rarePower     = 0.5     // lifts the cost of rare labels: (others/own)^rarePower
	maxPasses     = 20      // over the examples per label
	tolerance     = 0.1     // largest gradient at which a label counts as trained
	maxVocabulary = 400_000 // features; the most frequent ones are kept
	fewExamples   = 200     // below this, phrases of a single example are kept
)

// ErrNoExamples is returned by Train when there is nothing to learn from.
var ErrNoExamples = errors.New("no examples to learn from")

// Train learns a model: one linear support vector machine with squared hinge
// loss per label against all others, by dual coordinate descent (Hsieh et al.,
// ICML 2008), and beside it another on features by how much they tell the label
// from others (contrast), and how like a text is to the mean text of each label,
// by all it has and by its words alone. Few examples are better used by
// likeness, many by the machine, and what is few depends on the texts; so
// held-out parts tell how much each counts (shares), and how far the sum is to be
// trusted (calibration). The sum is linear again. The result depends on the
// examples alone, not on their order. Labels with a single example work.
func Train(ctx context.Context, examples []Example, options Options) (*Model, error) {
	examples = slices.DeleteFunc(slices.Clone(examples), func(e Example) bool { return e.Label == "" })
	if len(examples) == 0 {
		return nil, ErrNoExamples
	}
	slices.SortFunc(examples, func(a, b Example) int {
		return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Text, b.Text), cmp.Compare(a.weight(), b.weight()))
	})
	if options.Workers <= 0 {
		options.Workers = runtime.GOMAXPROCS(0)
	}
	set := newTrainingSet(examples)
	shares, calibrated, err := calibrate(ctx, set, options.Workers)
	if err != nil {
		return nil, err
	}
	weights, err := set.fit(ctx, options.Workers, func(int) bool { return true })
	if err != nil {
		return nil, err
	}
	m := &Model{version: version(examples), labels: set.labels, confirmed: set.confirmed, vocabulary: set.vocabulary, calibration: calibrated}
	m.combine(weights, shares)
	return m, nil
}

func (e Example) weight() float64 {
	if e.Weight <= 0 {
		return 1
	}
	return e.Weight
}

// version hashes all that the model depends on: the examples, in order, and
// the settings.
func version(examples []Example) string {
	h := sha256.New()
	number := func(x float64) {
		var b [8]byte
		binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
		h.Write(b[:])
	}
	for _, x := range []float64{formatVersion, titleWeight, cost, rarePower, maxPasses, tolerance, maxVocabulary, fewExamples, contrastPrior, contrastPasses} {
		number(x)
	}
	for _, e := range examples {
		number(float64(len(e.Label)))
		h.Write([]byte(e.Label))
		number(float64(len(e.Text)))
		h.Write([]byte(e.Text))
		number(e.weight())
		if e.Seed {
			number(1)
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// trainingSet is the examples as vectors.
type trainingSet struct {
	vocabulary vocabulary
	labels     []string // ascending
	confirmed  []int    // per label, examples that are no seeds
	vectors    []vector
	norms      []float64 // squared lengths
	label      []int     // per example
	weight     []float64
	seed       []bool
	fold       []uint32 // per example, by the hash of its text: copies fall together
}

func newTrainingSet(examples []Example) *trainingSet {
	s := &trainingSet{}
	for _, e := range examples {
		if n := len(s.labels); n == 0 || s.labels[n-1] != e.Label {
			s.labels = append(s.labels, e.Label)
			s.confirmed = append(s.confirmed, 0)
		}
		at := len(s.labels) - 1
		s.label = append(s.label, at)
		s.weight = append(s.weight, e.weight())
		s.seed = append(s.seed, e.Seed)
		s.fold = append(s.fold, hashWord(e.Text))
		if !e.Seed {
			s.confirmed[at]++
		}
	}
	phrase := phraseWords(examples)
	features := make([][]feature, len(examples))
	for i, e := range examples {
		features[i] = readFeatures(vitext.Bound(e.Text), phrase, false)
	}
	s.vocabulary = newVocabulary(features, s.seed)
	s.vocabulary.phrase = phrase
	for _, f := range features {
		x, _ := s.vocabulary.vector(f)
		s.vectors = append(s.vectors, x)
		norm := 0.0
		for _, v := range x.values {
			norm += float64(v) * float64(v)
		}
		s.norms = append(s.norms, norm)
	}
	return s
}

// newVocabulary keeps all words, and the phrases that occur in two examples or
// in a seed.
func newVocabulary(features [][]feature, seed []bool) vocabulary {
	type seen struct {
		examples     int
		phrase, keep bool
	}
	found := map[uint32]seen{}
	for i, fs := range features {
		for _, f := range fs {
			x := found[f.hash]
			x.examples++
			x.phrase = f.phrase
			x.keep = x.keep || !f.phrase || seed[i] || len(features) < fewExamples || x.examples > 1
			found[f.hash] = x
		}
	}
	var v vocabulary
	for h, x := range found {
		if x.keep {
			v.hashes = append(v.hashes, h)
		}
	}
	if len(v.hashes) > maxVocabulary {
		slices.SortFunc(v.hashes, func(a, b uint32) int {
			return cmp.Or(cmp.Compare(found[b].examples, found[a].examples), cmp.Compare(a, b))
		})
		v.hashes = v.hashes[:maxVocabulary]
	}
	slices.SortFunc(v.hashes, func(a, b uint32) int {
		switch x, y := found[a].phrase, found[b].phrase; {
		case x == y:
			return cmp.Compare(a, b)
		case x:
			return 1
		}
		return -1
	})
	v.idf = make([]float32, len(v.hashes))
	for i, h := range v.hashes {
		v.idf[i] = float32(1 + math.Log(float64(len(features)+1)/float64(found[h].examples+1)))
		if !found[h].phrase {
			v.words++
		}
	}
	v.buildIndex()
	return v
}
