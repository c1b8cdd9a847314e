package finding_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/finding"
	"hienke/internal/search"
	"hienke/internal/search/blevesearch"
	"hienke/internal/search/searchtest"
	"hienke/internal/store"
	"hienke/internal/testkit/house"
)

// shelf is finding in a house, with both indexes on disk.
type shelf struct {
	*house.House
	s *finding.Service
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	h := house.New(t)
	open := func(a search.Audience) search.Index {
		index, err := blevesearch.Open(h.Folder, a, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := index.Close(); err != nil {
				t.Error(err)
			}
		})
		return index
	}
	return &shelf{h, &finding.Service{Store: h.Store, Keys: h.Keys, Public: open(search.Public), Staff: open(search.Staff), Now: h.Clock.Now, Holder: "one"}}
}

func (f *shelf) index(name store.IndexName) search.Index {
	if name == store.IndexPublic {
		return f.s.Public
	}
	return f.s.Staff
}

// drain brings an index up to date.
func (f *shelf) drain(t *testing.T, name store.IndexName) {
	t.Helper()
	if more, err := f.s.Drain(t.Context(), name); err != nil || more {
		t.Fatalf("drain %s: %v, more %v", name, err, more)
	}
}

// found returns the codes that a query gives.
func (f *shelf) found(t *testing.T, name store.IndexName, text string) []civic.Code {
	t.Helper()
	r, err := f.index(name).Query(t.Context(), search.Query{Text: text, Page: 1, PerPage: 100})
	if err != nil {
		t.Fatal(err)
	}
	var codes []civic.Code
	for _, h := range r.Hits {
		codes = append(codes, h.Code)
	}
	return codes
}

// waiting returns how many submissions an index has not seen.
func (f *shelf) waiting(t *testing.T, name store.IndexName) (n int) {
	t.Helper()
	f.View(t, func(tx store.Tx) (err error) {
		n, err = tx.IndexQueue().Len(t.Context(), name)
		return err
	})
	return n
}

// publish stores a case that the public may read in another wording.
func (f *shelf) publish(t *testing.T, title string) civic.Submission {
	t.Helper()
	return f.Receive(t, func(sub *civic.Submission) {
		sub.State, sub.Agency, sub.Visibility = civic.InProgress, house.Science, civic.PublicOpen
		sub.Title, sub.Body = "Bản gốc của bà Lò Thị Bí Mật", "Nội dung gốc, bà Lò Thị Bí Mật ở ngõ kín gửi."
		sub.PublicTitle, sub.PublicBody, sub.PublishedAt = title, "Nội dung công khai về trạm sạc xe điện.", house.Morning
	})
}

func TestADrainBringsTheCurrentState(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.Receive(t, nil)
	f.Change(t, sub.Code, func(sub *civic.Submission) { sub.State, sub.Agency = civic.Assigned, house.Education })
	f.Change(t, sub.Code, func(sub *civic.Submission) { sub.Agency = house.Science })
	f.drain(t, store.IndexStaff)
	r, err := f.s.Staff.Query(t.Context(), search.Query{Text: "quan trac", Page: 1, PerPage: 10, Facets: []search.Facet{search.FacetStatus}})
	if err != nil || len(r.Hits) != 1 || r.Hits[0].Code != sub.Code || r.Hits[0].Agency != house.Science {
		t.Errorf("found %+v, %v", r.Hits, err)
	}
	if v := r.Facets[search.FacetStatus]; len(v) != 1 || v[0].Value != string(civic.Assigned) {
		t.Errorf("states %+v", v)
	}
	if n := f.waiting(t, store.IndexStaff); n != 0 {
		t.Errorf("%d wait still", n)
	}
	if n := f.waiting(t, store.IndexPublic); n != 1 {
		t.Errorf("draining one index acknowledged %d for the other", 1-n)
	}
}

