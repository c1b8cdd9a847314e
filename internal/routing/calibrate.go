package routing

import (
	"context"
	"math"
	"slices"
)

// Settings of calibration.
const (
	manyExamples = 5000 // from here on one held-out part is enough
	foldsOfFew   = 5
	foldsOfMany  = 6
	leastHeldOut = 30 // below, nothing is known about the scores
)

// heldOut is the scores of an example by parts that did not see it.
type heldOut struct {
	parts [parts][]float32
	label int
	total []float32 // by shares
}

// calibration turns scores into probabilities that mean what they say. The
// scores are logarithms of odds already; the softmax of them is right on the
// whole but blurred by the sum over dozens of labels.
type calibration struct {
	// Margin, Top and Offset give the logarithm of the odds that the best label
	// is right, from its lead over the second and its score (Platt scaling with
	// two inputs). All zero: not known.
	Margin, Top, Offset float64
}

// calibrate finds the shares of the parts and the calibration on examples that
// the parts did not see. Seeds are always trained on and never held out. With
// too few held-out examples both are guesses; Policy sees to it that nothing is
// assigned on a guess.
func calibrate(ctx context.Context, s *trainingSet, workers int) (shares, calibration, error) {
	folds, rounds := uint32(foldsOfFew), uint32(foldsOfFew)
	if len(s.vectors) >= manyExamples {
		folds, rounds = foldsOfMany, 1
	}
	if !slices.ContainsFunc(s.confirmed, func(n int) bool { return n > 1 }) {
		return coldShares, calibration{}, ctx.Err()
	}
	var held []heldOut
	for fold := range rounds {
		out := func(i int) bool { return !s.seed[i] && s.fold[i]%folds == fold }
		weights, err := s.fit(ctx, workers, func(i int) bool { return !out(i) })
		if err != nil {
			return coldShares, calibration{}, err
		}
		for i, x := range s.vectors {
			if out(i) {
				held = append(held, heldOut{parts: weights.scores(x, len(s.labels)), label: s.label[i]})
			}
		}
	}
	if len(held) < leastHeldOut || len(s.labels) < 2 {
		return coldShares, calibration{}, nil
	}
	found := fitShares(held)
	var c calibration
	for i := range held {
		held[i].total = found.total(held[i].parts)
	}
	c.fitOdds(held)
	return found, c, nil
}

// probabilities returns one probability per score; together they are 1, and a
// higher score never has the lower probability.
func (c calibration) probabilities(scores []float32) []float64 {
	p := softmax(scores)
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
			best, second := leaders(h.total)
			x := [3]float64{float64(h.total[best] - h.total[second]), float64(h.total[best]), 1}
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
		step := solve([][]float64{hessian[0][:], hessian[1][:], hessian[2][:]}, gradient[:])
		for i := range w {
			w[i] -= step[i]
		}
	}
	if w[0] > 0 && !math.IsNaN(w[1]+w[2]) {
		c.Margin, c.Top, c.Offset = w[0], w[1], w[2]
	}
}

// solve returns x with a·x = b by elimination; a is positive definite, so that
// no row need be exchanged. It uses a up.
func solve(a [][]float64, b []float64) []float64 {
	x := slices.Clone(b)
	for i := range a {
		for r := i + 1; r < len(a); r++ {
			factor := a[r][i] / a[i][i]
			for c := i; c < len(a); c++ {
				a[r][c] -= factor * a[i][c]
			}
			x[r] -= factor * x[i]
		}
	}
	for i := len(a) - 1; i >= 0; i-- {
		for c := i + 1; c < len(a); c++ {
			x[i] -= a[i][c] * x[c]
		}
		x[i] /= a[i][i]
	}
	return x
}

// softmax turns scores, logarithms of odds, into probabilities that sum to 1.
func softmax(scores []float32) []float64 {
	top := float64(slices.Max(scores))
	p := make([]float64, len(scores))
	sum := 0.0
	for c, x := range scores {
		p[c] = math.Exp(float64(x) - top)
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	return p
}
