package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// ObstacleCorrected says that nearly the same text did not join because one of
// the two was put right meanwhile: a person decides.
const ObstacleCorrected = "corrected"

// Rematch compares a submission anew whose text was put right. It is the handler
// of store.JobRematch. Others are found by the new text from now on, and the
// case shows what is like it; nothing joins, leaves its cluster or changes its
// agency by itself, since what was asked for is the same.
func (s *Service) Rematch(ctx context.Context, job int64, id civic.SubmissionID) error {
	found := comparison{}
	var before []civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if found.sub, err = tx.Submissions().Get(ctx, id); err != nil {
			return err
		}
		plain := found.sub.Body
		if err := s.addFileText(ctx, tx, &found.sub); err != nil {
			return err
		}
		was, err := tx.Submissions().Corrections(ctx, id)
		for _, c := range was {
			old := found.sub
			old.Title, old.Body = c.Title, c.Body+found.sub.Body[len(plain):]
			before = append(before, old)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("read the corrected submission: %w", err)
	}
	if err := s.unsign(ctx, id, before); err != nil {
		return err
	}
	if err := s.compare(ctx, &found); err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		apart, err := leftApart(ctx, tx, found)
		if err != nil {
			return err
		}
		similar, err := listed(ctx, tx, found, apart)
		if err != nil {
			return err
		}
		return tx.Matches().PutSimilar(ctx, id, similar)
	})
	if err != nil {
		return fmt.Errorf("store what is like the corrected submission: %w", err)
	}
	return nil
}

// leftApart is what is near a corrected submission, each with why it does not
// join.
func leftApart(ctx context.Context, tx store.Tx, found comparison) ([]civic.Similar, error) {
	out := make([]civic.Similar, 0, len(found.near))
	for _, n := range found.near {
		obstacle := string(n.reason)
		if obstacle == "" {
			obstacle = ObstacleCorrected
			barred, err := tx.Matches().Barred(ctx, n.sub.ID, found.sub.ID)
			if err != nil {
				return nil, err
			}
			if barred {
				obstacle = ObstacleApart
			}
		}
		out = append(out, civic.Similar{Other: n.sub.ID, Score: n.jaccard, Jaccard: n.jaccard, Obstacle: obstacle})
	}
	return out, nil
}

// unsign takes away what the earlier texts of a submission are found by.
func (s *Service) unsign(ctx context.Context, id civic.SubmissionID, before []civic.Submission) error {
	var bands []int64
	var terms []matching.Term
	for _, sub := range before {
		bands = append(bands, matching.Sign(sub.Text()).Bands()...)
		terms = append(terms, matching.Analyze(documentOf(sub)).Kept()...)
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Matches().RemoveSignature(ctx, id, bands, terms) })
	if err != nil {
		return fmt.Errorf("take the earlier signature away: %w", err)
	}
	return nil
}
