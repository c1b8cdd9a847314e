// Package absence is where somebody who is away has a dated substitute, and
// where the open cases of one can be given to another.
package absence

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

const (
	// MaxDays is the longest absence; who is away for longer has left.
	MaxDays = 366
	// history is how long an absence that is over stays on the page.
	history = 90 * 24 * time.Hour
	// casesShown is how many cases of somebody the page lists, and how many can
	// be given away at once.
	casesShown = 100
)

// Service keeps absences. All fields are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
}

// View is what the page shows to somebody.
type View struct {
	// Absences are those that the person may see, the coming ones included.
	Absences []civic.Absence
	// Ending are the ids of those that the person may end.
	Ending []int64
	// People may be entered as absent by the person: the own account first.
	People []civic.User
	// Others may stand in for any of them.
	Others []civic.User
}

// mayEnter reports whether the actor may enter that somebody is away: for the
// own account, for whom the actor leads, and for everybody as administrator.
func (s *Service) mayEnter(actor civic.Actor, u civic.User) bool {
	switch {
	case actor.Kind != civic.ActorStaff || u.Role == civic.RoleService:
		return false
	case actor.User == u.ID || actor.May(civic.ManageUsers):
		return true
	}
	return actor.Role == civic.RoleLead && actor.Reaches(s.Registry, u.Agency)
}

func (s *Service) staff(ctx context.Context, tx store.Tx, since time.Time) (civic.Staff, error) {
	out := civic.Staff{Registry: s.Registry, At: s.Now()}
	var err error
	if out.Users, err = tx.Users().List(ctx); err != nil {
		return out, err
	}
	out.Absences, err = tx.Absences().List(ctx, since)
	return out, err
}

// List returns the absences that concern the actor: the own ones, those in
// which the actor stands in, and those the actor may enter.
func (s *Service) List(ctx context.Context, actor civic.Actor) (View, error) {
	if actor.Kind != civic.ActorStaff {
		return View{}, errs.New(errs.Unauthenticated, "actor.not_signed_in")
	}
	var staff civic.Staff
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		staff, err = s.staff(ctx, tx, s.Now().Add(-history))
		return err
	})
	if err != nil {
		return View{}, fmt.Errorf("list absences: %w", err)
	}
	var out View
	for _, u := range staff.Users {
		if u.Active && s.mayEnter(actor, u) {
			out.People = append(out.People, u)
		}
	}
	slices.SortStableFunc(out.People, func(a, b civic.User) int {
		switch actor.User {
		case a.ID:
			return -1
		case b.ID:
			return 1
		}
		return 0
	})
	for _, u := range staff.Users {
		if slices.ContainsFunc(out.People, func(away civic.User) bool { return staff.MayStandIn(u, away) }) {
			out.Others = append(out.Others, u)
		}
	}
	for _, a := range staff.Absences {
		u, _ := staff.User(a.User)
		may := s.mayEnter(actor, u)
		if may || a.Substitute == actor.User {
			out.Absences = append(out.Absences, a)
		}
		if may && a.EndedAt.IsZero() && s.Now().Before(a.Until) {
			out.Ending = append(out.Ending, a.ID)
		}
	}
	return out, nil
}

// Entry is an absence as somebody writes it; both days are part of it.
type Entry struct {
	User, Substitute civic.UserID
	From, Until      civic.Date
}

// Add enters an absence. Who stands in must be able to do everything that the
// absent person does, at the same place.
func (s *Service) Add(ctx context.Context, actor civic.Actor, e Entry) error {
	now := s.Now()
	var wrong []errs.Field
	add := func(name, code string) { wrong = append(wrong, errs.Field{Name: name, Code: code}) }
	if e.From == (civic.Date{}) {
		add("from", "field.not_a_date")
	}
	switch until := e.Until.Start().AddDate(0, 0, 1); {
	case e.Until == (civic.Date{}):
		add("until", "field.not_a_date")
	case e.Until.Compare(e.From) < 0 || !until.After(now):
		add("until", "absence.over")
	case until.Sub(e.From.Start()) > MaxDays*24*time.Hour:
		add("until", "absence.too_long")
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		staff, err := s.staff(ctx, tx, now)
		if err != nil {
			return err
		}
		fields := slices.Clone(wrong)
		u, ok := staff.User(e.User)
		switch {
		case !ok || !u.Active:
			fields = append(fields, errs.Field{Name: "user", Code: "field.required"})
		case !s.mayEnter(actor, u):
			return errs.New(errs.Forbidden, "actor.not_allowed")
		}
		substitute, ok := staff.User(e.Substitute)
		if !ok || !staff.MayStandIn(substitute, u) {
			fields = append(fields, errs.Field{Name: "substitute", Code: "absence.cannot_stand_in"})
		}
		if err := errs.InvalidFields(fields...); err != nil {
			return err
		}
		_, err = tx.Absences().Add(ctx, civic.Absence{
			User: e.User, Substitute: e.Substitute, From: e.From.Start().UTC(), Until: e.Until.Start().AddDate(0, 0, 1).UTC(), WrittenAt: now, WrittenBy: actor.User,
		})
		if err != nil {
			return err
		}
		return note(ctx, tx, actor, store.NoteAbsenceEntered, u, fmt.Sprintf("user:%d %s - %s", e.Substitute, e.From, e.Until), now)
	})
	if err != nil {
		return fmt.Errorf("enter an absence: %w", err)
	}
	return nil
}

