package routing

import "math"

// shares is how much each part counts: what its scores are multiplied by to
// become logarithms of odds together.
type shares [parts]float64

var (
	// coldShares hold where nothing could be held out, as at the start. Of
	// descriptions in Vietnamese, words without phrases know too little.
	coldShares = shares{boundary: 2, likeness: 8}
	// usualShares pull a little where something could: about what came out for
	// a few hundred examples of each kind of text.
	usualShares = shares{boundary: 2, likeness: 4, wordsOnly: 8, contrast: 0.5}
)

const (
	sharesPull  = 3.0 // of usualShares, in examples
	newtonSteps = 50
	settled     = 1e-6 // improvement per example at which the search ends
)

// total puts the scores of the parts together.
func (s shares) total(scores [parts][]float32) []float32 {
	sum := make([]float32, len(scores[0]))
	for p, row := range scores {
		for c, x := range row {
			sum[c] += float32(s[p]) * x
		}
	}
	return sum
}

// fitShares finds the shares that make the held-out labels likeliest, none
// below zero: logistic regression with the parts as inputs, by Newton's method.
// Few examples lean on likeness, many on the boundary, Vietnamese on phrases;
// this finds out instead of guessing.
func fitShares(held []heldOut) shares {
	s := usualShares
	fixed := [parts]bool{}
	for {
		s = s.climb(held, fixed)
		lowest := -1
		for p, x := range s {
			if x < 0 && (lowest < 0 || x < s[lowest]) {
				lowest = p
			}
		}
		if lowest < 0 {
			return s
		}
		s = usualShares
		fixed[lowest] = true
		for p := range s {
			if fixed[p] {
				s[p] = 0
			}
		}
	}
}

// climb is Newton's method on the shares that are not fixed.
func (s shares) climb(held []heldOut, fixed [parts]bool) shares {
	loss, gradient, hessian := s.slope(held)
	for range newtonSteps {
		for p := range fixed {
			if fixed[p] {
				gradient[p], hessian[p] = 0, [parts]float64{}
				for q := range hessian {
					hessian[q][p] = 0
				}
				hessian[p][p] = 1
			}
		}
		step := solve(rowsOf(&hessian), gradient[:])
		size := 1.0
		var next shares
		var lower float64
		for ; size > 1e-3; size /= 2 {
			for p := range s {
				next[p] = s[p] - size*step[p]
			}
			if lower, gradient, hessian = next.slope(held); lower < loss {
				break
			}
		}
		if !(lower < loss-settled*float64(len(held))) {
			return s
		}
		s, loss = next, lower
	}
	return s
}

// slope returns the negative log-likelihood of the labels and its first and
// second derivatives.
func (s shares) slope(held []heldOut) (loss float64, gradient [parts]float64, hessian [parts][parts]float64) {
	for p := range s {
		away, scale := s[p]-usualShares[p], usualShares[p]*usualShares[p]
		loss += sharesPull / 2 * away * away / scale
		gradient[p] = sharesPull * away / scale
		hessian[p][p] = sharesPull / scale
	}
	for _, h := range held {
		probability := softmax(s.total(h.parts))
		loss -= math.Log(max(probability[h.label], 1e-12))
		var mean [parts]float64
		var square [parts][parts]float64
		for c, pr := range probability {
			if pr < 1e-9 {
				continue
			}
			for p := range mean {
				x := float64(h.parts[p][c])
				mean[p] += pr * x
				for q := range p + 1 {
					square[p][q] += pr * x * float64(h.parts[q][c])
				}
			}
		}
		for p := range mean {
			gradient[p] += mean[p] - float64(h.parts[p][h.label])
			for q := range p + 1 {
				hessian[p][q] += square[p][q] - mean[p]*mean[q]
				if p != q {
					hessian[q][p] = hessian[p][q]
				}
			}
		}
	}
	return loss, gradient, hessian
}

func rowsOf(m *[parts][parts]float64) [][]float64 {
	rows := make([][]float64, parts)
	for i := range m {
		rows[i] = m[i][:]
	}
	return rows
}
