package triage

import (
	"context"
	"fmt"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// resemblingShown is how many earlier cases somebody who keys in a letter is
// shown of either sort.
const resemblingShown = 5

// Resembling is an earlier case beside a text that nobody has stored yet.
type Resembling struct {
	Case civic.Submission
	// Near tells that it is nearly the same text: the letter may have been keyed
	// in before.
	Near bool
	// Score is how alike they are, 0 to 1.
	Score float64
	// Visible tells whether the person may open it. Of one that is not, only
	// code, state and public version are filled in.
	Visible bool
}

// Resembling finds earlier cases for a text that a member of staff is about to
// key in: what is nearly the same first, then what may ask for the same. It
// stores nothing.
func (s *Service) Resembling(ctx context.Context, actor civic.Actor, title, body string) ([]Resembling, error) {
	if err := actor.CheckPermission(civic.KeyIn); err != nil {
		return nil, err
	}
	sub := civic.Submission{Title: title, Body: body}
	analysis := matching.Analyze(documentOf(sub))
	bands := matching.Sign(sub.Text()).Bands()
	var out []Resembling
	seen := map[civic.SubmissionID]bool{}
	add := func(c civic.Submission, near bool, score float64) {
		if seen[c.ID] {
			return
		}
		seen[c.ID] = true
		visible := actor.Reaches(s.Registry, c.Agency)
		if !visible {
			c = asPublished(c)
			c.Title, c.Body = "", ""
		}
		out = append(out, Resembling{c, near, score, visible})
	}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		near, err := s.nearOf(ctx, tx, sub, bands)
		if err != nil {
			return err
		}
		for _, n := range near[:min(len(near), resemblingShown)] {
			add(n.sub, true, n.jaccard)
		}
		freq, err := tx.Matches().Frequencies(ctx, analysis.Terms())
		if err != nil {
			return err
		}
		similar, err := analysis.Similar(ctx, &oneOfEach{Candidates: tx.Matches(), matches: tx.Matches()}, freq)
		if err != nil {
			return err
		}
		kept := similarOf(0, similar)
		ids := make([]civic.SubmissionID, 0, resemblingShown)
		for _, m := range kept[:min(len(kept), resemblingShown)] {
			ids = append(ids, m.Other)
		}
		subs, err := tx.Submissions().List(ctx, ids)
		if err != nil {
			return err
		}
		for i, c := range subs { // on one snapshot, so all are there
			add(c, false, kept[i].Score)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for earlier cases: %w", err)
	}
	return out, nil
}
