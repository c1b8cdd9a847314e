// Package rulebook governs the routing rules: people write drafts, see on past
// cases what a draft would change, let it go live, move it in the order and
// retire it; every version stays, with who wrote it and when.
//
// The rules of the registry's file are where it starts from. At each start a
// rule of the file is taken up whose id is unknown or whose version in the file
// is higher than any stored; so a rule that people changed, which has a higher
// version than the file, wins over it until somebody raises the version in the
// file above theirs. A rule that was retired by hand stays retired in the same
// way, and one that vanishes from the file goes on until it is retired by hand.
//
// A rule that fails on a text is never silently off: it is counted and told.
package rulebook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// Service keeps the rules. All fields are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Log is told of rules that fail, at most once a minute for each.
	Log *slog.Logger

	serving serving
	faults  faults
}

// serving is the compiled rules that this process uses.
type serving struct {
	mu       sync.Mutex
	loaded   bool
	revision int64
	set      *routing.RuleSet
}

// Rules returns the live rules, compiled, in step with the store: a change by
// any process counts from the next call on. A live rule that does not compile,
// which only a program of another version can have written, is left out and
// reported as failing.
func (s *Service) Rules(ctx context.Context) (*routing.RuleSet, error) {
	s.serving.mu.Lock()
	defer s.serving.mu.Unlock()
	var revision int64
	var all []store.RuleVersion
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		all = nil
		revision, err = tx.Rules().Revision(ctx)
		if err != nil || s.serving.loaded && revision == s.serving.revision {
			return err
		}
		all, err = tx.Rules().List(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	if s.serving.loaded && revision == s.serving.revision {
		return s.serving.set, nil
	}
	set, broken := compile(live(all))
	s.serving.loaded, s.serving.revision, s.serving.set = true, revision, set
	s.Report(ctx, broken)
	return set, nil
}

// compile makes a set of all rules that compile and returns what is wrong with
// the others.
func compile(versions []store.RuleVersion) (*routing.RuleSet, []routing.RuleError) {
	rules := make([]routing.Rule, 0, len(versions))
	var broken []routing.RuleError
	for _, v := range versions {
		r := asRule(v)
		if _, err := routing.CompileRules([]routing.Rule{r}); err != nil {
			broken = append(broken, routing.RuleError{RuleID: r.ID, Version: r.Version, Err: cause(err)})
			continue
		}
		rules = append(rules, r)
	}
	set, err := routing.CompileRules(rules)
	if err != nil { // each compiles alone, and the store keeps ids unique
		return nil, append(broken, routing.RuleError{Err: err})
	}
	return set, broken
}

// cause is what a RuleError found wrong, without naming the rule again.
func cause(err error) error {
	if failed, ok := errors.AsType[routing.RuleError](err); ok {
		return failed.Err
	}
	return err
}

// asRule is a version as the engine takes it.
func asRule(v store.RuleVersion) routing.Rule {
	return routing.Rule{
		ID: v.ID, Version: v.Version, Name: v.Name, When: v.Condition, Agency: string(v.Agency),
		ValidFrom: v.ValidFrom, ValidTo: v.ValidTo, Owner: v.Owner, Note: v.Note,
	}
}

// live keeps the live versions, in the order in which they are tried.
func live(all []store.RuleVersion) []store.RuleVersion {
	var out []store.RuleVersion
	for _, v := range all {
		if v.State == store.RuleLive {
			out = append(out, v)
		}
	}
	return out
}

// find returns a version.
func find(all []store.RuleVersion, id string, version int) (store.RuleVersion, error) {
	for _, v := range all {
		if v.ID == id && v.Version == version {
			return v, nil
		}
	}
	return store.RuleVersion{}, errs.New(errs.NotFound, "rule.not_found")
}

// versionsOf keeps the versions of one rule, the newest first.
func versionsOf(all []store.RuleVersion, id string) []store.RuleVersion {
	var out []store.RuleVersion
	for _, v := range all {
		if v.ID == id {
			out = append(out, v)
		}
	}
	return out
}
