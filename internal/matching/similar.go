package matching

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
)

// Settings of salient terms and ranking, chosen on real petitions that
// moderators had refused as duplicates. They lie on a plateau: halving or
// doubling any of them moves hit@5 by two points at most, and reading every
// text by every term instead finds nothing more than 24 postings and 50 texts.
const (
	salientTerms   = 24   // postings kept per document
	queryTerms     = 32   // terms that candidates are looked up by
	postingsLimit  = 200  // postings read per term: 6,400 rows at the most
	orderedFirst   = 200  // candidates whose order of receipt is looked at
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
	// fewDocuments is below which no term is common: a new installation may
	// hold a hundred cases on one subject and little else.
	fewDocuments = 1000
)

// Similar is an earlier document that may ask for the same.
type Similar struct {
	ID int64
	// Score from 0 to 1 is the share of what the new text is about that is
	// found in the earlier one, less for a title of which little is found and
	// for what was received long before or later. It ranks; it is not a
	// probability.
	Score float64
	// Terms are the shared words that counted most, heaviest first, as the new
	// text spells them: the reason to show.
	Terms []string
}

// Salient returns the rows to store for a document: postings for the terms it
// is most about and, if the document is counted, every term for the
// frequencies. The rows are in ascending order of hash, so that concurrent
// writers lock in the same order. freq must come from before the document was
// stored.
func (a *Analysis) Salient(freq Frequencies) []Term {
	count := a.counted(freq[EveryDocument])
	rows := make(map[int64]Term, len(a.terms)+1)
	for _, place := range a.weigh(freq).strongest(salientTerms) {
		t := a.terms[place]
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

// Kept returns every term of the document with the weight by which Salient would
// have kept it, whatever was common then.
func (a *Analysis) Kept() []Term {
	terms := make([]Term, len(a.terms))
	for i, t := range a.terms {
		terms[i] = Term{Hash: t.hash, Weight: saturate(t.count, a.length, typicalLength)}
	}
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

// saturate is the term part of BM25, below saturation+1.
func saturate(count, length, mean float64) float64 {
	return count * (saturation + 1) / (count + saturation*(1-lengthPenalty+lengthPenalty*length/mean))
}

// Similar ranks the documents kept so far by how much they ask for the same,
// best first, up to ten, without the analysed document itself. freq are the
// frequencies of a.Terms().
func (a *Analysis) Similar(ctx context.Context, c Candidates, freq Frequencies) ([]Similar, error) {
	w := a.weigh(freq)
	ids, err := w.find(ctx, c)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	texts, err := c.Texts(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("read candidates: %w", err)
	}
	return newRanker(w).rank(texts), nil
}

// find returns the ids of the most promising documents by their postings.
func (w *weighing) find(ctx context.Context, c Candidates) ([]int64, error) {
	strongest := w.strongest(queryTerms)
	if len(strongest) == 0 {
		return nil, nil
	}
	weights := make(map[int64]float64, len(strongest))
	hashes := make([]int64, 0, len(strongest))
	for _, place := range strongest {
		hash := w.analysis.terms[place].hash
		weights[hash] = w.weights[place]
		hashes = append(hashes, hash)
	}
	postings, err := c.Postings(ctx, hashes, postingsLimit)
	if err != nil {
		return nil, fmt.Errorf("look up postings: %w", err)
	}
	return w.analysis.best(postings, weights), nil
}

// sumsPool keeps what best sums up in. A map that has grown to some thousand
// documents is the largest single piece of garbage that a lookup makes.
var sumsPool = sync.Pool{New: func() any { return map[int64]int64{} }}

// best returns the documents with the greatest sums of weighted postings. Sums
// are of integers, so that they do not depend on the order of the postings.
func (a *Analysis) best(postings []Posting, weights map[int64]float64) []int64 {
	const steps = 1 << 20 // to 1; rarity times saturation is far below 2^40
	sums := sumsPool.Get().(map[int64]int64)
	defer sumsPool.Put(sums)
	clear(sums)
	term, weight := EveryDocument, 0.0
	for _, p := range postings {
		if p.Term != term { // those of a term mostly come together
			term, weight = p.Term, weights[p.Term]
		}
		if p.ID != a.id {
			sums[p.ID] += int64(weight * p.Weight * steps)
		}
	}
	type scored struct{ id, sum int64 }
	all := make([]scored, 0, len(sums))
	for id, sum := range sums {
		all = append(all, scored{id, sum})
	}
	best := func(a, b scored) int { return cmp.Or(cmp.Compare(b.sum, a.sum), cmp.Compare(a.id, b.id)) }
	all = firstOf(all, orderedFirst, best)
	ids := make([]int64, 0, len(all))
	for _, s := range all {
		ids = append(ids, s.id)
	}
	received := newReceipts(ids)
	for i, s := range all {
		all[i].sum = int64(float64(s.sum) * received.factor(a.id, s.id, orderedFirst))
	}
	slices.SortFunc(all, best)
	ids = make([]int64, 0, rescored)
	for _, s := range all[:min(len(all), rescored)] {
		ids = append(ids, s.id)
	}
	return ids
}

// firstOf returns the n first of all in order. Of thousands only a few are
// wanted, so most are looked at once and never sorted.
func firstOf[T any](all []T, n int, compare func(a, b T) int) []T {
	first := make([]T, 0, min(len(all), 2*n))
	full := false // first[n-1] is the last that still counts
	for _, x := range all {
		if full && compare(first[n-1], x) <= 0 {
			continue
		}
		if first = append(first, x); len(first) == 2*n {
			slices.SortFunc(first, compare)
			first, full = first[:n], true
		}
	}
	slices.SortFunc(first, compare)
	return first[:min(len(first), n)]
}