func TestThePublicIndexNeverHoldsAPrivateText(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	private := f.Receive(t, nil)
	public := f.publish(t, "Trạm sạc xe điện")
	f.drain(t, store.IndexPublic)
	if got := f.found(t, store.IndexPublic, ""); !slices.Equal(got, []civic.Code{public.Code}) {
		t.Errorf("the public finds %v", got)
	}
	for _, words := range []string{"Mật", "gốc", "ngõ", "quan"} {
		if got := f.found(t, store.IndexPublic, words); len(got) != 0 {
			t.Errorf("%q finds %v", words, got)
		}
	}
	// What is published later appears; what is taken down disappears.
	f.Change(t, private.Code, func(sub *civic.Submission) {
		sub.Visibility, sub.PublicTitle, sub.PublicBody = civic.PublicOpen, "Quan trắc", "Quan trắc nước."
	})
	f.Change(t, public.Code, func(sub *civic.Submission) { sub.Visibility = civic.TakenDown })
	f.drain(t, store.IndexPublic)
	if got := f.found(t, store.IndexPublic, ""); !slices.Equal(got, []civic.Code{private.Code}) {
		t.Errorf("after the change the public finds %v", got)
	}
	f.Change(t, private.Code, func(sub *civic.Submission) { sub.Visibility = civic.Private })
	f.drain(t, store.IndexPublic)
	if n, err := f.s.Public.Count(t.Context()); n != 0 || err != nil {
		t.Errorf("%d documents are left, %v", n, err)
	}
}

func TestAnAnswerIsFoundOnceItIsApprovedAndPublished(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	officer := f.Staff(t, civic.RoleOfficer, house.Science)
	answer := civic.Answer{Text: "Bộ sẽ hướng dẫn hydrogen xanh.", Outcome: civic.OutcomePartly, Agency: house.Science, DraftedBy: officer.User, DraftedAt: house.Morning}
	draft, answered, kept := f.publish(t, "Trạm sạc"), f.publish(t, "Trạm sạc hai"), f.publish(t, "Trạm sạc ba")
	f.Answer(t, draft.Code, answer)
	answer.ApprovedAt = house.Morning
	for code, v := range map[civic.Code]civic.Visibility{answered.Code: civic.PublicWithAnswer, kept.Code: civic.PublicOpen} {
		f.Answer(t, code, answer)
		f.Change(t, code, func(sub *civic.Submission) {
			sub.State, sub.AnsweredAt, sub.Visibility = civic.Answered, house.Morning, v
		})
	}
	f.drain(t, store.IndexPublic)
	if got := f.found(t, store.IndexPublic, "hydrogen"); !slices.Equal(got, []civic.Code{answered.Code}) {
		t.Errorf("the answer is found in %v, want %s: one is a draft, one was not to be published", got, answered.Code)
	}
	f.drain(t, store.IndexStaff)
	if got := f.found(t, store.IndexStaff, "hydrogen"); len(got) != 2 {
		t.Errorf("staff find %v", got)
	}
}

// failing is an engine that does not take the next changes.
type failing struct {
	search.Index
	times  int
	during func() // called inside of Apply
}

var errAway = errs.New(errs.Unavailable, "search.away")

func (f *failing) Apply(ctx context.Context, changes []search.Change) error {
	if f.during != nil {
		f.during()
	}
	if f.times > 0 {
		f.times--
		return errAway
	}
	return f.Index.Apply(ctx, changes)
}

func TestMarksAreTakenAwayOnlyAfterTheEngineHasThem(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.Receive(t, nil)
	f.s.Staff = &failing{Index: f.s.Staff, times: 1}
	if _, err := f.s.Drain(t.Context(), store.IndexStaff); !errors.Is(err, errAway) {
		t.Fatalf("drain: %v", err)
	}
	if n := f.waiting(t, store.IndexStaff); n != 1 {
		t.Fatalf("%d wait", n)
	}
	f.drain(t, store.IndexStaff) // the lease was given back as well
	if got := f.found(t, store.IndexStaff, "quan trắc"); !slices.Equal(got, []civic.Code{sub.Code}) || f.waiting(t, store.IndexStaff) != 0 {
		t.Errorf("found %v, %d wait", got, f.waiting(t, store.IndexStaff))
	}
}

