package web

import (
	"maps"
	"net/url"
	"slices"
	"time"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/insight"
)

// countedIn reads which figure's cases an address asks for. What nobody knows
// does not filter.
func countedIn(v url.Values) civic.Counted {
	c := civic.Counted{Figure: civic.Figure(v.Get("figure")), By: civic.AgencyCode(v.Get("by"))}
	day := func(name string) time.Time {
		if d, ok := civic.ParseDate(v.Get(name)); ok {
			return d.Start()
		}
		return time.Time{}
	}
	c.From, c.Until = day("from"), day("until")
	if !slices.Contains(civic.Figures, c.Figure) || c.Figure == civic.FigureSilent && c.From.IsZero() {
		return civic.Counted{}
	}
	return c
}

// figureAddress is the address of the queue with exactly the cases of a figure.
func figureAddress(within civic.AgencyCode, w insight.Where) string {
	v := url.Values{}
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	day := func(at time.Time) string {
		if at.IsZero() {
			return ""
		}
		return civic.DateOf(at).String()
	}
	set("within", string(within))
	set("figure", string(w.Counted.Figure))
	set("from", day(w.Counted.From))
	set("until", day(w.Counted.Until))
	set("by", string(w.Counted.By))
	set("agency", string(w.Agency))
	set("status", string(w.State))
	if w.Settled {
		set("status", stateAll)
	}
	if w.Overdue {
		set("due", string(civic.Overdue))
	}
	return queueAddress(v, nil)
}

// figureChip names the figure whose cases the queue shows, with the address
// without it; nothing where there is none.
func (w *Web) figureChip(words words, given url.Values) []Chip {
	said := w.figureShown(words, given, countedIn(given))
	if said == "" {
		return nil
	}
	v := maps.Clone(given)
	for _, name := range figureParams {
		v.Del(name)
	}
	return []Chip{{Label: words.t("steering.shown") + " " + said, URL: queueAddress(v, nil)}}
}

// figureShown says in words which figure's cases the queue shows.
func (w *Web) figureShown(words words, given url.Values, c civic.Counted) string {
	var out string
	if c.Figure != "" {
		out = words.t("figure." + string(c.Figure))
	}
	if c.Figure == civic.FigureHandedBack && c.By != "" {
		out += " (" + w.agency(words.lang, c.By).Text + ")"
	}
	day := func(at time.Time) string { return i18n.ShortDate(words.lang, at, civic.Zone) }
	if !c.From.IsZero() {
		out += " " + words.t("steering.since", "day", day(c.From))
	}
	if !c.Until.IsZero() {
		out += " " + words.t("steering.to", "day", day(c.Until.AddDate(0, 0, -1)))
	}
	if within := civic.AgencyCode(given.Get("within")); within != "" {
		if out != "" {
			out += " · "
		}
		out += words.t("steering.inside", "agency", w.agency(words.lang, within).Text)
	}
	return out
}
