package matching_test

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"hienke/internal/matching"
)

func TestEvaluate(t *testing.T) {
	t.Parallel()
	// The first document shares eight words with the query, the next seven, and
	// so on, so that the rank of each is its number.
	words := strings.Fields("một hai ba bốn năm sáu bảy tám")
	var corpus []matching.Document
	for i := range words {
		corpus = append(corpus, matching.Document{ID: int64(i + 1), Title: strings.Join(words[:len(words)-i], " ") + strings.Repeat(" khác", i)})
	}
	query := matching.Document{ID: 100, Title: strings.Join(words, " ")}
	queries := []matching.Query{
		{Document: query, Relevant: []int64{1}},
		{Document: query, Relevant: []int64{99, 5}},
		{Document: query, Relevant: []int64{6, 8}},
		{Document: query, Relevant: []int64{99}},
	}
	var calls []int
	got, err := matching.Evaluate(t.Context(), corpus, queries, func(done, all int) {
		calls = append(calls, done)
		if all != 12 {
			t.Errorf("%d steps, want 12", all)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(got.MRRAt10-(1+1.0/5+1.0/6)/4) > 1e-9 {
		t.Errorf("MRRAt10 %v", got.MRRAt10)
	}
	got.MRRAt10 = 0
	if want := (matching.Report{Documents: 8, Queries: 4, HitAt1: 0.25, HitAt5: 0.5, HitAt10: 0.75}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !slices.IsSorted(calls) || len(calls) != 12 || calls[11] != 12 {
		t.Errorf("progress %v", calls)
	}
}

func TestEvaluateOfNothing(t *testing.T) {
	t.Parallel()
	got, err := matching.Evaluate(t.Context(), nil, nil, nil)
	if err != nil || got != (matching.Report{}) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestEvaluateStopsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := matching.Evaluate(ctx, proposals, []matching.Query{{}}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
