package scope

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"hienke/internal/vitext"
)

const (
	// excerptLetters bounds the beginning of a request that is shown.
	excerptLetters = 120
	// mostRequests bounds how many are shown.
	mostRequests = 10
	// leastRequest is how many words a request has at least.
	leastRequest = 5
	// alike is the share of words that two parts may have in common, of the
	// shorter one, and still be about different things.
	alike = 0.25
)

// item finds what begins a further point: "2.", "b)", "-", at the start of a
// line or after the end of a sentence.
var item = regexp.MustCompile(`(?m)(^|[.;:!?]\s+)[ \t]*(\(?[0-9]{1,2}[.)/]|\(?[a-hA-H]\)|[-–•*+])[ \t]+`)

// part is a piece of a text that may be a request of its own.
type part struct {
	raw      string
	words    map[string]bool // about the subject, folded
	requests bool            // it asks for something
}

// several returns the beginnings of the separate requests of a text. Points of
// one proposal are not separate: each must ask for something by itself, and
// they must share hardly a word.
func (j *Judge) several(x *text) []string {
	var asks []part
	for _, raw := range j.parts(x) {
		p := j.part(raw)
		if p.requests && len(p.words) >= leastRequest {
			asks = append(asks, p)
		}
	}
	var apart []part
	for _, p := range asks {
		if !slices.ContainsFunc(apart, func(o part) bool { return overlap(p, o) > alike }) {
			apart = append(apart, p)
		}
	}
	if len(apart) < 2 {
		return nil
	}
	var out []string
	for _, p := range apart[:min(len(apart), mostRequests)] {
		out = append(out, excerpt(p.raw))
	}
	return out
}

// parts cuts the body at its points: numbers and dashes, or words of counting.
func (j *Judge) parts(x *text) []string {
	body := x.raw
	if x.titleEnds > 0 {
		body = strings.TrimLeft(body[x.words[x.titleEnds-1].end:], " \t.,;:!?…\"'()")
	}
	var cuts []int
	for _, at := range item.FindAllStringIndex(body, -1) {
		cuts = append(cuts, at[0])
	}
	offset := len(x.raw) - len(body)
	for _, m := range j.marks.find(x, false) {
		if m.value == markOrdinal && m.from >= x.titleEnds && x.parted(m.from) {
			cuts = append(cuts, max(x.words[m.from].start-offset, 0))
		}
	}
	if len(cuts) < 2 {
		return nil
	}
	slices.Sort(cuts)
	cuts = append(slices.Compact(cuts), len(body))
	var parts []string
	for i := range len(cuts) - 1 {
		parts = append(parts, body[cuts[i]:cuts[i+1]])
	}
	return parts
}

func (j *Judge) part(raw string) part {
	raw = strings.TrimSpace(item.ReplaceAllString(raw, " "))
	x := j.read(Input{Body: raw})
	p := part{raw: raw, words: map[string]bool{}}
	for _, m := range j.marks.find(x, false) {
		p.requests = p.requests || m.value == markRequest
	}
	for _, w := range x.words {
		if !j.common[w.folded] && len(w.folded) > 1 {
			p.words[w.folded] = true
		}
	}
	return p
}

func overlap(a, b part) float64 {
	both := 0
	for w := range a.words {
		if b.words[w] {
			both++
		}
	}
	return float64(both) / float64(max(1, min(len(a.words), len(b.words))))
}

// excerpt is the beginning of a part on one line.
func excerpt(raw string) string {
	s := strings.TrimLeft(strings.Join(strings.Fields(vitext.Normalize(raw)), " "), ".;:,-–•*+ ")
	if utf8.RuneCountInString(s) <= excerptLetters {
		return s
	}
	s = string([]rune(s)[:excerptLetters])
	if i := strings.LastIndexByte(s, ' '); i > 0 {
		s = s[:i]
	}
	return s + "…"
}
