package deadlines

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/timetable"
	"hienke/internal/vitext"
)

// MaxDayName is the longest name of a day, in letters.
const MaxDayName = 100

// CalendarView is what the page of the calendar shows.
type CalendarView struct {
	// Days hold now, Drafts are proposed; both by date.
	Days   []civic.CalendarDay
	Drafts []civic.DayVersion
	// History has every version, the newest first.
	History []civic.DayVersion
	// Running is the recount that goes on; nil: none.
	Running *civic.Recount
}

// Calendar returns the calendar with what is proposed and its history.
func (s *Service) Calendar(ctx context.Context, actor civic.Actor) (CalendarView, error) {
	if err := actor.CheckPermission(civic.SeeTimes); err != nil {
		return CalendarView{}, err
	}
	var out CalendarView
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if out.History, err = tx.Timetable().Days(ctx); err != nil {
			return err
		}
		if out.Drafts, err = tx.Timetable().Drafts(ctx); err != nil {
			return err
		}
		out.Running, err = running(ctx, tx)
		return err
	})
	if err != nil {
		return CalendarView{}, fmt.Errorf("read the calendar: %w", err)
	}
	out.Days = civic.DaysOf(out.History)
	slices.Reverse(out.History)
	return out, nil
}

// Propose drafts a day: it waits, together with others, until somebody applies
// them. An empty kind proposes that the day follows the week again.
func (s *Service) Propose(ctx context.Context, actor civic.Actor, day civic.CalendarDay) error {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return err
	}
	day.Source = strings.TrimSpace(vitext.Normalize(day.Source))
	names := civic.Names{}
	for lang, name := range day.Name {
		if name = strings.Join(strings.Fields(vitext.Normalize(name)), " "); name != "" {
			names[lang] = name
		}
	}
	day.Name = names
	if day.Kind == "" {
		day.Certainty = civic.Decided
	}
	if err := checkDay(day); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if day.Kind == "" {
			known, err := tx.Timetable().Days(ctx)
			if err != nil {
				return err
			}
			if !slices.ContainsFunc(civic.DaysOf(known), func(d civic.CalendarDay) bool { return d.Date == day.Date }) {
				return errs.New(errs.NotFound, "calendar.no_such_day")
			}
		}
		return tx.Timetable().PutDraft(ctx, civic.DayVersion{CalendarDay: day, WrittenAt: s.Now(), WrittenBy: actor.User})
	})
	if err != nil {
		return fmt.Errorf("propose a day: %w", err)
	}
	return nil
}

func checkDay(day civic.CalendarDay) error {
	wrong := errs.FieldsOf(civic.CheckLength("source", day.Source, 1, MaxSource))
	add := func(name, code string) { wrong = append(wrong, errs.Field{Name: name, Code: code}) }
	if day.Date == (civic.Date{}) {
		add("date", "field.not_a_date")
	} else if weekday := day.Date.Start().Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		if day.Kind == civic.Compensation {
			add("kind", "calendar.off_anyway")
		}
	} else if day.Kind == civic.WorkingDay {
		add("kind", "calendar.worked_anyway")
	}
	if day.Kind != "" {
		if !slices.Contains(civic.DayKinds, day.Kind) {
			add("kind", "field.required")
		}
		wrong = append(wrong, errs.FieldsOf(civic.CheckLength("name_vi", day.Name[civic.Vietnamese], 1, MaxDayName))...)
		wrong = append(wrong, errs.FieldsOf(civic.CheckLength("name_en", day.Name[civic.English], 0, MaxDayName))...)
		if !slices.Contains(civic.Certainties, day.Certainty) {
			add("certainty", "field.required")
		}
	}
	return errs.InvalidFields(wrong...)
}

// Drop takes a proposal back.
func (s *Service) Drop(ctx context.Context, actor civic.Actor, date civic.Date) error {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return err
	}
	err := s.Store.Do(ctx, func(tx store.Tx) error { return tx.Timetable().RemoveDraft(ctx, date) })
	if err != nil {
		return fmt.Errorf("drop a proposed day: %w", err)
	}
	return nil
}

// TryCalendar says what the proposed days would move.
func (s *Service) TryCalendar(ctx context.Context, actor civic.Actor) (Preview, error) {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return Preview{}, err
	}
	var was, next *timetable.Plan
	err := s.Store.View(ctx, func(tx store.Tx) error {
		drafts, err := tx.Timetable().Drafts(ctx)
		if err != nil {
			return err
		}
		known, err := tx.Timetable().Days(ctx)
		if err != nil {
			return err
		}
		if was, err = timetable.Read(ctx, tx, s.Registry); err != nil {
			return err
		}
		next, err = was.With(nil, drafts, known)
		return err
	})
	if err != nil {
		return Preview{}, fmt.Errorf("try the calendar: %w", err)
	}
	return s.preview(ctx, was, next)
}

// Apply makes every proposed day hold.
func (s *Service) Apply(ctx context.Context, actor civic.Actor) error {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return err
	}
	now := s.Now()
	err := s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Timetable().Change(ctx); err != nil {
			return err
		}
		drafts, err := tx.Timetable().Drafts(ctx)
		if err != nil {
			return err
		}
		if len(drafts) == 0 {
			return errs.New(errs.Conflict, "calendar.no_draft")
		}
		if err := s.begin(ctx, tx, actor.User, civic.OverCalendar, now); err != nil {
			return err
		}
		for _, d := range drafts {
			d.WrittenAt = now // who proposed it stays
			if err := tx.Timetable().AddDay(ctx, d); err != nil {
				return err
			}
			err := tx.Audit().Note(ctx, store.AuditLine{
				At: now, Actor: actor.Kind, User: actor.User, What: store.NoteCalendarApplied, Subject: "day:" + d.Date.String(),
				Detail: string(d.Kind) + " " + string(d.Certainty),
			})
			if err != nil {
				return err
			}
		}
		return tx.Timetable().RemoveDrafts(ctx)
	})
	if err != nil {
		return fmt.Errorf("apply the calendar: %w", err)
	}
	return s.changed(ctx)
}
