package searchtest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"hienke/internal/civic"
	"hienke/internal/search"
)

var narrowCases = []testCase{
	{"values of one filter are alternatives, filters add up", testFilters},
	{"filter values are never syntax", testFilterSyntax},
	{"the period takes its beginning and leaves out its end", testPeriod},
	{"a scope bounds hits, totals and counts", testScope},
	{"a scope of nothing shows nothing", func(t *testing.T, open Open) {
		x := with(t, open, corpus()...)
		for _, text := range []string{"", "nước", "nuoc sach"} {
			r := x.ask(search.Query{Text: text, Scope: search.ScopeTo(), Facets: search.Facets})
			if r.Total != 0 || len(r.Hits) != 0 || len(r.Facets[search.FacetKind]) != 0 {
				t.Errorf("%q in a scope of nothing: %+v", text, r)
			}
		}
	}},
	{"facets count what matches, most frequent first", testFacets},
	{"a facet's count ignores its own filter and heeds all others", testDisjunctiveFacets},
	{"only the facets asked for are counted", func(t *testing.T, open Open) {
		x := with(t, open, corpus()...)
		if r := x.ask(search.Query{}); len(r.Facets) != 0 {
			t.Errorf("not asked for: %v", r.Facets)
		}
		r := x.ask(search.Query{Facets: []search.Facet{search.FacetArea}})
		if _, ok := r.Facets[search.FacetArea]; !ok || len(r.Facets) != 1 {
			t.Errorf("asked for area only: %v", r.Facets)
		}
	}},
}

func codeOf(s string) civic.Code { return civic.Code(s) }

// corpus is six documents that differ in every facet.
func corpus() []search.Document {
	row := func(code string, k civic.Kind, topic civic.TopicCode, agency civic.AgencyCode, area civic.AreaCode, status civic.State, outcome civic.Outcome, year int) search.Document {
		d := doc(codeOf(code), "nước sạch", "cho mọi nhà")
		d.Kind, d.Topic, d.Agency, d.Area, d.Status, d.Outcome, d.Year = k, topic, agency, area, status, outcome, year
		if civic.WithAnswer.Has(status) {
			d.AnsweredAt = time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC)
		}
		return d
	}
	return []search.Document{
		row("A", civic.Feedback, "water", "most", "01", civic.Answered, civic.OutcomeAccepted, 2025),
		row("B", civic.Feedback, "water", "moh", "01", civic.Closed, civic.OutcomePartly, 2026),
		row("C", civic.Initiative, "health", "moh", "79", civic.Answered, civic.OutcomeAccepted, 2026),
		row("D", civic.Solution, "health", "most", "79", civic.InProgress, "", 2026),
		row("E", civic.Initiative, "water", "most", "", civic.Answered, civic.OutcomeExplained, 2026),
		row("F", civic.Feedback, "", "", "48", civic.Triage, "", 0),
	}
}

func wantCodes(t *testing.T, r search.Result, want ...civic.Code) {
	t.Helper()
	if got := codes(r); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q in this order", got, want)
	}
}

// wantFound asserts the hits in any order and the total.
func wantFound(t *testing.T, r search.Result, want ...civic.Code) {
	t.Helper()
	if got := sorted(codes(r)); !slices.Equal(got, sorted(want)) || r.Total != len(want) {
		t.Errorf("found %q (total %d), want %q", got, r.Total, want)
	}
}

