package matching_test

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"hienke/internal/matching"
)

// petitions reads the public petition data from the folder that
// HIENKE_TEST_EVAL_DATA names; they are no part of the repository.
func petitions(t testing.TB) ([]matching.Document, []matching.Query) {
	t.Helper()
	dir := os.Getenv("HIENKE_TEST_EVAL_DATA")
	if dir == "" {
		t.Skip("set HIENKE_TEST_EVAL_DATA to the folder with uk_petitions/corpus.jsonl and duplicate_queries.jsonl")
	}
	type row struct {
		ID       int64   `json:"id"`
		QueryID  int64   `json:"query_id"`
		Title    string  `json:"title"`
		Text     string  `json:"text"`
		Relevant []int64 `json:"relevant"`
	}
	var corpus []matching.Document
	for _, r := range readLines[row](t, filepath.Join(dir, "uk_petitions", "corpus.jsonl")) {
		corpus = append(corpus, matching.Document{ID: r.ID, Title: r.Title, Body: r.Text})
	}
	var queries []matching.Query
	for _, r := range readLines[row](t, filepath.Join(dir, "uk_petitions", "duplicate_queries.jsonl")) {
		queries = append(queries, matching.Query{Document: matching.Document{ID: r.QueryID, Title: r.Title, Body: r.Text}, Relevant: r.Relevant})
	}
	return corpus, queries
}

func readLines[T any](t testing.TB, path string) []T {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	var rows []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var row T
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatalf("%s line %d: %v", path, len(rows)+1, err)
		}
		rows = append(rows, row)
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return rows
}

func TestDuplicatesOfPetitionsAreFoundBetterThanByPlainBM25(t *testing.T) {
	t.Parallel()
	corpus, queries := petitions(t)
	withoutOrder := slices.Clone(queries)
	for i := range withoutOrder {
		withoutOrder[i].ID = -1
	}
	tests := []struct {
		name    string
		queries []matching.Query
		least   matching.Report
	}{
		{"in the order of receipt", queries, matching.Report{HitAt5: 0.90, HitAt10: 0.93, MRRAt10: 0.78}},
		{"by what they say alone", withoutOrder, matching.Report{HitAt5: 0.82, HitAt10: 0.90, MRRAt10: 0.63}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := matching.Evaluate(t.Context(), corpus, tt.queries, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", got)
			if got.HitAt5 < tt.least.HitAt5 || got.HitAt10 < tt.least.HitAt10 || got.MRRAt10 < tt.least.MRRAt10 {
				t.Errorf("worse than before: %+v", got)
			}
		})
	}
}

func TestDifferentPetitionsAreNeverJoined(t *testing.T) {
	t.Parallel()
	petitions(t) // skips without data
	type row struct {
		Text1     string `json:"text1"`
		Text2     string `json:"text2"`
		Duplicate int    `json:"is_dup"`
		Kind      string `json:"kind"`
	}
	joined, pairs := map[string]int{}, map[string]int{}
	for _, r := range readLines[row](t, filepath.Join(os.Getenv("HIENKE_TEST_EVAL_DATA"), "uk_petitions", "pairs.jsonl")) {
		pairs[r.Kind]++
		c := matching.Compare(r.Text1, r.Text2)
		if !c.Joinable() {
			continue
		}
		joined[r.Kind]++
		if r.Duplicate == 0 && c.Jaccard < 1 { // moderators let three exact copies stand
			t.Errorf("joined %s:\n%s\n--\n%s", r.Kind, r.Text1, r.Text2)
		}
	}
	t.Logf("joined %v of %v", joined, pairs)
}
