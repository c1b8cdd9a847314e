package rulebook_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/routing"
	"hienke/internal/rulebook"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// past stores a case and, if an agency is given, that a person stood by it.
func (b *book) past(t *testing.T, title string, confirmed civic.AgencyCode) civic.Submission {
	t.Helper()
	sub := b.ReceiveFrom(t, civic.Contact{}, func(sub *civic.Submission) { sub.Title, sub.State = title, civic.Triage })
	if confirmed != "" {
		b.Do(t, func(tx store.Tx) error { return tx.Routes().Confirm(t.Context(), sub.ID, confirmed, b.Clock.Now()) })
	}
	return sub
}

func (b *book) dryRun(t *testing.T, d rulebook.Draft, since time.Time) rulebook.Impact {
	t.Helper()
	got, err := b.s.DryRun(t.Context(), b.coordinator, d, since)
	if err != nil {
		t.Fatal(err)
	}
	got.Against = ""
	return got
}

func TestADryRunTellsWhatWouldChange(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		b.takeUp(t, file())
		b.past(t, "Sáng chế cũ", "")
		b.Clock.Advance(24 * time.Hour)
		since := b.Clock.Now()
		b.past(t, "Học bạ của con tôi", house.Education)
		wrong := b.past(t, "Bằng sáng chế của bác sĩ", house.Science)
		b.past(t, "Giấy khám bệnh của bác sĩ", health)
		b.past(t, "Bác sĩ gia đình", "")
		b.past(t, "Cầu đường", house.Education)

		// A new rule stands behind the others: it gets what none of them takes.
		last := b.dryRun(t, draft("", 0, `has("bác sĩ")`, health), since)
		same(t, last, rulebook.Impact{
			Looked: 5, Since: since, Matched: 3, Decided: 2, Changed: 2, Confirmed: 1,
			Agencies: []rulebook.AgencyImpact{{Agency: "", Go: 2}, {Agency: health, Come: 2}},
		})
		// In place of the first rule it takes that one's cases, too, and gives
		// up those it no longer holds for.
		first := b.dryRun(t, draft("patents", 1, `has("bác sĩ")`, health), time.Time{})
		same(t, first, rulebook.Impact{
			Looked: 6, Matched: 3, Decided: 3, Changed: 4, Confirmed: 2, Contradicts: 1,
			Agencies: []rulebook.AgencyImpact{
				{Agency: "", Come: 1, Go: 2}, {Agency: health, Come: 3}, {Agency: house.Science, Go: 2},
			},
			Examples: []rulebook.Contradiction{{Code: wrong.Code, Title: wrong.Title, Confirmed: house.Science, Rule: health}},
		})
		same(t, b.shape(t), []string{"patents 1/0", "schools 1/0", "records 1/0"}) // nothing was stored
	})
}

// What waits for a coordinator whatever rules say is matched and never moved:
// a dry run promises what will happen, no more.
func TestADryRunMovesNothingThatWaitsForACoordinator(t *testing.T) {
	t.Parallel()
	on(t, func(t *testing.T, b *book) {
		b.takeUp(t, file())
		b.past(t, "Bác sĩ gia đình", "")
		accusing, held, spam := b.past(t, "Bác sĩ nhận hối lộ", ""), b.past(t, "Bác sĩ ở xã", ""), b.past(t, "Bác sĩ nhà cái", "")
		b.Change(t, accusing.Code, func(sub *civic.Submission) { sub.Restricted = true })
		b.Change(t, held.Code, func(sub *civic.Submission) { sub.Hold = "limit" })
		b.Do(t, func(tx store.Tx) error {
			return tx.Scopes().Put(t.Context(), civic.ScopeDecision{
				Submission: spam.ID, Suggested: civic.Spam, Scope: civic.Spam, DecidedBy: civic.ActorSystem, DecidedAt: b.Clock.Now(),
			})
		})
		same(t, b.dryRun(t, draft("", 0, `has("bác sĩ")`, health), time.Time{}), rulebook.Impact{
			Looked: 4, Matched: 4, Decided: 1, Changed: 1,
			Agencies: []rulebook.AgencyImpact{{Agency: "", Go: 1}, {Agency: health, Come: 1}},
		})
	})
}

