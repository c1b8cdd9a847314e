package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
)

// What a person typed when the session had ended already rides along through
// the sign-in, in hidden fields of its form, and comes out in the form that it
// was typed into. Nothing of it is stored, and nothing is done by itself.

const (
	// fieldKept says which form it was, as CODE/ACTION; that of a routing rule as
	// keptRule/ID, without an ID for a new one.
	fieldKept = "kept"
	keptRule  = "rule"
	keptKeyed = "intake" // what somebody is keying in
	// keptPrefix begins the names of that form's own fields.
	keptPrefix = "kept."
)

// interrupted returns what was posted to an action, as fields of the sign-in
// form, and nothing for any other request.
func interrupted(c echo.Context) []Hidden {
	if c.Request().Method != http.MethodPost {
		return nil
	}
	form := c.Param("code") + "/" + c.Param("action")
	_, known := acts[c.Param("action")]
	if _, asked := opinionActs[c.Param("action")]; !known && !asked {
		switch c.Path() {
		case intakePath:
			form = keptKeyed + "/"
		case newRulePath, rulesPath + "/:id":
			form = keptRule + "/" + c.Param("id")
		default:
			return nil
		}
	}
	values, err := c.FormParams()
	if err != nil {
		return nil
	}
	kept := []Hidden{{fieldKept, form}}
	for name := range values {
		kept = append(kept, Hidden{keptPrefix + name, values.Get(name)})
	}
	return sortedByName(kept)
}

// stillKept returns the fields that a sign-in form carried, for the same form
// again when the sign-in failed.
func stillKept(c echo.Context) []Hidden {
	var kept []Hidden
	for name, v := range c.Request().PostForm {
		if name == fieldKept || strings.HasPrefix(name, keptPrefix) {
			kept = append(kept, Hidden{name, v[0]})
		}
	}
	return sortedByName(kept)
}

func sortedByName(fields []Hidden) []Hidden {
	slices.SortFunc(fields, func(a, b Hidden) int { return strings.Compare(a.Name, b.Name) })
	return fields
}

// lostTexts are the texts of a form that cannot be shown again: what it was about
// is gone, or out of the person's reach. They stand on the page for copying.
func (w *Web) lostTexts(c echo.Context) []Fact {
	values, err := c.FormParams()
	if err != nil || c.Request().Method != http.MethodPost {
		return nil
	}
	typed := map[string]string{}
	for name := range values {
		typed[name] = values.Get(name)
	}
	return w.words(c).keptTexts(typed)
}

// showSessionEnded asks for the sign-in again and keeps what was typed: in its
// form where it can be gone on with, else for copying.
func (w *Web) showSessionEnded(c echo.Context, kept []Hidden, texts []Fact) error {
	page := w.signInPage(c, "", backTo(c), nil)
	if page.keep(kept); kept == nil {
		page.Texts, page.OtherURL = texts, ""
	}
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("staff.session_ended"), Alert: true}
	return w.show(c, http.StatusUnauthorized, page)
}

// keep puts fields into the sign-in form. Changing the language would lose
// them, so it is not offered.
func (p *SignInPage) keep(kept []Hidden) {
	if p.Kept = kept; len(kept) > 0 {
		p.OtherURL = ""
	}
}

// resume shows the case with the text in its form again. It reports false when
// the sign-in form carried nothing that this person could go on with.
func (w *Web) resume(c echo.Context, actor civic.Actor) (bool, error) {
	written, action, _ := strings.Cut(c.FormValue(fieldKept), "/")
	switch written {
	case keptRule:
		return w.resumeRule(c, actor, action)
	case keptKeyed:
		return w.resumeKeyed(c, actor)
	}
	code, err := parseCode(written)
	if _, asked := opinionActs[action]; asked && err == nil {
		return w.resumeOpinion(c, actor, code, action)
	}
	if _, known := acts[action]; err != nil || !known {
		return false, nil
	}
	found, err := w.Triage.Case(c.Request().Context(), actor, code)
	if err != nil {
		return false, nil //nolint:nilerr // the page that follows says what is wrong
	}
	typed := map[string]string{}
	for _, f := range stillKept(c) {
		typed[strings.TrimPrefix(f.Name, keptPrefix)] = f.Value
	}
	httpx.SetActor(c, actor)
	page := w.staffCasePage(c, actor, found, attempt{action: action, values: typed})
	page.Notices = append(page.Notices, &Notice{Tone: "care", Text: w.words(c).t("desk.resumed"), Alert: true})
	return true, w.show(c, http.StatusOK, page)
}

// resumeOpinion shows what an agency was asked about a case with the opinion in
// its form again.
func (w *Web) resumeOpinion(c echo.Context, actor civic.Actor, code civic.Code, action string) (bool, error) {
	typed := map[string]string{}
	for _, f := range stillKept(c) {
		typed[strings.TrimPrefix(f.Name, keptPrefix)] = f.Value
	}
	httpx.SetActor(c, actor)
	page, err := w.opinionCasePage(c, actor, code, attempt{action: action, values: typed}, typed["opinion"])
	if err != nil {
		return false, nil //nolint:nilerr // the page that follows says what is wrong
	}
	page.Notices = append(page.Notices, &Notice{Tone: "care", Text: w.words(c).t("desk.resumed"), Alert: true})
	return true, w.show(c, http.StatusOK, page)
}

// resumeKeyed shows the form for letters, visits and calls with everything in it
// again.
func (w *Web) resumeKeyed(c echo.Context, actor civic.Actor) (bool, error) {
	if !actor.May(civic.KeyIn) {
		return false, nil
	}
	httpx.SetActor(c, actor)
	values := url.Values{}
	for _, f := range stillKept(c) {
		values.Set(strings.TrimPrefix(f.Name, keptPrefix), f.Value)
	}
	page := w.keyedPage(c, keyedValues(values), nil)
	page.Notice = &Notice{Tone: "care", Text: w.words(c).t("desk.resumed"), Alert: true}
	return true, w.show(c, http.StatusOK, page)
}

// resumeRule shows the form of a rule with the text in it again. The version is
// the one that the person had before them: who saved meanwhile is told of when
// it is sent.
func (w *Web) resumeRule(c echo.Context, actor civic.Actor, id string) (bool, error) {
	if !actor.May(civic.ManageRules) {
		return false, nil
	}
	httpx.SetActor(c, actor)
	values := url.Values{}
	for _, f := range stillKept(c) {
		values.Set(strings.TrimPrefix(f.Name, keptPrefix), f.Value)
	}
	var found *ruleFound
	if id != "" {
		e, history, err := w.ruleEntry(c, id)
		if err != nil {
			return false, nil //nolint:nilerr // the page that follows says what is wrong
		}
		found = &ruleFound{e, history}
	}
	page := w.rulePage(c, found, typedRule(values), nil)
	if base, err := strconv.Atoi(values.Get("base")); err == nil {
		page.Base = base
	}
	page.Notices = append(page.Notices, &Notice{Tone: "care", Text: w.words(c).t("desk.resumed"), Alert: true})
	return true, w.show(c, http.StatusOK, page)
}
