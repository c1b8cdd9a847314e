package web

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const passkeysPath = accountPath + "/passkeys"

// Passkey is the part of a page that speaks with the browser's own keys. Its
// script shows it where they work and says so where they do not; without the
// script password and code do everything.
type Passkey struct {
	// Act is what the script does: nothing but look, create or get.
	Act, URL string
	Step     string
	Options  string // of the browser's own call, as JSON
	Origin   string // the only address at which passkeys work
	Hidden   []Hidden
	Fields   []Field
	Button   string
	// Quiet says nothing where the browser has no passkeys.
	Quiet bool
	// AtOnce tells that the script need not wait for the button.
	AtOnce bool
}

// PasskeyRow is one passkey of the person, with what can be done about it.
type PasskeyRow struct {
	Name, Told string
	Doubted    bool
	Forms      []FormBlock
	Open       bool // something was wrong with a form of it
}

// PasskeyPage asks for a passkey and nothing else.
type PasskeyPage struct {
	Frame
	Notice  *Notice
	Heading string
	Lead    string
	Passkey *Passkey
	Back    Link
}

func (*PasskeyPage) template() string { return "staff_passkey" }

// passkeyRoutes are the sign-in by a passkey, and the person's own passkeys.
func (w *Web) passkeyRoutes(g *echo.Group) {
	g.POST("/sign-in/passkey", w.postPasskeySignIn)
	g.POST("/sign-in/passkey/finish", w.finishPasskeySignIn)
	g.POST("/sign-in/passkey/second", w.finishWithPasskey)
	g.POST("/account/passkeys", w.postNewPasskey, httpx.RequireStaff)
	g.POST("/account/passkeys/confirm", w.postConfirmPasskey, httpx.RequireStaff)
	g.POST("/account/passkeys/:id/rename", w.ownPasskey(w.renamePasskey), httpx.RequireStaff)
	g.POST("/account/passkeys/:id/remove", w.ownPasskey(w.removePasskey), httpx.RequireStaff)
}

// passkeyEntrance is the button on the sign-in page, nil where the policy knows
// no sign-in without a password.
func (w *Web) passkeyEntrance(words words, next string, kept []Hidden) *Passkey {
	if !w.Accounts.Passkeys.SignsIn() {
		return nil
	}
	return &Passkey{
		URL: "/staff/sign-in/passkey", Origin: w.Accounts.Passkeys.Origin, Hidden: append([]Hidden{{"next", next}}, kept...),
		Button: words.t("passkey.sign_in"), Quiet: true,
	}
}

func (w *Web) passkeyPage(c echo.Context, key string) *PasskeyPage {
	words := w.words(c)
	page := &PasskeyPage{
		Frame: w.staffFrame(c, "", words.t(key+".title")), Heading: words.t(key + ".title"), Lead: words.t(key + ".lead"),
		Back: Link{URL: "/staff/sign-in", Label: words.t("passkey.other_way")},
	}
	page.OtherURL = withLang(&url.URL{Path: "/staff/sign-in"}, page.Other)
	page.Scripts = []string{"passkeys"}
	return page
}

