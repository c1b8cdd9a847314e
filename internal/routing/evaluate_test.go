package routing_test

import (
	"math"
	"testing"
	"time"

	"hienke/internal/routing"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	var train []routing.Example
	for range 6 {
		train = append(train,
			routing.Example{Text: "sáng chế nhãn hiệu", Label: science},
			routing.Example{Text: "bệnh viện thuốc men", Label: health},
			routing.Example{Text: "trường học giáo viên", Label: education})
	}
	train = append(train, routing.Example{Text: "cầu đường", Label: transport})
	test := []routing.Example{
		{Text: "sáng chế nhãn hiệu", Label: science},
		{Text: "bằng sáng chế", Label: science},
		{Text: "bệnh viện", Label: health},
		{Text: "bệnh viện thuốc men", Label: education}, // wrong, with confidence
		{Text: "cầu đường", Label: transport},           // skipped: one training row
	}
	var ticks time.Duration
	clock := func() time.Time { // each look is a millisecond later
		ticks += time.Millisecond
		return time.Unix(0, 0).Add(ticks)
	}
	steps := 0
	got, err := routing.Evaluate(t.Context(), train, test, clock, func(done, all int) { steps = done * 100 / all })
	if err != nil {
		t.Fatal(err)
	}
	if steps != 100 {
		t.Errorf("progress ended at %d %%", steps)
	}
	// science: 2 of 2 found, nothing else called so: 1. health: found, and
	// called once too often: 2/3. education: 0.
	want := routing.Report{
		Accuracy: 0.75, MacroF1: (1 + 2.0/3 + 0) / 3, Top3: got.Top3, AutoShareAt98: got.AutoShareAt98,
		TrainSeconds: 0.001, DecisionMicros: 1000, Classes: 4, Rows: 4, Skipped: 1,
	}
	if math.Abs(got.MacroF1-want.MacroF1) > 1e-9 {
		t.Errorf("MacroF1 %v, want %v", got.MacroF1, want.MacroF1)
	}
	got.MacroF1 = want.MacroF1
	want.Reliability, want.CalibrationError = got.Reliability, got.CalibrationError // see below
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.Top3 < 0.75 || got.AutoShareAt98 > 0.5 {
		t.Errorf("top3 %v, auto share %v", got.Top3, got.AutoShareAt98)
	}
}

func TestEvaluateNeedsExamples(t *testing.T) {
	t.Parallel()
	if _, err := routing.Evaluate(t.Context(), nil, nil, time.Now, nil); err == nil {
		t.Error("no error")
	}
}

func TestMeasureSaysOfATrainedModelWhatEvaluateSays(t *testing.T) {
	t.Parallel()
	test := []routing.Example{{Text: golden[0].text, Label: science}, {Text: golden[1].text, Label: education}, {Text: "?", Label: "unknown"}}
	want, err := routing.Evaluate(t.Context(), history(), test, func() time.Time { return time.Time{} }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := routing.Measure(train(t, history()), test); got != want || got.Rows != 2 || got.Skipped != 1 {
		t.Errorf("got %+v, want %+v with 2 rows", got, want)
	}
	if got := routing.Measure(train(t, seeds()), test); got.Rows != 2 {
		t.Errorf("a model of descriptions alone is measured on %d rows, want 2", got.Rows)
	}
}

func TestTheReliabilityTableComparesProbabilityWithTruth(t *testing.T) {
	t.Parallel()
	m := train(t, history())
	test := history()
	for i := range test { // every third label is wrong, whatever the model thinks
		if i%3 == 0 {
			test[i].Label = map[string]string{science: health, health: science, education: science, transport: science}[test[i].Label]
		}
	}
	got := routing.Measure(m, test)
	rows, apart, right := 0, 0.0, 0.0
	for i, b := range got.Reliability {
		rows += b.Rows
		apart += math.Abs(b.Predicted-b.Right) * float64(b.Rows)
		right += b.Right * float64(b.Rows)
		if b.Rows > 0 && (b.Predicted < float64(i)/10 || b.Predicted > float64(i+1)/10) {
			t.Errorf("bin %d has a mean probability of %v", i, b.Predicted)
		}
	}
	n := float64(len(test))
	if rows != len(test) || math.Abs(right/n-got.Accuracy) > 1e-9 || math.Abs(apart/n-got.CalibrationError) > 1e-9 {
		t.Errorf("the bins hold %d of %d rows, %v right and are %v apart: %+v", rows, len(test), right/n, apart/n, got)
	}
	if got.CalibrationError < 0.2 {
		t.Errorf("a third of the rows is wrong and the error is %v only", got.CalibrationError)
	}
}