func TestWhatChangesWhileTheEngineWorksIsNotAcknowledged(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.Receive(t, nil)
	engine := &failing{Index: f.s.Staff}
	engine.during = func() {
		engine.during = nil
		f.Change(t, sub.Code, func(sub *civic.Submission) { sub.Agency, sub.State = house.Science, civic.Assigned })
	}
	f.s.Staff = engine
	f.drain(t, store.IndexStaff)
	if n := f.waiting(t, store.IndexStaff); n != 1 {
		t.Fatalf("%d wait", n)
	}
	f.drain(t, store.IndexStaff)
	r, err := f.s.Staff.Query(t.Context(), search.Query{Page: 1, PerPage: 1})
	if err != nil || r.Hits[0].Agency != house.Science {
		t.Errorf("found %+v, %v", r.Hits, err)
	}
}

func TestALeaseKeepsASecondProcessOut(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	f.Receive(t, nil)
	other := *f.s
	other.Holder = "two"
	engine := &failing{Index: f.s.Staff}
	calls := 0
	engine.during = func() {
		calls++
		if calls > 1 {
			t.Error("both write to the engine at once")
			return
		}
		if more, err := other.Drain(t.Context(), store.IndexStaff); err != nil || more {
			t.Errorf("the second process: %v, more %v", err, more)
		}
		if _, err := other.Rebuild(t.Context(), store.IndexStaff, nil); errs.CodeOf(err) != "index.busy" {
			t.Errorf("the second process rebuilds: %v", err)
		}
	}
	f.s.Staff, other.Staff = engine, engine
	f.drain(t, store.IndexStaff)
	if calls != 1 {
		t.Errorf("%d batches reached the engine", calls)
	}
}

func TestTheLeaseOfADeadProcessEnds(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	sub := f.Receive(t, nil)
	f.Do(t, func(tx store.Tx) error {
		_, err := tx.Leases().Take(t.Context(), "index.staff", "dead", f.Clock.Now(), time.Minute)
		return err
	})
	f.drain(t, store.IndexStaff)
	if f.waiting(t, store.IndexStaff) != 1 {
		t.Error("the lease of the other was not kept")
	}
	f.Clock.Advance(time.Minute + time.Second)
	f.drain(t, store.IndexStaff)
	if got := f.found(t, store.IndexStaff, ""); !slices.Equal(got, []civic.Code{sub.Code}) {
		t.Errorf("found %v", got)
	}
}

