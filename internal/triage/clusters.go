package triage

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// byStaff is a person who changes a cluster in an act.
func byStaff(actor civic.Actor, c *casework.Change, reason string) cluster.By {
	return cluster.By{Kind: actor.Kind, User: actor.User, Reason: reason, Now: c.Now}
}

// errMoved tells a person that the cluster changed since the page was made.
var errMoved = errs.New(errs.Conflict, "cluster.moved")

// Merge makes a case follow another one, named by its code as a person types
// it, and brings those who follow the case along. It follows an open case, gets
// the answer of one that was answered in public, and joins the root of one that
// follows. It is Conflict, with a code that says what to do instead, where the
// other was answered in private, refused or withdrawn. A person decides here: a
// pair that was taken apart may come together again. The sender reads the
// reason, and who objected is owed one.
func (s *Service) Merge(ctx context.Context, actor civic.Actor, code civic.Code, version int, into, reason string) error {
	target, err := civic.ParseCode(into)
	if err != nil {
		return errs.InvalidFields(errs.Field{Name: "into", Code: "field.not_a_code"})
	}
	if reason, err = words("reason", reason, 0, civic.MaxReason); err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{
		Permission: civic.TriageCase,
		With: func(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.SubmissionID, error) {
			root, err := s.rootOf(ctx, tx, actor, target)
			if err == nil && root == sub.ID {
				err = errs.New(errs.Conflict, "merge.into_itself")
			}
			return []civic.SubmissionID{root}, err
		},
		Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
			root := c.Others[0]
			if err := mergeable(c.Sub, root, reason); err != nil {
				return err
			}
			c.Event = civic.Event{Type: civic.EventMerged, Reason: reason, Agency: root.Agency}
			return cluster.Join(ctx, tx, root, &c.Sub, 0, byStaff(actor, c, reason))
		},
	})
	if err != nil {
		return fmt.Errorf("merge: %w", err)
	}
	return nil
}

// rootOf returns the root of the case with the code, or the case itself.
func (s *Service) rootOf(ctx context.Context, tx store.Tx, actor civic.Actor, code civic.Code) (civic.SubmissionID, error) {
	sub, err := tx.Submissions().GetByCode(ctx, code)
	if err == nil && sub.State == civic.Merged {
		sub, err = tx.Submissions().Get(ctx, sub.Root)
	}
	if err == nil {
		err = actor.Check(s.Registry, civic.TriageCase, &sub)
	}
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return 0, errs.InvalidFields(errs.Field{Name: "into", Code: "field.unknown_case"})
	}
	return sub.ID, err
}

// mergeable fails unless a person may make sub follow root.
func mergeable(sub, root civic.Submission, reason string) error {
	switch {
	case sub.State == civic.Merged:
		return errs.New(errs.Conflict, "merge.follows_already")
	case sub.State == civic.InReview:
		return errs.New(errs.Conflict, "merge.in_review")
	case !sub.State.CanBecome(civic.Merged):
		return errs.New(errs.Conflict, "submission.move_not_allowed")
	case root.State == civic.Merged:
		return errMoved
	case root.State == civic.Rejected:
		return errs.New(errs.Conflict, "merge.into_refused")
	case root.State == civic.Withdrawn:
		return errs.New(errs.Conflict, "merge.into_withdrawn")
	case civic.WithAnswer.Has(root.State) && !root.Visibility.Public():
		return errs.New(errs.Conflict, "merge.into_private_answer")
	case sub.TriageReason == cluster.ReasonObjected && reason == "":
		return errs.InvalidFields(errs.Field{Name: "reason", Code: "field.required"})
	}
	return nil
}

// withRoot names what a follower follows; a case that follows nothing names
// nothing.
func withRoot(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.SubmissionID, error) {
	m, err := tx.Matches().Membership(ctx, sub.ID)
	if err != nil && errs.KindOf(err) == errs.NotFound {
		return nil, nil
	}
	return []civic.SubmissionID{m.Root}, err
}

// follower returns the root of a case that withRoot has named, or Conflict when
// the case follows nothing.
func follower(c *casework.Change) (civic.Submission, error) {
	switch {
	case c.Sub.State != civic.Merged || len(c.Others) == 0:
		return civic.Submission{}, errs.New(errs.Conflict, "submission.move_not_allowed")
	case c.Sub.Root != c.Others[0].ID:
		return civic.Submission{}, errMoved
	}
	return c.Others[0], nil
}

