package web

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/i18n"
	"hienke/internal/openness"
)

// StatsPage are the public figures.
type StatsPage struct {
	Frame
	At    time.Time
	Spans []Link // all, and each year
	// Filters narrow what is counted; Narrowed tells that one is set, and
	// ClearURL takes them away.
	Filters  []Field
	Narrowed bool
	ClearURL string
	Empty    bool
	Few      bool // there is something, and too little to be told
	Key      []KeyFigure
	Chart    StatsChart
	Tables   []StatsTable
	Overdue  []OverdueRow
	// Columns are the columns of the tables, each with a definition.
	Columns []string
	Files   []DataFile
	Licence Licence
}

func (*StatsPage) template() string { return "stats" }

// KeyFigure is a number with what it means. A value in words is set smaller.
type KeyFigure struct {
	Name, Value, Meaning string
	InWords              bool
}

// DataFile is a file of the open data in both formats.
type DataFile struct{ Label, CSV, JSON string }

// StatsTable are the figures by one thing.
type StatsTable struct {
	ID, Title string
	Head      string // of the first column
	Total     StatsRow
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
	Agency                                     Name
	Overdue, Long, Longest, Waiting, Prolonged int
}

// StatsChart is a chart of bars, once for wide and once for narrow screens.
type StatsChart struct {
	Wide, Narrow Bars
	Table        StatsTable // the same in numbers
}

// Bars is a chart in units of CSS pixels.
type Bars struct {
	Name                string // what it shows, for who does not see it
	Width, Height, Base int
	Most                int // cases of the highest bar
	List                []Bar
}

// LabelY is where the names of the months stand.
func (b Bars) LabelY() int { return b.Base + chartLabels - 6 }

// barPair is a bar to be drawn: a number in the background, another in front.
type barPair struct {
	Label       string
	Back, Front int
}

// Bar is a pair as drawn, such as a month: received in the background, answered
// in front.
type Bar struct {
	X, Width            int
	ReceivedY, Received int
	AnsweredY, Answered int
	Label               string
	LabelX              int
}

// statsColumns are the columns of every table, in their order: first what
// agencies are compared by, which a phone shows beside their names.
var statsColumns = []string{"cases", "share", "helped", "overdue", "median", "ninth", "in_time", "extended", "late", "open", "submissions"}

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

func (w *Web) showStats(c echo.Context) error {
	words := w.words(c)
	slice := readSlice(c)
	ctx := c.Request().Context()
	report, err := w.Openness.Report(ctx, slice)
	if err != nil {
		return err
	}
	whole, err := w.Openness.Report(ctx, openness.Slice{})
	if err != nil {
		return err
	}
	path := "/" + string(words.lang) + "/stats"
	page := &StatsPage{
		Frame: w.frame(c, "stats", words.t("stats.title")), At: report.At, Empty: report.Total.Submissions == 0, Columns: statsColumns,
		Spans: []Link{{Label: words.t("stats.all_years"), URL: path, Current: slice == openness.Slice{}}}, ClearURL: path,
		Narrowed: slice != openness.Slice{}, Licence: w.Licence, Few: report.Few,
	}
	page.Description = words.t("stats.lead")
	for _, y := range report.Years {
		text := strconv.Itoa(y)
		page.Spans = append(page.Spans, Link{Label: text, URL: path + "?year=" + text, Current: slice == openness.Year(y)})
	}
	page.Filters = w.statsFilters(words, slice, whole)
	page.Key = words.keyFigures(report.Total)
	page.Chart = words.chart(report)
	page.Tables = []StatsTable{
		words.table("agency", report.Total, report.Agencies, func(code string) Name { return w.agency(words.lang, civic.AgencyCode(code)) }),
		words.table("topic", report.Total, report.Topics, func(code string) Name { return w.topic(words.lang, civic.TopicCode(code)) }),
		words.table("area", report.Total, report.Areas, func(code string) Name { return w.area(words.lang, civic.AreaCode(code)) }),
	}
	page.Overdue = w.overdueBoard(words, report.Agencies)
	page.Files = words.dataFiles(whole.Months)
	keepForBack(c)
	return w.show(c, http.StatusOK, page)
}

