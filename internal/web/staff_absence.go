package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/absence"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const absencesPath = "/staff/absences"

// AbsencesPage lists who is away and who stands in.
type AbsencesPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Rows    []AbsenceRow
	Enter   FormBlock
}

func (*AbsencesPage) template() string { return "staff_absences" }

// AbsenceRow is one absence. End is the address that ends it, empty where that
// cannot be.
type AbsenceRow struct {
	Name, StandsIn, Days, URL, End string
	State                          Tag
}

// AbsencePage is what an absent person has in hand, to give it to another.
type AbsencePage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Heading string
	Days    string
	URL     string
	Total   int
	Rows    []AbsenceCase
	To      Field
	Given   []string // the cases that could not be given, with the reason
}

func (*AbsencePage) template() string { return "staff_absence" }

// AbsenceCase is one case in hand.
type AbsenceCase struct {
	Code, URL, Title string
	Language         civic.Language
	State            civic.State
	DueAt            time.Time
}

func (w *Web) absenceRoutes(g *echo.Group) {
	g.GET("/absences", w.showAbsences, httpx.RequireProven)
	g.POST("/absences", w.postAbsence, httpx.RequireProven)
	g.GET("/absences/:id", w.showAbsence, httpx.RequireProven)
	g.POST("/absences/:id/end", w.postEndAbsence, httpx.RequireProven)
	g.POST("/absences/:id/give", w.postGive, httpx.Require(civic.HandleCase))
	g.POST("/account/digest", w.postDigest, httpx.RequireProven)
}

