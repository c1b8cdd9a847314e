package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const accountPath = "/staff/account"

// AccountPage is a person's own account.
type AccountPage struct {
	Frame
	Errors   []FieldError
	Notices  []*Notice
	Facts    []Detail
	Recovery []string      // shown once
	Pending  *PendingCodes // an authenticator app that waits for its first code
	Factors  []FormBlock
	Passkeys []PasskeyRow
	// NewPasskey offers another passkey; NoPasskeys says why none is offered.
	NewPasskey *Passkey
	NoPasskeys string
	Digest     FormBlock
	Password   *FormBlock // nil: a provider answers for the person
	Sessions   []SessionRow
}

func (*AccountPage) template() string { return "staff_account" }

// Detail is one line about an account.
type Detail struct {
	Label string
	Value Name
}

// PendingCodes is what an authenticator app takes over.
type PendingCodes struct {
	QR     QRCode
	Secret string
}

// SessionRow is one sign-in that can be ended.
type SessionRow struct {
	Handle, Device, Seen string
	Current              bool
}

// accountRoutes are a person's own account, and what comes before the sign-in.
func (w *Web) accountRoutes(g *echo.Group) {
	g.POST("/sign-in/code", w.postCode)
	w.providerRoutes(g)
	w.passkeyRoutes(g)
	g.GET("/reset", w.showReset)
	g.POST("/reset", w.postReset)
	g.GET("/link/:token", w.showLink)
	g.POST("/link/:token", w.postLink)
	own := func(act func(echo.Context) error) echo.HandlerFunc {
		return func(c echo.Context) error { return w.ownAct(c, act(c)) }
	}
	g.GET("/account", w.showAccount, httpx.RequireStaff)
	g.POST("/account/password", w.postPassword, httpx.RequireStaff)
	g.POST("/account/sessions", w.postSessions, httpx.RequireStaff)
	g.POST("/account/codes", own(w.beginCodes), httpx.RequireStaff)
	g.POST("/account/codes/confirm", w.postConfirmCodes, httpx.RequireStaff)
	g.POST("/account/codes/recovery", w.postRecovery, httpx.RequireStaff)
	g.POST("/account/codes/remove", own(w.removeCodes), httpx.RequireStaff)
}

func (w *Web) showAccount(c echo.Context) error {
	page, err := w.accountPage(c, "", nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "account.done.")
	return w.show(c, http.StatusOK, page)
}

// accountPage builds the page. failed is what went wrong in the form whose
// fields begin with prefix.
func (w *Web) accountPage(c echo.Context, prefix string, failed error) (*AccountPage, error) {
	ctx, actor, words := c.Request().Context(), httpx.ActorFrom(c), w.words(c)
	own, err := w.Accounts.Own(ctx, actor)
	if err != nil {
		return nil, err
	}
	page := &AccountPage{Frame: w.staffFrame(c, "account", words.t("staff.account")), Facts: w.accountFacts(words, own)}
	if actor.Unproven {
		page.Notices = append(page.Notices, &Notice{Tone: "care", Text: words.t("account.must_enrol")})
	}
	form := func(of string) *form {
		var wrong []errs.Field
		if of == prefix {
			wrong = errs.FieldsOf(failed)
		}
		f := newForm(words, map[string]string{}, wrong)
		f.prefix = of
		return f
	}
	if page.Digest, err = w.digestForm(c, words); err != nil {
		return nil, err
	}
	if own.Password {
		f := form("password-")
		page.Password = &FormBlock{
			ID: "change-password", Title: words.t("account.password"), Lead: words.t("account.password_lead"), URL: accountPath + "/password",
			Fields: []Field{currentPassword(f), newPasswordField(f)}, Button: words.t("account.password_go"),
		}
		page.Errors = append(page.Errors, f.summary()...)
		if err := w.addFactors(c, page, own, form); err != nil {
			return nil, err
		}
		w.addPasskeys(page, words, own, form)
	}
	w.addSessions(c, page, own)
	page.Failed = len(page.Errors) > 0
	return page, nil
}