// readSlice keeps what the address says and forgets what it should not say: an
// address typed by hand must not fail.
func readSlice(c echo.Context) openness.Slice {
	if year, err := strconv.Atoi(c.QueryParam("year")); err == nil && year > 0 && year < 10_000 {
		return openness.Year(year)
	}
	month := func(name string) openness.Month {
		if m := openness.Month(c.QueryParam(name)); m.Year() != 0 {
			return m
		}
		return ""
	}
	return openness.Slice{
		From: month("from"), Until: month("until"), Agency: civic.AgencyCode(c.QueryParam("agency")),
		Topic: civic.TopicCode(c.QueryParam("topic")), Area: civic.AreaCode(c.QueryParam("area")),
	}
}

// statsFilters offers everything that was received.
func (w *Web) statsFilters(words words, slice openness.Slice, whole openness.Report) []Field {
	f := newForm(words, map[string]string{
		"from": string(slice.From), "until": string(slice.Until), "agency": string(slice.Agency), "topic": string(slice.Topic), "area": string(slice.Area),
	}, nil)
	choice := func(name string, groups []openness.Group, label func(code string) string) Field {
		options := []Option{{Label: words.t("stats.any")}}
		for _, g := range groups {
			if text := label(g.Code); g.Code != "" && text != "" {
				options = append(options, Option{Value: g.Code, Label: text})
			}
		}
		field := f.field(name, func(field *Field) { field.Widget, field.Options = "select", options })
		field.Label, field.Hint = words.t("stats.filter."+name), "" // every choice may stay open, which needs no word
		return field
	}
	month := func(code string) string { return words.month(openness.Month(code)) }
	return []Field{
		choice("from", whole.Months, month), choice("until", whole.Months, month),
		choice("agency", whole.Agencies, func(code string) string { return w.agency(words.lang, civic.AgencyCode(code)).Text }),
		choice("topic", whole.Topics, func(code string) string { return w.topic(words.lang, civic.TopicCode(code)).Text }),
		choice("area", whole.Areas, func(code string) string { return w.area(words.lang, civic.AreaCode(code)).Text }),
	}
}

// overdueBoard names who has cases whose deadline passed, the most first.
func (w *Web) overdueBoard(words words, agencies []openness.Group) []OverdueRow {
	var out []OverdueRow
	for _, g := range agencies {
		if g.Overdue > 0 && g.Code != openness.Withheld {
			out = append(out, OverdueRow{
				Agency: words.named(w.agency(words.lang, civic.AgencyCode(g.Code))), Overdue: g.Overdue, Long: g.LongOverdue,
				Longest: g.LongestOverdue, Waiting: g.Waiting, Prolonged: g.Prolonged,
			})
		}
	}
	slices.SortStableFunc(out, func(a, b OverdueRow) int { return cmp.Or(b.Overdue-a.Overdue, b.Longest-a.Longest) })
	return out
}

