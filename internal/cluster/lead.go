package cluster

import (
	"cmp"
	"context"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Leadable are the states of a root whose place another may take: nobody has
// written an answer yet, and nobody was asked for anything.
var Leadable = civic.StateSet{civic.Triage, civic.Assigned, civic.InProgress}

// Lead lets a follower take the place of the root that it follows. State,
// agency, assignee, hand-overs and the reason of the route go along, and of two
// deadlines the earlier, so that the agency keeps its work and no clock begins
// anew. The old root follows with all the others. It is Conflict with code
// lead.not_now in a state outside of Leadable, and lead.answer_drafted once an
// answer was written, which speaks to the root's own text.
func Lead(ctx context.Context, tx store.Tx, root civic.Submission, sub *civic.Submission, by By) error {
	if !Leadable.Has(root.State) {
		return errs.New(errs.Conflict, "lead.not_now")
	}
	if _, err := tx.Answers().Get(ctx, root.ID); err == nil {
		return errs.New(errs.Conflict, "lead.answer_drafted")
	} else if errs.KindOf(err) != errs.NotFound {
		return err
	}
	if sub.Root != root.ID {
		return errs.New(errs.Conflict, "cluster.moved")
	}
	m, err := tx.Matches().Leave(ctx, sub.ID)
	if err != nil {
		return err
	}
	if err := inherit(ctx, tx, root, sub); err != nil {
		return err
	}
	if err := take(ctx, tx, root.ID, sub.ID); err != nil {
		return err
	}
	err = tx.Matches().Join(ctx, civic.Membership{
		Submission: root.ID, Root: sub.ID, JoinedAt: by.Now, By: by.Kind, User: by.User, Jaccard: m.Jaccard, Reason: by.Reason,
	})
	if err != nil {
		return err
	}
	before := root.State
	if err := root.Move(civic.Merged); err != nil {
		return err
	}
	follow(&root, sub.ID)
	return write(ctx, tx, before, root, by, civic.Event{Type: civic.EventLeadMoved, Reason: by.Reason})
}

// inherit gives sub the work that root stood for.
func inherit(ctx context.Context, tx store.Tx, root civic.Submission, sub *civic.Submission) error {
	next := civic.Triage
	switch root.State {
	case civic.Assigned:
		next = civic.Assigned
	case civic.InProgress, civic.AwaitingCitizen, civic.InReview: // what was asked of the other sender is not asked of this one
		next = civic.InProgress
	}
	if err := sub.Move(next); err != nil {
		return err
	}
	sub.Root, sub.TriageReason = 0, root.TriageReason
	sub.Agency, sub.Assignee, sub.Handovers = root.Agency, root.Assignee, root.Handovers
	sub.DueAt, sub.ForwardDueAt = earlier(root.DueAt, sub.DueAt), earlier(root.ForwardDueAt, sub.ForwardDueAt)
	route, err := tx.Routes().Get(ctx, root.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	route.Submission = sub.ID
	return tx.Routes().Put(ctx, route)
}

// earlier returns the earlier of two times; a zero one does not count.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func ignoreNotFound(err error) error {
	if errs.KindOf(err) == errs.NotFound {
		return nil
	}
	return err
}

// Succession is how the lead passes on when a root goes.
type Succession struct {
	// Root is the root as it was before it went.
	Root civic.Submission
	// Keep lets the heir have the agency that Root was with, and the draft of
	// an answer. Without it, and where there was no agency, the heir goes
	// before a coordinator; so does one that accuses somebody where Root did
	// not, since nobody decided that this agency should have it.
	Keep bool
	// Reason is why a coordinator must look.
	Reason string
}

// Heir returns who follows root and would lead after it: the earliest received.
// It reports false when nobody follows.
func Heir(ctx context.Context, tx store.Tx, root civic.SubmissionID) (civic.SubmissionID, bool, error) {
	members, _, err := tx.Matches().Members(ctx, root, 1)
	if err != nil || len(members) == 0 {
		return 0, false, err
	}
	return members[0].Submission, true, nil
}

// Succeed passes the lead on when a root is withdrawn, refused or erased: one
// sender's second thoughts, and one agency's refusal, must not bury what others
// have sent. The earliest received of those who follow leads the others from now on.
// The root itself is the caller's to write. Where nobody follows it does
// nothing.
func Succeed(ctx context.Context, tx store.Tx, s Succession, by By) error {
	id, ok, err := Heir(ctx, tx, s.Root.ID)
	if err != nil || !ok {
		return err
	}
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return err
	}
	heir := locked[0]
	if _, err := tx.Matches().Leave(ctx, id); err != nil {
		return err
	}
	event := civic.Event{Type: civic.EventUnmerged}
	unasked := heir.Restricted && !s.Root.Restricted
	if s.Keep && !unasked && s.Root.Agency != "" && civic.WithAgency.Has(s.Root.State) {
		event.Type = civic.EventLeadMoved // nothing that its sender must know has changed
		err = keep(ctx, tx, s.Root, &heir)
	} else if err = stand(&heir, s.Reason); err == nil {
		err = advise(ctx, tx, id, by.Now)
	}
	if err != nil {
		return err
	}
	if err := take(ctx, tx, s.Root.ID, id); err != nil {
		return err
	}
	return write(ctx, tx, civic.Merged, heir, by, append([]civic.Event{event}, setAside(s.Root)...)...)
}

