package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// draft is a change on its way: what holds in the transaction, and what is
// written.
type draft struct {
	s      *Service
	ctx    context.Context //nolint:containedctx // a draft lives within one transaction
	tx     store.Tx
	actor  civic.Actor
	reason string
	now    time.Time
	book   *book
	// delivered is what the files have.
	delivered *book
	batch     int64 // the first version written
}

// change runs a change in one transaction that no other one crosses, and lets
// this process know at once.
func (s *Service) change(ctx context.Context, actor civic.Actor, reason string, do func(*draft) error) error {
	if err := actor.CheckPermission(civic.ManageRegistry); err != nil {
		return err
	}
	reason = strings.TrimSpace(vitext.Normalize(reason))
	if reason == "" {
		return errs.InvalidFields(errs.Field{Name: "reason", Code: "field.required"})
	}
	if len([]rune(reason)) > civic.MaxReason {
		return errs.InvalidFields(errs.Field{Name: "reason", Code: "field.too_long", Params: map[string]string{"max": fmt.Sprint(civic.MaxReason)}})
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Directory().Change(ctx); err != nil {
			return err
		}
		d, err := s.draft(ctx, tx, actor)
		if err != nil {
			return err
		}
		d.reason = reason
		return do(d)
	})
	if err != nil {
		return fmt.Errorf("change the registry: %w", err)
	}
	if s.Committed != nil {
		s.Committed()
	}
	return s.Refresh(ctx)
}

// plan says what a change would do. Nothing is written.
func (s *Service) plan(ctx context.Context, actor civic.Actor, do func(*draft) error) error {
	if err := actor.CheckPermission(civic.ManageRegistry); err != nil {
		return err
	}
	err := s.Store.View(ctx, func(tx store.Tx) error {
		d, err := s.draft(ctx, tx, actor)
		if err != nil {
			return err
		}
		return do(d)
	})
	if err != nil {
		return fmt.Errorf("plan a change of the registry: %w", err)
	}
	return nil
}

// draft begins with what holds in a transaction.
func (s *Service) draft(ctx context.Context, tx store.Tx, actor civic.Actor) (*draft, error) {
	all, err := tx.Directory().Newest(ctx)
	if err != nil {
		return nil, err
	}
	var entries []civic.Entry
	for _, c := range all {
		if c.Entry.Code != "" {
			entries = append(entries, c.Entry)
		}
	}
	return &draft{
		s: s, ctx: ctx, tx: tx, actor: actor, now: s.Now(),
		book: newBook(s.Registry.Delivered().With(entries...)), delivered: newBook(s.Registry.Delivered()),
	}, nil
}

// clone is a draft that can be tried without a trace.
func (d *draft) clone() *draft {
	out := *d
	out.book = d.book.clone()
	return &out
}

// get returns an entry as it holds.
func (d *draft) get(kind civic.EntryKind, code string) (civic.Entry, bool) {
	return d.book.get(kind, code)
}

// living returns an entry that can end, or fails.
func (d *draft) living(kind civic.EntryKind, code string) (civic.Entry, error) {
	e, ok := d.get(kind, code)
	switch {
	case !ok || !d.s.may(d.actor, e):
		return e, errs.New(errs.NotFound, "registry.not_found")
	case kind == civic.HoldingEntry:
		return e, errs.New(errs.Conflict, "registry.not_addable")
	case !e.Valid.Until.IsZero():
		return e, errs.New(errs.Conflict, "registry.ended")
	}
	return e, nil
}

// childless fails with Conflict while an entry has others below it that hold.
func (d *draft) childless(e civic.Entry) error {
	if slices.ContainsFunc(d.book.kinds[e.Kind], func(o civic.Entry) bool { return o.Parent == e.Code && o.Valid.Holds(d.now) }) {
		return errs.New(errs.Conflict, "registry.has_units")
	}
	return nil
}

// write appends a version of an entry, with the note in the audit.
func (d *draft) write(act civic.EntryAct, e civic.Entry) error {
	if !d.s.may(d.actor, e) {
		return errs.InvalidFields(errs.Field{Name: "parent", Code: "field.unknown_value"})
	}
	if err := check(d.book, &e, d.now); err != nil {
		return err
	}
	before, _ := d.get(e.Kind, e.Code)
	if before.Equal(e) {
		return errs.New(errs.Conflict, "registry.nothing_changed")
	}
	return d.append(civic.EntryChange{Act: act, Kind: e.Kind, Code: e.Code, Entry: e, Before: before})
}

// undoable fails with Conflict unless an entry says what a change made of it, and
// nobody has taken that back.
func (d *draft) undoable(c civic.EntryChange) error {
	now, _ := d.get(c.Kind, c.Code)
	history, err := d.tx.Directory().History(d.ctx, c.Kind, c.Code, historyShown)
	if err != nil {
		return err
	}
	if up, ok := d.get(c.Kind, c.Before.Parent); c.Act == civic.EntryMerged && ok && !up.Valid.Holds(d.now) {
		return errs.New(errs.Conflict, "registry.parent_ended")
	}
	if c.Act == civic.EntryUndone || !now.Equal(c.Entry) || slices.ContainsFunc(history, func(v civic.EntryChange) bool { return v.Undoes == c.ID }) {
		return errs.New(errs.Conflict, "registry.changed_since")
	}
	return nil
}