// addSessions lists where the person is signed in.
func (w *Web) addSessions(c echo.Context, page *AccountPage, own accounts.Account) {
	words := w.words(c)
	current := accounts.HandleOf(httpx.SessionFrom(c))
	for _, s := range own.Sessions {
		row := SessionRow{Handle: accounts.Handle(s), Device: accounts.DeviceWords(s.Device), Current: accounts.Handle(s) == current,
			Seen: words.t("account.seen", "time", i18n.DateTime(words.lang, s.SeenAt, civic.Zone), "since", i18n.DateTime(words.lang, s.CreatedAt, civic.Zone))}
		if row.Device == "" {
			row.Device = words.t("account.unknown_device")
		}
		page.Sessions = append(page.Sessions, row)
	}
}

func currentPassword(f *form) Field {
	return f.field("current_password", func(field *Field) {
		field.Label, field.Hint = f.words.t("account.current_password"), ""
		field.Required, field.Type, field.Autocomplete, field.Value = true, "password", "current-password", ""
	})
}

func (w *Web) accountFacts(words words, a accounts.Account) []Detail {
	facts := []Detail{
		{words.t("users.name"), Name{a.User.Name, civic.Vietnamese}}, {words.t("form.email.label"), Name{Text: a.User.Email}},
		{words.t("users.role"), Name{Text: words.t("staff.role." + string(a.User.Role))}},
	}
	if a.User.Agency != "" {
		facts = append(facts, Detail{words.t("staff.col_agency"), w.agency(words.lang, a.User.Agency)})
	}
	if a.User.Role == civic.RoleService {
		return facts
	}
	if !a.Password && !a.User.SignedInAt.IsZero() {
		return append(facts, Detail{words.t("account.signs_in"), Name{Text: words.t("account.by_provider")}})
	}
	second := words.t("account.codes_off")
	switch {
	case a.Codes && len(a.Passkeys) > 0:
		second = words.plural("account.codes_and_passkeys", len(a.Passkeys))
	case a.Codes:
		second = words.t("account.codes_on")
	case len(a.Passkeys) > 0:
		second = words.plural("account.passkeys_on", len(a.Passkeys))
	}
	return append(facts, Detail{words.t("account.codes"), Name{Text: second}})
}

// addFactors offers what can be done about the second factor now.
func (w *Web) addFactors(c echo.Context, page *AccountPage, own accounts.Account, formOf func(string) *form) error {
	words, ctx, actor := w.words(c), c.Request().Context(), httpx.ActorFrom(c)
	add := func(b FormBlock, f *form) {
		page.Factors = append(page.Factors, b)
		page.Errors = append(page.Errors, f.summary()...)
	}
	if own.Codes || len(own.Passkeys) > 0 {
		left, err := w.Accounts.RecoveryLeft(ctx, actor)
		if err != nil {
			return err
		}
		f := formOf("recovery-")
		add(FormBlock{ID: "recovery", Title: words.t("account.recovery"), Lead: words.t("account.recovery_left", "n", left), URL: accountPath + "/codes/recovery",
			Fields: []Field{currentPassword(f)}, Button: words.t("account.recovery_go"), Tone: "secondary"}, f)
	}
	if own.Codes {
		f := formOf("remove-")
		add(FormBlock{ID: "codes-off", Title: words.t("account.codes_remove"), Lead: words.t("account.codes_remove_lead"), URL: accountPath + "/codes/remove",
			Fields: []Field{currentPassword(f)}, Button: words.t("account.codes_remove_go"), Tone: "warning"}, f)
		return nil
	}
	pending, err := w.Accounts.PendingCodes(ctx, actor)
	if err != nil && errs.KindOf(err) != errs.NotFound {
		return err
	}
	if err == nil {
		qr, err := qrCode(pending.URL)
		if err != nil {
			return err
		}
		page.Pending = &PendingCodes{QR: qr, Secret: pending.Secret}
		f := formOf("confirm-")
		code := codeField(f)
		code.Hint = words.t("account.code_first")
		add(FormBlock{ID: "confirm", Title: words.t("account.codes_confirm"), URL: accountPath + "/codes/confirm",
			Fields: []Field{code}, Button: words.t("account.codes_confirm_go")}, f)
		return nil
	}
	f := formOf("codes-")
	add(FormBlock{ID: "codes-on", Title: words.t("account.codes_begin"), Lead: words.t("account.codes_begin_lead"), URL: accountPath + "/codes",
		Fields: []Field{currentPassword(f)}, Button: words.t("account.codes_begin_go"), Tone: "secondary"}, f)
	return nil
}