// dataFiles lists the monthly files, the latest first.
func (w words) dataFiles(months []openness.Group) []DataFile {
	var out []DataFile
	for _, g := range slices.Backward(months[max(0, len(months)-filesShown):]) {
		base := "/open-data/" + g.Code
		out = append(out, DataFile{Label: w.month(openness.Month(g.Code)), CSV: base + "." + formatCSV, JSON: base + "." + formatJSON})
	}
	return out
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
	if m.Year() == 0 {
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
	values := []struct {
		name, value string
		inWords     bool
	}{
		{name: "submissions", value: w.number(f.Submissions)}, {name: "cases", value: w.number(f.Cases)}, {name: "answered", value: w.number(f.Answered())},
		{name: "in_time", value: w.number(f.InTime)}, {name: "extended", value: w.number(f.Extended)}, {name: "late", value: w.number(f.Late)},
		{name: "open", value: w.number(f.Open)}, {name: "overdue", value: w.number(f.Overdue)}, {name: "share", value: w.partOf(f.InTimeShare())}, {name: "helped", value: w.helped(f), inWords: f.FewJudged},
		{name: "median", value: w.days(f.Median), inWords: f.Median < 0}, {name: "ninth", value: w.days(f.Ninth), inWords: f.Ninth < 0},
		{name: "reopened", value: w.number(f.Reopened)},
	}
	out := make([]KeyFigure, len(values))
	for i, v := range values {
		out[i] = KeyFigure{Name: w.t("stats.figure." + v.name), Value: v.value, Meaning: w.t("stats.meaning." + v.name), InWords: v.inWords}
	}
	return out
}

// helped writes the share of answers that helped, or that too few said so.
func (w words) helped(f openness.Figures) string {
	if f.FewJudged {
		return w.t("stats.few_judged")
	}
	return w.partOf(f.HelpedShare())
}

func (w words) statsRow(name Name, f openness.Figures) StatsRow {
	days := func(n int) string {
		if n < 0 {
			return "–"
		}
		return w.number(n)
	}
	return StatsRow{Name: name, Cells: []string{
		w.number(f.Cases), w.partOf(f.InTimeShare()), w.partOf(f.HelpedShare()), w.number(f.Overdue), days(f.Median), days(f.Ninth),
		w.number(f.InTime), w.number(f.Extended), w.number(f.Late), w.number(f.Open), w.number(f.Submissions),
	}}
}

func (w words) table(by string, total openness.Figures, list []openness.Group, name func(code string) Name) StatsTable {
	out := StatsTable{
		ID: "by-" + by, Title: w.t("stats.by_" + by), Head: w.t("stats.column." + by), More: max(0, len(list)-rowsShown),
		Total: w.statsRow(Name{Text: w.t("stats.total"), Lang: civic.Language(w.lang)}, total),
	}
	for _, g := range list[:min(len(list), rowsShown)] {
		called := w.named(name(g.Code))
		if g.Code == openness.Withheld {
			called.Text = w.t("stats.joined")
		}
		out.Rows = append(out.Rows, w.statsRow(called, g.Figures))
	}
	return out
}

func (w words) chart(report openness.Report) StatsChart {
	months := slices.DeleteFunc(slices.Clone(report.Months), func(g openness.Group) bool { return g.Code == openness.Withheld })
	pairs := make([]barPair, len(months))
	for i, m := range months {
		pairs[i] = barPair{w.month(openness.Month(m.Code)), m.Cases, m.Answered()}
	}
	var out StatsChart
	out.Wide = bars(w.t("stats.chart_label"), pairs[max(0, len(pairs)-monthsWide):], chartWide)
	out.Narrow = bars(w.t("stats.chart_label"), pairs[max(0, len(pairs)-monthsNarrow):], chartNarrow)
	latest := slices.Clone(report.Months)
	slices.Reverse(latest)
	out.Table = w.table("month", report.Total, latest, func(code string) Name {
		return Name{Text: w.month(openness.Month(code)), Lang: civic.Language(w.lang)}
	})
	return out
}

// bars draws pairs from left to right; the last one always has its label.
func bars(name string, pairs []barPair, width int) Bars {
	out := Bars{Name: name, Width: width, Height: chartHeight + chartLabels, Base: chartHeight}
	if len(pairs) == 0 {
		return out
	}
	most := 1
	for _, p := range pairs {
		most = max(most, p.Back, p.Front)
	}
	out.Most = most
	step := min(width/len(pairs), 60) // a few must not look like walls
	every := 1 + (len(pairs)*44-1)/width
	for i, p := range pairs {
		b := Bar{X: i*step + step/8, Width: step * 3 / 4, LabelX: i*step + step/2}
		b.Received, b.Answered = p.Back*chartHeight/most, p.Front*chartHeight/most
		b.ReceivedY, b.AnsweredY = chartHeight-b.Received, chartHeight-b.Answered
		if (len(pairs)-1-i)%every == 0 {
			b.Label = p.Label
		}
		out.List = append(out.List, b)
	}
	return out
}
