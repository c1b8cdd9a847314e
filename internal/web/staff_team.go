package web

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/i18n"
	"hienke/internal/teamwork"
	"hienke/internal/triage"
)

const todosPath = "/staff/todos"

// TodoLine is something to do on a case.
type TodoLine struct {
	ID               int64
	Text, Who        string
	Until            time.Time // the last day; zero for none
	Late             bool
	Done             string // who did it and when; empty while it is open
	Code, URL, Title string // of the case, in lists of several
	Language         civic.Language
	FinishURL        string // empty where the person may not note that it was done
	Version          int
}

func (w *Web) todoLine(words words, t civic.Todo) TodoLine {
	out := TodoLine{ID: t.ID, Text: t.Text, Who: t.UserName, Late: t.Late(w.Now())}
	if t.Until != (civic.Date{}) {
		out.Until = t.Until.Start()
	}
	if !t.DoneAt.IsZero() {
		out.Done = words.t("team.done_by", "name", t.DoneByName, "time", words.moment(t.DoneAt))
	}
	return out
}

// todoLines are those of a case.
func (w *Web) todoLines(words words, actor civic.Actor, found triage.Case) []TodoLine {
	out := make([]TodoLine, 0, len(found.Todos))
	for _, t := range found.Todos {
		line := w.todoLine(words, t)
		line.Version = found.Submission.Version
		if line.Done == "" && actor.May(civic.NoteCase) {
			line.FinishURL = staffCasePath(found.Submission.Code) + "/finish-todo"
		}
		out = append(out, line)
	}
	return out
}

// TodosPage lists what a person has to do.
type TodosPage struct {
	Frame
	Count string
	Todos []TodoLine
}

func (*TodosPage) template() string { return "staff_todos" }

