package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/bulk"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

const (
	bulkPath = "/staff/bulk"
	// maxPicked bounds how many cases are ticked one by one: two pages of the
	// queue, which a person has looked through. Whole views take bulk.Max.
	maxPicked = 100
	// pickedShown is how many cases of a whole view are listed before the
	// preview, which lists them all.
	pickedShown = 20
	// fieldAll says in a form that every case of the view is meant.
	fieldAll = "all"
	// fieldFilters carries the filters of the view through the forms of acts.
	fieldFilters = "filters"
)

// BulkPage asks what to do to the chosen cases.
type BulkPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Cases  []ChosenCase
	Total  int // of the cases; not all of them need be listed
	// Carried are the hidden fields by which each form knows the cases.
	Carried []Hidden
	Forms   []BulkForm
	Back    string
}

func (*BulkPage) template() string { return "staff_bulk" }

// ChosenCase is one of the cases.
type ChosenCase struct {
	Code, URL, Title string
	Language         civic.Language
	Scope            string // what it is taken for
}

// BulkForm is one act on all of them.
type BulkForm struct {
	Name, URL, Label, Effect string
	Open                     bool
	Fields                   []Field
}

// chosen is a case that was ticked, at the version that the person saw.
type chosen struct {
	code    civic.Code
	version int
}

func (c chosen) String() string { return c.code.String() + "." + strconv.Itoa(c.version) }

// chosenOf reads the ticked cases, each once. What is no case is left out.
func chosenOf(values url.Values) (out []bulk.Picked, tooMany bool) {
	seen := map[civic.Code]bool{}
	for _, v := range values["case"] {
		written, number, _ := strings.Cut(v, ".")
		code, err := civic.ParseCode(written)
		version, wrong := strconv.Atoi(number)
		if err != nil || wrong != nil || seen[code] {
			continue
		}
		if len(out) == maxPicked {
			return out, true
		}
		seen[code] = true
		out = append(out, bulk.Picked{Code: code, Version: version})
	}
	return out, false
}

// selection is what a form of the queue stands for.
type selection struct {
	picked  []bulk.Picked
	capped  bool // there were more than one work takes
	carried []Hidden
	back    string
}

// selected finds the cases: those that were ticked, or all of a view.
func (w *Web) selected(c echo.Context, values url.Values) (selection, error) {
	filters := values
	if written, err := url.ParseQuery(values.Get(fieldFilters)); err == nil && values.Has(fieldFilters) {
		filters = written
	}
	s := selection{back: queueAddress(filters, nil), carried: []Hidden{{fieldFilters, query(filters)}}}
	if values.Get(fieldAll) != "yes" {
		s.picked, s.capped = chosenOf(values)
		for _, p := range s.picked {
			s.carried = append(s.carried, Hidden{"case", chosen{p.Code, p.Version}.String()})
		}
		return s, nil
	}
	actor := httpx.ActorFrom(c)
	tags, err := w.Worklist.Tags(c.Request().Context(), actor)
	if err != nil {
		return s, err
	}
	found, more, err := w.Triage.Pick(c.Request().Context(), actor, queueRequest(filters, tags), bulk.Max)
	if err != nil {
		return s, err
	}
	s.capped = more
	for _, sub := range found {
		s.picked = append(s.picked, bulk.Picked{Code: sub.Code, Version: sub.Version})
	}
	s.carried = append(s.carried, Hidden{fieldAll, "yes"})
	return s, nil
}

// query is the filters as one field carries them: some have the names of what
// acts ask for.
func query(filters url.Values) string {
	_, written, _ := strings.Cut(queueAddress(filters, nil), "?")
	return written
}

