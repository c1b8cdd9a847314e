// Package opinions is what agencies ask each other about a case. The owner asks
// with a deadline of its own and goes on owning the case; the asked agency
// reads as much of it as the question needs and nothing of who sent it; no
// clock of the sender's moves, and the public never hears of it.
package opinions

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
	"hienke/internal/personal"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// Listed is how many requests one list shows: what an office answers in weeks.
const Listed = 100

// Service carries requests and opinions. All fields are required.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
}

// Request is what the owner of a case asks.
type Request struct {
	Agency   civic.AgencyCode
	Question string
	// Days is how many working days the agency has, 1 to civic.MaxOpinionDays.
	Days int
}

// Ask asks another agency. A text that accuses a named body or official is
// shown to no other agency, which may be the accused: Conflict with code
// opinion.restricted. An agency that was asked already is Conflict with code
// opinion.asked.
func (s *Service) Ask(ctx context.Context, actor civic.Actor, code civic.Code, version int, r Request) error {
	question, err := words("question", r.Question, civic.MaxMessage)
	wrong := errs.FieldsOf(err)
	if !s.Registry.CanReceive(r.Agency, s.Now()) {
		wrong = append(wrong, errs.Field{Name: "agency", Code: "field.unknown_value"})
	}
	if r.Days < 1 || r.Days > civic.MaxOpinionDays {
		wrong = append(wrong, errs.Field{
			Name: "days", Code: "field.out_of_range", Params: map[string]string{"min": "1", "max": strconv.Itoa(civic.MaxOpinionDays)},
		})
	}
	if err := errs.InvalidFields(wrong...); err != nil {
		return err
	}
	err = s.run(ctx, actor, code, version, func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		if err := s.mayAsk(ctx, tx, c.Sub, r.Agency); err != nil {
			return err
		}
		_, err := tx.Opinions().Add(ctx, civic.Opinion{
			Submission: c.Sub.ID, Asker: c.Sub.Agency, Agency: r.Agency, Question: question, AskedBy: actor.User, AskedAt: c.Now,
			DueAt: s.Times.Now().Calendar.Due(c.Now, civic.Limit{Clock: civic.WorkingDays, Amount: r.Days}),
		})
		c.Event = civic.Event{Type: civic.EventOpinionAsked, Agency: r.Agency, Reason: question}
		return err
	})
	if err != nil {
		return fmt.Errorf("ask for an opinion: %w", err)
	}
	return nil
}

func (s *Service) mayAsk(ctx context.Context, tx store.Tx, sub civic.Submission, agency civic.AgencyCode) error {
	switch {
	case !civic.AskableForOpinion.Has(sub.State):
		return errs.New(errs.Conflict, "opinion.not_now")
	case sub.Restricted:
		return errs.New(errs.Conflict, "opinion.restricted")
	case sub.Agency == agency:
		return errs.InvalidFields(errs.Field{Name: "agency", Code: "field.own_agency"})
	}
	asked, err := tx.Opinions().List(ctx, sub.ID)
	if err == nil && len(civic.Waiting(asked)) >= civic.MaxOpinions {
		err = errs.New(errs.Conflict, "opinion.too_many")
	}
	return err
}

// Withdraw takes back a request that has no opinion yet.
func (s *Service) Withdraw(ctx context.Context, actor civic.Actor, code civic.Code, version int, id int64) error {
	err := s.run(ctx, actor, code, version, func(ctx context.Context, tx store.Tx, c *casework.Change) error {
		o, err := tx.Opinions().Get(ctx, id)
		if err == nil && o.Submission != c.Sub.ID {
			err = missing()
		}
		if err != nil {
			return err
		}
		o.State, o.SettledBy, o.SettledAt = civic.OpinionWithdrawn, actor.User, c.Now
		c.Event = civic.Event{Type: civic.EventOpinionWithdrawn, Agency: o.Agency}
		return tx.Opinions().Settle(ctx, o)
	})
	if err != nil {
		return fmt.Errorf("withdraw the request for an opinion: %w", err)
	}
	return nil
}

