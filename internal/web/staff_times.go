package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/deadlines"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// The pages of limits and calendar.
const (
	timesPath    = "/staff/times"
	calendarPath = timesPath + "/calendar"
	recountsPath = timesPath + "/recounts"
)

// TimesPage lists the time limits with their history.
type TimesPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Rows    []LimitRow
	Change  FormBlock
	History []HistoryLine
}

func (*TimesPage) template() string { return "staff_times" }

// LimitRow is one limit that holds, or will.
type LimitRow struct {
	Use, About, Limit, Since, Source, Edit string
	Agency                                 Name
	Coming                                 bool
}

// PreviewPage says what a change would move before it is made.
type PreviewPage struct {
	Frame
	Heading string
	Lines   []string
	Moves   []MoveRow
	More    bool // there are more moves than shown
	Apply   *FormBlock
	Back    Link
}

func (*PreviewPage) template() string { return "staff_preview" }

// MoveRow is one deadline that moved, or would.
type MoveRow struct {
	Code, URL string
	Agency    Name
	Old, New  time.Time
	Kept      bool
}

func (w *Web) timesRoutes(g *echo.Group) {
	see, manage := httpx.Require(civic.SeeTimes), httpx.Require(civic.ManageTimes)
	g.GET("/times", w.showTimes, see)
	g.POST("/times/try", w.postTryLimit, manage)
	g.POST("/times/apply", w.postLimit, manage)
	g.GET("/times/calendar", w.showCalendar, see)
	g.POST("/times/calendar", w.postDay, manage)
	g.POST("/times/calendar/drop", w.postDropDay, manage)
	g.GET("/times/calendar/try", w.showTryCalendar, manage)
	g.POST("/times/calendar/apply", w.postApplyCalendar, manage)
	g.GET("/times/recounts", w.showRecounts, see)
	g.GET("/times/recounts/:id", w.showRecount, see)
}

// limitFields are the names of the form of a limit, in its order.
var limitFields = []string{"use", "kind", "agency", "urgent", "amount", "clock", "from", "source"}

func limitTyped(get func(string) string) map[string]string {
	typed := map[string]string{}
	for _, name := range limitFields {
		typed[name] = get(name)
	}
	return typed
}

