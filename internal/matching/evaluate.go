package matching

import (
	"context"
	"fmt"
	"slices"
)

// Query is a text whose earlier duplicates are known.
type Query struct {
	Document
	// Relevant are the ids that a person named as duplicates.
	Relevant []int64
}

// Report says how well the known duplicates were found. HitAt is the share of
// queries with a relevant document among the first k; MRRAt10 is the mean of
// 1/rank of the first relevant one among the first ten, else 0.
type Report struct {
	Documents int     `json:"documents"`
	Queries   int     `json:"queries"`
	HitAt1    float64 `json:"hit_at_1"`
	HitAt5    float64 `json:"hit_at_5"`
	HitAt10   float64 `json:"hit_at_10"`
	MRRAt10   float64 `json:"mrr_at_10"`
}

// Evaluate keeps the corpus one document after the other, exactly as documents
// arrive in service, and then ranks it for each query. progress, if not nil,
// is called after each document and query with how many of all are done.
func Evaluate(ctx context.Context, corpus []Document, queries []Query, progress func(done, all int)) (Report, error) {
	if progress == nil {
		progress = func(int, int) {}
	}
	all := len(corpus) + len(queries)
	var kept Memory
	for i, d := range corpus {
		a := Analyze(d)
		freq, err := kept.Frequencies(ctx, a.Terms())
		if err != nil {
			return Report{}, fmt.Errorf("keep document %d: %w", d.ID, err)
		}
		if err := kept.Add(ctx, d, a.Salient(freq)); err != nil {
			return Report{}, fmt.Errorf("keep document %d: %w", d.ID, err)
		}
		progress(i+1, all)
	}
	r := Report{Documents: len(corpus), Queries: len(queries)}
	for i, q := range queries {
		if err := ctx.Err(); err != nil {
			return Report{}, err
		}
		rank, err := rankOf(ctx, &kept, q)
		if err != nil {
			return Report{}, fmt.Errorf("rank for query %d: %w", q.ID, err)
		}
		r.add(rank)
		progress(len(corpus)+i+1, all)
	}
	if n := float64(len(queries)); n > 0 {
		r.HitAt1, r.HitAt5, r.HitAt10, r.MRRAt10 = r.HitAt1/n, r.HitAt5/n, r.HitAt10/n, r.MRRAt10/n
	}
	return r, nil
}

// rankOf returns the rank from 1 of the first relevant document, 0 when there
// is none among those shown.
func rankOf(ctx context.Context, c Candidates, q Query) (int, error) {
	a := Analyze(q.Document)
	freq, err := c.Frequencies(ctx, a.Terms())
	if err != nil {
		return 0, err
	}
	similar, err := a.Similar(ctx, c, freq)
	if err != nil {
		return 0, err
	}
	return 1 + slices.IndexFunc(similar, func(s Similar) bool { return slices.Contains(q.Relevant, s.ID) }), nil
}

// add counts one query; the sums are divided at the end.
func (r *Report) add(rank int) {
	if rank == 1 {
		r.HitAt1++
	}
	if rank >= 1 && rank <= 5 {
		r.HitAt5++
	}
	if rank >= 1 && rank <= 10 {
		r.HitAt10++
		r.MRRAt10 += 1 / float64(rank)
	}
}
