package routing

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
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
	smoothing     = 0.02    // of word counts in the naive Bayes part
	bayesExamples = 80.0    // see bayesWeight
	bayesMost     = 0.2     // see bayesWeight
	maxVocabulary = 200_000 // features; the most frequent ones are kept
	fewExamples   = 200     // below this, features of a single example are kept
)

// ErrNoExamples is returned by Train when there is nothing to learn from.
var ErrNoExamples = errors.New("no examples to learn from")

// Train learns a model: one linear support vector machine with squared hinge
// loss per label against all others, by dual coordinate descent (Hsieh et al.,
// ICML 2008), with a share of naive Bayes where examples are few. A held-out
// part then tells how far the scores are to be trusted. The result depends on
// the examples alone, not on their order. Labels with a single example work.
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
	calibrated, err := calibrate(ctx, set, options.Workers)
	if err != nil {
		return nil, err
	}
	weights, err := set.fit(ctx, options.Workers, func(int) bool { return true })
	if err != nil {
		return nil, err
	}
	m := &Model{version: version(examples), labels: set.labels, confirmed: set.confirmed, vocabulary: set.vocabulary, calibration: calibrated}
	m.quantize(weights)
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
	for _, x := range []float64{formatVersion, titleWeight, cost, rarePower, maxPasses, tolerance, smoothing, bayesExamples, bayesMost, maxVocabulary, fewExamples} {
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
	features := make([][]feature, len(examples))
	for i, e := range examples {
		features[i] = readFeatures(e.Text, false)
	}
	s.vocabulary = newVocabulary(features, s.seed)
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

// newVocabulary keeps the features that occur in two examples or in a seed.
func newVocabulary(features [][]feature, seed []bool) vocabulary {
	type seen struct {
		examples int
		keep     bool
	}
	found := map[uint32]seen{}
	for i, fs := range features {
		for _, f := range fs {
			x := found[f.hash]
			x.examples++
			x.keep = x.keep || seed[i] || len(features) < fewExamples || x.examples > 1
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
	slices.Sort(v.hashes)
	v.idf = make([]float32, len(v.hashes))
	for i, h := range v.hashes {
		v.idf[i] = float32(1 + math.Log(float64(len(features)+1)/float64(found[h].examples+1)))
	}
	v.buildIndex()
	return v
}

func (v *vocabulary) buildIndex() {
	v.index = make(map[uint32]int32, len(v.hashes))
	for i, h := range v.hashes {
		v.index[h] = int32(i)
	}
}

// fit trains every label on the examples that use selects and returns the
// weights, one row of labels per feature. Labels are trained side by side; each
// is deterministic by itself.
func (s *trainingSet) fit(ctx context.Context, workers int, use func(example int) bool) ([]float32, error) {
	var examples []int
	for i := range s.vectors {
		if use(i) {
			examples = append(examples, i)
		}
	}
	weights := make([]float32, len(s.vocabulary.hashes)*len(s.labels))
	next := make(chan int)
	var group sync.WaitGroup
	for range min(workers, len(s.labels)) {
		group.Go(func() {
			column := make([]float32, len(s.vocabulary.hashes))
			for label := range next {
				s.fitLabel(ctx, label, slices.Clone(examples), column)
				for f, w := range column {
					weights[f*len(s.labels)+label] = w
				}
			}
		})
	}
	for label := range s.labels {
		next <- label
	}
	close(next)
	group.Wait()
	s.addBayes(weights, examples)
	return weights, ctx.Err()
}

// fitLabel separates one label from the others by dual coordinate descent with
// shrinking: examples that are safely right leave the later passes.
func (s *trainingSet) fitLabel(ctx context.Context, label int, examples []int, w []float32) {
	clear(w)
	own := 0
	for _, i := range examples {
		if s.label[i] == label {
			own++
		}
	}
	if own == 0 {
		return
	}
	lift := math.Pow(max(float64(len(examples)-own), 1)/float64(own), rarePower)
	rng := rand.New(rand.NewPCG(1, uint64(label))) //nolint:gosec // the same model for the same data; nothing secret
	alpha := make([]float64, len(s.vectors))
	active := len(examples)
	for pass := 0; pass < maxPasses && ctx.Err() == nil; pass++ {
		head := examples[:active]
		rng.Shuffle(active, func(a, b int) { head[a], head[b] = head[b], head[a] })
		steepest := 0.0
		for k := 0; k < active; k++ {
			i := examples[k]
			gradient, settled := s.step(i, label, lift, alpha, w)
			if settled && pass > 1 {
				active--
				examples[k], examples[active] = examples[active], examples[k]
				k--
				continue
			}
			steepest = max(steepest, gradient)
		}
		if steepest < tolerance {
			if active == len(examples) {
				return
			}
			active = len(examples) // check those that left once more
		}
	}
}

// step improves the dual variable of one example and returns the size of its
// projected gradient. settled means that the example is right by more than the
// tolerance and does not bear on the boundary.
func (s *trainingSet) step(i, label int, lift float64, alpha []float64, w []float32) (gradient float64, settled bool) {
	sign, c := float32(-1), cost*s.weight[i]
	if s.label[i] == label {
		sign, c = 1, c*lift
	}
	diagonal := 0.5 / c
	x := s.vectors[i]
	dot := float32(0)
	for j, f := range x.features {
		dot += w[f] * x.values[j]
	}
	g := float64(sign*dot) - 1 + alpha[i]*diagonal
	if alpha[i] == 0 && g > 0 {
		return 0, g > tolerance
	}
	before := alpha[i]
	alpha[i] = max(before-g/(s.norms[i]+diagonal), 0)
	if change := float32(alpha[i]-before) * sign; change != 0 {
		for j, f := range x.features {
			w[f] += change * x.values[j]
		}
	}
	return math.Abs(g), false
}

// bayesWeight is the share of naive Bayes in the weights. With a few hundred
// examples it adds three points of macro-F1 on rare labels; with thousands it
// only takes away, so it fades with their number.
func bayesWeight(examples int) float64 {
	return min(bayesMost, bayesExamples/float64(max(examples, 1)))
}

// addBayes adds the logarithms of word probabilities per label, relative to
// their mean over all labels.
func (s *trainingSet) addBayes(weights []float32, examples []int) {
	labels, features := len(s.labels), len(s.vocabulary.hashes)
	counts, totals := make([]float64, len(weights)), make([]float64, labels)
	for _, i := range examples {
		x := s.vectors[i]
		for j, f := range x.features {
			counts[int(f)*labels+s.label[i]] += float64(x.values[j]) * s.weight[i]
			totals[s.label[i]] += float64(x.values[j]) * s.weight[i]
		}
	}
	share := bayesWeight(len(examples))
	row := make([]float64, labels)
	for f := range features {
		mean := 0.0
		for c := range row {
			row[c] = math.Log((counts[f*labels+c] + smoothing) / (totals[c] + smoothing*float64(features)))
			mean += row[c] / float64(labels)
		}
		for c := range row {
			weights[f*labels+c] += float32(share * (row[c] - mean))
		}
	}
}