// Give settles a request with the opinion of the asked agency.
func (s *Service) Give(ctx context.Context, actor civic.Actor, id int64, text string) error {
	text, err := words("text", text, civic.MaxOpinionText)
	if err != nil {
		return err
	}
	return s.settle(ctx, actor, id, civic.OpinionGiven, civic.EventOpinionGiven, text)
}

// Decline settles a request with the reason why the asked agency has no
// opinion.
func (s *Service) Decline(ctx context.Context, actor civic.Actor, id int64, reason string) error {
	reason, err := words("reason", reason, civic.MaxReason)
	if err != nil {
		return err
	}
	return s.settle(ctx, actor, id, civic.OpinionDeclined, civic.EventOpinionDeclined, reason)
}

// settle is an act of the asked agency. It needs no version of the case, of
// which that agency sees a part: the request is settled once.
func (s *Service) settle(ctx context.Context, actor civic.Actor, id int64, state civic.OpinionState, event civic.EventType, text string) error {
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		o, err := tx.Opinions().Get(ctx, id)
		if err != nil {
			return err
		}
		if err := s.check(actor, o, civic.HandleCase); err != nil {
			return err
		}
		locked, err := tx.Submissions().Lock(ctx, o.Submission)
		if err != nil {
			return err
		}
		sub := locked[0]
		switch {
		case sub.Restricted:
			return errs.New(errs.Gone, "opinion.restricted")
		case !civic.Open.Has(sub.State):
			return errs.New(errs.Conflict, "opinion.case_closed")
		}
		o.State, o.Text, o.SettledBy, o.SettledAt = state, text, actor.User, now
		if err := tx.Opinions().Settle(ctx, o); err != nil {
			return err
		}
		sub.Version++
		sub.UpdatedAt = now
		if err := tx.Submissions().Update(ctx, sub); err != nil {
			return err
		}
		return tx.Events().Add(ctx, civic.Event{
			Submission: sub.ID, At: now, Type: event, Actor: actor.Kind, User: actor.User, From: sub.State, To: sub.State, Agency: o.Agency, Reason: text,
		})
	})
	if err != nil {
		return fmt.Errorf("settle the request for an opinion: %w", err)
	}
	return nil
}

// check fails unless the actor may do p for the asked agency. To everybody else
// the request does not exist.
func (s *Service) check(actor civic.Actor, o civic.Opinion, p civic.Permission) error {
	switch {
	case actor.Kind == civic.ActorPublic:
		return errs.New(errs.Unauthenticated, "actor.not_signed_in")
	case !actor.Reaches(s.Registry, o.Agency):
		return missing()
	}
	return actor.CheckPermission(p)
}

// Seen is a request as the asked agency reads it.
type Seen struct {
	civic.Opinion
	Code  civic.Code
	Kind  civic.Kind
	Topic civic.TopicCode
	// Title, Body and Question have a gap where there seems to be personal data.
	Title, Body string
	Language    civic.Language
	// Closed tells that the case was settled, so that no opinion is needed.
	Closed bool
}

// seen leaves of a case what the question needs: no sender, no file, no
// message, and a text without the personal data that is found in it.
func seen(r store.OpinionRequest) Seen {
	out := Seen{
		Opinion: r.Opinion, Code: r.Case.Code, Kind: r.Case.Kind, Topic: r.Case.Topic, Language: r.Case.Language,
		Title: withoutPersonal(r.Case.Title), Body: withoutPersonal(r.Case.Body), Closed: !civic.Open.Has(r.Case.State),
	}
	out.Question = withoutPersonal(out.Question)
	return out
}

// gap stands where something was left out, in every language.
const gap = "[…]"

