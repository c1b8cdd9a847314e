package rulebook

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/store"
)

// Version is one version of a rule with what is known of it.
type Version struct {
	store.RuleVersion
	// LiveName and RetiredName are who let it go live and who retired it; empty
	// when nobody did or the program itself.
	LiveName, RetiredName string
	// Impact is what the dry run of this version showed; nil before one.
	Impact *Impact
	// Stale says of a draft that live rules changed since its dry run.
	Stale bool
	// Errors counts texts on which it failed, ever.
	Errors      int
	LastError   string
	LastErrorAt time.Time
}

// Entry is one rule in the order in which rules are tried.
type Entry struct {
	ID       string
	Position int // from 1
	// Live decides; Draft waits; either may be nil. Last is the newest version
	// of a rule that has neither.
	Live, Draft, Last *Version
	// AgencyEnded says that the live version points at an agency that receives
	// nothing now: it decides nothing.
	AgencyEnded bool
	// Successors are who took over from that agency, to choose from.
	Successors []civic.AgencyCode
	// Dormant says that the live version does not hold today by its dates.
	Dormant bool
	// Broken is why the live version cannot be compiled and is left out; empty
	// when it can.
	Broken string
}

// Latest is the version that a person edits next: the draft, else the live
// one, else the last.
func (e Entry) Latest() Version {
	for _, v := range []*Version{e.Draft, e.Live, e.Last} {
		if v != nil {
			return *v
		}
	}
	return Version{}
}

// List returns every rule in its order.
func (s *Service) List(ctx context.Context, actor civic.Actor) ([]Entry, error) {
	if err := actor.CheckPermission(civic.SeeRules); err != nil {
		return nil, err
	}
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, v := range all {
		if n := len(out); n == 0 || out[n-1].ID != v.ID {
			out = append(out, Entry{ID: v.ID, Position: n + 1, Last: &v})
		}
		e := &out[len(out)-1]
		switch v.State {
		case store.RuleLive:
			e.Live = &v
			s.judge(e)
		case store.RuleDraft:
			e.Draft = &v
		}
	}
	for i := range out {
		if out[i].Live != nil || out[i].Draft != nil {
			out[i].Last = nil
		}
	}
	return out, nil
}

// judge looks for what is wrong with a live version.
func (s *Service) judge(e *Entry) {
	now, v := s.Now(), e.Live
	e.Dormant = now.Before(v.ValidFrom) || !v.ValidTo.IsZero() && !now.Before(v.ValidTo)
	if !s.Registry.CanReceive(v.Agency, now) {
		e.AgencyEnded, e.Successors = true, s.Registry.SuccessorsOf(v.Agency, now)
	}
	if _, err := routing.CompileRules([]routing.Rule{asRule(v.RuleVersion)}); err != nil {
		e.Broken = cause(err).Error()
	}
}

// History returns every version of a rule, the newest first, or NotFound.
func (s *Service) History(ctx context.Context, actor civic.Actor, id string) ([]Version, error) {
	if err := actor.CheckPermission(civic.SeeRules); err != nil {
		return nil, err
	}
	all, err := s.read(ctx)
	if err != nil {
		return nil, err
	}
	var out []Version
	for _, v := range all {
		if v.ID == id {
			out = append(out, v)
		}
	}
	if len(out) == 0 {
		return nil, errs.New(errs.NotFound, "rule.not_found")
	}
	return out, nil
}

// read returns every version with its dry run and its errors, by order.
func (s *Service) read(ctx context.Context) ([]Version, error) {
	var all []store.RuleVersion
	var counts []store.RuleFault
	var names map[civic.UserID]string
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if all, err = tx.Rules().List(ctx); err != nil {
			return err
		}
		if counts, err = tx.Rules().Errors(ctx); err != nil {
			return err
		}
		names, err = namesOf(ctx, tx, all)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the rules: %w", err)
	}
	failed := map[faulty]store.RuleFault{}
	for _, f := range counts {
		failed[faulty{f.ID, f.Version}] = f
	}
	against := fingerprint(all)
	out := make([]Version, len(all))
	for i, v := range all {
		f := failed[faulty{v.ID, v.Version}]
		out[i] = Version{
			RuleVersion: v, LiveName: names[v.LiveBy], RetiredName: names[v.RetiredBy], Errors: f.Errors, LastError: f.LastError, LastErrorAt: f.LastAt,
		}
		if v.DryRun == "" {
			continue
		}
		impact := &Impact{}
		if err := json.Unmarshal([]byte(v.DryRun), impact); err == nil { // else of a version that told it otherwise
			out[i].Impact, out[i].Stale = impact, v.State == store.RuleDraft && impact.Against != against
		}
	}
	return out, nil
}

// namesOf returns the names of who let versions go live or retired them, a few
// people at most. An account that is gone has none.
func namesOf(ctx context.Context, tx store.Tx, all []store.RuleVersion) (map[civic.UserID]string, error) {
	names := map[civic.UserID]string{0: ""}
	for _, v := range all {
		for _, id := range []civic.UserID{v.LiveBy, v.RetiredBy} {
			if _, known := names[id]; known {
				continue
			}
			u, err := tx.Users().Get(ctx, id)
			if err != nil && errs.KindOf(err) != errs.NotFound {
				return nil, err
			}
			names[id] = u.Name
		}
	}
	return names, nil
}

// fingerprint names the live rules and their order.
func fingerprint(all []store.RuleVersion) string {
	var b strings.Builder
	for _, v := range live(all) {
		fmt.Fprintf(&b, "%s@%d ", v.ID, v.Version)
	}
	return digest(b.String())
}

// Health is what an operator is told about the rules.
type Health struct {
	Live int // rules that decide
	// Failing are live versions that failed on a text, ever.
	Failing []store.RuleFault
	// Ended are live rules for an agency that receives nothing now.
	Ended []string
	// Broken are live rules that cannot be compiled.
	Broken []string
}

// Health looks at the live rules. It is for the operator's report and metrics.
func (s *Service) Health(ctx context.Context) (Health, error) {
	entries, err := s.List(ctx, civic.System)
	if err != nil {
		return Health{}, err
	}
	var h Health
	for _, e := range entries {
		if e.Live == nil {
			continue
		}
		h.Live++
		if e.Live.Errors > 0 {
			h.Failing = append(h.Failing, store.RuleFault{
				ID: e.ID, Version: e.Live.Version, Errors: e.Live.Errors, LastError: e.Live.LastError, LastAt: e.Live.LastErrorAt,
			})
		}
		if e.AgencyEnded {
			h.Ended = append(h.Ended, e.ID)
		}
		if e.Broken != "" {
			h.Broken = append(h.Broken, e.ID)
		}
	}
	return h, nil
}
