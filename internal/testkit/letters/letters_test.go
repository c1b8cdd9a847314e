package letters_test

import (
	"strings"
	"testing"

	"hienke/internal/testkit/letters"
)

func TestLetters(t *testing.T) {
	t.Parallel()
	w, again := letters.New(1), letters.New(1)
	const n = 4000
	campaign, distinct := 0, map[letters.Letter]bool{}
	for i := range n {
		l := w.Letter(i)
		if l != again.Letter(i) {
			t.Fatalf("letter %d is another the second time", i)
		}
		if words := len(strings.Fields(l.Body)); words < 150 || words > 260 {
			t.Errorf("letter %d has %d words", i, words)
		}
		if words := len(strings.Fields(l.Title)); words < 6 || words > 14 {
			t.Errorf("the title of letter %d has %d words: %s", i, words, l.Title)
		}
		if l == w.Campaign() {
			campaign++
		}
		distinct[l] = true
	}
	if share := float64(campaign) / n; share < 0.08 || share > 0.12 {
		t.Errorf("%.3f of the letters are the campaign's", share)
	}
	if want := n - campaign + 1; len(distinct) != want {
		t.Errorf("%d letters differ, want %d", len(distinct), want)
	}
	if testing.Verbose() {
		t.Log(w.Letter(1), w.Letter(2))
	}
}

func BenchmarkLetter(b *testing.B) {
	w := letters.New(1)
	for i := range b.N {
		w.Letter(i)
	}
}
