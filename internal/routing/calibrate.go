package routing

import (
	"context"
	"math"
	"slices"
)

// Settings of calibration.
const (
	manyExamples   = 5000 // from here on one held-out part is enough
	foldsOfFew     = 4
	foldsOfMany    = 6
	leastHeldOut   = 30  // below, nothing is known about the scores
	unknownSharp   = 4.0 // sharpness then, see calibrate
	sharpnessLow   = 0.2
	sharpnessHigh  = 50.0
	sharpnessSteps = 40 // of golden-section search, far below any visible effect
)

// heldOut is the scores of an example by a model that did not see it.
type heldOut struct {
	scores []float32
	label  int
}

// calibration turns scores into probabilities that mean what they say.
type calibration struct {
	// Sharpness of the softmax that spreads probability over the labels: the
	// inverse of a temperature.
	Sharpness float64
	// Margin, Top and Offset give the logarithm of the odds that the best label
	// is right, from its lead over the second and its score (Platt scaling with
	// two inputs). The lead tells right from wrong much better than the softmax
	// does, whose sum over dozens of labels blurs it: on texts routed alone at
	// 98 % precision the difference is a sixth. All zero: not known.
	Margin, Top, Offset float64
}

// calibrate fits both to examples that the model did not see. Seeds are always
// trained on and never held out. With too few held-out examples the sharpness
// is a guess: with descriptions of 77 agencies alone, 5.6 was likeliest on
// articles of laws, and letters are vaguer than laws. Policy sees to it that
// nothing is assigned on a guess.
func calibrate(ctx context.Context, s *trainingSet, workers int) (calibration, error) {
	unknown := calibration{Sharpness: unknownSharp}
	folds, rounds := uint32(foldsOfFew), uint32(foldsOfFew)
	if len(s.vectors) >= manyExamples {
		folds, rounds = foldsOfMany, 1
	}
	if !slices.ContainsFunc(s.confirmed, func(n int) bool { return n > 1 }) {
		return unknown, ctx.Err()
	}
	var held []heldOut
	for fold := range rounds {
		out := func(i int) bool { return !s.seed[i] && s.fold[i]%folds == fold }
		weights, err := s.fit(ctx, workers, func(i int) bool { return !out(i) })
		if err != nil {
			return unknown, err
		}
		for i, x := range s.vectors {
			if out(i) {
				scores := make([]float32, len(s.labels))
				score(weights, x, scores)
				held = append(held, heldOut{scores, s.label[i]})
			}
		}
	}
	if len(held) < leastHeldOut {
		return unknown, nil
	}
	c := calibration{Sharpness: likeliestSharpness(held)}
	if len(s.labels) > 1 {
		c.fitOdds(held)
	}
	return c, nil
}

// probabilities returns one probability per score; together they are 1, and a
// higher score never has the lower probability.
func (c calibration) probabilities(scores []float32) []float64 {
	p := softmax(scores, c.Sharpness)
	if len(p) < 2 || c.Margin <= 0 {
		return p
	}
	best, second := leaders(scores)
	top := logistic(c.Margin*float64(scores[best]-scores[second]) + c.Top*float64(scores[best]) + c.Offset)
	rest := 1 - p[best]
	if rest <= 0 || p[second]*(1-top)/rest > top {
		return p // too close to call: the spread of the softmax is as good
	}
	for i := range p {
		p[i] *= (1 - top) / rest
	}
	p[best] = top
	return p
}

// leaders returns the indexes of the best and the second best score.
func leaders(scores []float32) (best, second int) {
	best, second = 0, 1
	if scores[second] > scores[best] {
		best, second = second, best
	}
	for i := 2; i < len(scores); i++ {
		switch {
		case scores[i] > scores[best]:
			best, second = i, best
		case scores[i] > scores[second]:
			second = i
		}
	}
	return best, second
}

func logistic(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// fitOdds fits Margin, Top and Offset by Newton's method with a slight pull to
// zero, which keeps them finite when the held-out part has no mistake.
func (c *calibration) fitOdds(held []heldOut) {
	const newtonSteps, pull = 30, 0.1
	var w [3]float64
	for range newtonSteps {
		var gradient [3]float64
		var hessian [3][3]float64
		for i := range w {
			gradient[i], hessian[i][i] = pull*w[i], pull
		}
		for _, h := range held {
			best, second := leaders(h.scores)
			x := [3]float64{float64(h.scores[best] - h.scores[second]), float64(h.scores[best]), 1}
			p := logistic(w[0]*x[0] + w[1]*x[1] + w[2]*x[2])
			missed := p
			if best == h.label {
				missed = p - 1
			}
			for i := range w {
				gradient[i] += missed * x[i]
				for j := range w {
					hessian[i][j] += p * (1 - p) * x[i] * x[j]
				}
			}
		}
		step := solve(hessian, gradient)
		for i := range w {
			w[i] -= step[i]
		}
	}
	if w[0] > 0 && !math.IsNaN(w[1]+w[2]) {
		c.Margin, c.Top, c.Offset = w[0], w[1], w[2]
	}
}

// solve returns x with a·x = b by Cramer's rule; a is positive definite.
func solve(a [3][3]float64, b [3]float64) (x [3]float64) {
	det := func(m [3][3]float64) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) + m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	whole := det(a)
	for k := range x {
		m := a
		for i := range m {
			m[i][k] = b[i]
		}
		x[k] = det(m) / whole
	}
	return x
}

// score adds up the weights of a vector, one sum per label.
func score(weights []float32, x vector, scores []float32) {
	for j, f := range x.features {
		row := weights[int(f)*len(scores):][:len(scores)]
		v := x.values[j]
		for c, w := range row {
			scores[c] += v * w
		}
	}
}

// likeliestSharpness searches on a logarithmic scale; the likelihood has one
// peak there.
func likeliestSharpness(held []heldOut) float64 {
	loss := func(logarithm float64) float64 {
		sum := 0.0
		for _, h := range held {
			sum -= math.Log(max(softmax(h.scores, math.Exp(logarithm))[h.label], 1e-12))
		}
		return sum
	}
	const golden = 0.6180339887498949
	low, high := math.Log(sharpnessLow), math.Log(sharpnessHigh)
	for range sharpnessSteps {
		a, b := high-golden*(high-low), low+golden*(high-low)
		if loss(a) < loss(b) {
			high = b
		} else {
			low = a
		}
	}
	return math.Exp((low + high) / 2)
}

// softmax turns scores into probabilities that sum to 1.
func softmax(scores []float32, sharpness float64) []float64 {
	top := float64(slices.Max(scores))
	p := make([]float64, len(scores))
	sum := 0.0
	for c, x := range scores {
		p[c] = math.Exp(sharpness * (float64(x) - top))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
