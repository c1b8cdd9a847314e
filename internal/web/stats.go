package web

import (
	"encoding/csv"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/openness"
)

// StatsPage are the public figures.
type StatsPage struct {
	Frame
	At      time.Time
	Spans   []Link // all, and each year
	Empty   bool
	Key     []KeyFigure
	Chart   StatsChart
	Tables  []StatsTable
	Overdue []OverdueRow
	// Columns are the columns of the tables, each with a definition.
	Columns []string
	Files   []Link // CSV by month
}

func (*StatsPage) template() string { return "stats" }

// KeyFigure is a number with what it means.
type KeyFigure struct{ Name, Value, Meaning string }

// StatsTable are the figures by one thing.
type StatsTable struct {
	ID, Title string
	Rows      []StatsRow
	More      int // rows that are in the files only
}

// StatsRow is a line of a table, written out.
type StatsRow struct {
	Name  Name
	Cells []string
}

// OverdueRow is an agency with cases whose deadline has passed.
type OverdueRow struct {
	Agency                    Name
	Overdue, Longest, Waiting int
}

// StatsChart is a chart of bars, once for wide and once for narrow screens.
type StatsChart struct {
	Wide, Narrow Bars
	Rows         []StatsRow // the same as a table
}

// Bars is a chart in units of CSS pixels.
type Bars struct {
	Width, Height, Base int
	List                []Bar
}

// LabelY is where the names of the months stand.
func (b Bars) LabelY() int { return b.Base + chartLabels - 6 }

// Bar is a month: received in the background, answered in front.
type Bar struct {
	X, Width            int
	ReceivedY, Received int
	AnsweredY, Answered int
	Label               string
	LabelX              int
}

// statsColumns are the columns of every table, in their order.
var statsColumns = []string{"cases", "in_time", "extended", "late", "open", "overdue", "share", "median", "ninth", "helped"}

const (
	// rowsShown is how many rows a table shows; the files have all.
	rowsShown = 40
	// Months in a chart, and its size.
	monthsWide, monthsNarrow = 24, 9
	chartWide, chartNarrow   = 720, 320
	chartHeight, chartLabels = 180, 22
	// filesShown is how many months are linked one by one: three years.
	filesShown = 36
)

// statsRoutes are the public figures and the files behind them.
func (w *Web) statsRoutes(g *echo.Group) {
	g.GET("/stats", w.showStats)
}

// dataRoutes are the open data; they speak no language.
func (w *Web) dataRoutes(g *echo.Group) {
	g.GET("/open-data/:file", w.openData)
}