// note writes into the audit what was done about somebody's absence.
func note(ctx context.Context, tx store.Tx, actor civic.Actor, what string, u civic.User, detail string, now time.Time) error {
	return tx.Audit().Note(ctx, store.AuditLine{
		At: now, Actor: actor.Kind, User: actor.User, What: what, Subject: fmt.Sprintf("user:%d", u.ID), Agency: u.Agency, Detail: detail,
	})
}

// End ends an absence before its time.
func (s *Service) End(ctx context.Context, actor civic.Actor, id int64) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		a, err := tx.Absences().Get(ctx, id)
		if err != nil {
			return err
		}
		u, err := tx.Users().Get(ctx, a.User)
		if err != nil {
			return err
		}
		if !s.mayEnter(actor, u) {
			return errs.New(errs.NotFound, "absence.not_found")
		}
		if err := tx.Absences().End(ctx, id, actor.User, now); err != nil {
			return err
		}
		return note(ctx, tx, actor, store.NoteAbsenceEnded, u, "", now)
	})
	if err != nil {
		return fmt.Errorf("end an absence: %w", err)
	}
	return nil
}

// Cases are the open cases that somebody is responsible for.
type Cases struct {
	Absence civic.Absence
	Total   int
	Items   []civic.Submission // the first of them, by deadline
	// Takers may take cases over.
	Takers []civic.User
}

// Cases returns what an absent person has in hand, within the actor's reach. Who
// may enter the absence, and who stands in, may look.
func (s *Service) Cases(ctx context.Context, actor civic.Actor, id int64) (out Cases, err error) {
	err = s.Store.View(ctx, func(tx store.Tx) error {
		staff, u, err := s.concerned(ctx, tx, actor, id, &out.Absence)
		if err != nil {
			return err
		}
		q := store.QueueQuery{Assignees: []civic.UserID{u.ID}, Page: 1, PerPage: casesShown}
		if actor.Bound() { // who stood in once may work elsewhere now
			q.Scope = append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
		}
		found, err := tx.Submissions().Queue(ctx, q)
		if err != nil {
			return err
		}
		out.Total, out.Items, out.Takers = found.Total, nil, nil
		for _, item := range found.Items {
			out.Items = append(out.Items, item.Submission)
		}
		for _, other := range staff.Users {
			if staff.MayStandIn(other, u) && !staff.Away(other.ID) {
				out.Takers = append(out.Takers, other)
			}
		}
		return nil
	})
	if err != nil {
		return Cases{}, fmt.Errorf("list the cases of an absent person: %w", err)
	}
	return out, nil
}

// concerned reads an absence that concerns the actor, and the absent person.
func (s *Service) concerned(ctx context.Context, tx store.Tx, actor civic.Actor, id int64, a *civic.Absence) (civic.Staff, civic.User, error) {
	staff, err := s.staff(ctx, tx, s.Now())
	if err != nil {
		return staff, civic.User{}, err
	}
	if *a, err = tx.Absences().Get(ctx, id); err != nil {
		return staff, civic.User{}, err
	}
	u, _ := staff.User(a.User)
	if !s.mayEnter(actor, u) && a.Substitute != actor.User {
		return staff, u, errs.New(errs.NotFound, "absence.not_found")
	}
	return staff, u, nil
}

// Given tells what became of one case that was to be given away; a zero Code is
// none.
type Given struct {
	Code civic.Code
	Err  error // nil: it was given
}

// Give gives open cases of an absent person to another one. Each is an act of
// its own: what fails leaves the others.
func (s *Service) Give(ctx context.Context, actor civic.Actor, id int64, to civic.UserID, codes []civic.Code) ([]Given, error) {
	var absent, taker civic.User
	err := s.Store.View(ctx, func(tx store.Tx) error {
		var a civic.Absence
		staff, u, err := s.concerned(ctx, tx, actor, id, &a)
		if err != nil {
			return err
		}
		other, ok := staff.User(to)
		if !ok || !staff.MayStandIn(other, u) {
			return errs.InvalidFields(errs.Field{Name: "to", Code: "absence.cannot_stand_in"})
		}
		absent, taker = u, other
		return nil
	})
	if err == nil && (len(codes) == 0 || len(codes) > casesShown) {
		err = errs.InvalidFields(errs.Field{Name: "codes", Code: "field.none_chosen"})
	}
	if err != nil {
		return nil, fmt.Errorf("give cases away: %w", err)
	}
	out := make([]Given, len(codes))
	for i, code := range codes {
		out[i] = Given{code, s.give(ctx, actor, absent, taker, code)}
	}
	return out, nil
}

func (s *Service) give(ctx context.Context, actor civic.Actor, absent, taker civic.User, code civic.Code) error {
	var seen civic.Submission
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		seen, err = tx.Submissions().GetByCode(ctx, code)
		return err
	})
	if err != nil {
		return err
	}
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Times: s.Times, Now: s.Now}
	return desk.Run(ctx, actor, code, seen.Version, casework.Act{Permission: civic.HandleCase, Do: func(_ context.Context, _ store.Tx, c *casework.Change) error {
		if c.Sub.Assignee != absent.ID || !civic.Open.Has(c.Sub.State) {
			return errs.New(errs.Conflict, "absence.not_theirs")
		}
		if !civic.StaffOf(taker).Reaches(s.Registry, c.Sub.Agency) {
			return errs.New(errs.Conflict, "absence.cannot_stand_in")
		}
		c.Sub.Assignee = taker.ID
		c.Event = civic.Event{Type: civic.EventPassedOn, Reason: absent.Name + " → " + taker.Name}
		return nil
	}})
}
