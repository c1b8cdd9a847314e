package routing

import (
	"context"
	"math"
	"slices"
)

// Settings of the contrast machines. Stretched texts are several times as long
// as plain ones: they part sooner, and more passes change nothing. A lower cost
// is worse for few examples.
const (
	// contrastPrior is how many examples with and without a feature are added to
	// each side before the sides are compared, so that what occurs once or twice
	// tells little.
	contrastPrior  = 1.0
	contrastPasses = 6
)

// contrast trains a machine per label like machine, on features that are
// stretched by how much they tell the label from the others: the logarithm of
// the ratio of how often both have them (Wang and Manning, ACL 2012). By itself
// it is worse than the plain machine; it errs elsewhere, and both together are
// better than either on all measured sets.
func (s *trainingSet) contrast(ctx context.Context, workers int, examples []int) []float32 {
	labels := len(s.labels)
	weights := make([]float32, len(s.vocabulary.hashes)*labels)
	with, of := s.occurrences(examples)
	s.eachLabel(workers, func() func(label int) {
		column, ratios := make([]float32, len(s.vocabulary.hashes)), make([]float32, len(s.vocabulary.hashes))
		stretched := s.copyOf(examples)
		return func(label int) {
			if of[label] == 0 {
				return
			}
			for f := range ratios {
				ratios[f] = ratio(with[f*labels:][:labels], of, label)
			}
			s.stretch(stretched, examples, ratios)
			s.fitLabel(ctx, label, stretched, slices.Clone(examples), column)
			for f, w := range column {
				weights[f*labels+label] = w * ratios[f]
			}
		}
	})
	return weights
}

// occurrences counts the examples of each label that have a feature, one row of
// labels per feature, and all of each label.
func (s *trainingSet) occurrences(examples []int) (with []float32, of []float64) {
	labels := len(s.labels)
	with, of = make([]float32, len(s.vocabulary.hashes)*labels), make([]float64, labels)
	for _, i := range examples {
		of[s.label[i]]++
		for _, f := range s.vectors[i].features {
			with[int(f)*labels+s.label[i]]++
		}
	}
	return with, of
}

// ratio is how far apart label and the others are in how many of their examples
// have a feature, as a logarithm without its sign.
func ratio(with []float32, of []float64, label int) float32 {
	var others, all float64
	for c, n := range with {
		if c != label {
			others += float64(n)
			all += of[c]
		}
	}
	own := (float64(with[label]) + contrastPrior) / (of[label] + 2*contrastPrior)
	rest := (others + contrastPrior) / (all + 2*contrastPrior)
	return float32(math.Abs(math.Log(own / rest)))
}

// copyOf makes room for stretched vectors of the examples.
func (s *trainingSet) copyOf(examples []int) inputs {
	in := inputs{
		vectors: make([]vector, len(s.vectors)), norms: make([]float64, len(s.vectors)), cost: cost, passes: contrastPasses,
	}
	for _, i := range examples {
		in.vectors[i] = vector{features: s.vectors[i].features, values: make([]float32, len(s.vectors[i].values))}
	}
	return in
}

func (s *trainingSet) stretch(into inputs, examples []int, ratios []float32) {
	for _, i := range examples {
		sum := 0.0
		for j, f := range s.vectors[i].features {
			v := s.vectors[i].values[j] * ratios[f]
			into.vectors[i].values[j] = v
			sum += float64(v) * float64(v)
		}
		into.norms[i] = sum
	}
}
