package matching_test

import (
	"path/filepath"
	"testing"

	"hienke/internal/matching"
)

// paraphrases reads testdata/vi_documents.jsonl and vi_paraphrases.jsonl:
// requests, and the same ones as another citizen would put them, each beside
// requests on the same subject that ask for something else.
func paraphrases(t *testing.T) ([]matching.Document, []matching.Query) {
	t.Helper()
	type text struct{ ID, Title, Body string }
	numbers := map[string]int64{}
	var documents []matching.Document
	for i, d := range readLines[text](t, filepath.Join("testdata", "vi_documents.jsonl")) {
		numbers[d.ID] = int64(i + 1)
		documents = append(documents, matching.Document{ID: int64(i + 1), Title: d.Title, Body: d.Body})
	}
	type pair struct {
		ID            string
		Query         text
		Relevant      string
		HardNegatives []string `json:"hard_negatives"`
	}
	var queries []matching.Query
	for _, p := range readLines[pair](t, filepath.Join("testdata", "vi_paraphrases.jsonl")) {
		if numbers[p.Relevant] == 0 || len(p.HardNegatives) == 0 {
			t.Fatalf("%s names no document or no hard negative", p.ID)
		}
		queries = append(queries, matching.Query{
			Document: matching.Document{ID: -1, Title: p.Query.Title, Body: p.Query.Body},
			Relevant: []int64{numbers[p.Relevant]},
		})
	}
	return documents, queries
}

func TestParaphrasesInVietnameseAreFound(t *testing.T) {
	t.Parallel()
	documents, queries := paraphrases(t)
	if len(documents) < 120 || len(queries) < 160 {
		t.Fatalf("%d documents and %d queries are too few to mean anything", len(documents), len(queries))
	}
	got, err := matching.Evaluate(t.Context(), documents, queries, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%+v", got)
	if got.HitAt1 < 0.88 || got.HitAt5 < 0.98 || got.HitAt10 < 0.98 || got.MRRAt10 < 0.92 {
		t.Errorf("worse than before: %+v", got)
	}
}
