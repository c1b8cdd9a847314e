package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

const (
	bulkPath = "/staff/bulk"
	// maxPicked bounds how many cases are decided in one go: two pages of the
	// queue, which a person has looked through.
	maxPicked = 100
)

// BulkPage asks how to decide the chosen cases.
type BulkPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	Cases  []ChosenCase
	Forms  []BulkForm
}

func (*BulkPage) template() string { return "staff_bulk" }

// ChosenCase is one of the cases to decide.
type ChosenCase struct {
	Code, URL, Title string
	Language         civic.Language
	Value            string // code and version, as the forms carry them on
	Scope            string // what it is taken for
}

// BulkForm is one way to decide all of them.
type BulkForm struct {
	Name, URL, Label, Effect string
	Fields                   []Field
	Button                   Button
}

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

// chosen is a case that was ticked, at the version that the person saw.
type chosen struct {
	code    civic.Code
	version int
}

func (c chosen) String() string { return c.code.String() + "." + strconv.Itoa(c.version) }

// chosenOf reads the ticked cases, each once. What is no case is left out.
func chosenOf(values url.Values) (out []chosen, tooMany bool) {
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
		out = append(out, chosen{code, version})
	}
	return out, false
}

// showBulk lists the ticked cases and how they may be decided. It changes
// nothing.
func (w *Web) showBulk(c echo.Context) error {
	picked, tooMany := chosenOf(c.QueryParams())
	page, err := w.bulkPage(c, picked, attempt{})
	if err != nil {
		return err
	}
	if tooMany {
		page.Notice = &Notice{Tone: "care", Text: w.words(c).t("bulk.too_many", "max", maxPicked)}
	}
	return w.show(c, http.StatusOK, page)
}

// bulkPage builds the page. The forms are filled with what goes with the first
// case; where the others were taken for something else, the page says so.
func (w *Web) bulkPage(c echo.Context, picked []chosen, tried attempt) (*BulkPage, error) {
	words := w.words(c)
	page := &BulkPage{Frame: w.staffFrame(c, "queue", words.t("bulk.title"))}
	var first *civic.ScopeDecision
	held := false
	for _, p := range picked {
		found, err := w.Triage.Case(c.Request().Context(), httpx.ActorFrom(c), p.code)
		if errs.KindOf(err) == errs.NotFound && err != nil {
			continue
		}
		if err != nil {
			return nil, err
		}
		sub := found.Submission
		row := ChosenCase{
			Code: sub.Code.String(), URL: staffCasePath(sub.Code), Title: sub.Title, Language: sub.Language, Value: p.String(),
		}
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
	if held {
		page.Forms = append(page.Forms, BulkForm{
			Name: "release", URL: bulkPath + "/release", Label: words.t("bulk.release"), Effect: words.t("action.release.effect"),
			Button: Button{Label: words.t("action.release.go")},
		})
	}
	w.addBulkForms(page, words, first, tried)
	return page, nil
}

// addBulkForms adds the two decisions, filled with what goes with d.
func (w *Web) addBulkForms(page *BulkPage, words words, d *civic.ScopeDecision, tried attempt) {
	for _, name := range []string{"reject", "decide-scope"} {
		f := newForm(words, map[string]string{}, nil)
		if tried.action == name {
			f = newForm(words, tried.values, errs.FieldsOf(tried.err))
			f.fixed = true
		}
		f.prefix = name + "-"
		b := BulkForm{
			Name: name, URL: bulkPath + "/" + name, Label: words.t("bulk." + name), Effect: words.t("action." + name + ".effect"),
		}
		b.Button.Label = words.t("action." + name + ".go")
		if name == "reject" {
			b.Fields, b.Button.Tone = w.refusalFields(f, d), "warning"
		} else {
			b.Fields = verdictFields(w, f, d)
		}
		page.Forms = append(page.Forms, b)
		page.Errors = append(page.Errors, f.summary()...)
	}
}

// bulkActs decide one of the chosen cases.
var bulkActs = map[string]func(w *Web, c echo.Context, p posted) error{
	"reject": func(w *Web, c echo.Context, p posted) error {
		return w.Triage.Reject(c.Request().Context(), p.actor, p.code, p.version, rejectionOf(p))
	},
	"release": func(w *Web, c echo.Context, p posted) error {
		return w.Triage.Release(c.Request().Context(), p.actor, p.code, p.version)
	},
	"decide-scope": func(w *Web, c echo.Context, p posted) error {
		return w.Triage.DecideScope(c.Request().Context(), p.actor, p.code, p.version, choiceOf(p))
	},
}

func rejectionOf(p posted) civic.Rejection {
	return civic.Rejection{Reason: p.values.Get("reason_code"), Message: p.values.Get("message"), Channel: p.values.Get("channel")}
}

func choiceOf(p posted) triage.ScopeChoice {
	return triage.ScopeChoice{
		Scope: civic.Scope(p.values.Get("verdict")), Channel: p.values.Get("channel"), Reason: p.values.Get("reason"),
	}
}

// postBulk decides the chosen cases, each by itself. What is wrong with the
// form is said before the first is decided.
func (w *Web) postBulk(c echo.Context) error {
	name := c.Param("action")
	act, known := bulkActs[name]
	if !known {
		return errs.New(errs.NotFound, httpx.CodeNoRoute)
	}
	values, err := c.FormParams()
	if err != nil {
		return err
	}
	words := w.words(c)
	page := &BulkResultPage{Frame: w.staffFrame(c, "queue", words.t("bulk.result")), Back: Link{Label: words.t("bulk.back"), URL: queuePath}}
	picked, _ := chosenOf(values)
	for _, p := range picked {
		err := act(w, c, posted{actor: httpx.ActorFrom(c), code: p.code, version: p.version, values: values})
		switch k := errs.KindOf(err); {
		case err == nil:
			page.Done++
			page.Rows = append(page.Rows, BulkRow{Code: p.code.String(), URL: staffCasePath(p.code)})
			continue
		case k == errs.Invalid && page.Done+page.Failed == 0:
			return w.bulkFailed(c, picked, name, values, err)
		case k == errs.Internal || k == errs.Unavailable && page.Done == 0:
			return err
		case k == errs.NotFound:
			page.Rows = append(page.Rows, BulkRow{Code: p.code.String(), Problem: words.t("bulk.missing")})
		default:
			page.Rows = append(page.Rows, BulkRow{Code: p.code.String(), URL: staffCasePath(p.code), Problem: words.problem(err)})
		}
		page.Failed++
	}
	if len(picked) == 0 {
		return c.Redirect(http.StatusSeeOther, bulkPath)
	}
	return w.show(c, http.StatusOK, page)
}

// bulkFailed shows the forms again with what was typed and what is wrong.
func (w *Web) bulkFailed(c echo.Context, picked []chosen, name string, values url.Values, err error) error {
	typed := map[string]string{}
	for field := range values {
		typed[field] = values.Get(field)
	}
	page, readErr := w.bulkPage(c, picked, attempt{action: name, values: typed, err: err})
	if readErr != nil {
		return err
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}
