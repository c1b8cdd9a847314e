package matching

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"hienke/internal/vitext"
)

// Settings of salient terms and ranking, chosen on real petitions that
// moderators had refused as duplicates. They lie on a plateau: halving or
// doubling any of them moves hit@5 by two points at most, and reading every
// text by every term instead finds nothing more than 24 postings and 50 texts.
const (
	salientTerms   = 24   // postings kept per document
	queryTerms     = 32   // terms that candidates are looked up by
	postingsLimit  = 200  // postings read per term: 6,400 rows at the most
	rescored       = 50   // candidates whose texts are read
	maxSimilar     = 10   // what a person is shown
	shownTerms     = 6    // words shown as the reason
	commonShare    = 0.10 // a term in more of the documents finds nothing
	saturation     = 3.0  // k1 of BM25: how soon repeating a word stops counting
	lengthPenalty  = 0.75 // b of BM25
	queryPower     = 0.75 // damps words that the new text repeats
	pairFactor     = 0.3  // a pair of words counts this much beside its words
	typicalLength  = 150  // weighted words, for postings, where no mean is known
	countedAtFirst = 2048 // documents that are all counted, see counted
)

// Similar is an earlier document that may ask for the same.
type Similar struct {
	ID int64
	// Score from 0 to 1 is the share of what the new text is about that is
	// found in the earlier one. It ranks; it is not a probability.
	Score float64
	// Terms are the shared words that counted most, heaviest first, as the new
	// text spells them: the reason to show.
	Terms []string
}

// Frequencies are the results of Candidates.Frequencies for Analysis.Terms.
type Frequencies map[int64]int

// rarity is the inverse document frequency of a term as in BM25: about 0 for a
// term in every document. It takes the place of a list of stop words.
func (f Frequencies) rarity(term int64) float64 {
	n, df := float64(f[EveryDocument]), float64(f[term])
	return math.Log(1 + (n-min(df, n)+0.5)/(df+0.5))
}

// common reports whether a term is in too many documents to find anything.
// Among few documents nothing is: a new installation may hold a hundred cases
// on one subject and little else.
func (f Frequencies) common(term int64) bool {
	const few = 1000
	n := f[EveryDocument]
	return n >= few && float64(f[term]) > commonShare*float64(n)
}

// Salient returns the rows to store for a document: postings for the terms it
// is most about and, if the document is counted, every term for the
// frequencies. The rows are in ascending order of hash, so that concurrent
// writers lock in the same order. freq must come from before the document was
// stored.
func (a *Analysis) Salient(freq Frequencies) []Term {
	count := a.counted(freq[EveryDocument])
	rows := make(map[int64]Term, len(a.terms)+1)
	for _, t := range a.strongest(freq, salientTerms) {
		rows[t.hash] = Term{Hash: t.hash, Weight: saturate(t.count, a.length, typicalLength), Counted: count}
	}
	if count {
		rows[EveryDocument] = Term{Hash: EveryDocument, Counted: true}
		for _, t := range a.terms {
			if _, salient := rows[t.hash]; !salient {
				rows[t.hash] = Term{Hash: t.hash, Counted: true}
			}
		}
	}
	terms := make([]Term, 0, len(rows))
	for _, t := range rows {
		terms = append(terms, t)
	}
	slices.SortFunc(terms, func(a, b Term) int { return cmp.Compare(a.Hash, b.Hash) })
	return terms
}

// counted decides whether the terms of this document are counted, given how
// many were so far. Counting all terms of all documents would write hundreds
// of rows for each, many of them the same hot ones; a sample tells as well how
// common a word is. All of the first countedAtFirst are counted, later ones
// more and more rarely, which makes about 23,000 of a million. Chance comes
// from the text, so that a repeated run decides alike.
func (a *Analysis) counted(before int) bool {
	if before < countedAtFirst {
		return len(a.terms) > 0
	}
	h := uint64(0)
	for _, t := range a.terms {
		h = join(h, uint64(t.hash))
	}
	share := float64(countedAtFirst) / float64(before)
	return float64(h>>11)/(1<<53) < share*share
}

// strongest returns up to n terms that tell this document from others,
// strongest first.
func (a *Analysis) strongest(freq Frequencies, n int) []termUse {
	type ranked struct {
		termUse
		weight float64
	}
	all := make([]ranked, 0, len(a.terms))
	for _, t := range a.terms {
		if !freq.common(t.hash) {
			all = append(all, ranked{t, t.weight(freq)})
		}
	}
	slices.SortFunc(all, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.weight, a.weight), cmp.Compare(a.hash, b.hash))
	})
	out := make([]termUse, 0, n)
	for _, t := range all[:min(n, len(all))] {
		out = append(out, t.termUse)
	}
	return out
}

// weight is how much the term counts in the document it was read from.
func (t termUse) weight(freq Frequencies) float64 {
	w := math.Pow(t.count, queryPower) * freq.rarity(t.hash)
	if t.pair {
		w *= pairFactor
	}
	return w
}

