package rulebook

import (
	"context"
	"fmt"
	"log/slog"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// TakeUp takes up the rules of the registry's file; see the package. A rule
// that is new goes behind the one that stands before it in the file.
func (s *Service) TakeUp(ctx context.Context, file []routing.Rule) error {
	var all []store.RuleVersion
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		all, err = tx.Rules().List(ctx)
		return err
	})
	s.warnOfUnraised(ctx, all, file)
	if err == nil && len(newer(all, file)) > 0 {
		err = s.Store.Do(ctx, func(tx store.Tx) error { return s.takeUp(ctx, tx, file) })
	}
	if err != nil {
		return fmt.Errorf("take up the registry's rules: %w", err)
	}
	return nil
}

// warnOfUnraised tells the operator of rules that were edited in the file
// without a higher version: nothing takes them up.
func (s *Service) warnOfUnraised(ctx context.Context, all []store.RuleVersion, file []routing.Rule) {
	for _, r := range file {
		v, err := find(all, r.ID, r.Version)
		if err != nil || v.WrittenBy != 0 {
			continue
		}
		if was := asRule(v); was.When != r.When || was.Agency != r.Agency || was.Name != r.Name || !was.ValidFrom.Equal(r.ValidFrom) || !was.ValidTo.Equal(r.ValidTo) {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "a rule changed in the registry's file without a higher version and is not taken up",
				slog.String("rule", r.ID), slog.Int("version", r.Version))
		}
	}
}

// newer keeps the rules of the file that the store has not seen.
func newer(all []store.RuleVersion, file []routing.Rule) []routing.Rule {
	highest := map[string]int{}
	for _, v := range all {
		highest[v.ID] = max(highest[v.ID], v.Version)
	}
	return slices.DeleteFunc(slices.Clone(file), func(r routing.Rule) bool { return r.Version <= highest[r.ID] })
}

func (s *Service) takeUp(ctx context.Context, tx store.Tx, file []routing.Rule) error {
	if err := tx.Rules().Change(ctx); err != nil {
		return err
	}
	all, err := tx.Rules().List(ctx) // again: another process may have been quicker
	if err != nil {
		return err
	}
	order := ids(all)
	now := s.Now()
	for _, r := range newer(all, file) {
		for _, old := range versionsOf(all, r.ID) { // a draft of an older text, too
			if old.State == store.RuleRetired {
				continue
			}
			if err := tx.Rules().SetState(ctx, old.ID, old.Version, store.RuleRetired, now, 0); err != nil {
				return err
			}
		}
		err := tx.Rules().Add(ctx, store.RuleVersion{
			ID: r.ID, Version: r.Version, Name: r.Name, Condition: r.When, Agency: civic.AgencyCode(r.Agency), Owner: r.Owner, Note: r.Note,
			ValidFrom: r.ValidFrom, ValidTo: r.ValidTo, WrittenAt: now, State: store.RuleLive, LiveAt: now,
		})
		if err != nil {
			return err
		}
		if !slices.Contains(order, r.ID) {
			order = slices.Insert(order, placeOf(r.ID, file, order), r.ID)
		}
	}
	return tx.Rules().Order(ctx, order)
}

// ids lists the rules in their order.
func ids(all []store.RuleVersion) []string {
	var out []string
	for _, v := range all {
		if !slices.Contains(out, v.ID) {
			out = append(out, v.ID)
		}
	}
	return out
}

// placeOf is where a new rule of the file goes: behind the nearest one before
// it that is there already.
func placeOf(id string, file []routing.Rule, order []string) int {
	i := slices.IndexFunc(file, func(r routing.Rule) bool { return r.ID == id })
	for i--; i >= 0; i-- {
		if at := slices.Index(order, file[i].ID); at >= 0 {
			return at + 1
		}
	}
	return 0
}