func (w *Web) showAbsences(c echo.Context) error {
	page, err := w.absencesPage(c, map[string]string{}, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "absence.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) absencesPage(c echo.Context, typed map[string]string, failed error) (*AbsencesPage, error) {
	words := w.words(c)
	view, err := w.Absence.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	page := &AbsencesPage{Frame: w.staffFrame(c, "absences", words.t("staff.absences"))}
	ending := map[int64]bool{}
	for _, id := range view.Ending {
		ending[id] = true
	}
	for _, a := range view.Absences {
		row := w.absenceRow(words, a)
		if ending[a.ID] {
			row.End = row.URL + "/end"
		}
		page.Rows = append(page.Rows, row)
	}
	if failed == nil && len(view.People) > 0 {
		typed["user"] = userOption(view.People[0].ID) // mostly people enter their own
	}
	f := newForm(words, typed, errs.FieldsOf(failed))
	page.Enter = FormBlock{
		ID: "enter", Title: words.t("absence.enter"), Lead: words.t("absence.enter_lead"), URL: absencesPath, Button: words.t("absence.enter_go"),
		Fields: []Field{
			w.personSelect(f, "user", view.People), w.personSelect(f, "substitute", view.Others), absenceDay(f, "from"), absenceDay(f, "until"),
		},
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

func userOption(id civic.UserID) string { return strconv.FormatInt(int64(id), 10) }

// personSelect offers people with their agency.
func (w *Web) personSelect(f *form, name string, people []civic.User) Field {
	return f.field(name, func(field *Field) {
		field.Widget, field.Required, field.Label, field.Hint = "select", true, f.words.t("absence.field."+name), f.words.optional("absence.hint."+name)
		field.Options = []Option{{Label: f.words.t("form.choose")}}
		for _, u := range people {
			label := u.Name + ", " + f.words.t("staff.role."+string(u.Role))
			if at := w.agency(f.words.lang, u.Agency).Text; at != "" {
				label += ", " + at
			}
			field.Options = append(field.Options, Option{Value: userOption(u.ID), Label: label})
		}
	})
}

func absenceDay(f *form, name string) Field {
	return f.field(name, func(field *Field) {
		field.Required, field.Label, field.Hint, field.Class = true, f.words.t("absence.field."+name), f.words.t("absence.hint.day"), "govuk-input--width-10"
	})
}

func (w *Web) absenceRow(words words, a civic.Absence) AbsenceRow {
	row := AbsenceRow{
		Name: a.Name, StandsIn: a.StandInsName, URL: absencesPath + "/" + strconv.FormatInt(a.ID, 10),
		Days: words.t("absence.days", "from", writtenDay(a.From), "until", lastDay(a.Until)), State: Tag{words.t("absence.coming"), "wait"},
	}
	switch now := w.Now(); {
	case !a.EndedAt.IsZero():
		row.State = Tag{words.t("absence.ended", "time", i18n.DateTime(words.lang, a.EndedAt, civic.Zone)), ""}
	case !now.Before(a.Until):
		row.State = Tag{words.t("absence.passed"), ""}
	case a.Holds(now):
		row.State = Tag{words.t("absence.now"), "active"}
	}
	return row
}

func (w *Web) postAbsence(c echo.Context) error {
	typed := map[string]string{}
	for _, name := range []string{"user", "substitute", "from", "until"} {
		typed[name] = c.FormValue(name)
	}
	e := absence.Entry{User: userTyped(typed["user"]), Substitute: userTyped(typed["substitute"]), From: dateTyped(typed["from"]), Until: dateTyped(typed["until"])}
	err := w.Absence.Add(c.Request().Context(), httpx.ActorFrom(c), e)
	if err == nil {
		return c.Redirect(http.StatusSeeOther, absencesPath+"?done=entered")
	}
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	page, pageErr := w.absencesPage(c, typed, err)
	if pageErr != nil {
		return pageErr
	}
	if kind == errs.Conflict {
		page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
		return w.show(c, http.StatusConflict, page)
	}
	return w.show(c, http.StatusUnprocessableEntity, page)
}

// userTyped reads an id; what is none is zero.
func userTyped(s string) civic.UserID {
	id, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return civic.UserID(id)
}

func absenceOf(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, errs.New(errs.NotFound, "absence.not_found")
	}
	return id, nil
}

func (w *Web) postEndAbsence(c echo.Context) error {
	id, err := absenceOf(c)
	if err != nil {
		return err
	}
	if err := w.Absence.End(c.Request().Context(), httpx.ActorFrom(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, absencesPath+"?done=ended")
}

func (w *Web) showAbsence(c echo.Context) error {
	page, err := w.absencePage(c, nil)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) absencePage(c echo.Context, failed error) (*AbsencePage, error) {
	id, err := absenceOf(c)
	if err != nil {
		return nil, err
	}
	words := w.words(c)
	found, err := w.Absence.Cases(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return nil, err
	}
	row := w.absenceRow(words, found.Absence)
	heading := words.t("absence.cases", "name", found.Absence.Name)
	page := &AbsencePage{Frame: w.staffFrame(c, "absences", heading), Heading: heading, Days: row.Days, URL: row.URL, Total: found.Total}
	for _, sub := range found.Items {
		page.Rows = append(page.Rows, AbsenceCase{
			Code: sub.Code.String(), URL: "/staff/cases/" + sub.Code.String(), Title: sub.Title, Language: sub.Language, State: sub.State, DueAt: sub.DueAt,
		})
	}
	f := newForm(words, map[string]string{"to": userOption(found.Absence.Substitute)}, errs.FieldsOf(failed))
	page.To = w.personSelect(f, "to", found.Takers)
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

func (w *Web) postGive(c echo.Context) error {
	id, err := absenceOf(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	var codes []civic.Code
	for _, written := range form["codes"] {
		code, err := parseCode(written)
		if err != nil {
			return err
		}
		codes = append(codes, code)
	}
	given, err := w.Absence.Give(c.Request().Context(), httpx.ActorFrom(c), id, userTyped(form.Get("to")), codes)
	status := http.StatusOK
	if err != nil {
		if errs.KindOf(err) != errs.Invalid {
			return err
		}
		status = http.StatusUnprocessableEntity
	}
	page, pageErr := w.absencePage(c, err)
	if pageErr != nil {
		return pageErr
	}
	words := w.words(c)
	done := 0
	for _, g := range given {
		if g.Err == nil {
			done++
			continue
		}
		page.Given = append(page.Given, g.Code.String()+": "+words.problem(g.Err))
	}
	if done > 0 {
		page.Notices = append(page.Notices, &Notice{Tone: "done", Text: words.plural("absence.given", done)})
	}
	return w.show(c, status, page)
}

// digestForm turns the morning mail on or off.
func (w *Web) digestForm(c echo.Context, words words) (FormBlock, error) {
	on, err := w.Reminders.WantsDigest(c.Request().Context(), httpx.ActorFrom(c))
	state, next := "off", "yes"
	if on {
		state, next = "on", "no"
	}
	return FormBlock{
		ID: "digest", Title: words.t("digest.title"), Lead: words.t("digest.lead_" + state), URL: accountPath + "/digest",
		Hidden: []Hidden{{"on", next}}, Button: words.t("digest.turn_" + next), Tone: "secondary",
	}, err
}

func (w *Web) postDigest(c echo.Context) error {
	if err := w.Reminders.SetDigest(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("on") == "yes"); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, accountPath+"?done=digest")
}
