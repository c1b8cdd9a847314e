package rulebook

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// change runs one act on the rules. Two acts never run at the same time.
func (s *Service) change(ctx context.Context, actor civic.Actor, act func(tx store.Tx, all []store.RuleVersion) error) error {
	if err := actor.CheckPermission(civic.ManageRules); err != nil {
		return err
	}
	return s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Rules().Change(ctx); err != nil {
			return err
		}
		all, err := tx.Rules().List(ctx)
		if err != nil {
			return err
		}
		return act(tx, all)
	})
}

// Save stores a draft as a new version of its rule and returns that version.
// An earlier draft of the rule is retired by it; the live version goes on. A
// new rule stands at the end of the order. A draft that is sent again, as by a
// second click, is stored once. Wrong input is Invalid with every wrong field.
func (s *Service) Save(ctx context.Context, actor civic.Actor, d Draft) (v store.RuleVersion, err error) {
	d = d.tidy()
	now := s.Now()
	err = s.change(ctx, actor, func(tx store.Tx, all []store.RuleVersion) error {
		if i := slices.IndexFunc(all, func(v store.RuleVersion) bool { return repeats(d, v, actor) }); i >= 0 {
			v = all[i]
			return nil
		}
		known := ids(all)
		if d.ID == "" {
			d.ID = idFrom(d.Name, known)
		}
		if err := s.check(d); err != nil {
			return err
		}
		versions := versionsOf(all, d.ID)
		next := 1
		switch {
		case len(versions) > 0 && d.Base == 0:
			return errs.InvalidFields(errs.Field{Name: "id", Code: "rule.id_taken"})
		case len(versions) > 0:
			next = versions[0].Version + 1
		}
		if next-1 != d.Base {
			return errs.New(errs.Conflict, "rule.version_mismatch")
		}
		for _, old := range versions {
			if old.State != store.RuleDraft {
				continue
			}
			if err := tx.Rules().SetState(ctx, old.ID, old.Version, store.RuleRetired, now, actor.User); err != nil {
				return err
			}
		}
		v = d.version(next, now, actor.User)
		v.Position, v.Writer = len(known)+1, actor.Name
		if len(versions) > 0 {
			v.Position = versions[0].Position
		}
		return tx.Rules().Add(ctx, v)
	})
	if err != nil {
		return store.RuleVersion{}, fmt.Errorf("save the rule: %w", err)
	}
	return v, nil
}

// repeats reports whether v is what d made when it was sent before.
func repeats(d Draft, v store.RuleVersion, actor civic.Actor) bool {
	return v.State == store.RuleDraft && v.WrittenBy == actor.User && v.Version == d.Base+1 && (d.ID == "" || d.ID == v.ID) &&
		v.Name == d.Name && v.Condition == d.Condition && v.Agency == d.Agency && v.ValidFrom.Equal(d.ValidFrom) && v.ValidTo.Equal(d.ValidTo) &&
		v.Owner == d.Owner && v.Note == d.Note
}

// GoLive lets a draft decide from now on; the version that was live is
// retired. The draft must have had a dry run of exactly this version
// (rule.no_dry_run). Whether rules changed since the dry run is shown by List
// and is no hindrance: of ten drafts that were tried together, the first to go
// live would stop the nine others.
func (s *Service) GoLive(ctx context.Context, actor civic.Actor, id string, version int) error {
	now := s.Now()
	err := s.change(ctx, actor, func(tx store.Tx, all []store.RuleVersion) error {
		v, err := find(all, id, version)
		if err != nil {
			return err
		}
		switch {
		case v.State != store.RuleDraft:
			return errs.New(errs.Conflict, "rule.not_a_draft")
		case v.DryRunAt.IsZero():
			return errs.New(errs.Conflict, "rule.no_dry_run")
		}
		if err := s.check(draftOf(v)); err != nil { // the registry may have changed since
			return err
		}
		for _, old := range versionsOf(all, id) {
			if old.State != store.RuleLive {
				continue
			}
			if err := tx.Rules().SetState(ctx, id, old.Version, store.RuleRetired, now, actor.User); err != nil {
				return err
			}
		}
		return tx.Rules().SetState(ctx, id, version, store.RuleLive, now, actor.User)
	})
	if err != nil {
		return fmt.Errorf("let the rule go live: %w", err)
	}
	return nil
}

// draftOf is a stored version as a person would have written it.
func draftOf(v store.RuleVersion) Draft {
	return Draft{
		ID: v.ID, Base: v.Version, Name: v.Name, Condition: v.Condition, Agency: v.Agency, ValidFrom: v.ValidFrom, ValidTo: v.ValidTo,
		Owner: v.Owner, Note: v.Note,
	}
}

// Retire ends a live version, or puts a draft away. No dry run is needed: what
// no rule decides, the classifier or a person does.
func (s *Service) Retire(ctx context.Context, actor civic.Actor, id string, version int) error {
	err := s.change(ctx, actor, func(tx store.Tx, all []store.RuleVersion) error {
		v, err := find(all, id, version)
		if err != nil {
			return err
		}
		if v.State == store.RuleRetired {
			return errs.New(errs.Conflict, "rule.retired")
		}
		return tx.Rules().SetState(ctx, id, version, store.RuleRetired, s.Now(), actor.User)
	})
	if err != nil {
		return fmt.Errorf("retire the rule: %w", err)
	}
	return nil
}

// Move puts a rule at a place in the order, 1 being tried first; a place
// beyond the end is the end. It counts at once.
func (s *Service) Move(ctx context.Context, actor civic.Actor, id string, place int) error {
	err := s.change(ctx, actor, func(tx store.Tx, all []store.RuleVersion) error {
		order := ids(all)
		at := slices.Index(order, id)
		if at < 0 {
			return errs.New(errs.NotFound, "rule.not_found")
		}
		order = slices.Delete(order, at, at+1)
		place = min(max(place, 1), len(order)+1)
		if err := tx.Rules().Order(ctx, slices.Insert(order, place-1, id)); err != nil {
			return err
		}
		return tx.Audit().Note(ctx, store.AuditLine{
			At: s.Now(), Actor: actor.Kind, User: actor.User, What: store.NoteRulesOrdered, Subject: "rule:" + id, Detail: strconv.Itoa(at+1) + " > " + strconv.Itoa(place),
		})
	})
	if err != nil {
		return fmt.Errorf("move the rule: %w", err)
	}
	return nil
}
