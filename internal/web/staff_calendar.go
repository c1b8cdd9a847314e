package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/deadlines"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

// CalendarPage is one year of the calendar with what is proposed.
type CalendarPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Year    int
	Years   []Link
	Rows    []DayRow
	Drafts  []DayRow
	Try     string // address of the look at what the drafts would move
	Change  FormBlock
	History []HistoryLine
}

func (*CalendarPage) template() string { return "staff_calendar" }

// DayRow is one day that differs from the week.
type DayRow struct {
	Day, Weekday, Kind, Source, Edit, Date string
	Name                                   Name
	Certainty                              Tag
}

// RecountsPage lists the recomputations.
type RecountsPage struct {
	Frame
	Rows []RecountRow
}

func (*RecountsPage) template() string { return "staff_recounts" }

// RecountRow is one of them.
type RecountRow struct {
	URL, Reason, By     string
	At                  time.Time
	Looked, Moved, Kept int
	State               Tag
}

// RecountPage is the report of what one moved.
type RecountPage struct {
	Frame
	Row   RecountRow
	Moves []MoveRow
	Next  string
}

func (*RecountPage) template() string { return "staff_recount" }

// dayFields are the names of the form of a day, in its order.
var dayFields = []string{"date", "kind", "name_vi", "name_en", "certainty", "source"}

// noDay is the kind by which a day is taken out of the calendar.
const noDay = "none"

