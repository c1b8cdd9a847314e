package api

import (
	"context"
	"fmt"

	"github.com/labstack/echo/v4"

	"hienke/internal/answers"
	"hienke/internal/civic"
	"hienke/internal/errs"
	"hienke/internal/httpx"
	"hienke/internal/triage"
)

// turn is one act of a person on the case as that person saw it.
type turn struct {
	ctx     context.Context //nolint:containedctx // it lives as long as the one call
	actor   civic.Actor
	code    civic.Code
	version int
}

// act makes the handler of an action: it reads If-Match and the body, does the
// action, and answers with the case as it stands now.
func act[T any](a *API, do func(turn, T) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		t := turn{ctx: c.Request().Context(), actor: httpx.ActorFrom(c)}
		var err error
		if t.code, err = codeOf(c); err != nil {
			return err
		}
		if t.version, err = httpx.IfMatch(c); err != nil {
			return err
		}
		var in T
		if err := httpx.ReadOptionalJSON(c, &in); err != nil {
			return err
		}
		if err := do(t, in); err != nil {
			return err
		}
		return a.answerAct(c, t)
	}
}

// answerAct answers with the case after the act. A case that the act moved out
// of the person's scope, such as one that was handed back, is shown once more
// without what belongs to others: the person must see what came of the act.
func (a *API) answerAct(c echo.Context, t turn) error {
	found, err := a.Triage.Case(t.ctx, t.actor, t.code)
	if err == nil {
		return a.answerCase(c, t.actor, found)
	}
	if errs.KindOf(err) != errs.NotFound {
		return err
	}
	left, err := a.Triage.Case(t.ctx, civic.System, t.code)
	if err != nil {
		return fmt.Errorf("show the case after the act: %w", err)
	}
	return a.answerCase(c, t.actor, triage.Case{
		Submission: left.Submission, Timeline: left.Timeline, HasContact: left.HasContact, Route: left.Route,
		Followers: left.Followers, First: left.First, Last: left.Last,
	})
}

// noSuchAction tells that an action is not offered, rather than that the
// address is unknown.
func noSuchAction(echo.Context) error { return errs.New(errs.NotFound, "action.not_available") }

func (a *API) assign(t turn, in Assignment) error {
	return a.Triage.Assign(t.ctx, t.actor, t.code, t.version, civic.AgencyCode(in.Agency), in.Reason)
}

func (a *API) accept(t turn, in Acceptance) error {
	return a.Triage.Accept(t.ctx, t.actor, t.code, t.version, civic.UserID(in.Assignee))
}

func (a *API) handBack(t turn, in HandBack) error {
	return a.Triage.HandBack(t.ctx, t.actor, t.code, t.version, in.Reason, civic.AgencyCode(in.SuggestedAgency))
}

func (a *API) markUrgent(t turn, in Urgency) error {
	return a.Triage.SetUrgent(t.ctx, t.actor, t.code, t.version, true, in.Reason)
}

func (a *API) markNotUrgent(t turn, in Urgency) error {
	return a.Triage.SetUrgent(t.ctx, t.actor, t.code, t.version, false, in.Reason)
}

func (a *API) unmerge(t turn, in Unmerge) error {
	return a.Triage.Unmerge(t.ctx, t.actor, t.code, t.version, in.Reason)
}

func (a *API) merge(t turn, in Merge) error {
	return a.Triage.Merge(t.ctx, t.actor, t.code, t.version, in.Into, in.Reason)
}

func (a *API) lead(t turn, in Lead) error {
	return a.Triage.Lead(t.ctx, t.actor, t.code, t.version, in.Reason)
}

func (a *API) splitCluster(t turn, in ClusterSplit) error {
	return a.Triage.SplitCluster(t.ctx, t.actor, t.code, t.version, in.Members, in.Reason)
}

func (a *API) split(t turn, in Split) error {
	parts := make([]triage.Part, len(in.Parts))
	for i, p := range in.Parts {
		parts[i] = triage.Part{Title: p.Title, Body: p.Body}
	}
	return a.Triage.Split(t.ctx, t.actor, t.code, t.version, parts, in.Reason)
}

func (a *API) reject(t turn, in Refusal) error {
	why := civic.Rejection{Reason: in.ReasonCode, Message: in.Message, Channel: in.Channel}
	return a.Triage.Refuse(t.ctx, t.actor, t.code, t.version, why, in.Cluster)
}

func (a *API) returnAnswer(t turn, in Remarks) error {
	return a.Answers.Return(t.ctx, t.actor, t.code, t.version, in.Remarks)
}

func (a *API) publish(t turn, in Publication) error {
	return a.Answers.Publish(t.ctx, t.actor, t.code, t.version, answers.Publication{Title: in.PublicTitle, Body: in.PublicBody, Files: in.Attachments})
}

func (a *API) redact(t turn, in Redaction) error {
	return a.Answers.Redact(t.ctx, t.actor, t.code, t.version, answers.Redaction{
		Publication: answers.Publication{Title: in.PublicTitle, Body: in.PublicBody, Files: in.Attachments}, Reason: in.Reason,
	})
}

func (a *API) takeDown(t turn, in TakeDown) error {
	return a.Answers.TakeDown(t.ctx, t.actor, t.code, t.version, in.Reason)
}

func (a *API) note(t turn, in Note) error {
	return a.Triage.Note(t.ctx, t.actor, t.code, t.version, in.Text)
}
