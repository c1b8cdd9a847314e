package routing

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestContrastSpeaksForWhatTellsALabel(t *testing.T) {
	t.Parallel()
	var examples []Example
	for _, e := range []Example{ // in the order of their labels, as Train brings them
		{Text: "đề nghị khám ở bệnh viện", Label: "health"}, {Text: "đề nghị sửa cầu và đường", Label: "roads"}, {Text: "đề nghị mở lớp và trường", Label: "schools"},
	} {
		examples = append(examples, slices.Repeat([]Example{e}, 6)...)
	}
	s := newTrainingSet(examples)
	all := make([]int, len(examples))
	for i := range all {
		all[i] = i
	}
	weights := s.contrast(t.Context(), 1, all)
	if !slices.Equal(weights, s.contrast(t.Context(), 4, all)) {
		t.Error("four workers find other weights than one")
	}
	at := func(word, label string) float32 {
		f, known := s.vocabulary.index[hashWord(word)]
		c := slices.Index(s.labels, label)
		if !known || c < 0 {
			t.Fatalf("%s or %s is not known", word, label)
		}
		return weights[int(f)*len(s.labels)+c]
	}
	if at("cau", "roads") <= 0 || at("cau", "schools") >= 0 {
		t.Errorf("a bridge speaks for roads by %.3f, for schools by %.3f", at("cau", "roads"), at("cau", "schools"))
	}
	if telling, common := at("cau", "roads"), at("nghi", "roads"); math.Abs(float64(common)) > float64(telling)/2 {
		t.Errorf("what all have counts %.3f beside %.3f", common, telling)
	}
	if got := s.contrast(t.Context(), 1, all[:6]); slices.ContainsFunc(got, func(w float32) bool { return math.IsNaN(float64(w)) }) {
		t.Error("a label without examples breaks the weights")
	}
}

func TestSolve(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for n := 1; n <= parts; n++ {
		// A product of a matrix and its transpose is positive definite.
		m, a := make([][]float64, n), make([][]float64, n)
		for i := range m {
			m[i] = make([]float64, n)
			for j := range m[i] {
				m[i][j] = r.NormFloat64()
			}
		}
		for i := range a {
			a[i] = make([]float64, n)
			for j := range a[i] {
				for k := range n {
					a[i][j] += m[i][k] * m[j][k]
				}
			}
			a[i][i] += 0.1
		}
		want, b := make([]float64, n), make([]float64, n)
		for i := range want {
			want[i] = r.NormFloat64()
		}
		for i := range b {
			for j := range n {
				b[i] += a[i][j] * want[j]
			}
		}
		for i, got := range solve(a, b) {
			if math.Abs(got-want[i]) > 1e-6 {
				t.Errorf("of %d unknowns number %d is %v, want %v", n, i, got, want[i])
			}
		}
	}
}