func TestPlainAnswersFromTheStoreWithPublicVersionsAlone(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	f.Receive(t, nil) // private
	public := f.publish(t, "Trạm sạc xe điện")
	long := f.publish(t, "Văn bản dài")
	f.Change(t, long.Code, func(sub *civic.Submission) { sub.PublicBody = strings.Repeat("ệ", 300) })
	plain := finding.Plain{Store: f.Store}
	ask := func(text string) search.Result {
		t.Helper()
		r, err := plain.Query(t.Context(), search.Query{Text: text, Page: 1, PerPage: 10})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := ask("tram SAC"); r.Total != 1 || r.Hits[0].Code != public.Code || r.Hits[0].Title != "Trạm sạc xe điện" || r.Engine != finding.EnginePlain {
		t.Errorf("found %+v", r)
	}
	if r := ask(""); r.Total != 2 {
		t.Errorf("without words %d of 2", r.Total)
	}
	for _, words := range []string{"Bí Mật", "quan trắc", "%", "_", "bản gốc"} {
		if r := ask(words); words != "%" && words != "_" && r.Total != 0 {
			t.Errorf("%q finds %+v", words, r.Hits)
		}
	}
	for _, hit := range ask("dai").Hits {
		if snippet := hit.Snippet[0].Text; snippet != strings.Repeat("ệ", 200)+"…" {
			t.Errorf("the snippet is %q", snippet)
		}
	}
	if _, err := plain.Query(t.Context(), search.Query{Page: 0, PerPage: 10}); errs.KindOf(err) != errs.Invalid {
		t.Errorf("page 0: %v", err)
	}
}

func TestSearchFallsBackToTheStoreWhileTheEngineIsAway(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	public := f.publish(t, "Trạm sạc xe điện")
	if err := f.s.Public.Close(); err != nil {
		t.Fatal(err)
	}
	f.s.Public = search.NewDegrading(f.s.Public, finding.Plain{Store: f.Store}, f.Clock.Now)
	r, err := f.s.Search(t.Context(), search.Query{Text: "sac", Page: 1, PerPage: 10})
	if err != nil || !r.Degraded || r.Engine != finding.EnginePlain || len(r.Hits) != 1 || r.Hits[0].Code != public.Code {
		t.Errorf("found %+v, %v", r, err)
	}
	if _, err := f.s.Drain(t.Context(), store.IndexPublic); errs.KindOf(err) != errs.Unavailable {
		t.Errorf("a change that the engine does not have looks done: %v", err)
	}
	if f.waiting(t, store.IndexPublic) != 1 {
		t.Error("the mark is gone")
	}
}

func TestPlainKnowsNamesAsTheEnginesDo(t *testing.T) {
	t.Parallel()
	searchtest.RunNames(t, plainOf)
}

func TestPlainFindsWhatReadingSays(t *testing.T) {
	t.Parallel()
	searchtest.RunReadings(t, plainOf)
}

// plainOf is Plain over published cases that say what documents do.
func plainOf(t *testing.T, docs ...search.Document) search.Searcher {
	t.Helper()
	f := newShelf(t)
	codes := map[civic.Code]civic.Code{} // of the store, to those of the documents
	for _, d := range docs {
		sub := f.publish(t, d.Title)
		f.Change(t, sub.Code, func(sub *civic.Submission) {
			sub.PublicBody, sub.Kind, sub.ReceivedAt, sub.AnsweredAt = d.Body, d.Kind, d.ReceivedAt, d.AnsweredAt
			sub.Topic, sub.Agency, sub.Area = d.Topic, d.Agency, d.Area
			if !d.AnsweredAt.IsZero() {
				sub.Visibility, sub.State = civic.PublicWithAnswer, d.Status
			}
		})
		if d.Answer != "" {
			f.Answer(t, sub.Code, civic.Answer{
				Text: d.Answer, Outcome: d.Outcome, Agency: d.Agency, DraftedAt: d.AnsweredAt, SubmittedAt: d.AnsweredAt, ApprovedAt: d.AnsweredAt,
			})
		}
		codes[sub.Code] = d.Code
	}
	return renamed{finding.Plain{Store: f.Store, Thesaurus: searchtest.Thesaurus(t)}, codes}
}

// renamed gives the documents of a suite their own codes back.
type renamed struct {
	search.Searcher
	codes map[civic.Code]civic.Code
}

func (r renamed) Query(ctx context.Context, q search.Query) (search.Result, error) {
	result, err := r.Searcher.Query(ctx, q)
	for i, h := range result.Hits {
		result.Hits[i].Code = r.codes[h.Code]
	}
	return result, err
}

func TestRegisteredNames(t *testing.T) {
	t.Parallel()
	f := newShelf(t)
	for facet, value := range map[search.Facet]string{search.FacetAgency: string(house.Science), search.FacetTopic: "du-lieu", search.FacetArea: "01"} {
		if name, ok := finding.Registered(f.Registry, facet, value, civic.English); !ok || name == "" {
			t.Errorf("%s %s is %q", facet, value, name)
		}
		if name, ok := finding.Registered(f.Registry, facet, "nowhere", civic.English); ok || name != "" {
			t.Errorf("an unknown %s is %q", facet, name)
		}
	}
}
