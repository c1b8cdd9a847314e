package web

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/openness"
)

// Licence is under which terms everybody may use the open data.
type Licence struct {
	// Name is a short name that programs know, such as CC-BY-4.0; URL its text;
	// Source who is to be named.
	Name, URL, Source string
}

// The files of the open data, below /open-data/.
const (
	dataAll     = "figures"
	dataSchema  = "schema.json"
	dataPackage = "datapackage.json"
	// dataHoldings is the register of personal data.
	dataHoldings = "personal-data.json"
	// dataBy begins the names of the files that count by one thing, with medians
	// and shares, which cannot be added up from the lines of the others.
	dataBy = "by-"
	// Their names as figures.<format>.
	formatCSV  = "csv"
	formatJSON = "json"
)

// dataColumns are the columns of the CSV files; the schema explains each. The
// first dataKeys of them say what a line is about.
var dataColumns = []string{
	"month", "agency", "topic", "area", "kind", "submissions", "cases", "in_time", "extended", "late", "open", "overdue", "long_overdue",
	"waiting", "prolonged", "refused", "withdrawn", "reopened", "helped_yes", "helped_partly", "helped_no",
}

const dataKeys = 5

// dataGroups are the things that there is a file for.
var dataGroups = []string{"agency", "topic", "area", "month"}

// groupColumns are the columns of those files after the code of the thing.
var groupColumns = append(append([]string{}, dataColumns[dataKeys:]...), "in_time_share", "median_days", "ninth_days", "helped_share")

// dataRoutes are the open data; they speak no language.
func (w *Web) dataRoutes(g *echo.Group) {
	g.GET("/open-data/:file", w.openData)
}