func testFilters(t *testing.T, open Open) {
	x := with(t, open, corpus()...)
	for _, tt := range []struct {
		name    string
		filters search.Filters
		want    []civic.Code
	}{
		{"kind", search.Filters{Kinds: []civic.Kind{civic.Initiative}}, []civic.Code{"C", "E"}},
		{"two kinds", search.Filters{Kinds: []civic.Kind{civic.Initiative, civic.Solution}}, []civic.Code{"C", "D", "E"}},
		{"topic", search.Filters{Topics: []civic.TopicCode{"health"}}, []civic.Code{"C", "D"}},
		{"agency", search.Filters{Agencies: []civic.AgencyCode{"moh"}}, []civic.Code{"B", "C"}},
		{"area", search.Filters{Areas: []civic.AreaCode{"01", "48"}}, []civic.Code{"A", "B", "F"}},
		{"status", search.Filters{Statuses: []civic.State{civic.Answered}}, []civic.Code{"A", "C", "E"}},
		{"outcome", search.Filters{Outcomes: []civic.Outcome{civic.OutcomeAccepted}}, []civic.Code{"A", "C"}},
		{"year", search.Filters{Years: []int{2025, 2027}}, []civic.Code{"A"}},
		{"kind and agency", search.Filters{Kinds: []civic.Kind{civic.Feedback}, Agencies: []civic.AgencyCode{"moh", "most"}}, []civic.Code{"A", "B"}},
		{"no such value", search.Filters{Topics: []civic.TopicCode{"nonsense"}}, nil},
		{"the beginning of a value", search.Filters{Topics: []civic.TopicCode{"wat"}}, nil},
		{"the same value twice", search.Filters{Topics: []civic.TopicCode{"health", "health"}}, []civic.Code{"C", "D"}},
	} {
		for _, text := range []string{"", "nước sạch", "nuoc"} {
			r := x.ask(search.Query{Text: text, Filters: tt.filters})
			if got := sorted(codes(r)); !slices.Equal(got, tt.want) || r.Total != len(tt.want) {
				t.Errorf("%s with text %q: %q (total %d), want %q", tt.name, text, got, r.Total, tt.want)
			}
		}
	}
}

