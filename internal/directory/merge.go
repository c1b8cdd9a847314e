package directory

import (
	"context"
	"fmt"
	"slices"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
)

// Merger is what somebody decides when an agency goes into another one.
type Merger struct {
	Code, Into string
	Reason     string
	// LeadsStay lets who leads the agency lead its successor too. Otherwise they
	// approve there: leading gives rights over everything below.
	LeadsStay bool
}

// Merge ends an agency, and another one does its work from now on: in one
// transaction its units hang below the successor, and so does the agency itself,
// so that nobody loses sight of a case; its people and programs belong there;
// opinions it is asked for, templates, views and tags go there. The open cases
// follow in the background once every process knows; see triage.Succeed.
func (s *Service) Merge(ctx context.Context, actor civic.Actor, m Merger) (change int64, err error) {
	err = s.change(ctx, actor, m.Reason, func(d *draft) error {
		entries, err := d.succession(m.Code, m.Into)
		if err != nil {
			return err
		}
		for _, e := range entries {
			act := civic.EntryChanged
			if e.entry.Code == m.Code {
				act = civic.EntryMerged
			}
			if err := d.append(civic.EntryChange{Act: act, Kind: civic.AgencyEntry, Code: e.entry.Code, Entry: e.entry, Before: e.before}); err != nil {
				return err
			}
		}
		change = d.batch
		return d.handOver(m)
	})
	return change, err
}

// rewritten is an entry as a merger leaves it.
type rewritten struct{ entry, before civic.Entry }

// succession says what a merger makes of the entries, the agency's own first,
// and puts them into the book. A successor from below the agency takes its place
// first.
func (d *draft) succession(code, into string) ([]rewritten, error) {
	e, err := d.living(civic.AgencyEntry, code)
	if err != nil {
		return nil, err
	}
	heir, ok := d.get(civic.AgencyEntry, into)
	if !ok || into == code || !heir.Receives || !heir.Valid.Holds(d.now) || !d.s.may(d.actor, heir) && into != string(d.actor.Agency) {
		return nil, errs.InvalidFields(errs.Field{Name: "successor", Code: "field.unknown_value"})
	}
	out := []rewritten{{before: e}}
	if d.s.Registry.Within(civic.AgencyCode(into), civic.AgencyCode(code)) {
		up := heir
		up.Parent = e.Parent
		if out, err = d.rewrite(out, up, heir); err != nil {
			return nil, err
		}
	}
	for _, unit := range d.book.kinds[civic.AgencyEntry] {
		if unit.Parent != code || !unit.Valid.Holds(d.now) || unit.Code == into {
			continue
		}
		next := unit
		next.Parent = into
		if out, err = d.rewrite(out, next, unit); err != nil {
			return nil, err
		}
	}
	e.Valid.Until, e.Successors, e.Parent = d.now, []string{into}, into
	out[0].entry = e
	d.book.put(e)
	return out, nil
}

// rewrite checks an entry that a merger moves, and puts it into the book. Two
// units of one name cannot hang below one agency.
func (d *draft) rewrite(list []rewritten, next, before civic.Entry) ([]rewritten, error) {
	if taken := d.book.namesake(next, d.now); taken != "" {
		return nil, errs.InvalidFields(errs.Field{Name: "successor", Code: "registry.unit_name_taken", Params: map[string]string{"unit": next.Code, "code": taken}})
	}
	d.book.put(next)
	return append(list, rewritten{next, before}), nil
}

// handOver gives everything but the open cases to the successor, and notes each
// thing for the report.
func (d *draft) handOver(m Merger) error {
	from, into := civic.AgencyCode(m.Code), civic.AgencyCode(m.Into)
	for _, step := range []func(from, into civic.AgencyCode) error{
		func(from, into civic.AgencyCode) error {
			return d.handAccounts(from, into, m.LeadsStay && !d.actor.Bound()) // nobody makes others their equals
		},
		d.handOpinions, d.handDesk,
	} {
		if err := step(from, into); err != nil {
			return err
		}
	}
	return nil
}

// effect notes what became of one thing.
func (d *draft) effect(e civic.Effect) error { return d.tx.Directory().Effect(d.ctx, d.batch, e) }

// handAccounts moves people and programs. Their sessions go on: what they may is
// read anew with every request.
func (d *draft) handAccounts(from, into civic.AgencyCode, leadsStay bool) error {
	users, err := d.tx.Users().List(d.ctx)
	if err != nil {
		return err
	}
	for _, u := range users {
		if u.Agency != from {
			continue
		}
		role := u.Role
		if role == civic.RoleLead && !leadsStay {
			role = civic.RoleApprover
		}
		if err := d.effect(civic.Effect{
			Kind: civic.AccountEffect, Subject: int64(u.ID), Label: u.Name, Was: u.Role, Became: role, State: civic.EffectMoved,
		}); err != nil {
			return err
		}
		if err := d.transfer(u, role, into); err != nil {
			return err
		}
	}
	return d.tellHeirs(users, from, into)
}

