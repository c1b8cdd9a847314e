// Package directory is where the lists of the registry are looked after while
// the house runs: agencies, topics, areas, reasons for refusals, and how long
// personal data is kept. What people change lies over what was delivered in
// files; every version stays, with who wrote it and what held before, and can be
// taken back. Nothing is ever removed: what ends keeps its code, so that old
// cases, addresses and figures still know it.
package directory

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Service looks after the lists. All fields but Committed
// and Groups are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
	// Groups are the groups of the sign-in provider that give rights at an agency,
	// for who looks at what depends on it.
	Groups map[civic.AgencyCode][]string
	// Committed is told that the outbox has something new.
	Committed func()

	revision atomic.Int64 // that Registry uses, plus one; zero before the first
}

// Refresh takes up what was changed since, by this process or another one. Each
// process calls it before it begins and every timetable.RefreshEvery.
func (s *Service) Refresh(ctx context.Context) error {
	var lists *civic.Lists
	var revision int64
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		lists = nil
		if revision, err = tx.Directory().Revision(ctx); err != nil || revision+1 == s.revision.Load() {
			return err
		}
		lists, err = s.read(ctx, tx)
		return err
	})
	if err != nil {
		return fmt.Errorf("read the changed lists: %w", err)
	}
	if lists != nil {
		s.Registry.Use(lists)
		s.revision.Store(revision + 1)
	}
	return nil
}

// read makes the lists of what was delivered and what the store has.
func (s *Service) read(ctx context.Context, tx store.Tx) (*civic.Lists, error) {
	newest, err := tx.Directory().Newest(ctx)
	if err != nil {
		return nil, err
	}
	var entries []civic.Entry
	for _, c := range newest {
		if c.Entry.Code != "" {
			entries = append(entries, c.Entry)
		}
	}
	return s.Registry.Delivered().With(entries...), nil
}

// List returns the entries of a kind that the actor may change, as they hold
// now.
func (s *Service) List(_ context.Context, actor civic.Actor, kind civic.EntryKind) ([]civic.Entry, error) {
	if err := actor.CheckPermission(civic.ManageRegistry); err != nil {
		return nil, err
	}
	all := s.Registry.Lists().Entries(kind)
	return slices.DeleteFunc(all, func(e civic.Entry) bool { return !s.may(actor, e) }), nil
}

// Get returns an entry that the actor may change, as it holds now, or NotFound.
func (s *Service) Get(ctx context.Context, actor civic.Actor, kind civic.EntryKind, code string) (civic.Entry, error) {
	all, err := s.List(ctx, actor, kind)
	if err != nil {
		return civic.Entry{}, err
	}
	e, ok := entry(all, code)
	if !ok {
		return civic.Entry{}, errs.New(errs.NotFound, "registry.not_found")
	}
	return e, nil
}

// Entry returns what holds of an entry now; without a code there is none.
func (s *Service) Entry(kind civic.EntryKind, code string) civic.Entry {
	e, _ := entry(s.Registry.Lists().Entries(kind), code)
	return e
}

// historyShown is how many versions one look at the history has.
const historyShown = 100

// History returns the versions of an entry, or of all of a kind when the code is
// empty, the newest first.
func (s *Service) History(ctx context.Context, actor civic.Actor, kind civic.EntryKind, code string) ([]civic.EntryChange, error) {
	if err := actor.CheckPermission(civic.ManageRegistry); err != nil {
		return nil, err
	}
	var out []civic.EntryChange
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		out, err = tx.Directory().History(ctx, kind, code, historyShown)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read what was changed: %w", err)
	}
	return slices.DeleteFunc(out, func(c civic.EntryChange) bool { return !s.may(actor, held(c)) }), nil
}

// held is what a version is about: the entry, or the one that was taken out.
func held(c civic.EntryChange) civic.Entry {
	if c.Entry.Code == "" {
		return c.Before
	}
	return c.Entry
}

