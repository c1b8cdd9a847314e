package sqlstore

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/matching"
	"hienke/internal/store"
)

var _ store.Matches = matches{}

const (
	membershipMissing = "membership.not_found"
	membershipSelect  = `SELECT submission_id, root_id, joined_at, joined_by, user_id, jaccard, reason FROM memberships`
)

func scanMembership(r row) (m civic.Membership, err error) {
	return m, r.Scan(&m.Submission, &m.Root, at(&m.JoinedAt), &m.By, id(&m.User), &m.Jaccard, &m.Reason)
}

var (
	insertBands    = insert{table: "bands", columns: []string{"band", "submission_id"}, types: "ii", tail: "ON CONFLICT DO NOTHING"}
	insertPostings = insert{table: "postings", columns: []string{"term", "weight", "submission_id"}, types: "ifi", tail: "ON CONFLICT DO NOTHING"}
	insertCounts   = insert{
		table: "frequencies", columns: []string{"term", "documents"}, types: "ii",
		tail: "ON CONFLICT (term) DO UPDATE SET documents = frequencies.documents + 1",
	}
	insertSimilar = insert{table: "similar_cases", columns: []string{"submission_id", "rank", "other_id", "score", "terms"}, types: "iiifj"}
)

// AddSignature implements store.Matches. The row in signatures says that all
// of it was done before.
func (t matches) AddSignature(ctx context.Context, submission civic.SubmissionID, bands []int64, terms []matching.Term) error {
	n, err := t.exec(ctx, `INSERT INTO signatures (submission_id) VALUES (?) ON CONFLICT DO NOTHING`, int64(submission))
	if err != nil || n == 0 {
		return err
	}
	var bandRows, postingRows, countRows [][]any
	for _, band := range bands {
		bandRows = append(bandRows, []any{band, int64(submission)})
	}
	// In one order everywhere, so that two transactions which count the same
	// terms do not wait for each other.
	terms = slices.Clone(terms)
	slices.SortFunc(terms, func(a, b matching.Term) int { return cmp.Compare(a.Hash, b.Hash) })
	for _, term := range terms {
		if term.Weight > 0 {
			postingRows = append(postingRows, []any{term.Hash, term.Weight, int64(submission)})
		}
		if term.Counted {
			countRows = append(countRows, []any{term.Hash, 1})
		}
	}
	if err := t.insertRows(ctx, insertBands, bandRows, nil); err != nil {
		return err
	}
	if err := t.insertRows(ctx, insertPostings, postingRows, nil); err != nil {
		return err
	}
	return t.insertRows(ctx, insertCounts, countRows, nil)
}

// Bands implements store.Matches.
func (t matches) Bands(ctx context.Context, submission civic.SubmissionID, bands []int64, limit int) ([]civic.SubmissionID, error) {
	// Of each band the first are enough, and all that a campaign of a hundred
	// thousand copies costs.
	found, err := t.d.bands(ctx, t.tx, bands, int64(submission), limit)
	if err != nil {
		return nil, err
	}
	shared := map[int64]int{}
	for _, id := range found {
		shared[id]++
	}
	if len(shared) == 0 {
		return nil, nil
	}
	ids := slices.SortedFunc(maps.Keys(shared), func(a, b int64) int {
		return cmp.Or(cmp.Compare(shared[b], shared[a]), cmp.Compare(a, b))
	})
	out := make([]civic.SubmissionID, 0, limit)
	for _, id := range ids[:min(limit, len(ids))] {
		out = append(out, civic.SubmissionID(id))
	}
	return out, nil
}

// Join implements store.Matches.
func (t matches) Join(ctx context.Context, m civic.Membership) error {
	const query = `INSERT INTO memberships (submission_id, root_id, joined_at, joined_by, user_id, jaccard, reason)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (submission_id) DO NOTHING`
	n, err := t.exec(ctx, query, int64(m.Submission), int64(m.Root), m.JoinedAt, string(m.By), ref(m.User), m.Jaccard, m.Reason)
	switch {
	case err != nil:
		return err
	case n == 0:
		return errs.New(errs.Conflict, "membership.exists")
	}
	return t.IndexQueue().Mark(ctx, m.Submission, m.Root)
}

