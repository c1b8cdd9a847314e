package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/triage"
)

const (
	agenciesPath = "/staff/agencies"
	examplesPath = agenciesPath + "/examples"
	// leftoversPerPage is how many stranded cases and how many examples the use
	// cases give for one page.
	leftoversPerPage = 50
)

// pageNumber reads the page of a list; what is none is the first.
func pageNumber(v string) int {
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > queueLastPage {
		return 1
	}
	return n
}

func pageOfPath(path string) func(int) string {
	return func(n int) string {
		if n == 1 {
			return path
		}
		return path + "?page=" + strconv.Itoa(n)
	}
}

func (w *Web) showAgencies(c echo.Context) error {
	page, err := w.agenciesPage(c, pageNumber(c.QueryParam("page")), nil, nil)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

// agenciesPage builds the page with what the role may see. typed is the form
// that moves cases, where it came back.
func (w *Web) agenciesPage(c echo.Context, number int, typed url.Values, wrong []errs.Field) (*AgenciesPage, error) {
	ctx, actor, words := c.Request().Context(), httpx.ActorFrom(c), w.words(c)
	flags, err := w.Triage.Flags(ctx, actor)
	if err != nil {
		return nil, err
	}
	page := &AgenciesPage{Frame: w.staffFrame(c, "agencies", words.t("staff.agencies")), Waiting: -1}
	for _, f := range flags {
		page.Flags = append(page.Flags, w.agencyFlag(words, f))
	}
	if actor.May(civic.TriageCase) {
		if page.Stranded, page.Errors, err = w.strandedList(c, number, typed, wrong); err != nil {
			return nil, err
		}
	}
	if actor.May(civic.ManageRules) {
		waiting, err := w.Learning.Waiting(ctx, actor, 1)
		if err != nil {
			return nil, err
		}
		page.Waiting = waiting.Total
	}
	return page, nil
}

// agencyFlag says in words why coordinators should talk to an agency.
func (w *Web) agencyFlag(words words, f triage.AgencyFlag) AgencyFlag {
	out := AgencyFlag{Name: w.agency(words.lang, f.Agency)}
	for _, flag := range f.Flags {
		out.Tags = append(out.Tags, Tag{words.t("agencies.flag." + string(flag)), "stop"})
	}
	if f.Due > 0 {
		out.Reasons = append(out.Reasons, words.plural("agencies.due", f.Due, "in_time", f.InTime, "late", f.Late, "waiting", f.Due-f.InTime-f.Late))
	}
	if !f.Waiting.IsZero() {
		out.Reasons = append(out.Reasons, words.t("agencies.waiting_since", "time", i18n.ShortDate(words.lang, f.Waiting, civic.Zone)))
	}
	if f.HandedBack > 0 {
		out.Reasons = append(out.Reasons, words.plural("agencies.handed_back", f.HandedBack))
	}
	if f.Bounced > 0 {
		out.Reasons = append(out.Reasons, words.plural("agencies.bounced", f.Bounced))
	}
	return out
}

// strandedList is one page of the open cases of agencies that ended, with the
// form that moves them.
func (w *Web) strandedList(c echo.Context, number int, typed url.Values, wrong []errs.Field) (*StrandedList, []FieldError, error) {
	words := w.words(c)
	found, err := w.Triage.Stranded(c.Request().Context(), httpx.ActorFrom(c), number)
	if err != nil {
		return nil, nil, err
	}
	list := &StrandedList{Total: found.Total, Number: number, Pager: pager(number, found.Total, leftoversPerPage, pageOfPath(agenciesPath))}
	for _, s := range found.Items {
		row := StrandedRow{
			Code: s.Code.String(), URL: staffCasePath(s.Code), Title: s.Title, Language: s.Language, State: s.State, Movable: s.Movable,
			Agency: w.agency(words.lang, s.Agency), Topic: w.topic(words.lang, s.Topic),
			Chosen: slices.Contains(typed["case"], s.Code.String()),
		}
		row.To = w.successorSelect(words, toName(s.Code), s.Successors, s.Successor)
		row.To.Label = words.t("agencies.to", "code", row.Code)
		if v := typed.Get(row.To.Name); v != "" {
			row.To.Value = v
		}
		list.Any = list.Any || s.Movable
		list.Rows = append(list.Rows, row)
	}
	f := newForm(words, map[string]string{"agency": typed.Get("agency"), "reason": typed.Get("reason")}, wrong)
	f.prefix = "move-"
	f.field("agency", func(field *Field) {
		w.agencySelect(words, false)(field)
		field.Label, field.Hint = words.t("agencies.all_to"), words.t("agencies.all_to_hint")
	})
	f.field("reason", func(field *Field) { field.Widget, field.Rows = "textarea", 3 })
	list.Fields = f.used
	return list, f.summary(), nil
}

// toName is the form's name of the select that says where a case goes.
func toName(code civic.Code) string { return "to." + code.String() }

// successorSelect offers the agencies that took over; without any it has no
// options.
func (w *Web) successorSelect(words words, name string, heirs []civic.AgencyCode, best civic.AgencyCode) Field {
	field := Field{Widget: "select", Name: name, Value: string(best)}
	if len(heirs) == 0 {
		return field
	}
	field.Options = []Option{{Label: words.t("form.choose")}}
	for _, code := range heirs {
		if a, ok := w.Registry.Agency(code); ok {
			field.Options = append(field.Options, registryOption(string(code), a.Names, words.lang))
		}
	}
	return field
}

// postMoveStranded moves the chosen cases, each by itself, and says what came
// of each. A case that was moved before, by this form or by another person,
// stays where it is and is named.
func (w *Web) postMoveStranded(c echo.Context) error {
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	transfers, err := transfersOf(values)
	if err != nil {
		return w.moveFailed(c, values, err)
	}
	moved, err := w.Triage.MoveStranded(c.Request().Context(), httpx.ActorFrom(c), transfers, values.Get("reason"))
	if err != nil {
		return w.moveFailed(c, values, err)
	}
	words := w.words(c)
	page := &BulkResultPage{
		Frame: w.staffFrame(c, "agencies", words.t("bulk.result")), Back: Link{Label: words.t("agencies.back"), URL: agenciesPath},
	}
	for _, m := range moved {
		row := BulkRow{Code: m.Code.String(), URL: staffCasePath(m.Code)}
		switch fields := errs.FieldsOf(m.Err); {
		case m.Err == nil:
			page.Done++
		case len(fields) > 0:
			row.Problem = words.fieldProblem(fields[0], words.t("form.agency.label"))
		case errs.KindOf(m.Err) == errs.NotFound:
			row.URL, row.Problem = "", words.t("bulk.missing")
		default:
			row.Problem = words.problem(m.Err)
		}
		if m.Err != nil {
			page.Failed++
		}
		page.Rows = append(page.Rows, row)
	}
	return w.show(c, http.StatusOK, page)
}

// transfersOf reads which cases go where: each to the agency of its own line,
// unless one was chosen for all.
func transfersOf(values url.Values) ([]triage.Transfer, error) {
	var out []triage.Transfer
	for _, written := range values["case"] {
		code, err := civic.ParseCode(written)
		if err != nil || slices.ContainsFunc(out, func(t triage.Transfer) bool { return t.Code == code }) {
			continue
		}
		to := values.Get("agency")
		if to == "" {
			to = values.Get(toName(code))
		}
		if to == "" {
			return nil, errs.InvalidFields(errs.Field{Name: "agency", Code: "field.no_target", Params: map[string]string{"code": code.String()}})
		}
		out = append(out, triage.Transfer{Code: code, Agency: civic.AgencyCode(to)})
	}
	if len(out) == 0 {
		return nil, errs.InvalidFields(errs.Field{Name: "cases", Code: "field.none_chosen"})
	}
	return out, nil
}

// moveFailed shows the form again with what was chosen and typed.
func (w *Web) moveFailed(c echo.Context, values url.Values, err error) error {
	if !worthKeeping(err) {
		return err
	}
	page, readErr := w.agenciesPage(c, pageNumber(values.Get("page")), values, errs.FieldsOf(err))
	if readErr != nil {
		return err
	}
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, w.problemNotice(w.words(c), err))
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}

