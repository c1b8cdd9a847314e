package api

import (
	"context"
	"slices"

	"github.com/labstack/echo/v4"

	"hienke/internal/civic"
	"hienke/internal/dialogue"
	"hienke/internal/errs"
	"hienke/internal/httpx"
)

// told makes the handler of what a sender says about the own submission.
func told[T any](a *API, do func(ctx context.Context, actor civic.Actor, code civic.Code, in T) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		return a.asSender(c, func(ctx context.Context, actor civic.Actor, code civic.Code) error {
			var in T
			if _, err := httpx.ReadJSON(c, &in); err != nil {
				return err
			}
			return do(ctx, actor, code, in)
		})
	}
}

func (a *API) giveInformation(ctx context.Context, actor civic.Actor, code civic.Code, in Information) error {
	return renamed(a.Dialogue.Reply(ctx, actor, code, in.Text), "reply", "text")
}

func (a *API) rate(ctx context.Context, actor civic.Actor, code civic.Code, in NewRating) error {
	return a.Dialogue.Rate(ctx, actor, code, civic.Helped(in.Helped), in.Reason)
}

func (a *API) reopen(ctx context.Context, actor civic.Actor, code civic.Code, in Reopening) error {
	return a.Dialogue.Reopen(ctx, actor, code, in.Reason)
}

func (a *API) requestInformation(t turn, in InformationRequest) error {
	return renamed(a.Dialogue.AskWith(t.ctx, t.actor, t.code, t.version, dialogue.Question{Text: in.Message, Running: in.Running}), "question", "message")
}

func (a *API) recordInformation(t turn, in Information) error {
	return renamed(a.Dialogue.Record(t.ctx, t.actor, t.code, t.version, in.Text), "reply", "text")
}

func (a *API) extend(t turn, in Extension) error {
	return a.Dialogue.Extend(t.ctx, t.actor, t.code, t.version, in.Days, in.Reason)
}

// renamed calls a wrong field by the name that it has in the API.
func renamed(err error, from, to string) error {
	fields := errs.FieldsOf(err)
	if len(fields) == 0 {
		return err
	}
	out := slices.Clone(fields)
	for i := range out {
		if out[i].Name == from {
			out[i].Name = to
		}
	}
	return errs.InvalidFields(out...)
}

func inquiries(list []civic.Inquiry) []Inquiry {
	out := make([]Inquiry, len(list))
	for i, q := range list {
		out[i] = Inquiry{
			Question: q.Question, AskedAt: q.AskedAt.UTC(), ReplyBy: q.ReplyBy.UTC(), Reply: q.Reply, EndedAt: maybeTime(q.EndedAt),
		}
	}
	return out
}
