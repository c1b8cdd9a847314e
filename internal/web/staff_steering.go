package web

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/insight"
)

const (
	steeringPath = "/staff/figures"
	// agenciesShown is how many agencies the page shows; the file has all.
	agenciesShown = 30
	// weeksNarrow is how many weeks a chart has on a phone.
	weeksNarrow = 8
)

// SteeringPage is what a head of office steers by.
type SteeringPage struct {
	Frame
	Spans    []Link
	Weeks    int
	Unit     Field // which agency, and those below it
	File     string
	At       time.Time
	Backlog  []SteeringAge
	States   []civic.State
	Total    SteeringAge
	ByAge    StatsChart
	Flow     []SteeringWeek
	ByWeek   StatsChart
	Until    string // the last day that is foreseen
	Foreseen Figure
	Waits    []SteeringWait
	Opinions []SteeringOpinion
	Asked    string // what others wait for from the reach, or empty
	Silence  string // since when nobody did anything
	Agencies []SteeringAgency
	More     int // agencies that are in the file only
	Quality  []SteeringQuality
}

func (*SteeringPage) template() string { return "staff_steering" }

// SteeringWait is what waits for one kind of people.
type SteeringWait struct {
	State        civic.State
	All, Overdue Figure
}

// SteeringOpinion is what waits for the opinion of an agency.
type SteeringOpinion struct {
	Name        Name
	Asked, Late int
}

// Figure is a number that leads to its cases.
type Figure struct {
	Cases int
	URL   string
}

// SteeringAge is a line of the backlog.
type SteeringAge struct {
	Label        string
	States       []SteeringState
	All, Overdue Figure
}

// SteeringState is what is open in one state; on a phone its name stands beside
// it.
type SteeringState struct {
	Name string
	Figure
}

// SteeringWeek is a line of what came and went.
type SteeringWeek struct {
	Label                       string
	Now                         bool
	Received, Returned, Settled Figure
	Change                      string // of what is open, with its sign
}

// SteeringAgency is one agency.
type SteeringAgency struct {
	Name                                       Name
	Silent                                     bool
	Open, Overdue, Foreseen, Quiet, HandedBack Figure
	Due                                        int
	Rate                                       string
}

// SteeringQuality is one figure of what became of answers.
type SteeringQuality struct {
	Name  string // civic.Figure
	Count Figure
	Part  string // of those that are counted beside it, or empty
}

// steering reads what the address asks for.
func (w *Web) steering(c echo.Context) (insight.SteeringRequest, insight.Steering, error) {
	r := insight.SteeringRequest{Within: civic.AgencyCode(c.QueryParam("within"))}
	weeks, err := strconv.Atoi(c.QueryParam("weeks"))
	if err != nil || weeks < 1 || weeks > insight.MaxWeeks {
		weeks = figureSpans[0]
	}
	r.Weeks = weeks
	found, err := w.Insight.Steering(c.Request().Context(), httpx.ActorFrom(c), r)
	return r, found, err
}

// steeringAddress is the page for other weeks or as a file.
func steeringAddress(path string, r insight.SteeringRequest) string {
	v := url.Values{"weeks": {strconv.Itoa(r.Weeks)}}
	if r.Within != "" {
		v.Set("within", string(r.Within))
	}
	return path + "?" + v.Encode()
}

func (w *Web) showSteering(c echo.Context) error {
	r, found, err := w.steering(c)
	if err != nil {
		return err
	}
	words, actor := w.words(c), httpx.ActorFrom(c)
	page := &SteeringPage{
		Frame: w.staffFrame(c, "figures", words.t("steering.title")), Weeks: r.Weeks, At: found.At, States: civic.Open,
		File:    steeringAddress(steeringPath+"/export", r),
		Until:   i18n.ShortDate(words.lang, found.Until.Add(-time.Second), civic.Zone),
		Silence: i18n.ShortDate(words.lang, found.Silence, civic.Zone),
	}
	figure := func(count insight.Count) Figure { return Figure{count.Cases, figureAddress(r.Within, count.Where)} }
	for _, wait := range found.Waits {
		page.Waits = append(page.Waits, SteeringWait{wait.State, figure(wait.All), figure(wait.Overdue)})
	}
	for _, o := range found.Opinions[:min(len(found.Opinions), partShown)] {
		page.Opinions = append(page.Opinions, SteeringOpinion{w.agency(words.lang, o.Agency), o.Asked, o.Late})
	}
	if found.Asked.Asked > 0 {
		page.Asked = words.plural("steering.wait.asked", found.Asked.Asked, "late", words.number(found.Asked.Late))
	}
	for _, n := range figureSpans {
		page.Spans = append(page.Spans, Link{
			Label: words.plural("figures.weeks", n), Current: n == r.Weeks,
			URL: steeringAddress(steeringPath, insight.SteeringRequest{Weeks: n, Within: r.Within}),
		})
	}
	f := newForm(words, map[string]string{"within": string(r.Within)}, nil)
	page.Unit = f.field("within", func(field *Field) {
		field.Widget, field.Required = "select", true
		field.Options = append([]Option{{Label: words.t("steering.whole")}}, w.agencyOptions(words.lang, actor)...)
	})
	page.Foreseen = figure(found.Foreseen)
	words.fillBacklog(page, found, figure)
	words.fillFlow(page, found, figure)
	for _, a := range found.Agencies[:min(len(found.Agencies), agenciesShown)] {
		page.Agencies = append(page.Agencies, SteeringAgency{
			Name: w.agency(words.lang, a.Agency), Silent: a.AllSilent(), Open: figure(a.Open), Overdue: figure(a.Overdue),
			Foreseen: figure(a.Foreseen), Quiet: figure(a.Silent), HandedBack: figure(a.HandedBack), Due: a.Due, Rate: words.rate(a),
		})
	}
	page.More = max(0, len(found.Agencies)-agenciesShown)
	rated := 0
	for _, h := range found.Helped {
		rated += h.Cases
	}
	for _, q := range append(found.Helped, found.Reopened, found.Undone) {
		row := SteeringQuality{Name: string(q.Where.Counted.Figure), Count: figure(q)}
		if len(page.Quality) < len(found.Helped) {
			row.Part = words.share(q.Cases, rated).Part
		}
		page.Quality = append(page.Quality, row)
	}
	return w.show(c, http.StatusOK, page)
}

