package civic_test

import (
	"slices"
	"strings"
	"testing"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// allowedMoves is the workflow as design and law have it, written down apart
// from the code: a row per state that is left, a column per state that is
// reached, in the order of civic.States, "x" where the move is allowed.
//
//	re received  tr triage  as assigned  ip in_progress  aw awaiting_citizen
//	rv in_review  an answered  cl closed  rj rejected  mg merged  wd withdrawn
const allowedMoves = `
	                 re tr as ip aw rv an cl rj mg wd
received             .  x  x  .  .  .  .  .  x  x  x
triage               .  .  x  .  .  .  .  .  x  x  x
assigned             .  x  x  x  .  .  .  .  x  x  x
in_progress          .  x  x  .  x  x  .  .  x  x  x
awaiting_citizen     .  x  x  x  .  .  .  .  x  x  x
in_review            .  .  .  x  .  .  x  .  .  .  x
answered             .  x  .  .  .  .  .  x  .  .  .
closed               .  x  .  .  .  .  .  .  .  .  .
rejected             .  x  .  .  .  .  .  .  .  .  .
merged               .  x  x  x  .  .  .  .  .  .  .
withdrawn            .  .  .  .  .  .  .  .  .  .  .
`

func TestEveryPairOfStates(t *testing.T) {
	t.Parallel()
	rows := strings.Split(strings.TrimSpace(allowedMoves), "\n")[1:]
	if len(rows) != len(civic.States) {
		t.Fatalf("%d rows for %d states", len(rows), len(civic.States))
	}
	for i, row := range rows {
		cells := strings.Fields(row)
		from := civic.State(cells[0])
		if from != civic.States[i] || len(cells) != len(civic.States)+1 {
			t.Fatalf("row %q does not fit state %q", row, civic.States[i])
		}
		for j, to := range civic.States {
			allowed := cells[j+1] == "x"
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				t.Parallel()
				checkMove(t, from, to, allowed)
			})
		}
	}
}

func checkMove(t *testing.T, from, to civic.State, allowed bool) {
	t.Helper()
	if got := from.CanBecome(to); got != allowed {
		t.Errorf("CanBecome = %v, want %v", got, allowed)
	}
	if got := slices.Contains(from.Next(), to); got != allowed {
		t.Errorf("Next has it: %v, want %v", got, allowed)
	}
	s := civic.Submission{State: from, Version: 7}
	err := s.Move(to)
	switch {
	case allowed && (err != nil || s.State != to):
		t.Errorf("Move = %v, state %s", err, s.State)
	case !allowed && (errs.KindOf(err) != errs.Conflict || err == nil || s.State != from || s.Version != 7):
		t.Errorf("Move = %v, state %s; want Conflict and nothing touched", err, s.State)
	}
}

func TestEveryStateIsReached(t *testing.T) {
	t.Parallel()
	reached := civic.StateSet{civic.Received}
	for i := 0; i < len(reached); i++ {
		for _, next := range reached[i].Next() {
			if !reached.Has(next) {
				reached = append(reached, next)
			}
		}
	}
	for _, s := range civic.States {
		if !reached.Has(s) {
			t.Errorf("no way leads from %s to %s", civic.Received, s)
		}
	}
}

func TestEveryStateIsOpenOrSettled(t *testing.T) {
	t.Parallel()
	for _, s := range civic.States {
		if civic.Open.Has(s) == civic.Settled.Has(s) {
			t.Errorf("%s is open: %v, settled: %v", s, civic.Open.Has(s), civic.Settled.Has(s))
		}
	}
	for _, s := range civic.WithAgency {
		if !civic.Open.Has(s) {
			t.Errorf("%s is with an agency but not open", s)
		}
	}
	for _, s := range civic.WithAnswer {
		if !civic.Settled.Has(s) {
			t.Errorf("%s has an answer but is not settled", s)
		}
	}
	for _, s := range civic.Assignable {
		if !s.CanBecome(civic.Assigned) {
			t.Errorf("%s is assignable but cannot become assigned", s)
		}
	}
}

func TestOnlyKnownStatesAreValid(t *testing.T) {
	t.Parallel()
	for _, s := range civic.States {
		if !s.Valid() {
			t.Errorf("%s is not valid", s)
		}
	}
	for _, s := range []civic.State{"", "open", "Received"} {
		if s.Valid() || s.CanBecome(civic.Triage) || civic.Received.CanBecome(s) {
			t.Errorf("%q is taken for a state", s)
		}
	}
}

func TestNextIsACopy(t *testing.T) {
	t.Parallel()
	civic.Answered.Next()[0] = civic.Withdrawn
	if civic.Answered.CanBecome(civic.Withdrawn) {
		t.Error("a caller changed the workflow")
	}
}
