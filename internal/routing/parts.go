package routing

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
)

// parts is the number of models that are put together.
const parts = 4

// The parts.
const (
	boundary  = iota // support vector machines on words and phrases
	likeness         // likeness to the mean text of the label, words and phrases
	wordsOnly        // the same by words alone
	contrast         // machines on features by how much they tell the label from others
)

// fitted is the weights of every part, one row of labels per feature.
type fitted [parts][]float32

// fit trains all parts on the examples that use selects.
func (s *trainingSet) fit(ctx context.Context, workers int, use func(example int) bool) (fitted, error) {
	var examples []int
	for i := range s.vectors {
		if use(i) {
			examples = append(examples, i)
		}
	}
	var f fitted
	f[boundary] = s.machine(ctx, workers, examples)
	f[likeness] = s.means(examples, false)
	f[wordsOnly] = s.means(examples, true)
	f[contrast] = s.contrast(ctx, workers, examples)
	return f, ctx.Err()
}

// scores returns what each part says of a vector, one score per label.
func (f *fitted) scores(x vector, labels int) (sums [parts][]float32) {
	for p := range sums {
		sums[p] = make([]float32, labels)
		scale := float32(1)
		if p == wordsOnly {
			scale = x.wordScale
		}
		score(f[p], x, scale, sums[p])
	}
	return sums
}

// score adds up the weights of a scaled vector, one sum per label. Weights that
// end earlier know words alone.
func score(weights []float32, x vector, scale float32, sums []float32) {
	known := len(weights) / len(sums)
	for j, f := range x.features {
		if int(f) >= known {
			continue
		}
		v := x.values[j] * scale
		for c, w := range weights[int(f)*len(sums):][:len(sums)] {
			sums[c] += v * w
		}
	}
}

// means returns the mean text of each label with length 1, so that its product
// with a text is the cosine of the two.
func (s *trainingSet) means(examples []int, words bool) []float32 {
	labels, known := len(s.labels), len(s.vocabulary.hashes)
	if words {
		known = s.vocabulary.words
	}
	sums := make([]float32, known*labels)
	for _, i := range examples {
		x, label := s.vectors[i], s.label[i]
		scale := float32(s.weight[i])
		if words {
			scale *= x.wordScale
		}
		for j, f := range x.features {
			if int(f) < known {
				sums[int(f)*labels+label] += x.values[j] * scale
			}
		}
	}
	if words {
		s.emphasize(sums)
	}
	lengths := make([]float64, labels)
	for k, w := range sums {
		lengths[k%labels] += float64(w) * float64(w)
	}
	for k := range sums {
		sums[k] /= float32(math.Sqrt(max(lengths[k%labels], 1e-12)))
	}
	if words {
		s.emphasize(sums) // once more, for the texts that it is compared with
	}
	return sums
}

// emphasize multiplies the rows of words by their emphasis.
func (s *trainingSet) emphasize(rows []float32) {
	for k := range rows {
		rows[k] *= s.vocabulary.emphasis(k / len(s.labels))
	}
}

// machine trains a linear support vector machine per label against all others
// and returns the weights, one row of labels per feature. Labels are trained
// side by side; each is deterministic by itself.
func (s *trainingSet) machine(ctx context.Context, workers int, examples []int) []float32 {
	weights := make([]float32, len(s.vocabulary.hashes)*len(s.labels))
	s.eachLabel(workers, func() func(label int) {
		column := make([]float32, len(s.vocabulary.hashes))
		return func(label int) {
			s.fitLabel(ctx, label, inputs{s.vectors, s.norms, cost, maxPasses}, slices.Clone(examples), column)
			for f, w := range column {
				weights[f*len(s.labels)+label] = w
			}
		}
	})
	return weights
}

// eachLabel calls what begin returns for every label, with one call of begin
// for each worker.
func (s *trainingSet) eachLabel(workers int, begin func() func(label int)) {
	next := make(chan int)
	var group sync.WaitGroup
	for range min(workers, len(s.labels)) {
		group.Go(func() {
			do := begin()
			for label := range next {
				do(label)
			}
		})
	}
	for label := range s.labels {
		next <- label
	}
	close(next)
	group.Wait()
}

// inputs are the examples as a machine sees them.
type inputs struct {
	vectors []vector
	norms   []float64 // squared lengths
	cost    float64   // of an example on the wrong side
	passes  int       // over the examples
}

// fitLabel separates one label from the others by dual coordinate descent with
// shrinking: examples that are safely right leave the later passes.
func (s *trainingSet) fitLabel(ctx context.Context, label int, in inputs, examples []int, w []float32) {
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
	for pass := 0; pass < in.passes && ctx.Err() == nil; pass++ {
		head := examples[:active]
		rng.Shuffle(active, func(a, b int) { head[a], head[b] = head[b], head[a] })
		steepest := 0.0
		for k := 0; k < active; k++ {
			i := examples[k]
			gradient, settled := s.step(i, label, lift, in, alpha, w)
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
func (s *trainingSet) step(i, label int, lift float64, in inputs, alpha []float64, w []float32) (gradient float64, settled bool) {
	sign, c := float32(-1), in.cost*s.weight[i]
	if s.label[i] == label {
		sign, c = 1, c*lift
	}
	diagonal := 0.5 / c
	x := in.vectors[i]
	dot := float32(0)
	for j, f := range x.features {
		dot += w[f] * x.values[j]
	}
	g := float64(sign*dot) - 1 + alpha[i]*diagonal
	if alpha[i] == 0 && g > 0 {
		return 0, g > tolerance
	}
	before := alpha[i]
	alpha[i] = max(before-g/(in.norms[i]+diagonal), 0)
	if change := float32(alpha[i]-before) * sign; change != 0 {
		for j, f := range x.features {
			w[f] += change * x.values[j]
		}
	}
	return math.Abs(g), false
}
