package matching

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDifferencesAreMarkedWordByWord(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, a, b  string
		left, right []Run
	}{
		{"equal", "Đề nghị mở cầu.", "Đề nghị mở cầu.", []Run{{"Đề nghị mở cầu.", false}}, []Run{{"Đề nghị mở cầu.", false}}},
		{"case, punctuation and tone mark do not count", "Đề nghị Khoá cầu", "đề nghị khóa cầu!", []Run{{"Đề nghị Khoá cầu", false}}, []Run{{"đề nghị khóa cầu!", false}}},
		{
			"one word", "cầu ở xã Mẫu bị hỏng", "cầu ở phường Mẫu bị hỏng",
			[]Run{{"cầu ở ", false}, {"xã ", true}, {"Mẫu bị hỏng", false}}, []Run{{"cầu ở ", false}, {"phường ", true}, {"Mẫu bị hỏng", false}},
		},
		{"accents count", "ông Ân", "ông An", []Run{{"ông ", false}, {"Ân", true}}, []Run{{"ông ", false}, {"An", true}}},
		{"more at the end", "một hai", "một hai\n\nba bốn", []Run{{"một hai", false}}, []Run{{"một hai\n\n", false}, {"ba bốn", true}}},
		{"more at the start", "ba", "một hai ba", []Run{{"ba", false}}, []Run{{"một hai ", true}, {"ba", false}}},
		{"nothing in common", "một", "hai", []Run{{"một", true}}, []Run{{"hai", true}}},
		{"an empty text", "", " hai", nil, []Run{{" ", false}, {"hai", true}}},
		{"a sign counts", "nhiệt độ - 5", "nhiệt độ + 5", []Run{{"nhiệt độ ", false}, {"- ", true}, {"5", false}}, []Run{{"nhiệt độ ", false}, {"+ ", true}, {"5", false}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			left, right := Differences(tt.a, tt.b)
			if diff := cmp.Diff([][]Run{tt.left, tt.right}, [][]Run{left, right}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestAlignmentIsALongestCommonSubsequence compares with the textbook's table.
func TestAlignmentIsALongestCommonSubsequence(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	random := func() []string {
		words := make([]string, rng.IntN(30))
		for i := range words {
			words[i] = string(rune('a' + rng.IntN(4)))
		}
		return words
	}
	for range 2_000 {
		a, b := random(), random()
		pairs := alignment(a, b)
		for i, p := range pairs {
			if a[p[0]] != b[p[1]] || i > 0 && (p[0] <= pairs[i-1][0] || p[1] <= pairs[i-1][1]) {
				t.Fatalf("%v %v: bad pair in %v", a, b, pairs)
			}
		}
		if want := longest(a, b); len(pairs) != want {
			t.Fatalf("%v %v: %d in common, want %d", a, b, len(pairs), want)
		}
	}
}

func longest(a, b []string) int {
	table := make([][]int, len(a)+1)
	for i := range table {
		table[i] = make([]int, len(b)+1)
	}
	for i := range a {
		for j := range b {
			table[i+1][j+1] = max(table[i][j+1], table[i+1][j])
			if a[i] == b[j] {
				table[i+1][j+1] = table[i][j] + 1
			}
		}
	}
	return table[len(a)][len(b)]
}

func TestDifferencesOfLongTextsAreBounded(t *testing.T) {
	t.Parallel()
	a, b := strings.Repeat("a b c ", 100_000), strings.Repeat("x y ", 150_000)
	left, right := Differences(a, b)
	var sb strings.Builder
	for _, run := range left {
		sb.WriteString(run.Text)
	}
	if sb.String() != a || !left[0].Differs || !right[0].Differs {
		t.Error("a text is not the sum of its runs")
	}
}