// Leave implements store.Matches.
func (t matches) Leave(ctx context.Context, submission civic.SubmissionID) (civic.Membership, error) {
	const query = `DELETE FROM memberships WHERE submission_id = ?
		RETURNING submission_id, root_id, joined_at, joined_by, user_id, jaccard, reason`
	m, err := get(ctx, t.tx, membershipMissing, scanMembership, query, int64(submission))
	if err != nil {
		return civic.Membership{}, err
	}
	return m, t.IndexQueue().Mark(ctx, m.Submission, m.Root)
}

// Membership implements store.Matches.
func (t matches) Membership(ctx context.Context, submission civic.SubmissionID) (civic.Membership, error) {
	return get(ctx, t.tx, membershipMissing, scanMembership, membershipSelect+` WHERE submission_id = ?`, int64(submission))
}

// Members implements store.Matches.
func (t matches) Members(ctx context.Context, root civic.SubmissionID, limit int) ([]civic.Membership, int, error) {
	total, err := t.count(ctx, `SELECT count(*) FROM memberships WHERE root_id = ?`, int64(root))
	if err != nil {
		return nil, 0, err
	}
	members, err := list(ctx, t.tx, scanMembership, membershipSelect+` WHERE root_id = ? ORDER BY joined_at, submission_id LIMIT ?`, int64(root), limit)
	return members, total, err
}

// MoveMembers implements store.Matches.
func (t matches) MoveMembers(ctx context.Context, from, to civic.SubmissionID) error {
	moved, err := list(ctx, t.tx, scanInt[civic.SubmissionID],
		`UPDATE memberships SET root_id = ? WHERE root_id = ? RETURNING submission_id`, int64(to), int64(from))
	if err != nil || len(moved) == 0 {
		return err
	}
	return t.IndexQueue().Mark(ctx, append(moved, from, to)...)
}

// Barred implements store.Matches.
func (t matches) Barred(ctx context.Context, a, b civic.SubmissionID) (bool, error) {
	n, err := t.count(ctx, `SELECT count(*) FROM barred_pairs WHERE low_id = ? AND high_id = ?`, int64(min(a, b)), int64(max(a, b)))
	return n > 0, err
}

// Bar implements store.Matches. The first time stays.
func (t matches) Bar(ctx context.Context, a, b civic.SubmissionID, now time.Time) error {
	_, err := t.exec(ctx, `INSERT INTO barred_pairs (low_id, high_id, barred_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING`,
		int64(min(a, b)), int64(max(a, b)), now)
	return err
}

// PutSimilar implements store.Matches.
func (t matches) PutSimilar(ctx context.Context, submission civic.SubmissionID, similar []civic.Similar) error {
	if _, err := t.exec(ctx, `DELETE FROM similar_cases WHERE submission_id = ?`, int64(submission)); err != nil {
		return err
	}
	rows := make([][]any, len(similar))
	for i, s := range similar {
		rows[i] = []any{int64(submission), s.Rank, int64(s.Other), s.Score, jsonList(s.Terms)}
	}
	return t.insertRows(ctx, insertSimilar, rows, nil)
}

// Similar implements store.Matches.
func (t matches) Similar(ctx context.Context, submission civic.SubmissionID) ([]civic.Similar, error) {
	return list(ctx, t.tx, func(r row) (s civic.Similar, err error) {
		return s, r.Scan(&s.Submission, &s.Other, &s.Rank, &s.Score, jsonInto(&s.Terms))
	}, `SELECT submission_id, other_id, rank, score, terms FROM similar_cases WHERE submission_id = ? ORDER BY rank`, int64(submission))
}
