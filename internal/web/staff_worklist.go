package web

import (
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/store"
	"hienke/internal/worklist"
)

const (
	viewsPath = "/staff/views"
	tasksPath = "/staff/tasks"
)

// worklistRoutes are the pages around the queue.
func (w *Web) worklistRoutes(g *echo.Group) {
	see, act := httpx.Require(civic.SeeQueue), httpx.Require(civic.NoteCase)
	g.GET("/bulk", w.showBulk, act)
	g.POST("/bulk/:action", w.postBulk, act)
	g.GET("/bulk/works", w.showWorks, see)
	g.GET("/bulk/works/:id", w.showWork, see)
	g.POST("/bulk/works/:id/:act", w.postWork, act)
	g.GET("/views", w.showViews, see)
	g.POST("/views", w.postView, see)
	g.POST("/views/:id", w.postChangeView, see)
	g.POST("/claims", w.postClaims, httpx.Require(civic.TriageCase))
	g.GET("/tasks", w.showTasks, httpx.Require(civic.RetryTasks))
	g.POST("/tasks/:id/retry", w.postRetry, httpx.Require(civic.RetryTasks))
}

// saveForm asks for the name of a view.
func saveForm(words words, f *form) []Field {
	if f == nil {
		f = newForm(words, map[string]string{}, nil)
	}
	return []Field{
		f.field("view_name", func(field *Field) { field.Required, field.Autocomplete = true, "off" }),
		f.field("view_shared", func(field *Field) { field.Widget = "checkbox" }),
	}
}

// ViewsPage lets a person change the own saved views.
type ViewsPage struct {
	Frame
	Errors []FieldError
	Notice *Notice
	// New keeps the filters of a view that could not be saved.
	New   *ViewForm
	Views []ViewForm
	// Shared are those of others.
	Shared []ViewLink
}

func (*ViewsPage) template() string { return "staff_views" }

// ViewForm changes one view.
type ViewForm struct {
	ID               int64
	Version          int
	URL, See, Legend string
	Fields           []Field
	Query            string
	Theirs           []Fact // what somebody else made of it meanwhile
}

// showViews lists the views that the person may use.
func (w *Web) showViews(c echo.Context) error {
	page, err := w.viewsPage(c, 0, attempt{})
	if err != nil {
		return err
	}
	page.Notice = w.words(c).queueNotice(c.QueryParams())
	return w.show(c, http.StatusOK, page)
}

// viewsPage builds the page; tried is what was sent for the view id, or for a
// new one.
func (w *Web) viewsPage(c echo.Context, id int64, tried attempt) (*ViewsPage, error) {
	words, actor := w.words(c), httpx.ActorFrom(c)
	views, err := w.Worklist.Views(c.Request().Context(), actor)
	if err != nil {
		return nil, err
	}
	page := &ViewsPage{Frame: w.staffFrame(c, "queue", words.t("worklist.views"))}
	add := func(v civic.SavedView, now attempt) ViewForm {
		shared := map[bool]string{true: "yes"}[v.Shared]
		f := newForm(words, map[string]string{"view_name": v.Name, "view_shared": shared}, nil)
		if now.action != "" {
			f = newForm(words, now.values, errs.FieldsOf(now.err))
		}
		f.prefix = "view-" + strconv.FormatInt(v.ID, 10) + "-"
		filters, _ := url.ParseQuery(v.Query) // what cannot be read filters nothing
		form := ViewForm{
			ID: v.ID, Version: v.Version, URL: viewsPath + "/" + strconv.FormatInt(v.ID, 10), See: queueAddress(filters, nil),
			Legend: v.Name, Fields: saveForm(words, f), Query: v.Query,
		}
		if errs.CodeOf(now.err) == "view.version_mismatch" && now.err != nil {
			form.Theirs = []Fact{{words.t("form.view_name.label"), v.Name}}
		}
		page.Errors = append(page.Errors, f.summary()...)
		return form
	}
	for _, v := range views {
		now := attempt{}
		if v.ID == id {
			now = tried
		}
		if v.Owner == actor.User {
			page.Views = append(page.Views, add(v, now))
			continue
		}
		filters, _ := url.ParseQuery(v.Query)
		page.Shared = append(page.Shared, ViewLink{Label: v.Name, URL: queueAddress(filters, nil), By: v.OwnerName})
	}
	if id == 0 && tried.action != "" {
		form := add(civic.SavedView{Query: tried.values["query"]}, tried)
		form.URL, form.Legend = viewsPath, words.t("worklist.save_view")
		page.New = &form
	}
	return page, nil
}

// postView saves the filters of the queue as a view.
func (w *Web) postView(c echo.Context) error {
	filters, _ := url.ParseQuery(c.FormValue("query")) // what cannot be read filters nothing
	address, err := url.Parse(queueAddress(filters, nil))
	if err != nil {
		return errs.Wrap(errs.Invalid, "input.invalid", err)
	}
	_, err = w.Worklist.SaveView(c.Request().Context(), httpx.ActorFrom(c), c.FormValue("view_name"), address.RawQuery, c.FormValue("view_shared") == "yes")
	if err != nil {
		return w.viewFailed(c, 0, err)
	}
	return c.Redirect(http.StatusSeeOther, withDone(address, "view-saved"))
}

