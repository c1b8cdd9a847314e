package routing

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"
)

// Report says how well a model routes texts it did not see.
type Report struct {
	// Accuracy is the share of rows whose most probable label is right.
	Accuracy float64 `json:"accuracy"`
	// MacroF1 is the mean F1 over the labels that occur in the test rows.
	MacroF1 float64 `json:"macro_f1"`
	// Top3 is the share of rows with the right label among the first three.
	Top3 float64 `json:"top3"`
	// AutoShareAt98 is the largest share of rows, the most confident first, of
	// which at least 98 % are right.
	AutoShareAt98 float64 `json:"auto_share_at_98"`
	TrainSeconds  float64 `json:"train_seconds"`
	// DecisionMicros is the mean time of one classification in microseconds.
	DecisionMicros float64 `json:"decision_us"`
	Classes        int     `json:"classes"` // labels of the model
	Rows           int     `json:"rows"`    // test rows measured
	// Skipped are test rows left out because their label has fewer than
	// minTrainingRows confirmed training rows.
	Skipped int `json:"skipped"`
	// Reliability tells what the probabilities mean: the rows by the
	// probability of their best label, in tenths from 0 to 1.
	Reliability [reliabilityBins]Bin `json:"reliability"`
	// CalibrationError is the expected calibration error: how far probability
	// and share right are apart in the bins, on average over the rows.
	CalibrationError float64 `json:"calibration_error"`
}

// Bin is a line of a reliability table. The shares are 0 in an empty bin.
type Bin struct {
	Rows int `json:"rows"`
	// Predicted is the mean probability of the best label, and Right the share
	// of rows where that is the right one. They should be near each other.
	Predicted float64 `json:"predicted"`
	Right     float64 `json:"right"`
}

const (
	minTrainingRows = 5
	autoPrecision   = 0.98
	reliabilityBins = 10
)

// Evaluate trains on one part and measures on the other. now is the clock;
// progress, if not nil, is called after each test row.
func Evaluate(ctx context.Context, train, test []Example, now func() time.Time, progress func(done, all int)) (Report, error) {
	started := now()
	m, err := Train(ctx, train, Options{})
	if err != nil {
		return Report{}, err
	}
	r := Report{TrainSeconds: now().Sub(started).Seconds(), Classes: len(m.labels)}
	var guesses []guess
	var spent time.Duration
	for i, e := range test {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		if !m.measurable(e.Label) {
			r.Skipped++
		} else {
			begun := now()
			scored := m.Classify(e.Text)
			spent += now().Sub(begun)
			guesses = append(guesses, newGuess(e.Label, scored))
		}
		if progress != nil {
			progress(i+1, len(test))
		}
	}
	if r.Rows = len(guesses); r.Rows > 0 {
		r.DecisionMicros = float64(spent.Nanoseconds()) / 1e3 / float64(r.Rows)
		r.measure(guesses)
	}
	return r, nil
}

// Measure says how well a model that is trained already routes texts it did
// not see. Rows are left out and counted as Evaluate does it; a model that
// knows descriptions alone is measured on every label it knows. TrainSeconds
// and DecisionMicros are 0, since this package has no clock.
func Measure(m *Model, test []Example) Report {
	r := Report{Classes: len(m.labels)}
	var guesses []guess
	for _, e := range test {
		if !m.measurable(e.Label) {
			r.Skipped++
			continue
		}
		guesses = append(guesses, newGuess(e.Label, m.Classify(e.Text)))
	}
	if r.Rows = len(guesses); r.Rows > 0 {
		r.measure(guesses)
	}
	return r
}

// measurable reports whether a label has enough confirmed examples to be
// measured. A model of descriptions alone has none of any; there it is enough
// to know the label.
func (m *Model) measurable(label string) bool {
	i, known := slices.BinarySearch(m.labels, label)
	return known && (m.confirmed[i] >= minTrainingRows || slices.Max(m.confirmed) == 0)
}

// guess is the outcome for one test row.
type guess struct {
	want, got  string
	confidence float64
	amongThree bool
}

func newGuess(want string, scored []Scored) guess {
	three := scored[:min(3, len(scored))]
	return guess{
		want: want, got: scored[0].Label, confidence: scored[0].Probability,
		amongThree: slices.ContainsFunc(three, func(s Scored) bool { return s.Label == want }),
	}
}

func (r *Report) measure(guesses []guess) {
	n := float64(len(guesses))
	hits, wanted, given := map[string]float64{}, map[string]float64{}, map[string]float64{}
	for _, g := range guesses {
		wanted[g.want]++
		given[g.got]++
		if g.want == g.got {
			hits[g.want]++
			r.Accuracy += 1 / n
		}
		if g.amongThree {
			r.Top3 += 1 / n
		}
	}
	for label, w := range wanted {
		r.MacroF1 += 2 * hits[label] / (w + given[label]) / float64(len(wanted))
	}
	r.reliability(guesses)
	slices.SortStableFunc(guesses, func(a, b guess) int { return cmp.Compare(b.confidence, a.confidence) })
	right := 0.0
	for i, g := range guesses {
		if g.want == g.got {
			right++
		}
		if right >= autoPrecision*float64(i+1) {
			r.AutoShareAt98 = float64(i+1) / n
		}
	}
}

// reliability fills in what the probabilities mean.
func (r *Report) reliability(guesses []guess) {
	for _, g := range guesses {
		b := &r.Reliability[min(int(g.confidence*reliabilityBins), reliabilityBins-1)]
		b.Rows++
		b.Predicted += g.confidence
		if g.want == g.got {
			b.Right++
		}
	}
	for i := range r.Reliability {
		b := &r.Reliability[i]
		r.CalibrationError += math.Abs(b.Predicted-b.Right) / float64(len(guesses))
		b.Predicted /= float64(max(b.Rows, 1))
		b.Right /= float64(max(b.Rows, 1))
	}
}
