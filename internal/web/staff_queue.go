package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/store"
	"hienke/internal/triage"
)

// queuePerPage is what a person goes through before thinking of turning the
// page: three screens.
const queuePerPage = 50

// queueLastPage keeps offsets in a range that a database takes, as httpx does
// for the API.
const queueLastPage = 10_000

// queueParams are the parameters of the queue, in the order of the filters.
var queueParams = []string{"status", "scope", "agency", "topic", "via", "due", "sort"}

// stateAll stands for every state; without it the queue shows open cases.
const stateAll = "all"

// stateHeld stands for what must be checked before anything else.
const stateHeld = "held"

// showQueue shows the cases in the person's scope, the most urgent first.
func (w *Web) showQueue(c echo.Context) error {
	words, given := w.words(c), c.QueryParams()
	number, err := strconv.Atoi(given.Get("page"))
	if err != nil || number < 1 || number > queueLastPage {
		number = 1
	}
	request := queueRequest(given)
	request.Page, request.PerPage = number, queuePerPage
	actor := httpx.ActorFrom(c)
	found, err := w.Triage.Queue(c.Request().Context(), actor, request)
	if err != nil {
		return err
	}
	page := &QueuePage{Frame: w.staffFrame(c, "queue", words.t("staff.queue")), Total: found.Total}
	page.Q, page.Filters = w.queueFilters(words, actor, given)
	page.Narrowed = given.Get("q") != "" || slices.ContainsFunc(queueParams, func(p string) bool { return given.Get(p) != "" })
	now := w.Now()
	for _, item := range found.Items {
		row := w.queueRow(words, item, now)
		if item.State == civic.Triage && actor.May(civic.TriageCase) {
			row.Choice, page.Choosing = chosen{item.Code, item.Version}.String(), true
		}
		page.Rows = append(page.Rows, row)
	}
	page.Pager = pager(number, found.Total, queuePerPage, func(n int) string { return queueAddress(given, n) })
	if done := given.Get("done"); w.Catalogue.Has("action." + done + ".done") {
		page.Notice = &Notice{Tone: "done", Text: words.t("action." + done + ".done")}
	}
	return w.show(c, http.StatusOK, page)
}

// queueRequest reads the filters. A value that nobody knows does not filter:
// an old bookmark must not fail.
func queueRequest(v url.Values) triage.QueueRequest {
	r := triage.QueueRequest{Text: strings.TrimSpace(v.Get("q")), Scopes: scopesOf(v.Get("scope")), Sort: store.SortDue}
	switch s := civic.State(v.Get("status")); {
	case s == stateAll:
		r.States = civic.States
	case s == stateHeld:
		r.Held = true
	case s.Valid():
		r.States = []civic.State{s}
	}
	if a := v.Get("agency"); a != "" {
		r.Agencies = []civic.AgencyCode{civic.AgencyCode(a)}
	}
	if t := v.Get("topic"); t != "" {
		r.Topics = []civic.TopicCode{civic.TopicCode(t)}
	}
	if c := civic.Channel(v.Get("via")); slices.Contains(civic.Channels, c) {
		r.Channels = []civic.Channel{c}
	}
	if d := civic.DueState(v.Get("due")); slices.Contains(queueDues, d) {
		r.Due = d
	}
	if s := store.QueueSort(v.Get("sort")); s == store.SortNewest || s == store.SortOldest {
		r.Sort = s
	}
	return r
}

// queueDues are the due states that a queue can be filtered by.
var queueDues = []civic.DueState{civic.Overdue, civic.DueSoon, civic.OnTrack}

func queueAddress(given url.Values, page int) string {
	v := url.Values{}
	for _, name := range append([]string{"q"}, queueParams...) {
		if s := given.Get(name); s != "" {
			v.Set(name, s)
		}
	}
	if page > 1 {
		v.Set("page", strconv.Itoa(page))
	}
	return strings.TrimSuffix(queuePath+"?"+v.Encode(), "?")
}

// queueFilters builds the bar above the queue.
func (w *Web) queueFilters(words words, actor civic.Actor, given url.Values) (Field, []Field) {
	values := map[string]string{}
	for name := range given {
		values[name] = given.Get(name)
	}
	f := newForm(words, values, nil)
	f.prefix = "filter-"
	options := map[string][]Option{
		"status": w.stateOptions(words),
		"scope":  append([]Option{{Label: words.t("staff.any")}}, scopeOptions(words)...),
		"agency": append([]Option{{Label: words.t("staff.any")}}, w.agencyOptions(words.lang, actor)...),
		"topic":  append([]Option{{Label: words.t("staff.any")}}, topicOptions(w.Registry, words.lang, w.Now())...),
		"via":    {{Label: words.t("staff.any")}},
		"due":    {{Label: words.t("staff.any")}},
		"sort": {
			{Value: string(store.SortDue), Label: words.t("staff.sort_urgent")},
			{Value: string(store.SortNewest), Label: words.t("staff.sort_newest")},
			{Value: string(store.SortOldest), Label: words.t("staff.sort_oldest")},
		},
	}
	for _, c := range civic.Channels {
		options["via"] = append(options["via"], Option{Value: string(c), Label: words.t("desk.channels." + string(c))})
	}
	for _, d := range queueDues {
		options["due"] = append(options["due"], Option{Value: string(d), Label: words.t("due." + string(d))})
	}
	bare := func(options []Option) func(*Field) {
		return func(field *Field) { field.Widget, field.Options, field.Required = "select", options, true }
	}
	var filters []Field
	for _, name := range queueParams {
		filters = append(filters, f.field(name, bare(options[name])))
	}
	return f.field("q", bare(nil)), filters
}

