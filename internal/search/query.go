package search

import (
	"slices"
	"strconv"
	"time"

	"hienke/internal/civic"
	"hienke/internal/errs"
)

// Facet is a property by which results are counted and narrowed. The values
// are the parameter names of the API.
type Facet string

// The facets.
const (
	FacetKind    Facet = "kind"
	FacetTopic   Facet = "topic"
	FacetAgency  Facet = "agency"
	FacetArea    Facet = "area"
	FacetStatus  Facet = "status"
	FacetOutcome Facet = "outcome"
	FacetYear    Facet = "year"
)

// Facets lists every facet.
var Facets = []Facet{FacetKind, FacetTopic, FacetAgency, FacetArea, FacetStatus, FacetOutcome, FacetYear}

// Sort is the order of the hits.
type Sort string

// The orders. Equal hits are ordered by SortedAt, latest first, then by code.
const (
	Relevance Sort = "relevance" // best first; without words the same as Newest
	Newest    Sort = "newest"    // by Document.SortedAt, latest first
	Oldest    Sort = "oldest"    // by Document.SortedAt, earliest first
)

// Limits of a query.
const (
	MaxPerPage = 100
	// MaxWindow is how deep a reader can page, in hits. Nobody reads the
	// 500th page; a robot that wants everything is better served by open data.
	MaxWindow = 10_000
	// MaxFacetValues is how many values of a facet are counted, the most
	// frequent ones. It is more than there are provinces, ministries and topics.
	MaxFacetValues = 300
)

// Query is one question.
//
// A document matches when it has every word of Text in its title, body or
// answer, in any order, accents and capitals aside, and passes Scope, Filters
// and Answered. The last word also matches as the beginning of a word, from
// its second letter on and unless something other than a letter or digit
// follows it in Text. When no document has every word, those that have some
// of the words match instead, those that have more of them first, and
// Result.Relaxed says so.
//
// A name that the engine's Thesaurus knows counts as one word: a document has
// it when its words stand in a row, or those of another name for the same. It
// is no beginning, even at the end of Text. When nothing has the names so, the
// words count one by one, as if no name were known.
//
// Text is text: no sign in it is an operator. A text of nothing but signs is
// the same as no text, and without text everything matches. Of a long text the
// ten most telling words count (Thesaurus.Parse).
//
// Under Relevance a document that has the words with the accents as typed
// stands before one that has them only without or with others, and one that has
// a name as typed before one that has only another for the same; a title before
// a body, words beside each other before words apart.
type Query struct {
	Text string
	// Scope bounds what exists for the asker. Facet counts never look beyond
	// it.
	Scope   Scope
	Filters Filters
	// Answered keeps documents answered within the period, From included and
	// Until excluded. Once either bound is set an open case does not match.
	Answered civic.Period
	Sort     Sort // empty is Relevance
	Page     int  // from 1
	PerPage  int  // 1 to MaxPerPage
	// Facets lists what to count; nil counts nothing.
	Facets []Facet
}

// Scope is what an asker may see at most. The zero value is everything in the
// index.
type Scope struct {
	limited  bool
	agencies []civic.AgencyCode
}

// ScopeTo is the scope of someone who may see the cases of these agencies and
// no others. Without agencies that is nothing.
func ScopeTo(agencies ...civic.AgencyCode) Scope {
	return Scope{limited: true, agencies: slices.Clone(agencies)}
}

// Agencies returns the agencies of the scope, and whether it is limited to
// them.
func (s Scope) Agencies() (agencies []civic.AgencyCode, limited bool) {
	return s.agencies, s.limited
}

// Filters narrow a query. Values of one facet are alternatives, facets add up.
// A value that no document has simply matches nothing. Values that differ in
// capitals alone may count as one; no two codes of the registry do.
type Filters struct {
	Kinds    []civic.Kind
	Topics   []civic.TopicCode
	Agencies []civic.AgencyCode
	Areas    []civic.AreaCode
	Statuses []civic.State
	Outcomes []civic.Outcome
	Years    []int
}

// Values returns the values that f keeps of a facet; none means all.
func (f *Filters) Values(facet Facet) []string {
	switch facet {
	case FacetKind:
		return plain(f.Kinds)
	case FacetTopic:
		return plain(f.Topics)
	case FacetAgency:
		return plain(f.Agencies)
	case FacetArea:
		return plain(f.Areas)
	case FacetStatus:
		return plain(f.Statuses)
	case FacetOutcome:
		return plain(f.Outcomes)
	case FacetYear:
		years := make([]string, len(f.Years))
		for i, y := range f.Years {
			years[i] = strconv.Itoa(y)
		}
		return years
	}
	return nil
}

