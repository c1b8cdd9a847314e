package routing

import (
	"bytes"
	"cmp"
	"compress/flate"
	"crypto/sha256"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"hienke/internal/vitext"
)

// Model is a trained classifier. It is read-only and safe for concurrent use.
type Model struct {
	version    string
	labels     []string
	confirmed  []int // per label, examples that were no seeds
	vocabulary vocabulary
	// Weights are kept in one byte each with a scale per feature: a quarter of
	// the memory, and no decision of the measured sets changes.
	weights     []int8 // one row of labels per feature
	scales      []float32
	calibration calibration
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
	x, surfaces := m.vocabulary.vector(readFeatures(text, true))
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
			s.Words = m.words(x, surfaces, c, rival)
		}
		scored = append(scored, s)
	}
	return scored
}

func (m *Model) scores(x vector) []float32 {
	sums := make([]float32, len(m.labels))
	for j, f := range x.features {
		row := m.weights[int(f)*len(sums):][:len(sums)]
		v := x.values[j] * m.scales[f]
		for c, w := range row {
			sums[c] += v * float32(w)
		}
	}
	return sums
}

// words returns what spoke for a label against a rival.
func (m *Model) words(x vector, surfaces []string, label, rival int) []string {
	var parts []vitext.Weighted
	for j, f := range x.features {
		row := m.weights[int(f)*len(m.labels):][:len(m.labels)]
		w := x.values[j] * m.scales[f] * (float32(row[label]) - float32(row[rival]))
		if strings.Contains(surfaces[j], " ") {
			w *= 2 // a pair says more to a person than its halves
		}
		if w > 0 && row[label] > 0 {
			parts = append(parts, vitext.Weighted{Surface: surfaces[j], Weight: float64(w)})
		}
	}
	return vitext.Telling(parts, shownWords)
}

// quantize stores weights as bytes.
func (m *Model) quantize(weights []float32) {
	labels := len(m.labels)
	m.weights = make([]int8, len(weights))
	m.scales = make([]float32, len(m.vocabulary.hashes))
	for f := range m.scales {
		row := weights[f*labels:][:labels]
		largest := max(slices.Max(row), -slices.Min(row))
		if largest == 0 {
			continue
		}
		m.scales[f] = largest / 127
		for c, w := range row {
			x := w / m.scales[f]
			if x < 0 {
				x -= 0.5
			} else {
				x += 0.5
			}
			m.weights[f*labels+c] = int8(x)
		}
	}
}

// formatVersion is the first byte of a stored model. It rises with every
// change of the format or of how texts are read.
const formatVersion = 1

// maxStored bounds what UnmarshalBinary unpacks, in bytes.
const maxStored = 256 << 20

// ErrBroken is returned for a stored model that is damaged or of another
// format. The model that served before should go on serving.
var ErrBroken = errors.New("stored model is broken or of another format")

// stored is a model as it is written.
type stored struct {
	Version     string
	Labels      []string
	Confirmed   []int
	Hashes      []uint32
	IDF         []float32
	Weights     []byte // int8 shifted by 128
	Scales      []float32
	Calibration calibration
}

// MarshalBinary writes the model: a format byte, a SHA-256 of the rest, and
// the compressed content.
func (m *Model) MarshalBinary() ([]byte, error) {
	s := stored{
		Version: m.version, Labels: m.labels, Confirmed: m.confirmed, Hashes: m.vocabulary.hashes,
		IDF: m.vocabulary.idf, Weights: make([]byte, len(m.weights)), Scales: m.scales, Calibration: m.calibration,
	}
	for i, w := range m.weights {
		s.Weights[i] = byte(int(w) + 128)
	}
	var body bytes.Buffer
	z, err := flate.NewWriter(&body, flate.BestSpeed)
	if err != nil {
		return nil, fmt.Errorf("pack model: %w", err)
	}
	if err := errors.Join(gob.NewEncoder(z).Encode(s), z.Close()); err != nil {
		return nil, fmt.Errorf("pack model: %w", err)
	}
	sum := sha256.Sum256(body.Bytes())
	return slices.Concat([]byte{formatVersion}, sum[:], body.Bytes()), nil
}

// UnmarshalBinary reads what MarshalBinary wrote. Anything else is ErrBroken
// and leaves the model as it was.
func (m *Model) UnmarshalBinary(data []byte) error {
	const head = 1 + sha256.Size
	if len(data) < head || data[0] != formatVersion || sha256.Sum256(data[head:]) != [sha256.Size]byte(data[1:head]) {
		return ErrBroken
	}
	var s stored
	unpacked := io.LimitReader(flate.NewReader(bytes.NewReader(data[head:])), maxStored)
	if err := gob.NewDecoder(unpacked).Decode(&s); err != nil {
		return fmt.Errorf("%w: %w", ErrBroken, err)
	}
	n := len(s.Hashes)
	if len(s.Labels) == 0 || len(s.Confirmed) != len(s.Labels) || len(s.IDF) != n || len(s.Scales) != n || len(s.Weights) != n*len(s.Labels) {
		return ErrBroken
	}
	loaded := Model{version: s.Version, labels: s.Labels, confirmed: s.Confirmed, scales: s.Scales, calibration: s.Calibration}
	loaded.vocabulary = vocabulary{hashes: s.Hashes, idf: s.IDF}
	loaded.vocabulary.buildIndex()
	loaded.weights = make([]int8, len(s.Weights))
	for i, b := range s.Weights {
		loaded.weights[i] = int8(int(b) - 128)
	}
	*m = loaded
	return nil
}
