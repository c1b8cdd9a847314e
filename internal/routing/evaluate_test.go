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
