package web

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/directory"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// linesShown is how many lines of a table a page shows; it counts all, and shows
// those that are wrong first.
const linesShown = 200

const tablePath = registryPath + "/agency/table"

func (w *Web) showTable(c echo.Context) error {
	return w.show(c, http.StatusOK, w.tablePage(c, map[string]string{}, nil, nil))
}

// tablePage asks for a table, or shows what one would do.
func (w *Web) tablePage(c echo.Context, typed map[string]string, lines []directory.Line, failed error) *TablePage {
	words := w.words(c)
	page := &TablePage{Frame: w.staffFrame(c, "registry", words.t("registry.table")), Columns: directory.Columns}
	f := newForm(words, typed, errs.FieldsOf(failed))
	table := f.field("table", func(field *Field) {
		field.Widget, field.Rows, field.Plain = "textarea", 12, true
		field.Label, field.Hint = words.t("registry.field.table"), words.t("registry.hint.table")
	})
	page.Fields = []Field{table}
	page.File = f.field("file", func(field *Field) {
		field.Label, field.Hint = words.t("registry.field.file"), words.t("registry.hint.file")
	})
	var first, rest []TableLine
	for _, l := range lines {
		row := TableLine{Number: l.Number, Code: l.Code, Name: l.Name}
		switch {
		case len(l.Wrong) > 0:
			page.Wrong++
			row.State = Tag{words.t("registry.line_wrong"), "stop"}
			var said []string
			for _, field := range l.Wrong {
				said = append(said, words.fieldProblem(field, words.t("registry.field."+field.Name)))
			}
			row.Says = strings.Join(said, " ")
			first = append(first, row)
			continue
		case l.Act == civic.EntryAdded:
			page.Added++
			row.State = Tag{words.t("registry.line_added"), "done"}
		case l.Act == civic.EntryChanged:
			page.Edited++
			row.State = Tag{words.t("registry.line_changed"), "wait"}
			var said []string
			for _, field := range l.Fields {
				said = append(said, words.t("registry.field."+field))
			}
			row.Says = strings.Join(said, ", ")
		default:
			page.Same++
			row.State = Tag{words.t("registry.line_same"), ""}
		}
		rest = append(rest, row)
	}
	page.Lines = append(first, rest...)
	page.More = max(0, len(page.Lines)-linesShown)
	page.Lines = page.Lines[:min(len(page.Lines), linesShown)]
	if len(lines) > 0 && page.Wrong == 0 && page.Added+page.Edited > 0 {
		page.Apply = &FormBlock{
			ID: "apply", Title: words.t("registry.table_apply"), URL: tablePath, Button: words.t("registry.table_go"),
			Hidden: []Hidden{{"table", typed["table"]}, {"seen", directory.Mark(lines)}, {"go", "yes"}}, Fields: []Field{w.reasonField(f)},
		}
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

// postTable says what a table would do, and does it once somebody saw that.
func (w *Web) postTable(c echo.Context) error {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	typed := formTyped(c, "table", "reason", "go", "seen")
	if text, err := tableFile(c); err != nil {
		return w.tableFailed(c, err, w.tablePage(c, typed, nil, err))
	} else if text != "" {
		typed["table"] = text
	}
	if typed["go"] == "yes" {
		_, err := w.Directory.Import(ctx, actor, typed["table"], typed["seen"], typed["reason"])
		if err == nil {
			return c.Redirect(http.StatusSeeOther, listPath(civic.AgencyEntry)+"?done=imported")
		}
		if !worthKeeping(err) {
			return err
		}
		lines, planErr := w.Directory.Plan(ctx, actor, typed["table"])
		if planErr != nil {
			return err
		}
		return w.tableFailed(c, err, w.tablePage(c, typed, lines, err))
	}
	lines, err := w.Directory.Plan(ctx, actor, typed["table"])
	if err != nil {
		if !worthKeeping(err) {
			return err
		}
		return w.tableFailed(c, err, w.tablePage(c, typed, nil, err))
	}
	return w.show(c, http.StatusOK, w.tablePage(c, typed, lines, nil))
}

// tableFile reads the file that came with the form; without one it is empty.
func tableFile(c echo.Context) (string, error) {
	head, err := c.FormFile("file")
	if err != nil || head.Size == 0 && head.Filename == "" {
		return "", nil //nolint:nilerr // no file is no failure: the text beside it counts
	}
	in, err := head.Open()
	if err != nil {
		return "", fmt.Errorf("open the table: %w", err)
	}
	defer func() { _ = in.Close() }() // it was only read
	data, err := io.ReadAll(in)       // the body is bounded
	if err != nil {
		return "", fmt.Errorf("read the table: %w", err)
	}
	return directory.ReadFile(data)
}

// showTableFile hands out the agencies as a table that can be taken in again.
func (w *Web) showTableFile(c echo.Context) error {
	rows, err := w.Directory.Rows(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	res := c.Response()
	res.Header().Set(echo.HeaderContentType, "text/csv; charset=utf-8")
	res.Header().Set(echo.HeaderContentDisposition, `attachment; filename="co-quan.csv"`)
	out := csv.NewWriter(res)
	if err := beginCSV(out, res, directory.Columns); err != nil {
		return err
	}
	for _, row := range rows {
		for i := range row {
			row[i] = plainCell(row[i])
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (w *Web) tableFailed(c echo.Context, err error, page *TablePage) error {
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(w.words(c), err))
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
