package deadlines

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

// MaxAmount is the longest limit, in days or hours, and MaxSource the longest
// source, in letters.
const (
	MaxAmount = 365
	MaxSource = 500
)

// LimitChange is a limit as somebody writes it. An amount of zero ends the
// limit, so that what is more general holds again.
type LimitChange struct {
	civic.LimitKey
	civic.Limit
	// From is the first day on which a case must be received to be counted by it.
	From   civic.Date
	Source string
}

// LimitsView is what the page of the limits shows.
type LimitsView struct {
	// Table has every version, the oldest first.
	Table civic.LimitTable
	// Holding are those that hold for a case received now, the general ones
	// first.
	Holding []civic.LimitVersion
	// Coming hold from a later day.
	Coming []civic.LimitVersion
	// Running is the recount that goes on; nil: none.
	Running *civic.Recount
}

// Limits returns the limits with their history.
func (s *Service) Limits(ctx context.Context, actor civic.Actor) (LimitsView, error) {
	if err := actor.CheckPermission(civic.SeeTimes); err != nil {
		return LimitsView{}, err
	}
	var out LimitsView
	now := s.Now()
	err := s.Store.View(ctx, func(tx store.Tx) (err error) {
		if out.Table, err = tx.Timetable().Limits(ctx); err != nil {
			return err
		}
		out.Running, err = running(ctx, tx)
		return err
	})
	if err != nil {
		return LimitsView{}, fmt.Errorf("read the limits: %w", err)
	}
	seen := map[civic.LimitKey]bool{}
	for _, v := range out.Table {
		if holding, ok := out.Table.Holding(v.LimitKey, now); ok && !seen[v.LimitKey] {
			out.Holding = append(out.Holding, holding)
		}
		seen[v.LimitKey] = true
		if v.From.After(now) {
			out.Coming = append(out.Coming, v)
		}
	}
	slices.SortStableFunc(out.Holding, func(a, b civic.LimitVersion) int {
		if use := slices.Index(civic.LimitUses, a.Use) - slices.Index(civic.LimitUses, b.Use); use != 0 {
			return use
		}
		return weight(a.LimitKey) - weight(b.LimitKey)
	})
	return out, nil
}

// weight orders the limits of a use: the general one first, urgent ones last.
func weight(k civic.LimitKey) int {
	n := 0
	if k.Kind != "" {
		n++
	}
	if k.Agency != "" {
		n += 2
	}
	if k.Urgent {
		n += 4
	}
	return n
}

func running(ctx context.Context, tx store.Tx) (*civic.Recount, error) {
	newest, err := tx.Recounts().List(ctx, 1)
	if err != nil || len(newest) == 0 || !newest[0].EndedAt.IsZero() {
		return nil, err
	}
	return &newest[0], nil
}

// version checks a change and makes a version of it.
func (s *Service) version(actor civic.Actor, ch LimitChange) (civic.LimitVersion, error) {
	ch.Source = strings.TrimSpace(vitext.Normalize(ch.Source))
	wrong := errs.FieldsOf(civic.CheckLength("source", ch.Source, 1, MaxSource))
	add := func(name, code string) { wrong = append(wrong, errs.Field{Name: name, Code: code}) }
	if !slices.Contains(civic.LimitUses, ch.Use) {
		add("use", "field.required")
	}
	if ch.Kind != "" && (!ch.Kind.Valid() || ch.Use != civic.ForAnswer) {
		add("kind", "limit.kind_for_answers")
	}
	if _, ok := s.Registry.Agency(ch.Agency); ch.Agency != "" && !ok {
		add("agency", "field.unknown_value")
	}
	if ch.Urgent && ch.Use == civic.ForInformation {
		add("urgent", "limit.urgent_not_here")
	}
	switch {
	case ch.Amount == 0 && ch.General():
		add("amount", "limit.general_stays")
	case ch.Amount < 0 || ch.Amount > MaxAmount:
		wrong = append(wrong, errs.Field{Name: "amount", Code: "field.out_of_range", Params: map[string]string{"min": "1", "max": strconv.Itoa(MaxAmount)}})
	}
	if !slices.Contains(civic.ClockTypes, ch.Clock) {
		add("clock", "field.required")
	}
	if ch.From == (civic.Date{}) {
		add("from", "field.not_a_date")
	}
	if err := errs.InvalidFields(wrong...); err != nil {
		return civic.LimitVersion{}, err
	}
	return civic.LimitVersion{
		LimitKey: ch.LimitKey, Limit: ch.Limit, From: ch.From.Start().UTC(), Source: ch.Source, WrittenAt: s.Now(), WrittenBy: actor.User,
	}, nil
}

// TryLimit says which open cases a change touches. A case keeps the limit that
// held when its clock began, so that only a day in the past touches any.
func (s *Service) TryLimit(ctx context.Context, actor civic.Actor, ch LimitChange) (Preview, error) {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return Preview{}, err
	}
	v, err := s.version(actor, ch)
	if err != nil {
		return Preview{}, err
	}
	if err := s.Times.Refresh(ctx); err != nil {
		return Preview{}, err
	}
	was := s.Times.Now()
	v.ID = int64(len(was.Limits)) + 1<<40 // after every other
	next, err := was.With([]civic.LimitVersion{v}, nil, nil)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, was, next)
}

// SetLimit makes a change hold.
func (s *Service) SetLimit(ctx context.Context, actor civic.Actor, ch LimitChange) error {
	if err := actor.CheckPermission(civic.ManageTimes); err != nil {
		return err
	}
	v, err := s.version(actor, ch)
	if err != nil {
		return err
	}
	err = s.Store.Do(ctx, func(tx store.Tx) error {
		if err := tx.Timetable().Change(ctx); err != nil {
			return err
		}
		if v.From.Before(v.WrittenAt) {
			if err := s.begin(ctx, tx, actor.User, civic.OverLimits, v.WrittenAt); err != nil {
				return err
			}
		}
		err := tx.Audit().Note(ctx, store.AuditLine{
			At: v.WrittenAt, Actor: actor.Kind, User: actor.User, What: store.NoteLimitSet, Subject: "limit:" + string(v.Use), Agency: v.Agency,
			Detail: fmt.Sprintf("kind=%s urgent=%t %d %s from %s", v.Kind, v.Urgent, v.Amount, v.Clock, ch.From),
		})
		if err != nil {
			return err
		}
		return tx.Timetable().AddLimit(ctx, v)
	})
	if err != nil {
		return fmt.Errorf("set the limit: %w", err)
	}
	return s.changed(ctx)
}