// keep gives the heir the work, and the draft that was written for it.
func keep(ctx context.Context, tx store.Tx, root civic.Submission, heir *civic.Submission) error {
	if err := inherit(ctx, tx, root, heir); err != nil {
		return err
	}
	draft, err := tx.Answers().Get(ctx, root.ID)
	if err != nil {
		return ignoreNotFound(err)
	}
	promised, err := tx.Commitments().OfAnswer(ctx, draft.ID)
	if err != nil {
		return err
	}
	draft.ID, draft.Submission, draft.SubmittedAt = 0, heir.ID, time.Time{}
	draft.Document.File = "" // a file of the old root's
	id, err := tx.Answers().Put(ctx, draft)
	if err != nil {
		return err
	}
	return tx.Commitments().Replace(ctx, heir.ID, id, promised)
}

// Split takes members of root's cluster out together. The earliest received
// goes before a coordinator and leads the others, and the machine puts none of
// them together with root again. All members are locked. One that does not
// follow root is Conflict with code cluster.moved.
func Split(ctx context.Context, tx store.Tx, root civic.Submission, members []civic.Submission, by By) error {
	members = slices.SortedFunc(slices.Values(members), func(a, b civic.Submission) int {
		return cmp.Or(a.ReceivedAt.Compare(b.ReceivedAt), cmp.Compare(a.ID, b.ID))
	})
	lead := members[0].ID
	// Before the members are barred from root themselves: they stay together.
	if err := tx.Matches().CopyBars(ctx, root.ID, lead); err != nil {
		return err
	}
	for _, sub := range members {
		if err := splitOff(ctx, tx, root, lead, sub, by); err != nil {
			return err
		}
	}
	return advise(ctx, tx, lead, by.Now)
}

// splitOff moves one member from root to the new lead, which is the first.
func splitOff(ctx context.Context, tx store.Tx, root civic.Submission, lead civic.SubmissionID, sub civic.Submission, by By) error {
	if sub.State != civic.Merged || sub.Root != root.ID {
		return errs.New(errs.Conflict, "cluster.moved")
	}
	m, err := tx.Matches().Leave(ctx, sub.ID)
	if err != nil {
		return err
	}
	if err := tx.Matches().Bar(ctx, sub.ID, root.ID, by.Now); err != nil {
		return err
	}
	event := civic.Event{Type: civic.EventLeadMoved, Reason: by.Reason}
	if sub.ID == lead {
		event.Type = civic.EventUnmerged
		if err := stand(&sub, ReasonUnmerged); err != nil {
			return err
		}
	} else {
		again := civic.Membership{
			Submission: sub.ID, Root: lead, JoinedAt: by.Now, By: by.Kind, User: by.User, Jaccard: m.Jaccard, Reason: by.Reason,
		}
		if err := tx.Matches().Join(ctx, again); err != nil {
			return err
		}
		follow(&sub, lead)
	}
	return write(ctx, tx, civic.Merged, sub, by, append([]civic.Event{event}, setAside(root)...)...)
}