func (w *Web) stateOptions(words words) []Option {
	out := []Option{{Label: words.t("staff.any_open")}, {Value: stateAll, Label: words.t("staff.any")}, {Value: stateHeld, Label: words.t("staff.any_held")}}
	for _, s := range civic.States {
		out = append(out, Option{Value: string(s), Label: words.t("state." + string(s))})
	}
	return out
}

// agencyOptions lists the agencies that cases can be with, as far as the
// person reaches.
func (w *Web) agencyOptions(lang i18n.Lang, actor civic.Actor) []Option {
	var out []Option
	for _, a := range w.Registry.AgenciesAt(w.Now()) {
		if a.Receives && actor.Reaches(w.Registry, a.Code) {
			out = append(out, registryOption(string(a.Code), a.Names, lang))
		}
	}
	return out
}

func (w *Web) queueRow(words words, item store.QueueItem, now time.Time) QueueRow {
	row := QueueRow{
		Code: item.Code.String(), URL: staffCasePath(item.Code), Title: item.Title, Language: item.Language,
		Reason: words.shortReason(item), Agency: w.agency(words.lang, item.Agency), Assignee: item.AssigneeName,
		State: item.State, DueAt: item.DueAt, DueState: triage.DueStateOf(item.Submission, now),
		DueText: w.dueText(words, item.Submission, now), Duplicates: item.Duplicates,
	}
	if suggests(item) {
		row.Agency, row.Suggested = w.agency(words.lang, item.Route.Agency), true
	}
	return row
}

// leastSuggestion is the probability from which a line of the queue names the
// agency that the router thought best. Below one in four it would mislead more
// often than help; the case itself shows all candidates with their scores.
const leastSuggestion = 0.25

// suggests reports whether a line names the agency that the router thought best
// of a case that has none yet.
func suggests(item store.QueueItem) bool {
	return item.Agency == "" && item.HasRoute && item.Route.Agency != "" && item.Route.Score >= leastSuggestion
}

// shortReason says in one line why a case is where it is: the question for the
// coordinators, or what chose the agency, and the words that counted.
func (w words) shortReason(item store.QueueItem) string {
	var parts []string
	if item.Channel.Keyed() {
		parts = append(parts, w.t("desk.channels."+string(item.Channel)))
	}
	if item.Hold != "" {
		parts = append(parts, w.reasonCode(item.Hold))
	}
	if r := w.reasonCode(item.TriageReason); r != "" && item.State == civic.Triage {
		parts = append(parts, r)
	}
	if r := item.Route; item.HasRoute {
		score := i18n.Percent(w.lang, r.Score)
		if s := w.optional("staff.by." + string(r.By)); s != "" {
			parts = append(parts, w.t("staff.by."+string(r.By), "rule", r.RuleID, "score", score))
		}
		if len(r.Words) > 0 && r.By != civic.RouteByPerson {
			parts = append(parts, strings.Join(r.Words, ", "))
		}
	}
	return strings.Join(parts, " · ")
}

// reasonCode names a code of triage or hold, and nothing for none.
func (w words) reasonCode(code string) string {
	if code == "" {
		return ""
	}
	if s := w.optional("desk.reason_code." + code); s != "" {
		return s
	}
	return code
}

// routeLines tells the stored reason of a route: what decided, how sure it
// was, and the words that counted.
func (w words) routeLines(r civic.Route) []string {
	key := "desk.route_by." + string(r.By)
	var lines []string
	switch r.By {
	case civic.RouteByRule:
		lines = append(lines, w.t(key, "rule", r.RuleID, "version", r.RuleVersion))
	case civic.RouteByModel:
		lines = append(lines, w.t(key, "score", i18n.Percent(w.lang, r.Score)))
	case civic.RouteByPerson, civic.RouteByNone:
		lines = append(lines, w.t(key))
	}
	if len(r.Words) > 0 {
		lines = append(lines, w.t("desk.route_words", "words", strings.Join(r.Words, ", ")))
	}
	return lines
}
