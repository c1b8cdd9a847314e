package routing

import (
	"cmp"
	"math"
	"slices"

	"hienke/internal/vitext"
)

// Model is a trained classifier. It is read-only and safe for concurrent use.
type Model struct {
	version     string
	labels      []string
	confirmed   []int // per label, examples that were no seeds
	vocabulary  vocabulary
	all         matrix // weights of all features
	words       matrix // weights of the words in a text of words alone
	calibration calibration
}

// matrix is weights, one row of labels per feature. They are kept in one byte
// each with a scale per feature: a quarter of the memory, and no decision of the
// measured sets changes.
type matrix struct {
	weights []int8
	scales  []float32
}

// Scored is one label with the probability that it is the right one.
type Scored struct {
	Label       string
	Probability float64 // 0 to 1; all labels together 1
	// Words of the text that spoke for the label rather than for the best
	// other one, the strongest first, as the text spells them. Only the first
	// three labels have them.
	Words []string
}

const (
	explained  = 3 // labels of a classification that get words
	shownWords = 6
	// weighedWords is from how many they are chosen: many say the same.
	weighedWords = 60
)

// Version names the model: a hash of what it was trained on and how.
func (m *Model) Version() string { return m.version }

// Labels returns the labels the model knows, ascending.
func (m *Model) Labels() []string { return slices.Clone(m.labels) }

// Confirmed returns how many confirmed examples of a label the model learned
// from, seeds not counted.
func (m *Model) Confirmed(label string) int {
	i, known := slices.BinarySearch(m.labels, label)
	if !known {
		return 0
	}
	return m.confirmed[i]
}

// Classify returns all labels, the most probable first. A text without any
// known word gets equal probabilities.
func (m *Model) Classify(text string) []Scored {
	return m.classify(text, func(string) bool { return true })
}

// classify is Classify for the labels that allowed lets pass. The
// probabilities are not shared out anew among those: a text for an agency that
// ended must not make the next best one look sure.
func (m *Model) classify(text string, allowed func(label string) bool) []Scored {
	text = vitext.Bound(text)
	x, places := m.vocabulary.vector(readFeatures(text, m.vocabulary.phrase, true))
	probabilities := m.calibration.probabilities(m.scores(x))
	var order []int // of the allowed labels, the most probable first
	for c, label := range m.labels {
		if allowed(label) {
			order = append(order, c)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(probabilities[b], probabilities[a]) })
	scored := make([]Scored, 0, len(order))
	for rank, c := range order {
		s := Scored{Label: m.labels[c], Probability: probabilities[c]}
		if rank < explained && len(order) > 1 {
			rival := order[0]
			if rank == 0 {
				rival = order[1]
			}
			s.Words = m.reason(text, x, places, c, rival)
		}
		scored = append(scored, s)
	}
	return scored
}

// scores returns the logarithms of the odds of every label, apart from a
// constant.
func (m *Model) scores(x vector) []float32 {
	sums := make([]float32, len(m.labels))
	m.all.add(x, 1, sums)
	m.words.add(x, x.wordScale, sums)
	return sums
}

// add adds what the features of a vector count for each label.
func (m matrix) add(x vector, scale float32, sums []float32) {
	for j, f := range x.features {
		if int(f) >= len(m.scales) {
			continue
		}
		v := x.values[j] * scale * m.scales[f]
		for c, w := range m.weights[int(f)*len(sums):][:len(sums)] {
			sums[c] += v * float32(w)
		}
	}
}

// at is the weight of a feature for one of labels.
func (m matrix) at(feature int32, label, labels int) float32 {
	if int(feature) >= len(m.scales) {
		return 0
	}
	return float32(m.weights[int(feature)*labels+label]) * m.scales[feature]
}

// reason returns what spoke for a label against a rival: the words and phrases
// that raised its score by most beyond the other's, as the text spells them. A
// phrase counts with itself and with its words, as far as they stand in it.
func (m *Model) reason(text string, x vector, places []feature, label, rival int) []string {
	counted := make(map[uint32]float64, len(places)) // by hash, per occurrence for words
	lead := func(of matrix, f int32) float32 {
		return of.at(f, label, len(m.labels)) - of.at(f, rival, len(m.labels))
	}
	for j, f := range x.features {
		counted[places[j].hash] = float64(x.values[j] * (lead(m.all, f) + x.wordScale*lead(m.words, f)))
		if !places[j].phrase {
			counted[places[j].hash] /= places[j].count
		}
	}
	type weighed struct {
		feature
		weight float64
	}
	var found []weighed
	for _, p := range places {
		weight := counted[p.hash]
		switch {
		case weight <= 0:
			continue
		case p.phrase:
			for _, word := range p.of {
				weight += p.count * counted[word]
			}
		default:
			weight *= p.count
		}
		if weight > 0 {
			found = append(found, weighed{p, weight})
		}
	}
	slices.SortFunc(found, func(a, b weighed) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.hash, b.hash))
	})
	found = found[:min(len(found), weighedWords)]
	shown := make([]vitext.Weighted, len(found))
	for i, f := range found {
		shown[i] = vitext.Weighted{Weight: f.weight, Surface: vitext.Surface(text[f.start:f.end])}
	}
	return vitext.Telling(shown, shownWords)
}

// combine puts the weights of the parts together by their shares.
func (m *Model) combine(f fitted, s shares) {
	all := f[boundary]
	for k := range all {
		all[k] = float32(s[boundary])*all[k] + float32(s[likeness])*f[likeness][k] + float32(s[contrast])*f[contrast][k]
	}
	words := f[wordsOnly]
	for k := range words {
		words[k] *= float32(s[wordsOnly])
	}
	m.all, m.words = quantize(all, len(m.labels)), quantize(words, len(m.labels))
}

// quantize stores weights as bytes.
func quantize(weights []float32, labels int) matrix {
	m := matrix{make([]int8, len(weights)), make([]float32, len(weights)/labels)}
	for f := range m.scales {
		row := weights[f*labels:][:labels]
		largest := max(slices.Max(row), -slices.Min(row))
		if largest == 0 {
			continue
		}
		m.scales[f] = largest / 127
		for c, w := range row {
			m.weights[f*labels+c] = int8(math.Round(float64(w / m.scales[f])))
		}
	}
	return m
}
