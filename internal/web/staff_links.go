package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/store"
)

// FormBlock is one small form on a page about accounts.
type FormBlock struct {
	ID, Title, Lead, URL string
	Hidden               []Hidden
	Fields               []Field
	Button, Tone         string
}

// SimplePage is a heading with one form, before the sign-in.
type SimplePage struct {
	Frame
	Errors  []FieldError
	Notice  *Notice
	Heading string
	Lead    string
	Form    *FormBlock
	Passkey *Passkey // what would do in place of the form; nil: nothing
	// Elsewhere is where a provider ends its own session; empty: nowhere.
	Elsewhere string
}

func (*SimplePage) template() string { return "staff_simple" }

// cookieDevice lets a browser prove that an account signed in on it before.
const cookieDevice = "hienke_device"

// attemptOf is what a request says about who tries to sign in.
func (w *Web) attemptOf(c echo.Context) accounts.Attempt {
	a := accounts.Attempt{
		Email: strings.TrimSpace(c.FormValue("email")), Password: c.FormValue("password"), Code: c.FormValue("code"),
		Client: httpx.ClientNetwork(c), Device: c.Request().UserAgent(),
	}
	if cookie, err := c.Cookie(cookieDevice); err == nil {
		a.Known = cookie.Value
	}
	return a
}

// enter gives the browser a session and leads on.
func (w *Web) enter(c echo.Context, s accounts.SignedIn, next string) error {
	httpx.SetSession(c, s.Token, s.ExpiresAt.Sub(w.Now()))
	w.setCookie(c, cookieDevice, s.Known, "/staff", langLasts)
	if shown, err := w.resume(c, civic.StaffOf(s.User)); shown {
		return err
	}
	return c.Redirect(http.StatusSeeOther, safeNext(next))
}

// simplePage begins a page before the sign-in; path is its address for the
// other language.
func (w *Web) simplePage(c echo.Context, path, key string) *SimplePage {
	words := w.words(c)
	page := &SimplePage{Frame: w.staffFrame(c, "", words.t(key+".title")), Heading: words.t(key + ".title"), Lead: words.t(key + ".lead")}
	page.OtherURL = withLang(&url.URL{Path: path}, page.Other)
	return page
}

func codeField(f *form) Field {
	return f.field("code", func(field *Field) {
		field.Label, field.Hint = f.words.t("account.code"), f.words.t("account.code_hint")
		field.Required, field.Plain, field.Autocomplete = true, true, "one-time-code"
	})
}

// showCode asks for the code of the second step, or for a passkey.
func (w *Web) showCode(c echo.Context, asked accounts.Ceremony, next string, failed error) error {
	words, kept := w.words(c), stillKept(c)
	page := w.simplePage(c, "/staff/sign-in", "signin_code")
	var wrong []errs.Field
	if failed != nil {
		wrong = []errs.Field{{Name: "code", Code: errs.CodeOf(failed)}}
	}
	f := newForm(words, map[string]string{}, wrong)
	page.Form = &FormBlock{
		URL: "/staff/sign-in/code", Hidden: append([]Hidden{{"next", next}, {"step", asked.Step}}, kept...), Fields: []Field{codeField(f)}, Button: words.t("staff.sign_in"),
	}
	if page.Passkey = w.secondPasskey(words, asked, next, kept); page.Passkey != nil {
		page.Lead, page.Scripts = words.t("signin_code.lead_passkey"), []string{"passkeys"}
	}
	page.Errors = f.summary()
	page.Failed = failed != nil
	status := http.StatusOK
	if failed != nil {
		status = http.StatusUnauthorized
	}
	return w.show(c, status, page)
}

// postCode ends a sign-in of two steps.
func (w *Web) postCode(c echo.Context) error {
	step, next := c.FormValue("step"), c.FormValue("next")
	in, err := w.Accounts.FinishCode(c.Request().Context(), step, w.attemptOf(c))
	switch code := errs.CodeOf(err); {
	case err == nil:
		return w.enter(c, in, next)
	case code == "signin.code_required" || code == "signin.code_wrong":
		asked, lost := w.Accounts.Second(c.Request().Context(), step)
		if lost != nil {
			return w.signInFailed(c, "", next, lost)
		}
		return w.showCode(c, asked, next, err)
	case code == "signin.step_over":
		return w.signInFailed(c, "", next, err)
	}
	return err
}

// showReset asks for the address of who forgot the password.
func (w *Web) showReset(c echo.Context) error {
	page := w.resetPage(c, "", nil)
	if c.QueryParam("done") == "sent" {
		page.Notice = &Notice{Tone: "done", Text: w.words(c).t("reset.sent")}
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) resetPage(c echo.Context, email string, wrong []errs.Field) *SimplePage {
	words := w.words(c)
	page := w.simplePage(c, "/staff/reset", "reset")
	f := newForm(words, map[string]string{"email": email}, wrong)
	page.Form = &FormBlock{URL: "/staff/reset", Button: words.t("reset.go"), Fields: []Field{f.field("email", func(field *Field) {
		field.Required, field.Plain, field.Type, field.Autocomplete = true, true, "email", "username"
	})}}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page
}

// postReset says the same whether or not there is such an account.
func (w *Web) postReset(c echo.Context) error {
	email := strings.TrimSpace(c.FormValue("email"))
	if err := requireTyped(map[string]string{"email": email}, "email"); err != nil {
		return w.show(c, http.StatusUnprocessableEntity, w.resetPage(c, email, errs.FieldsOf(err)))
	}
	if err := w.Accounts.RequestReset(c.Request().Context(), email, httpx.ClientNetwork(c)); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/staff/reset?done=sent")
}

// showLink shows what a link out of a mail is for. It changes nothing: mail
// programs open links by themselves.
func (w *Web) showLink(c echo.Context) error {
	page, err := w.linkPage(c, nil)
	if err != nil {
		return err
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) linkPage(c echo.Context, wrong []errs.Field) (*SimplePage, error) {
	token, words := c.Param("token"), w.words(c)
	u, purpose, err := w.Accounts.Link(c.Request().Context(), token)
	if err != nil {
		return nil, err
	}
	key := "link_reset"
	if purpose == store.LinkInvite {
		key = "link_invite"
	}
	path := "/staff/link/" + url.PathEscape(token)
	page := w.simplePage(c, path, key)
	page.Lead = words.t(key+".lead", "email", u.Email)
	f := newForm(words, map[string]string{}, wrong)
	page.Form = &FormBlock{URL: path, Button: words.t("link.go"), Fields: []Field{newPasswordField(f)}}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

func newPasswordField(f *form) Field {
	return f.field("password", func(field *Field) {
		field.Label, field.Hint = f.words.t("account.new_password"), f.words.t("account.password_hint", "n", accounts.MinPassword)
		field.Required, field.Type, field.Autocomplete, field.Value = true, "password", "new-password", ""
	})
}

// postLink sets the password.
func (w *Web) postLink(c echo.Context) error {
	err := w.Accounts.Redeem(c.Request().Context(), c.Param("token"), c.FormValue("password"))
	if err != nil && errs.KindOf(err) == errs.Invalid {
		page, pageErr := w.linkPage(c, errs.FieldsOf(err))
		if pageErr != nil {
			return pageErr
		}
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/staff/sign-in?done=password-set")
}
