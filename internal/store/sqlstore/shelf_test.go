package sqlstore

import (
	"context"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
	"hienke/internal/testkit"
)

// TestShelvesMigration: postings of the first release are found as before, and
// what was public waits for the shelf.
func TestShelvesMigration(t *testing.T) {
	t.Parallel()
	first := func(ctx context.Context, url string) error {
		s, err := Open(ctx, url, Options{})
		if err != nil {
			return err
		}
		p, err := s.provider()
		if err != nil {
			return err
		}
		if _, err := p.UpTo(ctx, 1); err != nil {
			return err
		}
		return s.Close()
	}
	urls := map[string]func() (string, error){
		"sqlite": func() (string, error) {
			url := "sqlite:" + filepath.Join(t.TempDir(), "hienke.db")
			return url, first(t.Context(), url)
		},
		"postgres": func() (string, error) { return testkit.Postgres(t, first), nil },
	}
	for name, fresh := range urls {
		t.Run(name, func(t *testing.T) {
			url, err := fresh()
			if err != nil {
				t.Fatal(err)
			}
			s := open(t, url)
			insertAsBefore(t, s)
			if err := s.Migrate(t.Context()); err != nil {
				t.Fatal(err)
			}
			var postings []matching.Posting
			var dirty []store.Dirty
			err = s.View(t.Context(), func(tx store.Tx) error {
				if postings, err = tx.Matches().Postings(t.Context(), []int64{-7}, 3); err != nil {
					return err
				}
				dirty, err = tx.IndexQueue().Take(t.Context(), store.IndexPublic, 10)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			want := []matching.Posting{{ID: 2, Term: -7, Weight: 2.5}, {ID: 1, Term: -7, Weight: 0.125}, {ID: 3, Term: -7, Weight: 0.125}}
			if diff := cmp.Diff(want, postings); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if len(dirty) != 1 || dirty[0].Submission != 2 {
				t.Errorf("for the shelf waits %v, want submission 2", dirty)
			}
		})
	}
}

// insertAsBefore writes four submissions, the second public, with postings of
// one term as the first release kept them.
func insertAsBefore(t *testing.T, s *Store) {
	t.Helper()
	for i, weight := range []float64{0.125, 2.5, 0.125, 0.0625} {
		visibility := civic.Private
		if i == 1 {
			visibility = civic.PublicOpen
		}
		for _, query := range []string{
			fmt.Sprintf(`INSERT INTO submissions (id, code, kind, title, body, channel, submitter, state, version, received_at, updated_at, visibility)
				VALUES (%d, 'c%d', 'initiative', '', '', 'web', '', 'received', 1, ?, ?, '%s')`, i+1, i+1, visibility),
			fmt.Sprintf(`INSERT INTO postings (term, weight, submission_id) VALUES (-7, %g, %d)`, weight, i+1),
		} {
			var args []any
			if at := benchReceipt("", 1).Submission.ReceivedAt; query[12:13] == "s" {
				args = []any{at, at}
			}
			if _, err := s.write.ExecContext(t.Context(), s.dialect.rebind(query), args...); err != nil {
				t.Fatalf("%s: %v", query, err)
			}
		}
	}
}

// TestPlaces: places are in the order of weight and then of id, and give both
// back.
func TestPlaces(t *testing.T) {
	t.Parallel()
	const greatest = 1<<placeShift - 1 // id
	weights := []float64{126.5, 4, 3.14159, 1, 1 / 65536.0}
	var places []int64
	for _, w := range weights {
		for _, id := range []int64{1, 2, greatest} {
			place := placeOf(id, w)
			places = append(places, place)
			if p := postingAt(5, place); p.ID != id || p.Term != 5 || math.Abs(p.Weight-w) > 1.0/placeSteps {
				t.Errorf("document %d of weight %g came back as %+v", id, w, p)
			}
		}
	}
	if !slices.IsSorted(places) || places[0] <= 0 {
		t.Errorf("not in order: %v", places)
	}
	for _, w := range []float64{math.Inf(1), 1e300, math.SmallestNonzeroFloat64} {
		if p := postingAt(5, placeOf(3, w)); p.ID != 3 || p.Weight <= 0 {
			t.Errorf("weight %g came back as %+v", w, p)
		}
	}
}

// TestEachNumber reads what both databases make of a list.
func TestEachNumber(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int64{
		"": nil, "{}": nil, "1,-2,9223372036854775807": {1, -2, math.MaxInt64}, "{-9223372036854775808,5}": {math.MinInt64, 5},
	} {
		var got []int64
		if err := eachNumber(text, func(n int64) { got = append(got, n) }); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v; want %v", text, got, err, want)
		}
	}
	if err := eachNumber("1-2", func(int64) {}); err == nil {
		t.Error("1-2 is taken for a number")
	}
}
