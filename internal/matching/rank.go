package matching

import (
	"cmp"
	"slices"
	"sync"

	"hienke/internal/vitext"
)

// titleShare is how much of a score hangs on the title of the candidate: one of
// which the new text has no word counts 0.7 times as much. A title says what is
// asked for, where a body also says why.
//
// It and orderShare are the only things learned, from 351 real petitions that
// moderators had refused as duplicates, weighed against Vietnamese paraphrases
// written by hand, whose titles are seldom repeated and whose order means
// nothing. Text alone reaches MRR@10 .62, with titles .64, with order .79, with
// both .79; chosen on four fifths and measured on the last, .80. Titles cost
// the paraphrases one point, order two. From 0.1 to 0.4 for titles and 0.3 to
// 0.6 for order hardly matter.
const titleShare = 0.3

// candidate is an earlier document as it is ranked.
type candidate struct {
	id     int64
	uses   []use   // the terms of the new text that occur in it
	length float64 // sum of the weighted word counts
	// titleFound is the rarity of the words in its title that the new text has,
	// all together, and titleMissing the number of those it does not have.
	titleFound, titleMissing float64
	score                    float64
}

// use is how often a document has a term of the new text.
type use struct {
	place int // in analysis.terms
	count float64
}

// ranker ranks for one new text.
type ranker struct {
	*weighing
	places  places
	typical float64 // mean rarity of the words
}

func newRanker(w *weighing) *ranker {
	r := &ranker{weighing: w, places: newPlaces(w.analysis.terms)}
	words := 0.0
	for i, t := range w.analysis.terms {
		if !t.pair {
			r.typical += w.rarities[i]
			words++
		}
	}
	r.typical /= max(words, 1)
	return r
}

// rank returns the best candidates, best first.
func (r *ranker) rank(texts []Document) []Similar {
	candidates := r.readAll(texts)
	ids := make([]int64, 0, len(texts))
	mean := r.analysis.length
	for _, c := range candidates {
		ids = append(ids, c.id)
		mean += c.length
	}
	mean /= float64(len(candidates) + 1) // of what is compared here: nothing else is known
	received := newReceipts(ids)
	whole := r.bm25(r.analysis.uses(), r.analysis.length, mean)
	for _, c := range candidates {
		c.score = min(share(r.bm25(c.uses, c.length, mean), whole), 1) *
			(1 - titleShare + titleShare*r.titleFound(c)) *
			received.factor(r.analysis.id, c.id, rescored)
	}
	slices.SortFunc(candidates, func(a, b *candidate) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.id, b.id))
	})
	similar := make([]Similar, 0, maxSimilar)
	for _, c := range candidates[:min(len(candidates), maxSimilar)] {
		if c.score <= 0 {
			break
		}
		similar = append(similar, Similar{ID: c.id, Score: c.score, Terms: r.reasons(c, mean)})
	}
	return similar
}

// titleFound is the share of the candidate's title that the new text has. How
// rare a word is that the new text does not have is not known; it counts as one
// of the new text's does on average. A document without a title loses nothing.
func (r *ranker) titleFound(c *candidate) float64 {
	missing := c.titleMissing * r.typical
	if missing == 0 {
		return 1
	}
	return c.titleFound / (c.titleFound + missing)
}

func share(part, whole float64) float64 {
	if whole <= 0 {
		return 0
	}
	return part / whole
}

func (a *Analysis) uses() []use {
	uses := make([]use, len(a.terms))
	for i, t := range a.terms {
		uses[i] = use{i, t.count}
	}
	return uses
}

// readers is how many goroutines read the texts of one lookup. Reading is most
// of what ranking costs, and somebody waits for it; beyond a few, handing out
// the work takes longer than it saves.
const readers = 4

// readAll reads every document, each goroutine its own part of them.
func (r *ranker) readAll(texts []Document) []*candidate {
	candidates := make([]*candidate, len(texts))
	found := make([]candidate, len(texts))
	part := (len(texts) + readers - 1) / readers
	var all sync.WaitGroup
	for from := 0; from < len(texts); from += part {
		all.Go(func() {
			scratch := reader{counts: make([]float64, len(r.weights))}
			for n := from; n < min(from+part, len(texts)); n++ {
				c := &found[n]
				c.id = texts[n].ID
				r.read(&scratch, texts[n], c)
				candidates[n] = c
			}
		})
	}
	all.Wait()
	return candidates
}

// read counts the terms of the new text in an earlier document.
func (r *ranker) read(scratch *reader, d Document, c *candidate) {
	counts, touched := scratch.counts, scratch.touched[:0]
	count := func(place int, weight float64) {
		if counts[place] == 0 {
			touched = append(touched, place)
		}
		counts[place] += weight
	}
	read := func(words []string, weight float64, word func(place int, found bool)) {
		var before uint64
		for n, w := range words {
			h := hashTerm(w)
			c.length += weight
			i, found := r.places.of(wordTerm(h))
			if found {
				count(i, weight)
			}
			word(i, found)
			if n > 0 {
				if i, found := r.places.of(pairTerm(before, h)); found {
					count(i, weight)
				}
			}
			before = h
		}
	}
	title, body := scratch.words(d)
	read(title, titleWeight, func(i int, found bool) {
		if found {
			c.titleFound += r.rarities[i]
		} else {
			c.titleMissing++
		}
	})
	read(body, 1, func(int, bool) {})
	c.uses = make([]use, 0, len(touched))
	for _, place := range touched {
		c.uses = append(c.uses, use{place, counts[place]})
		counts[place] = 0 // for the next document
	}
	scratch.touched = touched
}

// bm25 is how much a document with these counts is about the new text.
func (r *ranker) bm25(uses []use, length, mean float64) float64 {
	sum := 0.0
	for _, u := range uses {
		sum += r.weights[u.place] * saturate(u.count, length, mean)
	}
	return sum
}

// reasons returns the shared terms that counted most, for a person to read.
func (r *ranker) reasons(c *candidate, mean float64) []string {
	parts := make([]vitext.Weighted, 0, len(c.uses))
	for _, u := range c.uses {
		w := r.weights[u.place] * saturate(u.count, c.length, mean)
		term := r.analysis.terms[u.place]
		if term.pair {
			w /= pairFactor // a pair reads better than its halves
		}
		parts = append(parts, vitext.Weighted{Surface: vitext.Surface(term.written), Weight: w})
	}
	return vitext.Telling(parts, shownTerms)
}
