package search_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hienke/internal/errs"
	"hienke/internal/search"
)

// answering is a Searcher that answers what it is told to.
type answering struct {
	search.Index // nil: nothing else may be called
	audience     search.Audience
	err          error
	engine       string
	asked        int
}

func (a *answering) Audience() search.Audience { return a.audience }

func (a *answering) Query(context.Context, search.Query) (search.Result, error) {
	a.asked++
	return search.Result{Engine: a.engine, Total: 1}, a.err
}

func newDegrading(t *testing.T) (d *search.Degrading, engine, standIn *answering, now *time.Time) {
	t.Helper()
	engine = &answering{audience: search.Public, engine: "engine"}
	standIn = &answering{audience: search.Public, engine: "stand-in"}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return search.NewDegrading(engine, standIn, func() time.Time { return at }), engine, standIn, &at
}

var unavailable = errs.New(errs.Unavailable, "search.unreachable")

func TestDegradingAsksTheEngineWhileItAnswers(t *testing.T) {
	t.Parallel()
	d, _, standIn, _ := newDegrading(t)
	r, err := d.Query(t.Context(), search.Query{})
	if err != nil || r.Engine != "engine" || r.Degraded || standIn.asked != 0 {
		t.Errorf("Query() = %+v, %v, stand-in asked %d times", r, err, standIn.asked)
	}
}

func TestDegradingAnswersFromTheStandIn(t *testing.T) {
	t.Parallel()
	d, engine, _, now := newDegrading(t)
	engine.err = unavailable
	for range 3 {
		r, err := d.Query(t.Context(), search.Query{})
		if err != nil || r.Engine != "stand-in" || !r.Degraded {
			t.Fatalf("Query() = %+v, %v, want the stand-in's, degraded", r, err)
		}
	}
	if engine.asked != 1 {
		t.Errorf("the broken engine was asked %d times within its rest, want once", engine.asked)
	}
	engine.err = nil
	*now = now.Add(5 * time.Second)
	if r, err := d.Query(t.Context(), search.Query{}); err != nil || r.Engine != "engine" || r.Degraded {
		t.Errorf("after the rest: %+v, %v, want the engine's", r, err)
	}
}

func TestDegradingPassesOtherErrorsOn(t *testing.T) {
	t.Parallel()
	for _, kind := range []errs.Kind{errs.Invalid, errs.Internal} {
		d, engine, standIn, _ := newDegrading(t)
		engine.err = errs.New(kind, "search.x")
		if _, err := d.Query(t.Context(), search.Query{}); errs.KindOf(err) != kind || standIn.asked != 0 {
			t.Errorf("%v became %v, stand-in asked %d times", kind, err, standIn.asked)
		}
	}
}

func TestDegradingTellsBothFailures(t *testing.T) {
	t.Parallel()
	d, engine, standIn, _ := newDegrading(t)
	engine.err, standIn.err = unavailable, errs.New(errs.Internal, "store.broken")
	_, err := d.Query(t.Context(), search.Query{})
	if errs.KindOf(err) != errs.Internal || !errors.Is(err, engine.err) {
		t.Errorf("error %v, want the stand-in's kind and both causes", err)
	}
}

func TestDegradingGivesNoSecondAnswerToNobody(t *testing.T) {
	t.Parallel()
	d, engine, standIn, _ := newDegrading(t)
	engine.err = unavailable
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := d.Query(ctx, search.Query{}); err == nil || standIn.asked != 0 {
		t.Errorf("error %v, stand-in asked %d times", err, standIn.asked)
	}
}

func TestDegradingNeverMixesAudiences(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("a staff stand-in was taken for a public index")
		}
	}()
	search.NewDegrading(&answering{audience: search.Public}, &answering{audience: search.Staff}, time.Now)
}
