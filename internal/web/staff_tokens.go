package web

import (
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
)

const tokensPath = "/staff/tokens"

// TokensPage lists the tokens of service accounts.
type TokensPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Fresh   string // the token just made, shown once
	Rows    []TokenRow
	Issue   *FormBlock // nil while there is no service account
}

func (*TokensPage) template() string { return "staff_tokens" }

// TokenRow is one token. Revoke is the address that ends it, empty once ended.
type TokenRow struct {
	Name, Account, Used, Revoke string
	Scopes                      []string
	LastDay                     time.Time // the last on which it holds
	State                       Tag
}

func (w *Web) showTokens(c echo.Context) error {
	page, err := w.tokensPage(c, map[string]string{}, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "users.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) tokensPage(c echo.Context, typed map[string]string, failed error) (*TokensPage, error) {
	ctx, actor, words, now := c.Request().Context(), httpx.ActorFrom(c), w.words(c), w.Now()
	users, err := w.Accounts.List(ctx, actor)
	if err != nil {
		return nil, err
	}
	tokens, err := w.Accounts.Tokens(ctx, actor)
	if err != nil {
		return nil, err
	}
	page := &TokensPage{Frame: w.staffFrame(c, "users", words.t("staff.tokens"))}
	names := map[civic.UserID]string{}
	var services []Option
	for _, u := range users {
		names[u.ID] = u.Name
		if u.Role == civic.RoleService && u.Active {
			services = append(services, Option{Value: strconv.FormatInt(int64(u.ID), 10), Label: u.Name, Lang: civic.Vietnamese})
		}
	}
	for _, t := range tokens {
		if names[t.User] == "" { // beyond the reader's reach
			continue
		}
		row := TokenRow{Name: t.Name, Account: names[t.User], LastDay: t.ExpiresAt.Add(-time.Second), Used: words.t("users.never"), State: Tag{words.t("users.open"), "done"}}
		for _, p := range t.Scopes.List() {
			row.Scopes = append(row.Scopes, words.t("right."+string(p)))
		}
		if !t.UsedAt.IsZero() {
			row.Used = i18n.DateTime(words.lang, t.UsedAt, civic.Zone)
		}
		switch {
		case !t.RevokedAt.IsZero():
			row.State = Tag{words.t("tokens.revoked"), "stop"}
		case !now.Before(t.ExpiresAt):
			row.State = Tag{words.t("tokens.expired"), "wait"}
		default:
			row.Revoke = tokensPath + "/" + strconv.FormatInt(t.ID, 10) + "/revoke"
		}
		page.Rows = append(page.Rows, row)
	}
	if len(services) > 0 {
		page.Issue, page.Errors = words.issueForm(services, typed, failed)
	}
	page.Failed = len(page.Errors) > 0
	return page, nil
}

// issueForm asks what a token is for and what it may.
func (w words) issueForm(services []Option, typed map[string]string, failed error) (*FormBlock, []FieldError) {
	f := newForm(w, typed, errs.FieldsOf(failed))
	fields := []Field{
		f.field("account", func(field *Field) {
			field.Widget, field.Required, field.Label, field.Hint, field.Options = "select", true, w.t("tokens.account"), "", services
		}),
		f.field("name", func(field *Field) {
			field.Required, field.Label, field.Hint = true, w.t("tokens.name"), w.t("tokens.name_hint")
		}),
		f.field("expires", func(field *Field) {
			dayControl(field)
			field.Required, field.Label, field.Hint = true, w.t("tokens.expires"), w.t("tokens.expires_hint")
		}),
	}
	for _, p := range civic.ServiceScopes {
		fields = append(fields, f.field("scope."+string(p), func(field *Field) {
			field.Widget, field.Label, field.Hint = "checkbox", w.t("right."+string(p)), ""
		}))
	}
	wrong := f.summary()
	for i := range wrong {
		if wrong[i].ID == "" { // about the rights together: lead to the first
			wrong[i].ID = fields[len(fields)-len(civic.ServiceScopes)].ID()
		}
	}
	return &FormBlock{
		ID: "issue", Title: w.t("tokens.issue"), Lead: w.t("tokens.issue_lead"), URL: tokensPath, Fields: fields, Button: w.t("tokens.issue_go"),
	}, wrong
}

func (w *Web) postToken(c echo.Context) error {
	account, err := strconv.ParseInt(c.FormValue("account"), 10, 64)
	if err != nil {
		account = 0
	}
	n := accounts.NewToken{Account: civic.UserID(account), Name: c.FormValue("name")}
	typed := map[string]string{"account": c.FormValue("account"), "name": n.Name, "expires": c.FormValue("expires")}
	if day, ok := readDay(typed["expires"]); ok {
		n.ExpiresAt = day.Start().AddDate(0, 0, 1).UTC() // the day named is the last
	}
	for _, p := range civic.ServiceScopes {
		if name := "scope." + string(p); c.FormValue(name) == "yes" {
			n.Scopes, typed[name] = append(n.Scopes, p), "yes"
		}
	}
	token, err := w.Accounts.IssueToken(c.Request().Context(), httpx.ActorFrom(c), n)
	if err != nil && errs.KindOf(err) != errs.Invalid {
		return err
	}
	if err == nil {
		typed = map[string]string{} // nobody makes the same once more by pressing again
	}
	page, pageErr := w.tokensPage(c, typed, err)
	if pageErr != nil {
		return pageErr
	}
	if err != nil {
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	page.Fresh = token
	return w.show(c, http.StatusOK, page)
}

func (w *Web) postRevoke(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.New(errs.NotFound, "token.not_found")
	}
	if err := w.Accounts.RevokeToken(c.Request().Context(), httpx.ActorFrom(c), id); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, tokensPath+"?done=changed")
}