// transfer gives an account another role and agency, with its history, and tells
// the person.
func (d *draft) transfer(u civic.User, role civic.Role, into civic.AgencyCode) error {
	detail := fmt.Sprintf("%s %s → %s %s", u.Role, u.Agency, role, into)
	u.Role, u.Agency = role, into
	if err := d.tx.Users().Update(d.ctx, u); err != nil {
		return err
	}
	if err := d.tx.AccountChanges().Add(d.ctx, store.AccountChange{User: u.ID, By: d.actor.User, At: d.now, What: store.AccountMoved, Detail: detail}); err != nil {
		return err
	}
	if !u.Active || u.Role == civic.RoleService {
		return nil
	}
	return d.mail(u.ID, store.AccountMoved, into)
}

// tellHeirs lets who leads the successor know, or who approves there.
func (d *draft) tellHeirs(users []civic.User, from, into civic.AgencyCode) error {
	for _, role := range []civic.Role{civic.RoleLead, civic.RoleApprover} {
		told := false
		for _, u := range users {
			if u.Active && u.Role == role && u.Agency == into {
				told = true
				if err := d.mail(u.ID, store.AgencyGrew, from); err != nil {
					return err
				}
			}
		}
		if told {
			return nil
		}
	}
	return nil
}

// mail writes to a member of staff about an agency.
func (d *draft) mail(to civic.UserID, kind string, about civic.AgencyCode) error {
	e, _ := d.get(civic.AgencyEntry, string(about))
	_, err := d.tx.AccountMails().Add(d.ctx, store.AccountMail{User: to, Kind: kind, Detail: e.Names[civic.Vietnamese], CreatedAt: d.now})
	return err
}

// handOpinions has the successor asked for what the agency is asked for, by the
// deadlines that were set. What it would ask itself is withdrawn, and so is what
// it was asked for already.
func (d *draft) handOpinions(from, into civic.AgencyCode) error {
	for {
		waiting, err := d.tx.Opinions().Waiting(d.ctx, []civic.AgencyCode{from}, surveyed)
		if err != nil || len(waiting) == 0 {
			return err
		}
		for _, o := range waiting {
			e := civic.Effect{Kind: civic.OpinionEffect, Subject: o.ID, Label: o.Case.Code.String(), State: civic.EffectMoved}
			moved := false
			if o.Case.Agency != into && o.Case.Agency != from {
				if moved, err = d.tx.Opinions().Pass(d.ctx, o.ID, into); err != nil {
					return err
				}
			}
			if !moved {
				e.State = civic.EffectWithdrawn
				o.State, o.Text, o.SettledBy, o.SettledAt = civic.OpinionWithdrawn, d.reason, d.actor.User, d.now
				if err := d.tx.Opinions().Settle(d.ctx, o.Opinion); err != nil {
					return err
				}
			}
			if err := d.effect(e); err != nil {
				return err
			}
			if err := d.noteOpinion(o, moved, into); err != nil {
				return err
			}
		}
	}
}

// noteOpinion writes into the history of a case who is asked now, or that nobody
// is any more.
func (d *draft) noteOpinion(o store.OpinionRequest, moved bool, into civic.AgencyCode) error {
	line := civic.Event{
		Submission: o.Case.ID, At: d.now, Type: civic.EventOpinionAsked, Actor: d.actor.Kind, User: d.actor.User,
		From: o.Case.State, To: o.Case.State, Agency: into, Reason: d.reason,
	}
	if !moved {
		line.Type, line.Agency = civic.EventOpinionWithdrawn, o.Agency
	}
	return d.tx.Events().Add(d.ctx, line)
}

// handDesk moves what staff made for their work.
func (d *draft) handDesk(from, into civic.AgencyCode) error {
	templates, err := d.tx.AnswerTemplates().List(d.ctx)
	if err != nil {
		return err
	}
	for _, t := range templates {
		if t.Agency != from {
			continue
		}
		if err := d.handTemplate(t, into); err != nil {
			return err
		}
		if err := d.effect(civic.Effect{Kind: civic.TemplateEffect, Subject: t.ID, Label: t.Name, State: civic.EffectMoved}); err != nil {
			return err
		}
	}
	views, err := d.tx.QueueViews().OfAgency(d.ctx, from)
	if err != nil {
		return err
	}
	for _, v := range views {
		if err := d.tx.QueueViews().Hand(d.ctx, v.ID, into); err != nil {
			return err
		}
		if err := d.effect(civic.Effect{Kind: civic.ViewEffect, Subject: v.ID, Label: v.Name, State: civic.EffectMoved}); err != nil {
			return err
		}
	}
	return d.handTags(from, into)
}

// handTemplate writes a version of a template for another agency.
func (d *draft) handTemplate(t civic.AnswerTemplate, into civic.AgencyCode) error {
	t.Agency, t.UpdatedBy, t.UpdatedAt = into, d.actor.User, d.now
	_, err := d.tx.AnswerTemplates().Put(d.ctx, t)
	return err
}

