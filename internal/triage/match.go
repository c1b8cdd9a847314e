package triage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/matching"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// nearCandidates bounds how many texts that share a band are compared in full.
// A campaign of thousands of copies shares all its bands; the first copies are
// enough to find the root.
const nearCandidates = 50

// joinable are the states in which a case may join a cluster by itself: no
// person has taken it on yet.
var joinable = civic.StateSet{civic.Received, civic.Triage, civic.Assigned}

// comparison is what matching found for one submission, before anything is
// decided.
type comparison struct {
	sub     civic.Submission
	near    []nearCase
	similar []civic.Similar
}

// nearCase is another submission with nearly the same text.
type nearCase struct {
	sub     civic.Submission
	jaccard float64
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
		found.sub, err = tx.Submissions().Get(ctx, id)
		return err
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
		if found.near, err = nearOf(ctx, tx, found.sub, bands); err != nil {
			return err
		}
		similar, err := analysis.Similar(ctx, tx.Matches(), freq)
		if err != nil {
			return err
		}
		found.similar = similarOf(found.sub.ID, similar, found.near)
		return nil
	})
	if err != nil {
		return fmt.Errorf("compare with everything before: %w", err)
	}
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

// nearOf returns those with nearly the same text that may be joined, the
// earliest first.
func nearOf(ctx context.Context, tx store.Tx, sub civic.Submission, bands []int64) ([]nearCase, error) {
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
	var near []nearCase
	for _, other := range others {
		compared := matching.Compare(sub.Text(), other.Text())
		if !compared.Joinable() {
			continue
		}
		barred, err := tx.Matches().Barred(ctx, sub.ID, other.ID)
		if err != nil {
			return nil, err
		}
		if !barred {
			near = append(near, nearCase{other, compared.Jaccard})
		}
	}
	slices.SortFunc(near, func(a, b nearCase) int { return byReceipt(a.sub, b.sub) })
	return near, nil
}

// byReceipt orders by receipt, and by id within one instant.
func byReceipt(a, b civic.Submission) int {
	return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID, b.ID))
}

// leastScore is the score below which a case is too far to be worth a look. Of
// 351 petitions that moderators had refused as duplicates, 99 in 100 of the
// originals scored higher, and one in five of the others lower.
const leastScore = 0.1

func similarOf(id civic.SubmissionID, found []matching.Similar, near []nearCase) []civic.Similar {
	out := make([]civic.Similar, 0, len(found))
	for _, f := range found {
		other := civic.SubmissionID(f.ID)
		if slices.ContainsFunc(near, func(n nearCase) bool { return n.sub.ID == other }) {
			continue // shown as the same text already
		}
		if f.Score < leastScore {
			break // they come best first
		}
		out = append(out, civic.Similar{Submission: id, Other: other, Rank: len(out) + 1, Score: f.Score, Terms: f.Terms})
	}
	return out
}

// matched writes what was found, in the transaction that finishes the job.
func (s *Service) matched(ctx context.Context, tx store.Tx, found comparison) error {
	now := s.Now()
	if err := tx.Matches().PutSimilar(ctx, found.sub.ID, found.similar); err != nil {
		return err
	}
	joined := false
	for _, n := range found.near {
		earlier, later := found.sub, n.sub
		if byReceipt(n.sub, found.sub) < 0 {
			earlier, later = n.sub, found.sub
		}
		if later.ID == found.sub.ID && joined {
			continue // the earliest has it already
		}
		ok, err := join(ctx, tx, earlier.ID, later.ID, n.jaccard, now)
		if err != nil {
			return err
		}
		joined = joined || ok && later.ID == found.sub.ID
	}
	event := civic.Event{
		Submission: found.sub.ID, At: now, Type: civic.EventMatched, Actor: civic.ActorSystem, From: civic.Received, To: civic.Received,
	}
	if err := tx.Events().Add(ctx, event); err != nil {
		return err
	}
	if joined {
		return nil
	}
	_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobRoute, Subject: int64(found.sub.ID), CreatedAt: now})
	return err
}

// join makes the later submission follow the earlier one's root and reports
// whether it does now. It does not when a person has taken the later one on,
// or when the root cannot lead: refused, withdrawn, or answered in private,
// since an answer to somebody else is not to be passed on.
func join(ctx context.Context, tx store.Tx, earlier, later civic.SubmissionID, jaccard float64, now time.Time) (bool, error) {
	rootID := earlier
	switch m, err := tx.Matches().Membership(ctx, earlier); {
	case err == nil:
		rootID = m.Root
	case errs.KindOf(err) != errs.NotFound:
		return false, err
	}
	if rootID == later {
		return false, nil
	}
	locked, err := tx.Submissions().Lock(ctx, rootID, later)
	if err != nil {
		return false, err
	}
	root, sub := locked[0], locked[1]
	if root.ID != rootID {
		root, sub = sub, root
	}
	if root.State == civic.Merged { // it joined another at this moment: look again
		return false, errs.New(errs.Unavailable, "cluster.moved")
	}
	if !joinable.Has(sub.State) || sub.Hold != "" || !canLead(root) {
		return false, nil
	}
	return true, follow(ctx, tx, root, sub, jaccard, now)
}

