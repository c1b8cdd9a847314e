package sqlstore

import (
	"context"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/matching/matchingtest"
	"hienke/internal/store"
	"hienke/internal/store/storetest"
	"hienke/internal/testkit"
)

// databases are the two that every test here runs on, by the name of a
// subtest. Each call gives a fresh, migrated database.
var databases = map[string]func(t testing.TB) string{
	"sqlite":   func(t testing.TB) string { return testkit.SQLite(t, migrateURL) },
	"postgres": func(t testing.TB) string { return testkit.Postgres(t, migrateURL) },
}

// eachDatabase runs a test on both databases.
func eachDatabase(t *testing.T, run func(t *testing.T, url string)) {
	t.Helper()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run(t, fresh(t))
		})
	}
}

// migrateURL migrates the database and leaves it alone.
func migrateURL(ctx context.Context, url string) error {
	s, err := Open(ctx, url, Options{})
	if err != nil {
		return err
	}
	if err := s.Migrate(ctx); err != nil {
		return err
	}
	return s.Close()
}

// open opens the database and closes it when the test ends.
func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{MaxConns: 8})
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

func TestStore(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, func(t *testing.T) store.Store { return open(t, fresh(t)) })
		})
	}
}

// index shows a store to the suite of matching.Candidates: each call is a
// transaction of its own, and a document is a submission with the id that the
// suite wants.
type index struct {
	s          *Store
	candidates func(store.Tx) matching.Candidates
	keep       func(ctx context.Context, tx store.Tx, id civic.SubmissionID, terms []matching.Term) error
}

// receivedIndex finds every submission by its original.
func receivedIndex(s *Store) index {
	return index{
		s:          s,
		candidates: func(tx store.Tx) matching.Candidates { return tx.Matches() },
		keep: func(ctx context.Context, tx store.Tx, id civic.SubmissionID, terms []matching.Term) error {
			return tx.Matches().AddSignature(ctx, id, nil, terms)
		},
	}
}

// shelfIndex finds what is public by its public version.
func shelfIndex(s *Store) index {
	return index{
		s:          s,
		candidates: func(tx store.Tx) matching.Candidates { return tx.Shelf() },
		keep: func(ctx context.Context, tx store.Tx, id civic.SubmissionID, terms []matching.Term) error {
			return tx.Shelf().Put(ctx, []store.Shelved{{Submission: id, Fingerprint: 1, Terms: terms}})
		},
	}
}

func (x index) Add(ctx context.Context, d matching.Document, terms []matching.Term) error {
	return x.s.within(ctx, x.s.write, nil, func(t *tx) error {
		r := benchReceipt("I", d.ID)
		r.Submission.Title, r.Submission.Body = d.Title, d.Body
		r.Submission.PublicTitle, r.Submission.PublicBody, r.Submission.Visibility = d.Title, d.Body, civic.PublicOpen
		ins := insert{table: "submissions", columns: append([]string{"id"}, submissionColumns...), types: "i" + submissionTypes, tail: "ON CONFLICT DO NOTHING"}
		row := append([]any{d.ID}, submissionFields(&r.Submission)...)
		if err := t.insertRows(ctx, ins, [][]any{row}, nil); err != nil {
			return err
		}
		return x.keep(ctx, t, civic.SubmissionID(d.ID), terms)
	})
}

func (x index) Frequencies(ctx context.Context, terms []int64) (found map[int64]int, err error) {
	err = x.s.View(ctx, func(tx store.Tx) error {
		found, err = x.candidates(tx).Frequencies(ctx, terms)
		return err
	})
	return found, err
}

func (x index) Postings(ctx context.Context, terms []int64, limit int) (found []matching.Posting, err error) {
	err = x.s.View(ctx, func(tx store.Tx) error {
		found, err = x.candidates(tx).Postings(ctx, terms, limit)
		return err
	})
	return found, err
}

func (x index) Texts(ctx context.Context, ids []int64) (found []matching.Document, err error) {
	err = x.s.View(ctx, func(tx store.Tx) error {
		found, err = x.candidates(tx).Texts(ctx, ids)
		return err
	})
	return found, err
}

func TestCandidates(t *testing.T) {
	t.Parallel()
	for name, fresh := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			matchingtest.Run(t, func(t *testing.T) matchingtest.Index { return receivedIndex(open(t, fresh(t))) })
		})
		t.Run(name+" shelf", func(t *testing.T) {
			t.Parallel()
			matchingtest.Run(t, func(t *testing.T) matchingtest.Index { return shelfIndex(open(t, fresh(t))) })
		})
	}
}
