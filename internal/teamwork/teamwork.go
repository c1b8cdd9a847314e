// Package teamwork is what staff who work on cases arrange among themselves:
// small things to do, for one person until one day, and cases to see beside each
// other. The senders and the public see none of it.
package teamwork

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/casework"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// Listed is how many open to-dos a person's list shows.
const Listed = 100

// Service keeps them. All fields are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Now      func() time.Time
}

// NewTodo is something to do on a case.
type NewTodo struct {
	Text string
	// User is who is to do it; zero is the actor.
	User civic.UserID
	// Until is the last day, YYYY-MM-DD; empty for none.
	Until string
}

// AddTodo writes down something to do. Only who may see the case can be given
// it.
func (s *Service) AddTodo(ctx context.Context, actor civic.Actor, code civic.Code, version int, n NewTodo) error {
	text := vitext.Line(n.Text)
	wrong := errs.FieldsOf(civic.CheckLength("text", text, 1, civic.MaxTodo))
	until, ok := civic.ParseDate(n.Until)
	switch {
	case !ok && n.Until != "":
		wrong = append(wrong, errs.Field{Name: "until", Code: "field.not_a_date"})
	case until != (civic.Date{}) && until.Compare(civic.DateOf(s.Now())) < 0:
		wrong = append(wrong, errs.Field{Name: "until", Code: "field.in_the_past"})
	}
	if err := errs.InvalidFields(wrong...); err != nil {
		return err
	}
	if n.User == 0 {
		n.User = actor.User
	}
	err := s.run(ctx, actor, code, version, func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		staff, err := s.staff(ctx, tx)
		if err != nil {
			return err
		}
		if u, known := staff.User(n.User); !known || !staff.MaySee(u, c.Sub) {
			return errs.InvalidFields(errs.Field{Name: "user", Code: "field.unknown_value"})
		}
		if err := full(ctx, tx, c.Sub.ID); err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventTodoAdded, Reason: text}
		_, err = tx.Todos().Add(ctx, civic.Todo{Submission: c.Sub.ID, Text: text, User: n.User, Until: until, MadeBy: actor.User, MadeAt: c.Now})
		return err
	})
	if err != nil {
		return fmt.Errorf("add a to-do: %w", err)
	}
	return nil
}

// full fails when as much is to be done on a case as anybody reads.
func full(ctx context.Context, tx store.Tx, id civic.SubmissionID) error {
	all, err := tx.Todos().List(ctx, id)
	if err != nil {
		return err
	}
	open := slices.DeleteFunc(all, func(t civic.Todo) bool { return !t.DoneAt.IsZero() })
	if len(open) >= civic.MaxTodos {
		return errs.InvalidFields(errs.Field{Name: "text", Code: "field.too_many", Params: map[string]string{"max": strconv.Itoa(civic.MaxTodos)}})
	}
	return nil
}

// FinishTodo notes that something was done.
func (s *Service) FinishTodo(ctx context.Context, actor civic.Actor, code civic.Code, version int, id int64) error {
	err := s.run(ctx, actor, code, version, func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		t, err := tx.Todos().Get(ctx, id)
		if err == nil && t.Submission != c.Sub.ID {
			err = errs.New(errs.NotFound, "todo.not_found")
		}
		if err != nil {
			return err
		}
		c.Event = civic.Event{Type: civic.EventTodoDone, Reason: t.Text}
		return tx.Todos().Finish(ctx, id, actor.User, c.Now)
	})
	if err != nil {
		return fmt.Errorf("finish a to-do: %w", err)
	}
	return nil
}

// Mine returns what the person, or whom the person stands in for, has still to
// do on cases that the person may see, the earliest day first.
func (s *Service) Mine(ctx context.Context, actor civic.Actor) ([]store.TodoOfCase, error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return nil, err
	}
	var out []store.TodoOfCase
	err := s.Store.View(ctx, func(tx store.Tx) error {
		staff, err := s.staff(ctx, tx)
		if err != nil {
			return err
		}
		out, err = tx.Todos().Open(ctx, append([]civic.UserID{actor.User}, staff.Represented(actor.User)...), Listed)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list to-dos: %w", err)
	}
	return slices.DeleteFunc(out, func(t store.TodoOfCase) bool { return actor.Check(s.Registry, civic.SeeCase, &t.Case) != nil }), nil
}

// Link lets two cases be seen beside each other, both of which the actor may
// see. other is its code.
func (s *Service) Link(ctx context.Context, actor civic.Actor, code civic.Code, version int, other, reason string) error {
	reason = strings.TrimSpace(vitext.Normalize(reason))
	if err := civic.CheckLength("reason", reason, 0, civic.MaxReason); err != nil {
		return err
	}
	err := s.pair(ctx, actor, code, version, other, func(ctx context.Context, tx store.Tx, c *casework.Change, other civic.Submission) error {
		links, err := tx.CaseLinks().List(ctx, c.Sub.ID)
		if err != nil {
			return err
		}
		if len(links) >= civic.MaxLinks {
			return errs.InvalidFields(errs.Field{Name: "other", Code: "field.too_many", Params: map[string]string{"max": strconv.Itoa(civic.MaxLinks)}})
		}
		c.Event = civic.Event{Type: civic.EventLinked, Reason: strings.TrimSpace(other.Code.String() + " " + reason)}
		return tx.CaseLinks().Add(ctx, civic.CaseLink{Submission: c.Sub.ID, Other: other.ID, Reason: reason, By: actor.User, At: c.Now})
	})
	if err != nil {
		return fmt.Errorf("link the cases: %w", err)
	}
	return nil
}

// Unlink takes such a link away.
func (s *Service) Unlink(ctx context.Context, actor civic.Actor, code civic.Code, version int, other string) error {
	err := s.pair(ctx, actor, code, version, other, func(ctx context.Context, tx store.Tx, c *casework.Change, other civic.Submission) error {
		c.Event = civic.Event{Type: civic.EventUnlinked, Reason: other.Code.String()}
		return tx.CaseLinks().Remove(ctx, c.Sub.ID, other.ID)
	})
	if err != nil {
		return fmt.Errorf("unlink the cases: %w", err)
	}
	return nil
}

// pair is an act on a case that names another one. One that the actor may not
// see is as unknown as one that is not there.
func (s *Service) pair(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, other string,
	do func(ctx context.Context, tx store.Tx, c *casework.Change, other civic.Submission) error,
) error {
	unknown := errs.InvalidFields(errs.Field{Name: "other", Code: "field.unknown_case"})
	named, err := civic.ParseCode(other)
	if err != nil || named == code {
		return unknown
	}
	return s.run(ctx, actor, code, version, func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		sub, err := tx.Submissions().GetByCode(ctx, named)
		if err == nil {
			err = actor.Check(s.Registry, civic.SeeCase, &sub)
		}
		if err != nil && errs.KindOf(err) == errs.NotFound {
			return unknown
		}
		if err != nil {
			return err
		}
		return do(ctx, tx, c, sub)
	})
}

func (s *Service) staff(ctx context.Context, tx store.Tx) (civic.Staff, error) {
	out := civic.Staff{Registry: s.Registry, At: s.Now()}
	var err error
	if out.Users, err = tx.Users().List(ctx); err != nil {
		return out, err
	}
	out.Absences, err = tx.Absences().List(ctx, out.At)
	return out, err
}

func (s *Service) run(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, do func(ctx context.Context, tx store.Tx, c *casework.Change) error,
) error {
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Now: s.Now}
	return desk.Run(ctx, actor, code, version, casework.Act{Permission: civic.NoteCase, Do: do})
}