// saturate is the term part of BM25, below saturation+1.
func saturate(count, length, mean float64) float64 {
	return count * (saturation + 1) / (count + saturation*(1-lengthPenalty+lengthPenalty*length/mean))
}

// Similar ranks the documents kept so far by how much they ask for the same,
// best first, up to ten, without the analysed document itself. freq are the
// frequencies of a.Terms().
func (a *Analysis) Similar(ctx context.Context, c Candidates, freq Frequencies) ([]Similar, error) {
	ids, err := a.find(ctx, c, freq)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	texts, err := c.Texts(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	return a.rank(texts, freq), nil
}

// find returns the ids of the most promising documents by their postings.
func (a *Analysis) find(ctx context.Context, c Candidates, freq Frequencies) ([]int64, error) {
	strongest := a.strongest(freq, queryTerms)
	if len(strongest) == 0 {
		return nil, nil
	}
	weights := make(map[int64]float64, len(strongest))
	hashes := make([]int64, 0, len(strongest))
	for _, t := range strongest {
		weights[t.hash] = t.weight(freq)
		hashes = append(hashes, t.hash)
	}
	postings, err := c.Postings(ctx, hashes, postingsLimit)
	if err != nil {
		return nil, fmt.Errorf("look up postings: %w", err)
	}
	slices.SortFunc(postings, func(a, b Posting) int { // sums must not depend on the order of rows
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Term, b.Term))
	})
	scores := make(map[int64]float64)
	for _, p := range postings {
		if p.ID != a.id {
			scores[p.ID] += weights[p.Term] * p.Weight
		}
	}
	ids := make([]int64, 0, len(scores))
	for id := range scores {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b int64) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	return ids[:min(len(ids), rescored)], nil
}

// rank scores whole texts by BM25 over words and pairs of words.
func (a *Analysis) rank(texts []Document, freq Frequencies) []Similar {
	query := newScorer(a, freq)
	found := make([]*overlap, 0, len(texts))
	mean := a.length
	for _, d := range texts {
		o := query.overlap(d)
		found = append(found, o)
		mean += o.length
	}
	mean /= float64(len(found) + 1) // of what is compared here: nothing else is known
	best := query.score(a.counts(), a.length, mean)
	for _, o := range found {
		o.score = query.score(o.counts, o.length, mean)
	}
	slices.SortFunc(found, func(a, b *overlap) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	similar := make([]Similar, 0, maxSimilar)
	for _, o := range found[:min(len(found), maxSimilar)] {
		if o.score <= 0 || best <= 0 {
			break
		}
		similar = append(similar, Similar{ID: o.id, Score: min(o.score/best, 1), Terms: query.reasons(o, mean)})
	}
	return similar
}

func (a *Analysis) counts() []float64 {
	counts := make([]float64, len(a.terms))
	for i, t := range a.terms {
		counts[i] = t.count
	}
	return counts
}

// scorer holds the weights of the terms of one new document.
type scorer struct {
	analysis *Analysis
	index    map[int64]int
	weights  []float64
}

// overlap is how often each term of the new document occurs in an earlier one.
type overlap struct {
	id            int64
	counts        []float64
	length, score float64
}

func newScorer(a *Analysis, freq Frequencies) *scorer {
	s := &scorer{analysis: a, index: make(map[int64]int, len(a.terms)), weights: make([]float64, len(a.terms))}
	for i, t := range a.terms {
		s.index[t.hash] = i
		s.weights[i] = t.weight(freq)
	}
	return s
}

func (s *scorer) overlap(d Document) *overlap {
	o := &overlap{id: d.ID, counts: make([]float64, len(s.weights))}
	read := func(text string, weight float64) {
		words := vitext.Words(vitext.Bound(text))
		var before uint64
		for n, w := range words[:min(len(words), vitext.MaxWords)] {
			h := hashTerm(w)
			o.length += weight
			if i, ok := s.index[wordTerm(h)]; ok {
				o.counts[i] += weight
			}
			if n > 0 {
				if i, ok := s.index[pairTerm(before, h)]; ok {
					o.counts[i] += weight
				}
			}
			before = h
		}
	}
	read(d.Title, titleWeight)
	read(strings.TrimPrefix(d.Body, d.Title), 1)
	return o
}

func (s *scorer) score(counts []float64, length, mean float64) float64 {
	sum := 0.0
	for i, n := range counts {
		if n > 0 {
			sum += s.weights[i] * saturate(n, length, mean)
		}
	}
	return sum
}

// reasons returns the shared terms that counted most, for a person to read.
func (s *scorer) reasons(o *overlap, mean float64) []string {
	var parts []vitext.Weighted
	for i, n := range o.counts {
		if n > 0 {
			w := s.weights[i] * saturate(n, o.length, mean)
			if s.analysis.terms[i].pair {
				w /= pairFactor // a pair reads better than its halves
			}
			parts = append(parts, vitext.Weighted{Surface: s.analysis.terms[i].surface, Weight: w})
		}
	}
	return vitext.Telling(parts, shownTerms)
}
