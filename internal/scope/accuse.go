package scope

import (
	"cmp"
	"slices"
	"strings"
)

const (
	// hedgedWithin is how many words before an act a hedge takes the sting from
	// it; askedWithin the same for a body that is only asked.
	hedgedWithin, askedWithin = 5, 3
	// negatedWithin is the same for a negation.
	negatedWithin = 3
	// bodyReach and officeReach are how many words may stand between the kind
	// of a body or a post and its name: "trạm y tế xã Mẫu", "trưởng phòng tài
	// chính huyện Mẫu".
	bodyReach, officeReach = 6, 5
	// accusedShown bounds how many names a verdict lists.
	accusedShown = 5
	// mostActs and mostTargets bound what is held against each other.
	mostActs, mostTargets = 200, 500
)

// target is a named body or official.
type target struct {
	from, until int
	person      bool
	asked       bool // it is addressed, so only a charge before it accuses it
	charged     bool // "tố cáo" stands right before it
}

// accused returns the named bodies and officials of whom a text says one of
// acts, as it spells them.
func (j *Judge) accused(x *text, acts []found[int]) []string {
	marks := j.marks.find(x, true)
	if len(acts) == 0 && !slices.ContainsFunc(marks, func(m found[mark]) bool { return m.value == markCharge }) {
		return nil
	}
	var out []string
	acts = acts[:min(len(acts), mostActs)]
	for _, t := range j.targets(x, marks) {
		if !t.charged && !slices.ContainsFunc(acts, func(a found[int]) bool { return j.says(x, a, t) }) {
			continue
		}
		name := x.surface(t.from, t.until)
		if !slices.Contains(out, name) && len(out) < accusedShown {
			out = append(out, name)
		}
	}
	return out
}

// says reports whether an act is said of a target: of a person in the same
// sentence or one beside it, of a body in the same sentence. Title and body
// lie beside each other.
func (j *Judge) says(x *text, act found[int], t target) bool {
	if t.asked || j.config.Cues[act.value].Persons && !t.person {
		return false
	}
	apart := x.words[act.from].sentence - x.words[t.from].sentence
	if apart < 0 {
		apart = -apart
	}
	reach := 0
	if t.person {
		reach = 2
	}
	return apart <= reach || x.words[act.from].title
}

// near reports whether a mark stands within n words before place, in the same
// sentence.
func near(x *text, marks []found[mark], kind mark, place, n int) bool {
	_, ok := before(x, marks, kind, place, n)
	return ok
}

// before returns the mark of a kind that stands nearest before place, within n
// words and in the same sentence.
func before(x *text, marks []found[mark], kind mark, place, n int) (found[mark], bool) {
	i, _ := slices.BinarySearchFunc(marks, place, func(m found[mark], from int) int { return cmp.Compare(m.from, from) })
	for i--; i >= 0 && marks[i].from >= place-n-maxPhrase; i-- {
		m := marks[i]
		if m.value == kind && m.until <= place && place-m.until < n && x.words[m.from].sentence == x.words[place].sentence {
			return m, true
		}
	}
	return found[mark]{}, false
}

// hedged reports whether what is said at place is feared, fought, forbidden or
// denied rather than reported.
func hedged(x *text, marks []found[mark], place int) bool {
	if near(x, marks, markHedge, place, hedgedWithin) {
		return true
	}
	m, ok := before(x, marks, markNegation, place, negatedWithin)
	for i := m.until; ok && i <= place; i++ {
		ok = !x.parted(i)
	}
	return ok
}

// targets finds named bodies and officials.
func (j *Judge) targets(x *text, marks []found[mark]) []target {
	official := slices.ContainsFunc(marks, func(m found[mark]) bool {
		return m.value == markOffice || m.value == markBody || m.value == markAgency || m.value == markPublic
	})
	var out []target
	add := func(t target) {
		t.charged = near(x, marks, markCharge, t.from, askedWithin)
		t.asked = !t.charged && !t.person && near(x, marks, markAddressing, t.from, askedWithin)
		if !slices.ContainsFunc(out, func(o target) bool { return o.from <= t.from && o.until >= t.until }) {
			out = append(out, t)
		}
	}
	for _, m := range marks {
		if len(out) >= mostTargets {
			break
		}
		switch m.value {
		case markAgency:
			add(target{from: m.from, until: m.until})
		case markTitle:
			if until := j.name(x, m.until, 0, 1); until > 0 && official {
				add(target{from: m.from, until: until, person: true})
			}
		case markOffice:
			if until := j.name(x, m.until, officeReach, 2); until > 0 {
				add(target{from: m.from, until: until, person: true})
			}
		case markBody:
			if until := j.name(x, m.until, bodyReach, 1); until > 0 {
				add(target{from: m.from, until: until})
			}
		}
	}
	for i, w := range x.words {
		if x.cased && w.capital && j.acronyms[x.raw[w.start:w.end]] {
			add(target{from: i, until: i + 1})
		}
	}
	return out
}

// name returns the end of a name of at least least words that begins up to
// skip words after from, in the same sentence and not beyond a comma; 0 if
// there is none. Where capitals mean something a name is a run of them; else
// it is a surname and the word after it.
func (j *Judge) name(x *text, from, skip, least int) int {
	for i := from; i <= from+skip && i < len(x.words); i++ {
		if x.parted(i) {
			return 0
		}
		end := i
		if !x.cased {
			if i+1 < len(x.words) && !x.parted(i+1) && j.surnames.has(x.words[i]) && (skip == 0 || j.middles.has(x.words[i+1])) {
				return min(i+3, len(x.words))
			}
			continue
		}
		for end < len(x.words) && x.words[end].capital && (end == i || !x.parted(end)) {
			end++
		}
		if end-i >= least {
			return end
		}
	}
	return 0
}

// parted reports whether more than a space or a dash stands before word i, or
// whether another sentence begins with it.
func (x *text) parted(i int) bool {
	if i == 0 || x.words[i].sentence != x.words[i-1].sentence {
		return true
	}
	from, to := x.words[i-1].end, x.words[i].start
	return to > from && strings.Trim(x.raw[from:to], " \t.-–:&\"'“”") != ""
}
