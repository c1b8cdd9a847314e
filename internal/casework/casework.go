// Package casework is what every act on a case has in common, for the use
// cases that staff work with: lock, check who and which version, change, write
// the history, all in one transaction; and who is told by mail.
package casework

import (
	"context"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Act is one thing that a person does to a case.
type Act struct {
	// Permission is checked on the case itself, whatever the route said.
	Permission civic.Permission
	// Held is the agency by which the reach is checked in place of the case's
	// own, for an act that takes back how the case was given away; empty
	// otherwise.
	Held civic.AgencyCode
	// Quiet gives a case to another agency without a mail to it about this one:
	// whoever gives many at once tells it once.
	Quiet bool
	// With names other submissions that the act touches. They are locked
	// together with the case, in ascending order of id, and handed over in
	// Change.Others in the order named. It may be nil.
	With func(ctx context.Context, tx store.Tx, sub civic.Submission) ([]civic.SubmissionID, error)
	// Do changes c.Sub and sets c.Event. What it fails with undoes everything.
	Do func(ctx context.Context, tx store.Tx, c *Change) error
}

// Change is a case in the middle of an act.
type Change struct {
	Sub civic.Submission
	Now time.Time
	// Event is written into the history. Who, when and the states are filled
	// in, and the agency where Do names none.
	Event civic.Event
	// Then are lines that follow it, of the same moment and person.
	Then []civic.Event
	// Others are what With named.
	Others []civic.Submission
}

// Desk runs acts. All fields but Times are required; without it an act must
// change neither the agency nor the urgency of a case.
type Desk struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
}

// Run does one act on the case with the code. version is what the person saw;
// any other is Conflict with code submission.version_mismatch.
func (d Desk) Run(ctx context.Context, actor civic.Actor, code civic.Code, version int, a Act) error {
	now, look := d.Now(), OnlookerOf(ctx)
	return d.Store.Do(ctx, func(tx store.Tx) error {
		found, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := d.check(actor, a, found, version); err != nil { // before With looks at anything else
			return err
		}
		ids := []civic.SubmissionID{found.ID}
		if a.With != nil {
			others, err := a.With(ctx, tx, found)
			if err != nil {
				return err
			}
			ids = append(ids, others...)
		}
		locked, err := tx.Submissions().Lock(ctx, ids...)
		if err != nil {
			return err
		}
		c := &Change{Sub: locked[0], Others: locked[1:], Now: now}
		if err := d.check(actor, a, c.Sub, version); err != nil {
			return err
		}
		before := c.Sub
		if err := look.Before(ctx, tx, before); err != nil {
			return err
		}
		from, had, seen := c.Sub.State, c.Sub.Agency, c.Sub.Visibility
		if err := a.Do(ctx, tx, c); err != nil {
			return err
		}
		if d.Times != nil {
			if err := Passed(ctx, tx, d.Times, before, &c.Sub, now); err != nil {
				return err
			}
		}
		c.Sub.Version++
		c.Sub.UpdatedAt = now
		if err := tx.Submissions().Update(ctx, c.Sub); err != nil {
			return err
		}
		if c.Sub.State == civic.Assigned && c.Sub.Agency != had {
			if err := d.handed(ctx, tx, a, c.Sub, now); err != nil {
				return err
			}
		}
		if c.Sub.Visibility.Public() && (c.Sub.State != from || c.Sub.Visibility != seen) { // somebody may follow it
			if _, err := tx.Outbox().Put(ctx, store.Job{Kind: store.JobFollowMatch, Subject: int64(c.Sub.ID), CreatedAt: now}); err != nil {
				return err
			}
		}
		for _, e := range append([]civic.Event{c.Event}, c.Then...) {
			e.Submission, e.At, e.Actor, e.User = c.Sub.ID, now, actor.Kind, actor.User
			e.From, e.To = from, c.Sub.State
			if e.Agency == "" {
				e.Agency = c.Sub.Agency
			}
			if err := tx.Events().Add(ctx, e); err != nil {
				return err
			}
			from = c.Sub.State
		}
		return look.After(ctx, tx, before, c.Sub)
	})
}

// handed tells who got a case, and the sender who wants every step.
func (d Desk) handed(ctx context.Context, tx store.Tx, a Act, sub civic.Submission, now time.Time) error {
	if a.Quiet {
		return Step(ctx, tx, sub, civic.MessageMoved, now)
	}
	return Handed(ctx, tx, d.Registry, sub, now)
}