// openData serves figures.csv and .json, a month as 2026-11.csv or .json,
// by-agency.csv and its like, the schema and the list of all files.
func (w *Web) openData(c echo.Context) error {
	name := c.Param("file")
	h := c.Response().Header()
	h.Set("Access-Control-Allow-Origin", "*") // data for everybody's programs
	switch name {
	case dataSchema:
		return c.JSONPretty(http.StatusOK, w.dataDescription(), "  ")
	case dataPackage:
		return w.showDataPackage(c)
	case dataHoldings:
		return c.JSONPretty(http.StatusOK, holdingsData(w.Registry.Lists().Holdings), "  ")
	}
	base, format := name, ""
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		base, format = name[:i], name[i+1:]
	}
	if format != formatCSV && format != formatJSON {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	columns, lines, err := w.dataLines(c, base)
	if err != nil {
		return err
	}
	h.Set(echo.HeaderCacheControl, feedKept)
	h.Set("Link", "</open-data/"+dataSchema+`>; rel="describedby"`)
	if w.Licence.URL != "" {
		h.Add("Link", "<"+w.Licence.URL+`>; rel="license"`)
	}
	if format == formatJSON {
		return c.JSON(http.StatusOK, objects(columns, lines))
	}
	h.Set(echo.HeaderContentDisposition, `attachment; filename="hien-ke-`+name+`"`)
	h.Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	c.Response().WriteHeader(http.StatusOK)
	if _, err := c.Response().Write([]byte("\ufeff")); err != nil { // without it spreadsheets misread Vietnamese
		return err
	}
	out := csv.NewWriter(c.Response())
	if err := out.Write(columns); err != nil {
		return err
	}
	for _, line := range lines {
		if err := out.Write(texts(line)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// dataLines reads one file: strings, numbers, and nil for what is not told.
func (w *Web) dataLines(c echo.Context, base string) (columns []string, lines [][]any, err error) {
	ctx := c.Request().Context()
	if by, ok := strings.CutPrefix(base, dataBy); ok {
		report, err := w.Openness.Report(ctx, openness.Slice{})
		if err != nil {
			return nil, nil, err
		}
		groups, ok := map[string][]openness.Group{
			"agency": report.Agencies, "topic": report.Topics, "area": report.Areas, "month": report.Months,
		}[by]
		if !ok {
			return nil, nil, errs.New(errs.NotFound, httpx.CodeNoRoute)
		}
		for _, g := range groups {
			share, due := g.InTimeShare()
			helped, judged := g.HelpedShare()
			line := append([]any{g.Code}, counts(g.Figures)...)
			lines = append(lines, append(line, told(share, due), told(g.Median, g.Median >= 0), told(g.Ninth, g.Ninth >= 0), told(helped, judged)))
		}
		return append([]string{by}, groupColumns...), lines, nil
	}
	month := openness.Month(base)
	if base == dataAll {
		month = ""
	} else if month.Year() == 0 {
		return nil, nil, errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	cells, err := w.Openness.Cells(ctx, month)
	if err != nil {
		return nil, nil, err
	}
	for _, cell := range cells {
		line := []any{string(cell.Month), string(cell.Agency), string(cell.Topic), string(cell.Area), string(cell.Kind)}
		lines = append(lines, append(line, counts(cell.Figures)...))
	}
	return dataColumns, lines, nil
}

// told is a value, or nil where there is none.
func told[T any](v T, ok bool) any {
	if !ok {
		return nil
	}
	return v
}

// counts are the numbers of a line in the order of dataColumns.
func counts(f openness.Figures) []any {
	judged := !f.FewJudged
	return []any{
		f.Submissions, f.Cases, f.InTime, f.Extended, f.Late, f.Open, f.Overdue, f.LongOverdue, f.Waiting, f.Prolonged,
		f.Refused, f.Withdrawn, f.Reopened, told(f.Yes, judged), told(f.Partly, judged), told(f.No, judged),
	}
}

// texts writes a line for a CSV file. Codes are ours, so nothing in it can be
// taken for a formula.
func texts(line []any) []string {
	out := make([]string, len(line))
	for i, v := range line {
		switch v := v.(type) {
		case string:
			out[i] = v
		case int:
			out[i] = strconv.Itoa(v)
		case float64:
			out[i] = strconv.FormatFloat(v, 'f', 4, 64)
		}
	}
	return out
}

func objects(columns []string, lines [][]any) []map[string]any {
	out := make([]map[string]any, len(lines))
	for i, line := range lines {
		out[i] = map[string]any{}
		for k, v := range line {
			out[i][columns[k]] = v
		}
	}
	return out
}

// fields describes columns as a table schema (Frictionless Data), with the
// definitions that the page shows.
func (w *Web) fields(columns []string) []map[string]string {
	out := make([]map[string]string, len(columns))
	for i, name := range columns {
		kind := "integer"
		switch {
		case strings.HasSuffix(name, "_share"):
			kind = "number"
		case isKey(name):
			kind = "string"
		}
		out[i] = map[string]string{
			"name": name, "type": kind, "title": w.Catalogue.T(i18n.Vietnamese, "stats.column."+name), "description": w.Catalogue.T(i18n.English, "stats.column."+name),
		}
	}
	return out
}

func isKey(column string) bool {
	for _, k := range dataColumns[:dataKeys] {
		if k == column {
			return true
		}
	}
	return false
}

func (w *Web) licences() []map[string]string {
	return []map[string]string{{"name": w.Licence.Name, "path": w.Licence.URL}}
}

// dataDescription is the schema of figures.csv and of the monthly files.
func (w *Web) dataDescription() map[string]any {
	return map[string]any{
		"profile": "tabular-data-resource", "encoding": "utf-8", "licenses": w.licences(),
		"missingValues": []string{""}, "schema": map[string]any{"fields": w.fields(dataColumns), "primaryKey": dataColumns[:dataKeys]},
	}
}

// showDataPackage lists every file with its schema, as a data package
// (Frictionless Data): a program that knows this address needs no page.
func (w *Web) showDataPackage(c echo.Context) error {
	months, err := w.Openness.Months(c.Request().Context())
	if err != nil {
		return err
	}
	resource := func(name string, columns []string, key []string) map[string]any {
		return map[string]any{
			"name": name, "path": name + "." + formatCSV, "profile": "tabular-data-resource", "mediatype": "text/csv", "encoding": "utf-8",
			"missingValues": []string{""}, "schema": map[string]any{"fields": w.fields(columns), "primaryKey": key},
		}
	}
	list := []map[string]any{resource(dataAll, dataColumns, dataColumns[:dataKeys])}
	for _, by := range dataGroups {
		list = append(list, resource(dataBy+by, append([]string{by}, groupColumns...), []string{by}))
	}
	for _, m := range months {
		list = append(list, resource(string(m), dataColumns, dataColumns[:dataKeys]))
	}
	c.Response().Header().Set(echo.HeaderCacheControl, "public, max-age=300")
	return c.JSONPretty(http.StatusOK, map[string]any{
		"name": "hien-ke", "title": w.Catalogue.T(i18n.Vietnamese, "stats.data_title"), "description": w.Catalogue.T(i18n.Vietnamese, "stats.data_lead"),
		"homepage": w.PublicURL + "/vi/stats", "profile": "tabular-data-package", "licenses": w.licences(),
		"sources": []map[string]string{{"title": w.Licence.Source}}, "resources": list,
	}, "  ")
}
