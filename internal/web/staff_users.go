package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/store"
	"hienke/internal/vitext"
)

const usersPath = "/staff/users"

// UsersPage lists the accounts.
type UsersPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Filters []Field
	Total   int
	Rows    []UserRow
	Invite  FormBlock
}

func (*UsersPage) template() string { return "staff_users" }

// UserRow is one account.
type UserRow struct {
	URL, Name, Email, Last string
	Role                   civic.Role
	Agency                 Name
	State                  Tag
}

// UserPage is one account with what can be done about it.
type UserPage struct {
	Frame
	Errors  []FieldError
	Notices []*Notice
	Heading string
	Facts   []Detail
	Forms   []FormBlock
	History []HistoryLine
}

func (*UserPage) template() string { return "staff_user" }

// HistoryLine says what was changed about an account.
type HistoryLine struct {
	At       time.Time
	What, By string
}

func (w *Web) userRoutes(g *echo.Group) {
	see, manage := httpx.Require(civic.SeeUsers), httpx.Require(civic.ManageUsers)
	g.GET("/users", w.showUsers, see)
	g.POST("/users", w.postInvite, manage)
	g.GET("/users/:id", w.showUser, see)
	for name := range userActs {
		g.POST("/users/:id/"+name, w.postUser(name), manage)
	}
	g.GET("/tokens", w.showTokens, see)
	g.POST("/tokens", w.postToken, manage)
	g.POST("/tokens/:id/revoke", w.postRevoke, manage)
}

