package worklist

import (
	"context"
	"fmt"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Tags returns the tags of the person's agency.
func (s *Service) Tags(ctx context.Context, actor civic.Actor) (list []civic.Tag, err error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return nil, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		list, err = tx.Tags().List(ctx, actor.Agency)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the tags: %w", err)
	}
	return list, nil
}

// Tag gives a case a tag of the person's agency, which is made if there is
// none of that name. A case that has it already is Conflict with code
// tag.has_it. Whatever version of the case the person saw: a tag contradicts
// nothing that others did meanwhile.
func (s *Service) Tag(ctx context.Context, actor civic.Actor, code civic.Code, name string) error {
	return s.mark(ctx, actor, code, name, "tag.has_it", func(tx store.Tx, id civic.SubmissionID, tag civic.TagID) (bool, error) {
		return tx.Tags().Put(ctx, id, tag, actor.User, s.Now())
	})
}

// Untag takes a tag off a case. A case without it is Conflict with code
// tag.has_not.
func (s *Service) Untag(ctx context.Context, actor civic.Actor, code civic.Code, name string) error {
	return s.mark(ctx, actor, code, name, "tag.has_not", func(tx store.Tx, id civic.SubmissionID, tag civic.TagID) (bool, error) {
		return tx.Tags().Take(ctx, id, tag)
	})
}

// mark changes the tags of a case, or fails with the code when there was
// nothing to change.
func (s *Service) mark(ctx context.Context, actor civic.Actor, code civic.Code, name, nothing string,
	change func(tx store.Tx, id civic.SubmissionID, tag civic.TagID) (bool, error),
) error {
	name, err := named("tag", name, civic.MaxTag)
	if err != nil {
		return err
	}
	look := casework.OnlookerOf(ctx)
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		sub, err := tx.Submissions().GetByCode(ctx, code)
		if err != nil {
			return err
		}
		if err := actor.Check(s.Registry, civic.NoteCase, &sub); err != nil {
			return err
		}
		if err := look.Before(ctx, tx, sub); err != nil {
			return err
		}
		tag, err := tx.Tags().Ensure(ctx, civic.Tag{Agency: actor.Agency, Name: name, MadeBy: actor.User, MadeAt: s.Now()})
		if err != nil {
			return err
		}
		changed, err := change(tx, sub.ID, tag.ID)
		if err != nil {
			return err
		}
		if !changed {
			return errs.New(errs.Conflict, nothing)
		}
		return look.After(ctx, tx, sub, sub)
	})
	if err != nil {
		return fmt.Errorf("tag: %w", err)
	}
	return nil
}
