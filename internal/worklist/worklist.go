// Package worklist keeps what staff put around the queue to work through it:
// saved views, tags, claims on what waits for a coordinator, and the list of
// what the machine could not do.
package worklist

import (
	"context"
	"fmt"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/presence"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Service keeps the lists. All fields but Committed are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Presence knows who is at which case.
	Presence presence.Board
	// Committed is told that the outbox has something new.
	Committed func()
}

// MaxViews bounds how many views a person keeps: each is counted on every page
// of the queue.
const MaxViews = 20

// Views returns the person's views and those shared in the agency.
func (s *Service) Views(ctx context.Context, actor civic.Actor) (views []civic.SavedView, err error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		views, err = tx.QueueViews().List(ctx, actor.User, actor.Agency)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the views: %w", err)
	}
	return views, nil
}

// named brings a name into one form and checks its length.
func named(field, text string, most int) (string, error) {
	text = vitext.Line(text)
	return text, civic.CheckLength(field, text, 1, most)
}

// SaveView keeps the filters of a queue under a name.
func (s *Service) SaveView(ctx context.Context, actor civic.Actor, name, query string, shared bool) (id int64, err error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return 0, err
	}
	if name, err = named("view_name", name, civic.MaxViewName); err != nil {
		return 0, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		views, err := tx.QueueViews().List(ctx, actor.User, actor.Agency)
		if err != nil {
			return err
		}
		own := 0
		for _, v := range views {
			if v.Owner == actor.User {
				own++
			}
		}
		if own >= MaxViews {
			return errs.InvalidFields(errs.Field{Name: "view_name", Code: "field.too_many", Params: map[string]string{"max": fmt.Sprint(MaxViews)}})
		}
		id, err = tx.QueueViews().Add(ctx, civic.SavedView{
			Owner: actor.User, Agency: actor.Agency, Name: name, Query: query, Shared: shared, CreatedAt: s.Now(),
		})
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("save the view: %w", err)
	}
	return id, nil
}

// ChangeView renames an own view, shares it or takes the sharing back. version
// is what the person saw.
func (s *Service) ChangeView(ctx context.Context, actor civic.Actor, id int64, version int, name string, shared bool) error {
	name, err := named("view_name", name, civic.MaxViewName)
	if err != nil {
		return err
	}
	return s.ownView(ctx, actor, id, func(tx store.Tx, v civic.SavedView) error {
		if v.Version != version {
			return errs.New(errs.Conflict, "view.version_mismatch")
		}
		v.Name, v.Shared, v.Version, v.UpdatedAt = name, shared, version+1, s.Now()
		return tx.QueueViews().Update(ctx, v)
	})
}

// RemoveView deletes an own view, for those too that it was shared with.
func (s *Service) RemoveView(ctx context.Context, actor civic.Actor, id int64) error {
	return s.ownView(ctx, actor, id, func(tx store.Tx, v civic.SavedView) error { return tx.QueueViews().Remove(ctx, v.ID) })
}

// ownView changes a view of the person's own. Another's is NotFound.
func (s *Service) ownView(ctx context.Context, actor civic.Actor, id int64, change func(store.Tx, civic.SavedView) error) error {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		v, err := tx.QueueViews().Get(ctx, id)
		if err == nil && v.Owner != actor.User {
			err = errs.New(errs.NotFound, "view.not_found")
		}
		if err != nil {
			return err
		}
		return change(tx, v)
	})
	if err != nil {
		return fmt.Errorf("change the view: %w", err)
	}
	return nil
}

const (
	// MaxClaim is how many cases a coordinator claims at once: what is triaged in
	// half an hour.
	MaxClaim = 20
	// ClaimFor is how long a claim holds. Whoever is called away keeps nothing
	// from the others for longer than this.
	ClaimFor = 30 * time.Minute
)

// Claim gives the person up to n cases that wait for a coordinator and that
// nobody else holds, and returns how many it found.
func (s *Service) Claim(ctx context.Context, actor civic.Actor, n int) (int, error) {
	if err := actor.CheckPermission(civic.TriageCase); err != nil {
		return 0, err
	}
	n = min(max(n, 1), MaxClaim)
	claimed := 0
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		ids, err := tx.Claims().Take(ctx, actor.User, s.Now(), s.Now().Add(ClaimFor), n)
		claimed = len(ids)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("claim cases: %w", err)
	}
	return claimed, nil
}

// Release gives back all that the person holds, and returns how many.
func (s *Service) Release(ctx context.Context, actor civic.Actor) (n int, err error) {
	if err := actor.CheckPermission(civic.TriageCase); err != nil {
		return 0, err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Claims().Release(ctx, actor.User)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("release claims: %w", err)
	}
	return n, nil
}

// Marks are what is noted beside cases for the person's eyes.
type Marks struct {
	Tags   map[civic.SubmissionID][]civic.Tag
	Claims map[civic.SubmissionID]civic.Claim
}

// Marks returns the tags of the person's agency and the claims that hold now on
// the cases. The caller has checked that the person sees them.
func (s *Service) Marks(ctx context.Context, actor civic.Actor, ids []civic.SubmissionID) (m Marks, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		if m.Tags, err = tx.Tags().Of(ctx, actor.Agency, ids); err != nil {
			return err
		}
		m.Claims, err = tx.Claims().Of(ctx, ids, s.Now())
		return err
	})
	if err != nil {
		return Marks{}, fmt.Errorf("read the marks: %w", err)
	}
	return m, nil
}
