package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const templatesPath = "/staff/templates"

// TemplatesPage lists the texts that answers begin with, and the form for one.
type TemplatesPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Fields  string // those that fill themselves in
	Rows    []TemplateRow
	Retired []Link // those out of use, each with its history
	Form    FormBlock
	Fresh   bool // the form is for a new one
}

func (*TemplatesPage) template() string { return "staff_templates" }

// TemplateRow is one template.
type TemplateRow struct {
	Name, Text   string
	Agency       Name
	UpdatedAt    time.Time
	Edit, Retire string
	History      string
}

func (w *Web) templateRoutes(g *echo.Group) {
	manage := httpx.Require(civic.ManageTemplates)
	g.GET("/templates", w.showTemplates, manage)
	g.POST("/templates", w.postTemplate, manage)
	g.POST("/templates/:id/retire", w.postRetireTemplate, manage)
	g.GET("/templates/:id/history", w.showTemplateHistory, manage)
	g.POST("/templates/:id/history", w.postRestoreTemplate, manage)
}

func (w *Web) showTemplates(c echo.Context) error {
	page, err := w.templatesPage(c, map[string]string{}, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "templates.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) templatesPage(c echo.Context, typed map[string]string, failed error) (*TemplatesPage, error) {
	actor, words := httpx.ActorFrom(c), w.words(c)
	list, err := w.Answers.Templates(c.Request().Context(), actor)
	if err != nil {
		return nil, err
	}
	page := &TemplatesPage{Frame: w.staffFrame(c, "templates", words.t("staff.templates"))}
	page.Fields = "{" + strings.Join(answers.TemplateFields, "}, {") + "}"
	if typed["id"] == "" {
		typed["id"] = c.QueryParam("edit")
	}
	for _, t := range list {
		id := strconv.FormatInt(t.ID, 10)
		row := TemplateRow{Name: t.Name, Text: t.Text, Agency: w.agency(words.lang, t.Agency), UpdatedAt: t.UpdatedAt}
		if !actor.Bound() || actor.Reaches(w.Registry, t.Agency) {
			row.Edit, row.Retire, row.History = templatesPath+"?edit="+id+"#template", templatesPath+"/"+id+"/retire", historyPath(t.ID)
		}
		if failed == nil && typed["id"] == id {
			typed = map[string]string{"id": id, "agency": string(t.Agency), "template_name": t.Name, "template_text": t.Text}
		}
		page.Rows = append(page.Rows, row)
	}
	retired, err := w.Answers.RetiredTemplates(c.Request().Context(), actor)
	if err != nil {
		return nil, err
	}
	for _, t := range retired {
		page.Retired = append(page.Retired, Link{Label: t.Name, URL: historyPath(t.ID)})
	}
	page.Fresh = typed["id"] == ""
	page.Form, page.Errors = w.templateForm(words, actor, typed, failed)
	page.Failed = failed != nil
	return page, nil
}

// templateForm offers the agencies that the person may write for.
func (w *Web) templateForm(words words, actor civic.Actor, typed map[string]string, failed error) (FormBlock, []FieldError) {
	f := newForm(words, typed, errs.FieldsOf(failed))
	var agencies []Option
	if !actor.Bound() {
		agencies = []Option{{Label: words.t("templates.everybody")}}
	}
	agencies = append(agencies, w.agencyOptions(words.lang, actor)...)
	fields := []Field{
		f.field("agency", func(field *Field) { field.Widget, field.Required, field.Options = "select", true, agencies }),
		f.field("template_name", func(field *Field) { field.Required = true }),
		f.field("template_text", textarea(10)),
	}
	block := FormBlock{ID: "template", Title: words.t("templates.new"), URL: templatesPath, Fields: fields, Button: words.t("templates.go")}
	if typed["id"] != "" {
		block.Title, block.URL = words.t("templates.edit"), templatesPath+"?edit="+typed["id"]
	}
	return block, f.summary()
}

func (w *Web) postTemplate(c echo.Context) error {
	id, _ := strconv.ParseInt(c.QueryParam("edit"), 10, 64)
	typed := map[string]string{"id": c.QueryParam("edit")}
	for _, name := range []string{"agency", "template_name", "template_text"} {
		typed[name] = c.FormValue(name)
	}
	err := w.Answers.PutTemplate(c.Request().Context(), httpx.ActorFrom(c), civic.AnswerTemplate{
		ID: id, Agency: civic.AgencyCode(typed["agency"]), Name: typed["template_name"], Text: typed["template_text"],
	})
	if err == nil {
		return c.Redirect(http.StatusSeeOther, templatesPath+"?done=kept")
	}
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	page, readErr := w.templatesPage(c, typed, err)
	if readErr != nil {
		return readErr
	}
	return w.showFailed(c, err, page)
}

func (w *Web) postRetireTemplate(c echo.Context) error {
	id, err := templateID(c)
	if err != nil {
		return err
	}
	if err := w.Answers.RetireTemplate(c.Request().Context(), httpx.ActorFrom(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, templatesPath+"?done=retired")
}

func historyPath(id int64) string {
	return templatesPath + "/" + strconv.FormatInt(id, 10) + "/history"
}

func templateID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, errs.Wrap(errs.NotFound, "template.not_found", err)
	}
	return id, nil
}

// TemplateHistoryPage is what a template was, who left it so, and when.
type TemplateHistoryPage struct {
	Frame
	Name string
	URL  string // takes the version that comes back
	Rows []TemplateVersionRow
}

func (*TemplateHistoryPage) template() string { return "staff_template_history" }

// TemplateVersionRow is a template as somebody left it.
type TemplateVersionRow struct {
	At               time.Time
	By, Name, Text   string
	Agency           Name
	Retired, Current bool
	Restore          string // the number to bring it back by; empty for what is in use
	Label            string // when, for the button's name
}

func (w *Web) showTemplateHistory(c echo.Context) error {
	id, err := templateID(c)
	if err != nil {
		return err
	}
	words := w.words(c)
	list, err := w.Answers.TemplateVersions(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return err
	}
	page := &TemplateHistoryPage{Frame: w.staffFrame(c, "templates", words.t("templates.history")), URL: historyPath(id)}
	for i, v := range list {
		if i == 0 {
			page.Name = v.Name
		}
		row := TemplateVersionRow{
			At: v.At, By: v.ByName, Name: v.Name, Text: v.Text, Agency: w.agency(words.lang, v.Agency), Retired: v.Retired,
			Current: i == 0 && !v.Retired, Label: i18n.DateTime(words.lang, v.At, civic.Zone),
		}
		if !row.Current {
			row.Restore = strconv.FormatInt(v.ID, 10)
		}
		page.Rows = append(page.Rows, row)
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postRestoreTemplate(c echo.Context) error {
	id, err := templateID(c)
	if err != nil {
		return err
	}
	version, _ := strconv.ParseInt(c.FormValue("version"), 10, 64) // none is not found
	if err := w.Answers.RestoreTemplate(c.Request().Context(), httpx.ActorFrom(c), id, version); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, templatesPath+"?done=restored")
}