// ownForms names the form of each act, for the fields that were wrong.
var ownForms = map[string]string{
	"/staff/account/password": "password-", "/staff/account/codes": "codes-", "/staff/account/codes/confirm": "confirm-",
	"/staff/account/codes/recovery": "recovery-", "/staff/account/codes/remove": "remove-", passkeysPath: "passkey-",
	passkeysPath + "/:id/rename": "passkey-:id-rename-", passkeysPath + "/:id/remove": "passkey-:id-remove-",
}

// ownAct leads back to the page, or shows it again with what was wrong.
func (w *Web) ownAct(c echo.Context, err error) error {
	if err == nil {
		return c.Redirect(http.StatusSeeOther, accountPath+"?done=changed")
	}
	kind, status := errs.KindOf(err), http.StatusUnprocessableEntity
	late := errs.CodeOf(err) == "signin.step_over"
	if kind == errs.Conflict || late {
		status = http.StatusConflict
	} else if kind != errs.Invalid {
		return err
	}
	page, pageErr := w.accountPage(c, strings.Replace(ownForms[c.Path()], ":id", c.Param("id"), 1), err)
	if pageErr != nil {
		return pageErr
	}
	if len(page.Errors) == 0 {
		page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
	}
	return w.show(c, status, page)
}

// postPassword changes the own password. Every session ends, so the person
// signs in anew.
func (w *Web) postPassword(c echo.Context) error {
	err := w.Accounts.ChangePassword(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("current_password"), c.FormValue("password"))
	if err != nil {
		return w.ownAct(c, err)
	}
	httpx.ClearSession(c)
	return c.Redirect(http.StatusSeeOther, "/staff/sign-in?done=password-set")
}

func (w *Web) postSessions(c echo.Context) error {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	var err error
	if handle := c.FormValue("session"); handle == "others" {
		err = w.Accounts.EndOthers(ctx, actor, httpx.SessionFrom(c))
	} else {
		err = w.Accounts.EndSession(ctx, actor, handle)
	}
	return w.ownAct(c, err)
}

func (w *Web) beginCodes(c echo.Context) error {
	return w.Accounts.BeginCodes(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("current_password"))
}

func (w *Web) removeCodes(c echo.Context) error {
	return w.Accounts.RemoveCodes(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("current_password"))
}

func (w *Web) postConfirmCodes(c echo.Context) error {
	codes, err := w.Accounts.ConfirmCodes(c.Request().Context(), httpx.ActorFrom(c), httpx.SessionFrom(c), c.FormValue("code"))
	return w.showRecovery(c, codes, err)
}

func (w *Web) postRecovery(c echo.Context) error {
	codes, err := w.Accounts.NewRecoveryCodes(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("current_password"))
	return w.showRecovery(c, codes, err)
}

// showRecovery shows recovery codes, the one time that they can be shown.
func (w *Web) showRecovery(c echo.Context, codes []string, err error) error {
	if err != nil {
		return w.ownAct(c, err)
	}
	actor := httpx.ActorFrom(c)
	actor.Unproven = false
	httpx.SetActor(c, actor)
	page, err := w.accountPage(c, "", nil)
	if err != nil {
		return err
	}
	page.Recovery = codes
	page.Factors = slices.DeleteFunc(page.Factors, func(b FormBlock) bool { return b.ID == "recovery" }) // they are above
	return w.show(c, http.StatusOK, page)
}