// may reports whether the actor's rights reach an entry. Who is bound to an
// agency changes the units below it, and neither itself nor any other list.
func (s *Service) may(actor civic.Actor, e civic.Entry) bool {
	if !actor.Bound() {
		return true
	}
	return e.Kind == civic.AgencyEntry && e.Code != string(actor.Agency) && e.Parent != "" &&
		s.Registry.Within(civic.AgencyCode(e.Parent), actor.Agency)
}

// entry finds an entry by its code.
func entry(list []civic.Entry, code string) (civic.Entry, bool) {
	i := slices.IndexFunc(list, func(e civic.Entry) bool { return e.Code == code })
	if i < 0 {
		return civic.Entry{}, false
	}
	return list[i], true
}

// Put adds an entry, or changes the one with the code. Whether it ends, and who
// follows it, stays as it is: End and Merge say that.
func (s *Service) Put(ctx context.Context, actor civic.Actor, e civic.Entry, adds bool, reason string) error {
	return s.change(ctx, actor, reason, func(d *draft) error {
		was, ok := d.get(e.Kind, e.Code)
		switch {
		case adds && ok:
			return errs.InvalidFields(errs.Field{Name: "code", Code: "registry.code_taken"})
		case !adds && (!ok || !s.may(actor, was)):
			return errs.New(errs.NotFound, "registry.not_found")
		case adds && e.Kind == civic.HoldingEntry:
			return errs.New(errs.Conflict, "registry.not_addable")
		case ok:
			e.Valid, e.Successors = was.Valid, was.Successors
		}
		act := civic.EntryChanged
		if adds {
			act, e.Valid = civic.EntryAdded, civic.Period{From: d.now}
		}
		return d.write(act, e)
	})
}

// End lets an entry hold no longer. Of an agency that anything open depends on
// somebody must say who takes over: Merge. Survey lists what does.
func (s *Service) End(ctx context.Context, actor civic.Actor, kind civic.EntryKind, code, reason string) error {
	return s.change(ctx, actor, reason, func(d *draft) error {
		e, err := d.living(kind, code)
		if err != nil {
			return err
		}
		if err := d.childless(e); err != nil {
			return err
		}
		if kind == civic.AgencyEntry {
			found, err := d.survey(code, "")
			if err != nil {
				return err
			}
			if found.Depends() {
				return errs.New(errs.Conflict, "registry.in_demand")
			}
		}
		e.Valid.Until = d.now
		return d.write(civic.EntryEnded, e)
	})
}

// Undo takes a change back, and all that were written together with it. It is
// Conflict with code registry.changed_since where an entry says something else by
// now, or that was done before.
// Cases that went to a successor come back, unless it has accepted them, and so
// does what else went there and nobody changed since.
func (s *Service) Undo(ctx context.Context, actor civic.Actor, id int64, reason string) (civic.EntryKind, error) {
	var kind civic.EntryKind
	err := s.change(ctx, actor, reason, func(d *draft) error {
		first, err := d.tx.Directory().Get(ctx, id)
		if err != nil {
			return err
		}
		kind = first.Kind
		if first.Batch != 0 {
			first.ID = first.Batch
		}
		all, err := d.tx.Directory().Batch(ctx, first.ID)
		if err != nil {
			return err
		}
		for _, c := range all {
			if !s.may(actor, held(c)) {
				return errs.New(errs.NotFound, "registry.not_found")
			}
			if err := d.undoable(c); err != nil {
				return err
			}
		}
		if err := d.used(all); err != nil {
			return err
		}
		for _, c := range all {
			if err := d.takeBack(c); err != nil {
				return err
			}
			if c.Act != civic.EntryMerged {
				continue
			}
			if err := d.giveBack(c); err != nil {
				return err
			}
		}
		return nil
	})
	return kind, err
}

// moved is when the cases of a merged agency move: every process knows by then.
func moved(now time.Time) time.Time { return now.Add(timetable.Settled) }
