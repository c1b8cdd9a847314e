package personal_test

import (
	_ "embed"
	"slices"
	"strings"
	"testing"

	"hienke/internal/personal"
)

// The snippets are written for this project, nobody's data: what must be found,
// separated by semicolons, a tab, and the text. Lines without a find hold
// numbers and words that look like personal data and are none. The later ones
// were written after the patterns, and nothing was changed for them.
var (
	//go:embed testdata/snippets.tsv
	snippets string
	//go:embed testdata/snippets_later.tsv
	later string
)

// Floors of the measurement: what a change must not fall below.
const (
	leastPrecision = 0.97
	leastRecall    = 0.95
)

// TestMeasure counts finds by kind and text: one that is marked too long, too
// short or as another kind is a miss and a false alarm.
func TestMeasure(t *testing.T) {
	t.Parallel()
	for name, lines := range map[string]string{"the first": snippets, "the later": later} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			measure(t, lines)
		})
	}
}

func measure(t *testing.T, lines string) {
	t.Helper()
	right, found, wanted, texts, clean := 0, 0, 0, 0, 0
	for line := range strings.Lines(lines) {
		want, text, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok {
			t.Fatalf("no tab in %q", line)
		}
		texts++
		var wants, finds []string
		if want != "" {
			wants = strings.Split(want, ";")
		}
		for _, f := range personal.Find(text) {
			finds = append(finds, string(f.Kind)+":"+text[f.Start:f.End])
		}
		hits := 0
		for _, f := range finds {
			if slices.Contains(wants, f) {
				hits++
			}
		}
		right, found, wanted = right+hits, found+len(finds), wanted+len(wants)
		if len(wants) == 0 && len(finds) == 0 {
			clean++
		}
		if hits != len(wants) || hits != len(finds) {
			t.Logf("%q: want %q, found %q", text, wants, finds)
		}
	}
	precision, recall := float64(right)/float64(found), float64(right)/float64(wanted)
	t.Logf("%d texts, %d finds wanted: precision %.3f, recall %.3f; %d texts without any were left alone", texts, wanted, precision, recall, clean)
	if precision < leastPrecision || recall < leastRecall {
		t.Errorf("precision %.3f, recall %.3f; want at least %.2f and %.2f", precision, recall, leastPrecision, leastRecall)
	}
}
