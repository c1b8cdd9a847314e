package matching

import (
	"math/bits"
	"slices"

	"hienke/internal/vitext"
)

// NearThreshold is the Jaccard similarity of folded word 3-shingles from which
// two texts count as nearly the same. One word replaced in a text of n words
// changes three of n-2 shingles, so 0.8 allows about one replaced word in 27:
// a corrected typing error or a changed greeting in a letter of usual length,
// but not a rewritten sentence in a short one. Two people do not write 80 % of
// their shingles alike by chance; that it is the same request is still for
// Compare to say.
const NearThreshold = 0.8

// shingleWords is the number of words in a shingle.
const shingleWords = 3

// Bands and rows of the signature. Two texts of similarity j share at least
// one band with probability 1-(1-j^4)^24: above 0.9999 at 0.8, 0.96 at 0.6,
// 0.78 at 0.5, and 2 in 100,000 at 0.03, where letters on the same topic in
// official language lie. Three rows would find more at 0.5 and drown the
// database in false candidates at a million submissions; 24 rows per
// submission is what a table with an index on the band still serves quickly.
const (
	bandCount   = 24
	bandRows    = 4
	binCount    = bandCount * bandRows
	maxAttempts = 64 // of densification, see Sign
)

// Set is the set of shingles of a text as ascending hashes.
type Set []uint64

// Shingles returns the shingles of a text: every three words in a row, folded.
// A text of one or two words is one shingle, so that it equals only the same
// words; a text without words has none and is near nothing, itself included.
func Shingles(text string) Set {
	return shingles(vitext.Words(text))
}

func shingles(words []string) Set {
	if len(words) == 0 {
		return nil
	}
	hashes := make([]uint64, len(words))
	for i, w := range words {
		hashes[i] = hashWord(w)
	}
	if len(words) < shingleWords {
		h := uint64(len(words))
		for _, w := range hashes {
			h = join(h, w)
		}
		return Set{h}
	}
	set := make(Set, len(words)-shingleWords+1)
	for i := range set {
		set[i] = join(join(hashes[i], hashes[i+1]), hashes[i+2])
	}
	slices.Sort(set)
	return slices.Compact(set)
}

// Jaccard returns the number of common shingles divided by the number of all,
// from 0 to 1. It is 0 when either set is empty.
func Jaccard(a, b Set) float64 {
	if len(a) == 0 || len(b) == 0 {
		return 0
	}
	common := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case a[i] == b[j]:
			common++
			i++
			j++
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	return float64(common) / float64(len(a)+len(b)-common)
}

// Signature is a sketch of a set of shingles: near sets have many equal
// entries. The zero Signature is that of a text without words.
type Signature struct {
	bins  [binCount]uint64
	valid bool
}

// Sign returns the signature of a text: one-permutation MinHash with optimal
// densification (Shrivastava, ICML 2017). Every shingle falls into one bin by
// its hash and the smallest of each bin stays; an empty bin borrows from
// another that is chosen by hashing the bin and the number of the attempt, the
// same for every text, which keeps the estimate unbiased. One hash per shingle
// instead of ninety-six makes it several times cheaper than classic MinHash.
func Sign(text string) Signature { return signSet(Shingles(text)) }

func signSet(set Set) Signature {
	if len(set) == 0 {
		return Signature{}
	}
	const empty = ^uint64(0)
	s := Signature{valid: true}
	for i := range s.bins {
		s.bins[i] = empty
	}
	for _, h := range set {
		v := mix(h ^ 0x5bf0_3635_d1c2_a9e7) // apart from the order that sorts the set
		bin, low := bits.Mul64(v, binCount) // high word: v scaled to a bin
		s.bins[bin] = min(s.bins[bin], low)
	}
	sparse := s.bins
	for i, v := range sparse {
		if v == empty {
			s.bins[i] = borrow(&sparse, uint64(i), empty)
		}
	}
	return s
}

// borrow returns the value that the empty bin i takes from a filled one.
func borrow(bins *[binCount]uint64, i, empty uint64) uint64 {
	for attempt := uint64(1); attempt <= maxAttempts; attempt++ {
		donor, _ := bits.Mul64(mix(i<<32|attempt), binCount)
		if bins[donor] != empty {
			return bins[donor]
		}
	}
	// Only sets of one or two shingles come here; the next filled bin will do.
	for j := i; ; j++ {
		if v := bins[j%binCount]; v != empty {
			return v
		}
	}
}

// Bands returns 24 hashes to look up other texts by: whoever shares one is a
// candidate for Jaccard. It returns nil for a text without words. The values
// are stable and meant to be stored.
func (s Signature) Bands() []int64 {
	if !s.valid {
		return nil
	}
	bands := make([]int64, bandCount)
	for b := range bands {
		h := uint64(b + 1) // the same rows in another band are another hash
		for _, v := range s.bins[b*bandRows : (b+1)*bandRows] {
			h = join(h, v)
		}
		bands[b] = int64(h)
	}
	return bands
}
