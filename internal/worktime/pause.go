package worktime

import (
	"cmp"
	"slices"
	"time"

	"hienke/internal/civic"
)

// dayRange is a run of days that end while the clock stands still, both ends
// included.
type dayRange struct{ first, last int }

// pausedDays turns pauses into ascending ranges of days that neither touch nor
// overlap. Day n ends inside a pause when From < midnight after n <= Until, so
// the range runs from the day of From to the day before that of Until.
func pausedDays(pauses []civic.Pause) []dayRange {
	if len(pauses) == 0 {
		return nil
	}
	out := make([]dayRange, 0, len(pauses))
	for _, p := range pauses {
		r := dayRange{first: dayOf(p.From), last: never}
		if !p.Until.IsZero() {
			r.last = dayOf(p.Until) - 1
		}
		if r.first <= r.last {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b dayRange) int { return cmp.Compare(a.first, b.first) })
	merged := out[:0]
	for _, r := range out {
		if n := len(merged); n > 0 && r.first <= merged[n-1].last+1 {
			merged[n-1].last = max(merged[n-1].last, r.last)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

// merge returns the pauses as ascending spans that do not overlap. Spans that
// end before they begin are dropped; a zero Until stays open and is the last.
func merge(pauses []civic.Pause) []civic.Pause {
	if len(pauses) == 0 {
		return nil
	}
	sorted := slices.DeleteFunc(slices.Clone(pauses), func(p civic.Pause) bool {
		return !p.Until.IsZero() && !p.From.Before(p.Until)
	})
	slices.SortFunc(sorted, func(a, b civic.Pause) int { return a.From.Compare(b.From) })
	merged := sorted[:0]
	for _, p := range sorted {
		if n := len(merged); n > 0 && !after(p.From, merged[n-1].Until) {
			if after(p.Until, merged[n-1].Until) || p.Until.IsZero() {
				merged[n-1].Until = p.Until
			}
			continue
		}
		merged = append(merged, p)
	}
	return merged
}

// after reports whether at lies after the end of a pause; none lies after an
// open one.
func after(at, until time.Time) bool { return !until.IsZero() && at.After(until) }
