package triage

import (
	"context"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// SimilarCase is an earlier or later case beside this one. Of a cluster it is
// the root.
type SimilarCase struct {
	civic.Similar
	Case civic.Submission
	// Visible tells whether the person may open it.
	Visible bool
	// Followers is how many submissions follow it.
	Followers int
	// Advice is a code for what a coordinator can do about the two, empty
	// where there is nothing to do.
	Advice string
}

// What a coordinator can do about a case that asks for the same.
const (
	AdviceFollow  = "follow"        // merge into it
	AdviceAnswer  = "offer_answer"  // merge into it: its public answer is sent to the sender
	AdvicePublish = "publish_first" // publish its answer, then merge
	AdviceRefuse  = "refuse_same"   // refuse for the same reason
)

// adviceFor returns what can be done about sub beside other.
func adviceFor(sub, other civic.Submission) string {
	switch {
	case other.State == civic.Rejected && sub.State.CanBecome(civic.Rejected):
		return AdviceRefuse
	case !sub.State.CanBecome(civic.Merged):
		return ""
	case civic.Open.Has(other.State):
		return AdviceFollow
	case civic.WithAnswer.Has(other.State) && other.Visibility.Public():
		return AdviceAnswer
	case civic.WithAnswer.Has(other.State):
		return AdvicePublish
	}
	return ""
}

// Relation says how another case belongs to one.
type Relation string

// The relations.
const (
	RelationPart    Relation = "part"        // made out of this case
	RelationOrigin  Relation = "origin"      // this case was made out of it
	RelationSibling Relation = "sibling"     // made out of the same case
	RelationSender  Relation = "same_sender" // for those who may know the sender
	RelationSeeAlso Relation = "see_also"    // set by hand
)

// Relations lists every relation.
var Relations = []Relation{RelationOrigin, RelationPart, RelationSibling, RelationSeeAlso, RelationSender}

// RelatedCase is a case that belongs to another one.
type RelatedCase struct {
	Case     civic.Submission
	Relation Relation
	// Reason is why somebody linked the two; may be empty.
	Reason string
	// Visible tells whether the person may open it. Of one that is not, only
	// code, state and public version are filled in.
	Visible bool
}

// membersShown is how many followers a case lists by name.
const membersShown = 20

func (s *Service) fillCluster(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	members, total, err := tx.Matches().Members(ctx, c.Submission.ID, membersShown)
	if err != nil {
		return err
	}
	ids := make([]civic.SubmissionID, len(members))
	for i, m := range members {
		ids[i] = m.Submission
	}
	c.Followers = total
	if total > 0 {
		if c.First, c.Last, err = tx.Matches().Span(ctx, c.Submission.ID); err != nil {
			return err
		}
		if at := c.Submission.ReceivedAt; at.Before(c.First) {
			c.First = at
		} else if at.After(c.Last) {
			c.Last = at
		}
	}
	if c.Members, err = tx.Submissions().List(ctx, ids); err != nil {
		return err
	}
	membership, err := tx.Matches().Membership(ctx, c.Submission.ID)
	if err := put(&c.Membership, membership, err); err != nil || c.Membership == nil {
		return err
	}
	root, err := tx.Submissions().Get(ctx, membership.Root)
	if !actor.Reaches(s.Registry, root.Agency) {
		root = asPublished(root) // it went to another agency after this one joined
	}
	return put(&c.Root, root, err)
}

// fillSimilar reads what was found beside the case, as it stands now: what
// follows another by now counts for that one.
func (s *Service) fillSimilar(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	similar, err := tx.Matches().Similar(ctx, c.Submission.ID)
	if err != nil || len(similar) == 0 {
		return err
	}
	cases, err := rootsOf(ctx, tx, similar)
	if err != nil {
		return err
	}
	var ids []civic.SubmissionID
	for _, root := range cases {
		ids = append(ids, root.ID)
	}
	followers, err := tx.Matches().Followers(ctx, ids)
	if err != nil {
		return err
	}
	shown := map[civic.SubmissionID]bool{c.Submission.ID: true, c.Submission.Root: true}
	for _, m := range similar {
		other, ok := cases[m.Other]
		if !ok || shown[other.ID] {
			continue
		}
		shown[other.ID] = true
		if found, ok := s.similarCase(actor, c.Submission, m, other); ok {
			found.Followers = followers[other.ID]
			c.Similar = append(c.Similar, found)
		}
	}
	return nil
}

// rootsOf returns the cases that were found, those that follow another replaced
// by it, under the ids as found.
func rootsOf(ctx context.Context, tx store.Tx, similar []civic.Similar) (map[civic.SubmissionID]civic.Submission, error) {
	var ids []civic.SubmissionID
	for _, m := range similar {
		ids = append(ids, m.Other)
	}
	found, err := tx.Submissions().List(ctx, ids)
	if err != nil {
		return nil, err
	}
	var roots []civic.SubmissionID
	for _, sub := range found {
		if sub.State == civic.Merged {
			roots = append(roots, sub.Root)
		}
	}
	byID := map[civic.SubmissionID]civic.Submission{}
	if len(roots) > 0 {
		leads, err := tx.Submissions().List(ctx, roots)
		if err != nil {
			return nil, err
		}
		for _, root := range leads {
			byID[root.ID] = root
		}
	}
	out := map[civic.SubmissionID]civic.Submission{}
	for _, sub := range found {
		if out[sub.ID] = sub; sub.State == civic.Merged {
			out[sub.ID] = byID[sub.Root]
		}
	}
	return out, nil
}

// similarCase is another case as far as the person may see it, or nothing.
func (s *Service) similarCase(actor civic.Actor, sub civic.Submission, m civic.Similar, other civic.Submission) (SimilarCase, bool) {
	visible := actor.Reaches(s.Registry, other.Agency)
	if !visible && !other.Visibility.Public() {
		return SimilarCase{}, false // not theirs, and not public: its existence is private
	}
	out := SimilarCase{Similar: m, Case: other, Visible: visible}
	if !visible {
		out.Case, out.Terms = asPublished(other), publicTerms(m.Terms, other)
	}
	if actor.May(civic.TriageCase) {
		out.Advice = adviceFor(sub, other)
	}
	return out, true
}

// fillRelated reads what the case was made out of and what was made out of it.
func (s *Service) fillRelated(ctx context.Context, tx store.Tx, actor civic.Actor, c *Case) error {
	ids, err := tx.Parts().List(ctx, c.Submission.ID)
	if err != nil {
		return err
	}
	origin, err := tx.Parts().Origin(ctx, c.Submission.ID)
	switch {
	case err == nil:
		ids = append([]civic.SubmissionID{origin}, ids...)
	case errs.KindOf(err) != errs.NotFound:
		return err
	}
	relations := map[civic.SubmissionID]RelatedCase{origin: {Relation: RelationOrigin}}
	if origin != 0 {
		siblings, err := tx.Parts().List(ctx, origin)
		if err != nil {
			return err
		}
		for _, id := range siblings {
			if id != c.Submission.ID {
				ids, relations[id] = append(ids, id), RelatedCase{Relation: RelationSibling}
			}
		}
	}
	return s.relate(ctx, tx, actor, c, ids, relations)
}

// relate puts cases beside one, each as far as the person may see it; what is
// not named otherwise is a part.
func (s *Service) relate(
	ctx context.Context, tx store.Tx, actor civic.Actor, c *Case, ids []civic.SubmissionID, relations map[civic.SubmissionID]RelatedCase,
) error {
	if len(ids) == 0 {
		return nil
	}
	cases, err := tx.Submissions().List(ctx, ids)
	for _, sub := range cases {
		r := relations[sub.ID]
		r.Case, r.Visible = sub, actor.Reaches(s.Registry, sub.Agency)
		if r.Relation == "" {
			r.Relation = RelationPart
		}
		if !r.Visible {
			r.Case = asPublished(sub)
		}
		c.Related = append(c.Related, r)
	}
	return err
}