// showTodos lists what the person has to do on cases.
func (w *Web) showTodos(c echo.Context) error {
	words := w.words(c)
	list, err := w.Teamwork.Mine(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	page := &TodosPage{Frame: w.staffFrame(c, "queue", words.t("team.mine")), Count: words.plural("team.count", len(list))}
	for _, t := range list {
		line := w.todoLine(words, t.Todo)
		line.Code, line.URL, line.Title, line.Language = t.Case.Code.String(), staffCasePath(t.Case.Code), t.Case.Title, t.Case.Language
		page.Todos = append(page.Todos, line)
	}
	return w.show(c, http.StatusOK, page)
}

func anyCase(civic.Actor, *triage.Case) bool { return true }

func hasOpenTodo(_ civic.Actor, c *triage.Case) bool {
	return len(c.Todos) > 0 && c.Todos[0].DoneAt.IsZero() // the open ones come first
}

func hasLink(_ civic.Actor, c *triage.Case) bool { return len(seeAlso(c)) > 0 }

// seeAlso are the cases that staff linked with one.
func seeAlso(c *triage.Case) (out []triage.RelatedCase) {
	for _, r := range c.Related {
		if r.Relation == triage.RelationSeeAlso {
			out = append(out, r)
		}
	}
	return out
}

func todoFields(_ *Web, f *form, c *triage.Case) []Field {
	return []Field{
		f.field("text", func(field *Field) { field.Required, field.Label, field.Hint = true, f.words.t("team.form.text"), "" }),
		f.field("user", func(field *Field) {
			field.Widget, field.Required, field.Label = "select", true, f.words.t("team.form.user")
			field.Options = []Option{{Label: f.words.t("team.form.me")}}
			for _, p := range c.Colleagues {
				field.Options = append(field.Options, Option{Value: strconv.FormatInt(int64(p.User), 10), Label: p.Name})
			}
		}),
		f.field("until", func(field *Field) { field.Type, field.Label, field.Hint = "date", f.words.t("team.form.until"), "" }),
	}
}

func finishTodoFields(_ *Web, f *form, c *triage.Case) []Field {
	return []Field{f.field("todo", func(field *Field) {
		field.Widget, field.Required, field.Label = "select", true, f.words.t("team.form.text")
		field.Options = []Option{{Label: f.words.t("form.choose")}}
		for _, t := range c.Todos {
			if t.DoneAt.IsZero() {
				field.Options = append(field.Options, Option{Value: strconv.FormatInt(t.ID, 10), Label: t.Text})
			}
		}
	})}
}

func linkFields(_ *Web, f *form, _ *triage.Case) []Field {
	return []Field{
		f.field("other", func(field *Field) { field.Required, field.Label = true, f.words.t("team.form.other") }),
		f.field("reason", func(field *Field) {
			field.Widget, field.Rows, field.Label, field.Hint = "textarea", 2, f.words.t("team.form.reason"), ""
		}),
	}
}

func unlinkFields(_ *Web, f *form, c *triage.Case) []Field {
	return []Field{f.field("other", func(field *Field) {
		field.Widget, field.Required, field.Label = "select", true, f.words.t("team.form.linked")
		field.Options = []Option{{Label: f.words.t("form.choose")}}
		for _, r := range seeAlso(c) {
			code := r.Case.Code.String()
			field.Options = append(field.Options, Option{Value: code, Label: code + " – " + r.Case.Title})
		}
	})}
}

// noteFields say how colleagues are named. The script that completes names reads
// them from the field.
func noteFields(_ *Web, f *form, c *triage.Case) []Field {
	return []Field{f.field("text", func(field *Field) {
		textarea(3)(field)
		field.Label, field.Hint = f.words.t("form.note.label"), f.words.t("team.mention_rule")
		field.People = peopleOf(c.Colleagues)
	})}
}

// peopleOf are colleagues as the script reads them.
func peopleOf(list []triage.Colleague) string {
	type person struct {
		Login string `json:"login"`
		Name  string `json:"name"`
	}
	out := make([]person, len(list))
	for i, p := range list {
		out[i] = person{p.Login, p.Name}
	}
	b, err := json.Marshal(out)
	if err != nil {
		panic(err) // strings always encode
	}
	return string(b)
}

func addTodo(w *Web, ctx context.Context, p posted) error {
	user, err := strconv.ParseInt(p.values.Get("user"), 10, 64)
	if err != nil && p.values.Get("user") != "" {
		return errs.InvalidFields(errs.Field{Name: "user", Code: "field.unknown_value"})
	}
	return w.Teamwork.AddTodo(ctx, p.actor, p.code, p.version, teamwork.NewTodo{
		Text: p.values.Get("text"), User: civic.UserID(user), Until: p.values.Get("until"),
	})
}

func finishTodo(w *Web, ctx context.Context, p posted) error {
	id, err := strconv.ParseInt(p.values.Get("todo"), 10, 64)
	if err != nil {
		return errs.InvalidFields(errs.Field{Name: "todo", Code: "field.required"})
	}
	return w.Teamwork.FinishTodo(ctx, p.actor, p.code, p.version, id)
}

func linkCase(w *Web, ctx context.Context, p posted) error {
	return w.Teamwork.Link(ctx, p.actor, p.code, p.version, p.values.Get("other"), p.values.Get("reason"))
}

func unlinkCase(w *Web, ctx context.Context, p posted) error {
	return w.Teamwork.Unlink(ctx, p.actor, p.code, p.version, p.values.Get("other"))
}

// teamViews are the lists of a person beside the views of the queue, with how
// much is in each.
func (w *Web) teamViews(c echo.Context) ([]ViewLink, error) {
	words, actor, ctx := w.words(c), httpx.ActorFrom(c), c.Request().Context()
	asked, err := w.Opinions.Count(ctx, actor)
	if err != nil {
		return nil, err
	}
	out := []ViewLink{{Label: words.t("worklist.view.opinions"), URL: opinionsPath, Count: words.tally(asked)}}
	if !actor.May(civic.NoteCase) {
		return out, nil
	}
	todos, err := w.Teamwork.Mine(ctx, actor)
	if err != nil {
		return nil, err
	}
	late := false
	for _, t := range todos {
		late = late || t.Late(w.Now())
	}
	return append(out, ViewLink{Label: words.t("team.mine"), URL: todosPath, Count: i18n.Number(words.lang, int64(len(todos))), Late: late}), nil
}