// Unmerge takes a case out of the cluster that it followed. The pair is never
// joined by itself again. The sender reads the reason, and that an answer which
// was the cluster's is not the last word.
func (s *Service) Unmerge(ctx context.Context, actor civic.Actor, code civic.Code, version int, reason string) error {
	reason, err := words("reason", reason, 0, civic.MaxReason)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, With: withRoot, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		root, err := follower(c)
		if err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventUnmerged, Reason: reason}
		c.Then, err = cluster.Leave(ctx, tx, root, &c.Sub, ReasonUnmerged, byStaff(actor, c, reason))
		return err
	}})
	if err != nil {
		return fmt.Errorf("unmerge: %w", err)
	}
	return nil
}

// Lead lets a follower take the place of the case that it follows; see
// cluster.Lead. Senders are told nothing: nothing changes for them.
func (s *Service) Lead(ctx context.Context, actor civic.Actor, code civic.Code, version int, reason string) error {
	reason, err := words("reason", reason, 0, civic.MaxReason)
	if err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{Permission: civic.TriageCase, With: withRoot, Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		root, err := follower(c)
		if err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventLeadMoved, Reason: reason}
		return cluster.Lead(ctx, tx, root, &c.Sub, byStaff(actor, c, reason))
	}})
	if err != nil {
		return fmt.Errorf("lead: %w", err)
	}
	return nil
}

// MaxSplit bounds how many members leave a cluster by one act: what a person
// can name. A group that is larger leaves with its lead, which the others can
// be merged into.
const MaxSplit = 100

// SplitCluster takes the named members out of a root's cluster together. The
// earliest received of them leads the others and goes before a coordinator.
func (s *Service) SplitCluster(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, members []string, reason string,
) error {
	codes, err := memberCodes(members)
	if err != nil {
		return err
	}
	if reason, err = words("reason", reason, 0, civic.MaxReason); err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, casework.Act{
		Permission: civic.TriageCase,
		With: func(ctx context.Context, tx store.Tx, root civic.Submission) ([]civic.SubmissionID, error) {
			return membersOf(ctx, tx, root, codes)
		},
		Do: func(ctx context.Context, tx store.Tx, c *casework.Change) error {
			c.Event = civic.Event{Type: civic.EventClusterSplit, Reason: reason}
			return cluster.Split(ctx, tx, c.Sub, c.Others, byStaff(actor, c, reason))
		},
	})
	if err != nil {
		return fmt.Errorf("split the cluster: %w", err)
	}
	return nil
}

// memberCodes reads codes as people type them, each once.
func memberCodes(typed []string) ([]civic.Code, error) {
	var codes []civic.Code
	for _, t := range typed {
		code, err := civic.ParseCode(t)
		if err != nil {
			return nil, errs.InvalidFields(errs.Field{Name: "members", Code: "field.not_a_code"})
		}
		if !slices.Contains(codes, code) {
			codes = append(codes, code)
		}
	}
	switch {
	case len(codes) == 0:
		return nil, errs.InvalidFields(errs.Field{Name: "members", Code: "field.required"})
	case len(codes) > MaxSplit:
		return nil, errs.InvalidFields(errs.Field{
			Name: "members", Code: "field.too_many", Params: map[string]string{"max": fmt.Sprint(MaxSplit)},
		})
	}
	return codes, nil
}

// membersOf returns the ids of codes that all follow root.
func membersOf(ctx context.Context, tx store.Tx, root civic.Submission, codes []civic.Code) ([]civic.SubmissionID, error) {
	ids := make([]civic.SubmissionID, len(codes))
	for i, code := range codes {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil && errs.KindOf(err) != errs.NotFound {
			return nil, err
		}
		if err != nil || sub.State != civic.Merged || sub.Root != root.ID {
			return nil, errs.InvalidFields(errs.Field{
				Name: "members", Code: "field.not_a_member", Params: map[string]string{"code": code.String()},
			})
		}
		ids[i] = sub.ID
	}
	return ids, nil
}