func (w *Web) showStats(c echo.Context) error {
	words := w.words(c)
	year, _ := strconv.Atoi(c.QueryParam("year")) // anything else means all
	ctx := c.Request().Context()
	report, err := w.Openness.Report(ctx, year)
	if err != nil {
		return err
	}
	months, err := w.Openness.Months(ctx)
	if err != nil {
		return err
	}
	page := &StatsPage{
		Frame: w.frame(c, "stats", words.t("stats.title")), At: report.At, Empty: report.Total.Submissions == 0, Columns: statsColumns,
		Spans: []Link{{Label: words.t("stats.all_years"), URL: "/" + string(words.lang) + "/stats", Current: year == 0}},
	}
	page.Description = words.t("stats.lead")
	for _, y := range report.Years {
		text := strconv.Itoa(y)
		page.Spans = append(page.Spans, Link{Label: text, URL: "/" + string(words.lang) + "/stats?year=" + text, Current: y == year})
	}
	page.Key = words.keyFigures(report.Total)
	page.Chart = words.chart(report.Months)
	page.Tables = []StatsTable{
		words.table("agency", report.Agencies, func(code string) Name { return w.agency(words.lang, civic.AgencyCode(code)) }),
		words.table("topic", report.Topics, func(code string) Name { return w.topic(words.lang, civic.TopicCode(code)) }),
		words.table("area", report.Areas, func(code string) Name { return w.area(words.lang, civic.AreaCode(code)) }),
	}
	for _, g := range report.Agencies {
		if g.Overdue > 0 {
			page.Overdue = append(page.Overdue, OverdueRow{
				Agency: words.named(w.agency(words.lang, civic.AgencyCode(g.Code))), Overdue: g.Overdue, Longest: g.LongestOverdue, Waiting: g.Waiting,
			})
		}
	}
	slices.SortStableFunc(page.Overdue, func(a, b OverdueRow) int { return b.Overdue - a.Overdue })
	for _, m := range months[:min(len(months), filesShown)] {
		page.Files = append(page.Files, Link{Label: words.month(m), URL: "/open-data/" + string(m) + ".csv"})
	}
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// named is a name, or that there is none yet.
func (w words) named(n Name) Name {
	if n.Text == "" {
		return Name{Text: w.t("stats.none"), Lang: civic.Language(w.lang)}
	}
	return n
}

// month writes a month as people do: 11/2026.
func (w words) month(m openness.Month) string {
	if len(m) != len("2006-01") {
		return string(m)
	}
	return string(m[5:]) + "/" + string(m[:4])
}

func (w words) number(n int) string { return i18n.Number(w.lang, int64(n)) }

// days writes how many days, or that so many were not answered yet.
func (w words) days(n int) string {
	if n < 0 {
		return w.t("stats.not_reached")
	}
	return w.plural("stats.days", n)
}

func (w words) partOf(share float64, ok bool) string {
	if !ok {
		return "–"
	}
	return i18n.Percent(w.lang, share)
}

func (w words) keyFigures(f openness.Figures) []KeyFigure {
	values := []struct{ name, value string }{
		{"submissions", w.number(f.Submissions)}, {"cases", w.number(f.Cases)}, {"answered", w.number(f.Answered())},
		{"share", w.partOf(f.InTimeShare())}, {"overdue", w.number(f.Overdue)}, {"median", w.days(f.Median)},
		{"ninth", w.days(f.Ninth)}, {"helped", w.partOf(f.HelpedShare())}, {"reopened", w.number(f.Reopened)},
	}
	out := make([]KeyFigure, len(values))
	for i, v := range values {
		out[i] = KeyFigure{Name: w.t("stats.figure." + v.name), Value: v.value, Meaning: w.t("stats.meaning." + v.name)}
	}
	return out
}

func (w words) table(by string, list []openness.Group, name func(code string) Name) StatsTable {
	out := StatsTable{ID: "by-" + by, Title: w.t("stats.by_" + by), More: max(0, len(list)-rowsShown)}
	for _, g := range list[:min(len(list), rowsShown)] {
		days := func(n int) string {
			if n < 0 {
				return "–"
			}
			return w.number(n)
		}
		out.Rows = append(out.Rows, StatsRow{Name: w.named(name(g.Code)), Cells: []string{
			w.number(g.Cases), w.number(g.InTime), w.number(g.Extended), w.number(g.Late), w.number(g.Open), w.number(g.Overdue),
			w.partOf(g.InTimeShare()), days(g.Median), days(g.Ninth), w.partOf(g.HelpedShare()),
		}})
	}
	return out
}

func (w words) chart(months []openness.Group) StatsChart {
	var out StatsChart
	out.Wide = w.bars(months[max(0, len(months)-monthsWide):], chartWide)
	out.Narrow = w.bars(months[max(0, len(months)-monthsNarrow):], chartNarrow)
	for _, m := range months {
		out.Rows = append(out.Rows, StatsRow{
			Name:  Name{Text: w.month(openness.Month(m.Code)), Lang: civic.Language(w.lang)},
			Cells: []string{w.number(m.Submissions), w.number(m.Cases), w.number(m.Answered()), w.partOf(m.InTimeShare())},
		})
	}
	return out
}

func (w words) bars(months []openness.Group, width int) Bars {
	out := Bars{Width: width, Height: chartHeight + chartLabels, Base: chartHeight}
	if len(months) == 0 {
		return out
	}
	most := 1
	for _, m := range months {
		most = max(most, m.Cases)
	}
	step := min(width/len(months), 60) // a few months must not look like walls
	every := 1 + (len(months)*44-1)/width
	for i, m := range months {
		b := Bar{X: i*step + step/8, Width: step * 3 / 4, LabelX: i*step + step/2}
		b.Received, b.Answered = m.Cases*chartHeight/most, m.Answered()*chartHeight/most
		b.ReceivedY, b.AnsweredY = chartHeight-b.Received, chartHeight-b.Answered
		if (len(months)-1-i)%every == 0 { // the last one always
			b.Label = w.month(openness.Month(m.Code))
		}
		out.List = append(out.List, b)
	}
	return out
}

// The open data.
const (
	dataAll    = "figures"
	dataSchema = "schema.json"
)

// dataColumns are the columns of the CSV files; the schema explains each.
var dataColumns = []string{
	"month", "agency", "topic", "area", "kind", "submissions", "cases", "in_time", "extended", "late", "open", "overdue", "waiting",
	"refused", "withdrawn", "reopened", "helped_yes", "helped_partly", "helped_no",
}

// openData serves figures.csv, figures.json, a month as 2026-11.csv or .json,
// and the schema of all.
func (w *Web) openData(c echo.Context) error {
	name := c.Param("file")
	if name == dataSchema {
		return c.JSONPretty(http.StatusOK, dataDescription(w.Catalogue), "  ")
	}
	base, format := cutLast(name, '.')
	month := openness.Month(base)
	if base == dataAll {
		month = ""
	} else if month.Year() == 0 {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	if format != "csv" && format != "json" {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	cells, err := w.Openness.Cells(c.Request().Context(), month)
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*") // data for everybody's programs
	h.Set(echo.HeaderCacheControl, "public, max-age=300")
	h.Set("Link", "</open-data/"+dataSchema+`>; rel="describedby"`)
	if format == "json" {
		return c.JSON(http.StatusOK, dataRows(cells))
	}
	h.Set(echo.HeaderContentDisposition, `attachment; filename="hien-ke-`+name+`"`)
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil { // without it spreadsheets misread Vietnamese
		return err
	}
	out := csv.NewWriter(c.Response())
	if err := out.Write(dataColumns); err != nil {
		return err
	}
	for _, cell := range cells {
		if err := out.Write(dataRow(cell)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func cutLast(s string, sep byte) (before, after string) {
	for i := len(s) - 1; i >= 0; i-- {
		if s[i] == sep {
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

func dataNumbers(c openness.Cell) []int {
	return []int{
		c.Submissions, c.Cases, c.InTime, c.Extended, c.Late, c.Open, c.Overdue, c.Waiting, c.Refused, c.Withdrawn, c.Reopened, c.Yes, c.Partly, c.No,
	}
}

func dataRow(c openness.Cell) []string {
	out := []string{string(c.Month), string(c.Agency), string(c.Topic), string(c.Area), string(c.Kind)}
	for _, n := range dataNumbers(c) {
		out = append(out, strconv.Itoa(n))
	}
	return out
}

func dataRows(cells []openness.Cell) []map[string]any {
	out := make([]map[string]any, len(cells))
	for i, c := range cells {
		row := map[string]any{}
		for k, v := range dataRow(c)[:5] {
			row[dataColumns[k]] = v
		}
		for k, n := range dataNumbers(c) {
			row[dataColumns[5+k]] = n
		}
		out[i] = row
	}
	return out
}

// dataDescription is the schema of the files as a table schema (Frictionless
// Data), with the definitions that the page shows.
func dataDescription(c *i18n.Catalogue) map[string]any {
	fields := make([]map[string]string, len(dataColumns))
	for i, name := range dataColumns {
		kind := "integer"
		if i < 5 {
			kind = "string"
		}
		fields[i] = map[string]string{
			"name": name, "type": kind, "title": c.T(i18n.Vietnamese, "stats.column."+name), "description": c.T(i18n.English, "stats.column."+name),
		}
	}
	return map[string]any{
		"profile": "tabular-data-resource", "encoding": "utf-8",
		"licenses": []map[string]string{{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}},
		"schema":   map[string]any{"fields": fields, "primaryKey": dataColumns[:5]},
	}
}