func (w *Web) showUsers(c echo.Context) error {
	page, err := w.usersPage(c, map[string]string{}, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "users.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) usersPage(c echo.Context, typed map[string]string, failed error) (*UsersPage, error) {
	words := w.words(c)
	all, err := w.Accounts.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return nil, err
	}
	page := &UsersPage{Frame: w.staffFrame(c, "users", words.t("staff.users"))}
	q, role := strings.TrimSpace(c.QueryParam("q")), civic.Role(c.QueryParam("role"))
	f := newForm(words, map[string]string{"q": q, "role": string(role)}, nil)
	f.prefix = "filter-"
	page.Filters = []Field{
		f.field("q", func(field *Field) { field.Label = words.t("users.search") }),
		f.field("role", func(field *Field) { roleSelect(words, field, words.t("staff.any")) }),
	}
	page.Filters[0].Label, page.Filters[1].Label = words.t("users.search"), words.t("users.role") // nobody thinks that a filter is owed
	needle := vitext.Fold(q)
	for _, u := range all {
		if role != "" && u.Role != role || needle != "" && !strings.Contains(vitext.Fold(u.Name+" "+u.Email+" "+string(u.Agency)), needle) {
			continue
		}
		page.Rows = append(page.Rows, w.userRow(words, u))
	}
	page.Total = len(page.Rows)
	f = newForm(words, typed, errs.FieldsOf(failed))
	page.Invite = FormBlock{
		ID: "invite", Title: words.t("users.invite"), Lead: words.t("users.invite_lead"), URL: usersPath, Button: words.t("users.invite_go"),
		Fields: append([]Field{
			f.field("email", func(field *Field) { field.Required, field.Plain, field.Type = true, true, "email" }),
			f.field("name", func(field *Field) { field.Required, field.Label, field.Hint = true, words.t("users.name"), "" }),
		}, w.roleFields(f)...),
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	return page, nil
}

func roleSelect(words words, field *Field, first string) {
	field.Widget, field.Label, field.Hint, field.Options = "select", words.t("users.role"), "", []Option{{Label: first}}
	for _, r := range civic.Roles {
		field.Options = append(field.Options, Option{Value: string(r), Label: words.t("staff.role." + string(r))})
	}
}

// roleFields ask for role and agency.
func (w *Web) roleFields(f *form) []Field {
	return []Field{
		f.field("role", func(field *Field) {
			field.Required = true
			roleSelect(f.words, field, f.words.t("form.choose"))
		}),
		f.field("agency", func(field *Field) {
			w.agencySelect(f.words, false)(field)
			field.Hint = f.words.t("users.agency_hint")
		}),
	}
}

func (w *Web) userRow(words words, u civic.User) UserRow {
	row := UserRow{
		URL: userPath(u.ID), Name: u.Name, Email: u.Email, Role: u.Role, Agency: w.agency(words.lang, u.Agency), State: Tag{words.t("users.open"), "done"},
		Last: words.t("users.never"),
	}
	switch {
	case !u.Active:
		row.State = Tag{words.t("users.closed"), "stop"}
	case u.Invited:
		row.State = Tag{words.t("users.invited"), "wait"}
	}
	if !u.SignedInAt.IsZero() {
		row.Last = i18n.DateTime(words.lang, u.SignedInAt, civic.Zone)
	}
	return row
}

func userPath(id civic.UserID) string { return usersPath + "/" + strconv.FormatInt(int64(id), 10) }

func (w *Web) postInvite(c echo.Context) error {
	n := accounts.NewUser{
		Email: c.FormValue("email"), Name: c.FormValue("name"), Role: civic.Role(c.FormValue("role")), Agency: civic.AgencyCode(c.FormValue("agency")),
	}
	_, err := w.Accounts.Invite(c.Request().Context(), httpx.ActorFrom(c), n)
	if errs.KindOf(err) == errs.Conflict && err != nil {
		err = errs.InvalidFields(errs.Field{Name: "email", Code: errs.CodeOf(err)})
	}
	if err != nil && errs.KindOf(err) == errs.Invalid {
		page, pageErr := w.usersPage(c, map[string]string{"email": n.Email, "name": n.Name, "role": string(n.Role), "agency": string(n.Agency)}, err)
		if pageErr != nil {
			return pageErr
		}
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
	if err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, usersPath+"?done=invited")
}

func userIDOf(c echo.Context) (civic.UserID, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil || id < 1 {
		return 0, errs.New(errs.NotFound, "user.not_found")
	}
	return civic.UserID(id), nil
}

func (w *Web) showUser(c echo.Context) error {
	page, err := w.userPage(c, nil)
	if err != nil {
		return err
	}
	w.tellDone(c, &page.Notices, "users.done.")
	return w.show(c, http.StatusOK, page)
}

func (w *Web) userPage(c echo.Context, failed error) (*UserPage, error) {
	id, err := userIDOf(c)
	if err != nil {
		return nil, err
	}
	words := w.words(c)
	a, err := w.Accounts.Account(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return nil, err
	}
	u := a.User
	page := &UserPage{Frame: w.staffFrame(c, "users", u.Name), Heading: u.Name, Facts: w.accountFacts(words, a)}
	page.Facts = append(page.Facts, Detail{words.t("users.state"), Name{Text: w.userRow(words, u).State.Text}},
		Detail{words.t("users.sessions"), Name{Text: i18n.Number(words.lang, int64(len(a.Sessions)))}})
	f := newForm(words, map[string]string{"role": string(u.Role), "agency": string(u.Agency)}, errs.FieldsOf(failed))
	act := func(name, tone string, fields ...Field) {
		page.Forms = append(page.Forms, FormBlock{
			ID: "act-" + name, Title: words.t("users.act." + name + ".title"), Lead: words.t("users.act." + name + ".lead"), URL: userPath(id) + "/" + name,
			Fields: fields, Button: words.t("users.act." + name + ".go"), Tone: tone,
		})
	}
	if u.Role != civic.RoleService {
		act("role", "", w.roleFields(f)...)
	}
	if len(a.Sessions) > 0 {
		act("sessions", "secondary")
	}
	if a.Codes || len(a.Passkeys) > 0 {
		act("factors", "secondary")
	}
	switch {
	case !u.Active:
		act("reopen", "secondary")
	default:
		if u.SignedInAt.IsZero() && u.Role != civic.RoleService {
			act("invite", "secondary")
		}
		act("close", "warning")
	}
	page.Errors = f.summary()
	page.Failed = len(page.Errors) > 0
	for _, h := range a.History {
		page.History = append(page.History, w.historyLine(words, h))
	}
	return page, nil
}

func (w *Web) historyLine(words words, h store.AccountChange) HistoryLine {
	line := HistoryLine{At: h.At, What: words.t("users.change." + h.What), By: h.ByName}
	if h.Detail != "" {
		line.What += ": " + w.historyDetail(words, h.Detail)
	}
	return line
}

// historyDetail names roles and agencies where the history has their codes:
// "officer CODE → lead CODE", or a role alone. Anything else stays.
func (w *Web) historyDetail(words words, detail string) string {
	sides := strings.Split(detail, " → ")
	for i, side := range sides {
		role, agency, _ := strings.Cut(strings.TrimSpace(side), " ")
		if !slices.Contains(civic.Roles, civic.Role(role)) {
			return detail
		}
		sides[i] = words.t("staff.role." + role)
		if name := w.agency(words.lang, civic.AgencyCode(agency)).Text; name != "" {
			sides[i] += ", " + name
		}
	}
	return strings.Join(sides, " → ")
}

// userActs are what administrators do about an account.
var userActs = map[string]func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error{
	"role": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.ChangeRole(c.Request().Context(), actor, id, civic.Role(c.FormValue("role")), civic.AgencyCode(c.FormValue("agency")))
	},
	"close": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.Close(c.Request().Context(), actor, id, true)
	},
	"reopen": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.Close(c.Request().Context(), actor, id, false)
	},
	"sessions": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.EndSessions(c.Request().Context(), actor, id)
	},
	"factors": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.ResetFactors(c.Request().Context(), actor, id)
	},
	"invite": func(w *Web, c echo.Context, actor civic.Actor, id civic.UserID) error {
		return w.Accounts.InviteAgain(c.Request().Context(), actor, id)
	},
}

func (w *Web) postUser(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		id, err := userIDOf(c)
		if err != nil {
			return err
		}
		err = userActs[name](w, c, httpx.ActorFrom(c), id)
		if err == nil {
			return c.Redirect(http.StatusSeeOther, userPath(id)+"?done=changed")
		}
		kind := errs.KindOf(err)
		if kind != errs.Invalid && kind != errs.Conflict {
			return err
		}
		page, pageErr := w.userPage(c, err)
		if pageErr != nil {
			return pageErr
		}
		if kind == errs.Conflict {
			page.Notices = append(page.Notices, &Notice{Tone: "stop", Text: w.words(c).problem(err), Alert: true})
			return w.show(c, http.StatusConflict, page)
		}
		return w.show(c, http.StatusUnprocessableEntity, page)
	}
}
