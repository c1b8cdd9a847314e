package intake

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
)

// reasonLeft is why a coordinator must look at a case whose root was taken
// back. It is the reason of a case that was taken out of its cluster by hand
// (triage.ReasonUnmerged): the same is to be done.
const reasonLeft = "triage.unmerged"

// followersAtOnce bounds how many followers get another root by one look at
// the database; what one transaction changes is bounded with it.
const followersAtOnce = 10_000

// succeed gives those who followed a withdrawn root a new one: the earliest of
// them, which goes before a coordinator. One sender's second thoughts must not
// bury what others have sent.
func succeed(ctx context.Context, tx store.Tx, root civic.SubmissionID, now time.Time) error {
	members, _, err := tx.Matches().Members(ctx, root, followersAtOnce)
	if err != nil || len(members) == 0 {
		return err
	}
	heir := members[0].Submission
	if err := lead(ctx, tx, heir, now); err != nil {
		return err
	}
	for _, m := range members[1:] {
		locked, err := tx.Submissions().Lock(ctx, m.Submission)
		if err != nil {
			return err
		}
		locked[0].Root = heir
		if err := tx.Submissions().Update(ctx, locked[0]); err != nil {
			return err
		}
	}
	return tx.Matches().MoveMembers(ctx, root, heir)
}

// lead takes a follower out of its cluster and has it routed.
func lead(ctx context.Context, tx store.Tx, id civic.SubmissionID, now time.Time) error {
	locked, err := tx.Submissions().Lock(ctx, id)
	if err != nil {
		return err
	}
	if _, err := tx.Matches().Leave(ctx, id); err != nil {
		return err
	}
	sub := locked[0]
	from := sub.State
	if err := sub.Move(civic.Triage); err != nil {
		return err
	}
	sub.Root, sub.Agency, sub.TriageReason = 0, "", reasonLeft
	sub.Version++
	sub.UpdatedAt = now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return err
	}
	err = tx.Events().Add(ctx, civic.Event{
		Submission: id, At: now, Type: civic.EventUnmerged, Actor: civic.ActorSystem, From: from, To: sub.State,
	})
	if err != nil {
		return err
	}
	_, err = tx.Outbox().Put(ctx, store.Job{Kind: store.JobRoute, Subject: int64(id), CreatedAt: now})
	return err
}