// rate writes how many cases an agency settles on a working day.
func (w words) rate(a insight.AgencyWork) string {
	if a.Due == 0 {
		return "–"
	}
	return w.decimal(a.Rate)
}

// decimal writes a number with one place.
func (w words) decimal(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	if w.lang == i18n.Vietnamese {
		return strings.ReplaceAll(s, ".", ",")
	}
	return s
}

// signed writes by how much something grew or shrank.
func (w words) signed(n int) string {
	switch {
	case n > 0:
		return "+" + w.number(n)
	case n < 0:
		return "−" + w.number(-n)
	}
	return "0"
}

func (w words) ageLabel(a insight.Age) string {
	if a.Below == 0 {
		return w.t("steering.age_from", "least", strconv.Itoa(a.Least))
	}
	return w.t("steering.age", "least", strconv.Itoa(a.Least), "most", strconv.Itoa(a.Below-1))
}

// fillBacklog puts what is open on the page, by age and state.
func (w words) fillBacklog(page *SteeringPage, found insight.Steering, figure func(insight.Count) Figure) {
	page.Total = SteeringAge{
		Label: w.t("steering.total"), All: figure(insight.Count{}), Overdue: figure(insight.Count{Where: insight.Where{Overdue: true}}),
	}
	for _, state := range civic.Open {
		page.Total.States = append(page.Total.States, SteeringState{w.t("state." + string(state)), figure(insight.Count{Where: insight.Where{State: state}})})
	}
	var pairs []barPair
	for _, a := range found.Ages {
		row := SteeringAge{Label: w.ageLabel(a), All: figure(a.All), Overdue: figure(a.Overdue)}
		for i, s := range a.States {
			row.States = append(row.States, SteeringState{page.Total.States[i].Name, figure(s)})
			page.Total.States[i].Cases += s.Cases
		}
		page.Total.All.Cases += a.All.Cases
		page.Total.Overdue.Cases += a.Overdue.Cases
		page.Backlog = append(page.Backlog, row)
		pairs = append(pairs, barPair{strconv.Itoa(a.Least) + "+", a.All.Cases, a.Overdue.Cases})
	}
	page.ByAge.Narrow = bars(w.t("steering.chart_age"), pairs, chartNarrow)
}

// fillFlow puts what came and went on the page, the latest week first, and in
// the chart last.
func (w words) fillFlow(page *SteeringPage, found insight.Steering, figure func(insight.Count) Figure) {
	var pairs []barPair
	for i, f := range found.Flow {
		row := SteeringWeek{
			Label: w.weekLabel(f.From), Now: i == len(found.Flow)-1,
			Received: figure(f.Received), Returned: figure(f.Returned), Settled: figure(f.Settled),
			Change: w.signed(f.Received.Cases + f.Returned.Cases - f.Settled.Cases),
		}
		page.Flow = append([]SteeringWeek{row}, page.Flow...)
		pairs = append(pairs, barPair{f.From.Format("02/01"), f.Received.Cases + f.Returned.Cases, f.Settled.Cases})
	}
	page.ByWeek.Wide = bars(w.t("steering.chart_flow"), pairs, chartWide)
	page.ByWeek.Narrow = bars(w.t("steering.chart_flow"), pairs[max(0, len(pairs)-weeksNarrow):], chartNarrow)
}

// exportSteering gives every figure of the page as a line of a file.
func (w *Web) exportSteering(c echo.Context) error {
	_, found, err := w.steering(c)
	if err != nil {
		return err
	}
	words, res := w.words(c), c.Response()
	res.Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	res.Header().Set(echo.HeaderContentDisposition, `attachment; filename="so-lieu-`+found.At.In(civic.Zone).Format(time.DateOnly)+`.csv"`)
	out := csv.NewWriter(res)
	var head []string
	for _, name := range []string{"figure", "agency", "state", "from", "to", "cases"} {
		head = append(head, words.t("steering.file."+name))
	}
	if err := beginCSV(out, res, head); err != nil {
		return err
	}
	day := func(at time.Time, before int) string {
		if at.IsZero() {
			return ""
		}
		return civic.DateOf(at.AddDate(0, 0, -before)).String()
	}
	for _, n := range found.Counts() {
		at := n.Where
		name := words.t("steering.open")
		switch {
		case at.Overdue:
			name = words.t("steering.overdue")
		case at.Counted.Figure != "":
			name = words.t("figure." + string(at.Counted.Figure))
		}
		if at.Counted.Figure == civic.FigureReceived && !at.Settled && !at.Overdue {
			name = words.t("steering.open")
		}
		agency := at.Agency
		if at.Counted.By != "" {
			agency = at.Counted.By
		}
		var state string
		if at.State != "" {
			state = words.t("state." + string(at.State))
		}
		line := []string{
			name, plainCell(w.agency(words.lang, agency).Text), state, day(at.Counted.From, 0), day(at.Counted.Until, 1), strconv.Itoa(n.Cases),
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}
