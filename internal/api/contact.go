package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

// lookByCase is the reason that is logged when a coordinator's program reads a
// whole case.
const lookByCase = "API: GET submission"

// contactFor is the contact inside a case: for coordinators, whose work on an
// open case needs it, and with a line in the log each time. Everybody else
// asks for it with a reason; see lookAtContact.
func (a *API) contactFor(c echo.Context, actor civic.Actor, found triage.Case) (*Contact, error) {
	if actor.Role != civic.RoleCoordinator || !found.HasContact || found.ContactClosed != "" {
		return nil, nil //nolint:nilnil // null is what the contract says
	}
	seen, err := a.Triage.Look(c.Request().Context(), actor, found.Submission.Code, lookByCase)
	switch k := errs.KindOf(err); {
	case err == nil:
		return contact(seen), nil
	case k == errs.Forbidden, k == errs.NotFound, k == errs.Gone: // settled, or erased, since the case was read
		return nil, nil //nolint:nilnil // the same
	}
	return nil, err
}

func contact(c civic.Contact) *Contact {
	return &Contact{Name: c.Name, Email: c.Email, Phone: c.Phone, Address: c.Address, Organisation: c.Organisation}
}

func (a *API) lookAtContact(c echo.Context) error {
	code, err := codeOf(c)
	if err != nil {
		return err
	}
	var in LookReason
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	seen, err := a.Triage.Look(c.Request().Context(), httpx.ActorFrom(c), code, in.Reason)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, contact(seen))
}

func (a *API) listLooks(c echo.Context) error {
	page, err := pageOf(c)
	if err != nil {
		return err
	}
	r := triage.LooksRequest{Page: page.Number}
	if written := c.QueryParam("code"); written != "" {
		if r.Code, err = civic.ParseCode(written); err != nil {
			return err
		}
	}
	found, err := a.Triage.Looks(c.Request().Context(), httpx.ActorFrom(c), r)
	if err != nil {
		return err
	}
	out := LookList{Total: found.Total, Items: make([]ContactLook, len(found.Items))}
	for i, l := range found.Items {
		out.Items[i] = ContactLook{
			Code: l.Code.String(), At: l.At.UTC(), Person: person(l.User, l.UserName), Role: string(l.Role), Agency: maybe(l.Agency), Reason: l.Reason,
		}
	}
	return c.JSON(http.StatusOK, out)
}
