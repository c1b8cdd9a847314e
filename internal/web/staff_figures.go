package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
	"hienke/internal/store"
)

// FiguresPage tells how well the machine decides, week by week and by agency.
type FiguresPage struct {
	Frame
	Spans    []Link // how far back
	Weeks    []FigureRow
	Agencies []FigureAgency
	Scopes   []store.ScopeCount
	Arrivals []store.Arrivals
	Empty    bool // nothing was decided yet
}

func (*FiguresPage) template() string { return "staff_figures" }

// Meanings are the columns that need a word of explanation, in their order.
func (*FiguresPage) Meanings() []string {
	return []string{"joined", "undone", "alone", "corrected", "to_person", "among_three"}
}

// FigureRow is one week. Shares are written out, "–" where nothing was counted.
type FigureRow struct {
	Week     string // first day to last day
	Now      bool   // still under way
	Received int
	Joined, Undone, Alone, Corrected,
	ToPerson, First, AmongThree Share
	ByRule int
}

// Share is a count with what part of the whole it is.
type Share struct {
	Count int
	Part  string
}

// FigureAgency is one agency of the second table.
type FigureAgency struct {
	Name      Name
	Alone     int
	Corrected Share
	To        []FigureTo
}

// FigureTo is where corrected cases went.
type FigureTo struct {
	Name  Name
	Cases int
}

// machinePath is where the figures of the machine stand.
const machinePath = "/staff/figures/machine"

// figureSpans are how many weeks one may look back: two months, a quarter,
// half a year.
var figureSpans = []int{8, 13, insight.MaxWeeks}

// correctionsShown is how many agencies a line names; the API has all.
const correctionsShown = 3

func (w *Web) showFigures(c echo.Context) error {
	words := w.words(c)
	weeks, err := strconv.Atoi(c.QueryParam("weeks"))
	if err != nil || weeks < 1 || weeks > insight.MaxWeeks {
		weeks = figureSpans[0]
	}
	found, err := w.Insight.Figures(c.Request().Context(), httpx.ActorFrom(c), weeks)
	if err != nil {
		return err
	}
	page := &FiguresPage{Frame: w.staffFrame(c, "figures", words.t("figures.title")), Scopes: found.Scopes, Arrivals: found.Arrivals, Empty: true}
	for _, n := range figureSpans {
		page.Spans = append(page.Spans, Link{
			Label: words.plural("figures.weeks", n), URL: machinePath + "?weeks=" + strconv.Itoa(n), Current: n == weeks,
		})
	}
	for i, week := range found.Weeks {
		page.Empty = page.Empty && week.Received == 0
		page.Weeks = append(page.Weeks, words.figureRow(week, i == 0))
	}
	for _, a := range found.Agencies {
		row := FigureAgency{Name: w.agency(words.lang, a.Agency), Alone: a.Alone, Corrected: words.share(a.Corrected, a.Alone)}
		for _, to := range a.To[:min(len(a.To), correctionsShown)] {
			row.To = append(row.To, FigureTo{Name: w.agency(words.lang, to.To), Cases: to.Cases})
		}
		page.Agencies = append(page.Agencies, row)
	}
	return w.show(c, http.StatusOK, page)
}

func (w words) figureRow(week insight.Week, now bool) FigureRow {
	return FigureRow{
		Week: w.weekLabel(week.From), Now: now,
		Received: week.Received, Joined: w.share(week.Joined, week.Received), Undone: w.share(week.Undone, week.Joined),
		Alone: w.share(week.Alone(), week.Received), ByRule: week.ByRule, Corrected: w.share(week.Corrected, week.Alone()),
		ToPerson: w.share(week.ToPerson, week.Received), First: w.share(week.Offered.First, week.Offered.Decided),
		AmongThree: w.share(week.Offered.AmongThree, week.Offered.Decided),
	}
}

// weekLabel names a week by its first and its last day.
func (w words) weekLabel(monday time.Time) string {
	sunday := monday.AddDate(0, 0, 6)
	return i18n.ShortDate(w.lang, monday, civic.Zone) + " – " + i18n.ShortDate(w.lang, sunday, civic.Zone)
}

// share says what part of the whole a count is.
func (w words) share(count, whole int) Share {
	if whole == 0 {
		return Share{Count: count, Part: "–"}
	}
	return Share{Count: count, Part: i18n.Percent(w.lang, float64(count)/float64(whole))}
}