// postPasskeySignIn asks for a passkey, whosever it is.
func (w *Web) postPasskeySignIn(c echo.Context) error {
	next := safeNext(c.FormValue("next"))
	asked, err := w.Accounts.BeginPasskeySignIn(c.Request().Context(), httpx.ClientNetwork(c))
	if err != nil {
		return w.signInFailed(c, "", next, err)
	}
	page := w.passkeyPage(c, "passkey_sign_in")
	page.Passkey = &Passkey{
		Act: "get", URL: "/staff/sign-in/passkey/finish", Step: asked.Step, Options: asked.Options, Origin: w.Accounts.Passkeys.Origin,
		Hidden: append([]Hidden{{"next", next}}, stillKept(c)...), Button: w.words(c).t("passkey.use"), AtOnce: true,
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) finishPasskeySignIn(c echo.Context) error {
	in, err := w.Accounts.FinishPasskeySignIn(c.Request().Context(), c.FormValue("step"), c.FormValue("credential"), w.attemptOf(c))
	return w.passkeyEntered(c, in, err)
}

// finishWithPasskey ends a sign-in that began with a password.
func (w *Web) finishWithPasskey(c echo.Context) error {
	in, err := w.Accounts.FinishWithPasskey(c.Request().Context(), c.FormValue("step"), c.FormValue("credential"), w.attemptOf(c))
	return w.passkeyEntered(c, in, err)
}

func (w *Web) passkeyEntered(c echo.Context, in accounts.SignedIn, err error) error {
	if err != nil {
		return w.signInFailed(c, "", c.FormValue("next"), err)
	}
	return w.enter(c, in, c.FormValue("next"))
}

// secondPasskey offers a passkey beside the code, nil where there is none.
func (w *Web) secondPasskey(words words, asked accounts.Ceremony, next string, kept []Hidden) *Passkey {
	if asked.Options == "" {
		return nil
	}
	return &Passkey{
		Act: "get", URL: "/staff/sign-in/passkey/second", Step: asked.Step, Options: asked.Options, Origin: w.Accounts.Passkeys.Origin,
		Hidden: append([]Hidden{{"next", next}}, kept...), Button: words.t("passkey.use"),
	}
}

// addPasskeys lists the person's passkeys and offers another.
func (w *Web) addPasskeys(page *AccountPage, words words, own accounts.Account, formOf func(string) *form) {
	for _, k := range own.Passkeys {
		id := strconv.FormatInt(k.ID, 10)
		row := PasskeyRow{Name: k.Name, Doubted: !k.DoubtedAt.IsZero(), Told: words.t("passkey.made", "date", i18n.Date(words.lang, k.CreatedAt, civic.Zone))}
		if k.UsedAt.IsZero() {
			row.Told += words.t("passkey.never_used")
		} else {
			row.Told += words.t("passkey.used", "time", i18n.DateTime(words.lang, k.UsedAt, civic.Zone))
		}
		rename := formOf("passkey-" + id + "-rename-")
		rename.values["name"] = k.Name
		remove := formOf("passkey-" + id + "-remove-")
		row.Forms = []FormBlock{
			{ID: "passkey-" + id + "-name", URL: passkeysPath + "/" + id + "/rename", Fields: []Field{passkeyNameField(rename)}, Button: words.t("passkey.rename"), Tone: "secondary"},
			{ID: "passkey-" + id + "-remove", URL: passkeysPath + "/" + id + "/remove", Lead: words.t("passkey.remove_lead"), Fields: []Field{currentPassword(remove)}, Button: words.t("passkey.remove"), Tone: "warning"},
		}
		wrong := append(rename.summary(), remove.summary()...)
		row.Open = len(wrong) > 0
		page.Errors = append(page.Errors, wrong...)
		page.Passkeys = append(page.Passkeys, row)
	}
	if !w.Accounts.Passkeys.Ready() {
		if w.Accounts.Passkeys != nil {
			page.NoPasskeys = words.t("passkey.unsuited", "address", w.Accounts.Passkeys.Origin)
		}
		return
	}
	f := formOf("passkey-")
	page.NewPasskey = &Passkey{
		URL: passkeysPath, Origin: w.Accounts.Passkeys.Origin, Fields: []Field{currentPassword(f)}, Button: words.t("passkey.new"),
	}
	page.Errors = append(page.Errors, f.summary()...)
	page.Scripts = []string{"passkeys"}
}

func passkeyNameField(f *form) Field {
	return f.field("name", func(field *Field) {
		field.Required, field.Label, field.Hint, field.Autocomplete = true, f.words.t("passkey.name"), f.words.t("passkey.name_hint"), "off"
	})
}

// postNewPasskey asks the browser for a new passkey.
func (w *Web) postNewPasskey(c echo.Context) error {
	asked, err := w.Accounts.BeginPasskey(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("current_password"))
	if err != nil {
		return w.ownAct(c, err)
	}
	words := w.words(c)
	page := w.passkeyPage(c, "passkey_new")
	page.Back, page.OtherURL = Link{URL: accountPath, Label: words.t("passkey.back")}, withLang(&url.URL{Path: accountPath}, page.Other)
	f := newForm(words, map[string]string{"name": accounts.DeviceWords(c.Request().UserAgent())}, nil)
	page.Passkey = &Passkey{
		Act: "create", URL: passkeysPath + "/confirm", Step: asked.Step, Options: asked.Options, Origin: w.Accounts.Passkeys.Origin,
		Fields: []Field{passkeyNameField(f)}, Button: words.t("passkey.create"),
	}
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postConfirmPasskey(c echo.Context) error {
	codes, err := w.Accounts.ConfirmPasskey(c.Request().Context(), httpx.ActorFrom(c), httpx.SessionFrom(c), accounts.NewPasskey{
		Step: c.FormValue("step"), Name: c.FormValue("name"), Response: c.FormValue("credential"),
	})
	if err == nil && len(codes) == 0 {
		return c.Redirect(http.StatusSeeOther, accountPath+"?done=passkey")
	}
	return w.showRecovery(c, codes, err)
}

// ownPasskey runs an act on one of the own passkeys.
func (w *Web) ownPasskey(act func(c echo.Context, id int64) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := strconv.ParseInt(c.Param("id"), 10, 64)
		if err != nil {
			return errs.New(errs.NotFound, "passkey.not_found")
		}
		return w.ownAct(c, act(c, id))
	}
}

func (w *Web) renamePasskey(c echo.Context, id int64) error {
	return w.Accounts.RenamePasskey(c.Request().Context(), httpx.ActorFrom(c), id, c.FormValue("name"))
}

func (w *Web) removePasskey(c echo.Context, id int64) error {
	return w.Accounts.RemovePasskey(c.Request().Context(), httpx.ActorFrom(c), id, c.FormValue("current_password"))
}
