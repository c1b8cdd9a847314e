package rulebook_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/routing"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// flaky cannot write rule errors while it is away.
type flaky struct {
	store.Store
	away bool
}

func (f *flaky) Do(ctx context.Context, fn func(store.Tx) error) error {
	if f.away {
		return errors.New("away")
	}
	return f.Store.Do(ctx, fn)
}

func TestARuleThatFailsIsCountedOnceAMinute(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		b.takeUp(t, append(file(), routing.Rule{ID: "bad", Version: 1, Name: "x", When: `Words[99] == "a"`, Agency: string(health), Owner: "o"}))
		broken := &flaky{Store: b.Store}
		b.s.Store = broken
		fail := func() {
			t.Helper()
			set, err := b.s.Rules(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			d := routing.Router{Rules: set}.Decide(routing.Input{Title: "Cầu"}, house.Morning, func(string) bool { return true })
			if len(d.RuleErrors) != 1 {
				t.Fatalf("%d rules failed", len(d.RuleErrors))
			}
			b.s.Report(t.Context(), d.RuleErrors)
		}
		told := func() int {
			t.Helper()
			h, err := b.s.Health(t.Context())
			if err != nil || len(h.Failing) != 1 || h.Failing[0].ID != "bad" || h.Failing[0].LastError == "" || h.Live != 4 {
				t.Fatalf("the operator is told %+v, %v", h, err)
			}
			return h.Failing[0].Errors
		}
		for range 5 {
			fail()
		}
		same(t, told(), 1)
		same(t, strings.Count(b.log.String(), "rule=bad"), 1)
		b.Clock.Advance(time.Minute)
		broken.away = true
		fail() // routing goes on
		broken.away = false
		same(t, told(), 1)
		b.Clock.Advance(time.Minute)
		if err := b.s.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		same(t, told(), 6)
		if e := b.list(t)[3]; e.Live.Errors != 6 || !e.Live.LastErrorAt.Equal(b.Clock.Now()) {
			t.Errorf("the list says %+v", e.Live)
		}
	})
}

func TestARuleThatDoesNotCompileIsLeftOutAndTold(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	b.Do(t, func(tx store.Tx) error { // as a program of another version could
		if err := tx.Rules().Change(t.Context()); err != nil {
			return err
		}
		return tx.Rules().Add(t.Context(), store.RuleVersion{
			ID: "future", Version: 1, Position: 9, Condition: `future("x")`, Agency: health, Owner: "o", State: store.RuleLive, WrittenAt: house.Morning,
		})
	})
	same(t, decides(t, b.s, "Sáng chế"), "patents@1 → "+string(house.Science))
	h, err := b.s.Health(t.Context())
	if err != nil || len(h.Broken) != 1 || h.Broken[0] != "future" || len(h.Failing) != 1 {
		t.Errorf("the operator is told %+v, %v", h, err)
	}
	if e := b.list(t)[3]; !strings.Contains(e.Broken, "future") {
		t.Errorf("the list says %q", e.Broken)
	}
}

func TestARuleForAnAgencyThatEndedIsFlagged(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	for i := range b.Registry.Agencies {
		if a := &b.Registry.Agencies[i]; a.Code == health {
			b.Registry.Agencies = append([]civic.Agency(nil), b.Registry.Agencies...)
			a = &b.Registry.Agencies[i]
			a.Valid.Until, a.Successors = house.Morning, []civic.AgencyCode{house.Science}
			break
		}
	}
	e := b.list(t)[2]
	if !e.AgencyEnded || fmt.Sprint(e.Successors) != "["+string(house.Science)+"]" {
		t.Errorf("%+v", e)
	}
	if h, err := b.s.Health(t.Context()); err != nil || fmt.Sprint(h.Ended) != "[records]" {
		t.Errorf("the operator is told %+v, %v", h, err)
	}
}