func testFilterSyntax(t *testing.T, open Open) {
	strange := []civic.AgencyCode{
		`x" OR kind = "feedback`, `x' OR '1'='1`, `\`, `\"`, `"`, "a b", "NOT", "*", "mo*", "x, y", "[1 TO 2]", "đường", "_null_",
	}
	x := with(t, open, corpus()...)
	for _, value := range strange {
		d := doc("ODD", "nước", "")
		d.Agency = value
		x.put(d)
		filter := search.Filters{Agencies: []civic.AgencyCode{value}}
		wantFound(t, x.ask(search.Query{Filters: filter}), "ODD")
		wantFound(t, x.ask(search.Query{Scope: search.ScopeTo(value)}), "ODD")
		x.apply(search.Remove("ODD"))
		wantFound(t, x.ask(search.Query{Filters: filter, Facets: search.Facets}))
	}
	for _, value := range []civic.AgencyCode{"", "\x00", "\xff", "a\nb"} {
		x.ask(search.Query{Filters: search.Filters{Agencies: []civic.AgencyCode{value}}})
	}
}

func testPeriod(t *testing.T, open Open) {
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	var docs []search.Document
	for code, answered := range map[string]time.Time{
		"BEFORE": at.Add(-time.Microsecond), "AT": at, "LAST": at.Add(time.Hour - time.Microsecond), "END": at.Add(time.Hour), "OPEN": {},
	} {
		d := doc(codeOf(code), "nước", "")
		d.AnsweredAt = answered
		docs = append(docs, d)
	}
	x := with(t, open, docs...)
	period := func(from, until time.Time) search.Result {
		return x.ask(search.Query{Answered: civic.Period{From: from, Until: until}})
	}
	never := time.Time{}
	wantFound(t, period(never, never), "BEFORE", "AT", "LAST", "END", "OPEN")
	wantFound(t, period(at, at.Add(time.Hour)), "AT", "LAST")
	wantFound(t, period(at, never), "AT", "LAST", "END")
	wantFound(t, period(never, at), "BEFORE")
	wantFound(t, period(at.In(civic.Zone), at.Add(time.Hour).In(civic.Zone)), "AT", "LAST")
	wantFound(t, period(at, at))
	wantFound(t, period(at.Add(time.Hour), at))
	wantFound(t, period(time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)), "BEFORE", "AT", "LAST", "END")
}

func testScope(t *testing.T, open Open) {
	x := with(t, open, corpus()...)
	for _, text := range []string{"", "nước sạch", "sach nuoc", "nước kzvkzv"} { // the last one is relaxed
		r := x.ask(search.Query{Text: text, Scope: search.ScopeTo("moh"), Facets: search.Facets})
		wantFound(t, r, "B", "C")
		wantFacet(t, r, search.FacetAgency, "moh", 2)
		wantFacet(t, r, search.FacetStatus, "answered", 1, "closed", 1)
		// The agency filter cannot widen it, nor can the counts look past it.
		r = x.ask(search.Query{
			Text: text, Scope: search.ScopeTo("moh"), Facets: search.Facets,
			Filters: search.Filters{Agencies: []civic.AgencyCode{"most"}},
		})
		wantFound(t, r)
		wantFacet(t, r, search.FacetAgency, "moh", 2, "most", 0)
		wantFacet(t, r, search.FacetTopic)
	}
	wantFound(t, x.ask(search.Query{Scope: search.ScopeTo("moh", "most")}), "A", "B", "C", "D", "E")
	wantFound(t, x.ask(search.Query{Scope: search.ScopeTo("elsewhere")}))
	wantFound(t, x.ask(search.Query{}), "A", "B", "C", "D", "E", "F")
}

// wantFacet asserts all values of a facet: value, count, value, count …
func wantFacet(t *testing.T, r search.Result, f search.Facet, want ...any) {
	t.Helper()
	values := make([]any, 0, len(want))
	for _, v := range r.Facets[f] {
		values = append(values, v.Value, v.Count)
	}
	if !reflect.DeepEqual(values, append(make([]any, 0), want...)) {
		t.Errorf("facet %s counts %v, want %v", f, values, want)
	}
}

func testFacets(t *testing.T, open Open) {
	x := with(t, open, corpus()...)
	for _, text := range []string{"", "nước sạch"} {
		r := x.ask(search.Query{Text: text, Facets: search.Facets, PerPage: 1, Page: 2}) // all pages count
		wantFacet(t, r, search.FacetKind, "feedback", 3, "initiative", 2, "solution", 1)
		wantFacet(t, r, search.FacetTopic, "water", 3, "health", 2)
		wantFacet(t, r, search.FacetAgency, "most", 3, "moh", 2)
		wantFacet(t, r, search.FacetArea, "01", 2, "79", 2, "48", 1)
		wantFacet(t, r, search.FacetStatus, "answered", 3, "closed", 1, "in_progress", 1, "triage", 1)
		wantFacet(t, r, search.FacetOutcome, "accepted", 2, "explained", 1, "partly", 1)
		wantFacet(t, r, search.FacetYear, "2026", 4, "2025", 1)
	}
	r := x.ask(search.Query{Text: "kzvkzv", Facets: search.Facets})
	for _, f := range search.Facets {
		wantFacet(t, r, f)
	}
}

func testDisjunctiveFacets(t *testing.T, open Open) {
	x := with(t, open, corpus()...)
	r := x.ask(search.Query{
		Text: "nuoc", Facets: search.Facets,
		Filters: search.Filters{Kinds: []civic.Kind{civic.Feedback}, Agencies: []civic.AgencyCode{"moh"}, Years: []int{2030}},
	})
	wantFound(t, r)
	wantFacet(t, r, search.FacetTopic)
	wantFacet(t, r, search.FacetYear, "2026", 1, "2030", 0)

	r = x.ask(search.Query{
		Text: "nước sạch", Facets: search.Facets,
		Filters: search.Filters{Kinds: []civic.Kind{civic.Feedback}, Agencies: []civic.AgencyCode{"moh", "nobody"}},
	})
	wantFound(t, r, "B")
	wantFacet(t, r, search.FacetKind, "feedback", 1, "initiative", 1)
	wantFacet(t, r, search.FacetAgency, "moh", 1, "most", 1, "nobody", 0)
	wantFacet(t, r, search.FacetTopic, "water", 1)
	wantFacet(t, r, search.FacetArea, "01", 1)
}
