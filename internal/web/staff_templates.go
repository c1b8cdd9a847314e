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
)

const templatesPath = "/staff/templates"

// TemplatesPage lists the texts that answers begin with, and the form for one.
type TemplatesPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Fields  string // those that fill themselves in
	Rows    []TemplateRow
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
}

func (w *Web) templateRoutes(g *echo.Group) {
	manage := httpx.Require(civic.ManageTemplates)
	g.GET("/templates", w.showTemplates, manage)
	g.POST("/templates", w.postTemplate, manage)
	g.POST("/templates/:id/retire", w.postRetireTemplate, manage)
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
			row.Edit, row.Retire = templatesPath+"?edit="+id+"#template", templatesPath+"/"+id+"/retire"
		}
		if failed == nil && typed["id"] == id {
			typed = map[string]string{"id": id, "agency": string(t.Agency), "template_name": t.Name, "template_text": t.Text}
		}
		page.Rows = append(page.Rows, row)
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
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.Wrap(errs.NotFound, "template.not_found", err)
	}
	if err := w.Answers.RetireTemplate(c.Request().Context(), httpx.ActorFrom(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, templatesPath+"?done=retired")
}
