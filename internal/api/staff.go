package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"hienke/internal/accounts"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/store"
	"hienke/internal/triage"
)

func (a *API) signIn(c echo.Context) error {
	var in Credentials
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	s, err := a.Accounts.Enter(c.Request().Context(), accounts.Attempt{
		Email: in.Email, Password: in.Password, Code: in.Otp, Client: httpx.ClientNetwork(c), Device: c.Request().UserAgent(),
	})
	if err != nil {
		return err
	}
	return c.JSON(http.StatusCreated, Session{
		Token: s.Token, ExpiresAt: s.ExpiresAt.UTC(),
		User: User{
			ID: int64(s.User.ID), Email: s.User.Email, Name: s.User.Name, Role: string(s.User.Role), Agency: maybe(s.User.Agency),
		},
	})
}

func (a *API) signOut(c echo.Context) error {
	if _, err := a.Accounts.SignOut(c.Request().Context(), httpx.SessionFrom(c)); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) getQueue(c echo.Context) error {
	r, err := queueRequest(c)
	if err != nil {
		return err
	}
	page, err := a.Triage.Queue(c.Request().Context(), httpx.ActorFrom(c), r)
	if err != nil {
		return err
	}
	out := Queue{Total: page.Total, Page: r.Page, PerPage: r.PerPage, Items: make([]QueueItem, len(page.Items))}
	for i, item := range page.Items {
		out.Items[i] = a.queueItem(c, item)
	}
	return c.JSON(http.StatusOK, out)
}

// dueFilters and queueSorts are what the queue can be narrowed and ordered by.
var (
	dueFilters = []civic.DueState{civic.OnTrack, civic.DueSoon, civic.Overdue}
	queueSorts = []store.QueueSort{store.SortDue, store.SortNewest, store.SortOldest}
)

func queueRequest(c echo.Context) (triage.QueueRequest, error) {
	p := params{c: c}
	page, err := pageOf(c)
	p.add(err)
	r := triage.QueueRequest{
		States: oneOf(&p, "status", civic.States), Agencies: values[civic.AgencyCode](&p, "agency"),
		Topics: values[civic.TopicCode](&p, "topic"), Scopes: oneOf(&p, "scope", civic.Scopes), Due: single(&p, "due", dueFilters), Text: c.QueryParam("q"),
		Sort: single(&p, "sort", queueSorts), Page: page.Number, PerPage: page.Size,
	}
	r.Urgent = p.flag("urgent")
	p.add(civic.CheckLength("q", r.Text, 0, maxQuery))
	return r, errs.InvalidFields(p.wrong...)
}

// single reads a parameter that has one value of a closed set, or none.
func single[S ~string](p *params, name string, set []S) S {
	v := S(p.c.QueryParam(name))
	if v != "" && !slices.Contains(set, v) {
		p.unknown(name)
	}
	return v
}

func (a *API) queueItem(c echo.Context, item store.QueueItem) QueueItem {
	s := item.Submission
	out := QueueItem{
		Code: s.Code.String(), Version: s.Version, Title: s.Title, Kind: string(s.Kind), Topic: maybe(s.Topic),
		Status: string(s.State), Agency: maybe(s.Agency), Assignee: person(s.Assignee, item.AssigneeName),
		ReceivedAt: s.ReceivedAt.UTC(), DueAt: s.DueAt.UTC(), DueState: string(triage.DueStateOf(s, a.Now())), Urgent: s.Urgent,
		Duplicates: item.Duplicates, Scope: maybe(item.SetApart), Restricted: s.Restricted,
	}
	if item.HasRoute {
		out.Route = a.route(c, item.Route)
	}
	return out
}

func person(id civic.UserID, name string) *Person {
	if id == 0 {
		return nil
	}
	return &Person{ID: int64(id), Name: name}
}

func (a *API) getCase(c echo.Context) error {
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	actor := httpx.ActorFrom(c)
	found, err := a.Triage.Case(c.Request().Context(), actor, code)
	if err != nil {
		return err
	}
	return a.answerCase(c, actor, found)
}

// answerCase answers with a case and the version to send back.
func (a *API) answerCase(c echo.Context, actor civic.Actor, found triage.Case) error {
	out := a.caseOf(c, actor, found)
	var err error
	if out.Contact, err = a.contactFor(c, actor, found); err != nil {
		return err
	}
	if out.Attachments, err = a.caseAttachments(c.Request().Context(), actor, found.Submission.Code); err != nil {
		return err
	}
	if out.Commitments, err = a.commitmentsOf(c, actor, found.Submission.Code); err != nil {
		return err
	}
	c.Response().Header().Set("ETag", httpx.ETag(found.Submission.Version))
	return c.JSON(http.StatusOK, out)
}
