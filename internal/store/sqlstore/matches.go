package sqlstore

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/store"
)

var _ store.Matches = matches{}

var insertSimilar = insert{
	table:   "similar_cases",
	columns: []string{"submission_id", "rank", "other_id", "score", "terms", "jaccard", "obstacle"},
	types:   "iiifjft",
}

// PutSimilar implements store.Matches.
func (t matches) PutSimilar(ctx context.Context, submission civic.SubmissionID, similar []civic.Similar) error {
	if _, err := t.exec(ctx, `DELETE FROM similar_cases WHERE submission_id = ?`, int64(submission)); err != nil {
		return err
	}
	rows := make([][]any, len(similar))
	for i, s := range similar {
		rows[i] = []any{int64(submission), s.Rank, int64(s.Other), s.Score, jsonList(s.Terms), s.Jaccard, s.Obstacle}
	}
	return t.insertRows(ctx, insertSimilar, rows, nil)
}

// Similar implements store.Matches.
func (t matches) Similar(ctx context.Context, submission civic.SubmissionID) ([]civic.Similar, error) {
	return list(ctx, t.tx, func(r row) (s civic.Similar, err error) {
		return s, r.Scan(&s.Submission, &s.Other, &s.Rank, &s.Score, jsonInto(&s.Terms), &s.Jaccard, &s.Obstacle)
	}, `SELECT submission_id, other_id, rank, score, terms, jaccard, obstacle FROM similar_cases WHERE submission_id = ? ORDER BY rank`, int64(submission))
}
