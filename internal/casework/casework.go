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
)

// Act is one thing that a person does to a case.
type Act struct {
	// Permission is checked on the case itself, whatever the route said.
	Permission civic.Permission
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
}

// Desk runs acts. All fields are required.
type Desk struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
}

// Run does one act on the case with the code. version is what the person saw;
// any other is Conflict with code submission.version_mismatch.
func (d Desk) Run(ctx context.Context, actor civic.Actor, code civic.Code, version int, a Act) error {
	now := d.Now()
	return d.Store.Do(ctx, func(tx store.Tx) error {
		found, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, found.ID)
		if err != nil {
			return err
		}
		c := &Change{Sub: locked[0], Now: now}
		if err := actor.Check(d.Registry, a.Permission, &c.Sub); err != nil {
			return err
		}
		if c.Sub.Version != version {
			return errs.New(errs.Conflict, "submission.version_mismatch")
		}
		from := c.Sub.State
		if err := a.Do(ctx, tx, c); err != nil {
			return err
		}
		c.Sub.Version++
		c.Sub.UpdatedAt = now
		if err := tx.Submissions().Update(ctx, c.Sub); err != nil {
			return err
		}
		e := c.Event
		e.Submission, e.At, e.Actor, e.User = c.Sub.ID, now, actor.Kind, actor.User
		e.From, e.To = from, c.Sub.State
		if e.Agency == "" {
			e.Agency = c.Sub.Agency
		}
		return tx.Events().Add(ctx, e)
	})
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
