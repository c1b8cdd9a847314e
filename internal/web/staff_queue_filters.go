package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/store"
	"hienke/internal/triage"
)

// queueParams are the parameters of the queue, in the order of the filters.
var queueParams = []string{"status", "scope", "agency", "topic", "via", "due", "urgent", "tag", "sort"}

// figureParams are those that lead from a figure to its cases.
var figureParams = []string{"within", "figure", "from", "until", "by"}

// keptParams are all that an address of the queue carries.
var keptParams = slices.Concat([]string{"view", "q"}, queueParams, figureParams)

// stateAll stands for every state; without it the queue shows open cases.
const stateAll = "all"

// stateHeld stands for what must be checked before anything else.
const stateHeld = "held"

// queueRequest reads the filters. A value that nobody knows does not filter:
// an old bookmark must not fail.
func queueRequest(v url.Values, tags []civic.Tag) triage.QueueRequest {
	r := triage.QueueRequest{View: viewOf(v), Text: strings.TrimSpace(v.Get("q")), Scopes: scopesOf(v.Get("scope")), Sort: store.SortDue}
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
	for _, g := range tags {
		if strings.EqualFold(g.Name, v.Get("tag")) {
			r.Tags = []civic.TagID{g.ID}
		}
	}
	r.Within, r.Counted = civic.AgencyCode(v.Get("within")), countedIn(v)
	r.Urgent = v.Get("urgent") == "yes"
	if s := store.QueueSort(v.Get("sort")); s == store.SortNewest || s == store.SortOldest {
		r.Sort = s
	}
	return r
}

// queueDues are the due states that a queue can be filtered by.
var queueDues = []civic.DueState{civic.Overdue, civic.DueSoon, civic.OnTrack}

// viewOf is the view that an address names, or the one of everything.
func viewOf(v url.Values) civic.View {
	if view := civic.View(v.Get("view")); slices.Contains(civic.Views, view) {
		return view
	}
	return civic.ViewAll
}

// queueAddress is the address of the queue with what of v it knows, at a place
// or at its start.
func queueAddress(v url.Values, at *triage.QueuePlace) string {
	out := url.Values{}
	for _, name := range keptParams {
		if s := v.Get(name); s != "" && (name != "view" || s != string(civic.ViewAll)) {
			out.Set(name, s)
		}
	}
	if at != nil {
		name, micros := "after", int64(0)
		if at.Back {
			name = "before"
		}
		if !at.At.IsZero() {
			micros = at.At.UnixMicro()
		}
		out.Set(name, strconv.FormatInt(micros, 10)+"."+at.Code.String())
	}
	return strings.TrimSuffix(queuePath+"?"+out.Encode(), "?")
}

// placeIn reads the place that an address names, nil for the start. What cannot
// be read is the start.
func placeIn(v url.Values) *triage.QueuePlace {
	for name, back := range map[string]bool{"after": false, "before": true} {
		written, code, _ := strings.Cut(v.Get(name), ".")
		micros, err := strconv.ParseInt(written, 10, 64)
		if err != nil || micros < 0 || micros > latestPlace {
			continue
		}
		p := &triage.QueuePlace{Back: back}
		if p.Code, err = civic.ParseCode(code); err != nil {
			continue
		}
		if micros > 0 {
			p.At = time.UnixMicro(micros).UTC()
		}
		return p
	}
	return nil
}

// latestPlace is the last moment that an address may name, the end of the year
// 9999 in microseconds: both databases know it.
const latestPlace = 253_402_300_799_000_000

// givenFields are the filters as hidden fields of another form.
func givenFields(v url.Values) []Hidden {
	var out []Hidden
	for _, name := range keptParams {
		if s := v.Get(name); s != "" {
			out = append(out, Hidden{name, s})
		}
	}
	return out
}

// queueFilters builds the bar above the queue.
func (w *Web) queueFilters(words words, actor civic.Actor, given url.Values, tags []civic.Tag) (Field, []Field) {
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
		"urgent": {{Label: words.t("staff.any")}, {Value: "yes", Label: words.t("worklist.urgent_only")}},
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
	options["tag"] = append([]Option{{Label: words.t("staff.any")}}, tagOptions(tags)...)
	bare := func(options []Option) func(*Field) {
		return func(field *Field) { field.Widget, field.Options, field.Required = "select", options, true }
	}
	var filters []Field
	for _, name := range queueParams {
		filters = append(filters, f.field(name, bare(options[name])))
	}
	return f.field("q", bare(nil)), filters
}

// narrowing names what is filtered, each with the address without it, and the
// address of the view without any filter. A value that nobody knows filters
// nothing and is not named, but for agencies and topics: one that is no longer
// offered filters still.
func narrowing(q Field, filters []Field, given url.Values) (out []Chip, wide string) {
	without := func(name string) string {
		v := maps.Clone(given)
		v.Del(name)
		return queueAddress(v, nil)
	}
	if text := strings.TrimSpace(given.Get(q.Name)); text != "" {
		out = append(out, Chip{Label: "“" + text + "”", URL: without(q.Name)})
	}
	for _, f := range filters {
		value := given.Get(f.Name)
		if value == "" || f.Name == "sort" && value == string(store.SortDue) {
			continue
		}
		i := slices.IndexFunc(f.Options, func(o Option) bool { return strings.EqualFold(o.Value, value) })
		switch {
		case i >= 0:
			out = append(out, Chip{Label: f.Label + ": " + f.Options[i].Label, URL: without(f.Name)})
		case f.Name == "agency" || f.Name == "topic":
			out = append(out, Chip{Label: f.Label + ": " + value, URL: without(f.Name)})
		}
	}
	return out, queueAddress(url.Values{"view": given["view"]}, nil)
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

// tagOptions lists tags by name, each with how many open cases have it.
func tagOptions(tags []civic.Tag) []Option {
	var out []Option
	for _, g := range tags {
		out = append(out, Option{Value: g.Name, Label: g.Name + " (" + strconv.Itoa(g.Cases) + ")", Lang: civic.Vietnamese})
	}
	return out
}
