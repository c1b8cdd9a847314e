package matching

import (
	"cmp"
	"math"
)

// Frequencies are the results of Candidates.Frequencies for Analysis.Terms.
type Frequencies map[int64]int

// weighing is what the terms of a document count among those kept so far, each
// by its place in the analysis. It is worked out once: a lookup asks for it
// when it chooses terms and again when it ranks.
type weighing struct {
	analysis *Analysis
	// rarities are the inverse document frequencies as in BM25: about 0 for a
	// term in every document. They take the place of a list of stop words.
	rarities []float64
	weights  []float64 // how much the term counts in the document
	common   []bool    // in too many documents to find anything
}

func (a *Analysis) weigh(freq Frequencies) *weighing {
	w := &weighing{
		analysis: a, rarities: make([]float64, len(a.terms)), weights: make([]float64, len(a.terms)), common: make([]bool, len(a.terms)),
	}
	n := float64(freq[EveryDocument])
	for i, t := range a.terms {
		df := float64(freq[t.hash])
		w.rarities[i] = math.Log(1 + (n-min(df, n)+0.5)/(df+0.5))
		w.weights[i] = damped(t.count) * w.rarities[i]
		if t.pair {
			w.weights[i] *= pairFactor
		}
		w.common[i] = n >= fewDocuments && df > commonShare*n
	}
	return w
}

// damped is how much a word counts that a text has so often.
func damped(count float64) float64 {
	if count == 1 { // most
		return 1
	}
	return math.Pow(count, queryPower)
}

// strongest returns the places of up to n terms that tell this document from
// others, strongest first.
func (w *weighing) strongest(n int) []int {
	places := make([]int, 0, len(w.weights))
	for i, common := range w.common {
		if !common {
			places = append(places, i)
		}
	}
	return firstOf(places, n, func(i, j int) int {
		return cmp.Or(cmp.Compare(w.weights[j], w.weights[i]), cmp.Compare(w.analysis.terms[i].hash, w.analysis.terms[j].hash))
	})
}