// withDone adds to an address what was done.
func withDone(u *url.URL, done string) string {
	v := u.Query()
	v.Set("done", done)
	return u.Path + "?" + v.Encode()
}

// viewFailed shows the forms again with what was typed.
func (w *Web) viewFailed(c echo.Context, id int64, err error) error {
	if !worthKeeping(err) {
		return err
	}
	typed := map[string]string{
		"view_name": c.FormValue("view_name"), "view_shared": c.FormValue("view_shared"), "query": c.FormValue("query"),
	}
	page, readErr := w.viewsPage(c, id, attempt{action: "view", values: typed, err: err})
	if readErr != nil {
		return err
	}
	if len(page.Errors) == 0 {
		page.Notice = w.problemNotice(w.words(c), err)
	}
	page.Failed = true
	return w.showFailed(c, err, page)
}

// postChangeView renames, shares or removes an own view.
func (w *Web) postChangeView(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.Wrap(errs.NotFound, "view.not_found", err)
	}
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	if c.FormValue("remove") == "yes" {
		if err := w.Worklist.RemoveView(ctx, actor, id); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, viewsPath+"?done=view-removed")
	}
	version, err := strconv.Atoi(c.FormValue("version"))
	if err != nil {
		return errs.Wrap(errs.Conflict, httpx.CodeNoVersion, err)
	}
	if err := w.Worklist.ChangeView(ctx, actor, id, version, c.FormValue("view_name"), c.FormValue("view_shared") == "yes"); err != nil {
		return w.viewFailed(c, id, err)
	}
	return c.Redirect(http.StatusSeeOther, viewsPath+"?done=view-saved")
}

// postClaims takes a batch of what waits for a coordinator, or gives all back.
func (w *Web) postClaims(c echo.Context) error {
	ctx, actor := c.Request().Context(), httpx.ActorFrom(c)
	if c.FormValue("release") == "yes" {
		n, err := w.Worklist.Release(ctx, actor)
		if err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, queuePath+"?view=triage&done=released&n="+strconv.Itoa(n))
	}
	n, err := w.Worklist.Claim(ctx, actor, worklist.MaxClaim)
	if err != nil {
		return err
	}
	if n == 0 {
		return c.Redirect(http.StatusSeeOther, queuePath+"?view=claimed&done=claimed-none")
	}
	return c.Redirect(http.StatusSeeOther, queuePath+"?view=claimed&done=claimed&n="+strconv.Itoa(n))
}

// TasksPage lists what the machine could not do.
type TasksPage struct {
	Frame
	Notice *Notice
	Rows   []TaskRow
}

func (*TasksPage) template() string { return "staff_tasks" }

// TaskRow is one of them.
type TaskRow struct {
	ID        int64
	What      string
	Code, URL string // of the case, empty for none
	Why       string
	Tries     int
	Since     time.Time
	Next      time.Time // zero: at once
	Under     bool      // it is being tried again now
}

// showTasks lists the tasks that failed and rest.
func (w *Web) showTasks(c echo.Context) error {
	words := w.words(c)
	tasks, err := w.Worklist.Tasks(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := &TasksPage{Frame: w.staffFrame(c, "tasks", words.t("staff.tasks")), Notice: words.queueNotice(c.QueryParams())}
	for _, t := range tasks {
		row := TaskRow{
			ID: t.ID, What: words.t("worklist.job." + jobKey(t.Kind)), Tries: t.Attempts, Since: t.CreatedAt, Next: t.NextAt,
			Under: !t.SentAt.IsZero(), Why: words.taskReason(t.LastError),
		}
		if t.Case.ID != 0 {
			row.Code, row.URL = t.Case.Code.String(), staffCasePath(t.Case.Code)
		}
		page.Rows = append(page.Rows, row)
	}
	return w.show(c, http.StatusOK, page)
}

// taskReason says why a task failed: in words where there are any, and always
// by its code, which whoever mends it needs.
func (w words) taskReason(code string) string {
	if s := w.optional("problem." + code); s != "" {
		return s + " (" + code + ")"
	}
	return code
}

// jobKey is a kind of job as keys of texts have it.
func jobKey(k store.JobKind) string {
	b := []byte(k)
	for i, ch := range b {
		if ch == '.' {
			b[i] = '_'
		}
	}
	return string(b)
}

// postRetry lets a task go again at once.
func (w *Web) postRetry(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.Wrap(errs.NotFound, "job.not_found", err)
	}
	again, err := w.Worklist.Retry(c.Request().Context(), httpx.ActorFrom(c), id)
	if err != nil {
		return err
	}
	done := "retry"
	if !again {
		done = "retry-late"
	}
	return c.Redirect(http.StatusSeeOther, tasksPath+"?done="+done)
}
