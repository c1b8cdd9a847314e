package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/httpx"
	"hienke/internal/teamwork"
)

func (a *API) addTodo(t turn, in NewTodo) error {
	return a.Teamwork.AddTodo(t.ctx, t.actor, t.code, t.version, teamwork.NewTodo{Text: in.Text, User: civic.UserID(in.User), Until: in.Until})
}

func (a *API) finishTodo(t turn, in FinishedTodo) error {
	return a.Teamwork.FinishTodo(t.ctx, t.actor, t.code, t.version, in.Todo)
}

func (a *API) link(t turn, in CaseLink) error {
	return a.Teamwork.Link(t.ctx, t.actor, t.code, t.version, in.Other, in.Reason)
}

func (a *API) unlink(t turn, in CaseUnlink) error {
	return a.Teamwork.Unlink(t.ctx, t.actor, t.code, t.version, in.Other)
}

// listTodos answers with what the person has to do on cases.
func (a *API) listTodos(c echo.Context) error {
	list, err := a.Teamwork.Mine(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := TodoList{Items: make([]TodoOfCase, len(list))}
	for i, t := range list {
		out.Items[i] = TodoOfCase{Code: t.Case.Code.String(), Title: t.Case.Title, Todo: todoOf(t.Todo)}
	}
	return c.JSON(http.StatusOK, out)
}

func todosOf(list []civic.Todo) []Todo {
	out := make([]Todo, len(list))
	for i, t := range list {
		out[i] = todoOf(t)
	}
	return out
}

func todoOf(t civic.Todo) Todo {
	out := Todo{ID: t.ID, Text: t.Text, User: person(t.User, t.UserName), MadeAt: t.MadeAt.UTC(), DoneAt: maybeTime(t.DoneAt)}
	if t.Until != (civic.Date{}) {
		out.Until = maybe(t.Until.String())
	}
	return out
}
