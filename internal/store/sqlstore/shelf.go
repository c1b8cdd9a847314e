package sqlstore

import (
	"context"
	"encoding/binary"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

var _ store.Shelf = shelf{}

// Frequencies implements matching.Candidates.
func (t shelf) Frequencies(ctx context.Context, terms []int64) (map[int64]int, error) {
	return t.frequenciesIn(ctx, public, terms)
}

// Postings implements matching.Candidates.
func (t shelf) Postings(ctx context.Context, terms []int64, limit int) ([]matching.Posting, error) {
	return t.postingsIn(ctx, public, terms, limit)
}

// Texts implements matching.Candidates.
func (t shelf) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	return t.textsIn(ctx, public, ids)
}

// Fingerprints implements store.Shelf.
func (t shelf) Fingerprints(ctx context.Context, ids []civic.SubmissionID) (map[civic.SubmissionID]int64, error) {
	found := make(map[civic.SubmissionID]int64, len(ids))
	_, err := list(ctx, t.tx, func(r row) (struct{}, error) {
		var id civic.SubmissionID
		var print int64
		err := r.Scan(&id, &print)
		found[id] = print
		return struct{}{}, err
	}, `SELECT submission_id, fingerprint FROM public_signatures WHERE submission_id IN LIST(?)`, t.d.set(ints(ids)))
	return found, err
}

var insertShelved = insert{table: "public_signatures", columns: []string{"submission_id", "fingerprint", "posted", "counted"}, types: "iixx"}

// Put implements store.Shelf.
func (t shelf) Put(ctx context.Context, cases []store.Shelved) error {
	ids := make([]civic.SubmissionID, len(cases))
	rows := make([][]any, len(cases))
	var all entries
	for i, c := range cases {
		e := entriesOf(int64(c.Submission), c.Terms)
		ids[i], rows[i] = c.Submission, []any{int64(c.Submission), c.Fingerprint, pack(e.postings, 2), pack(e.counts, 1)}
		all.postings, all.counts = append(all.postings, e.postings...), append(all.counts, e.counts...)
	}
	if err := t.Remove(ctx, ids); err != nil {
		return err
	}
	if err := t.insertRows(ctx, insertShelved, rows, nil); err != nil {
		return err
	}
	all.counts = summed(all.counts)
	return t.post(ctx, public, all)
}

// Remove implements store.Shelf.
func (t shelf) Remove(ctx context.Context, ids []civic.SubmissionID) error {
	type brought struct{ posted, counted []byte }
	found, err := list(ctx, t.tx, func(r row) (b brought, err error) { return b, r.Scan(&b.posted, &b.counted) },
		`DELETE FROM public_signatures WHERE submission_id IN LIST(?) RETURNING posted, counted`, t.d.set(ints(ids)))
	if err != nil {
		return err
	}
	for _, b := range found {
		if err := t.takeBack(ctx, unpack(b.posted), unpack(b.counted)); err != nil {
			return err
		}
	}
	return nil
}

// takeBack removes the rows of one case. A place names its case, so that of
// all pairs of the two lists only those of the case are there.
func (t shelf) takeBack(ctx context.Context, posted, counted []int64) error {
	terms, places := make([]int64, 0, len(posted)/2), make([]int64, 0, len(posted)/2)
	for i := 0; i+1 < len(posted); i += 2 {
		terms, places = append(terms, posted[i]), append(places, posted[i+1])
	}
	if _, err := t.exec(ctx, `DELETE FROM public_postings WHERE term IN LIST(?) AND place IN LIST(?)`, t.d.set(terms), t.d.set(places)); err != nil {
		return err
	}
	if len(counted) == 0 {
		return nil
	}
	if _, err := t.exec(ctx, `UPDATE public_frequencies SET documents = documents - 1 WHERE term IN LIST(?)`, t.d.set(counted)); err != nil {
		return err
	}
	_, err := t.exec(ctx, `DELETE FROM public_frequencies WHERE term IN LIST(?) AND documents <= 0`, t.d.set(counted))
	return err
}

// summed makes one row of those with the same term: a statement may not touch
// a row twice.
func summed(counts [][]any) [][]any {
	sums := map[int64]int{}
	for _, c := range counts {
		sums[c[0].(int64)] += c[1].(int)
	}
	out := make([][]any, 0, len(sums))
	for term, n := range sums {
		out = append(out, []any{term, n})
	}
	return out
}

// pack writes the first columns of rows, all of int64, one after the other.
func pack(rows [][]any, columns int) []byte {
	out := make([]byte, 0, 8*columns*len(rows))
	for _, r := range rows {
		for _, v := range r[:columns] {
			out = binary.BigEndian.AppendUint64(out, uint64(v.(int64)))
		}
	}
	return out
}

func unpack(b []byte) []int64 {
	out := make([]int64, 0, len(b)/8)
	for ; len(b) >= 8; b = b[8:] {
		out = append(out, int64(binary.BigEndian.Uint64(b)))
	}
	return out
}