func plain[S ~string](values []S) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// Check reports every rule that q breaks as one Invalid error, with the field
// names of the API.
func (q *Query) Check() error {
	var fields []errs.Field
	outOfRange := func(name string, maximum int) {
		fields = append(fields, errs.Field{
			Name: name, Code: "field.out_of_range",
			Params: map[string]string{"min": "1", "max": strconv.Itoa(maximum)},
		})
	}
	perPage := q.PerPage
	if perPage < 1 || perPage > MaxPerPage {
		outOfRange("per_page", MaxPerPage)
		perPage = MaxPerPage
	}
	if last := MaxWindow / perPage; q.Page < 1 || q.Page > last {
		outOfRange("page", last)
	}
	if !slices.Contains([]Sort{"", Relevance, Newest, Oldest}, q.Sort) {
		fields = append(fields, errs.Field{Name: "sort", Code: "field.unknown_value"})
	}
	for _, f := range q.Facets {
		if !slices.Contains(Facets, f) {
			fields = append(fields, errs.Field{Name: "facets", Code: "field.unknown_value"})
			break
		}
	}
	return errs.InvalidFields(fields...)
}

// Offset is the number of hits before the page.
func (q *Query) Offset() int { return (q.Page - 1) * q.PerPage }

// Impossible reports whether no document can match whatever the index holds:
// a scope of nothing, or a period that ends before it begins. Engines answer
// it without asking, because what they make of an empty list differs.
func (q *Query) Impossible() bool {
	p := q.Answered
	return q.Scope.limited && len(q.Scope.agencies) == 0 ||
		!p.From.IsZero() && !p.Until.IsZero() && !p.From.Before(p.Until)
}

// Result answers a Query.
type Result struct {
	// Total is the exact number of documents that match, on all pages.
	Total int
	// Hits is the page asked for; a page behind the last one is empty.
	Hits []Hit
	// Facets has an entry for each facet asked for. A facet's counts heed the
	// text, the scope and the filters of all other facets, but not its own
	// filter: they say what choosing another value would bring. Values that
	// the query filters on are listed even when their count is 0. Highest
	// counts come first, equal ones by value.
	Facets map[Facet][]FacetValue
	// Relaxed tells that no document has all the words.
	Relaxed bool
	// Engine names what answered.
	Engine string
	// Degraded tells that a stand-in answered, which may rank and match more
	// simply.
	Degraded bool
}

// FacetValue is a value of a facet with the number of matching documents.
type FacetValue struct {
	Value string
	Count int
}

// Hit is one document found.
type Hit struct {
	Code  civic.Code
	Title string
	// Snippet is a passage of the body or the answer around the words found,
	// as it was written, cut into what matches and what does not. It is plain
	// text; nothing in it is markup.
	Snippet    []Piece
	Kind       civic.Kind
	Topic      civic.TopicCode
	Agency     civic.AgencyCode
	AnsweredAt time.Time // UTC, zero while open
}

// SortedFacets brings counts into the form that Result.Facets promises.
func SortedFacets(q *Query, counts map[Facet]map[string]int) map[Facet][]FacetValue {
	out := make(map[Facet][]FacetValue, len(q.Facets))
	for _, f := range q.Facets {
		values := make([]FacetValue, 0, len(counts[f]))
		for value, n := range counts[f] {
			values = append(values, FacetValue{Value: value, Count: n})
		}
		for _, chosen := range q.Filters.Values(f) {
			if !slices.ContainsFunc(values, func(v FacetValue) bool { return v.Value == chosen }) {
				values = append(values, FacetValue{Value: chosen})
			}
		}
		slices.SortFunc(values, func(a, b FacetValue) int {
			if a.Count != b.Count {
				return b.Count - a.Count
			}
			if a.Value < b.Value {
				return -1
			}
			return 1
		})
		out[f] = values
	}
	return out
}

// Nothing is the result of a query that matches no document.
func Nothing(q *Query, engine string) Result {
	return Result{Hits: []Hit{}, Facets: SortedFacets(q, nil), Engine: engine}
}