func (w *Web) showTimes(c echo.Context) error {
	page, err := w.timesPage(c, limitTyped(c.QueryParam), nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "times.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) timesPage(c echo.Context, typed map[string]string, failed error) (*TimesPage, error) {
	words := w.words(c)
	view, err := w.Deadlines.Limits(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	page := &TimesPage{Frame: w.staffFrame(c, "times", words.t("staff.times"))}
	w.tellRunning(words, &page.Notices, view.Running)
	for _, v := range view.Holding {
		page.Rows = append(page.Rows, w.limitRow(words, v))
	}
	for _, v := range view.Coming {
		row := w.limitRow(words, v)
		row.Coming = true
		page.Rows = append(page.Rows, row)
	}
	for i := len(view.Table) - 1; i >= 0; i-- {
		page.History = append(page.History, w.limitLine(words, view.Table[i]))
	}
	if typed["from"] == "" && failed == nil {
		typed["from"] = writtenDay(w.Now().AddDate(0, 0, 1)) // what is open already stays as it is
	}
	f := newForm(words, typed, errs.FieldsOf(failed))
	page.Change = FormBlock{
		ID: "change", Title: words.t("times.change"), Lead: words.t("times.change_lead"), URL: timesPath + "/try", Button: words.t("times.try"), Fields: w.limitForm(f),
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

// limitForm asks for a limit.
func (w *Web) limitForm(f *form) []Field {
	words := f.words
	choose := func(name string, required bool, first string, prefix string, values []string) Field {
		return f.field(name, func(field *Field) {
			field.Widget, field.Required, field.Label, field.Hint = "select", required, words.t("times.field."+name), words.optional("times.hint."+name)
			field.Options = []Option{{Label: words.t(first)}}
			for _, v := range values {
				field.Options = append(field.Options, Option{Value: v, Label: words.t(prefix + v)})
			}
		})
	}
	input := func(name string, more func(*Field)) Field {
		return f.field(name, func(field *Field) {
			field.Required, field.Label, field.Hint = true, words.t("times.field."+name), words.optional("times.hint."+name)
			if more != nil {
				more(field)
			}
		})
	}
	return []Field{
		choose("use", true, "form.choose", "times.use.", valuesOf(civic.LimitUses)),
		choose("kind", false, "times.any_kind", "kind.", valuesOf(civic.Kinds)),
		f.field("agency", func(field *Field) {
			w.agencySelect(words, false)(field)
			field.Options[0].Label = words.t("times.any_agency")
			field.Label, field.Hint = words.t("times.field.agency"), words.t("times.hint.agency")
		}),
		f.field("urgent", func(field *Field) {
			field.Widget, field.Label, field.Hint = "checkbox", words.t("times.field.urgent"), ""
		}),
		input("amount", func(field *Field) { field.Inputmode, field.Class = "numeric", "govuk-input--width-4" }),
		choose("clock", true, "form.choose", "times.clock.", valuesOf(civic.ClockTypes)),
		input("from", dayControl),
		input("source", nil),
	}
}

// valuesOf are the values of a closed set.
func valuesOf[T ~string](set []T) []string {
	out := make([]string, len(set))
	for i, v := range set {
		out[i] = string(v)
	}
	return out
}

// limitAbout says in words what a limit is about.
func (w *Web) limitAbout(words words, k civic.LimitKey) string {
	var parts []string
	if k.Kind != "" {
		parts = append(parts, words.t("kind."+string(k.Kind)))
	}
	if k.Urgent {
		parts = append(parts, words.t("times.urgent"))
	}
	if len(parts) == 0 {
		return words.t("times.every_case")
	}
	return strings.Join(parts, ", ")
}

func (w *Web) limitRow(words words, v civic.LimitVersion) LimitRow {
	q := url.Values{"use": {string(v.Use)}, "kind": {string(v.Kind)}, "agency": {string(v.Agency)}, "amount": {strconv.Itoa(v.Amount)}, "clock": {string(v.Clock)}}
	if v.Urgent {
		q.Set("urgent", "yes")
	}
	row := LimitRow{
		Use: words.t("times.use." + string(v.Use)), About: w.limitAbout(words, v.LimitKey), Limit: words.limitOrEnd(v), Agency: w.agency(words.lang, v.Agency),
		Since: words.t("times.always"), Source: v.Source, Edit: timesPath + "?" + q.Encode() + "#change",
	}
	if !v.From.IsZero() {
		row.Since = words.t("times.since", "day", writtenDay(v.From))
	}
	return row
}

func (w words) limitOrEnd(v civic.LimitVersion) string {
	if v.Ended() {
		return w.t("times.ended")
	}
	return w.limit(v.Limit)
}

func (w *Web) limitLine(words words, v civic.LimitVersion) HistoryLine {
	what := words.t("times.use."+string(v.Use)) + " · " + w.limitAbout(words, v.LimitKey)
	if name := w.agency(words.lang, v.Agency).Text; name != "" {
		what += " · " + name
	}
	what += ": " + words.limitOrEnd(v)
	if !v.From.IsZero() {
		what += ", " + words.t("times.since", "day", writtenDay(v.From))
	}
	return HistoryLine{At: v.WrittenAt, What: what + ". " + v.Source, By: v.Writer}
}

// tellRunning says that deadlines are being computed anew.
func (w *Web) tellRunning(words words, to *[]*Notice, r *civic.Recount) {
	if r != nil {
		*to = append(*to, &Notice{Tone: "care", Text: words.t("times.running", "looked", i18n.Number(words.lang, int64(r.Looked)))})
	}
}

// limitChange reads the form of a limit.
func limitChange(typed map[string]string) (deadlines.LimitChange, error) {
	ch := deadlines.LimitChange{
		LimitKey: civic.LimitKey{
			Use: civic.LimitUse(typed["use"]), Kind: civic.Kind(typed["kind"]), Agency: civic.AgencyCode(typed["agency"]), Urgent: typed["urgent"] == "yes",
		},
		Limit: civic.Limit{Clock: civic.ClockType(typed["clock"])}, Source: typed["source"],
	}
	ch.From = dateTyped(typed["from"])
	n, err := strconv.Atoi(strings.TrimSpace(typed["amount"]))
	if err != nil {
		return ch, errs.InvalidFields(errs.Field{Name: "amount", Code: "field.not_a_number"})
	}
	ch.Amount = n
	return ch, nil
}

func (w *Web) postTryLimit(c echo.Context) error {
	words, typed := w.words(c), limitTyped(c.FormValue)
	ch, err := limitChange(typed)
	var preview deadlines.Preview
	if err == nil {
		preview, err = w.Deadlines.TryLimit(c.Request().Context(), httpx.ActorFrom(c), ch)
	}
	if err != nil {
		return w.limitFailed(c, typed, err)
	}
	page := w.previewPage(c, words, words.t("times.preview"), preview, Link{Label: words.t("times.back"), URL: timesPath})
	v := civic.LimitVersion{LimitKey: ch.LimitKey, Limit: ch.Limit, From: ch.From.Start(), Source: ch.Source}
	page.Lines = append([]string{w.limitLine(words, v).What}, page.Lines...)
	page.Apply = &FormBlock{ID: "apply", Title: words.t("times.apply_title"), Lead: words.t("times.apply_limit_lead"), URL: timesPath + "/apply", Button: words.t("times.apply")}
	for _, name := range limitFields {
		page.Apply.Hidden = append(page.Apply.Hidden, Hidden{name, typed[name]})
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postLimit(c echo.Context) error {
	typed := limitTyped(c.FormValue)
	ch, err := limitChange(typed)
	if err == nil {
		err = w.Deadlines.SetLimit(c.Request().Context(), httpx.ActorFrom(c), ch)
	}
	if err != nil {
		return w.limitFailed(c, typed, err)
	}
	return c.Redirect(http.StatusSeeOther, timesPath+"?done=limit")
}

// limitFailed shows the form again.
func (w *Web) limitFailed(c echo.Context, typed map[string]string, err error) error {
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	page, pageErr := w.timesPage(c, typed, err)
	if pageErr != nil {
		return pageErr
	}
	if kind == errs.Conflict {
		page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
		return w.show(c, http.StatusConflict, page)
	}
	return w.show(c, http.StatusUnprocessableEntity, page)
}

// previewPage says what a change would move.
func (w *Web) previewPage(c echo.Context, words words, heading string, p deadlines.Preview, back Link) *PreviewPage {
	page := &PreviewPage{Frame: w.staffFrame(c, "times", heading), Heading: heading, Back: back, More: p.Moved+p.Kept > len(p.First)}
	page.Lines = []string{words.plural("times.looked", p.Looked), words.plural("times.moves", p.Moved)}
	if p.Kept > 0 {
		page.Lines = append(page.Lines, words.plural("times.kept", p.Kept))
	}
	page.Moves = w.moveRows(words, p.First)
	page.OtherURL = "" // the page came from a form, or is a look at this moment
	return page
}

func (w *Web) moveRows(words words, moves []civic.Move) []MoveRow {
	out := make([]MoveRow, len(moves))
	for i, m := range moves {
		out[i] = MoveRow{
			Code: m.Code.String(), URL: "/staff/cases/" + m.Code.String(), Agency: w.agency(words.lang, m.Agency), Old: m.Old, New: m.New, Kept: m.Kept,
		}
	}
	return out
}
