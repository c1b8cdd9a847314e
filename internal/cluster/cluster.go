// Package cluster holds every change of a cluster in one place: who joins and
// who leaves, who leads, and to whom the lead passes. Matching joins copies by
// itself, coordinators merge and take apart, senders object and withdraw; all
// of them come here, so that a cluster is the same whoever changed it.
//
// A cluster is one deep: a root, which is worked on, and those who follow it,
// in state Merged. The submissions named by arguments are locked by the caller,
// in ascending order of id; those passed by pointer are changed in memory and
// written by the caller together with the event of the act. Everything else is
// written here, and what concerns all followers is one statement.
package cluster

import (
	"context"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Why a coordinator must look at a case that has left a cluster or leads one
// now.
const (
	ReasonUnmerged      = "triage.unmerged"       // taken out by hand
	ReasonObjected      = "triage.objected"       // its sender says that it differs
	ReasonLeadRefused   = "triage.lead_refused"   // what it followed was refused
	ReasonLeadWithdrawn = "triage.lead_withdrawn" // what it followed was taken back
)

// Waits reports whether a case in triage for this reason waits for a person
// already, so that routing gives advice only.
func Waits(reason string) bool {
	switch reason {
	case ReasonUnmerged, ReasonObjected, ReasonLeadRefused, ReasonLeadWithdrawn:
		return true
	}
	return false
}

// By is who changes a cluster, when and why.
type By struct {
	Kind   civic.ActorKind
	User   civic.UserID // zero unless staff
	Reason string       // for people, may be empty
	Now    time.Time
}

// Join makes sub, and whoever follows it, follow root. The text of sub is near
// root's by jaccard, zero when nobody compared them. A root that follows
// another by now is Unavailable with code cluster.moved: look again. Where root
// has an answer, the sender of sub is sent it, and so are the followers.
//
// A person who joins puts a pair together again that was taken apart, and lets
// through what was held.
func Join(ctx context.Context, tx store.Tx, root civic.Submission, sub *civic.Submission, jaccard float64, by By) error {
	if root.State == civic.Merged {
		return errs.New(errs.Unavailable, "cluster.moved")
	}
	if err := sub.Move(civic.Merged); err != nil {
		return err
	}
	if err := bring(ctx, tx, root, sub.ID, by.Now); err != nil {
		return err
	}
	if by.Kind == civic.ActorStaff {
		if err := tx.Matches().Unbar(ctx, root.ID, sub.ID); err != nil {
			return err
		}
		if sub.Hold != "" {
			if err := casework.Tell(ctx, tx, *sub, civic.MessageReceipt, by.Now); err != nil {
				return err
			}
		}
	}
	m := civic.Membership{
		Submission: sub.ID, Root: root.ID, JoinedAt: by.Now, By: by.Kind, User: by.User, Jaccard: jaccard, Reason: by.Reason,
	}
	if civic.WithAnswer.Has(root.State) {
		var err error
		if m.Told, err = tell(ctx, tx, root.ID, *sub, by.Now); err != nil {
			return err
		}
	} else if err := casework.Step(ctx, tx, *sub, civic.MessageMoved, by.Now); err != nil {
		return err
	}
	if err := tx.Matches().Join(ctx, m); err != nil {
		return err
	}
	follow(sub, root.ID)
	sub.Restricted = sub.Restricted || root.Restricted // nearly the same text accuses the same
	sub.Hold = ""
	return nil
}

// bring moves those who follow sub to root, with their bars, and has them told
// where root has an answer.
func bring(ctx context.Context, tx store.Tx, root civic.Submission, sub civic.SubmissionID, now time.Time) error {
	_, followers, err := tx.Matches().Members(ctx, sub, 0)
	if err != nil || followers == 0 {
		return err
	}
	if err := take(ctx, tx, sub, root.ID); err != nil || !civic.WithAnswer.Has(root.State) {
		return err
	}
	return TellLater(ctx, tx, root.ID, now)
}

// take moves everything that hangs on a root to another one.
func take(ctx context.Context, tx store.Tx, from, to civic.SubmissionID) error {
	if err := tx.Matches().MoveMembers(ctx, from, to); err != nil {
		return err
	}
	return tx.Matches().CopyBars(ctx, from, to)
}

// TellLater has everybody who follows root sent its answer, part by part.
func TellLater(ctx context.Context, tx store.Tx, root civic.SubmissionID, now time.Time) error {
	_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobTell, Subject: int64(root), CreatedAt: now})
	return err
}

// tell queues root's answer for one sender and returns the answer's id.
func tell(ctx context.Context, tx store.Tx, root civic.SubmissionID, sub civic.Submission, now time.Time) (int64, error) {
	a, err := tx.Answers().Approved(ctx, root)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return 0, err
	}
	return a.ID, casework.Tell(ctx, tx, sub, civic.MessageAnswer, now)
}

// follow notes in sub that it follows root: the agency is the root's, whichever
// that will be.
func follow(sub *civic.Submission, root civic.SubmissionID) {
	sub.Root, sub.Agency, sub.Assignee, sub.TriageReason = root, "", 0, ""
}

// Leave takes a follower of root out of the cluster into triage for the given
// reason code, has it routed for advice, and bars it from root, and so from the
// cluster: nothing puts the two together again but a person. What is returned
// belongs into the history behind the event of the act. One that follows
// another root by now is Conflict with code cluster.moved.
func Leave(ctx context.Context, tx store.Tx, root civic.Submission, sub *civic.Submission, reason string, by By) ([]civic.Event, error) {
	if sub.State == civic.Merged && sub.Root != root.ID {
		return nil, errs.New(errs.Conflict, "cluster.moved")
	}
	if err := stand(sub, reason); err != nil {
		return nil, err
	}
	if _, err := tx.Matches().Leave(ctx, sub.ID); err != nil {
		return nil, err
	}
	if err := tx.Matches().Bar(ctx, sub.ID, root.ID, by.Now); err != nil {
		return nil, err
	}
	return setAside(root), advise(ctx, tx, sub.ID, by.Now)
}

// stand puts a follower before a coordinator, on its own.
func stand(sub *civic.Submission, reason string) error {
	if err := sub.Move(civic.Triage); err != nil {
		return err
	}
	sub.Root, sub.Agency, sub.Assignee, sub.TriageReason = 0, "", 0, reason
	return nil
}

// advise has a case routed that waits for a person.
func advise(ctx context.Context, tx store.Tx, id civic.SubmissionID, now time.Time) error {
	_, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobRoute, Subject: int64(id), CreatedAt: now})
	return err
}

// setAside tells a sender who could read the cluster's answer that it was not
// the last word.
func setAside(root civic.Submission) []civic.Event {
	if !civic.WithAnswer.Has(root.State) {
		return nil
	}
	return []civic.Event{{Type: civic.EventAnswerSetAside}}
}

// write stores a submission that an act changes beside the one that it is
// about, with its history: the first event tells of the change of state.
func write(ctx context.Context, tx store.Tx, before civic.State, sub civic.Submission, by By, events ...civic.Event) error {
	sub.Version++
	sub.UpdatedAt = by.Now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return err
	}
	for _, e := range events {
		e.Submission, e.At, e.Actor, e.User = sub.ID, by.Now, by.Kind, by.User
		e.From, e.To, e.Agency = before, sub.State, sub.Agency
		if err := tx.Events().Add(ctx, e); err != nil {
			return err
		}
		before = sub.State
	}
	return nil
}