// takeBack appends the version that held before a change.
func (d *draft) takeBack(c civic.EntryChange) error {
	back := civic.EntryChange{Act: civic.EntryUndone, Kind: c.Kind, Code: c.Code, Entry: c.Before, Before: c.Entry, Undoes: c.ID}
	if delivered, _ := d.delivered.get(c.Kind, c.Code); back.Entry.Equal(delivered) {
		back.Entry = civic.Entry{} // what the files say holds again, whatever they will say
	}
	return d.append(back)
}

// used fails with Conflict where a case or an account refers to an entry that
// was added: its code must stay known, and it can only end.
func (d *draft) used(all []civic.EntryChange) error {
	q := store.QueueQuery{States: civic.States, Page: 1, PerPage: 1, CountTo: 1}
	added := map[civic.AgencyCode]bool{}
	for _, c := range all {
		switch {
		case c.Act != civic.EntryAdded:
		case c.Kind == civic.AgencyEntry:
			q.Agencies, added[civic.AgencyCode(c.Code)] = append(q.Agencies, civic.AgencyCode(c.Code)), true
		case c.Kind == civic.TopicEntry:
			q.Topics = append(q.Topics, civic.TopicCode(c.Code))
		}
	}
	if len(q.Agencies)+len(q.Topics) == 0 { // cases hold the text of a refusal; an unknown area is shown by its code
		return nil
	}
	users, err := d.tx.Users().List(d.ctx)
	if err != nil {
		return err
	}
	n, err := d.tx.Submissions().CountQueue(d.ctx, q)
	if err != nil {
		return err
	}
	if n > 0 || slices.ContainsFunc(users, func(u civic.User) bool { return u.Agency != "" && added[u.Agency] }) {
		return errs.New(errs.Conflict, "registry.in_use")
	}
	return nil
}

// append stores a version, notes it in the audit, and promises what follows: a
// merger, and one that is taken back, have the open cases moved.
func (d *draft) append(c civic.EntryChange) error {
	c.Delivered, _ = d.delivered.get(c.Kind, c.Code)
	c.Batch, c.Reason, c.WrittenAt, c.WrittenBy = d.batch, d.reason, d.now, d.actor.User
	id, err := d.tx.Directory().Add(d.ctx, c)
	if err != nil {
		return err
	}
	if d.batch == 0 {
		d.batch = id
	}
	if c.Entry.Code != "" {
		d.book.put(c.Entry)
	}
	line := store.AuditLine{
		At: d.now, Actor: d.actor.Kind, User: d.actor.User, What: store.NoteRegistryChanged, Subject: string(c.Kind) + ":" + c.Code,
		Detail: fmt.Sprintf("%s %s", c.Act, strings.Join(Differences(c.Before, c.Entry), " ")),
	}
	if c.Kind == civic.AgencyEntry {
		line.Agency = civic.AgencyCode(c.Code)
	}
	if err := d.tx.Audit().Note(d.ctx, line); err != nil {
		return err
	}
	follows := c.Act == civic.EntryMerged
	if c.Act == civic.EntryUndone {
		undone, err := d.tx.Directory().Get(d.ctx, c.Undoes)
		if err != nil {
			return err
		}
		follows = undone.Act == civic.EntryMerged
	}
	if !follows {
		return nil
	}
	_, err = d.tx.Outbox().Put(d.ctx, store.Job{Kind: store.JobSucceed, Subject: id, NextAt: moved(d.now), CreatedAt: d.now})
	return err
}

// Differences names the fields in which two entries differ, in their order.
func Differences(a, b civic.Entry) []string {
	var out []string
	for _, field := range []struct {
		name string
		same bool
	}{
		{"parent", a.Parent == b.Parent},
		{"name_vi", a.Names[civic.Vietnamese] == b.Names[civic.Vietnamese]},
		{"name_en", a.Names[civic.English] == b.Names[civic.English]},
		{"aliases", strings.Join(a.Aliases, "\n") == strings.Join(b.Aliases, "\n")},
		{"text_vi", a.Text[civic.Vietnamese] == b.Text[civic.Vietnamese]},
		{"text_en", a.Text[civic.English] == b.Text[civic.English]},
		{"belongs_vi", a.Belongs[civic.Vietnamese] == b.Belongs[civic.Vietnamese]},
		{"belongs_en", a.Belongs[civic.English] == b.Belongs[civic.English]},
		{"link", a.Link == b.Link},
		{"area", a.Area == b.Area},
		{"email", a.Email == b.Email},
		{"receives", a.Receives == b.Receives},
		{"until", a.Valid.Until.Equal(b.Valid.Until)},
		{"successor", strings.Join(a.Successors, " ") == strings.Join(b.Successors, " ")},
		{"source", a.Source == b.Source},
	} {
		if !field.same {
			out = append(out, field.name)
		}
	}
	return out
}
