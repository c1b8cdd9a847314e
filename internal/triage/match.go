package triage

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/matching"
	"hienke/internal/store"
)

// nearCandidates bounds how many texts that share a band are compared in full.
// A campaign of thousands of copies shares all its bands; the first copies are
// enough to find the root.
const nearCandidates = 50

// comparison is what matching found for one submission, before anything is
// decided.
type comparison struct {
	sub     civic.Submission
	near    []nearCase
	similar []civic.Similar
	accuses bool // it accuses a named body or official
}

// nearCase is another submission with nearly the same text.
type nearCase struct {
	sub     civic.Submission
	jaccard float64
	// reason is why the texts alone forbid a join, empty when they allow it.
	reason matching.Reason
}

// Match compares a submission with everything before it. It is the handler of
// store.JobMatch. What is nearly the same joins the earliest by itself,
// reversibly; what may ask for the same is kept for a person to judge. Then
// the case is sent on to be routed.
//
// Signatures are committed before anything is looked up, so that of two near
// copies at the same moment at least one sees the other; whichever does, the
// later received joins the earlier one's root.
func (s *Service) Match(ctx context.Context, job int64, id civic.SubmissionID) error {
	found := comparison{}
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if found.sub, err = tx.Submissions().Get(ctx, id); err != nil {
			return err
		}
		return s.addFileText(ctx, tx, &found.sub)
	})
	if err != nil {
		return fmt.Errorf("read the submission: %w", err)
	}
	if err := s.compare(ctx, &found); err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		first, err := tx.Outbox().Finish(ctx, job, s.Now())
		if err != nil || !first {
			return err
		}
		return s.matched(ctx, tx, found)
	})
	if err != nil {
		return fmt.Errorf("store what was found: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return nil
}

// compare does the reading and computing, outside of any transaction that
// writes.
func (s *Service) compare(ctx context.Context, found *comparison) error {
	doc := documentOf(found.sub)
	analysis := matching.Analyze(doc)
	bands := matching.Sign(found.sub.Text()).Bands()
	freq, err := s.sign(ctx, doc.ID, analysis, bands)
	if err != nil {
		return err
	}
	err = s.Store.View(ctx, func(tx store.Tx) error {
		if found.near, err = s.nearOf(ctx, tx, found.sub, bands); err != nil {
			return err
		}
		once := &oneOfEach{Candidates: tx.Matches(), matches: tx.Matches(), self: found.sub.ID}
		similar, err := analysis.Similar(ctx, once, freq)
		if err != nil {
			return err
		}
		found.similar = similarOf(found.sub.ID, similar)
		return nil
	})
	if err != nil {
		return fmt.Errorf("compare with everything before: %w", err)
	}
	s.partAccusing(found)
	return nil
}

// sign stores what others will find the submission by, and returns how common
// its terms were before.
func (s *Service) sign(ctx context.Context, id int64, a *matching.Analysis, bands []int64) (matching.Frequencies, error) {
	var freq matching.Frequencies
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		freq, err = tx.Matches().Frequencies(ctx, a.Terms())
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read term frequencies: %w", err)
	}
	terms := a.Salient(freq)
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		return tx.Matches().AddSignature(ctx, civic.SubmissionID(id), bands, terms)
	})
	if err != nil {
		return nil, fmt.Errorf("store the signature: %w", err)
	}
	return freq, nil
}

func documentOf(sub civic.Submission) matching.Document {
	return matching.Document{ID: int64(sub.ID), Title: sub.Title, Body: sub.Body}
}

// oneOfEach shows ranking one text of each cluster, under the id of its root: a
// campaign must not fill the whole list.
type oneOfEach struct {
	matching.Candidates
	matches store.Memberships
	self    civic.SubmissionID // and what follows it is not similar to it
}

// Texts implements matching.Candidates. Of a cluster it reads the text that
// ranking named first.
func (c *oneOfEach) Texts(ctx context.Context, ids []int64) ([]matching.Document, error) {
	members := make([]civic.SubmissionID, len(ids))
	for i, id := range ids {
		members[i] = civic.SubmissionID(id)
	}
	roots, err := c.matches.Roots(ctx, members)
	if err != nil {
		return nil, err
	}
	seen, rootOf, kept := map[civic.SubmissionID]bool{c.self: true}, map[int64]int64{}, make([]int64, 0, len(ids))
	for i, id := range members {
		if root, ok := roots[id]; ok {
			id = root
		}
		if !seen[id] {
			seen[id] = true
			rootOf[ids[i]] = int64(id)
			kept = append(kept, ids[i])
		}
	}
	texts, err := c.Candidates.Texts(ctx, kept)
	for i := range texts {
		texts[i].ID = rootOf[texts[i].ID]
	}
	return texts, err
}

