package matching

import "slices"

// orderShare is how much of a score hangs on the order of receipt: the oldest
// candidate of all counts 0.6 times what it would as the newest. Requests come
// in waves, and the original of a repeat is mostly in the same wave; but order
// only weighs what the texts share, and a text two thirds more alike comes
// before any newer one.
const orderShare = 0.4

// receipts are the ids of candidates in ascending order, which is the order
// they were received in. Only places are compared: how many ids lie unused
// between two candidates does not matter, nor how many documents there are.
type receipts []int64

func newReceipts(ids []int64) receipts {
	slices.Sort(ids)
	return ids
}

// factor returns what the score of a candidate is multiplied by for its place
// before a new text: 1 if it was received just before, less with each candidate
// received in between, and 1-orderShare from a given number of them on. What
// was received later can hardly be the original and has the least factor. If
// the place of the new text is not known, all factors are 1.
func (r receipts) factor(text, candidate int64, oldest int) float64 {
	if text < 0 {
		return 1
	}
	end := len(r)
	if text != NotReceived {
		end, _ = slices.BinarySearch(r, text)
	}
	place, _ := slices.BinarySearch(r, candidate)
	if place >= end {
		return 1 - orderShare
	}
	between := min(float64(end-1-place)/float64(oldest), 1)
	return 1 - orderShare*between
}