func (d *draft) handTags(from, into civic.AgencyCode) error {
	tags, err := d.tx.Tags().List(d.ctx, from)
	if err != nil {
		return err
	}
	for _, g := range tags {
		joined, err := d.tx.Tags().Hand(d.ctx, g.ID, into)
		if err != nil {
			return err
		}
		e := civic.Effect{Kind: civic.TagEffect, Subject: int64(g.ID), Label: g.Name, State: civic.EffectMoved}
		if joined {
			e.State = civic.EffectJoined
		}
		if err := d.effect(e); err != nil {
			return err
		}
	}
	return nil
}

// giveBack returns what went to a successor with a merger that is taken back, as
// far as it is there as the merger left it. What somebody changed since stays,
// and the report says so.
func (d *draft) giveBack(c civic.EntryChange) error {
	effects, err := d.tx.Directory().Effects(d.ctx, c.ID)
	if err != nil || len(c.Entry.Successors) == 0 {
		return err
	}
	from, into := civic.AgencyCode(c.Code), civic.AgencyCode(c.Entry.Successors[0])
	for _, e := range effects {
		if e.State != civic.EffectMoved {
			continue
		}
		back, err := d.returned(e, from, into)
		if err != nil {
			return err
		}
		e.State = civic.EffectKept
		if back {
			e.State = civic.EffectBack
		}
		if err := d.tx.Directory().Effect(d.ctx, c.ID, e); err != nil {
			return err
		}
	}
	return nil
}

// returned gives one thing back, or reports that it is another one by now.
func (d *draft) returned(e civic.Effect, from, into civic.AgencyCode) (bool, error) {
	switch e.Kind {
	case civic.AccountEffect:
		u, err := d.tx.Users().Get(d.ctx, civic.UserID(e.Subject))
		if err != nil || u.Agency != into || u.Role != e.Became {
			return false, err
		}
		return true, d.transfer(u, e.Was, from)
	case civic.OpinionEffect:
		o, err := d.tx.Opinions().Get(d.ctx, e.Subject)
		if err != nil || o.Agency != into {
			return false, err
		}
		return d.tx.Opinions().Pass(d.ctx, o.ID, from)
	case civic.TemplateEffect:
		t, err := d.tx.AnswerTemplates().Get(d.ctx, e.Subject)
		if err != nil || t.Agency != into || !t.RetiredAt.IsZero() {
			return false, err
		}
		return true, d.handTemplate(t, from)
	case civic.ViewEffect:
		v, err := d.tx.QueueViews().Get(d.ctx, e.Subject)
		if errs.KindOf(err) == errs.NotFound || err == nil && v.Agency != into {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		return true, d.tx.QueueViews().Hand(d.ctx, v.ID, from)
	default:
		return d.tagReturned(civic.TagID(e.Subject), from, into)
	}
}

func (d *draft) tagReturned(id civic.TagID, from, into civic.AgencyCode) (bool, error) {
	tags, err := d.tx.Tags().List(d.ctx, into)
	if err != nil || !slices.ContainsFunc(tags, func(g civic.Tag) bool { return g.ID == id }) {
		return false, err
	}
	_, err = d.tx.Tags().Hand(d.ctx, id, from)
	return true, err
}

// Report is what came of a merger.
type Report struct {
	civic.EntryChange
	Effects []civic.Effect
	// Moved counts the cases that went to the successor because of it and are
	// there; Left those that are open and still to go.
	Moved, Left int
	// Units are what else was written together with it.
	Units []civic.EntryChange
	// Undone tells that it was taken back.
	Undone bool
}

// Report says what came of a merger, or NotFound.
func (s *Service) Report(ctx context.Context, actor civic.Actor, change int64) (Report, error) {
	if err := actor.CheckPermission(civic.ManageRegistry); err != nil {
		return Report{}, err
	}
	var out Report
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		out = Report{}
		if out.EntryChange, err = tx.Directory().Get(ctx, change); err != nil {
			return err
		}
		if out.Act != civic.EntryMerged || !s.may(actor, out.Entry) {
			return errs.New(errs.NotFound, "registry.not_found")
		}
		if out.Effects, err = tx.Directory().Effects(ctx, change); err != nil {
			return err
		}
		if out.Moved, err = tx.Directory().CountMoves(ctx, change); err != nil {
			return err
		}
		open, err := tx.Agencies().Open(ctx)
		if err != nil {
			return err
		}
		out.Left = open[civic.AgencyCode(out.Code)]
		together, err := tx.Directory().Batch(ctx, change)
		if err != nil {
			return err
		}
		out.Units = together[1:]
		history, err := tx.Directory().History(ctx, out.Kind, out.Code, historyShown)
		out.Undone = slices.ContainsFunc(history, func(v civic.EntryChange) bool { return v.Undoes == change })
		return err
	})
	if err != nil {
		return Report{}, fmt.Errorf("report on a merger: %w", err)
	}
	return out, nil
}
