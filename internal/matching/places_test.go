package matching

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestPlacesAreThoseOfTheTerms(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 7, 8, 9, 300, maxTerms} {
		want := map[int64]int{}
		terms := make([]termUse, n)
		for i := range terms {
			// Upper bits that hardly differ, and one hash at the end of the table:
			// what collides is found all the same.
			terms[i].hash = int64(r.Uint64N(8))<<61 | int64(i+1)
			want[terms[i].hash] = i
		}
		p := newPlaces(terms)
		for hash, place := range want {
			if got, found := p.of(hash); !found || got != place {
				t.Fatalf("%d terms: %d is at %d, %v, want %d", n, hash, got, found, place)
			}
		}
		for range 1000 {
			hash := int64(r.Uint64())
			if _, known := want[hash]; known {
				continue
			}
			if _, found := p.of(hash); found {
				t.Fatalf("%d terms: %d is found", n, hash)
			}
		}
	}
}

func TestFirstOfIsTheHeadOfTheWholeSorted(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 1))
	for range 200 {
		all := make([]int, r.IntN(60))
		for i := range all {
			all[i] = r.IntN(20)
		}
		n := 1 + r.IntN(10)
		want := slices.Sorted(slices.Values(all))
		want = want[:min(n, len(want))]
		if got := firstOf(all, n, cmp.Compare[int]); !slices.Equal(got, want) {
			t.Fatalf("the first %d of %v are %v, want %v", n, all, got, want)
		}
	}
}
