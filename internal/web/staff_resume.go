package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
)

// What a person typed when the session had ended already rides along through
// the sign-in, in hidden fields of its form, and comes out in the form that it
// was typed into. Nothing of it is stored, and nothing is done by itself.

const (
	// fieldKept says which form it was, as CODE/ACTION.
	fieldKept = "kept"
	// keptPrefix begins the names of that form's own fields.
	keptPrefix = "kept."
)

// interrupted returns what was posted to an action, as fields of the sign-in
// form, and nothing for any other request.
func interrupted(c echo.Context) []Hidden {
	action := c.Param("action")
	if _, known := acts[action]; !known || c.Request().Method != http.MethodPost {
		return nil
	}
	values, err := c.FormParams()
	if err != nil {
		return nil
	}
	kept := []Hidden{{fieldKept, c.Param("code") + "/" + action}}
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

// showSessionEnded asks for the sign-in again and keeps what was typed.
func (w *Web) showSessionEnded(c echo.Context, kept []Hidden) error {
	page := w.signInPage(c, "", backTo(c), nil)
	page.keep(kept)
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
	code, err := parseCode(written)
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