// nearOf returns those with nearly the same text, the earliest first, and of a
// cluster no more once one of it may be joined.
func (s *Service) nearOf(ctx context.Context, tx store.Tx, sub civic.Submission, bands []int64) ([]nearCase, error) {
	if len(bands) == 0 {
		return nil, nil
	}
	ids, err := tx.Matches().Bands(ctx, sub.ID, bands, nearCandidates)
	if err != nil {
		return nil, err
	}
	others, err := tx.Submissions().List(ctx, ids)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(others, byReceipt)
	files, err := s.filesOf(ctx, tx, sub, others)
	if err != nil {
		return nil, err
	}
	roots, err := tx.Matches().Roots(ctx, ids)
	if err != nil {
		return nil, err
	}
	var near []nearCase
	compared := map[civic.SubmissionID]bool{} // roots of clusters with a text that may be joined
	for _, other := range others {
		root, follows := roots[other.ID]
		if !follows {
			root = other.ID
		}
		if compared[root] {
			continue // one copy of a letter tells as much as fifty
		}
		if c := matching.Compare(sub.Text(), other.Text()); c.Jaccard >= matching.NearThreshold {
			if c.Joinable() && !files.same(sub.ID, other.ID) {
				c.Reason = otherFiles
			}
			near = append(near, nearCase{other, c.Jaccard, c.Reason})
			compared[root] = c.Joinable()
		}
	}
	return near, nil
}

// byReceipt orders by receipt, and by id within one instant.
func byReceipt(a, b civic.Submission) int {
	return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID, b.ID))
}

// leastScore is the score below which a case is too far to be worth a look. Of
// the originals of 351 petitions that moderators had refused as duplicates, 99
// in 100 scored higher, and one in six of the other cases found lower.
const leastScore = 0.06

func similarOf(id civic.SubmissionID, found []matching.Similar) []civic.Similar {
	out := make([]civic.Similar, 0, len(found))
	for _, f := range found {
		if f.Score < leastScore {
			break // they come best first
		}
		out = append(out, civic.Similar{Submission: id, Other: civic.SubmissionID(f.ID), Score: f.Score, Terms: f.Terms})
	}
	return out
}

// matched writes what was found, in the transaction that finishes the job.
func (s *Service) matched(ctx context.Context, tx store.Tx, found comparison) error {
	now := s.Now()
	if err := restrict(ctx, tx, found); err != nil {
		return err
	}
	joined, apart, err := joinAll(ctx, tx, found, now)
	if err != nil {
		return err
	}
	similar, err := listed(ctx, tx, found, apart)
	if err != nil {
		return err
	}
	if err := tx.Matches().PutSimilar(ctx, found.sub.ID, similar); err != nil {
		return err
	}
	event := civic.Event{
		Submission: found.sub.ID, At: now, Type: civic.EventMatched, Actor: civic.ActorSystem, From: found.sub.State, To: found.sub.State,
	}
	if err := tx.Events().Add(ctx, event); err != nil || joined {
		return err
	}
	_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobRoute, Subject: int64(found.sub.ID), CreatedAt: now})
	return err
}

// maxApart bounds how many near texts that did not join are kept: as many as
// similar ones.
const maxApart = 10

// listed is what a person is shown beside the case: what is nearly the same
// first, then what may ask for the same, each cluster once.
func listed(ctx context.Context, tx store.Tx, found comparison, apart []civic.Similar) ([]civic.Similar, error) {
	id := found.sub.ID
	ids := []civic.SubmissionID{id}
	for _, n := range found.near {
		ids = append(ids, n.sub.ID)
	}
	roots, err := tx.Matches().Roots(ctx, ids)
	if err != nil {
		return nil, err
	}
	rootOf := func(id civic.SubmissionID) civic.SubmissionID {
		if root, ok := roots[id]; ok {
			return root
		}
		return id
	}
	shown := map[civic.SubmissionID]bool{id: true, rootOf(id): true}
	var out []civic.Similar
	add := func(m civic.Similar) {
		if !shown[m.Other] {
			shown[m.Other] = true
			m.Submission, m.Rank = id, len(out)+1
			out = append(out, m)
		}
	}
	for _, m := range apart {
		m.Other = rootOf(m.Other)
		for _, same := range found.similar { // the words that they share, where ranking met it too
			if same.Other == m.Other {
				m.Terms = same.Terms
			}
		}
		if len(out) < maxApart {
			add(m)
		}
	}
	for _, m := range found.similar {
		add(m)
	}
	return out, nil
}