func withoutPersonal(text string) string {
	found := personal.Find(text)
	for _, f := range slices.Backward(found) {
		text = text[:f.Start] + gap + text[f.End:]
	}
	return text
}

// OfCase returns the requests about a case that were asked of the actor's
// agency, the newest first; NotFound where there are none. One that was
// withdrawn is left out; where nothing else is left it is Gone, and so is a text
// that turned out to accuse somebody.
func (s *Service) OfCase(ctx context.Context, actor civic.Actor, code civic.Code) ([]Seen, error) {
	var sub civic.Submission
	var out []Seen
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if sub, err = tx.Submissions().GetByCode(ctx, code); err != nil {
			return err
		}
		list, err := tx.Opinions().List(ctx, sub.ID)
		if err != nil {
			return err
		}
		out, err = nil, errs.New(errs.NotFound, "submission.not_found")
		for _, o := range slices.Backward(list) {
			switch refused := s.check(actor, o, civic.SeeCase); {
			case refused != nil && errs.KindOf(refused) == errs.NotFound:
			case refused != nil:
				return refused
			case sub.Restricted:
				err = errs.New(errs.Gone, "opinion.restricted")
			case o.State == civic.OpinionWithdrawn && out == nil:
				err = errs.New(errs.Gone, "opinion.withdrawn")
			case o.State != civic.OpinionWithdrawn:
				out, err = append(out, seen(store.OpinionRequest{Opinion: o, Case: sub})), nil
			}
		}
		return err
	})
	if err == nil {
		err = casework.NoteRead(ctx, s.Store, actor, store.NoteCaseRead, sub, "", s.Now())
	}
	if err != nil {
		return nil, fmt.Errorf("show what is asked about the case: %w", err)
	}
	return out, nil
}

// List returns what is asked of the actor's agency and waits for an opinion,
// the earliest deadline first, and how many there are in all.
func (s *Service) List(ctx context.Context, actor civic.Actor) ([]Seen, int, error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return nil, 0, err
	}
	var out []Seen
	var total int
	err := s.Store.View(ctx, func(tx store.Tx) error {
		found, err := tx.Opinions().Waiting(ctx, s.scope(actor), Listed)
		if err != nil {
			return err
		}
		out = nil
		for _, r := range found {
			out = append(out, seen(r))
		}
		total, err = tx.Opinions().CountWaiting(ctx, s.scope(actor))
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("list what waits for an opinion: %w", err)
	}
	return out, total, nil
}

// Count returns how many requests wait for the actor's agency.
func (s *Service) Count(ctx context.Context, actor civic.Actor) (n int, err error) {
	if err := actor.CheckPermission(civic.SeeQueue); err != nil {
		return 0, err
	}
	err = s.Store.View(ctx, func(tx store.Tx) (err error) {
		n, err = tx.Opinions().CountWaiting(ctx, s.scope(actor))
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("count what waits for an opinion: %w", err)
	}
	return n, nil
}

// scope is the subtree that binds the actor, or nil for every agency.
func (s *Service) scope(actor civic.Actor) []civic.AgencyCode {
	if !actor.Bound() {
		return nil
	}
	return append([]civic.AgencyCode{}, s.Registry.Subtree(actor.Agency)...)
}

// run is an act of the agency that owns the case.
func (s *Service) run(
	ctx context.Context, actor civic.Actor, code civic.Code, version int, do func(ctx context.Context, tx store.Tx, c *casework.Change) error,
) error {
	desk := casework.Desk{Store: s.Store, Registry: s.Registry, Times: s.Times, Now: s.Now}
	return desk.Run(ctx, actor, code, version, casework.Act{Permission: civic.HandleCase, Do: do})
}

func missing() error { return errs.New(errs.NotFound, "opinion.not_found") }

// words brings what staff type into one form and checks its length.
func words(field, text string, most int) (string, error) {
	text = strings.TrimSpace(vitext.Normalize(text))
	return text, civic.CheckLength(field, text, 1, most)
}