func (w *Web) showExamples(c echo.Context) error {
	page, err := w.examplesPage(c, pageNumber(c.QueryParam("page")))
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "examples.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) examplesPage(c echo.Context, number int) (*ExamplesPage, error) {
	ctx, actor, words := c.Request().Context(), httpx.ActorFrom(c), w.words(c)
	found, err := w.Learning.Waiting(ctx, actor, number)
	if err == nil && len(found.Items) == 0 && found.Total > 0 { // the last of this page was just dealt with
		number = (found.Total + leftoversPerPage - 1) / leftoversPerPage
		found, err = w.Learning.Waiting(ctx, actor, number)
	}
	if err != nil {
		return nil, err
	}
	page := &ExamplesPage{
		Frame: w.staffFrame(c, "agencies", words.t("examples.title")), Total: found.Total, Number: number,
		Pager: pager(number, found.Total, leftoversPerPage, pageOfPath(examplesPath)),
	}
	for _, e := range found.Items {
		row := ExampleRow{
			Code: e.Code.String(), URL: staffCasePath(e.Code), Title: e.Title, At: e.At,
			Agency: w.agency(words.lang, e.Agency), Topic: w.topic(words.lang, e.Topic), To: w.successorSelect(words, "agency", e.Successors, ""),
		}
		if len(row.To.Options) == 0 { // nobody is named as successor: any may be right
			w.agencySelect(words, true)(&row.To)
		}
		row.To.Prefix, row.To.Label = row.Code+"-", words.t("examples.to", "code", row.Code)
		page.Rows = append(page.Rows, row)
	}
	return page, nil
}

// postRelabel says whose example one is today. Saying it again changes it: the
// last choice counts.
func (w *Web) postRelabel(c echo.Context) error {
	code, err := parseCode(c.FormValue("code"))
	if err != nil {
		return err
	}
	number := pageNumber(c.FormValue("page"))
	err = w.Learning.Relabel(c.Request().Context(), httpx.ActorFrom(c), code, civic.AgencyCode(c.FormValue("agency")))
	if err == nil {
		v := url.Values{"done": {"relabel"}}
		if number > 1 {
			v.Set("page", strconv.Itoa(number))
		}
		return c.Redirect(http.StatusSeeOther, examplesPath+"?"+v.Encode())
	}
	if errs.KindOf(err) != errs.Invalid {
		return err
	}
	page, readErr := w.examplesPage(c, number)
	if readErr != nil {
		return err
	}
	words := w.words(c)
	for i := range page.Rows {
		if row := &page.Rows[i]; row.Code == code.String() {
			row.To.Error = words.fieldProblem(errs.FieldsOf(err)[0], row.To.Label)
			page.Errors = append(page.Errors, FieldError{ID: row.To.ID(), Text: row.Code + ": " + row.To.Error})
		}
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}

// queueLastPage keeps offsets in a range that a database takes, as httpx does
// for the API.
const queueLastPage = 10_000

// BulkResultPage says what became of each case.
type BulkResultPage struct {
	Frame
	Done, Failed int
	Rows         []BulkRow
	Back         Link
}

func (*BulkResultPage) template() string { return "staff_bulk_result" }

// BulkRow is one decided case. Problem is why it was not done.
type BulkRow struct{ Code, URL, Problem string }
