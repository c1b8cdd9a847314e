package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const queuePath = "/staff/queue"

// langLasts is how long the staff pages remember their language.
const langLasts = 365 * 24 * time.Hour

// staffLanguage chooses the language of the staff pages: the one asked for
// with ?lang=, remembered from then on; else the remembered one; else the
// browser's.
func (w *Web) staffLanguage(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		if asked := i18n.Lang(u.Query().Get(langParam)); asked.Valid() && c.Request().Method != http.MethodPost {
			w.setCookie(c, cookieLang, string(asked), "/staff", langLasts)
			v := u.Query()
			v.Del(langParam)
			return c.Redirect(http.StatusSeeOther, strings.TrimSuffix(u.Path+"?"+v.Encode(), "?"))
		}
		if cookie, err := c.Cookie(cookieLang); err == nil && i18n.Lang(cookie.Value).Valid() {
			httpx.SetLang(c, i18n.Lang(cookie.Value))
		}
		return next(c)
	}
}

// staffFrame fills what every staff page has in common.
func (w *Web) staffFrame(c echo.Context, section, title string) Frame {
	lang := httpx.Lang(c)
	f := Frame{Lang: lang, Other: otherLang(lang), Title: title, Section: section, NoIndex: true, Demo: w.Demo}
	if c.Request().Method == http.MethodPost {
		f.OtherURL = withLang(&url.URL{Path: backTo(c)}, f.Other)
	} else {
		f.OtherURL = withLang(c.Request().URL, f.Other)
	}
	if a := httpx.ActorFrom(c); a.Kind == civic.ActorStaff {
		f.Staff = StaffName{Name: a.Name, Role: a.Role, Agency: w.agency(lang, a.Agency).Text}
		if a.May(civic.PostLetters) { // without the count the page is still of use
			f.ToPost, _ = w.Notices.CountToPost(c.Request().Context(), a)
		}
	}
	return f
}

func (w *Web) redirectToQueue(c echo.Context) error {
	return c.Redirect(http.StatusSeeOther, queuePath)
}

func (w *Web) signInPage(c echo.Context, email, next string, wrong []errs.Field) *SignInPage {
	words := w.words(c)
	page := &SignInPage{Frame: w.staffFrame(c, "", words.t("staff.sign_in")), Next: safeNext(next)}
	page.OtherURL = withLang(&url.URL{Path: "/staff/sign-in", RawQuery: "next=" + url.QueryEscape(page.Next)}, page.Other)
	if page.Passkey = w.passkeyEntrance(words, page.Next, stillKept(c)); page.Passkey != nil {
		page.Scripts = []string{"passkeys"}
	}
	f := newForm(words, map[string]string{"email": email}, wrong)
	page.Email = f.field("email", func(field *Field) {
		field.Required, field.Plain, field.Type, field.Autocomplete = true, true, "email", "username"
	})
	page.Password = f.field("password", func(field *Field) {
		field.Required, field.Type, field.Autocomplete = true, "password", "current-password"
	})
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	if p := w.Accounts.Provider; p != nil {
		if page.Provider = p.Label; page.Provider == "" {
			page.Provider = words.t("provider.go")
		}
	}
	return page
}

// showSignIn asks for address and password.
func (w *Web) showSignIn(c echo.Context) error {
	page := w.signInPage(c, "", c.QueryParam("next"), nil)
	switch c.QueryParam("done") {
	case "signed-out":
		page.Notice = &Notice{Tone: "done", Text: w.words(c).t("staff.signed_out")}
	case "password-set":
		page.Notice = &Notice{Tone: "done", Text: w.words(c).t("link.done")}
	}
	return w.show(c, http.StatusOK, page)
}

// postSignIn opens a session and leads to where the person wanted to go.
func (w *Web) postSignIn(c echo.Context) error {
	email, next := c.FormValue("email"), c.FormValue("next")
	typed := map[string]string{"email": strings.TrimSpace(email), "password": c.FormValue("password")}
	if err := requireTyped(typed, "email", "password"); err != nil {
		page := w.signInPage(c, email, next, errs.FieldsOf(err))
		page.keep(stillKept(c))
		return w.showFailed(c, err, page)
	}
	attempt := w.attemptOf(c)
	signedIn, err := w.Accounts.Enter(c.Request().Context(), attempt)
	if err != nil && errs.CodeOf(err) == "signin.code_required" {
		step, err := w.Accounts.BeginSecond(c.Request().Context(), attempt)
		if err != nil {
			return err
		}
		return w.showCode(c, step, safeNext(next), nil)
	}
	if err != nil {
		return w.signInFailed(c, email, next, err)
	}
	return w.enter(c, signedIn, next)
}

func (w *Web) signInFailed(c echo.Context, email, next string, err error) error {
	var wrong []errs.Field
	switch {
	case errs.CodeOf(err) == "signin.no_match" || errs.CodeOf(err) == "signin.step_over":
		wrong = []errs.Field{{Name: "password", Code: errs.CodeOf(err)}}
	case strings.HasPrefix(errs.CodeOf(err), "passkey."): // another way is on the page
	case !worthKeeping(err):
		return err
	}
	page := w.signInPage(c, email, next, wrong)
	page.keep(stillKept(c))
	if len(page.Errors) == 0 {
		page.Notice = &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true}
	}
	return w.showFailed(c, err, page)
}

// postSignOut ends the session here and on the server, and goes on to the
// provider that answered for the person, so that the next at this computer does
// not come in by it. A form may not lead to another site, so a page does.
func (w *Web) postSignOut(c echo.Context) error {
	elsewhere := ""
	if token := httpx.SessionFrom(c); token != "" {
		var err error
		if elsewhere, err = w.Accounts.SignOut(c.Request().Context(), token); err != nil {
			return err
		}
	}
	httpx.ClearSession(c)
	if elsewhere != "" {
		httpx.SetActor(c, civic.Public)
		c.Response().Header().Set("Refresh", "0; url="+elsewhere)
		page := w.simplePage(c, "/staff/sign-in", "signed_out")
		page.Elsewhere = elsewhere
		return w.show(c, http.StatusOK, page)
	}
	return c.Redirect(http.StatusSeeOther, "/staff/sign-in?done=signed-out")
}

// safeNext keeps a return address inside the staff pages. Anything else,
// another site above all, leads to the queue.
func safeNext(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || strings.ContainsAny(next, "\\\r\n\t") ||
		!strings.HasPrefix(u.Path, "/staff/") || strings.Contains(u.Path, "..") || strings.HasPrefix(u.Path, "/staff/sign-") {
		return queuePath
	}
	return u.RequestURI()
}

// langParam is the parameter by which the staff pages change their language.
const langParam = "lang"

// withLang returns the address of a request with the language parameter set.
func withLang(u *url.URL, lang i18n.Lang) string {
	v := u.Query()
	v.Set(langParam, string(lang))
	return u.Path + "?" + v.Encode()
}
