package triage

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/cluster"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Why nearly the same text did not join by itself, beside the reasons of
// package matching. They are stable codes.
const (
	ObstacleRefused   = "refused"             // the other was refused
	ObstacleWithdrawn = "withdrawn"           // the other was taken back
	ObstaclePrivate   = "answered_in_private" // an answer to somebody else is not passed on
	ObstacleApart     = "taken_apart"         // a person took the two apart
	ObstacleHeld      = "held"                // one of the two must be checked first
	ObstacleInHand    = "in_hand"             // a person has taken the later one on
)

// joinable are the states in which a case may join a cluster by itself: no
// person has taken it on yet.
var joinable = civic.StateSet{civic.Received, civic.Triage, civic.Assigned}

// joinAll joins the case to the earliest near one that takes it, and later near
// ones to it. It reports whether the case follows another now, and what is near
// and did not join.
func joinAll(ctx context.Context, tx store.Tx, found comparison, now time.Time) (joined bool, apart []civic.Similar, err error) {
	for _, n := range found.near {
		earlier, later := found.sub, n.sub
		if byReceipt(n.sub, found.sub) < 0 {
			earlier, later = n.sub, found.sub
		}
		if later.ID == found.sub.ID && joined {
			continue // the earliest has it already
		}
		obstacle := string(n.reason)
		if obstacle == "" {
			if obstacle, err = join(ctx, tx, earlier.ID, later.ID, n.jaccard, now); err != nil {
				return false, nil, err
			}
		}
		switch {
		case obstacle == nothingToJoin:
		case obstacle != "":
			apart = append(apart, civic.Similar{Other: n.sub.ID, Score: n.jaccard, Jaccard: n.jaccard, Obstacle: obstacle})
		case later.ID == found.sub.ID:
			joined = true
		}
	}
	return joined, apart, nil
}

// nothingToJoin is returned by join where there is nothing to join and nothing
// to tell: the two are one cluster, or the later one is settled.
const nothingToJoin = "-"

// join makes the later submission follow the earlier one's root, and returns
// why it does not.
func join(ctx context.Context, tx store.Tx, earlier, later civic.SubmissionID, jaccard float64, now time.Time) (string, error) {
	rootID := earlier
	switch m, err := tx.Matches().Membership(ctx, earlier); {
	case err == nil:
		rootID = m.Root
	case errs.KindOf(err) != errs.NotFound:
		return "", err
	}
	if rootID == later {
		return nothingToJoin, nil
	}
	locked, err := tx.Submissions().Lock(ctx, rootID, later)
	if err != nil {
		return "", err
	}
	root, sub := locked[0], locked[1]
	obstacle, err := obstacleTo(ctx, tx, earlier, root, sub)
	if err != nil || obstacle != "" {
		return obstacle, err
	}
	before := sub.State
	by := cluster.By{Kind: civic.ActorSystem, Now: now}
	if err := cluster.Join(ctx, tx, root, &sub, jaccard, by); err != nil {
		return "", err
	}
	sub.Version++
	sub.UpdatedAt = now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return "", err
	}
	return "", tx.Events().Add(ctx, civic.Event{
		Submission: sub.ID, At: now, Type: civic.EventMerged, Actor: civic.ActorSystem, From: before, To: sub.State, Agency: root.Agency,
	})
}

// obstacleTo returns why sub, which is nearly the same as one in root's
// cluster, does not join by itself, or nothing. What a person decided or has in
// hand is left alone, and so is a root that cannot lead: refused, withdrawn, or
// answered in private, since an answer to somebody else is not to be passed on.
func obstacleTo(ctx context.Context, tx store.Tx, near civic.SubmissionID, root, sub civic.Submission) (string, error) {
	apart, err := tx.Matches().Barred(ctx, near, sub.ID)
	if err == nil && !apart {
		apart, err = tx.Matches().BarredFrom(ctx, root.ID, sub.ID)
	}
	switch {
	case err != nil:
		return "", err
	case root.State == civic.Merged: // it joined another at this moment: Join asks to look again
		return "", nil
	case civic.Settled.Has(sub.State):
		return nothingToJoin, nil
	case apart:
		return ObstacleApart, nil
	case !joinable.Has(sub.State) || cluster.Waits(sub.TriageReason):
		return ObstacleInHand, nil
	case sub.Hold != "" || root.Hold != "":
		return ObstacleHeld, nil
	case root.State == civic.Rejected:
		return ObstacleRefused, nil
	case root.State == civic.Withdrawn:
		return ObstacleWithdrawn, nil
	case civic.WithAnswer.Has(root.State) && !root.Visibility.Public():
		return ObstaclePrivate, nil
	case sub.Restricted && !root.Restricted:
		return obstacleOfAccusing(ctx, tx, root.ID)
	}
	return "", nil
}

// obstacleOfAccusing keeps a case that accuses somebody from following one that
// does not, where that one leads: it would go to the agency of the other. A
// root that accuses and whose restriction was lifted takes its copies.
func obstacleOfAccusing(ctx context.Context, tx store.Tx, root civic.SubmissionID) (string, error) {
	d, err := tx.Scopes().Get(ctx, root)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return "", err
	}
	if d.Accuses() {
		return "", nil
	}
	return ObstacleAccuses, nil
}
