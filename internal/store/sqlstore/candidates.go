package sqlstore

import (
	"context"

	"hienke/internal/matching"
)

var _ matching.Candidates = matches{}

func scanPosting(r row) (p matching.Posting, err error) { return p, r.Scan(&p.Term, &p.ID, &p.Weight) }

// Frequencies implements matching.Candidates.
func (t matches) Frequencies(ctx context.Context, terms []int64) (map[int64]int, error) {
	found := make(map[int64]int, len(terms))
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var term int64
		var documents int
		err := r.Scan(&term, &documents)
		found[term] = documents
		return struct{}{}, err
	}, `SELECT term, documents FROM frequencies WHERE term IN LIST(?)`, t.d.set(terms))
	return found, err
}

// Postings implements matching.Candidates.
func (t matches) Postings(ctx context.Context, terms []int64, limit int) ([]matching.Posting, error) {
	return t.d.postings(ctx, t.tx, terms, limit)
}

// Texts implements matching.Candidates.
func (t matches) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	return list(ctx, t.tx, func(r row) (d matching.Document, err error) { return d, r.Scan(&d.ID, &d.Title, &d.Body) },
		`SELECT id, title, body FROM submissions WHERE id IN LIST(?)`, t.d.set(ids))
}