func TestADryRunIsKeptWithItsVersionAndGrowsOld(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.takeUp(t, file())
	b.past(t, "Đơn sáng chế", "")
	v := b.save(t, draft("patents", 1, `any("đơn sáng chế")`, house.Education))
	if _, err := b.s.DryRunVersion(t.Context(), b.coordinator, v.ID, 1, time.Time{}); errs.CodeOf(err) != "rule.not_a_draft" {
		t.Errorf("of a live version: %v", err)
	}
	want, err := b.s.DryRunVersion(t.Context(), b.coordinator, v.ID, v.Version, time.Time{})
	if err != nil || want.Changed != 1 {
		t.Fatalf("%+v, %v", want, err)
	}
	d := b.list(t)[0].Draft
	if d.Impact == nil || d.Stale || !d.DryRunAt.Equal(house.Morning) {
		t.Fatalf("kept: %+v", d)
	}
	same(t, *d.Impact, want)
	if err := b.s.Move(t.Context(), b.coordinator, "records", 1); err != nil {
		t.Fatal(err)
	}
	if d := b.list(t)[1].Draft; !d.Stale {
		t.Error("the rules changed since, and nobody is told")
	}
	again := b.save(t, draft("patents", 2, `any("sáng chế mật")`, house.Education))
	if err := b.s.GoLive(t.Context(), b.coordinator, v.ID, again.Version); errs.CodeOf(err) != "rule.no_dry_run" {
		t.Errorf("by the dry run of another version: %v", err)
	}
}

func TestADryRunCountsErrorsAndFollowsSuccessors(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.Registry.Agencies = append(b.Registry.Agencies, civic.Agency{
		Code: "bo-cu", Receives: true, Valid: civic.Period{Until: house.Morning}, Successors: []civic.AgencyCode{health},
	})
	b.past(t, "Bác sĩ", "bo-cu")
	got := b.dryRun(t, draft("", 0, `has("bác sĩ")`, health), time.Time{})
	if got.Confirmed != 1 || got.Contradicts != 0 {
		t.Errorf("the successor contradicts its forerunner: %+v", got)
	}
	got = b.dryRun(t, draft("x", 0, `Words[99] == "a"`, health), time.Time{})
	if len(got.Errors) != 1 || got.Errors[0].ID != "x" || got.Errors[0].Version != 1 || got.Errors[0].Errors != 1 || got.Matched != 0 {
		t.Errorf("errors: %+v", got)
	}
}

// A rule for next year is tried as it will be on its first day.
func TestADryRunOfARuleThatIsNotYetValid(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	b.past(t, "Bác sĩ", "")
	d := draft("", 0, `has("bác sĩ")`, health)
	d.ValidFrom = house.Morning.AddDate(1, 0, 0)
	if got := b.dryRun(t, d, time.Time{}); got.Matched != 1 || got.Changed != 1 {
		t.Errorf("%+v", got)
	}
}

// walking gives as many past cases as are asked for.
type walking struct {
	store.Store
	pages int
	stop  context.CancelFunc
}

type walkingTx struct {
	store.Tx
	w *walking
}

type walkingRules struct {
	store.Rules
	w *walking
}

func (w *walking) View(ctx context.Context, fn func(store.Tx) error) error {
	return w.Store.View(ctx, func(tx store.Tx) error { return fn(walkingTx{tx, w}) })
}

func (t walkingTx) Rules() store.Rules { return walkingRules{t.Tx.Rules(), t.w} }

func (r walkingRules) Past(ctx context.Context, before civic.SubmissionID, limit int) ([]store.PastCase, error) {
	if r.w.pages++; r.w.stop != nil && r.w.pages == 3 {
		r.w.stop()
	}
	if before == 0 {
		before = 1 << 40
	}
	out := make([]store.PastCase, limit)
	for i := range out {
		before--
		out[i].Submission = civic.Submission{ID: before, Title: "Bác sĩ gia đình", ReceivedAt: house.Morning}
		out[i].Confirmed = house.Education
	}
	return out, nil
}

func TestADryRunIsBounded(t *testing.T) {
	t.Parallel()
	b := newBook(t, house.New(t))
	w := &walking{Store: b.Store}
	b.s.Store = w
	got := b.dryRun(t, draft("", 0, `has("bác sĩ")`, health), time.Time{})
	if got.Looked != 10_000 || !got.Capped || got.Contradicts != 10_000 || len(got.Examples) != 20 {
		t.Errorf("looked at %d, capped %v, %d contradictions, %d named", got.Looked, got.Capped, got.Contradicts, len(got.Examples))
	}
	ctx, cancel := context.WithCancel(t.Context())
	w.pages, w.stop = 0, cancel
	if _, err := b.s.DryRun(ctx, b.coordinator, draft("", 0, `has("bác sĩ")`, health), time.Time{}); !errors.Is(err, context.Canceled) {
		t.Errorf("after it was called off: %v", err)
	}
	if w.pages > 4 {
		t.Errorf("it read %d pages more", w.pages-3)
	}
}

func BenchmarkDryRun(b *testing.B) {
	h := house.New(b)
	s := &rulebook.Service{Store: &walking{Store: h.Store}, Registry: h.Registry, Now: h.Clock.Now}
	var rules []routing.Rule
	for _, r := range h.Rules {
		rules = append(rules, routing.Rule{ID: r.ID, Version: r.Version, When: r.When, Agency: string(r.Agency), Owner: r.Owner})
	}
	if err := s.TakeUp(b.Context(), rules); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.DryRun(b.Context(), civic.System, draft("", 0, `has("bác sĩ")`, health), time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
