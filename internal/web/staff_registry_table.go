package web

import (
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
		field.Widget, field.Rows, field.Required, field.Plain = "textarea", 12, true, true
		field.Label, field.Hint = words.t("registry.field.table"), words.t("registry.hint.table")
	})
	page.Fields = []Field{table}
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
			Hidden: []Hidden{{"table", typed["table"]}, {"go", "yes"}}, Fields: []Field{w.reasonField(f)},
		}
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

// postTable says what a table would do, and does it once somebody saw that.
func (w *Web) postTable(c echo.Context) error {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	typed := formTyped(c, "table", "reason", "go")
	if typed["go"] == "yes" {
		_, err := w.Directory.Import(ctx, actor, typed["table"], typed["reason"])
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

func (w *Web) tableFailed(c echo.Context, err error, page *TablePage) error {
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(w.words(c), err))
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
