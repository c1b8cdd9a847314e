package api

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/opinions"
)

func (a *API) askOpinion(t turn, in NewOpinionRequest) error {
	if in.Days == 0 {
		in.Days = a.Registry.Limits.Opinion.Amount
	}
	return renamed(a.Opinions.Ask(t.ctx, t.actor, t.code, t.version, opinions.Request{
		Agency: civic.AgencyCode(in.Agency), Question: in.Message, Days: in.Days,
	}), "question", "message")
}

func (a *API) withdrawOpinion(t turn, in OpinionWithdrawal) error {
	return a.Opinions.Withdraw(t.ctx, t.actor, t.code, t.version, in.Opinion)
}

// listOpinions answers with what waits for an opinion of the person's agency.
func (a *API) listOpinions(c echo.Context) error {
	list, total, err := a.Opinions.List(c.Request().Context(), httpx.ActorFrom(c))
	if err != nil {
		return err
	}
	out := OpinionRequests{Total: total, Items: make([]OpinionRequest, len(list))}
	for i, r := range list {
		out.Items[i] = OpinionRequest{
			Code: r.Code.String(), Kind: string(r.Kind), Topic: maybe(r.Topic), Title: r.Title, Body: r.Body, Language: string(r.Language),
			Opinion: a.opinionOf(r.Opinion),
		}
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) giveOpinion(c echo.Context) error {
	return settleOpinion(c, func(ctx context.Context, actor civic.Actor, id int64, in NewOpinion) error {
		return a.Opinions.Give(ctx, actor, id, in.Text)
	})
}

func (a *API) declineOpinion(c echo.Context) error {
	return settleOpinion(c, func(ctx context.Context, actor civic.Actor, id int64, in OpinionRefusal) error {
		return a.Opinions.Decline(ctx, actor, id, in.Reason)
	})
}

// settleOpinion is an act of the asked agency. It takes no If-Match: a request
// is settled once, whatever becomes of the case.
func settleOpinion[T any](c echo.Context, do func(ctx context.Context, actor civic.Actor, id int64, in T) error) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return errs.Wrap(errs.NotFound, "opinion.not_found", err)
	}
	var in T
	if _, err := httpx.ReadJSON(c, &in); err != nil {
		return err
	}
	if err := do(c.Request().Context(), httpx.ActorFrom(c), id, in); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

func (a *API) opinionsOf(list []civic.Opinion) []Opinion {
	out := make([]Opinion, len(list))
	for i, o := range list {
		out[i] = a.opinionOf(o)
	}
	return out
}

func (a *API) opinionOf(o civic.Opinion) Opinion {
	return Opinion{
		ID: o.ID, Asker: string(o.Asker), Agency: string(o.Agency), Question: o.Question, AskedAt: o.AskedAt.UTC(), DueAt: o.DueAt.UTC(),
		Late: o.Late(a.Now()), State: string(o.State), Text: o.Text, SettledAt: maybeTime(o.SettledAt),
	}
}