func canLead(root civic.Submission) bool {
	return root.Hold == "" && (civic.Open.Has(root.State) || civic.WithAnswer.Has(root.State) && root.Visibility.Public())
}

// follow writes the join: membership, state, event, and the answer where there
// is one.
func follow(ctx context.Context, tx store.Tx, root, sub civic.Submission, jaccard float64, now time.Time) error {
	if err := moveFollowers(ctx, tx, sub, root); err != nil {
		return err
	}
	err := tx.Matches().Join(ctx, civic.Membership{
		Submission: sub.ID, Root: root.ID, JoinedAt: now, By: civic.ActorSystem, Jaccard: jaccard,
	})
	if err != nil {
		return err
	}
	from := sub.State
	if err := sub.Move(civic.Merged); err != nil {
		return err
	}
	// The agency is the root's, whichever that will be.
	sub.Root, sub.Agency, sub.Assignee, sub.TriageReason = root.ID, "", 0, ""
	sub.Version++
	sub.UpdatedAt = now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return err
	}
	err = tx.Events().Add(ctx, civic.Event{
		Submission: sub.ID, At: now, Type: civic.EventMerged, Actor: civic.ActorSystem, From: from, To: sub.State, Agency: root.Agency,
	})
	if err != nil || !civic.WithAnswer.Has(root.State) {
		return err
	}
	return casework.Tell(ctx, tx, sub, civic.MessageAnswer, now)
}

// followersAtOnce bounds how many followers are moved to another root by one
// look at the database; what one transaction changes is bounded with it.
const followersAtOnce = 10_000

// moveFollowers makes all who follow from follow to instead.
func moveFollowers(ctx context.Context, tx store.Tx, from, to civic.Submission) error {
	members, _, err := tx.Matches().Members(ctx, from.ID, followersAtOnce)
	if err != nil || len(members) == 0 {
		return err
	}
	for _, m := range members {
		locked, err := tx.Submissions().Lock(ctx, m.Submission)
		if err != nil {
			return err
		}
		locked[0].Root = to.ID
		if err := tx.Submissions().Update(ctx, locked[0]); err != nil {
			return err
		}
	}
	return tx.Matches().MoveMembers(ctx, from.ID, to.ID)
}

// publicShown is how many similar public cases a writer is shown.
const publicShown = 5

// PublicMatch is a published case that a text may repeat.
type PublicMatch struct {
	Case  civic.Submission // its public version; Title and Body are empty
	Score float64
	Terms []string
}

// Similar finds published cases for a text that is still being written. It
// stores nothing and never shows a private case.
func (s *Service) Similar(ctx context.Context, title, body string) ([]PublicMatch, error) {
	title, err := words("title", title, 0, civic.MaxTitle)
	if err != nil {
		return nil, err
	}
	if body, err = words("body", body, 0, civic.MaxBody); err != nil {
		return nil, err
	}
	analysis := matching.Analyze(matching.Document{Title: title, Body: body})
	var out []PublicMatch
	err = s.Store.View(ctx, func(tx store.Tx) error {
		freq, err := tx.Matches().Frequencies(ctx, analysis.Terms())
		if err != nil {
			return err
		}
		similar, err := analysis.Similar(ctx, tx.Matches(), freq)
		if err != nil {
			return err
		}
		for _, m := range similar {
			sub, err := tx.Submissions().Get(ctx, civic.SubmissionID(m.ID))
			if err != nil {
				return err
			}
			terms := publicTerms(m.Terms, sub)
			if !sub.Visibility.Public() || len(terms) == 0 || len(out) == publicShown {
				continue
			}
			sub = asPublished(sub)
			sub.Title, sub.Body = "", ""
			out = append(out, PublicMatch{Case: sub, Score: m.Score, Terms: terms})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("look for similar public cases: %w", err)
	}
	return out, nil
}

// publicTerms keeps the shared words that the public version has, too. Texts
// are compared in full, and what was taken out of a public version must not be
// confirmed to somebody who guesses it.
func publicTerms(terms []string, sub civic.Submission) []string {
	joined := func(text string) string { return " " + strings.Join(vitext.Words(text), " ") + " " }
	public := joined(sub.PublicTitle + "\n" + sub.PublicBody)
	return slices.DeleteFunc(slices.Clone(terms), func(term string) bool { return !strings.Contains(public, joined(term)) })
}
