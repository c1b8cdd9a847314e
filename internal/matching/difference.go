package matching

import (
	"slices"
	"strings"
	"unicode"

	"hienke/internal/vitext"
)

// Run is a piece of one of two compared texts. The runs of a text, put
// together, are the text.
type Run struct {
	Text string
	// Differs tells that the other text does not have these words here.
	Differs bool
}

// mostEdits bounds the search for the shortest difference: texts that differ
// in more words are shown as different from the first to the last such word.
// It costs a few megabytes and milliseconds at the most.
const mostEdits = 1_000

// Differences marks where two texts differ, word by word, for a person to look
// at. Case, punctuation and the place of the tone mark do not count; accents
// do. It takes time proportional to the texts and the number of differences,
// and only their first vitext.MaxWords words are compared.
func Differences(a, b string) (left, right []Run) {
	x, y := piecesOf(a), piecesOf(b)
	same := alignment(x.keys, y.keys)
	inA, inB := make([]bool, len(x.keys)), make([]bool, len(y.keys))
	for _, pair := range same {
		inA[pair[0]], inB[pair[1]] = true, true
	}
	return x.runs(inA), y.runs(inB)
}

// pieces is a text cut before every word; keys tell which words are equal.
type pieces struct {
	text  []string // each with the white space that follows it
	keys  []string
	lead  string // white space before the first word
	extra string // what is beyond the words that are compared
}

func piecesOf(text string) pieces {
	var p pieces
	rest := strings.TrimLeftFunc(text, unicode.IsSpace)
	p.lead = text[:len(text)-len(rest)]
	for rest != "" {
		if len(p.keys) == vitext.MaxWords {
			p.extra = rest
			break
		}
		end := len(rest)
		if space := strings.IndexFunc(rest, unicode.IsSpace); space >= 0 {
			word := strings.TrimLeftFunc(rest[space:], unicode.IsSpace)
			end = len(rest) - len(word)
		}
		p.text, p.keys = append(p.text, rest[:end]), append(p.keys, keyOf(rest[:end]))
		rest = rest[end:]
	}
	return p
}

// keyOf brings a word into the form in which it is compared.
func keyOf(word string) string {
	word = strings.ToLower(vitext.Normalize(word))
	key := strings.TrimFunc(word, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	if key == "" {
		return strings.TrimSpace(word) // a dash, a plus: it is what it is
	}
	return key
}

func (p pieces) runs(same []bool) []Run {
	var out []Run
	add := func(text string, differs bool) {
		if n := len(out); n > 0 && out[n-1].Differs == differs {
			out[n-1].Text += text
		} else if text != "" {
			out = append(out, Run{text, differs})
		}
	}
	add(p.lead, false)
	for i := 0; i < len(p.text); {
		j := i // one string for each stretch, however long
		for j < len(p.text) && same[j] == same[i] {
			j++
		}
		add(strings.Join(p.text[i:j], ""), !same[i])
		i = j
	}
	add(p.extra, false)
	return out
}

// alignment returns the pairs of positions of a longest common subsequence, or
// of less where the lists differ in more than mostEdits places: the greedy
// algorithm of Myers, "An O(ND) Difference Algorithm and Its Variations".
func alignment(a, b []string) [][2]int {
	var same [][2]int
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		same = append(same, [2]int{head, head})
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	for _, pair := range shortest(a[head:len(a)-tail], b[head:len(b)-tail]) {
		same = append(same, [2]int{pair[0] + head, pair[1] + head})
	}
	for ; tail > 0; tail-- {
		same = append(same, [2]int{len(a) - tail, len(b) - tail})
	}
	return same
}

func shortest(a, b []string) [][2]int {
	if len(a) == 0 || len(b) == 0 {
		return nil
	}
	limit := min(len(a)+len(b), mostEdits)
	far := make([]int, 2*limit+3) // furthest position in a on each diagonal
	at := func(k int) *int { return &far[k+limit+1] }
	var steps [][]int
	for edits := 0; edits <= limit; edits++ {
		for k := -edits; k <= edits; k += 2 {
			i := *at(k - 1) + 1
			if k == -edits || k != edits && *at(k - 1) < *at(k + 1) {
				i = *at(k + 1)
			}
			for i < len(a) && i-k < len(b) && a[i] == b[i-k] {
				i++
			}
			*at(k) = i
			if i >= len(a) && i-k >= len(b) {
				return retrace(a, b, steps, k)
			}
		}
		steps = append(steps, slices.Clone(far[limit+1-edits:limit+2+edits]))
	}
	return nil
}

// retrace walks back from the end over the furthest positions of each number
// of edits; steps[e][k+e] is that of diagonal k after e edits.
func retrace(a, b []string, steps [][]int, k int) [][2]int {
	var same [][2]int
	i := len(a)
	for e := len(steps); e >= 0; e-- {
		start := 0 // where this run of equal words begins, after the edit
		from := k
		if e > 0 {
			before := steps[e-1]
			reach := func(k int) int {
				if k < -(e-1) || k > e-1 {
					return -1
				}
				return before[k+e-1]
			}
			if k == -e || k != e && reach(k-1) < reach(k+1) {
				from, start = k+1, reach(k+1)
			} else {
				from, start = k-1, reach(k-1)+1
			}
		}
		for ; i > start; i-- {
			same = append(same, [2]int{i - 1, i - 1 - k})
		}
		if e > 0 && from < k {
			i = start - 1
		}
		k = from
	}
	slices.Reverse(same)
	return same
}