// showBulk lists the chosen cases and what may be done to them. It changes
// nothing.
func (w *Web) showBulk(c echo.Context) error {
	s, err := w.selected(c, c.QueryParams())
	if err != nil {
		return err
	}
	page, err := w.bulkPage(c, s, attempt{})
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

// bulkPage builds the page. The forms are filled with what goes with the first
// case; where the others were taken for something else, the page says so.
func (w *Web) bulkPage(c echo.Context, s selection, tried attempt) (*BulkPage, error) {
	words, actor := w.words(c), httpx.ActorFrom(c)
	page := &BulkPage{
		Frame: w.staffFrame(c, "queue", words.t("bulk.title")), Carried: s.carried, Total: len(s.picked), Back: s.back,
	}
	if s.capped {
		page.Notice = &Notice{Tone: "care", Text: words.t("bulk.too_many", "max", len(s.picked))}
	}
	if len(s.picked) == 0 {
		page.Notice = &Notice{Tone: "care", Text: words.t("bulk.none")}
		return page, nil
	}
	var first *civic.ScopeDecision
	held := false
	listed := s.picked
	if len(listed) > maxPicked {
		listed = listed[:pickedShown]
	}
	for _, p := range listed {
		found, err := w.Triage.Case(c.Request().Context(), actor, p.Code)
		if errs.KindOf(err) == errs.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		sub := found.Submission
		row := ChosenCase{Code: sub.Code.String(), URL: staffCasePath(sub.Code), Title: sub.Title, Language: sub.Language}
		if d := found.Scope; d != nil {
			row.Scope = words.t("scope." + string(d.Scope))
			if first == nil {
				first = d
			} else if first.Scope != d.Scope || first.Channel != d.Channel {
				page.Notice = &Notice{Tone: "care", Text: words.t("bulk.mixed")}
			}
		}
		held = held || sub.Hold != ""
		page.Cases = append(page.Cases, row)
	}
	if len(page.Cases) == 0 {
		page.Notice = &Notice{Tone: "care", Text: words.t("bulk.none")}
		return page, nil
	}
	tags, err := w.Worklist.Tags(c.Request().Context(), actor)
	if err != nil {
		return nil, err
	}
	for _, act := range civic.BulkActs {
		if actor.May(act.Needs()) && (held || act != civic.BulkRelease) && (len(tags) > 0 || act != civic.BulkUntag) {
			w.addBulkForm(page, words, actor, act, first, tags, tried)
		}
	}
	return page, nil
}

// addBulkForm adds the form of one act, filled with what goes with d.
func (w *Web) addBulkForm(page *BulkPage, words words, actor civic.Actor, act civic.BulkAct, d *civic.ScopeDecision, tags []civic.Tag, tried attempt) {
	name := string(act)
	f := newForm(words, map[string]string{}, nil)
	if tried.action == name {
		f = newForm(words, tried.values, errs.FieldsOf(tried.err))
		f.fixed = true
	}
	f.prefix = name + "-"
	b := BulkForm{
		Name: name, URL: bulkPath + "/" + name, Label: words.t("worklist.act." + name), Effect: words.bulkEffect(act), Open: tried.action == name,
	}
	switch act {
	case civic.BulkTag, civic.BulkUntag:
		b.Fields = []Field{tagField(f, act, tags)}
	case civic.BulkAssign:
		b.Fields = assignFields(w, f, &triage.Case{})
		w.keepInside(actor, b.Fields)
	case civic.BulkHandBack:
		b.Fields = handBackFields(w, f, nil)
	case civic.BulkMerge:
		b.Fields = mergeFields(w, f, &triage.Case{})
	case civic.BulkExtend:
		b.Fields = extendFields(w, f, nil)
	case civic.BulkReject:
		b.Fields = append(w.refusalFields(f, d), clusterChoice(f))
	case civic.BulkDecideScope:
		b.Fields = verdictFields(w, f, d)
	case civic.BulkUrgent, civic.BulkNotUrgent:
		b.Fields = urgentFields(w, f, nil)
	case civic.BulkRelease:
	}
	page.Forms = append(page.Forms, b)
	page.Errors = append(page.Errors, f.summary()...)
}

// bulkEffect says what an act means, in the words of the act on one case, and
// whether it can be taken back.
func (w words) bulkEffect(act civic.BulkAct) string {
	key := "worklist.final"
	if act.Undoable() {
		key = "worklist.undoable"
	}
	return strings.TrimSpace(w.optional("action."+string(act)+".effect") + " " + w.t(key))
}

// tagField asks for a tag: any for giving one, a known one for taking it off.
func tagField(f *form, act civic.BulkAct, tags []civic.Tag) Field {
	return f.field("tag", func(field *Field) {
		field.Required, field.Autocomplete = true, "off"
		if act == civic.BulkUntag {
			field.Widget, field.Hint = "select", ""
			field.Options = append([]Option{{Label: f.words.t("form.choose")}}, tagOptions(tags)...)
			return
		}
		var known []string
		for _, g := range tags {
			known = append(known, g.Name)
		}
		if len(known) > 0 {
			field.Hint = f.words.t("worklist.known_tags", "tags", strings.Join(known, ", "))
		}
	})
}

// bulkInputs are the fields that the forms of acts may carry.
var bulkInputs = []string{
	"agency", "reason", "suggested_agency", "into", "days", "reason_code", "message", "channel", "cluster", "verdict", "tag",
}

// postBulk finds out what an act would do to the chosen cases. What is wrong
// with the form is said first.
func (w *Web) postBulk(c echo.Context) error {
	act := civic.BulkAct(c.Param("action"))
	if !act.Valid() {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	s, err := w.selected(c, values)
	if err != nil {
		return err
	}
	if len(s.picked) == 0 {
		return c.Redirect(http.StatusSeeOther, bulkPath)
	}
	input := map[string]string{}
	for _, name := range bulkInputs {
		if v := values.Get(name); v != "" {
			input[name] = v
		}
	}
	id, err := w.Bulk.Prepare(c.Request().Context(), httpx.ActorFrom(c), act, input, s.picked, s.capped)
	if err != nil {
		return w.bulkFailed(c, s, string(act), input, err)
	}
	return c.Redirect(http.StatusSeeOther, workPath(id))
}

// bulkFailed shows the forms again with what was typed and what is wrong.
func (w *Web) bulkFailed(c echo.Context, s selection, name string, input map[string]string, err error) error {
	if !worthKeeping(err) {
		return err
	}
	page, readErr := w.bulkPage(c, s, attempt{action: name, values: input, err: err})
	if readErr != nil {
		return err
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
