package routing_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pelletier/go-toml/v2"

	"hienke/internal/routing"
	"hienke/internal/vitext"
)

// labelled is a row of the public routing data in the folder that
// HIENKE_TEST_EVAL_DATA names; they are no part of the repository.
type labelled struct {
	ID    any    `json:"id"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Label string `json:"label"`
	Year  int    `json:"year"`
}

// splitRows reads a set and splits it: mahmls by year, up to 2019 and after;
// the others four to one by the hash of the id.
func splitRows(t testing.TB, set string) (train, test []routing.Example) {
	t.Helper()
	dir := os.Getenv("HIENKE_TEST_EVAL_DATA")
	if dir == "" {
		t.Skip("set HIENKE_TEST_EVAL_DATA to the folder with " + set + "/routing.jsonl")
	}
	f, err := os.Open(filepath.Join(dir, set, "routing.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // only read
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var r labelled
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		h := fnv.New32a()
		fmt.Fprint(h, r.ID)
		held := h.Sum32()%5 == 0
		if r.Year > 0 {
			held = r.Year > 2019
		}
		if !strings.HasPrefix(r.Text, r.Title) {
			r.Text = r.Title + "\n" + r.Text
		}
		e := routing.Example{Text: r.Text, Label: r.Label}
		if held {
			test = append(test, e)
		} else {
			train = append(train, e)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return train, test
}

func TestRoutingOfRealTexts(t *testing.T) {
	t.Parallel()
	tests := []struct {
		set                    string
		accuracy, macro, three float64
	}{
		{"uk_petitions", 0.60, 0.42, 0.85},
		{"vi_laws", 0.94, 0.94, 0.99},
		{"mahmls", 0.855, 0.84, 0.97},
	}
	for _, tt := range tests {
		t.Run(tt.set, func(t *testing.T) {
			train, test := splitRows(t, tt.set)
			got, err := routing.Evaluate(t.Context(), train, test, time.Now, nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%+v", got)
			if got.Accuracy < tt.accuracy || got.MacroF1 < tt.macro || got.Top3 < tt.three {
				t.Errorf("worse than before: %+v", got)
			}
		})
	}
}

func TestAccentsMakeNoDifferenceToRealTexts(t *testing.T) {
	t.Parallel()
	training, test := splitRows(t, "vi_laws")
	m := train(t, training)
	stripped := slices.Clone(test)
	for i := range stripped {
		stripped[i].Text = vitext.Fold(stripped[i].Text)
	}
	with, without := routing.Measure(m, test), routing.Measure(m, stripped)
	t.Logf("with accents %.4f, without %.4f", with.Accuracy, without.Accuracy)
	if without.Accuracy < with.Accuracy-0.001 {
		t.Errorf("accuracy falls from %.4f to %.4f without accents", with.Accuracy, without.Accuracy)
	}
}

// TestDescriptionsAloneRouteRealTitles is the first day: no history, only what
// the registry says of all its agencies. Chance among 77 is 0.013, and always
// the largest of the labels would be 0.169.
func TestDescriptionsAloneRouteRealTitles(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../configs/registry/agencies.toml")
	if err != nil {
		t.Fatal(err)
	}
	var registry struct {
		Agency []struct {
			Code, Competence string
			Name             map[string]string
			Aliases          []string
			Receives         bool
			Until            any
		}
	}
	if err := toml.Unmarshal(raw, &registry); err != nil {
		t.Fatal(err)
	}
	var descriptions []routing.Example
	codes := map[string]string{}
	for _, a := range registry.Agency {
		if a.Receives && a.Until == nil {
			codes[strings.TrimSuffix(a.Name["vi"], " Việt Nam")] = a.Code
			parts := append([]string{a.Name["vi"], a.Name["en"], a.Competence}, a.Aliases...)
			descriptions = append(descriptions, routing.Example{Text: strings.Join(parts, "\n"), Label: a.Code, Weight: 0.5, Seed: true})
		}
	}
	m := train(t, descriptions)
	first, second := splitRows(t, "vi_laws")
	titles := slices.Concat(first, second)
	for i, e := range titles {
		title, _, _ := strings.Cut(e.Text, "\n")
		titles[i] = routing.Example{Text: title, Label: codes[e.Label]}
	}
	got := routing.Measure(m, titles)
	t.Logf("%d agencies, %d titles: right %.3f, among three %.3f", got.Classes, got.Rows, got.Accuracy, got.Top3)
	if got.Rows != len(titles) || got.Accuracy < 0.39 || got.Top3 < 0.62 {
		t.Errorf("worse than before: %+v", got)
	}
}

// TestDefaultPolicyOnRealTexts shows what the thresholds mean: how much the
// model assigns by itself on texts of later years, and how much of that is
// right.
func TestDefaultPolicyOnRealTexts(t *testing.T) {
	t.Parallel()
	for _, set := range []string{"uk_petitions", "vi_laws", "mahmls"} {
		t.Run(set, func(t *testing.T) {
			training, test := splitRows(t, set)
			m, err := routing.Train(t.Context(), training, routing.Options{})
			if err != nil {
				t.Fatal(err)
			}
			known := map[string]int{}
			for _, e := range training {
				known[e.Label]++
			}
			router := routing.Router{Model: m, Policy: routing.DefaultPolicy()}
			rows, assigned, right := 0, 0, 0
			var expected float64
			for _, e := range test {
				if known[e.Label] < 5 {
					continue
				}
				rows++
				d := router.Decide(routing.Input{Body: e.Text}, time.Time{}, func(string) bool { return true })
				if !d.Assigned {
					continue
				}
				assigned++
				expected += d.Score
				if d.Agency == e.Label {
					right++
				}
			}
			precision := float64(right) / float64(max(assigned, 1))
			t.Logf("%d rows, %.3f assigned, %.4f of them right, %.4f expected", rows, float64(assigned)/float64(rows), precision, expected/float64(max(assigned, 1)))
			if assigned > 300 && precision < 0.97 {
				t.Errorf("only %.4f of what is assigned is right", precision)
			}
		})
	}
}