func (w *Web) showCalendar(c echo.Context) error {
	typed := map[string]string{"date": c.QueryParam("date")}
	page, err := w.calendarPage(c, typed, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "times.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) calendarPage(c echo.Context, typed map[string]string, failed error) (*CalendarPage, error) {
	words := w.words(c)
	view, err := w.Deadlines.Calendar(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	page := &CalendarPage{Frame: w.staffFrame(c, "times", words.t("calendar.title")), Try: calendarPath + "/try"}
	w.tellRunning(words, &page.Notices, view.Running)
	page.Year, _ = strconv.Atoi(c.QueryParam("year"))
	if page.Year < 1 {
		page.Year = civic.DateOf(w.Now()).Year
	}
	for _, year := range calendarYears(view, civic.DateOf(w.Now()).Year) {
		page.Years = append(page.Years, Link{Label: strconv.Itoa(year), URL: calendarPath + "?year=" + strconv.Itoa(year), Current: year == page.Year})
	}
	for _, d := range view.Days {
		if d.Date.Year == page.Year {
			page.Rows = append(page.Rows, w.dayRow(words, d))
		}
		if failed == nil && writtenDate(d.Date) == typed["date"] && typed["kind"] == "" { // the form of a day that is there
			typed["kind"], typed["certainty"], typed["source"] = string(d.Kind), string(d.Certainty), d.Source
			typed["name_vi"], typed["name_en"] = d.Name[civic.Vietnamese], d.Name[civic.English]
		}
	}
	for _, d := range view.Drafts {
		page.Drafts = append(page.Drafts, w.dayRow(words, d.CalendarDay))
	}
	for _, v := range view.History {
		if v.Date.Year == page.Year {
			page.History = append(page.History, w.dayLine(words, v))
		}
	}
	f := newForm(words, typed, errs.FieldsOf(failed))
	page.Change = FormBlock{
		ID: "change", Title: words.t("calendar.change"), Lead: words.t("calendar.change_lead"), URL: calendarPath + "?year=" + strconv.Itoa(page.Year),
		Button: words.t("calendar.propose"), Fields: calendarForm(f),
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

// calendarYears are those that have a day, with this one and the next.
func calendarYears(view deadlines.CalendarView, now int) []int {
	years := []int{now, now + 1}
	for _, d := range view.Days {
		if !slices.Contains(years, d.Date.Year) {
			years = append(years, d.Date.Year)
		}
	}
	slices.Sort(years)
	return years
}

func calendarForm(f *form) []Field {
	words := f.words
	field := func(name string, more func(*Field)) Field {
		return f.field(name, func(field *Field) {
			field.Required, field.Label, field.Hint = true, words.t("calendar.field."+name), words.optional("calendar.hint."+name)
			more(field)
		})
	}
	radios := func(prefix string, values ...string) func(*Field) {
		return func(field *Field) {
			field.Widget = "radios"
			for _, v := range values {
				field.Options = append(field.Options, Option{Value: v, Label: words.t(prefix + v)})
			}
		}
	}
	plain := func(*Field) {}
	return []Field{
		field("date", dayControl),
		field("kind", radios("calendar.kind.", append(valuesOf(civic.DayKinds), noDay)...)),
		field("name_vi", func(field *Field) { field.Required = false }),
		field("name_en", func(field *Field) { field.Required = false }),
		field("certainty", radios("calendar.certainty.", valuesOf(civic.Certainties)...)),
		field("source", plain),
	}
}

func (w *Web) dayRow(words words, d civic.CalendarDay) DayRow {
	row := DayRow{
		Day: writtenDate(d.Date), Date: d.Date.String(), Weekday: words.t("calendar.weekday." + strconv.Itoa(int(d.Date.Start().Weekday()))),
		Kind: words.t("calendar.kind." + noDay), Source: d.Source,
		Edit: calendarPath + "?" + url.Values{"year": {strconv.Itoa(d.Date.Year)}, "date": {writtenDate(d.Date)}}.Encode() + "#change",
	}
	if d.Kind == "" {
		return row
	}
	row.Kind, row.Name = words.t("calendar.kind."+string(d.Kind)), nameOf(d.Name, words.lang)
	row.Certainty = Tag{words.t("calendar.certainty." + string(d.Certainty)), "done"}
	if d.Certainty == civic.Provisional {
		row.Certainty.Tone = "wait"
	}
	return row
}

func (w *Web) dayLine(words words, v civic.DayVersion) HistoryLine {
	row := w.dayRow(words, v.CalendarDay)
	what := row.Day + ": " + row.Kind
	if row.Name.Text != "" {
		what += " · " + row.Name.Text
	}
	if row.Certainty.Text != "" {
		what += " · " + row.Certainty.Text
	}
	return HistoryLine{At: v.WrittenAt, What: what + ". " + v.Source, By: v.Writer}
}

func (w *Web) postDay(c echo.Context) error {
	typed := map[string]string{}
	for _, name := range dayFields {
		typed[name] = c.FormValue(name)
	}
	day := civic.CalendarDay{
		Kind: civic.DayKind(typed["kind"]), Certainty: civic.Certainty(typed["certainty"]), Source: typed["source"],
		Name: civic.Names{civic.Vietnamese: typed["name_vi"], civic.English: typed["name_en"]},
	}
	var err error
	switch day.Date = dateTyped(typed["date"]); typed["kind"] {
	case "":
		err = errs.InvalidFields(errs.Field{Name: "kind", Code: "field.required"})
	case noDay:
		day.Kind = ""
		fallthrough
	default:
		err = w.Deadlines.Propose(c.Request().Context(), httpx.ActorFrom(c), day)
	}
	if errs.CodeOf(err) == "calendar.no_such_day" {
		err = errs.InvalidFields(errs.Field{Name: "date", Code: "calendar.no_such_day"})
	}
	if err == nil {
		return c.Redirect(http.StatusSeeOther, calendarPath+"?year="+strconv.Itoa(day.Date.Year)+"&done=day")
	}
	return w.calendarFailed(c, typed, err)
}

func (w *Web) calendarFailed(c echo.Context, typed map[string]string, err error) error {
	kind := errs.KindOf(err)
	if kind != errs.Invalid && kind != errs.Conflict {
		return err
	}
	page, pageErr := w.calendarPage(c, typed, err)
	if pageErr != nil {
		return pageErr
	}
	if kind == errs.Conflict {
		page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
		return w.show(c, http.StatusConflict, page)
	}
	return w.show(c, http.StatusUnprocessableEntity, page)
}

func (w *Web) postDropDay(c echo.Context) error {
	date, ok := civic.ParseDate(c.FormValue("date"))
	if !ok {
		return errs.New(errs.NotFound, "calendar.no_such_day")
	}
	if err := w.Deadlines.Drop(c.Request().Context(), httpx.ActorFrom(c), date); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, calendarPath+"?year="+strconv.Itoa(date.Year)+"&done=dropped")
}

func (w *Web) showTryCalendar(c echo.Context) error {
	words := w.words(c)
	preview, err := w.Deadlines.TryCalendar(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := w.previewPage(c, words, words.t("calendar.preview"), preview, Link{Label: words.t("calendar.back"), URL: calendarPath})
	page.Apply = &FormBlock{ID: "apply", Title: words.t("times.apply_title"), Lead: words.t("calendar.apply_lead"), URL: calendarPath + "/apply", Button: words.t("times.apply")}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postApplyCalendar(c echo.Context) error {
	if err := w.Deadlines.Apply(c.Request().Context(), httpx.ActorFrom(c)); err != nil {
		return w.calendarFailed(c, map[string]string{}, err)
	}
	return c.Redirect(http.StatusSeeOther, recountsPath)
}

func (w *Web) recountRow(words words, r civic.Recount) RecountRow {
	row := RecountRow{
		URL: recountsPath + "/" + strconv.FormatInt(r.ID, 10), Reason: words.t("recount.over." + string(r.Reason)), By: r.Asker, At: r.AskedAt,
		Looked: r.Looked, Moved: r.Moved, Kept: r.Kept, State: Tag{words.t("recount.done"), "done"},
	}
	if r.EndedAt.IsZero() {
		row.State = Tag{words.t("recount.running"), "wait"}
	}
	return row
}

func (w *Web) showRecounts(c echo.Context) error {
	words := w.words(c)
	all, err := w.Deadlines.Recounts(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := &RecountsPage{Frame: w.staffFrame(c, "times", words.t("recount.title"))}
	for _, r := range all {
		page.Rows = append(page.Rows, w.recountRow(words, r))
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) showRecount(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "recount.not_found")
	}
	after, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	if err != nil {
		after = 0
	}
	words := w.words(c)
	report, err := w.Deadlines.Report(c.Request().Context(), httpx.ActorFrom(c), id, civic.SubmissionID(after))
	if err != nil {
		return err
	}
	page := &RecountPage{
		Frame: w.staffFrame(c, "times", words.t("recount.report", "time", i18n.DateTime(words.lang, report.AskedAt, civic.Zone))),
		Row:   w.recountRow(words, report.Recount), Moves: w.moveRows(words, report.Moves),
	}
	if report.Next != 0 {
		page.Next = page.Row.URL + "?after=" + strconv.FormatInt(int64(report.Next), 10)
	}
	return w.show(c, http.StatusOK, page)
}
