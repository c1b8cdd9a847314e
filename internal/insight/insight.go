// Package insight counts for those who answer for the work: what heads of
// office steer by (Steering), and how well the machine decides (Figures) – what
// share of the cases it joined and routed alone, what people put right
// afterwards, and whether the right agency was among those it offered.
package insight

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/store"
	"hienke/internal/timetable"
)

// Service reads figures. Steering needs Registry and Times too.
type Service struct {
	Store    store.Store
	Registry *civic.Registry
	Times    *timetable.Times
	Now      func() time.Time
}

// MaxWeeks bounds how far back one look goes: half a year, for which the
// history of some hundred thousand cases is read at most.
const MaxWeeks = 26

// Week is what the machine decided within seven days from Monday, and what
// became of it until now. The last week is still under way.
type Week struct {
	From time.Time // Monday, 00:00 in civic.Zone
	// Received is how many cases were decided at all: the sum of Joined,
	// ByRule, ByModel and ToPerson.
	Received        int
	Joined, Undone  int // joins by the machine, and those of them that people took apart
	ByRule, ByModel int // assigned without a person
	Corrected       int // of these, moved or handed back
	ToPerson        int // left to a coordinator
	Offered         store.Offered
}

// Alone is how many cases were assigned without a person.
func (w Week) Alone() int { return w.ByRule + w.ByModel }

// Agency is how well the machine knows one agency, over all weeks shown.
type Agency struct {
	Agency           civic.AgencyCode
	Alone, Corrected int
	// To are the agencies where the corrected cases went, the most frequent
	// first.
	To []store.Correction
}

// Figures is the whole page.
type Figures struct {
	Weeks    []Week   // the newest first
	Agencies []Agency // the most corrected first
	// Scopes are what people decided about scope in these weeks, by what the
	// machine had suggested, the most frequent first.
	Scopes []store.ScopeCount
	// Arrivals are how what was received in these weeks came in.
	Arrivals []store.Arrivals
}

// Figures returns the figures of the last weeks, this one included.
func (s *Service) Figures(ctx context.Context, actor civic.Actor, weeks int) (Figures, error) {
	if err := actor.CheckPermission(civic.SeeFigures); err != nil {
		return Figures{}, err
	}
	weeks = min(max(weeks, 1), MaxWeeks)
	monday := civic.MondayOf(s.Now())
	var out Figures
	err := s.Store.View(ctx, func(tx store.Tx) error {
		out = Figures{}
		agencies := map[civic.AgencyCode]*Agency{}
		for i := range weeks {
			week := Week{From: monday.AddDate(0, 0, -7*i)}
			if err := week.read(ctx, tx, agencies); err != nil {
				return err
			}
			out.Weeks = append(out.Weeks, week)
		}
		from, until := monday.AddDate(0, 0, -7*(weeks-1)), monday.AddDate(0, 0, 7)
		corrections, err := tx.Figures().Corrections(ctx, from, until)
		if err != nil {
			return err
		}
		if out.Arrivals, err = tx.Figures().Arrivals(ctx, from, until); err != nil {
			return err
		}
		if out.Scopes, err = tx.Scopes().Count(ctx, from, until); err != nil {
			return err
		}
		for _, c := range corrections {
			if a := agencies[c.From]; a != nil {
				a.To = append(a.To, c)
			}
		}
		for _, a := range agencies {
			out.Agencies = append(out.Agencies, *a)
		}
		slices.SortFunc(out.Agencies, func(a, b Agency) int {
			return cmp.Or(cmp.Compare(b.Corrected, a.Corrected), cmp.Compare(b.Alone, a.Alone), cmp.Compare(a.Agency, b.Agency))
		})
		return nil
	})
	if err != nil {
		return Figures{}, fmt.Errorf("read the figures: %w", err)
	}
	return out, nil
}

// read counts one week and adds what it says about agencies.
func (w *Week) read(ctx context.Context, tx store.Tx, agencies map[civic.AgencyCode]*Agency) error {
	until := w.From.AddDate(0, 0, 7)
	decisions, err := tx.Figures().Decisions(ctx, w.From, until)
	if err != nil {
		return err
	}
	for _, d := range decisions {
		w.Received += d.Cases
		switch d.Decision {
		case store.DecisionJoined:
			w.Joined, w.Undone = w.Joined+d.Cases, w.Undone+d.Undone
			continue
		case store.DecisionPerson:
			w.ToPerson += d.Cases
			continue
		case store.DecisionByRule:
			w.ByRule += d.Cases
		case store.DecisionByModel:
			w.ByModel += d.Cases
		}
		w.Corrected += d.Undone
		a := agencies[d.Agency]
		if a == nil {
			a = &Agency{Agency: d.Agency}
			agencies[d.Agency] = a
		}
		a.Alone, a.Corrected = a.Alone+d.Cases, a.Corrected+d.Undone
	}
	w.Offered, err = tx.Figures().Offered(ctx, w.From, until)
	return err
}