// Passed computes the deadlines of a case anew whose agency or urgency changed,
// where another limit holds for it now. It makes no case late.
func Passed(ctx context.Context, tx store.Tx, times *timetable.Times, before civic.Submission, sub *civic.Submission, now time.Time) error {
	if before.Agency == sub.Agency && before.Urgent == sub.Urgent || !civic.Open.Has(sub.State) {
		return nil
	}
	asked, err := tx.Inquiries().List(ctx, sub.ID)
	if err != nil {
		return err
	}
	had := sub.DueAt
	times.Now().Passed(before, sub, asked)
	if sub.DueAt.Before(had) && sub.DueAt.Before(now) {
		sub.DueAt, sub.FirstDueAt = had, before.FirstDueAt
	}
	if sub.ForwardDueAt.Before(before.ForwardDueAt) && sub.ForwardDueAt.Before(now) {
		sub.ForwardDueAt = before.ForwardDueAt
	}
	if sub.DueAt.After(had) { // a passed deadline is noted again
		return tx.Submissions().ForgetOverdue(ctx, sub.ID)
	}
	return nil
}

// check fails unless the actor may do the act to the case as that person saw
// it.
func (d Desk) check(actor civic.Actor, a Act, sub civic.Submission, version int) error {
	reached := sub
	if a.Held != "" {
		reached.Agency = a.Held
	}
	if err := actor.Check(d.Registry, a.Permission, &reached); err != nil {
		return err
	}
	if sub.Version != version {
		return errs.New(errs.Conflict, "submission.version_mismatch")
	}
	return nil
}

// Own returns the submission with the code, or NotFound unless the actor is its
// sender.
func Own(ctx context.Context, tx store.Tx, actor civic.Actor, code civic.Code) (civic.Submission, error) {
	sub, err := tx.Submissions().GetByCode(ctx, code)
	if err != nil {
		return civic.Submission{}, err
	}
	if actor.Kind != civic.ActorSender || actor.Submission != sub.ID {
		return civic.Submission{}, errs.New(errs.NotFound, "submission.not_found")
	}
	return sub, nil
}

// Write stores what somebody other than staff did to a submission, with one
// line of history for it and those that follow.
func Write(
	ctx context.Context, tx store.Tx, by civic.ActorKind, from civic.State, sub civic.Submission, now time.Time, events ...civic.Event,
) error {
	sub.Version++
	sub.UpdatedAt = now
	if err := tx.Submissions().Update(ctx, sub); err != nil {
		return err
	}
	for _, e := range events {
		e.Submission, e.At, e.Actor, e.From, e.To, e.Agency = sub.ID, now, by, from, sub.State, sub.Agency
		if err := tx.Events().Add(ctx, e); err != nil {
			return err
		}
		from = sub.State
	}
	return nil
}

// TellAll is Tell for many submissions at once.
func TellAll(ctx context.Context, tx store.Tx, ids []civic.SubmissionID, kind civic.MessageKind, now time.Time) error {
	held, err := tx.Contacts().Held(ctx, ids)
	if err != nil {
		return err
	}
	subs, err := tx.Submissions().List(ctx, held)
	if err != nil {
		return err
	}
	mails := make([]civic.Message, len(subs))
	for i, sub := range subs {
		mails[i] = civic.Message{
			Submission: sub.ID, Kind: kind, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: now,
		}
	}
	return tx.Messages().AddAll(ctx, mails)
}

// Tell queues a mail to the sender of a submission, in the language that the
// sender wrote in. Where no contact is left there is nobody to tell.
func Tell(ctx context.Context, tx store.Tx, sub civic.Submission, kind civic.MessageKind, now time.Time) error {
	_, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = tx.Messages().Add(ctx, civic.Message{
		Submission: sub.ID, Kind: kind, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: now,
	})
	return err
}

// Step tells a sender who wants to know every step of one. Who cannot be told
// now, because nobody confirmed the mailbox and there is no telephone, is told
// nothing later: a step is soon outdated.
func Step(ctx context.Context, tx store.Tx, sub civic.Submission, kind civic.MessageKind, now time.Time) error {
	sealed, err := tx.Contacts().Get(ctx, sub.ID)
	if k := errs.KindOf(err); err != nil && (k == errs.NotFound || k == errs.Gone) {
		return nil
	}
	if err != nil {
		return err
	}
	r, err := tx.Reaches().Get(ctx, sub.ID)
	if err != nil || !r.Takes(kind) || (!r.Confirmed() && sealed.PhoneIndex == "") {
		return err
	}
	_, err = tx.Messages().Add(ctx, civic.Message{
		Submission: sub.ID, Kind: kind, Language: sub.Language.Page(), State: civic.MessageQueued, CreatedAt: now,
	})
	return err
}
