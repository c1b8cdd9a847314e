package scope

import (
	"cmp"
	"math"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/vitext"
)

// wordsShown is how many phrases a verdict gives as its reason.
const wordsShown = 6

// evidence is one phrase or property that counted.
type evidence struct {
	scope   civic.Scope
	channel string
	weight  float64
	from    int // first word, for a phrase
	until   int // 0 for a property
}

// Judge judges a text.
func (j *Judge) Judge(in Input) Verdict {
	if j == nil {
		return Verdict{Scope: civic.InScope, Confidence: 1}
	}
	x := j.read(in)
	phrases, acts := j.phrases(x)
	v := Verdict{Accused: j.accused(x, acts), Several: j.several(x)}
	v.Accuses = len(v.Accused) > 0
	all := j.weigh(x, phrases, x.personal || v.Accuses)
	properties := x.shape()
	if v.Accuses {
		properties = append(properties, featureAccuses)
	}
	if !slices.ContainsFunc(all, func(e evidence) bool { return e.scope == civic.InScope && e.weight > 0 }) {
		properties = append(properties, featureUnproposing)
	}
	for _, name := range properties {
		for _, f := range j.features[name] {
			all = append(all, evidence{scope: f.Scope, weight: f.Weight})
		}
	}
	v.Scope, v.Confidence = j.decide(all)
	if v.Scope != civic.InScope {
		v.Channel = channelOf(v.Scope, all)
	}
	v.Words = x.telling(v.Scope, all)
	return v
}

// phrases looks up the cues of a text. Accusing acts that the text fears,
// fights or forbids are left out; the others are returned once more by
// themselves.
func (j *Judge) phrases(x *text) (all, acts []found[int]) {
	marks, beside := j.marks.find(x, true), j.near.find(x, false)
	for _, f := range j.cues.find(x, true) {
		cue := &j.config.Cues[f.value]
		switch {
		case len(cue.Near) > 0 && !x.beside(beside, f):
		case !cue.Accuses:
			all = append(all, f)
		case !hedged(x, marks, f.from):
			all, acts = append(all, f), append(acts, f)
		}
	}
	return all, acts
}

// besideWithin is how many words may lie between a phrase and what must stand
// near it.
const besideWithin = 7

// beside reports whether one of the phrases that belong to the same cue stands
// near f.
func (x *text) beside(phrases []found[int], f found[int]) bool {
	i, _ := slices.BinarySearchFunc(phrases, f.from-besideWithin-maxPhrase, func(p found[int], from int) int { return cmp.Compare(p.from, from) })
	for ; i < len(phrases) && phrases[i].from <= f.until+besideWithin; i++ {
		p := phrases[i]
		if p.value == f.value && p.until >= f.from-besideWithin && x.words[p.from].sentence == x.words[f.from].sentence {
			return true
		}
	}
	return false
}

// weigh says what each phrase counts. own tells that the text speaks of its
// writer or of somebody by name.
func (j *Judge) weigh(x *text, phrases []found[int], own bool) (all []evidence) {
	groups := map[int][]evidence{}
	seen := map[string]bool{}
	for _, f := range phrases {
		cue := &j.config.Cues[f.value]
		if cue.Weight == 0 || cue.Own && !own || cue.Within > 0 && len(x.words) > cue.Within {
			continue
		}
		key := cue.Group + "\x00" + x.surface(f.from, f.until)
		if seen[key] {
			continue
		}
		seen[key] = true
		e := evidence{scope: cue.Scope, channel: cue.Channel, weight: cue.Weight, from: f.from, until: f.until}
		if x.words[f.from].title {
			e.weight *= j.config.TitleFactor
		}
		groups[f.value] = append(groups[f.value], e)
	}
	for i := range j.config.Cues { // in order, so that sums are the same in every run
		group := groups[i]
		slices.SortStableFunc(group, func(a, b evidence) int { return cmp.Compare(math.Abs(b.weight), math.Abs(a.weight)) })
		for n := range group {
			group[n].weight *= math.Pow(0.5, float64(n))
		}
		all = append(all, group...)
	}
	return all
}

// decide sums up and sets a text apart only if that is likely enough.
func (j *Judge) decide(all []evidence) (civic.Scope, float64) {
	sums := map[civic.Scope]float64{}
	for _, s := range civic.Scopes {
		sums[s] = j.biases[s]
	}
	for _, e := range all {
		sums[e.scope] += e.weight
	}
	best, total := civic.InScope, 0.0
	for _, s := range civic.Scopes {
		if sums[s] > sums[best] {
			best = s
		}
		total += math.Exp(sums[s])
	}
	p := math.Exp(sums[best]) / total
	if p < j.config.Least {
		best = civic.InScope
		p = math.Exp(sums[best]) / total
	}
	return best, p
}

// channelOf is the channel with the most evidence.
func channelOf(s civic.Scope, all []evidence) string {
	sums := map[string]float64{}
	best := ""
	for _, e := range all {
		if e.scope != s || e.channel == "" {
			continue
		}
		sums[e.channel] += e.weight
		if best == "" || sums[e.channel] > sums[best] {
			best = e.channel
		}
	}
	return best
}

// telling are the phrases that counted most for a verdict.
func (x *text) telling(s civic.Scope, all []evidence) []string {
	var parts []vitext.Weighted
	for _, e := range all {
		if e.scope == s && e.until > 0 && e.weight > 0 {
			parts = append(parts, vitext.Weighted{Surface: vitext.Surface(x.surface(e.from, e.until)), Weight: e.weight})
		}
	}
	return vitext.Telling(parts, wordsShown)
}
